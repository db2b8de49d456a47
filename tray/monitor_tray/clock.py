"""The clock on the wall, which is the only one that all processes here share."""

from __future__ import annotations

import time


def now_ms() -> int:
    """The present instant."""
    return time.time_ns() // 1_000_000
