"""Which backend shows the icon here. Importing this imports none of them.

On Linux: StatusNotifierItem where there is a session bus, except that a desktop whose only tray is of the older X11
kind (XEmbed) gets that. A session bus without any tray is no obstacle: the icon appears as soon as a panel does.
macOS and Windows have one backend each. ``PYSTRAY_BACKEND`` names one and ends the choice.
"""

from __future__ import annotations

import importlib
import sys
import time
from typing import TYPE_CHECKING, cast

from monitor_tray.icon._errors import TrayAwayError, TrayUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from monitor_tray.icon._loop import Surface

VARIABLE = "PYSTRAY_BACKEND"
NAMES = ("sni", "xorg", "darwin", "win32")

#: How long a panel that takes the older kind of icon may need until it takes the newer kind, too.
_PATIENCE_S = 2.0
_POLL_S = 0.1


def choose(environment: Mapping[str, str], platform: str = sys.platform, earlier: str = "") -> str:
    """The name of the backend for ``platform``, one of `NAMES`; ``earlier`` is that of an icon that was lost.

    Raises `TrayUnavailableError`, which says why there is none. Where there may be one later, it is a `TrayAwayError`.
    """
    wanted = environment.get(VARIABLE)
    if wanted:
        if wanted not in NAMES:
            raise TrayUnavailableError(f"no tray icon: {VARIABLE} is {wanted!r}, which is none of {', '.join(NAMES)}")
        return wanted
    if platform in {"darwin", "win32"}:
        return platform
    if earlier == "sni":
        # A tray of the older kind may outlive the bus for a moment, and would get an icon without menu
        return earlier
    return _choose_on_linux(environment)


def load(name: str) -> Callable[..., Surface]:
    """The icon class of a backend. Raises `TrayUnavailableError` where it cannot be imported."""
    try:
        return cast("Callable[..., Surface]", importlib.import_module(f"monitor_tray.icon._{name}").Icon)
    except Exception as error:
        # Xlib raises errors of its own where there is no display
        raise TrayUnavailableError(f"no tray icon: the backend {name} cannot be used here ({error})") from error


def _choose_on_linux(environment: Mapping[str, str]) -> str:
    from monitor_tray.icon._bus import BusError  # noqa: PLC0415  jeepney is there on Linux only
    from monitor_tray.icon._sni import watcher_is_there  # noqa: PLC0415

    try:
        if watcher_is_there(environment) or not _old_tray_is_there(environment):
            return "sni"
        # A panel that has both begins with the older one, and at login we may come in between
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            time.sleep(_POLL_S)
            if watcher_is_there(environment):
                return "sni"
    except BusError as error:
        if _old_tray_is_there(environment):
            return "xorg"
        raise TrayAwayError(
            f"no tray icon: there is no session bus ({error}) and no X11 tray; "
            "start the tray from within the desktop session"
        ) from error
    return "xorg"


def _old_tray_is_there(environment: Mapping[str, str]) -> bool:
    if not environment.get("DISPLAY"):
        return False
    try:
        from monitor_tray.icon._xorg import tray_is_there  # noqa: PLC0415  it opens the display
    except Exception:  # whatever Xlib raises: there is no display that can be used
        return False
    return tray_is_there()
