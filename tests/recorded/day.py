"""A working day made of recorded sessions: each stretched to the length that such a session has for a person."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from monitor_core.model import HOUR_MS, MINUTE_MS
from tests.recorded.sessions import as_wire, load

if TYPE_CHECKING:
    from monitor_core.wire import WireEvent

#: When the day's first event happens, before its last.
LENGTH_MS = 8 * HOUR_MS

# recording, project, begins after (minutes), lasts (minutes)
_SESSIONS = (
    ("interactive-permission-compact-clear", "api", 0, 75),
    ("headless-all-tools", "web", 40, 42),
    ("interactive-background-model-config", "api", 95, 58),
    ("headless-parallel-agents", "infra", 130, 26),
    ("interactive-interrupt-queue-question", "web", 225, 72),
    ("headless-three-at-once", "api", 290, 44),
    ("interactive-teammate", "handbook", 352, 21),
    ("interactive-resume-branch-headless-variants", "web", 392, 60),
    ("headless-worktree-tool", "api", 455, 22),
)


def zone_where_it_is_five(now: dt.datetime) -> str:
    """A zone in which it is past five in the afternoon: there the whole day lies before ``now``, an aware instant."""
    hours_east = (17 - now.astimezone(dt.UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-hours_east:+d}" if hours_east else "Etc/GMT"  # these zones count westwards


def recorded_day(end_ms: int) -> list[WireEvent]:
    """The day that ends at about ``end_ms``, its events by time."""
    events: list[WireEvent] = []
    for number, (name, project, begin_min, length_min) in enumerate(_SESSIONS):
        steps = load(name, f"/home/dev/projects/{project}")
        begin_ms = end_ms - LENGTH_MS + begin_min * MINUTE_MS
        events += as_wire(steps, begin_ms, length_min * MINUTE_MS / steps[-1].t_ms, f"-{number}")
    return sorted(events, key=lambda event: event.t)
