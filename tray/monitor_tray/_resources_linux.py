"""What this process takes, as Linux tells it in ``/proc``. See `monitor_tray.resources`."""

from __future__ import annotations

import sys
from pathlib import Path

assert sys.platform not in ("win32", "darwin")  # noqa: S101  for the type checker: both have modules of their own

_SELF = Path("/proc/self")
_KIB = 1_024


def memory() -> tuple[int | None, int | None]:
    """Resident and private bytes."""
    # Not `statm`, whose numbers the kernel gathers per thread and adds up late.
    lines = (_SELF / "smaps_rollup").read_bytes().splitlines()[1:]
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(b":") for line in lines)}
    return _KIB * kib[b"Rss"], _KIB * (kib[b"Private_Clean"] + kib[b"Private_Dirty"] + kib[b"Private_Hugetlb"])


def open_files() -> int | None:
    """File descriptors, without the one that lists them."""
    return sum(1 for _ in (_SELF / "fd").iterdir()) - 1
