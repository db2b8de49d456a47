"""The load of ``bench_soak.py``: hooks, a panel that opens the menu, and reports, on a tray of a `Desktop`."""

from __future__ import annotations

import contextlib
import mmap
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec
from jeepney import DBusAddress

from monitor_core.paths import Paths
from monitor_core.wire import OK, Command, encode
from monitor_tray.clock import now_ms
from monitor_tray.icon._bus import Bus
from tests.bench.another_clock.sitecustomize import FORM
from tests.bench.processes import connected, memory_mb
from tests.system.panel import until

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Sequence

    from tests.system.panel import Desktop

#: Lines of one connection, as a replay sends them; and hooks at the same time, each with a connection of its own.
TOGETHER, HOOKS = 60, 20
#: Today's over the pipe, as a second start of the tray asks for it; the others by their entry of the menu.
REPORTS = ("", "This week", "This month", "This year")
PATIENCE_S = 30.0
_ANOTHER_CLOCK = Path(__file__).with_name("another_clock")
_PROPERTIES = "org.freedesktop.DBus.Properties"


class _Time(msgspec.Struct):
    t: int


_time_of = msgspec.json.Decoder(_Time).decode


class Sample(NamedTuple):
    """What the system says of the process; memory in MB of a million bytes.

    ``private_mb`` is what it has written; what it has only read, it shares with whoever runs Python at the moment.
    ``maker_mb`` is the memory of the process that makes pages, which comes and goes; 0 where there is none.
    """

    rss_mb: float
    private_mb: float
    threads: int
    open_files: int
    maker_mb: float


class Load:
    """A tray on ``desktop`` whose time is that of the events which it gets."""

    def __init__(self, desktop: Desktop, before: Path) -> None:
        """``before`` are lines that happened before the tray starts."""
        home = desktop.home / "monitor"
        home.mkdir(mode=0o700)
        self._paths = Paths(home)
        self._opened = desktop.home / "opened"
        self._opened.touch()
        self._reports = 0
        self._clock_file = desktop.home / "clock"
        self._clock_file.write_bytes(FORM.pack(now_ms() * 1_000_000))
        with self._clock_file.open("r+b") as file:
            self._clock = mmap.mmap(file.fileno(), FORM.size)
        browser = desktop.home / "browser"
        browser.write_text(f'#!/bin/sh\necho "$1" >> {self._opened}\n')
        browser.chmod(0o755)
        self._environment = {"BROWSER": f"{browser} %s", "CLAUDE_MONITOR_HOME": str(home)}
        self._desktop = desktop
        subprocess.run(
            [sys.executable, "-m", "monitor_tray", "replay", str(before)],
            env={**desktop.environment, **self._environment},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with before.open("rb") as lines:
            *_, last = lines
        self._set_clock(last)

    def __enter__(self) -> Self:
        """Starts the tray; its icon is in the panel when this returns."""
        tray = [sys.executable, "-m", "monitor_tray", "tray"]
        clock = {"PYTHONPATH": str(_ANOTHER_CLOCK), "ANOTHER_CLOCK": str(self._clock_file)}
        log = self._desktop.home / "tray.err"
        with log.open("wb") as errors:
            self._tray = subprocess.Popen(
                tray, env={**self._desktop.environment, **self._environment, **clock}, stdout=errors, stderr=errors
            )
        self._desktop.wait_for_items(1)
        bus = self._desktop.environment["DBUS_SESSION_BUS_ADDRESS"]
        self._bus = Bus(bus, lambda _: None, lambda _: None, lambda: None)
        self._menu = DBusAddress("/StatusNotifierItem/Menu", self._item(), "com.canonical.dbusmenu")
        return self

    def __exit__(self, *_: object) -> None:
        self._bus.close()
        self._tray.terminate()
        self._tray.wait(PATIENCE_S)

    @property
    def database(self) -> Path:
        return self._paths.database

    def step(self, lines: Sequence[bytes], openings: int, reports: int) -> None:
        """All of it at the same time; returns when it is done and answered."""
        with ThreadPoolExecutor(3) as together:
            doing: list[Future[None]] = [
                together.submit(self._feed, lines),
                together.submit(_times, openings, self._open_menu),
                together.submit(_times, reports, self._report),
            ]
        for each in doing:
            each.result()

    def sample(self) -> Sample:
        """The tray as it is now."""
        process, memory = Path(f"/proc/{self._tray.pid}"), memory_mb(self._tray.pid)
        return Sample(
            memory["Rss"],
            memory["Private_Dirty"],
            sum(1 for _ in (process / "task").iterdir()),
            sum(1 for _ in (process / "fd").iterdir()),
            sum(memory_mb(int(child))["Rss"] for child in _children(process)),
        )

    # -- events --

    def _feed(self, lines: Sequence[bytes]) -> None:
        while lines:
            some, lines = lines[: TOGETHER + HOOKS], lines[TOGETHER + HOOKS :]
            self._set_clock(some[-1])
            each = [some[:TOGETHER], *([line] for line in some[TOGETHER:])]
            with contextlib.ExitStack() as clients:
                connections = [clients.enter_context(self._connection()) for _ in each]
                for connection, sent in zip(connections, each, strict=True):
                    connection.sendall(b"".join(sent))
                for connection, sent in zip(connections, each, strict=True):
                    _expect(connection, OK * len(sent))

    def _connection(self) -> socket.socket:
        return connected(self._paths.home, PATIENCE_S)

    def _set_clock(self, line: bytes) -> None:
        # Not pack_into, which writes zeros first: the tray would take it for a clock that was set back.
        self._clock[: FORM.size] = FORM.pack(_time_of(line).t * 1_000_000)

    # -- the menu --

    def _item(self) -> str:
        watcher = DBusAddress("/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher", _PROPERTIES)
        asked = ("org.kde.StatusNotifierWatcher", "RegisteredStatusNotifierItems")
        _, (item,) = self._bus.call(watcher, "Get", "ss", asked)[0]
        return str(item).partition("/")[0].partition("@")[0]

    def _open_menu(self) -> list[tuple[int, dict[str, Any], list[Any]]]:
        """As a panel does; the entries."""
        self._bus.call(self._menu, "AboutToShow", "i", (0,))
        _, (_, _, entries) = self._bus.call(self._menu, "GetLayout", "iias", (0, -1, []))
        return [entry for _, entry in entries]

    # -- reports --

    def _report(self) -> None:
        entry = REPORTS[self._reports % len(REPORTS)]
        self._reports += 1
        if entry:
            number = next(n for n, properties, _ in self._open_menu() if properties.get("label") == ("s", entry))
            self._bus.call(self._menu, "Event", "isvu", (number, "clicked", ("s", ""), 0))
        else:
            with self._connection() as connection:
                connection.sendall(encode(Command("open-report")))
                _expect(connection, OK)
        until(lambda: self.pages() >= self._reports, f"the report {entry or 'of today'} was not opened")

    def pages(self) -> int:
        """How many pages the browser was asked to open."""
        return self._opened.read_bytes().count(b"\n")


def _children(process: Path) -> list[str]:
    return [child for task in (process / "task").iterdir() for child in (task / "children").read_text().split()]


def _times(count: int, do: Callable[[], object]) -> None:
    for _ in range(count):
        do()


def _expect(connection: socket.socket, answer: bytes) -> None:
    received = b""
    while len(received) < len(answer):
        data = connection.recv(65_536)
        if not data:
            raise SystemExit(f"the tray hung up after {received[-200:]!r}")
        received += data
    if received != answer:
        raise SystemExit(f"the tray answered {received[-200:]!r}")


def steps(file: Path, count: int) -> Iterator[list[bytes]]:
    """The lines of ``file`` in ``count`` parts of about the same size."""
    with file.open("rb") as lines:
        total = sum(1 for _ in lines)
        lines.seek(0)
        for k in range(count):
            yield [next(lines) for _ in range(total * (k + 1) // count - total * k // count)]


def settle() -> None:
    """Until what goes on by itself after events is done, as a rule: books, checkpoint, icon."""
    time.sleep(3.0)
