"""Login entry of the desktops that follow freedesktop.org: a desktop entry in the user's autostart folder.

https://specifications.freedesktop.org/autostart-spec/ and https://specifications.freedesktop.org/desktop-entry-spec/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from monitor_core.errors import MonitorError
from monitor_tray.install.login_entry import State, read_file, remove_file, write_file, xdg_config

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FILE_NAME = "claude-monitor.desktop"

_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
_QUOTED = str.maketrans({"\\": r"\\", '"': r"\"", "`": r"\`", "$": r"\$", "%": "%%"})


@dataclass(frozen=True, slots=True)
class DesktopEntry:
    """The file ``claude-monitor.desktop`` in an autostart folder."""

    folder: Path

    @classmethod
    def find(cls, environment: Mapping[str, str]) -> Self:
        """In the folder that every desktop reads."""
        return cls(xdg_config(environment) / "autostart")

    @property
    def path(self) -> Path:
        """The desktop entry."""
        return self.folder / FILE_NAME

    def state(self) -> State:
        """Switched off is ``Hidden=true``, and what GNOME's settings write."""
        content = read_file(self.path)
        if content is None:
            return State.ABSENT
        keys = _keys(content.decode("utf-8", "replace"))
        off = keys.get("Hidden") == "true" or keys.get("X-GNOME-Autostart-enabled") == "false"
        return State.SWITCHED_OFF if off else State.ON

    def switch_on(self, command: Sequence[str]) -> None:
        """Replaces the entry."""
        self._write(
            f"TryExec={command[0].translate(_ESCAPES)}",
            f"Exec={exec_value(command)}",
            "Terminal=false",
            "StartupNotify=false",
            "X-GNOME-Autostart-enabled=true",
        )

    def switch_off(self) -> None:
        """Replaces the entry by one that hides a system-wide entry of that name as well."""
        self._write("Exec=true", "Hidden=true")

    def remove(self) -> None:
        """Deletes the file."""
        remove_file(self.path)

    def _write(self, *lines: str) -> None:
        head = ("[Desktop Entry]", "Type=Application", "Name=Claude Monitor", "Comment=Your hours with Claude Code")
        write_file(self.path, "\n".join((*head, *lines, "")).encode("utf-8", "surrogateescape"))


def exec_value(command: Sequence[str]) -> str:
    r"""A desktop entry's ``Exec`` for a list of arguments.

    Each one is quoted, which escapes ``" ` $ \``, doubles the percent sign of field codes, and is then escaped once
    more as every string in the file is. Raises `MonitorError` for a program whose path has an equals sign: the
    specification does not allow it.
    """
    if "=" in command[0]:
        raise MonitorError(
            f"{command[0]} cannot be started at login: its path has an equals sign in it; move the program"
        )
    return " ".join(f'"{argument.translate(_QUOTED)}"' for argument in command).translate(_ESCAPES)


def _keys(text: str) -> dict[str, str]:
    """The keys of the group ``[Desktop Entry]``."""
    keys, group = {}, ""
    for line in text.splitlines():
        if line.startswith("["):
            group = line.strip()
        elif group == "[Desktop Entry]" and not line.startswith("#"):
            key, _equals, value = line.partition("=")
            keys[key.strip()] = value.strip()
    return keys
