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
    TROUBLE = "trouble"  # something is wrong; ``Glance.trouble`` says what


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project of today, already named so that two of one name differ."""

    name: str
    active_ms: int


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session in which Claude works, or waits for the person: ``state`` is one of these two.

    ``since`` is the time that the clock on the wall showed when that began, ``lasting_ms`` how long ago it was.
    """

    project: str
    state: State
    since: str
    lasting_ms: int


@dataclass(frozen=True, slots=True)
class WindowLine:
    """The usage window that is open: ``until`` which time by the clock on the wall, and a person's prompts in it."""

    until: str
    prompts: int


@dataclass(frozen=True, slots=True)
class Glance:
    """Today, as the icon, its tooltip and its menu show it. Projects come most active first.

    The projects' times without ``parallel_ms``, which is counted once, make the total. Of the ``sessions`` those that
    wait come first, then those that work, each by how long they do. ``last`` is the time that the clock on the wall
    showed when the last work block ended; empty where there is none, or where it goes on.
    """

    total_ms: int
    goal_ms: int
    state: State
    projects: tuple[ProjectLine, ...] = ()
    parallel_ms: int = 0
    trouble: str = ""
    sessions: tuple[SessionLine, ...] = ()
    last: str = ""
    window: WindowLine | None = None

    @property
    def progress(self) -> float:
        """Today's part of the daily goal, 0.0 to 1.0."""
        return min(1.0, self.total_ms / self.goal_ms) if self.goal_ms > 0 else 0.0
