from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import queue
import threading
from typing import TYPE_CHECKING

import pytest

from monitor_core.ingest import Ingest
from monitor_core.model import DAY_MS
from monitor_core.paths import Paths
from monitor_core.projects import Surroundings
from monitor_core.store import WritableStore
from monitor_tray.clock import now_ms
from monitor_tray.settings import SettingsFile
from monitor_tray.watcher import AT_ONCE, IDLE_S, LEAST_S, SETTLE_S, Watcher
from tests.recorded.day import zone_where_it_is_five

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor_core.report import Report
    from monitor_core.wire import WireEvent

PATIENCE_S = 15.0

BEGIN_S = 1_000.0


@pytest.fixture
def watcher(tmp_path: Path) -> Watcher:
    paths = Paths(tmp_path)
    return Watcher(paths, SettingsFile(paths.config), lambda: "", lambda _: None)


def shown_s(watcher: Watcher, begin_s: float, count: int) -> list[float]:
    """When ``count`` changes are shown of which the next is always waiting; the pace is asked, as time stands still."""
    times = [begin_s]
    while len(times) < count:
        times.append(times[-1] + watcher._settle_s(times[-1]))
    return times


def test_the_first_changes_after_a_pause_are_shown_at_once_and_a_row_of_them_together(watcher: Watcher) -> None:
    times = shown_s(watcher, BEGIN_S, 50)
    pauses = [after - before for before, after in itertools.pairwise(times)]
    assert pauses[: AT_ONCE - 1] == pytest.approx([LEAST_S] * (AT_ONCE - 1))
    assert pauses[AT_ONCE + 1 :] == pytest.approx([SETTLE_S] * (len(pauses) - AT_ONCE - 1))


def test_a_pause_makes_the_next_changes_the_first_again(watcher: Watcher) -> None:
    end_s = shown_s(watcher, BEGIN_S, 50)[-1]
    assert watcher._settle_s(end_s + AT_ONCE * SETTLE_S) == LEAST_S


class Asked:
    """Somebody who is asked what to notify of, and wants to be asked again after each of ``wanted_ms`` in turn."""

    def __init__(self, *wanted_ms: int) -> None:
        self.wanted_ms = list(wanted_ms)
        self.answers: list[int | None] = []
        self.at_ms: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.reports: list[Report | None] = []

    def __call__(self, report: Report | None, trouble: str) -> int | None:
        assert not trouble
        self.at_ms.put(now_ms())
        self.reports.append(report)
        self.answers.append(now_ms() + self.wanted_ms.pop(0) if self.wanted_ms else None)
        return self.answers[-1]


@pytest.fixture
def watch(paths: Paths, wire: Callable[..., WireEvent]) -> Callable[[Callable[..., int | None]], Watcher]:
    """Makes a watcher of a store whose only turn has just ended, on a day that goes on for hours."""
    paths.config.write_text(f'timezone = "{zone_where_it_is_five(dt.datetime.now(dt.UTC))}"\n')
    with contextlib.closing(WritableStore(paths.database, paths.backups, 0)) as store:
        turn = [wire(now_ms() - 60_000, "UserPromptSubmit"), wire(now_ms() - 1, "Stop")]
        Ingest(store, Surroundings("/home/dev")).take(turn)
    return lambda notify: Watcher(paths, SettingsFile(paths.config), lambda: "", lambda _: None, notify)


def test_it_looks_again_at_the_instant_that_the_notifications_ask_for(
    watch: Callable[[Callable[..., int | None]], Watcher],
) -> None:
    asked = Asked(200)
    watcher = watch(asked)
    thread = threading.Thread(target=watcher.run)
    thread.start()

    # Nothing happens: without that it would look again in a minute.
    _, second_ms = asked.at_ms.get(timeout=PATIENCE_S), asked.at_ms.get(timeout=PATIENCE_S)

    watcher.stop()
    thread.join()
    assert asked.answers[0] is not None
    assert second_ms >= asked.answers[0]


def test_turn_that_is_over_makes_it_look_no_oftener(watch: Callable[[Callable[..., int | None]], Watcher]) -> None:
    asked = Asked()

    assert watch(asked)._show_once() == IDLE_S

    (report,) = asked.reports
    assert report is not None
    assert len(report.finished) == 1


def test_notification_that_fails_is_logged_and_ends_nothing(
    watch: Callable[[Callable[..., int | None]], Watcher], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_report: Report | None, _trouble: str) -> int | None:
        raise ValueError("no words")

    assert watch(fail)._show_once() == IDLE_S
    assert "no words" in caplog.text


def turns_of(watcher: Watcher) -> int:
    report = watcher._look()[1]
    assert report is not None
    return len(report.finished)


def test_it_sees_a_store_that_is_made_after_its_first_look(
    paths: Paths, watch: Callable[[Callable[..., int | None]], Watcher]
) -> None:
    kept = paths.database.rename(paths.database.with_name("kept"))
    watcher = watch(Asked())
    assert turns_of(watcher) == 0
    assert not paths.database.exists()
    kept.rename(paths.database)
    assert turns_of(watcher) == 1


def test_it_looks_at_the_store_that_has_taken_the_place_of_another(
    paths: Paths, watch: Callable[[Callable[..., int | None]], Watcher]
) -> None:
    watcher = watch(Asked())
    assert turns_of(watcher) == 1
    paths.database.rename(paths.database.with_name("moved-away"))
    WritableStore(paths.database, paths.backups, 0).close()
    assert turns_of(watcher) == 0


def test_an_empty_day_is_looked_at_without_opening_the_store_again(
    watch: Callable[[Callable[..., int | None]], Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = watch(Asked())
    monkeypatch.setattr("monitor_tray.watcher.now_ms", lambda: now_ms() + 2 * DAY_MS)
    assert turns_of(watcher) == 0
    store = watcher._store
    assert turns_of(watcher) == 0
    assert watcher._store is store
