"""Login entry of Windows: a value of the user's Run key, and the one by which Task Manager switches it off."""

from __future__ import annotations

import contextlib
import importlib
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor_core.errors import MonitorError
from monitor_tray.install.login_entry import State

if TYPE_CHECKING:
    from collections.abc import Sequence

VALUE_NAME = "ClaudeMonitor"
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED_KEY = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"

#: Longer command lines are not started: https://learn.microsoft.com/windows/win32/setupapi/run-and-runonce-registry-keys
MAX_COMMAND_LENGTH = 260

_DISABLED = bytes([3, *[0] * 11])  # Task Manager writes the time of switching off behind it


@dataclass(frozen=True, slots=True)
class RunKey:
    """The value ``ClaudeMonitor`` of the current user."""

    def state(self) -> State:
        """Switched off is an odd first byte in the value of the same name that Task Manager keeps."""
        if self._value(RUN_KEY) is None:
            return State.ABSENT
        approved = self._value(APPROVED_KEY)
        return State.SWITCHED_OFF if isinstance(approved, bytes) and approved[:1] and approved[0] & 1 else State.ON

    def switch_on(self, command: Sequence[str]) -> None:
        """Writes the value and lets it start."""
        line = subprocess.list2cmdline(command)
        if len(line) > MAX_COMMAND_LENGTH:
            raise MonitorError(
                f"{line} cannot be started at login: it is longer than {MAX_COMMAND_LENGTH} characters; "
                "install Claude Monitor in a folder with a shorter path"
            )
        winreg = _winreg()
        self._set(RUN_KEY, winreg.REG_SZ, line)
        self._delete(APPROVED_KEY)

    def switch_off(self) -> None:
        """Does what Task Manager does."""
        winreg = _winreg()
        if self._value(RUN_KEY) is None:
            self._set(RUN_KEY, winreg.REG_SZ, "")
        self._set(APPROVED_KEY, winreg.REG_BINARY, _DISABLED)

    def remove(self) -> None:
        """Deletes both values."""
        self._delete(RUN_KEY)
        self._delete(APPROVED_KEY)

    def _value(self, key: str) -> object:
        winreg = _winreg()
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as handle:
                value: object = winreg.QueryValueEx(handle, VALUE_NAME)[0]
                return value
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _fault("read", key, error) from error

    def _set(self, key: str, kind: int, value: str | bytes) -> None:
        winreg = _winreg()
        try:
            with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE) as handle:
                winreg.SetValueEx(handle, VALUE_NAME, 0, kind, value)
        except OSError as error:
            raise _fault("write", key, error) from error

    def _delete(self, key: str) -> None:
        winreg = _winreg()
        try:
            with (
                contextlib.suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE) as handle,
            ):
                winreg.DeleteValue(handle, VALUE_NAME)
        except OSError as error:
            raise _fault("remove", key, error) from error


def _winreg() -> Any:
    """The module that only Windows has; untyped, so that the rest of this file is checked everywhere."""
    return importlib.import_module("winreg")


def _fault(what: str, key: str, error: OSError) -> MonitorError:
    return MonitorError(f"cannot {what} the login entry HKCU\\{key}\\{VALUE_NAME}: {error.strerror}; check its rights")
