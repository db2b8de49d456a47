"""The one place that imports pystray.

`import pystray` chooses a backend and opens the X display while it is imported, and where there is no display it raises
an error of Xlib's. With the dummy backend it does neither; real backends are then imported by name (see `backends`).
"""

from __future__ import annotations

import os


def _import_quietly() -> None:
    wanted = os.environ.get("PYSTRAY_BACKEND")
    os.environ["PYSTRAY_BACKEND"] = "dummy"
    try:
        import pystray  # noqa: F401, PLC0415  the import is the point
    finally:
        if wanted is None:
            del os.environ["PYSTRAY_BACKEND"]
        else:
            os.environ["PYSTRAY_BACKEND"] = wanted


_import_quietly()

from pystray import Menu, MenuItem  # noqa: E402  after the quiet import, on purpose
from pystray._base import Icon as BaseIcon  # noqa: E402

__all__ = ["BaseIcon", "Menu", "MenuItem"]
