"""The program of ``icon_program.py`` as a process on a `Desktop`, and what the probe says of its icon, in short."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PIL import Image

from tests.system.panel import PANEL_HEIGHT, PATIENCE_S

if TYPE_CHECKING:
    import subprocess

    from tests.system.panel import Desktop

PROGRAM = Path(__file__).with_name("icon_program.py")
HOUR_MS = 3_600_000
READY = "ready sni"
NO_PANEL = "lost no tray icon: no panel takes it, and it appears as soon as one does"
MINUTE_MS = 60_000
PACKAGES = ("core", "tray", "assets")


class IconProgram:
    def __init__(self, desktop: Desktop, **environment: str) -> None:
        root = Path(__file__).parents[2]
        path = os.pathsep.join(str(root / package) for package in PACKAGES)
        self.process: subprocess.Popen[str] = desktop.start_program(
            sys.executable, str(PROGRAM), PYTHONPATH=path, **environment
        )

    def heard(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def expect(self, *lines: str) -> None:
        """These are the next lines, in any order."""
        assert sorted(self.heard() for _ in lines) == sorted(lines)

    def begin(self, command: str) -> None:
        """Says "read" when it is done."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()

    def tell(self, command: str) -> None:
        self.begin(command)
        self.expect("read")

    def show(self, total_ms: int, state: str = "working", /, trouble: str = "", **projects: int) -> None:
        self.show_projects(total_ms, projects, state, trouble)

    def show_projects(self, total_ms: int, projects: dict[str, int], state: str = "working", trouble: str = "") -> None:
        self.tell(json.dumps({"total_ms": total_ms, "state": state, "trouble": trouble, "projects": projects}))

    def ended_well(self) -> bool:
        self.expect("ended")
        _, errors = self.process.communicate(timeout=PATIENCE_S)
        assert "Traceback" not in errors
        return self.process.returncode == 0


def labels(shown: dict[str, Any]) -> list[str]:
    return [entry.get("label", "---") for entry in shown["menu"] if entry.get("visible", True)]


def numbers(shown: dict[str, Any]) -> list[int]:
    return [entry["id"] for entry in shown["menu"]]


def green_pixels(panel: Desktop, file: Path, scale: int = 1) -> int:
    """How many pixels of the panel's rightmost square are green, as a person sees the screen."""
    side = PANEL_HEIGHT * scale
    return green_in(panel.screenshot(file), side, side)


def green_in(screenshot: Path, width: int, height: int) -> int:
    """How many pixels of the screen's right upper corner are green."""
    with Image.open(screenshot) as screen:
        corner = screen.convert("RGB").crop((screen.width - width, 0, screen.width, height))
    colours = cast("list[tuple[int, tuple[int, int, int]]]", corner.getcolors(width * height))
    return sum(count for count, (red, green, blue) in colours if green > red + 60 and green > blue + 30)
