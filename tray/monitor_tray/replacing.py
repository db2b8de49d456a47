"""Files that are replaced whole or not at all: the new one is written beside the old one, and renamed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def beside(target: Path, content: bytes, *, durably: bool = True) -> Iterator[Path]:
    """A new file with ``content``, 0600, in the folder of ``target``. The caller renames it, or it is gone afterwards.

    ``durably``: it is on the disk when it is handed out. Raises `OSError`.
    """
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem[:32]}.", suffix=".new")
    new = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  an open descriptor has no path
            file.write(content)
            if durably:
                file.flush()
                os.fsync(handle)
        yield new
    finally:
        new.unlink(missing_ok=True)
