"""The nouns that every other module shares: events, intervals, blocks, windows.

All instants are integer milliseconds since 1970-01-01 UTC, all lengths integer milliseconds, all intervals
``[start, end)``. Nothing here computes anything that depends on a clock, a zone or a setting.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
#: Later than any instant.
NEVER_MS = 2**62

#: Name of what happens in the home folder, in its ancestors and in temporary folders.
NO_PROJECT = "(no project)"


class Interval(NamedTuple):
    """``[start_ms, end_ms)``; never negative."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """Length in milliseconds."""
        return self.end_ms - self.start_ms


class Event(msgspec.Struct, frozen=True, gc=False):
    """One immutable thing that Claude Code's hook told us at one instant.

    ``kind`` is the ``hook_event_name``, also one that this version does not know. ``place`` tells the caller where it
    happened: the accounting only compares it. ``awake_ms`` is a clock that stands still while the machine sleeps; only
    differences of it mean anything. An empty ``agent_id`` is the session's main stream.
    """

    id: str
    t_ms: int
    kind: str
    session_id: str
    place: int
    agent_id: str = ""
    awake_ms: int | None = None
    prompt_id: str | None = None
    tool_name: str | None = None
    tool_use_id: str | None = None
    duration_ms: int | None = None
    notification_type: str | None = None
    auto: bool = False

    @property
    def stream(self) -> tuple[str, str]:
        """``(session_id, agent_id)``: events of one stream follow one another."""
        return self.session_id, self.agent_id


class Block(msgspec.Struct, frozen=True):
    """A stretch of active time, with the part of it in which Claude was working.

    ``working`` is sorted, disjoint and lies within ``[start_ms, end_ms)``; the rest of the block is attention. An
    ``open`` block may still grow, or shrink where its tail is provisional. ``auto``: it begins with a prompt that no
    person sent.
    """

    start_ms: int
    end_ms: int
    working: tuple[Interval, ...] = ()
    open: bool = False
    auto: bool = False

    @property
    def active_ms(self) -> int:
        """Length of the block."""
        return self.end_ms - self.start_ms

    @property
    def working_ms(self) -> int:
        """Time in which Claude was working."""
        return sum(end_ms - start_ms for start_ms, end_ms in self.working)


class UsageWindow(msgspec.Struct, frozen=True):
    """The 5-hour period, half-open, that a person's prompt opened; ``prompts`` counts people's prompts in it."""

    start_ms: int
    end_ms: int
    prompts: int
