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
    PAUSED = "paused"  # counting is; ``Glance.pause`` says until when
    TROUBLE = "trouble"  # something is wrong; ``Glance.trouble`` says what


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project of today, already named so that two of one name differ; ``path`` tells it from all others."""

    name: str
    active_ms: int
    path: str = ""


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
class PauseLine:
    """The pause that holds: ``until`` which time by the clock on the wall, empty: until somebody resumes."""

    until: str = ""


@dataclass(frozen=True, slots=True)
class AwayLine:
    """A stretch in which nobody was seen, to be asked about; ``start`` and ``end`` are times on the wall.

    ``projects`` are those that it may have been for, the likeliest first.
    """

    start_ms: int
    end_ms: int
    start: str
    end: str
    projects: tuple[ProjectLine, ...]


@dataclass(frozen=True, slots=True)
class UndoLine:
    """What was chosen a moment ago and can be taken back: the edit's id, and the words for taking it back."""

    edit: str
    words: str


@dataclass(frozen=True, slots=True)
class Glance:
    """Today, as the icon, its tooltip and its menu show it. Projects come most active first.

    The projects' times without ``parallel_ms``, which is counted once, make the total. Of the ``sessions`` those that
    wait come first, then those that work, each by how long they do. ``last`` is the time that the clock on the wall
    showed when the last work block ended; empty where there is none, or where it goes on. ``starts_at_login`` is None
    where that cannot be known.
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
    pause: PauseLine | None = None
    away: AwayLine | None = None
    undo: UndoLine | None = None
    starts_at_login: bool | None = None

    @property
    def progress(self) -> float:
        """Today's part of the daily goal, 0.0 to 1.0."""
        return min(1.0, self.total_ms / self.goal_ms) if self.goal_ms > 0 else 0.0
