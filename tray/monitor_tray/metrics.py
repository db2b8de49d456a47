"""What the tray counts and times of itself: plain numbers, kept while it works, read when somebody asks.

To count costs well under a microsecond, without a lock where events pass. Each number is written by one thread only,
but for those of queries, and read by anybody; what is read while it changes may be off by the event that
is being counted. What it all is called elsewhere: `monitor_tray.snapshot`.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.tries import Tries
from monitor_tray.dropped import Dropped
from monitor_tray.install.hook_entries import EVENTS
from monitor_tray.sessions import INTERRUPTED, PROCESS_GONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor_core.wire import WireEvent

#: Where events come from: hooks (and a replay) send them, the spool has kept them, or the tray itself has noticed them.
PIPE, SPOOL, NOTICED = "pipe", "spool", "noticed"
SOURCES = (PIPE, SPOOL, NOTICED)
#: The kinds that are counted by their name. A kind is any text, so all others are counted together.
KINDS = (*EVENTS, INTERRUPTED, PROCESS_GONE)
OTHER = "other"

#: Upper bounds, included, in seconds. Hooks wait for 4 ms, so around there they are narrow.
SECONDS = (
    *(0.00005, 0.0001, 0.0002, 0.0003, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.006, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
#: In events; a batch has at most 100.
EVENTS_AT_ONCE = (1, 2, 3, 5, 10, 20, 35, 50, 75, 100, 200, 500, 1_000)


class Observed(NamedTuple):
    """A histogram as it stood: how many values lay in each of ``bounds`` and, last, above them; and their sum."""

    bounds: tuple[float, ...]
    counts: list[int]
    sum: float


class Histogram:
    """How many values there were up to each of ``bounds``, and their sum. For one writing thread."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Takes one value in."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def observed(self) -> Observed:
        """What it has taken in so far; from any thread."""
        return Observed(self._bounds, list(self._counts), self._sum)


class Metrics:
    """The numbers of one tray. Lengths are seconds.

    ``ingest`` is the time of a commit and ``batch`` how many events it had, both by where these came from, `PIPE` or
    `SPOOL`; ``queue`` is how many waited at the pipe when they began to be committed. ``acknowledgement`` is the time
    from reading a hook's line to its answer, ``hook`` what hooks say that they took. ``accounting`` is the time of one
    portion, ``checkpoint`` that of moving what was committed to the disk.
    """

    def __init__(self) -> None:
        self.ingest = {PIPE: Histogram(SECONDS), SPOOL: Histogram(SECONDS)}
        self.batch = {PIPE: Histogram(EVENTS_AT_ONCE), SPOOL: Histogram(EVENTS_AT_ONCE)}
        self.queue = Histogram(EVENTS_AT_ONCE)
        self.acknowledgement = Histogram(SECONDS)
        self.hook = Histogram(SECONDS)
        self.accounting = Histogram(SECONDS)
        self.checkpoint = Histogram(SECONDS)
        self.checkpoint_failures = 0
        self.lines_that_are_no_events = 0
        self.dropped = Dropped()
        # All keys are there from the beginning, so that a reader may go through them while they are counted.
        self._events = {source: dict.fromkeys((*KINDS, OTHER), 0) for source in SOURCES}
        self._lock = threading.Lock()
        self._queries: dict[str, Histogram] = {}
        self._tries: dict[str, Tries] = {}

    # -- by the thread that serves the pipe --

    def event(self, event: WireEvent, source: str) -> None:
        """One event was committed, or was known already."""
        kinds, kind = self._events[source], event.hook_event_name
        kinds[kind if kind in kinds else OTHER] += 1
        if event.took_us is not None:
            self.hook.observe(event.took_us / 1_000_000)

    # -- from any thread --

    def query(self, name: str, seconds: float) -> None:
        """A named query of the store was answered."""
        with self._lock:
            found = self._queries.get(name)
            if found is None:
                found = self._queries[name] = Histogram(SECONDS)
            found.observe(seconds)

    def tries(self, name: str) -> Tries:
        """The tries of the cache of that name, the same each time, however often the cache is made anew."""
        with self._lock:
            return self._tries.setdefault(name, Tries())

    # -- for those who ask --

    def events(self) -> Mapping[str, Mapping[str, int]]:
        """How many events of each kind came from each source; without those that never came."""
        return {
            source: {kind: count for kind, count in kinds.items() if count} for source, kinds in self._events.items()
        }

    def queries(self) -> Mapping[str, Observed]:
        """The times of the named queries."""
        with self._lock:
            return {name: histogram.observed() for name, histogram in sorted(self._queries.items())}

    def caches(self) -> Mapping[str, Tries]:
        """The tries of each cache."""
        with self._lock:
            return dict(sorted(self._tries.items()))
