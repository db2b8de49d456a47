"""A panel that takes both kinds of icon offers the older kind (XEmbed) first, a moment before the newer one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
import Xlib.display
import Xlib.X
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

from monitor_tray.icon.backends import choose
from tests.system.panel import running_desktop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.system.panel import Desktop


class Environment(dict[str, str]):
    """Calls ``asked`` when the display is asked for, which is after the newer kind of tray was looked for in vain."""

    def __init__(self, desktop: Desktop, asked: Callable[[], None]) -> None:
        super().__init__(desktop.environment)
        self._asked = asked

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        if key == "DISPLAY":
            self._asked()
        return super().get(key, default)


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """With a tray of the older kind, and no panel."""
    with running_desktop(tmp_path / "desktop") as running:
        monkeypatch.setenv("DISPLAY", running.environment["DISPLAY"])
        display = Xlib.display.Display(running.environment["DISPLAY"])
        with contextlib.closing(display):
            window = display.screen().root.create_window(0, 0, 1, 1, 0, Xlib.X.CopyFromParent)
            window.set_selection_owner(display.intern_atom("_NET_SYSTEM_TRAY_S0"), Xlib.X.CurrentTime)
            display.sync()
            yield running


def test_panel_that_is_caught_between_its_two_kinds_of_tray_gets_the_icon_with_the_menu(desktop: Desktop) -> None:
    with open_dbus_connection(desktop.environment["DBUS_SESSION_BUS_ADDRESS"]) as panel:

        def come_up() -> None:
            panel.send_and_get_reply(message_bus.RequestName("org.kde.StatusNotifierWatcher"))

        assert choose(Environment(desktop, come_up), "linux") == "sni"


def test_tray_of_the_older_kind_alone_is_used(desktop: Desktop) -> None:
    assert choose(desktop.environment, "linux") == "xorg"
