"""The writer owns the one writing connection: what has arrived is committed together, then acknowledged.

It runs in the thread that serves the pipe, between two looks at the clients: a hook waits for its answer, and every
hand-over to another thread would be part of that wait. Whatever else there is to do, the spool, the write-ahead log, is
done in small portions when no event waits. Where the database cannot be written, events are refused, so that the hooks
spool them, and the writer tries again with growing pauses.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.errors import MonitorError, StoreError
from monitor_core.ingest import Ingest
from monitor_core.store import WritableStore
from monitor_core.wire import OK, refusal
from monitor_tray.bookkeeping import Bookkeeping
from monitor_tray.clock import now_ms
from monitor_tray.flushing import Flushing
from monitor_tray.metrics import PIPE, SPOOL, Metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.accounting import Rules
    from monitor_core.edits import Edit
    from monitor_core.ingest import Taken
    from monitor_core.paths import Paths
    from monitor_core.projects import Surroundings
    from monitor_core.wire import WireEvent
    from monitor_tray.pipe import Reply
    from monitor_tray.spool import Spool

log = logging.getLogger(__name__)

#: Events of one transaction. An event is at most 16 KiB, so a batch is at most 1.6 MB.
BATCH = 100
#: When the spool is looked at after something has arrived, and how often while nothing arrives.
SPOOL_SOON_S, SPOOL_EVERY_S = 0.25, 60.0
#: Events follow one another faster than this at many hundred a second.
_THICK_AND_FAST_S = 0.0015
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0


class Arrival(NamedTuple):
    """An event, the way back to whoever sent it, where it came from, and when it was read (`time.perf_counter`)."""

    event: WireEvent
    reply: Reply
    source: str = PIPE
    read_at: float = 0.0


@dataclass(slots=True)
class Counts:
    """What the writer has done since it started. Written by its thread, read by anybody."""

    new: int = 0
    duplicates: int = 0
    from_spool: int = 0
    refused: int = 0


class _Parts(NamedTuple):
    """The open store, and what is done with it."""

    store: WritableStore
    ingest: Ingest
    flushing: Flushing
    bookkeeping: Bookkeeping


class Writer:
    """All methods belong to one thread; ``counts``, ``trouble`` and ``opened`` are for everybody.

    ``changed`` is called when something new is accounted for, when ``trouble`` changes, and when a look at the store is
    due for another reason. ``be_alone`` is called before the store is opened; it raises `MonitorError` where another
    process may be writing to it.
    """

    def __init__(
        self,
        paths: Paths,
        spool: Spool,
        surroundings: Surroundings,
        rules: Callable[[], Rules],
        changed: Callable[[], None],
        metrics: Metrics | None = None,
        be_alone: Callable[[], None] = lambda: None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._paths = paths
        self._spool = spool
        self._surroundings = surroundings
        self._rules = rules
        self._changed = changed
        self._be_alone = be_alone
        self._arrived: list[Arrival] = []
        self._answered_at = 0.0
        self._parts: _Parts | None = None
        self._spooled: Iterator[list[tuple[Path, WireEvent]]] | None = None
        self._spool_at = 0.0
        self._retry_at = 0.0
        self._pause_s = 0.0
        self.counts = Counts()
        self._store_trouble = ""
        self._spool_trouble = ""
        self.opened = threading.Event()

    @property
    def trouble(self) -> str:
        """A sentence for people while events cannot be stored, else empty."""
        accounting = self._parts.bookkeeping.trouble if self._parts is not None else ""
        return self._store_trouble or self._spool_trouble or accounting

    def open(self) -> None:
        """Opens the store. Where that fails it is tried again later."""
        try:
            self._be_alone()
            store = WritableStore(self._paths.database, self._paths.backups, now_ms(), observe=self._metrics.query)
            ingest = Ingest(store, self._surroundings, self._metrics.tries)
        except MonitorError as error:
            self._in_trouble(error)
        else:
            flushing = Flushing(store, self._paths.database, self._changed, self._metrics)
            bookkeeping = Bookkeeping(store, self._rules, flushing.written, self._changed, self._metrics)
            self._parts = _Parts(store, ingest, flushing, bookkeeping)
            self._spool.clear_abandoned()
            self._recover()
        finally:
            self.opened.set()

    def put(self, arrival: Arrival) -> None:
        """Takes an event in; it is answered by `settle`, when it is committed or refused."""
        self._arrived.append(arrival)

    def settle(self) -> float | None:
        """Commits and answers what was put, or, where nothing was, does what is due.

        Returns after how many seconds to call it again even if nothing arrives.
        """
        now = time.monotonic()
        if self._parts is None and self._retry_at <= now:
            self.open()
        if self._arrived:
            self._commit_arrived()
            # A hook whose answer came too late writes to the spool just after.
            self._spool_at = min(self._spool_at, now + SPOOL_SOON_S)
            if not self._cannot_wait(now):
                return 0.0  # More may have arrived meanwhile; that comes first.
        return self._do_what_is_due(now)

    def edit(self, edit: Edit) -> None:
        """Appends to the journal, durably. Raises `StoreError`."""
        store = self._in_place().store
        with store.transaction(durably=True):
            store.add_edit(edit)
        self._changed()

    def begin_books_anew(self) -> None:
        """Makes the books anew from the events, in portions. Raises `StoreError`."""
        self._in_place().bookkeeping.begin_anew()

    def close(self) -> None:
        """Commits and answers what was put, then closes the store."""
        self._commit_arrived()
        if self._parts is not None and not self._parts.store.is_in_place():
            self._leave_what_was_moved()
        elif self._parts is not None:
            try:
                self._parts.flushing.finish()
            except StoreError as error:
                log.warning("%s; the next start does it", error)
            self._parts.store.close()

    def _commit_arrived(self) -> None:
        arrived, self._arrived = self._arrived, []
        if arrived:
            self._metrics.queue.observe(len(arrived))
        for k in range(0, len(arrived), BATCH):
            batch = arrived[k : k + BATCH]
            try:
                taken = self._take([arrival.event for arrival in batch], PIPE)
            except StoreError as error:
                _answer(batch, refusal(str(error)))
                self.counts.refused += len(batch)
                self._failed(error)
            else:
                answered = _answer(batch, OK)
                self._let_them_end(answered[-1])
                self._count(batch, answered)
                self._committed(taken)

    def _let_them_end(self, now: float) -> None:
        """The hooks that were answered come before what is left to do here: often they wait on this processor.

        Not where events come thick and fast: other threads have something to do then, too, and whoever yields the
        processor to one of these has it back after milliseconds. The next hook is here before that.
        """
        if now - self._answered_at > _THICK_AND_FAST_S:
            _yield_processor()
        self._answered_at = now

    def _count(self, batch: list[Arrival], answered: list[float]) -> None:
        metrics = self._metrics
        for (event, _, source, read_at), answered_at in zip(batch, answered, strict=True):
            metrics.event(event, source)
            if source == PIPE:
                metrics.acknowledgement.observe(answered_at - read_at)

    def _do_what_is_due(self, now: float) -> float | None:
        if self._retry_at > now:
            return self._retry_at - now
        is_due = self._spooled is not None or self._spool_at <= now
        if is_due and not self._cannot_wait(now):
            return self._drain_some_of_the_spool(now)
        patience = 0.0 if is_due else self._spool_at - now
        if self._parts is not None:
            patience = min(patience, self._parts.bookkeeping.work(now), self._parts.flushing.work(now))
        return max(0.0, patience)

    def _drain_some_of_the_spool(self, now: float) -> float:
        """One batch: hooks that wait for an answer come before the rest of the spool."""
        if self._spooled is None:
            self._spooled = self._spool.batches()
            # Whatever comes from now on is not among these: it may ask for an earlier time.
            self._spool_at = now + SPOOL_EVERY_S
        try:
            batch = next(self._spooled, None)
            if batch is not None:
                taken = self._take([event for _, event in batch], SPOOL)
                self.counts.from_spool += taken.new
                for _, event in batch:
                    self._metrics.event(event, SPOOL)
                self._committed(taken)
                for file, _ in batch:
                    file.unlink(missing_ok=True)
            else:
                self._in_place()  # where nothing arrives, somebody may put another file in its place all the same
        except StoreError as error:
            self._spooled = None
            self._failed(error)
            return self._pause_s
        except OSError as error:
            self._spooled = None
            self._say_of_spool(f"cannot empty the spool: {error}; make its folders and files yours and writable again")
            return 0.0
        if batch is None:
            self._spooled = None
            self._say_of_spool("")
            if self._parts is not None:
                self._parts.bookkeeping.look(now)
        return 0.0

    def _in_place(self) -> _Parts:
        """The store at its path; it is opened anew where somebody has moved it away. Raises `StoreError`."""
        if self._parts is not None and not self._parts.store.is_in_place():
            log.warning("the database was moved away or replaced; opening it anew")
            self._leave_what_was_moved()
            self.open()
        if self._parts is None:
            raise StoreError(self._store_trouble)
        return self._parts

    def _leave_what_was_moved(self) -> None:
        if self._parts is not None:
            store, self._parts = self._parts.store, None
            try:
                store.close_what_was_moved()
            except StoreError as error:
                log.error("what was committed last is not in the file that was moved: %s", error)  # noqa: TRY400

    def _take(self, events: list[WireEvent], source: str) -> Taken:
        ingest = self._in_place().ingest
        began = time.perf_counter()
        taken = ingest.take(events, durably=source == SPOOL)
        self._metrics.ingest[source].observe(time.perf_counter() - began)
        self._metrics.batch[source].observe(len(events))
        return taken

    def _committed(self, taken: Taken) -> None:
        self.counts.new += taken.new
        self.counts.duplicates += taken.duplicates
        self._recover()
        if taken.new and self._parts is not None:
            now = time.monotonic()
            self._parts.flushing.written(now)
            self._parts.bookkeeping.arrived(now)

    def _recover(self) -> None:
        self._retry_at = self._pause_s = 0.0
        if self._store_trouble:
            log.info("events are stored again")
            self._store_trouble = ""
            self._changed()

    def _cannot_wait(self, now: float) -> bool:
        """Whether something is due even while more arrives."""
        parts = self._parts
        return parts is not None and (parts.bookkeeping.cannot_wait(now) or parts.flushing.cannot_wait(now))

    def _failed(self, error: StoreError) -> None:
        """Something could not be written. Where no store is open that was no attempt, and puts none off."""
        if self._parts is not None:
            self._in_trouble(error)

    def _in_trouble(self, error: MonitorError) -> None:
        now = time.monotonic()
        if self._retry_at <= now:
            self._pause_s = min(max(_FIRST_PAUSE_S, 2 * self._pause_s), _LONGEST_PAUSE_S)
            self._retry_at = now + self._pause_s
        self._spool_at = 0.0
        if str(error) != self._store_trouble:
            log.error("%s", error)
            self._store_trouble = str(error)
            self._changed()

    def _say_of_spool(self, trouble: str) -> None:
        if trouble != self._spool_trouble:
            if trouble:
                log.error("%s", trouble)
            self._spool_trouble = trouble
            self._changed()


#: Windows gives the processor to whoever was woken without being asked.
_yield_processor: Callable[[], None] = getattr(os, "sched_yield", lambda: None)


def _answer(batch: list[Arrival], line: bytes) -> list[float]:
    """When each was answered (`time.perf_counter`)."""
    answered = []
    for arrival in batch:
        arrival.reply(line)
        answered.append(time.perf_counter())
    return answered
