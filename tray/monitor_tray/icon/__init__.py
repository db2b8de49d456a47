"""The tray icon: `create` makes a `LastingIcon`, which finds out what this desktop can show and shows a `Glance` there.

This is the only door. Importing it costs nothing: pystray, Pillow and the backend are imported when the icon runs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from monitor_tray.icon._errors import TrayUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_tray.actions import Action
    from monitor_tray.glance import Glance
    from monitor_tray.icon.lasting import LastingIcon
    from monitor_tray.icon.tray_icon import TrayIcon

__all__ = ["TrayUnavailableError", "create"]


def create(
    *,
    do: Callable[[Action], None],
    refresh: Callable[[], Glance] | None = None,
    shown: Callable[[str], None] = lambda _backend: None,
    lost: Callable[[str], None] = lambda _reason: None,
) -> LastingIcon:
    """An icon that is not shown yet; `LastingIcon.run` shows it.

    All callbacks run in the thread of `LastingIcon.run`, one at a time; what they raise is logged. ``do`` gets what
    people choose. ``refresh`` is asked for the present glance when the menu is about to open, and must be quick.
    ``shown`` and ``lost`` are those of `LastingIcon`.
    """
    from monitor_tray.icon.lasting import LastingIcon  # noqa: PLC0415  nobody without an icon pays for these

    def make(earlier: str) -> TrayIcon:
        from monitor_tray.icon import backends  # noqa: PLC0415
        from monitor_tray.icon.tray_icon import TrayIcon  # noqa: PLC0415

        name = backends.choose(os.environ, earlier=earlier)
        return TrayIcon(name, backends.load(name), do, refresh)

    return LastingIcon(make, shown, lost)
