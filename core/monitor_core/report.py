"""Report data for any range of days: what the texts, the page, the JSON and the menu are made from.

The structs hold instants and lengths in milliseconds; only the renderers know how a person wants to read them.
Everything is clipped to the range, and the top level follows product.md: ``total_ms`` is the union of all blocks,
``Σ active − parallel = total``, ``working + attention = total``, ``total + idle = span``.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from monitor_core.intervals import covered_ms, length_ms
from monitor_core.model import Block, Interval, UsageWindow
from monitor_core.pauses import Pause
from monitor_core.turns import StreamState


class ProjectTime(msgspec.Struct, frozen=True):
    """One project's part of a report. ``share`` is its part of the sum of all projects' active time, 0.0 to 1.0.

    ``waits`` are the stretches in which Claude waited for the person, by start and disjoint.
    """

    name: str
    path: str
    active_ms: int
    working_ms: int
    events: int
    share: float
    blocks: tuple[Block, ...]
    waits: tuple[Interval, ...] = ()

    @property
    def attention_ms(self) -> int:
        """Active time in which Claude was not working: reading, thinking, typing, answering."""
        return self.active_ms - self.working_ms

    @property
    def waiting_ms(self) -> int:
        """Time in which Claude waited for the person, in one session of the project or in several at once."""
        return length_ms(self.waits)


class DayTime(msgspec.Struct, frozen=True):
    """One day of the range; ``projects`` maps display names to active milliseconds, most first."""

    date: dt.date
    start_ms: int
    end_ms: int
    total_ms: int
    projects: dict[str, int]


class StreamNow(msgspec.Struct, frozen=True):
    """A stream that is open or finished at present, and the display name of the project that it counts for.

    ``since_ms`` is when Claude asked, when the turn was over, or from when on it has been working without a pause, as
    far as that reaches into the range.
    """

    session_id: str
    agent_id: str
    project: str
    state: StreamState
    since_ms: int


class Report(msgspec.Struct, frozen=True):
    """Everything that can be said at ``now_ms`` about the days ``first_day`` to ``last_day``, both included.

    ``projects`` are sorted by active time descending, then by name; their names are unique. ``first_ms`` and
    ``last_ms`` are the ends of the span and ``None`` where nothing happened. ``open_streams`` and ``finished`` (whose
    turn was over within the last hour, and no prompt has come) are about the present, and so is ``window``: the usage
    window that is open, whole; ``None`` as well where the present lies outside the range.
    ``pauses`` are those that reach into the range, and the one that holds at present; whole. ``dropped`` are the
    stretches, whole too, that people took something out of by hand.
    """

    first_day: dt.date
    last_day: dt.date
    zone: ZoneInfo
    start_ms: int
    end_ms: int
    now_ms: int
    total_ms: int
    parallel_ms: int
    working_ms: int
    first_ms: int | None
    last_ms: int | None
    agent_ms: int
    projects: tuple[ProjectTime, ...]
    windows: tuple[UsageWindow, ...]
    days: tuple[DayTime, ...]
    open_streams: tuple[StreamNow, ...] = ()
    finished: tuple[StreamNow, ...] = ()
    window: UsageWindow | None = None
    pauses: tuple[Pause, ...] = ()
    dropped: tuple[Interval, ...] = ()

    @property
    def pause(self) -> Pause | None:
        """The pause that holds at present."""
        return next((pause for pause in self.pauses if pause.start_ms <= self.now_ms < pause.end_ms), None)

    @property
    def timezone(self) -> str:
        """Name of the zone that days are cut in."""
        return self.zone.key

    @property
    def attention_ms(self) -> int:
        """Total time in which Claude was not working."""
        return self.total_ms - self.working_ms

    @property
    def waiting_ms(self) -> int:
        """Time in which Claude waited for the person, in whichever projects. It is a part of no other figure."""
        return covered_ms(wait for project in self.projects for wait in project.waits)

    @property
    def span_ms(self) -> int:
        """From the first to the last moment that counts."""
        if self.first_ms is None or self.last_ms is None:
            return 0
        return self.last_ms - self.first_ms

    @property
    def idle_ms(self) -> int:
        """The part of the span that no block covers."""
        return self.span_ms - self.total_ms
