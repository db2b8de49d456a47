"""Whether what is at a path still is the file that was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def identity(path: Path) -> tuple[int, int] | None:
    """That of the file at ``path``, which no other has while it is open somewhere; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
