"""sway and waybar: a Wayland desktop in a window on a virtual X screen, where its pointer can be moved."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.desktops.quiet_bus import without_services
from tests.system.panel import COMMON_PACKAGES, PANEL_HEIGHT, SCREEN, Desktop, until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NOBODY = 65534
_SWAY = f"""output * resolution {SCREEN[0]}x{SCREEN[1]}
xwayland disable
"""
_WAYBAR = f'{{"layer": "top", "height": {PANEL_HEIGHT}, "modules-right": ["tray"], "tray": {{"icon-size": 20}}}}'
_STYLE = "* {{ font-family: DejaVu Sans; font-size: 13px }} window#waybar {{ background: {ground} }}"


class SwayDesktop(Desktop):
    """waybar is the panel; sway goes on without it."""

    name = "sway-waybar"
    packages: Mapping[str, str] = {
        **COMMON_PACKAGES,
        "sway": "sway",
        "waybar": "waybar",
    }

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.environment |= {
            "XDG_CURRENT_DESKTOP": "sway",
            "GDK_BACKEND": "wayland",
            "WLR_BACKENDS": "x11",
            "WLR_RENDERER": "pixman",
        }

    def bus_configuration(self) -> str:
        """See `Desktop`."""
        return without_services(self.home)

    def start(self) -> None:
        """Screen, bus and sway."""
        self.start_screen()
        self.start_bus()
        settings = self.home / "sway.config"
        settings.write_text(_SWAY)
        runtime = self.home / "runtime"
        self._start([*self._as_somebody(runtime), "sway", "--config", str(settings)])
        displays = until(lambda: list(runtime.glob("wayland-?")), "sway opened no display")
        self.environment["WAYLAND_DISPLAY"] = displays[0].name

    def start_panel(self, *, dark: bool = False, scale: int = 1) -> None:
        """See `Desktop`."""
        self.environment["GDK_SCALE"] = str(scale)
        settings, style = self.home / "waybar.json", self.home / "waybar.css"
        settings.write_text(_WAYBAR)
        style.write_text(_STYLE.format(ground="#222222" if dark else "#e8e8e8"))
        self.start_host("waybar", "--config", str(settings), "--style", str(style))

    def _as_somebody(self, runtime: Path) -> list[str]:
        """sway refuses to run as root; what makes it another user, who may write to the runtime folder only."""
        if os.geteuid() != 0:
            return []
        os.chown(runtime, _NOBODY, _NOBODY)
        for folder in (self.home, *self.home.parents):
            if not folder.stat().st_mode & 0o001:
                folder.chmod(folder.stat().st_mode | 0o011)
        return ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
