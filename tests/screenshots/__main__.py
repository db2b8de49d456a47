"""`make screenshots`: the README's pictures, from the product itself: a real panel, a real browser, a recorded day."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from monitor_core.model import MINUTE_MS
from monitor_core.wire import encode
from monitor_tray.clock import now_ms
from tests.recorded.day import recorded_day, zone_where_it_is_five
from tests.recorded.sessions import as_wire, load
from tests.system.browser import Browser
from tests.system.panel import PANEL_HEIGHT, SCREEN, Desktop, running_desktop, until

IMAGES = Path("docs/images")
#: A menu needs a moment to unfold; there is no signal for "painted".
UNFOLDED_S = 1.0


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_desktop(Path(folder) / "desktop") as desktop:
        desktop.start_panel()
        home = Path(desktop.environment["CLAUDE_MONITOR_HOME"])
        home.mkdir(mode=0o700)
        zone = zone_where_it_is_five(dt.datetime.now(dt.UTC))
        (home / "config.toml").write_text(f'timezone = "{zone}"\n', encoding="utf-8")
        begin_ms = now_ms() - 7 * MINUTE_MS
        live = load("interactive-background-model-config", "/home/dev/projects/checkout")
        day = home / "day.jsonl"
        day.write_bytes(b"".join(map(encode, [*recorded_day(begin_ms), *as_wire(live[:2], begin_ms)])))
        claude_monitor(desktop, "replay", str(day))
        desktop.start_program(sys.executable, "-m", "monitor_tray", "tray")
        desktop.wait_for_items(1)
        take_menu(desktop, Path(folder))
        page = home / "report.html"
        claude_monitor(desktop, "report", "daily", "--format", "html", "-o", str(page))
        with Browser() as browser:
            browser.open(page, width=860).screenshot(IMAGES / "report.png")
            browser.open(page, width=860, dark=True).screenshot(IMAGES / "report-dark.png")
    for image in sorted(IMAGES.glob("*.png")):
        print(f"{image}: {image.stat().st_size // 1024} KiB")


def take_menu(desktop: Desktop, folder: Path) -> None:
    """The open menu under its icon, as it is on the screen."""
    until(lambda: any("web" in entry.get("label", "") for entry in desktop.probe("show")["menu"]), "no projects")
    desktop.click_icon(3)
    desktop.move_mouse(*SCREEN)
    time.sleep(UNFOLDED_S)
    with Image.open(desktop.screenshot(folder / "screen.png")) as screen:
        # Below the panel there is nothing but the menu and the black of the empty screen.
        below = screen.convert("RGB").crop((0, PANEL_HEIGHT + 2, *SCREEN))
        left, _, _, bottom = below.getbbox() or (0, 0, *SCREEN)
        picture = screen.convert("RGB").crop((left, 0, SCREEN[0], bottom + PANEL_HEIGHT + 2))
        picture.save(IMAGES / "tray.png", optimize=True)


def claude_monitor(desktop: Desktop, *words: str) -> None:
    environment = {**desktop.environment, "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-m", "monitor_tray", *words], env=environment, check=True)


if __name__ == "__main__":
    main()
