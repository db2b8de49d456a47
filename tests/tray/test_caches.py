"""What the caches are worth: on a recorded day each finds nine of ten of what is asked of it."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING

from monitor_core.model import DAY_MS
from monitor_core.periods import Kind
from monitor_core.tries import Tries
from monitor_tray.clock import now_ms
from monitor_tray.metrics import Metrics
from monitor_tray.page_maker import PageMaker
from monitor_tray.page_orders import Order
from monitor_tray.settings import SettingsFile
from monitor_tray.watcher import Watcher
from tests.recorded.day import recorded_day, zone_where_it_is_five
from tests.tray.running_writer import Running

if TYPE_CHECKING:
    import pytest

    from monitor_core.paths import Paths
    from monitor_core.wire import WireEvent

SETTLED = ("settled_parts", "settled_sums")
CACHES = ("grouping", "open_blocks", "open_streams", "places", "streams")
#: Of a day that has ever new sessions, a tenth of its events are the first of one.
WORTH_IT = 0.9


def take(running: Running, event: WireEvent) -> None:
    """Until the books hold it."""
    running.put(event)
    running.settle(0.1)


def ratios_of_a_day(paths: Paths) -> dict[str, float]:
    """How much of what was asked each cache found, on a day whose events come one by one and are each shown."""
    metrics = Metrics()
    running = Running(paths, metrics=metrics)
    watcher = Watcher(paths, SettingsFile(paths.config), lambda: "", lambda _: None, metrics=metrics)
    events = recorded_day(now_ms())
    for event in events:
        take(running, event)
        watcher.look()
    watcher.stop()
    watcher.run()  # closes its store
    running.writer.close()
    tries = metrics.caches()
    assert all(tries[name].hits + tries[name].misses >= len(events) for name in CACHES)
    return {name: tries[name].hits / (tries[name].hits + tries[name].misses) for name in CACHES}


def test_of_a_recorded_day_each_cache_finds_more_than_nine_of_ten(paths: Paths) -> None:
    found = ratios_of_a_day(paths)
    assert {name: ratio for name, ratio in found.items() if ratio <= WORTH_IT} == {}


def test_of_the_pages_that_are_asked_for_on_it_so_do_those_of_what_is_settled(paths: Paths) -> None:
    zone = zone_where_it_is_five(dt.datetime.now(dt.UTC))
    paths.config.write_text(f'timezone = "{zone}"\n')
    maker, tries = PageMaker(paths), {name: Tries() for name in SETTLED}
    running = Running(paths)
    with contextlib.closing(running.writer):
        for event in recorded_day(now_ms() - DAY_MS):
            take(running, event)
        for number, event in enumerate(recorded_day(now_ms())):
            take(running, event)
            if number % 15 == 0:
                made = maker.make(Order(Kind.WEEK))
                assert made.error == ""
                for name in SETTLED:
                    tries[name].hits += made.tries[name].hits
                    tries[name].misses += made.tries[name].misses
    assert {name: each.hits / (each.hits + each.misses) > WORTH_IT for name, each in tries.items()} == dict.fromkeys(
        SETTLED, True
    )


def test_caches_that_remember_too_little_would_be_noticed(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor_core.ingest._REMEMBERED", 1)
    monkeypatch.setattr("monitor_core.books._STREAMS", 1)
    found = ratios_of_a_day(paths)
    assert {name for name, ratio in found.items() if ratio <= WORTH_IT} >= {"places", "streams", "open_streams"}
