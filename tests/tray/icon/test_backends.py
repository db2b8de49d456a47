from __future__ import annotations

import subprocess
import sys

import pytest

from monitor_tray.icon import TrayUnavailableError
from monitor_tray.icon._errors import TrayAwayError
from monitor_tray.icon.backends import choose, load

NOWHERE = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_macos_and_windows_have_one_backend_each(platform: str) -> None:
    assert choose({}, platform) == platform


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_variable_of_pystray_ends_the_choice(platform: str) -> None:
    assert choose({"PYSTRAY_BACKEND": "xorg"}, platform) == "xorg"


def test_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(TrayUnavailableError, match="'qt', which is none of sni, xorg, darwin, win32"):
        choose({"PYSTRAY_BACKEND": "qt"}, "linux")


def test_without_bus_and_display_there_is_none() -> None:
    with pytest.raises(TrayAwayError, match=r"there is no session bus .* and no X11 tray"):
        choose(NOWHERE, "linux")


def test_icon_that_was_lost_with_its_bus_comes_back_of_the_same_kind() -> None:
    assert choose(NOWHERE, "linux", "sni") == "sni"
    with pytest.raises(TrayAwayError):
        choose(NOWHERE, "linux", "xorg")


def test_display_that_does_not_answer_is_no_tray() -> None:
    with pytest.raises(TrayUnavailableError, match="no X11 tray"):
        choose({**NOWHERE, "DISPLAY": ":7654"}, "linux")


@pytest.mark.skipif(sys.platform == "win32", reason="it can be loaded there")
def test_backend_of_another_system_is_unavailable_and_no_crash() -> None:
    with pytest.raises(TrayUnavailableError, match="the backend win32 cannot be used here"):
        load("win32")


def test_importing_the_door_imports_no_toolkit() -> None:
    heavy = "{'pystray', 'PIL', 'jeepney', 'Xlib', 'six'}"
    program = f"import sys, monitor_tray.icon; sys.exit(repr({heavy} & set(sys.modules) or ''))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.stderr.strip().strip("'") == ""
