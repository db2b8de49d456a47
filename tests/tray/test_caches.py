"""What the caches are worth: on a recorded day each finds nine of ten of what is asked of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from monitor_core.config import Config
from monitor_core.projects import Surroundings
from monitor_core.standing import rules_of
from monitor_tray.clock import now_ms
from monitor_tray.metrics import Metrics
from monitor_tray.settings import SettingsFile
from monitor_tray.spool import Spool
from monitor_tray.watcher import Watcher
from monitor_tray.writer import Arrival, Writer
from tests.recorded.day import recorded_day

if TYPE_CHECKING:
    import pytest

    from monitor_core.paths import Paths

CACHES = ("grouping", "open_blocks", "open_streams", "places", "streams")
#: Of a day that has ever new sessions, a tenth of its events are the first of one.
WORTH_IT = 0.9


def ratios_of_a_day(paths: Paths) -> dict[str, float]:
    """How much of what was asked each cache found, on a day whose events come one by one and are each shown."""
    metrics = Metrics()
    surroundings = Surroundings(home="/home/dev")
    writer = Writer(paths, Spool(paths), surroundings, lambda: rules_of(Config()), lambda: None, metrics)
    writer.open()
    watcher = Watcher(paths, SettingsFile(paths.config), lambda: "", lambda _: None, metrics=metrics)
    events = recorded_day(now_ms())
    for event in events:
        writer.put(Arrival(event, lambda _: None))
        # Until the books hold it.
        while (patience := writer.settle()) is not None and patience < 0.1:
            time.sleep(patience)
        watcher.look()
    watcher.stop()
    watcher.run()  # closes its store
    writer.close()
    tries = metrics.caches()
    assert all(tries[name].hits + tries[name].misses >= len(events) for name in CACHES)
    return {name: tries[name].hits / (tries[name].hits + tries[name].misses) for name in CACHES}


def test_of_a_recorded_day_each_cache_finds_more_than_nine_of_ten(paths: Paths) -> None:
    found = ratios_of_a_day(paths)
    assert {name: ratio for name, ratio in found.items() if ratio <= WORTH_IT} == {}


def test_caches_that_remember_too_little_would_be_noticed(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor_core.ingest._REMEMBERED", 1)
    monkeypatch.setattr("monitor_core.books._STREAMS", 1)
    found = ratios_of_a_day(paths)
    assert {name for name, ratio in found.items() if ratio <= WORTH_IT} >= {"places", "streams", "open_streams"}
