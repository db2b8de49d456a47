"""A desktop for tests: a virtual screen, a private session bus, a window manager and, as a rule, a real panel."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: Programs that every virtual desktop needs, and the Debian packages they are in.
COMMON_PACKAGES = {"Xvfb": "xvfb", "dbus-daemon": "dbus", "import": "imagemagick", "xdotool": "xdotool"}
PATIENCE_S = 15.0
SCREEN = (1000, 620)
PANEL_HEIGHT = 28
#: A point with nothing on it.
BESIDE = (SCREEN[0] // 4, SCREEN[1] - 20)

_SYSTEM_PYTHON = "/usr/bin/python3"
_PROBE = Path(__file__).with_name("probe.py")
_WATCHER = "org.kde.StatusNotifierWatcher"
_PANEL_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{dark}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="28"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/><value type="int" value="2"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
    </property>
    <property name="plugin-2" type="string" value="systray"/>
  </property>
</channel>
"""


def until(condition: Callable[[], Any], what: str) -> Any:
    """The first true value of ``condition``. Fails with ``what`` when there is none in time."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    pytest.fail(f"within {PATIENCE_S:g} s: {what}")


class Desktop:
    """What runs on one virtual screen. Everything it starts, `close` ends, by its pid."""

    name = "xfce4-panel"
    #: Programs that it needs, and the Debian packages they are in.
    packages: Mapping[str, str] = {**COMMON_PACKAGES, "openbox": "openbox", "xfce4-panel": "xfce4-panel"}
    #: Of its screen, in pixels.
    size = SCREEN
    #: The middle of the rightmost icon.
    icon_at = (SCREEN[0] - PANEL_HEIGHT // 2, PANEL_HEIGHT // 2)

    def __init__(self, home: Path) -> None:
        self.home = home
        self._started: list[subprocess.Popen[bytes]] = []
        self.panel: subprocess.Popen[bytes]
        folders = {name: home / name.lower() for name in ("CONFIG", "CACHE", "DATA", "STATE", "RUNTIME")}
        for folder in folders.values():
            folder.mkdir(parents=True)
        folders["RUNTIME"].chmod(0o700)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "CI") if name in os.environ}
        self.environment = {
            **kept,
            **{f"XDG_{name}_{'DIR' if name == 'RUNTIME' else 'HOME'}": str(path) for name, path in folders.items()},
            "HOME": str(home),
            "CLAUDE_MONITOR_HOME": str(home / "monitor"),
            "XDG_CURRENT_DESKTOP": "XFCE",
            "GDK_BACKEND": "x11",
            "GSETTINGS_BACKEND": "memory",
            "GIO_USE_VFS": "local",
            "NO_AT_BRIDGE": "1",
        }

    @classmethod
    def missing_packages(cls) -> list[str]:
        """The Debian packages that this machine lacks."""
        missing = [package for program, package in cls.packages.items() if not shutil.which(program)]
        probing = [_SYSTEM_PYTHON, "-c", "import gi"]
        if not Path(_SYSTEM_PYTHON).exists() or subprocess.run(probing, capture_output=True, check=False).returncode:
            missing.append("python3-gi")
        return missing

    def start(self) -> None:
        """Screen, bus and window manager."""
        self.start_screen()
        self.start_bus()
        self._start(["openbox"])

    def start_screen(self) -> None:
        """An X display of its own, with nothing on it."""
        width, height = self.size
        screen = ["Xvfb", "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset", "-displayfd"]
        self.environment["DISPLAY"] = f":{self._start_and_read(screen)}"
        self.screen = self._started[-1]

    def start_bus(self) -> None:
        """A session bus, always at the same address."""
        address = f"--address=unix:path={self.home / 'session-bus'}"
        bus = ["dbus-daemon", self.bus_configuration(), "--nofork", "--nopidfile", address, "--print-address"]
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self._start_and_read(bus, joined=True)
        self.bus = self._started[-1]

    def bus_configuration(self) -> str:
        """The option that tells the bus how it is configured."""
        return "--session"

    def kill_bus(self) -> None:
        """The bus is gone without a word when this returns."""
        self.bus.kill()
        self.bus.wait(PATIENCE_S)

    def start_panel(self, *, dark: bool = False, scale: int = 1) -> None:
        """A panel with a tray, which takes icons when this returns; ``scale`` is pixels a point."""
        settings = self.home / "config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(_PANEL_SETTINGS.format(dark=str(dark).lower()))
        self.environment["GDK_SCALE"] = str(scale)
        self.start_host("xfce4-panel", "--disable-wm-check")

    def start_host(self, *command: str) -> None:
        """The panel's process; it takes icons when this returns."""
        self.panel = self._start([*command])
        until(self._has_host, "no panel took the StatusNotifierWatcher's name")

    def stop_panel(self) -> None:
        """The panel's process is gone when this returns."""
        self.panel.terminate()
        self.panel.wait(PATIENCE_S)

    def kill_panel(self) -> None:
        """The panel's process is gone without a word when this returns."""
        self.panel.kill()
        self.panel.wait(PATIENCE_S)

    def start_program(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """A program on this desktop, with pipes for its output."""
        program = subprocess.Popen(
            command,
            env={**self.environment, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(program)  # type: ignore[arg-type]  # one list for all, and only their pids matter
        return program

    def probe(self, *arguments: str) -> Any:
        """What ``probe.py`` says; fails where it cannot do it."""
        done = self._run(_SYSTEM_PYTHON, str(_PROBE), *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def listen(self, count: int) -> Callable[[], list[tuple[str, Any]]]:
        """Listens to the item's signals from now on; call the result for the next ``count`` of them."""
        program = self.start_program(_SYSTEM_PYTHON, str(_PROBE), "signals", str(count))
        assert program.stdout is not None
        assert json.loads(program.stdout.readline()) == "listening"
        return lambda: json.loads(program.communicate(timeout=PATIENCE_S)[0])

    def items(self) -> list[str]:
        """The registered items; none where there is no watcher."""
        found = self.probe("items")
        return found if isinstance(found, list) else []

    def wait_for_items(self, count: int) -> None:
        """Returns when that many items are registered."""
        until(lambda: len(self.items()) == count, f"there are not {count} items")

    def screenshot(self, file: Path) -> Path:
        """The whole screen, as PNG."""
        done = self._run("import", "-silent", "-window", "root", str(file))
        assert done.returncode == 0, done.stderr
        return file

    def click_icon(self, button: int) -> None:
        """A real click on the rightmost icon of the panel."""
        self.move_mouse(*self.icon_at)
        self._xdotool("click", str(button))

    def open_menu(self) -> None:
        """The real click that opens the icon's menu on this desktop."""
        self.click_icon(3)

    def activate_icon(self) -> None:
        """The real click that means "do what the icon is for" on this desktop."""
        self.click_icon(1)

    def click_beside(self) -> None:
        """Closes a menu: a click where there is nothing."""
        self.move_mouse(*BESIDE)
        self._xdotool("click", "1")

    def double_click(self) -> None:
        """Of the left button, where the pointer is."""
        self._xdotool("click", "--repeat", "2", "--delay", "60", "1")

    def move_mouse(self, x: int, y: int) -> None:
        """Takes the pointer away from what it would otherwise hover over."""
        self._xdotool("mousemove", str(x), str(y))

    def press(self, key: str) -> None:
        """A key press, as xdotool names it."""
        self._xdotool("key", key)

    def close(self) -> None:
        """Ends everything, the last started first."""
        for program in reversed(self._started):
            if program.poll() is None:
                program.send_signal(signal.SIGTERM)
                try:
                    program.wait(PATIENCE_S)
                except subprocess.TimeoutExpired:
                    program.kill()
                    program.wait()
            for pipe in (program.stdin, program.stdout, program.stderr):
                if pipe:
                    pipe.close()

    def _has_host(self) -> bool:
        question = f"string:{_WATCHER} string:IsStatusNotifierHostRegistered"
        command = f"dbus-send --session --print-reply --dest={_WATCHER} /StatusNotifierWatcher"
        reply = self._run(*command.split(), "org.freedesktop.DBus.Properties.Get", *question.split())
        return "boolean true" in reply.stdout

    def _xdotool(self, *arguments: str) -> None:
        done = self._run("xdotool", *arguments)
        assert done.returncode == 0, done.stderr

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )

    def _start(self, command: list[str], keep: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        log = (self.home / f"{command[0]}.log").open("ab")
        with log:
            program = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, pass_fds=keep)
        self._started.append(program)
        return program

    def _start_and_read(self, command: list[str], *, joined: bool = False) -> str:
        """Starts what writes one line to a file descriptor when it is ready; the descriptor is its last argument."""
        readable, writable = os.pipe()
        with os.fdopen(readable) as ready:
            try:
                last = [*command[:-1], f"{command[-1]}={writable}"] if joined else [*command, str(writable)]
                self._start(last, keep=(writable,))
            finally:
                os.close(writable)
            line = ready.readline().strip()
        assert line, f"{command[0]} did not start: {(self.home / f'{command[0]}.log').read_text()}"
        return line


@contextlib.contextmanager
def running_desktop(home: Path, kind: type[Desktop] = Desktop) -> Iterator[Desktop]:
    """A screen, a session bus and a window manager; `Desktop.start_panel` is the next thing to do, as a rule.

    Skips, and says which packages are missing, where this machine has none of it. In CI that is a failure.
    """
    missing = kind.missing_packages()
    if missing:
        reason = f"no virtual desktop here; apt-get install --no-install-recommends {' '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    desktop = kind(home)
    try:
        desktop.start()
        yield desktop
    finally:
        desktop.close()
