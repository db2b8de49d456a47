"""How wide a stream is. Apart from the rest of the look because it is asked by what must start quickly."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing takes milliseconds to import
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO


def columns(stream: TextIO, environment: Mapping[str, str]) -> int | None:
    """COLUMNS, else the terminal's width; None where there is neither."""
    if (said := environment.get("COLUMNS", "")).isdecimal():
        return int(said)
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return None
