"""What the tray shows at a glance: plain data, made by the application, drawn by whichever icon there is.

It imports no toolkit, so that the headless service and the tests can make one without paying for it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class State(enum.Enum):
    """The one thing that the icon tells besides progress."""

    WORKING = "working"  # Claude is working in at least one stream
    WAITING = "waiting"  # Claude asked something and waits for an answer
    IDLE = "idle"
    TROUBLE = "trouble"  # events are not being recorded; ``Glance.trouble`` says why


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project of today, already named so that two of one name differ."""

    name: str
    active_ms: int


@dataclass(frozen=True, slots=True)
class Glance:
    """Today, as the icon, its tooltip and its menu show it. Projects come most active first.

    The projects' times without ``parallel_ms``, which is counted once, make the total.
    """

    total_ms: int
    goal_ms: int
    state: State
    projects: tuple[ProjectLine, ...] = ()
    parallel_ms: int = 0
    trouble: str = ""

    @property
    def progress(self) -> float:
        """Today's part of the daily goal, 0.0 to 1.0."""
        return min(1.0, self.total_ms / self.goal_ms) if self.goal_ms > 0 else 0.0
