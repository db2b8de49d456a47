"""What people can choose in the menu, as plain data: the menu offers it, the application carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from monitor_core.periods import Kind


@dataclass(frozen=True, slots=True)
class OpenDay:
    """Shows today's report."""


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """Shows the report of this week, this month or this year."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class OpenProject:
    """Shows today's report of the project at ``path``."""

    path: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Stops counting for so long; None: until somebody resumes."""

    length_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Goes on counting."""


@dataclass(frozen=True, slots=True)
class CountAway:
    """``[start_ms, end_ms)``, in which nobody was seen, was time for the project at ``path``."""

    start_ms: int
    end_ms: int
    path: str


@dataclass(frozen=True, slots=True)
class LeaveAway:
    """What began at ``start_ms`` was no work: it is not asked about again."""

    start_ms: int


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Undoes the edit with that id."""

    edit: str


@dataclass(frozen=True, slots=True)
class StartAtLogin:
    """Has the tray start at login from now on, or not."""

    on: bool


@dataclass(frozen=True, slots=True)
class Quit:
    """Ends the tray."""


Action: TypeAlias = (
    OpenDay | OpenPeriod | OpenProject | Pause | Resume | CountAway | LeaveAway | TakeBack | StartAtLogin | Quit
)
