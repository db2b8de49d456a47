from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if sys.platform != "linux":
    pytest.skip("this system has no session bus", allow_module_level=True)

from monitor_tray.icon._bus import MESSAGE_BUS, Bus, BusError, session_bus_address

if TYPE_CHECKING:
    from collections.abc import Iterator


PATIENCE_S = 15.0


class Daemon:
    """A private bus, and one connection with it."""

    def __init__(self, socket: Path) -> None:
        address = f"--address=unix:path={socket}"
        self.process = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", address, "--print-address=1"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.lost: list[str] = []
        self.is_lost = threading.Event()
        self.bus = Bus(self.address, lambda _: None, lambda _: None, self._on_lost)

    def _on_lost(self) -> None:
        self.lost.append("lost")
        self.is_lost.set()

    def stand_still(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def close(self) -> None:
        self.bus.close()
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    if not shutil.which("dbus-daemon"):
        reason = "no private bus here; apt-get install dbus"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    running = Daemon(tmp_path / "bus")
    yield running
    running.close()


def test_loss_of_the_bus_is_told_once_and_ends_every_call_that_waits(daemon: Daemon) -> None:
    daemon.stand_still()
    waiting = [daemon.bus.call_later(MESSAGE_BUS, "GetId") for _ in range(3)]

    daemon.process.kill()

    for future in waiting:
        assert isinstance(future.exception(PATIENCE_S), BusError)
    assert daemon.is_lost.wait(PATIENCE_S)
    assert isinstance(daemon.bus.call_later(MESSAGE_BUS, "GetId").exception(PATIENCE_S), BusError)
    daemon.bus.emit("/", "org.example.Interface", "Nothing")
    assert daemon.lost == ["lost"]


def test_bus_that_takes_nothing_any_more_is_given_up(daemon: Daemon) -> None:
    daemon.stand_still()

    while not daemon.is_lost.is_set():
        daemon.bus.emit("/", "org.example.Interface", "Much", "s", ("x" * 100_000,))

    assert daemon.lost == ["lost"]


def test_close_is_no_loss_and_leaves_nothing_open(daemon: Daemon) -> None:
    def is_there() -> None:
        Bus(daemon.address, lambda _: None, lambda _: None, lambda: lost.append("lost")).close()

    lost: list[str] = []
    before = (sorted(Path("/proc/self/fd").iterdir()), threading.active_count())
    for _ in range(3):
        is_there()

    assert (sorted(Path("/proc/self/fd").iterdir()), threading.active_count()) == before
    assert lost == []


def test_bus_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    address = f"unix:path={tmp_path / 'nothing'}"

    with pytest.raises(BusError, match=f"the session bus {address} does not answer"):
        Bus(address, lambda _: None, lambda _: None, lambda: None)


def test_variable_goes_before_the_socket_in_the_runtime_folder(tmp_path: Path) -> None:
    environment = {"XDG_RUNTIME_DIR": str(tmp_path)}
    with pytest.raises(BusError, match="there is no socket"):
        session_bus_address(environment)
    (tmp_path / "bus").touch()

    assert session_bus_address(environment) == f"unix:path={tmp_path}/bus"
    assert session_bus_address({**environment, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"}) == "unix:path=/x"
