"""The writer: acknowledged means committed, everything put is answered, the spool is drained, trouble passes."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING

import pytest

from monitor_core.edits import Edit, RenameProject
from monitor_core.errors import AlreadyRunningError
from monitor_core.paths import Paths
from monitor_core.store import Store
from monitor_core.wire import OK, refusal
from monitor_tray.spool import BATCH, Spool
from monitor_tray.writer import SPOOL_SOON_S, Arrival
from tests.tray.running_writer import Running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.wire import WireEvent


@pytest.fixture
def running(paths: Paths) -> Iterator[Running]:
    found = Running(paths)
    found.settle()
    found.changes.clear()
    yield found
    found.writer.close()


def stored(paths: Paths) -> int:
    with contextlib.closing(Store(paths.database)) as store:
        return store.summary()[0]


def test_an_event_is_committed_before_it_is_acknowledged(
    paths: Paths, running: Running, wire: Callable[..., WireEvent]
) -> None:
    stored_when_answered: list[int] = []
    running.writer.put(Arrival(wire(1), lambda _: stored_when_answered.append(stored(paths))))
    assert running.replies == []
    running.settle(SPOOL_SOON_S)
    assert stored_when_answered == [1]
    assert running.changes == [""]


def test_a_duplicate_is_acknowledged_and_stored_once(
    paths: Paths, running: Running, wire: Callable[..., WireEvent]
) -> None:
    event = wire(1)
    running.put(event, event)
    running.settle()
    running.put(event)
    running.settle()
    assert running.replies == [OK] * 3
    assert stored(paths) == 1
    assert (running.writer.counts.new, running.writer.counts.duplicates) == (1, 2)


def test_everything_put_before_the_end_is_committed_and_answered(paths: Paths, wire: Callable[..., WireEvent]) -> None:
    running = Running(paths)
    running.put(*map(wire, range(1_000)))
    running.writer.close()
    assert stored(paths) == 1_000
    assert running.replies == [OK] * 1_000


def test_the_spool_is_drained_at_the_start(
    paths: Paths, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path]
) -> None:
    for t in range(250):
        spooled(wire(1_790_000_000_000 + t))
    running = Running(paths)
    running.settle()
    assert stored(paths) == 250
    assert list(paths.spool_new.iterdir()) == []
    assert running.writer.counts.from_spool == 250
    running.writer.close()


def test_hooks_that_wait_come_before_the_rest_of_the_spool(
    paths: Paths, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path]
) -> None:
    for t in range(2 * BATCH):
        spooled(wire(1_790_000_000_000 + t))
    running = Running(paths)
    assert running.writer.settle() == 0.0
    running.put(wire(5))
    assert running.writer.settle() == 0.0
    assert running.replies == [OK]
    assert len(list(paths.spool_new.iterdir())) == BATCH
    running.writer.close()


def test_a_spooled_event_is_taken_with_the_next_one_that_arrives(
    paths: Paths, running: Running, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path]
) -> None:
    file = spooled(wire(1_790_000_000_000))
    running.settle(SPOOL_SOON_S)
    assert file.exists()  # looked at a moment ago, and not again before something wakes the writer
    running.put(wire(2))
    running.settle(SPOOL_SOON_S)
    assert stored(paths) == 2
    assert not file.exists()


def test_an_event_that_was_both_acknowledged_late_and_spooled_counts_once(
    paths: Paths, running: Running, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path]
) -> None:
    event = wire(1_790_000_000_000)
    running.put(event)
    spooled(event)
    running.settle(SPOOL_SOON_S)
    assert stored(paths) == 1
    assert list(paths.spool_new.iterdir()) == []


def test_a_database_that_cannot_be_opened_refuses_events_and_comes_back(
    paths: Paths,
    wire: Callable[..., WireEvent],
    spooled: Callable[[WireEvent], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("monitor_tray.writer._FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr("monitor_tray.writer._LONGEST_PAUSE_S", 0.02)
    paths.database.write_bytes(b"this is no database at all " * 200)
    spooled(wire(1_790_000_000_000))
    running = Running(paths)
    running.put(wire(2))
    running.settle()
    assert b"not a database" in running.replies.pop()
    assert "not a database; move the file away" in running.writer.trouble
    assert running.writer.counts.refused == 1
    assert Spool(paths).count() == 1
    paths.database.unlink()
    while running.writer.trouble:
        running.settle()
    running.put(wire(3))
    running.settle()
    assert running.replies == [OK]
    assert stored(paths) == 2
    running.writer.close()


def test_events_that_keep_coming_do_not_put_off_the_next_attempt_to_open(
    paths: Paths, wire: Callable[..., WireEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor_tray.writer._FIRST_PAUSE_S", 0.01)
    paths.database.write_bytes(b"this is no database at all " * 200)
    running = Running(paths)
    paths.database.unlink()
    for t in range(100_000):
        running.put(wire(t))
        running.writer.settle()
        if running.replies.pop() == OK:
            break
    assert not running.writer.trouble
    running.writer.close()


def test_a_database_that_is_moved_away_is_made_anew_before_anything_is_acknowledged(
    paths: Paths, running: Running, wire: Callable[..., WireEvent]
) -> None:
    running.put(wire(1))
    running.settle()
    for file in paths.home.glob("monitor.db*"):
        file.rename(paths.backups / file.name)
    running.put(wire(2), wire(3))
    running.settle()
    assert running.replies == [OK] * 3
    assert stored(paths) == 2


@pytest.mark.skipif(os.name == "nt", reason="a file that is open cannot be moved")
def test_what_was_acknowledged_is_in_a_database_that_is_moved_away(
    paths: Paths, running: Running, wire: Callable[..., WireEvent], tmp_path: Path
) -> None:
    running.put(*map(wire, range(20)))
    running.settle()
    paths.database.rename(tmp_path / "moved.db")  # and not its log
    running.put(wire(21))
    running.settle()
    assert stored(paths) == 1
    with contextlib.closing(Store(tmp_path / "moved.db")) as store:
        assert store.summary() == (20, 19)


@pytest.mark.skipif(os.name == "nt", reason="a file that is open cannot be moved")
@pytest.mark.parametrize("something_arrives", [True, False])
def test_a_database_that_is_put_in_its_place_keeps_what_it_has(
    paths: Paths,
    running: Running,
    wire: Callable[..., WireEvent],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    something_arrives: bool,
) -> None:
    elsewhere = Paths(tmp_path / "other")
    elsewhere.create()
    other = Running(elsewhere)
    other.put(*map(wire, range(1_000)))
    other.settle()
    other.writer.close()
    running.put(*map(wire, range(30)))
    running.settle()
    elsewhere.database.rename(paths.database)
    if something_arrives:
        running.put(*map(wire, range(5)))
    else:
        monkeypatch.setattr(running.writer, "_spool_at", 0.0)  # a minute later
    running.settle()
    with contextlib.closing(sqlite3.connect(paths.database)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert stored(paths) == (1_005 if something_arrives else 1_000)


@pytest.mark.skipif(os.name == "nt", reason="a folder cannot be closed in this way")
def test_trouble_is_over_when_the_store_can_be_opened(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor_tray.writer._FIRST_PAUSE_S", 0.01)
    paths.database.mkdir()
    running = Running(paths)
    assert "cannot use the database" in running.writer.trouble
    paths.database.rmdir()
    running.settle(0.1)
    assert running.changes[-1] == running.writer.trouble == ""
    running.writer.close()


def test_what_comes_to_the_spool_while_it_is_drained_is_not_left_for_a_minute(
    paths: Paths, running: Running, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path]
) -> None:
    for t in range(BATCH + 1):
        spooled(wire(t))
    running.writer._spool_at = 0.0
    running.writer.settle()  # the first of two batches
    assert stored(paths) == BATCH
    spooled(wire(BATCH + 1))
    running.put(wire(BATCH + 2))
    running.settle(SPOOL_SOON_S)
    assert stored(paths) == BATCH + 3


@pytest.mark.skipif(os.name == "nt", reason="a file that is open cannot be moved")
def test_beside_another_process_nothing_is_written(paths: Paths, wire: Callable[..., WireEvent]) -> None:
    others: list[str] = []

    def be_alone() -> None:
        if others:
            raise AlreadyRunningError(others[0])

    running = Running(paths, be_alone)
    paths.database.unlink()
    others.append("another one runs")
    running.put(wire(1))
    running.settle()
    assert running.replies == [refusal("another one runs")]
    assert not paths.database.exists()
    running.writer.close()


@pytest.mark.skipif(os.name == "nt", reason="a folder cannot be closed in this way")
def test_a_spool_that_cannot_be_emptied_is_trouble_and_stops_nothing(
    paths: Paths, running: Running, wire: Callable[..., WireEvent]
) -> None:
    paths.spool_new.rmdir()
    paths.spool_new.write_text("a file where a folder should be")
    running.put(wire(1))
    running.settle(SPOOL_SOON_S)
    assert running.replies == [OK]
    assert "cannot empty the spool" in running.writer.trouble
    paths.spool_new.unlink()
    paths.spool_new.mkdir()
    running.put(wire(2))
    running.settle(SPOOL_SOON_S)
    assert running.writer.trouble == ""


def test_pauses_grow_while_the_trouble_lasts(paths: Paths) -> None:
    paths.database.write_bytes(b"this is no database at all " * 200)
    running = Running(paths)
    first = running.writer.settle()
    assert first is not None
    assert 0 < first <= 1
    running.writer._retry_at = 0.0  # as if that time had passed
    running.settle()
    second = running.writer.settle()
    assert second is not None
    assert first < second <= 2
    running.writer.close()


@pytest.fixture
def flushes_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor_tray.flushing.QUIET_S", 0.05)


@pytest.mark.usefixtures("flushes_soon")
def test_what_is_committed_reaches_the_disk_when_nothing_arrives(
    paths: Paths, running: Running, wire: Callable[..., WireEvent]
) -> None:
    before = paths.database.read_bytes()
    running.put(wire(1))
    running.settle()
    assert paths.database.read_bytes() == before
    running.settle(0.1)
    assert paths.database.read_bytes() != before


@pytest.mark.usefixtures("flushes_soon")
def test_it_does_not_ask_to_be_woken_but_for_the_spool(running: Running, wire: Callable[..., WireEvent]) -> None:
    running.put(wire(1))
    running.settle(SPOOL_SOON_S)
    patience = running.writer.settle()
    assert patience is not None
    assert 50 < patience <= 60


@pytest.mark.usefixtures("flushes_soon")
def test_books_that_are_made_anew_reach_the_disk_too(running: Running, wire: Callable[..., WireEvent]) -> None:
    running.put(*(wire(t, "UserPromptSubmit") for t in range(300)))
    running.settle(SPOOL_SOON_S)
    assert (running.writer.settle() or 0.0) > 1  # only the spool is looked at
    running.writer.begin_books_anew()
    running.settle()
    assert (running.writer.settle() or 0.0) <= 0.05


def test_an_edit_goes_into_the_store_that_is_there_now(paths: Paths, running: Running) -> None:
    running.settle()
    paths.database.rename(paths.database.with_suffix(".old"))
    running.writer.edit(Edit("00000001", 1, RenameProject("/home/dev/api", "interface")))
    with contextlib.closing(Store(paths.database)) as store:
        assert [edit.id for edit in store.journal()] == ["00000001"]


def test_an_error_in_the_accounting_stops_no_recording(
    paths: Paths, running: Running, wire: Callable[..., WireEvent]
) -> None:
    with contextlib.closing(sqlite3.connect(paths.database)) as other:
        other.executescript("DROP TABLE usage_window; CREATE TABLE usage_window (wrong TEXT)")
    running.put(wire(1, "UserPromptSubmit"))
    running.settle(SPOOL_SOON_S)
    assert running.replies == [OK]
    assert stored(paths) == 1
