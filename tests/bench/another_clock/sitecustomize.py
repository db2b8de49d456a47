"""A wall clock that another process sets, so that years pass in minutes, wherever ``PYTHONPATH`` has this folder.

``ANOTHER_CLOCK`` names a file whose first eight bytes are the time: nanoseconds since 1970, in the machine's order. The
clocks that only tell how much time has passed are the machine's.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from pathlib import Path

FORM = struct.Struct("q")

if clock := os.environ.get("ANOTHER_CLOCK"):
    with Path(clock).open("rb") as file:
        shared = mmap.mmap(file.fileno(), FORM.size, access=mmap.ACCESS_READ)
    time.time_ns = lambda: FORM.unpack_from(shared)[0]
    time.time = lambda: time.time_ns() / 1e9
