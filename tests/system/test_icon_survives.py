"""What goes away on a desktop and comes back: the panel, the session bus, and either in the middle of something."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.system.icon_process import HOUR_MS, NO_PANEL, READY, IconProgram, green_pixels, labels
from tests.system.panel import PATIENCE_S, running_desktop, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.panel import Desktop

GONE = "lost no tray icon: the session bus went away"
NO_BUS = "lost no tray icon: there is no session bus ("
OLD_PANEL_GONE = "lost no tray icon: the panel went away"


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    with running_desktop(tmp_path / "desktop") as running:
        yield running


@pytest.fixture
def program(desktop: Desktop) -> IconProgram:
    """With an icon in a panel."""
    desktop.start_panel()
    started = IconProgram(desktop)
    started.expect(READY)
    desktop.wait_for_items(1)
    return started


def kill_bus_and_panel(desktop: Desktop) -> None:
    desktop.kill_bus()
    desktop.kill_panel()


def see_icon(desktop: Desktop) -> None:
    until(lambda: green_pixels(desktop, desktop.home / "there.png") > 20, "the icon is not on the panel")


def test_icon_is_back_in_the_restarted_panel_after_the_bus_went_away(desktop: Desktop, program: IconProgram) -> None:
    program.show(HOUR_MS, api=HOUR_MS)
    kill_bus_and_panel(desktop)
    program.expect(GONE)
    program.show(2 * HOUR_MS, api=HOUR_MS, web=HOUR_MS)

    desktop.start_bus()
    program.expect(NO_PANEL)
    desktop.start_panel()

    program.expect(READY)
    desktop.wait_for_items(1)
    shown = desktop.probe("show")
    assert shown["tooltip"][0].startswith("2 h 00 m today")  # read before the menu, which is refreshed on opening
    assert labels(shown)[:5] == [
        "Today  2 h 00 m",
        "Claude is working",
        "---",
        "api  1 h 00 m",
        "web  1 h 00 m",
    ]
    see_icon(desktop)
    desktop.click_icon(1)
    program.expect("report")


def test_bus_that_goes_again_and_again_leaves_nothing_open(desktop: Desktop) -> None:
    program = IconProgram(desktop)
    program.expect(NO_PANEL)
    opened = []
    for _ in range(3):
        desktop.kill_bus()
        program.expect(GONE)
        desktop.start_bus()
        program.expect(NO_PANEL)
        opened.append(len(list(Path(f"/proc/{program.process.pid}/fd").iterdir())))

    assert opened[0] == opened[2]
    desktop.start_panel()
    desktop.wait_for_items(1)


def test_icon_started_before_the_bus_appears_with_it(desktop: Desktop) -> None:
    desktop.kill_bus()
    program = IconProgram(desktop, DISPLAY="")
    assert program.heard().startswith(NO_BUS)
    program.show(HOUR_MS)

    desktop.start_bus()
    program.expect(NO_PANEL)
    desktop.start_panel()

    program.expect(READY)
    desktop.wait_for_items(1)
    assert desktop.probe("show")["tooltip"][0].startswith("1 h 00 m today")


def test_program_ends_at_once_while_it_waits_for_the_bus(desktop: Desktop) -> None:
    program = IconProgram(desktop)
    program.expect(NO_PANEL)
    desktop.kill_bus()
    program.expect(GONE)

    program.process.terminate()

    assert program.ended_well()


def test_panel_that_dies_in_the_middle_of_a_click_gets_the_icon_when_it_is_back(
    desktop: Desktop, program: IconProgram
) -> None:
    program.show(4 * HOUR_MS)
    see_icon(desktop)
    program.tell("hold")
    desktop.click_icon(1)
    program.expect("report")
    desktop.kill_panel()
    program.show(5 * HOUR_MS)
    program.begin("release")
    program.expect("read", NO_PANEL)

    desktop.start_panel()

    program.expect(READY)
    desktop.wait_for_items(1)
    assert labels(desktop.probe("show"))[0] == "Today  5 h 00 m"
    see_icon(desktop)
    desktop.click_icon(1)
    program.expect("report")
    program.process.terminate()
    assert program.ended_well()


def test_panel_that_dies_with_the_menu_open_gets_the_icon_when_it_is_back(
    desktop: Desktop, program: IconProgram, tmp_path: Path
) -> None:
    def below_the_panel() -> bytes:
        with Image.open(desktop.screenshot(tmp_path / "screen.png")) as screen:
            return screen.convert("L").crop((0, 40, screen.width, screen.height)).tobytes()

    program.show(4 * HOUR_MS, api=4 * HOUR_MS)
    see_icon(desktop)
    closed = below_the_panel()
    desktop.click_icon(3)
    until(lambda: below_the_panel() != closed, "the menu did not open")
    desktop.kill_panel()
    program.expect(NO_PANEL)
    program.show(5 * HOUR_MS, api=4 * HOUR_MS, web=HOUR_MS)

    desktop.start_panel()

    program.expect(READY)
    desktop.wait_for_items(1)
    until(lambda: below_the_panel() == closed, "the dead panel's menu is still there")
    desktop.click_icon(3)
    until(lambda: below_the_panel() != closed, "the menu did not open again")
    assert "web  1 h 00 m" in labels(desktop.probe("show"))
    program.process.terminate()
    assert program.ended_well()


@pytest.mark.parametrize("dies", ["panel", "bus"])
def test_eight_threads_in_a_hurry_while_something_dies_end_with_the_last_glance(
    desktop: Desktop, program: IconProgram, dies: str
) -> None:
    program.show(3 * HOUR_MS, api=HOUR_MS)
    program.begin("hurry 20000")

    if dies == "panel":
        desktop.kill_panel()
        program.expect("read", NO_PANEL)
    else:
        kill_bus_and_panel(desktop)
        program.expect("read", GONE)
        desktop.start_bus()
        program.expect(NO_PANEL)
    desktop.start_panel()

    program.expect(READY)
    desktop.wait_for_items(1)
    shown: dict[str, Any] = desktop.probe("show")
    assert shown["tooltip"][0] == "3 h 00 m today · Claude is working"
    assert [label for label in labels(shown) if label.endswith("  1 h 00 m")] == ["api  1 h 00 m"]
    program.process.terminate()
    assert program.ended_well()


def test_panel_that_stands_still_shows_the_last_glance_when_it_goes_on(desktop: Desktop, program: IconProgram) -> None:
    program.show(3 * HOUR_MS)
    desktop.panel.send_signal(signal.SIGSTOP)
    program.tell("hurry 2000")
    program.show(4 * HOUR_MS)

    desktop.panel.send_signal(signal.SIGCONT)

    see_icon(desktop)
    assert labels(desktop.probe("show"))[0] == "Today  4 h 00 m"


def test_bus_that_stands_still_does_not_keep_the_program_from_ending(desktop: Desktop, program: IconProgram) -> None:
    desktop.bus.send_signal(signal.SIGSTOP)
    program.tell("hurry 2000")

    program.process.terminate()

    assert program.process.wait(PATIENCE_S) == 0
    desktop.bus.send_signal(signal.SIGCONT)


def test_old_tray_that_dies_gets_the_icon_when_it_is_back(desktop: Desktop) -> None:
    desktop.start_panel()
    program = IconProgram(desktop, DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent/bus")
    program.expect("ready xorg")
    program.show(4 * HOUR_MS)
    see_icon(desktop)
    desktop.kill_panel()
    program.expect(OLD_PANEL_GONE)

    desktop.start_panel()

    program.expect("ready xorg")
    see_icon(desktop)
    desktop.click_icon(1)
    program.expect("report")
    program.process.terminate()
    assert program.ended_well()


def test_display_that_goes_away_is_told_and_the_program_goes_on(desktop: Desktop) -> None:
    desktop.start_panel()
    program = IconProgram(desktop, DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent/bus")
    program.expect("ready xorg")

    desktop.screen.kill()

    assert program.heard() in {OLD_PANEL_GONE, "lost no tray icon: the display went away"}
    program.tell("hurry 50")
    program.process.terminate()
    assert program.ended_well()


def test_tray_says_once_that_the_icon_is_gone_and_records_until_it_is_back(desktop: Desktop) -> None:
    desktop.start_panel()
    command = (sys.executable, "-m", "monitor_tray")
    desktop.start_program(*command, "tray")
    desktop.wait_for_items(1)

    def status() -> Any:
        said, _ = desktop.start_program(*command, "status", "--json").communicate(timeout=PATIENCE_S)
        return json.loads(said)["tray"]

    assert status()["tray"] == "sni"
    kill_bus_and_panel(desktop)
    until(lambda: status()["tray"] == GONE.removeprefix("lost "), "the status does not tell that the bus is gone")
    lines = Path(__file__).parents[2] / "docs/example.jsonl"
    desktop.start_program(*command, "replay", str(lines)).communicate(timeout=PATIENCE_S)
    assert status()["events"]["stored"] == len(lines.read_text().splitlines())

    desktop.start_bus()
    until(lambda: status()["tray"] == NO_PANEL.removeprefix("lost "), "the status does not tell that the panel is gone")
    desktop.start_panel()

    until(lambda: status()["tray"] == "sni", "the status does not tell that the icon is back")
    log = Path(desktop.environment["CLAUDE_MONITOR_HOME"], "logs/tray.log").read_text()
    for said in (GONE, NO_PANEL):
        assert log.count(f"{said.removeprefix('lost ')}; recording goes on without it") == 1
    assert log.count("recording goes on without it") == 2
    assert log.count("running with the icon of sni") == 2
    assert "Traceback" not in log


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("scale", [1, 2])
def test_icon_stands_out_on_light_and_dark_panels_and_is_as_large_as_the_display_wants(
    desktop: Desktop, tmp_path: Path, dark: bool, scale: int
) -> None:
    desktop.start_panel(dark=dark, scale=scale)
    program = IconProgram(desktop)
    program.expect(READY)
    program.show(8 * HOUR_MS)

    until(lambda: green_pixels(desktop, tmp_path / "icon.png", scale) > 20 * scale**2, "the icon is not on the panel")

    with Image.open(tmp_path / "icon.png") as screen:
        ground = screen.convert("L").getpixel((screen.width // 2, 5))
    assert isinstance(ground, int)
    assert (ground < 100) is dark
