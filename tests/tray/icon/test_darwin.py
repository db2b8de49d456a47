"""The macOS backend, against stand-ins of AppKit: each fault of pystray's that is mended, by name."""

from __future__ import annotations

import functools
import io
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.tray.icon.appkit import System
from tests.tray.icon.foreign import RED, Shown, handled, loaded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stand-ins are in the way of the real AppKit")


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    mac = System()
    for name, module in mac.modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return mac


@pytest.fixture
def shown(system: System) -> Iterator[Shown]:  # noqa: ARG001  the backend imports it
    with loaded("_darwin") as backend:
        found = Shown(backend)
        yield found
        # One that is garbage is hidden by pystray: in whatever thread happens to collect it.
        found.icon.visible = False


def fail() -> None:
    raise ValueError("on purpose")


def test_updates_from_other_threads_happen_in_the_main_thread(shown: Shown, system: System) -> None:
    shown.run(lambda: shown.change("Quit"), lambda: shown.icon.set_label("3h 12m"))

    assert shown.placed == [True]
    assert system.menu.titles() == ["Quit"]
    assert system.button["Title"] == "3h 12m"


def test_picture_has_two_pixels_a_point(shown: Shown, system: System) -> None:
    shown.run()

    with Image.open(io.BytesIO(system.button["Image"].data)) as picture:
        assert picture.size == (36, 36)
    assert system.button["Image"]["Size"] == (18, 18)


def test_picture_keeps_its_colours_in_a_light_and_in_a_dark_bar(shown: Shown, system: System) -> None:
    shown.run()

    assert system.button["Image"]["Template"] is False
    with Image.open(io.BytesIO(system.button["Image"].data)) as picture:
        assert picture.getpixel((18, 18)) == RED


def test_picture_changes_while_it_is_shown(shown: Shown, system: System) -> None:
    shown.run(lambda: shown.icon.draw(lambda size: Image.new("RGBA", (size, size), "blue")))

    with Image.open(io.BytesIO(system.button["Image"].data)) as picture:
        assert picture.getpixel((18, 18)) == (0, 0, 255, 255)


def test_time_stands_beside_the_icon(shown: Shown, system: System) -> None:
    shown.icon.set_label("3h 12m")
    assert (system.button["Title"], system.button["ImagePosition"]) == ("3h 12m", "NSImageLeft")

    shown.icon.set_label("")
    assert (system.button["Title"], system.button["ImagePosition"]) == ("", "NSImageOnly")


def test_there_is_no_icon_in_the_dock(shown: Shown, system: System) -> None:
    shown.run()

    assert system.application["ActivationPolicy"] == "NSApplicationActivationPolicyAccessory"


def test_notification_without_a_title_has_one(shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = tmp_path / "said"
    program = tmp_path / "osascript"
    program.write_text(f'#!/bin/sh\nprintf %s "$2" > {said}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    shown.icon.notify("Claude waits for you")

    assert said.read_text() == 'display notification "Claude waits for you" with title "Claude Monitor"'


def test_menu_is_refreshed_when_it_opens(shown: Shown, system: System) -> None:
    shown.opening = lambda: shown.change("Today  5 h 00 m")

    assert system.menu.open() == ["Today  5 h 00 m"]


def test_open_menu_changes_before_ones_eyes(shown: Shown, system: System) -> None:
    opened = system.menu
    assert opened.open() == ["Open report"]

    shown.change("Today  5 h 00 m", "Quit")

    assert opened.titles() == ["Today  5 h 00 m", "Quit"]
    assert system.menu is opened


def test_click_does_what_its_line_says_after_the_menu_has_changed(shown: Shown, system: System) -> None:
    clicked: list[str] = []
    shown.lines = {word: functools.partial(clicked.append, word) for word in ("one", "two", "three")}
    shown.icon.update_menu()

    system.menu.click("two")

    assert clicked == ["two"]


@pytest.mark.parametrize("what", ["click", "opening"])
def test_error_in_a_callback_is_logged_and_ends_nothing(
    shown: Shown, system: System, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    shown.lines, shown.opening = {"boom": fail}, fail
    shown.icon.update_menu()

    def act() -> None:
        system.call_after(lambda: system.menu.click("boom") if what == "click" else system.menu.open())
        system.call_after(lambda: shown.icon.set_label("still there"))
        system.call_after(shown.icon.stop)

    shown.run_until(act)

    assert system.button["Title"] == "still there"
    assert [record.message for record in caplog.records] == ["a task of the tray icon failed"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_icon_while_nothing_else_happens(
    shown: Shown, system: System, number: signal.Signals, caplog: pytest.LogCaptureFixture
) -> None:
    def act() -> None:
        system.inbox.wait_until_somebody_waits()
        os.kill(os.getpid(), number)

    with handled(number, shown.icon.stop):
        shown.run_until(act)

    assert caplog.records == []  # such as of a loop that gave up waiting
    assert system.bar.items == []
