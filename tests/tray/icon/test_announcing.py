"""Notifications of `monitor_tray.notification` on Windows and macOS, which show them by pystray's means."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING

import pytest

from monitor_tray.actions import OpenDay, Pause
from monitor_tray.notification import Button, Kind, Notification
from tests.tray.icon import appkit, windows
from tests.tray.icon.foreign import Shown, loaded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitor_tray.actions import Action

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stand-ins are in the way of the real systems")

BUTTONS = (Button("Open report", OpenDay()), Button("Pause 15 min", Pause(900_000)))
BREAK = Notification(Kind.BREAK, "1 h 30 min without a break", "You have been at it since 10:00", BUTTONS)
GOAL = Notification(Kind.GOAL, 'Goal of 8 h "reached"', "8 h 00 m today\nand more", BUTTONS[:1])


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> windows.System:
    system = windows.System()
    for name, value in windows.in_ctypes(system).items():
        monkeypatch.setattr(ctypes, name, value, raising=False)
    return system


@pytest.fixture
def on_windows(system: windows.System) -> Iterator[Shown]:  # noqa: ARG001  the backend imports it
    with loaded("_win32") as backend:
        yield Shown(backend)


@pytest.fixture
def on_macos(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shown]:
    for name, module in appkit.System().modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    with loaded("_darwin") as backend:
        yield Shown(backend)


def test_windows_shows_it_and_a_click_on_it_does_what_the_first_button_does(
    on_windows: Shown, system: windows.System
) -> None:
    done: list[Action] = []

    def act() -> None:
        on_windows.icon.post(lambda: on_windows.icon.announce(BREAK, done.append))
        on_windows.icon.post(lambda: system.send(windows.WM_NOTIFY, windows.BALLOON_CLICK))
        on_windows.icon.post(on_windows.icon.stop)

    on_windows.run_until(act)

    assert system.tray.notifications == [(BREAK.title, BREAK.body)]
    assert done == [OpenDay()]


def test_windows_takes_back_what_it_shows_and_nothing_else(on_windows: Shown, system: windows.System) -> None:
    icon = on_windows.icon
    tasks = [lambda: icon.announce(BREAK, print), lambda: icon.announce(GOAL, print)]
    withdrawals = [lambda kind=kind: icon.withdraw(kind) for kind in (Kind.BREAK, Kind.GOAL, Kind.GOAL)]

    on_windows.run(*tasks, *withdrawals)

    assert system.tray.notifications == [(BREAK.title, BREAK.body), (GOAL.title, GOAL.body), ("", "")]


def test_macos_shows_it_with_its_quotes_and_lines(
    on_macos: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = tmp_path / "said"
    program = tmp_path / "osascript"
    program.write_text(f'#!/bin/sh\nprintf %s "$2" > {said}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    on_macos.icon.announce(GOAL, print)
    on_macos.icon.withdraw(Kind.GOAL)

    assert said.read_text() == (
        'display notification "8 h 00 m today\nand more" with title "Goal of 8 h \\"reached\\""'
    )
