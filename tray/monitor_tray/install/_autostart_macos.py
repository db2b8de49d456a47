"""Login entry of macOS: a launch agent of the user, see launchd.plist(5).

launchd reads it at the next login; starting and stopping the tray now is not its business. What the person has
switched off in the system's own list of login items is kept by macOS itself and holds whatever the file says.
"""

from __future__ import annotations

import plistlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self
from xml.parsers.expat import ExpatError

from monitor_tray.install.login_entry import State, read_file, remove_file, write_file

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL = "claude-monitor"


@dataclass(frozen=True, slots=True)
class LaunchAgent:
    """The file ``claude-monitor.plist`` in a folder of launch agents."""

    folder: Path

    @classmethod
    def find(cls) -> Self:
        """In the user's library."""
        return cls(Path.home() / "Library" / "LaunchAgents")

    @property
    def path(self) -> Path:
        """The property list."""
        return self.folder / f"{LABEL}.plist"

    def state(self) -> State:
        """Switched off is the key ``Disabled``. A file that is no property list starts nothing, so it is absent."""
        content = read_file(self.path)
        if content is None:
            return State.ABSENT
        try:
            keys = plistlib.loads(content)
        except (ValueError, ExpatError):
            return State.ABSENT
        return State.SWITCHED_OFF if isinstance(keys, dict) and keys.get("Disabled") is True else State.ON

    def switch_on(self, command: Sequence[str]) -> None:
        """Replaces the file. Without a restart at its end: who quits the tray means it."""
        self._write({"ProgramArguments": list(command), "RunAtLoad": True, "ProcessType": "Interactive"})

    def switch_off(self) -> None:
        """Replaces the file by one that launchd does not load."""
        self._write({"ProgramArguments": ["/usr/bin/true"], "Disabled": True})

    def remove(self) -> None:
        """Deletes the file."""
        remove_file(self.path)

    def _write(self, keys: dict[str, object]) -> None:
        write_file(self.path, plistlib.dumps({"Label": LABEL, "LimitLoadToSessionType": "Aqua", **keys}))
