"""A session bus of its own, and a notification service on it that keeps what it is asked."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.system.panel import PATIENCE_S

if TYPE_CHECKING or sys.platform == "linux":
    from jeepney import HeaderFields, new_error, new_method_return

    from monitor_tray.icon._bus import MESSAGE_BUS, Bus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jeepney import Message

SERVICE = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/bus</listen>
  <servicedir>{folder}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


class PrivateBus:
    """A bus that knows no services but those whose files are in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        configuration = folder / "bus.conf"
        configuration.write_text(_CONFIGURATION.format(folder=folder))
        self._process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()

    def offer(self, program: str) -> None:
        """From now on the bus starts ``program`` for who asks for the service."""
        (self._folder / f"{SERVICE}.service").write_text(f"[D-BUS Service]\nName={SERVICE}\nExec={program}\n")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Asked(NamedTuple):
    """One call of Notify, by the names of its arguments."""

    app_name: str
    replaces_id: int
    app_icon: str
    summary: str
    body: str
    actions: list[str]
    hints: dict[str, tuple[str, Any]]
    expire_timeout: int


class Service:
    """The service, on a connection of its own. Each notification gets the next number, from ``first`` on."""

    def __init__(self, address: str, *capabilities: str, first: int = 1) -> None:
        self._capabilities = list(capabilities)
        self._next = first
        self._news = threading.Condition()
        self._may_answer = threading.Event()
        self._may_answer.set()
        self.asked: list[Asked] = []
        self.closed: list[int] = []
        self._bus = Bus(address, self._answer, lambda _: None, lambda: None)
        self._bus.call(MESSAGE_BUS, "RequestName", "su", (SERVICE, 0))

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Returns when what came makes ``condition`` true."""
        with self._news:
            assert self._news.wait_for(condition, PATIENCE_S)

    def hold(self) -> None:
        """Lets every call wait until `release`."""
        self._may_answer.clear()

    def release(self) -> None:
        self._may_answer.set()

    def emit(self, name: str, signature: str, *arguments: Any) -> None:
        self._bus.emit(PATH, SERVICE, name, signature, arguments)

    def close(self) -> None:
        self._may_answer.set()
        self._bus.close()

    def _answer(self, call: Message) -> None:
        assert self._may_answer.wait(PATIENCE_S)
        method = call.header.fields[HeaderFields.member]
        if method == "GetCapabilities":
            self._bus.send(new_method_return(call, "as", (self._capabilities,)))
        elif method == "Notify":
            number = call.body[1] or self._next
            self._next = max(self._next, number + 1)
            self._bus.send(new_method_return(call, "u", (number,)))
            self._hear(lambda: self.asked.append(Asked(*call.body)))
        elif method == "CloseNotification":
            self._bus.send(new_method_return(call))
            self._hear(lambda: self.closed.append(call.body[0]))
        else:
            self._bus.send(new_error(call, "org.freedesktop.DBus.Error.UnknownMethod"))

    def _hear(self, keep: Callable[[], None]) -> None:
        with self._news:
            keep()
            self._news.notify_all()
