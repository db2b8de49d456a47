"""The writer: acknowledged means committed, everything put is answered, the spool is drained, trouble passes."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from typing import TYPE_CHECKING

import pytest

from monitor_core.projects import Surroundings
from monitor_core.store import Store
from monitor_core.wire import OK
from monitor_tray.spool import Spool
from monitor_tray.writer import Arrival, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.paths import Paths
    from monitor_core.wire import WireEvent


class Running:
    """A writer in its thread, with what it said."""

    def __init__(self, paths: Paths) -> None:
        self.changes: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.replies: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.writer = Writer(
            paths, Spool(paths), Surroundings(home="/home/dev"), lambda: self.changes.put(self.writer.trouble)
        )
        self.thread = threading.Thread(target=self.writer.run)
        self.thread.start()
        self.writer.opened.wait(10)

    def put(self, event: WireEvent) -> None:
        self.writer.put(Arrival(event, self.replies.put))

    def stop(self) -> None:
        self.writer.stop()
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture
def running(paths: Paths) -> Iterator[Running]:
    found = Running(paths)
    yield found
    if found.thread.is_alive():
        found.stop()


def stored(paths: Paths) -> int:
    with contextlib.closing(Store(paths.database)) as store:
        return store.summary()[0]


def test_an_event_is_committed_when_it_is_acknowledged(
    paths: Paths, running: Running, wire: Callable[..., WireEvent]
) -> None:
    running.put(wire(1))
    assert running.replies.get(timeout=10) == OK
    assert stored(paths) == 1
    assert running.changes.get(timeout=10) == ""


def test_a_duplicate_is_acknowledged_and_stored_once(
    paths: Paths, running: Running, wire: Callable[..., WireEvent]
) -> None:
    event = wire(1)
    for _ in range(3):
        running.put(event)
    assert [running.replies.get(timeout=10) for _ in range(3)] == [OK] * 3
    assert stored(paths) == 1
    assert (running.writer.counts.new, running.writer.counts.duplicates) == (1, 2)


def test_everything_put_before_the_end_is_committed_and_answered(
    paths: Paths, running: Running, wire: Callable[..., WireEvent]
) -> None:
    for t in range(1_000):
        running.put(wire(t))
    running.stop()
    assert stored(paths) == 1_000
    assert [running.replies.get_nowait() for _ in range(1_000)] == [OK] * 1_000


def test_the_spool_is_drained_at_the_start(
    paths: Paths, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path]
) -> None:
    for t in range(250):
        spooled(wire(1_790_000_000_000 + t))
    running = Running(paths)
    running.stop()
    assert stored(paths) == 250
    assert list(paths.spool_new.iterdir()) == []
    assert running.writer.counts.from_spool == 250


def test_a_spooled_event_is_taken_with_the_next_one_that_arrives(
    paths: Paths, running: Running, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path]
) -> None:
    file = spooled(wire(1_790_000_000_000))
    running.put(wire(2))
    for _ in range(2):
        assert running.changes.get(timeout=10) == ""
    assert stored(paths) == 2
    assert not file.exists()


def test_an_event_that_was_both_acknowledged_late_and_spooled_counts_once(
    paths: Paths, running: Running, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path]
) -> None:
    event = wire(1_790_000_000_000)
    running.put(event)
    spooled(event)
    running.stop()
    Running(paths).stop()
    assert stored(paths) == 1
    assert list(paths.spool_new.iterdir()) == []


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it never happened")


def test_a_database_that_cannot_be_opened_refuses_events_and_comes_back(
    paths: Paths, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path]
) -> None:
    paths.database.write_bytes(b"this is no database at all " * 200)
    spooled(wire(1_790_000_000_000))
    running = Running(paths)
    running.put(wire(2))
    assert b"not a database" in running.replies.get(timeout=10)
    assert "not a database; move the file away" in running.writer.trouble
    assert Spool(paths).count() == 1
    paths.database.unlink()
    wait_until(lambda: not running.writer.trouble)
    running.put(wire(3))
    assert running.replies.get(timeout=10) == OK
    running.stop()
    assert stored(paths) == 2


def test_the_write_ahead_log_is_folded_back_when_nothing_arrives(
    paths: Paths, running: Running, wire: Callable[..., WireEvent]
) -> None:
    running.put(wire(1))
    assert running.replies.get(timeout=10) == OK
    wait_until(lambda: os.path.getsize(paths.database) > 4096)  # noqa: PTH202  the schema alone is in the log before
