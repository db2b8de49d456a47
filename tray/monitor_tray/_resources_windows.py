"""What this process takes, as Windows tells it. See `monitor_tray.resources`."""

from __future__ import annotations

import sys

assert sys.platform == "win32"  # noqa: S101  for the type checker

from monitor_tray import _win32  # noqa: E402  after what it depends on


def memory() -> tuple[int | None, int | None]:
    """Resident and private bytes: the working set, and what only this process has."""
    return _win32.own_memory()


def open_files() -> int | None:
    """Not told: Windows counts handles, of which files are a few."""
    return None
