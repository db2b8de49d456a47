"""What is committed is on the disk after a quiet second, and while events keep coming."""

from __future__ import annotations

import contextlib
import logging
import math
import shutil
import threading
import time
from typing import TYPE_CHECKING

import pytest

from monitor_core.ingest import Ingest
from monitor_core.projects import Surroundings
from monitor_core.store import Store, WritableStore, checkpoint
from monitor_tray import flushing
from monitor_tray.flushing import LONGEST_S, QUIET_S, Flushing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.paths import Paths
    from monitor_core.store import Moved
    from monitor_core.wire import WireEvent


class Written:
    """A store that was written to, and what makes it reach the disk; ``at`` is its clock."""

    def __init__(self, paths: Paths, wire: Callable[..., WireEvent]) -> None:
        self.database = paths.database
        self.store = WritableStore(paths.database, paths.backups, 0)
        self.times_emptied = 0
        self.flushing = Flushing(self.store, paths.database, self._emptied)
        self._ingest = Ingest(self.store, Surroundings(home="/home/dev"))
        self._wire = wire
        self.count = 0

    def write(self, at: float) -> None:
        self._ingest.take([self._wire(self.count)], durably=False)
        self.count += 1
        self.flushing.written(at)

    def _emptied(self) -> None:
        self.times_emptied += 1

    def wait(self) -> None:
        for thread in threading.enumerate():
            if thread.name == "flush":
                thread.join()

    def on_the_disk(self, folder: Path) -> int:
        """How many events the database file has without its write-ahead log."""
        alone = folder / f"alone-{self.count}.db"
        shutil.copy(self.database, alone)
        with contextlib.closing(Store(alone)) as store:
            return store.summary()[0]


@pytest.fixture
def written(paths: Paths, wire: Callable[..., WireEvent]) -> Iterator[Written]:
    found = Written(paths, wire)
    found.store.checkpoint()  # the tables
    yield found
    found.store.close()


def test_after_a_quiet_second_everything_is_on_the_disk(written: Written, tmp_path: Path) -> None:
    written.write(10.0)
    written.write(10.9)
    assert written.flushing.work(11.0) == pytest.approx(QUIET_S - 0.1)
    assert written.flushing.work(11.9) == QUIET_S
    written.wait()
    assert written.on_the_disk(tmp_path) == 2
    assert written.flushing.work(12.9) == math.inf


def test_events_that_keep_coming_put_it_off_for_seconds_only(written: Written, tmp_path: Path) -> None:
    now = 0.0
    while not written.flushing.cannot_wait(now):
        written.write(now)
        assert written.flushing.work(now) <= LONGEST_S
        now += 0.5
    assert now == LONGEST_S
    written.flushing.work(now)
    written.wait()
    assert written.on_the_disk(tmp_path) == written.count == 10


def test_events_are_written_while_the_disk_is_waited_for(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def slow(path: Path, *, cut_above: int | None) -> Moved:
        begun.set()
        assert goes_on.wait(10)
        return checkpoint(path, cut_above=cut_above)

    monkeypatch.setattr(flushing, "checkpoint", slow)
    written.write(0.0)
    assert written.flushing.work(QUIET_S) == QUIET_S
    assert begun.wait(10)
    written.write(1.5)
    assert written.flushing.work(3.0) == QUIET_S  # still at it: not begun a second time
    goes_on.set()
    written.wait()
    assert written.flushing.work(4.0) == QUIET_S  # what was written meanwhile
    written.wait()
    assert written.flushing.work(5.0) == math.inf


def test_a_log_that_is_far_too_large_begins_anew_though_events_keep_coming(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grows_by(too_many: int) -> int:
        monkeypatch.setattr(flushing, "TOO_MANY_PAGES", too_many)
        before = written.store.wal_bytes()
        for now in range(100):
            with contextlib.closing(Store(written.database)) as reader, reader.snapshot():
                reader.summary()
                written.write(now)  # after the part of the log that can be moved
                if written.flushing.cannot_wait(now):
                    written.flushing.work(now)
                    written.wait()
            written.flushing.work(now)  # sees that it has ended
        return written.store.wal_bytes() - before

    assert grows_by(too_many=50) < 500_000 < grows_by(too_many=1_000_000)


def test_in_a_quiet_second_the_room_of_a_large_log_is_given_back(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flushing, "ROOM_BYTES", 1_000_000)
    written.write(0.0)
    written.flushing.work(QUIET_S)
    written.wait()
    assert 0 < written.store.wal_bytes() <= 1_000_000  # not worth the wait
    monkeypatch.setattr(flushing, "ROOM_BYTES", 100_000)
    written.write(2.0)
    written.flushing.work(2.0 + QUIET_S)
    written.wait()
    assert written.store.wal_bytes() == 0
    assert written.times_emptied == 0  # heard of by the thread of the store only
    written.flushing.work(4.0)
    assert written.times_emptied == 1
    written.write(5.0)
    assert written.store.summary()[0] == 3


def test_the_quiet_second_comes_also_after_one_that_could_not_wait(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flushing, "ROOM_BYTES", 0)
    written.write(0.0)
    written.write(LONGEST_S - 0.1)
    assert written.flushing.work(LONGEST_S) == QUIET_S
    written.wait()
    assert written.store.wal_bytes() > 0  # more might have come just then
    assert written.flushing.work(LONGEST_S + 0.5) == pytest.approx(QUIET_S - 0.6)
    assert written.flushing.work(LONGEST_S + 1.0) == QUIET_S
    written.wait()
    assert written.store.wal_bytes() == 0
    # The memory of those who read all of it again goes back in one more, and nobody reads again because of that.
    assert written.flushing.work(LONGEST_S + 2.0) == QUIET_S
    assert written.flushing.work(LONGEST_S + 3.0) == QUIET_S
    written.wait()
    assert written.flushing.work(LONGEST_S + 4.0) == math.inf
    assert written.times_emptied == 1


def test_a_reader_keeps_the_room_and_holds_nobody_up(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flushing, "ROOM_BYTES", 100_000)
    with contextlib.closing(Store(written.database)) as reader, reader.snapshot():
        assert reader.summary()[0] == 0
        for _ in range(20):
            written.write(0.0)
        began = time.monotonic()
        written.flushing.work(QUIET_S)
        written.wait()
        assert time.monotonic() - began < 4  # the timeout that readers and writers have
        assert written.store.wal_bytes() > 100_000
    written.flushing.work(2.0)
    assert written.times_emptied == 0


def test_another_file_at_the_path_is_not_written_to(written: Written, tmp_path: Path) -> None:
    written.write(0.0)
    written.database.rename(tmp_path / "away.db")
    written.database.write_bytes(b"another one")
    assert written.flushing.work(QUIET_S) == math.inf
    written.wait()
    assert written.database.read_bytes() == b"another one"


def test_where_it_fails_it_is_said_and_tried_again(
    written: Written, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written.write(0.0)
    away = written.database.rename(tmp_path / "away.db")
    written.flushing.work(QUIET_S)
    written.wait()
    with caplog.at_level(logging.WARNING):
        assert written.flushing.work(2.0) == QUIET_S
    assert "trying again" in caplog.text
    away.rename(written.database)
    written.flushing.work(3.0)
    written.wait()
    assert written.on_the_disk(tmp_path) == 1


def test_the_end_waits_until_everything_is_on_the_disk(written: Written, tmp_path: Path) -> None:
    written.write(time.monotonic())
    written.flushing.finish()
    assert written.on_the_disk(tmp_path) == 1
