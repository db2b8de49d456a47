"""Whether a process is there, and which one: a number alone does not say, because the system gives it out again."""

from __future__ import annotations

import sys
from dataclasses import dataclass

if sys.platform == "win32":
    from monitor_tray import _processes_windows as system
elif sys.platform == "darwin":
    from monitor_tray import _processes_macos as system
else:
    from monitor_tray import _processes_linux as system


@dataclass(frozen=True, slots=True)
class Process:
    """One process. ``mark`` is the same for as long as it lives and another for the next one of its number.

    ``started_ms`` is an instant of the wall clock, up to a second early. On Linux it moves with a clock that is set
    later; ``mark`` never does.
    """

    pid: int
    mark: int
    started_ms: int


def find(pid: int) -> Process | None:
    """The process of that number; None where there is none, or only one that has ended and was not waited for.

    Raises `OSError` where the system does not tell.
    """
    found = system.start_of(pid)
    return None if found is None else Process(pid, *found)


def namespace() -> str:
    """What tells apart the parts of a machine that count their processes separately; empty where there are none."""
    return system.namespace()
