"""Runs Claude Monitor by a wall clock that another process sets, so that years pass in minutes.

    python tests/bench/by_another_clock.py FILE tray …

The first eight bytes of the file are the time: nanoseconds since 1970, in the machine's order. The clocks that only
tell how much time has passed are the machine's.
"""

from __future__ import annotations

import mmap
import struct
import sys
import time
from pathlib import Path

FORM = struct.Struct("q")


def main() -> None:
    """Sets the clock of this process by the file, and goes on as the command ``claude-monitor``."""
    with Path(sys.argv.pop(1)).open("rb") as file:
        shared = mmap.mmap(file.fileno(), FORM.size, access=mmap.ACCESS_READ)
    time.time_ns = lambda: FORM.unpack_from(shared)[0]
    time.time = lambda: time.time_ns() / 1e9

    from monitor_tray.__main__ import main as claude_monitor  # noqa: PLC0415  by the clock set above

    claude_monitor()


if __name__ == "__main__":
    main()
