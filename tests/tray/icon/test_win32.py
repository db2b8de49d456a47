"""The Windows backend, against stand-ins of user32 and its like: each fault of pystray's that is mended, by name."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.tray.icon.foreign import Shown, handled, loaded
from tests.tray.icon.windows import LEFT_CLICK, RIGHT_CLICK, WM_NOTIFY, WM_TASKBARCREATED, System, in_ctypes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stand-ins are in the way of the real Windows")


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    windows = System()
    for name, value in in_ctypes(windows).items():
        monkeypatch.setattr(ctypes, name, value, raising=False)
    return windows


@pytest.fixture
def show(system: System) -> Iterator[Callable[[], Shown]]:  # noqa: ARG001  the backend imports it
    with loaded("_win32") as backend:
        yield lambda: Shown(backend)


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def click(shown: Shown, system: System, button: int = RIGHT_CLICK) -> None:
    """A click on the icon, and the end when it was handled."""

    def act() -> None:
        system.send(WM_NOTIFY, button)
        shown.icon.stop()

    shown.run_until(act)


def test_tooltip_fits_and_no_character_is_cut(show: Callable[[], Shown], system: System) -> None:
    shown = show()
    text = "3 h 12 m today · " + "🙂" * 100

    shown.icon.title = shown.icon.tooltip_text(text)
    shown.run()

    assert utf16_units(system.tray.tips[-1]) in (126, 127)
    assert system.tray.tips[-1].endswith("🙂…")


def test_notification_fits(show: Callable[[], Shown], system: System) -> None:
    shown = show()

    shown.run(lambda: shown.icon.notify("🙂" * 300, "t" * 100))

    title, body = system.tray.notifications[-1]
    assert utf16_units(title) == 63
    assert utf16_units(body) == 255


def test_menu_is_refreshed_before_it_pops_up(show: Callable[[], Shown], system: System) -> None:
    shown = show()
    shown.opening = lambda: shown.change("Today  5 h 00 m")
    seen: list[list[str]] = []
    system.while_open = seen.append

    click(shown, system)

    assert seen == [["Today  5 h 00 m"]]


def test_menu_pops_up_though_it_cannot_be_refreshed(
    show: Callable[[], Shown], system: System, caplog: pytest.LogCaptureFixture
) -> None:
    shown = show()

    def fail() -> None:
        raise ValueError("on purpose")

    shown.opening = fail
    seen: list[list[str]] = []
    system.while_open = seen.append

    click(shown, system)

    assert seen == [["Open report"]]
    assert [record.message for record in caplog.records] == ["a task of the tray icon failed"]


def test_open_menu_is_not_taken_away_by_an_update(
    show: Callable[[], Shown], system: System, caplog: pytest.LogCaptureFixture
) -> None:
    shown = show()
    seen: list[list[str]] = []

    changed: list[bool] = []

    def change() -> None:
        shown.change("Today  5 h 00 m")
        changed.append(True)

    def while_open(labels: list[str]) -> None:
        seen.append(labels)
        if not changed:
            shown.icon.post(change)
            while not changed:
                system.pump()
            system.send(WM_NOTIFY, RIGHT_CLICK)
            shown.icon.stop()

    system.while_open = while_open
    shown.run_until(lambda: system.send(WM_NOTIFY, RIGHT_CLICK))

    assert caplog.records == []
    assert seen == [["Open report"], ["Today  5 h 00 m"]]


def test_click_on_the_icon_while_its_menu_is_open_opens_no_other(show: Callable[[], Shown], system: System) -> None:
    shown = show()
    seen: list[list[str]] = []

    def while_open(labels: list[str]) -> None:
        seen.append(labels)
        if len(seen) == 1:
            system.send(WM_NOTIFY, RIGHT_CLICK)
            shown.icon.stop()
            while system.pump():
                pass

    system.while_open = while_open
    shown.run_until(lambda: system.send(WM_NOTIFY, RIGHT_CLICK))

    assert len(seen) == 1


def test_chosen_line_does_what_it_says(show: Callable[[], Shown], system: System) -> None:
    shown = show()
    done: list[str] = []
    shown.lines = {"Open report": lambda: done.append("report"), "Quit": lambda: done.append("quit")}
    shown.icon.update_menu()
    system.chosen = 2

    click(shown, system)

    assert done == ["quit"]


def test_tasks_of_other_threads_run_in_the_loop(show: Callable[[], Shown]) -> None:
    shown = show()
    threads: list[threading.Thread] = []

    shown.run(lambda: threads.append(threading.current_thread()))

    assert threads == [threading.main_thread()]


def test_picture_is_loaded_in_the_trays_own_size(show: Callable[[], Shown], system: System) -> None:
    system.small_icon = 20
    shown = show()

    shown.run()

    assert system.awareness == [2]
    assert set(map(str, system.loaded)) == {str(((20, 20), {(20, 20)}))}


@pytest.mark.parametrize("refusal", ["set already", "no such function"])
def test_resolution_that_something_else_took_care_of_is_no_error(
    show: Callable[[], Shown], system: System, refusal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.awareness = [1]
    if refusal == "no such function":

        def missing(_level: int) -> int:
            raise OSError("shcore is not there")

        monkeypatch.setattr(system, "SetProcessDpiAwareness", missing)
    system.small_icon = 32
    shown = show()

    shown.run()

    assert system.loaded[-1] == ((32, 32), {(32, 32)})


def test_ampersands_are_seen_in_the_menu(show: Callable[[], Shown], system: System) -> None:
    shown = show()
    seen: list[list[str]] = []
    system.while_open = seen.append
    shown.change("R&D  1 h 00 m")

    click(shown, system)

    assert seen == [["R&&D  1 h 00 m"]]


def test_icon_is_back_after_the_taskbar_was_restarted(show: Callable[[], Shown], system: System) -> None:
    shown = show()

    def act() -> None:
        system.send(WM_TASKBARCREATED)
        shown.icon.stop()

    shown.run_until(act)

    assert system.tray.adds == 2


def test_picture_changes_while_it_is_shown(show: Callable[[], Shown], system: System) -> None:
    shown = show()
    shown.run(lambda: shown.icon.draw(lambda size: Image.new("RGBA", (size, size), "blue")))

    assert len(system.loaded) >= 2
    assert not system.tray.there


def test_left_click_is_no_popup(show: Callable[[], Shown], system: System) -> None:
    shown = show()
    seen: list[list[str]] = []
    system.while_open = seen.append

    click(shown, system, LEFT_CLICK)

    assert seen == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_icon_while_nothing_else_happens(
    show: Callable[[], Shown], system: System, number: signal.Signals, caplog: pytest.LogCaptureFixture
) -> None:
    shown = show()

    def act() -> None:
        system.inbox.wait_until_somebody_waits()
        os.kill(os.getpid(), number)

    with handled(number, shown.icon.stop):
        shown.run_until(act)

    assert caplog.records == []  # such as of a loop that gave up waiting
    assert not system.tray.there
