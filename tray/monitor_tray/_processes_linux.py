"""Processes as Linux tells of them, in ``/proc``. See `monitor_tray.processes`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

assert sys.platform not in ("win32", "darwin")  # noqa: S101  for the type checker: both have modules of their own

_PROC = Path("/proc")
#: Zombie, dead, dead.
_ENDED = frozenset({b"Z", b"X", b"x"})


def start_of(pid: int) -> tuple[int, int] | None:
    """The mark and the start in milliseconds; see `monitor_tray.processes`."""
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        os.stat(_PROC / "self")  # noqa: PTH116  raises where there is no /proc: then nothing is known
        return None
    # The name of the program stands in brackets and may hold any; what follows the last one is proc(5)'s third field.
    fields = stat[stat.rindex(b")") + 1 :].split()
    if fields[0] in _ENDED:
        return None
    ticks = int(fields[19])
    return ticks, _boot_ms() + ticks * 1_000 // os.sysconf("SC_CLK_TCK")


def namespace() -> str:
    """See `monitor_tray.processes`."""
    try:
        return os.readlink("/proc/self/ns/pid")  # noqa: PTH115  text, not a path
    except OSError:
        return ""


def _boot_ms() -> int:
    for line in (_PROC / "stat").read_bytes().splitlines():
        if line.startswith(b"btime "):
            return int(line.split()[1]) * 1_000
    raise OSError("there is no btime in /proc/stat")
