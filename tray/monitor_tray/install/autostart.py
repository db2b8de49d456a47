"""The login entry: whether and how the tray starts when the person logs in. One backend per system, one API.

What the person has switched off in the desktop's own settings stays switched off: `install` respects it, and only
`LoginEntry.switch_on`, which the person asks for in the menu, overrules it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from monitor_tray.install._autostart_linux import DesktopEntry
from monitor_tray.install._autostart_macos import LaunchAgent
from monitor_tray.install._autostart_windows import RunKey
from monitor_tray.install.login_entry import LoginEntry, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LoginEntry", "State", "find", "install"]


def find(environment: Mapping[str, str]) -> LoginEntry:
    """The login entry of this user on this system. Making it touches nothing."""
    if sys.platform == "win32":
        return RunKey()
    if sys.platform == "darwin":
        return LaunchAgent.find()
    return DesktopEntry.find(environment)


def install(entry: LoginEntry, command: Sequence[str]) -> State:
    """Switches the entry on, or brings it up to date, unless the person has switched it off.

    Returns what holds then.
    """
    if entry.state() is State.SWITCHED_OFF:
        return State.SWITCHED_OFF
    entry.switch_on(command)
    return State.ON
