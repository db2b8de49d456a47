from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from monitor_tray.glance import Glance, State
from monitor_tray.icon.drawing import Picture, draw
from tests.system.icon_process import HOUR_MS, MINUTE_MS, NO_PANEL, IconProgram, green_pixels, labels, numbers
from tests.system.panel import PATIENCE_S, running_desktop, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.panel import Desktop


def as_argb(image: Image.Image) -> bytes:
    data = image.tobytes()
    return bytes(data[pixel + part] for pixel in range(0, len(data), 4) for part in (3, 0, 1, 2))


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    with running_desktop(tmp_path / "desktop") as running:
        yield running


@pytest.fixture
def own_panel(desktop: Desktop) -> Desktop:
    """For tests that leave the desktop in another state than they found it."""
    desktop.start_panel()
    return desktop


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    with running_desktop(tmp_path_factory.mktemp("panel") / "desktop") as running:
        running.start_panel()
        yield running


@pytest.fixture
def program(panel: Desktop) -> Iterator[IconProgram]:
    started = IconProgram(panel)
    started.expect("ready sni")
    panel.wait_for_items(1)
    yield started
    started.process.terminate()
    started.process.wait(PATIENCE_S)
    panel.wait_for_items(0)


def test_icon_is_seen_on_the_panel_and_changes_when_the_state_does(
    panel: Desktop, program: IconProgram, tmp_path: Path
) -> None:
    assert green_pixels(panel, tmp_path / "idle.png") == 0

    program.show(4 * HOUR_MS, "working")

    until(lambda: green_pixels(panel, tmp_path / "working.png") > 20, "the working icon is not green")


def test_item_says_the_time_in_tooltip_label_and_menu(panel: Desktop, program: IconProgram) -> None:
    program.show(192 * MINUTE_MS, "working", api=100 * MINUTE_MS, web=92 * MINUTE_MS)

    shown = panel.probe("show")

    assert shown["Id"] == "claude-monitor"
    assert shown["Status"] == "Active"
    assert shown["tooltip"] == ["3 h 12 m today · Claude is working", ""]
    assert shown["XAyatanaLabel"] == "3h 12m"
    assert shown["pixmaps"] == [[size, size, 4 * size * size] for size in (16, 22, 24, 32, 44, 48, 64)]
    assert labels(shown) == [
        "Today  3 h 12 m",
        "Claude is working",
        "---",
        "api  1 h 40 m",
        "web  1 h 32 m",
        "---",
        "Goal  3 h 12 m of 8 h, 40 %",
        "---",
        "Open report",
        "This week",
        "This month",
        "This year",
        "Pause",
        "---",
        "Quit",
    ]


def test_item_registers_its_plain_well_known_name(panel: Desktop, program: IconProgram) -> None:
    registered = panel.items()[0]

    assert registered.split("/")[0] == f"org.kde.StatusNotifierItem-{program.process.pid}-1"
    assert panel.probe("show")["ItemIsMenu"] is False  # there is always a default entry, which a left click is


def test_picture_is_sent_as_argb_in_network_byte_order(panel: Desktop, program: IconProgram) -> None:
    program.show(4 * HOUR_MS)
    glance = Glance(4 * HOUR_MS, 8 * HOUR_MS, State.WORKING)

    for size in (16, 64):
        assert bytes.fromhex(panel.probe("pixmap", str(size))) == as_argb(draw(Picture.of(glance), size))


def test_update_of_the_same_shape_keeps_all_ids_and_names_only_what_changed(
    panel: Desktop, program: IconProgram
) -> None:
    program.show(HOUR_MS, api=HOUR_MS)
    before = panel.probe("show")
    next_signals = panel.listen(4)

    program.show(2 * HOUR_MS, api=2 * HOUR_MS)

    after = panel.probe("show")
    signals = dict(next_signals())
    assert numbers(after) == numbers(before)
    assert "LayoutUpdated" not in signals
    updated = signals["ItemsPropertiesUpdated"][0]
    assert [properties for _, properties in updated] == [
        {"label": "Today  2 h 00 m"},
        {"label": "api  2 h 00 m"},
        {"label": "Goal  2 h 00 m of 8 h, 25 %"},
    ]


def test_a_menu_within_the_menu_is_sent_with_its_entries_and_they_do_what_they_say(
    panel: Desktop, program: IconProgram
) -> None:
    program.show(HOUR_MS)

    pause = next(entry for entry in panel.probe("show")["menu"] if entry.get("label") == "Pause")
    assert pause["children-display"] == "submenu"
    assert [entry["label"] for entry in pause["entries"]] == ["15 minutes", "1 hour", "Until I resume"]
    panel.probe("click", "1 hour")
    program.expect(f"Pause(length_ms={HOUR_MS})")


def test_while_paused_resume_is_in_the_place_of_pause_without_a_new_layout(
    panel: Desktop, program: IconProgram
) -> None:
    program.show(HOUR_MS)
    before = panel.probe("show")
    program.tell(json.dumps({"total_ms": HOUR_MS, "state": "paused", "pause": "15:30"}))
    during = panel.probe("show")

    assert labels(during)[1] == "Paused until 15:30"
    assert numbers(during) == numbers(before)
    assert "Resume" in labels(during)
    assert "Pause" not in labels(during)
    panel.probe("click", "Resume")
    program.expect("Resume()")


def test_an_absence_is_asked_about_in_a_menu_of_its_own(panel: Desktop, program: IconProgram) -> None:
    program.tell(json.dumps({"total_ms": 1, "state": "idle", "away": True, "projects": {"api": HOUR_MS, "a_b": 1}}))

    away = next(entry for entry in panel.probe("show")["menu"] if entry.get("label", "").startswith("Away"))
    assert away["label"] == "Away 10:00 – 11:00, 1 h 00 m"
    assert [entry.get("label") for entry in away["entries"]] == [
        "Count it for api",
        "Count it for a__b",
        None,
        "Leave it out",
    ]
    panel.probe("click", "Count it for a_b")
    program.expect(f"CountAway(start_ms=0, end_ms={HOUR_MS}, path='/home/dev/a_b')")


def test_start_at_login_is_a_check_mark(panel: Desktop, program: IconProgram) -> None:
    for on in (True, False):
        program.tell(json.dumps({"total_ms": 1, "state": "idle", "starts_at_login": on}))
        entry = next(entry for entry in panel.probe("show")["menu"] if entry.get("label") == "Start at login")
        assert (entry["toggle-type"], entry["toggle-state"]) == ("checkmark", int(on))
    panel.probe("click", "Start at login")
    program.expect("StartAtLogin(on=True)")


def test_trouble_is_shown_and_gone_again_without_a_new_layout(panel: Desktop, program: IconProgram) -> None:
    program.show(HOUR_MS)
    before = panel.probe("show")
    program.show(HOUR_MS, "trouble", trouble="cannot write /a_b & <c>: disk full")
    during = panel.probe("show")
    program.show(HOUR_MS)
    after = panel.probe("show")

    assert labels(during)[1:3] == ["Something is wrong", "cannot write /a__b & <c>: disk full"]
    assert during["tooltip"] == ["1 h 00 m today · Something is wrong", "cannot write /a_b &amp; &lt;c&gt;: disk full"]
    assert labels(after) == labels(before)
    assert numbers(before) == numbers(during) == numbers(after)


def test_sessions_come_and_go_without_a_new_layout(panel: Desktop, program: IconProgram) -> None:
    waiting = {"project": "a_b", "state": "waiting", "since": "10:42", "lasting_ms": MINUTE_MS}
    working = {"project": "web", "state": "working", "since": "10:38", "lasting_ms": 4 * MINUTE_MS}
    alone = {"total_ms": HOUR_MS, "state": "working", "sessions": [working]}
    program.tell(json.dumps(alone))
    before = panel.probe("show")
    program.tell(json.dumps({**alone, "state": "waiting", "sessions": [waiting, working]}))
    during = panel.probe("show")
    program.tell(json.dumps(alone))
    after = panel.probe("show")

    assert labels(before)[1:3] == ["Claude working in web for 4 min", "---"]
    assert labels(during)[1:4] == [
        "Claude waiting for you in a__b since 10:42",
        "also working in web for 4 min",
        "---",
    ]
    assert labels(after) == labels(before)
    assert numbers(before) == numbers(during) == numbers(after)


def test_another_shape_gets_new_ids_and_the_old_ones_still_do_what_they_said(
    panel: Desktop, program: IconProgram
) -> None:
    program.show(HOUR_MS, api=HOUR_MS)
    before = panel.probe("show")
    report = next(entry["id"] for entry in before["menu"] if entry.get("label") == "Open report")

    program.show(2 * HOUR_MS, api=HOUR_MS, web=HOUR_MS)

    after = panel.probe("show")
    assert not set(numbers(before)) & set(numbers(after))
    assert panel.probe("click-id", str(report)) == report
    program.expect("report")


@pytest.mark.usefixtures("program")
def test_unknown_id_is_an_error_and_not_a_click(panel: Desktop) -> None:
    assert panel.probe("click-id", "4711")["error"] == "org.freedesktop.DBus.Error.InvalidArgs"
    assert panel.probe("properties", "4711", "0") == [[0, {"children-display": "submenu"}]]


def test_menu_is_refreshed_when_it_opens(panel: Desktop, program: IconProgram) -> None:
    program.tell("refresh " + json.dumps({"total_ms": 5 * HOUR_MS, "state": "waiting"}))

    assert labels(panel.probe("show"))[:2] == ["Today  5 h 00 m", "Claude waits for you"]


def test_menu_opens_at_once_while_a_callback_takes_long(panel: Desktop, program: IconProgram) -> None:
    program.show(HOUR_MS)
    program.tell("hold")
    panel.probe("activate")
    program.expect("report")

    assert labels(panel.probe("show"))[0] == "Today  1 h 00 m"

    program.tell("release")


def test_open_menu_changes_before_ones_eyes(panel: Desktop, program: IconProgram, tmp_path: Path) -> None:
    def menu_pixels(name: str) -> bytes:
        with Image.open(panel.screenshot(tmp_path / name)) as screen:
            return screen.convert("L").crop((0, 40, screen.width, screen.height)).tobytes()

    program.show(4 * HOUR_MS, api=4 * HOUR_MS)
    until(lambda: green_pixels(panel, tmp_path / "there.png") > 20, "the icon is not on the panel")
    closed = menu_pixels("closed.png")
    panel.click_icon(3)
    until(lambda: menu_pixels("open.png") != closed, "the menu did not open")
    panel.move_mouse(10, 600)  # or the icon's tooltip would be the change
    until(lambda: menu_pixels("open.png") == menu_pixels("still.png") != closed, "the menu did not come to rest")
    opened = menu_pixels("open.png")

    program.show(7 * HOUR_MS, "waiting", api=7 * HOUR_MS)

    until(lambda: menu_pixels("changed.png") not in {opened, closed}, "the open menu did not change")
    panel.press("Escape")
    until(lambda: menu_pixels("closed.png") == closed, "the menu did not close")


def test_left_click_opens_the_report(panel: Desktop, program: IconProgram, tmp_path: Path) -> None:
    program.show(4 * HOUR_MS)
    until(lambda: green_pixels(panel, tmp_path / "there.png") > 20, "the icon is not on the panel")

    panel.click_icon(1)
    program.expect("report")
    panel.probe("activate")
    program.expect("report")


def test_quit_in_the_menu_ends_the_program_and_takes_the_icon_away(panel: Desktop, program: IconProgram) -> None:
    panel.probe("click", "Quit")

    program.expect("quit")
    assert program.ended_well()
    panel.wait_for_items(0)


def test_signal_ends_the_program_while_nothing_else_happens(program: IconProgram) -> None:
    program.process.terminate()

    assert program.ended_well()


def test_icon_is_back_after_the_panel_was_restarted(own_panel: Desktop) -> None:
    program = IconProgram(own_panel)
    program.expect("ready sni")
    program.show(HOUR_MS, api=HOUR_MS)
    own_panel.wait_for_items(1)
    own_panel.stop_panel()
    program.expect(NO_PANEL)

    own_panel.start_panel()

    program.expect("ready sni")
    own_panel.wait_for_items(1)
    assert "api  1 h 00 m" in labels(own_panel.probe("show"))


def test_icon_started_before_the_panel_appears_with_it(desktop: Desktop) -> None:
    program = IconProgram(desktop)
    program.expect(NO_PANEL)
    program.show(HOUR_MS)

    desktop.start_panel()

    program.expect("ready sni")
    desktop.wait_for_items(1)
    assert labels(desktop.probe("show"))[0] == "Today  1 h 00 m"


def test_bus_is_found_in_the_runtime_folder_without_the_variable(own_panel: Desktop) -> None:
    address = own_panel.environment["DBUS_SESSION_BUS_ADDRESS"]
    socket = address.split("path=")[1].split(",")[0]
    Path(own_panel.environment["XDG_RUNTIME_DIR"], "bus").symlink_to(socket)

    IconProgram(own_panel, DBUS_SESSION_BUS_ADDRESS="").expect("ready sni")

    own_panel.wait_for_items(1)


def test_old_tray_is_used_where_there_is_no_bus_and_a_left_click_opens_the_report(
    own_panel: Desktop, tmp_path: Path
) -> None:
    program = IconProgram(own_panel, DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent/bus")
    program.expect("ready xorg")
    program.show(4 * HOUR_MS)
    until(lambda: green_pixels(own_panel, tmp_path / "there.png") > 20, "the icon is not on the panel")

    own_panel.click_icon(1)
    program.expect("report")
    program.tell("hurry 50")
    program.process.terminate()
    assert program.ended_well()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "DBUS_SESSION_BUS_ADDRESS is not set"),
        ("unix:path=/nonexistent/bus", "No such file"),
        ("nonsense", "nonsense"),
    ],
)
def test_without_bus_and_tray_a_sentence_says_so(desktop: Desktop, address: str, reason: str) -> None:
    program = IconProgram(desktop, DBUS_SESSION_BUS_ADDRESS=address, DISPLAY="")

    said = program.heard()

    assert said.startswith("lost no tray icon: there is no session bus (")
    assert reason in said
    assert said.endswith("start the tray from within the desktop session")
    program.process.terminate()
    assert program.ended_well()


def test_backend_that_cannot_be_used_is_named(desktop: Desktop) -> None:
    program = IconProgram(desktop, PYSTRAY_BACKEND="win32")

    assert program.process.communicate(timeout=PATIENCE_S)[0].startswith("unavailable no tray icon: the backend win32")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb\x00\x1b[31m\tc", "a\ufffdb\ufffd\ufffd[31m\ufffdc  1 h 00 m"),
        ("R&D_<b>notes</b>", "R&D__<b>notes</b>  1 h 00 m"),
        ("\u202eevil\u2066", "\ufffdevil\ufffd  1 h 00 m"),
        ("x" * 10_000, f"{'x' * 26}…{'x' * 13}  1 h 00 m"),
        ("\udcff", "\ufffd  1 h 00 m"),
        ("  ", "(no name)  1 h 00 m"),
    ],
)
def test_hostile_project_name_is_one_harmless_line(panel: Desktop, program: IconProgram, name: str, shown: str) -> None:
    program.show_projects(HOUR_MS, {name: HOUR_MS})

    assert labels(panel.probe("show"))[3] == shown


def test_eight_threads_in_a_hurry_end_with_the_last_glance(panel: Desktop, program: IconProgram) -> None:
    program.show(3 * HOUR_MS, api=HOUR_MS)

    program.tell("hurry 200")

    shown = panel.probe("show")
    assert shown["tooltip"][0] == "3 h 00 m today · Claude is working"
    assert labels(shown)[3:] == [
        "api  1 h 00 m",
        "---",
        "Goal  3 h 00 m of 8 h, 37 %",
        "---",
        "Open report",
        "This week",
        "This month",
        "This year",
        "Pause",
        "---",
        "Quit",
    ]
    assert len(set(numbers(shown))) == len(shown["menu"])
    program.process.terminate()
    assert program.ended_well()


@pytest.mark.usefixtures("program")
def test_introspection_describes_icon_and_menu(panel: Desktop) -> None:
    introspectable = ("org.freedesktop.DBus.Introspectable", "Introspect")

    item = panel.probe("call", "/StatusNotifierItem", *introspectable)[0]
    menu = panel.probe("call", "/StatusNotifierItem/Menu", *introspectable)[0]

    assert '<method name="Activate"><arg type="i" direction="in"/><arg type="i" direction="in"/></method>' in item
    assert '<node name="Menu"/>' in item
    assert '<method name="GetLayout">' in menu
    assert panel.probe("call", "/StatusNotifierItem", "org.example", "Nothing")["error"].endswith("UnknownMethod")
