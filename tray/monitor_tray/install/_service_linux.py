"""The tray as a service of the user's systemd, for machines without a desktop: a unit, and the link that enables it.

systemd.service(5) and systemd.syntax(7) say how it is written. The link is the one that ``systemctl --user enable``
makes, and made here, because there may be no systemd to ask: in a container, over ssh without a session.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from monitor_core.errors import MonitorError
from monitor_core.paths import HOME_VARIABLE
from monitor_tray.install.login_entry import State, explained, read_file, remove_file, write_file, xdg_config

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

UNIT_NAME = "claude-monitor.service"

_PATIENCE_S = 30
_MASK = "/dev/null"
_REFUSED = "\"'\\\x7f"
_QUOTED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t", "%": "%%"})
_UNIT = """\
[Unit]
Description=Claude Monitor: your Claude Code hours, per project

[Service]
Type=exec
{environment}ExecStart={command}
Restart=on-failure
RestartSec=10
UMask=0077

[Install]
WantedBy=default.target
"""


@dataclass(frozen=True, slots=True)
class UserService:
    """The unit ``claude-monitor.service`` in a folder of user units; ``home`` is a home that was moved, or empty."""

    folder: Path
    home: str = ""

    @classmethod
    def find(cls, environment: Mapping[str, str]) -> Self:
        """In the folder that systemd reads for this user before all others."""
        return cls(xdg_config(environment) / "systemd" / "user", environment.get(HOME_VARIABLE, ""))

    @property
    def path(self) -> Path:
        """The unit."""
        return self.folder / UNIT_NAME

    @property
    def link(self) -> Path:
        """What has systemd start the unit when the person logs in, or at boot if they linger."""
        return self.folder / "default.target.wants" / UNIT_NAME

    def state(self) -> State:
        """Switched off is a unit that is disabled or masked, as ``systemctl --user`` does it."""
        if self._is_masked():
            return State.SWITCHED_OFF
        if read_file(self.path) is None:
            return State.ABSENT
        return State.ON if self.link.is_symlink() else State.SWITCHED_OFF

    def switch_on(self, command: Sequence[str]) -> None:
        """Replaces the unit and enables it. Whatever runs goes on as it is."""
        environment = f"Environment={_quoted(f'{HOME_VARIABLE}={self.home}')}\n" if self.home else ""
        unit = _UNIT.format(environment=environment, command=exec_start(command))
        write_file(self.path, unit.encode("utf-8", "surrogateescape"))
        with explained("write", self.link):
            self.link.parent.mkdir(mode=0o700, exist_ok=True)
            self.link.unlink(missing_ok=True)
            self.link.symlink_to(self.path)
        _systemctl("daemon-reload")

    def switch_off(self) -> None:
        """Disables it. What runs goes on until the person logs out."""
        if read_file(self.path) is None:
            write_file(self.path, _UNIT.format(environment="", command="/bin/true").encode())
        remove_file(self.link)
        _systemctl("daemon-reload")

    def remove(self) -> None:
        """Ends the service and deletes its files, a mask of the person's among them."""
        if not (self.path.is_symlink() or self.path.exists() or self.link.is_symlink()):
            return
        # Not the one of another folder, when ours is not what systemd reads
        if _systemctl("show", "--property=FragmentPath", "--value", UNIT_NAME) == str(self.path):
            _systemctl("stop", UNIT_NAME)
        remove_file(self.link)
        remove_file(self.path)
        with contextlib.suppress(OSError):  # Others' links are in it, or it was never there
            self.link.parent.rmdir()
        _systemctl("daemon-reload")

    def _is_masked(self) -> bool:
        with explained("read", self.path):
            return self.path.is_symlink() and os.readlink(self.path) == _MASK  # noqa: PTH115  compared as it is written


def exec_start(command: Sequence[str]) -> str:
    """A unit's ``ExecStart`` for a list of arguments, the first of which is a program.

    Each one is quoted, with C's escapes in it, and the percent sign of specifiers doubled. So is the dollar sign of
    variables, which systemd looks for in all but the first. Raises `MonitorError` for a program that systemd does not
    take: one whose path is relative, or has quotes, backslashes or control characters in it.
    """
    program, *arguments = command
    if not program.startswith("/"):
        raise MonitorError(f"{program} cannot be started by systemd: it is not an absolute path")
    if any(sign in _REFUSED or sign < " " for sign in program):
        raise MonitorError(
            f"{program} cannot be started by systemd: its path has a quote, a backslash or a control character in it; "
            "move the program"
        )
    return " ".join([_quoted(program), *(_quoted(argument).replace("$", "$$") for argument in arguments)])


def _quoted(word: str) -> str:
    return f'"{word.translate(_QUOTED)}"'


def _systemctl(*words: str) -> str:
    """What the user's systemd answers; nothing where there is none."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        command = ["systemctl", "--user", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
        return done.stdout.strip() if done.returncode == 0 else ""
    return ""
