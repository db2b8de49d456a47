"""The login entry: whether and how the tray starts when the person logs in. One backend per system, one API.

What the person has switched off in the desktop's own settings stays switched off: `install` respects it, and only
`LoginEntry.switch_on`, which the person asks for in the menu, overrules it. A machine without a desktop has a `service`
instead, which is a login entry as well; the two are not on at once, unless somebody wants it so.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from monitor_tray.install.login_entry import LoginEntry, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LoginEntry", "State", "find", "install", "service", "tray_command"]

# A tray that runs all day imports the one of its system.


def find(environment: Mapping[str, str]) -> LoginEntry:
    """The login entry of this user on this system. Making it touches nothing."""
    if sys.platform == "win32":
        from monitor_tray.install._autostart_windows import RunKey  # noqa: PLC0415

        return RunKey()
    if sys.platform == "darwin":
        from monitor_tray.install._autostart_macos import LaunchAgent  # noqa: PLC0415

        return LaunchAgent.find()
    from monitor_tray.install._autostart_linux import DesktopEntry  # noqa: PLC0415

    return DesktopEntry.find(environment)


def service(environment: Mapping[str, str]) -> LoginEntry | None:
    """The service of this user, to be given `tray_command` with ``--headless``. None but on Linux.

    It is there without systemd as well, and then waits for one.
    """
    if sys.platform != "linux":
        return None
    from monitor_tray.install._service_linux import UserService  # noqa: PLC0415

    return UserService.find(environment)


def install(entry: LoginEntry, command: Sequence[str]) -> State:
    """Switches the entry on, or brings it up to date, unless the person has switched it off.

    Returns what holds then.
    """
    if entry.state() is State.SWITCHED_OFF:
        return State.SWITCHED_OFF
    entry.switch_on(command)
    return State.ON


def tray_command() -> list[str]:
    """The words that start this very installation's tray."""
    name = "claude-monitor.exe" if sys.platform == "win32" else "claude-monitor"
    beside = Path(sys.executable).with_name(name)
    return [str(beside), "tray"] if beside.is_file() else [sys.executable, "-m", "monitor_tray", "tray"]
