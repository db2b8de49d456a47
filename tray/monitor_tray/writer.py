"""The one thread that owns the one writing connection: it takes what has arrived, commits, then acknowledges.

Group commit is what makes many events a second cheap: everything that arrived while a commit was under way goes into
the next one. Where the database cannot be written, events are refused, so that the hooks spool them, and the thread
tries again with growing pauses.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.errors import MonitorError, StoreError
from monitor_core.ingest import Ingest
from monitor_core.store import WritableStore
from monitor_core.wire import OK, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor_core.ingest import Taken
    from monitor_core.paths import Paths
    from monitor_core.projects import Surroundings
    from monitor_core.wire import WireEvent
    from monitor_tray.pipe import Reply
    from monitor_tray.spool import Spool

log = logging.getLogger(__name__)

#: Events of one transaction. An event is at most 16 KiB, so a batch is at most 1.6 MB.
BATCH = 100
#: After this long without an event the log is checkpointed.
QUIET_S = 1.0
#: How often the spool is looked at while nothing arrives.
SPOOL_EVERY_S = 60.0
_WAL_LARGE_BYTES = 8 * 1024 * 1024
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event and the way back to whoever sent it."""

    event: WireEvent
    reply: Reply


@dataclass(slots=True)
class Counts:
    """What the writer has done since it started. Written by its thread, read by anybody."""

    new: int = 0
    duplicates: int = 0
    from_spool: int = 0
    refused: int = 0


class Writer:
    """Start `run` in a thread of its own; `put` and `stop` are for the others.

    ``changed`` is called in the writer's thread after each commit that brought something new, and when ``trouble``
    changes. ``trouble`` is a sentence for people while events cannot be stored, else empty.
    """

    def __init__(self, paths: Paths, spool: Spool, surroundings: Surroundings, changed: Callable[[], None]) -> None:
        self._paths = paths
        self._spool = spool
        self._surroundings = surroundings
        self._changed = changed
        self._queue: queue.SimpleQueue[Arrival | None] = queue.SimpleQueue()
        self._store: WritableStore | None = None
        self._ingest: Ingest | None = None
        self._pause_s = 0.0
        self._retry_at = 0.0
        self._dirty = False
        self._stopping = False
        self.counts = Counts()
        self.trouble = ""
        self.opened = threading.Event()

    def put(self, arrival: Arrival) -> None:
        """Queues an event; it is answered when it is committed or refused."""
        self._queue.put(arrival)

    def stop(self) -> None:
        """Makes `run` return once everything that was put before is committed."""
        self._queue.put(None)

    def run(self) -> None:
        """Writes until `stop`."""
        try:
            self._open()
        finally:
            self.opened.set()
        self._drain_spool()
        while not self._stopping:
            batch = self._next_batch()
            if batch:
                self._commit(batch)
            if self._queue.empty():
                self._between_batches(quiet=not batch)
        if self._store is not None:
            self._checkpoint()
            self._store.close()

    def _next_batch(self) -> list[Arrival]:
        """What has arrived, at most `BATCH`; empty when nothing came for as long as there is nothing else to do."""
        batch: list[Arrival] = []
        try:
            arrival = self._queue.get(timeout=self._patience_s())
            while arrival is not None:
                batch.append(arrival)
                if len(batch) == BATCH:
                    return batch
                arrival = self._queue.get_nowait()
        except queue.Empty:
            return batch
        self._stopping = True
        return batch

    def _patience_s(self) -> float:
        if self._retry_at:
            return max(0.0, self._retry_at - time.monotonic())
        return QUIET_S if self._dirty else SPOOL_EVERY_S

    def _commit(self, batch: Sequence[Arrival]) -> None:
        try:
            taken = self._take([arrival.event for arrival in batch])
        except StoreError as error:
            self.counts.refused += len(batch)
            reason = refusal(str(error))
            for arrival in batch:
                arrival.reply(reason)
            self._in_trouble(error)
            return
        for arrival in batch:
            arrival.reply(OK)
        self._committed(taken.new, taken.duplicates)

    def _take(self, events: Sequence[WireEvent]) -> Taken:
        if self._ingest is None:
            raise StoreError(self.trouble)
        return self._ingest.take(events)

    def _between_batches(self, *, quiet: bool) -> None:
        """What is done when nobody waits for an answer."""
        if self._retry_at:
            if time.monotonic() < self._retry_at:
                return
            self._retry_at = 0.0
            if self._ingest is None:
                self._open()
        self._drain_spool()
        if self._store is not None and ((quiet and self._dirty) or self._store.wal_bytes() > _WAL_LARGE_BYTES):
            self._checkpoint()

    def _drain_spool(self) -> None:
        if self._ingest is None:
            return
        for batch in self._spool.batches():
            try:
                taken = self._take([event for _, event in batch])
            except StoreError as error:
                self._in_trouble(error)
                return
            for file, _ in batch:
                file.unlink(missing_ok=True)
            self.counts.from_spool += taken.new
            self._committed(taken.new, taken.duplicates)
            if not self._queue.empty():
                return  # Hooks wait for their answers; the rest of the spool can wait.

    def _open(self) -> None:
        try:
            self._store = WritableStore(self._paths.database, self._paths.backups, time.time_ns() // 1_000_000)
        except MonitorError as error:
            self._in_trouble(error)
            return
        self._ingest = Ingest(self._store, self._surroundings)
        self._spool.clear_abandoned()

    def _committed(self, new: int, duplicates: int) -> None:
        self.counts.new += new
        self.counts.duplicates += duplicates
        self._dirty = self._dirty or new > 0
        self._pause_s = 0.0
        recovered, self.trouble = bool(self.trouble), ""
        if recovered:
            log.info("events are stored again")
        if new or recovered:
            self._changed()

    def _in_trouble(self, error: MonitorError) -> None:
        self._pause_s = min(max(_FIRST_PAUSE_S, 2 * self._pause_s), _LONGEST_PAUSE_S)
        self._retry_at = time.monotonic() + self._pause_s
        if str(error) != self.trouble:
            log.error("%s", error)
            self.trouble = str(error)
            self._changed()

    def _checkpoint(self) -> None:
        assert self._store is not None  # noqa: S101  both callers have looked
        try:
            self._store.checkpoint()
        except StoreError as error:
            log.warning("%s", error)
        self._dirty = False
