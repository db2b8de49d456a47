"""GNOME Shell with the AppIndicator extension, on a virtual X screen, drawn by the processor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.desktops.quiet_bus import without_services
from tests.system.panel import COMMON_PACKAGES, Desktop, until

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXTENSIONS = Path("/usr/share/gnome-shell/extensions")
_SETTINGS = """[org/gnome/shell]
enabled-extensions=['{extension}']
welcome-dialog-last-shown-version='999'

[org/gnome/desktop/interface]
enable-animations=false
"""


class GnomeDesktop(Desktop):
    """The shell is the panel: stopping the one stops the other. It is dark, whatever is asked for."""

    name = "gnome-shell"
    packages: Mapping[str, str] = {
        **COMMON_PACKAGES,
        "gnome-shell": "gnome-shell",
    }
    size = (1280, 800)
    # Left of the system's own menu, and as wide as its words
    icon_at = (size[0] - 90, 15)

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.environment |= {
            "XDG_CURRENT_DESKTOP": "GNOME",
            "GSETTINGS_BACKEND": "keyfile",
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }

    @classmethod
    def missing_packages(cls) -> list[str]:
        """See `Desktop`. The extension is no program."""
        return super().missing_packages() + ([] if _extension() else ["gnome-shell-extension-appindicator"])

    def bus_configuration(self) -> str:
        """See `Desktop`."""
        return without_services(self.home)

    def start(self) -> None:
        """Screen, bus and settings: the shell is its own window manager."""
        self.start_screen()
        self.start_bus()
        # It ends where there is no system bus, and is content with one that nobody is on
        self.environment["DBUS_SYSTEM_BUS_ADDRESS"] = self.environment["DBUS_SESSION_BUS_ADDRESS"]
        settings = self.home / "config/glib-2.0/settings/keyfile"
        settings.parent.mkdir(parents=True)
        settings.write_text(_SETTINGS.format(extension=_extension()))

    def start_panel(self, *, dark: bool = False, scale: int = 1) -> None:  # noqa: ARG002  it is always dark
        """See `Desktop`. Leaves the overview that every start begins with."""
        self.environment["GDK_SCALE"] = str(scale)
        self.start_host("gnome-shell", "--x11")
        until(lambda: self._overview("Get") == "boolean true", "the shell did not come up")
        self._overview("Set", "variant:boolean:false")
        until(lambda: self._overview("Get") == "boolean false", "the overview did not go")

    def open_menu(self) -> None:
        """A left click."""
        self.click_icon(1)

    def activate_icon(self) -> None:
        """A double click."""
        self.move_mouse(*self.icon_at)
        self.double_click()

    def _overview(self, method: str, *value: str) -> str:
        command = "dbus-send --session --print-reply=literal --dest=org.gnome.Shell /org/gnome/Shell"
        names = ("string:org.gnome.Shell", "string:OverviewActive")
        reply = self._run(*command.split(), f"org.freedesktop.DBus.Properties.{method}", *names, *value)
        return " ".join(reply.stdout.split()).removeprefix("variant ")


def _extension() -> str:
    """The name of the installed extension, or an empty one: distributions name it differently."""
    return next((folder.name for folder in sorted(_EXTENSIONS.glob("*appindicator*"))), "")
