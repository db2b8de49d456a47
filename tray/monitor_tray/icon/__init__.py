"""The tray icon: `create` finds out what this desktop can show and makes a `TrayIcon`, which shows a `Glance` there.

This is the only door. Importing it costs nothing: pystray, Pillow and the backend are imported by `create`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from monitor_tray.icon._errors import TrayUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_tray.glance import Glance
    from monitor_tray.icon.tray_icon import TrayIcon

__all__ = ["TrayUnavailableError", "create"]


def create(
    *,
    open_report: Callable[[], None],
    quit_application: Callable[[], None],
    refresh: Callable[[], Glance] | None = None,
    lost: Callable[[str], None] | None = None,
) -> TrayIcon:
    """An icon that is not shown yet. Raises `TrayUnavailableError`, whose sentence says why there can be none here.

    All callbacks run in the thread of `TrayIcon.run`, one at a time; what they raise is logged. ``refresh`` is asked
    for the present glance when the menu is about to open, and must be quick. ``lost`` gets a clause that says why the
    icon is gone for good, while `TrayIcon.run` goes on without it.
    """
    from monitor_tray.icon import backends  # noqa: PLC0415  nobody without an icon pays for these
    from monitor_tray.icon.tray_icon import TrayIcon  # noqa: PLC0415

    name = backends.choose(os.environ)
    return TrayIcon(name, backends.load(name), open_report, quit_application, refresh, lost)
