"""The smoke run: what a person would try first, with the real product on any `Desktop`.

Used by a test in the xfce4-panel, and by `make test-desktops` on other desktops.
"""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

from monitor_core.model import MINUTE_MS
from monitor_core.wire import encode
from monitor_tray.clock import now_ms
from tests.recorded.day import recorded_day
from tests.recorded.sessions import load
from tests.system.icon_process import green_in
from tests.system.panel import BESIDE, PANEL_HEIGHT, until
from tests.system.product import Product

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.panel import Desktop

_NOTHING_YET = ("Today  0 m", "No work yet today")
_LIVE = "Claude working in checkout"
#: Of the icon, as small as any panel draws it, while Claude works.
_GREEN_PIXELS = 12
#: The icon and the time beside it, where there is one.
_CORNER = (200, PANEL_HEIGHT)
#: A menu needs a moment to unfold; there is no signal for "painted".
_UNFOLDED_S = 1.0


def smoke_run(desktop: Desktop, pictures: Path) -> None:
    """Fails with a sentence where something is not as it should be. Leaves two pictures of the screen in ``pictures``.

    ``desktop`` is started, and has no panel yet: the tray is there first.
    """
    product = Product(desktop)
    tray = product.start()
    desktop.start_panel(dark=False)
    desktop.wait_for_items(1)
    product.wait_for_menu(*_NOTHING_YET)

    _replay_a_day(product)
    _compare_with_the_report(product)
    assert not _is_live(product)
    product.feed(load("interactive-background-model-config", "/home/dev/projects/checkout")[:6])
    until(lambda: _is_live(product), f"an event did not change the menu: {product.labels()}")
    _see_icon(desktop)
    _see_menu(desktop, pictures / f"{desktop.name}.png")

    desktop.activate_icon()
    until(product.opened.exists, "a click on the icon opened no report")
    product.opened.unlink()
    desktop.probe("activate")
    until(product.opened.exists, "Activate opened no report")

    desktop.stop_panel()
    desktop.start_panel(dark=True)
    desktop.wait_for_items(1)
    _see_icon(desktop)
    assert _is_live(product)
    _see_menu(desktop, pictures / f"{desktop.name}-restarted.png")

    desktop.probe("click", "Quit")
    assert tray.wait(30) == 0, "the tray did not end well"
    desktop.wait_for_items(0)


def _replay_a_day(product: Product) -> None:
    day = product.desktop.home / "day.jsonl"
    day.write_bytes(b"".join(map(encode, recorded_day(now_ms() - 7 * MINUTE_MS))))
    product.run("replay", str(day))
    until(lambda: _minutes(product, "Today") > 60, f"the day is not in the menu: {product.labels()}")


def _compare_with_the_report(product: Product) -> None:
    """The menu and the tooltip say what ``claude-monitor today`` says. Shown minutes may be rounded up by one."""
    report = json.loads(product.run("today", "--json"))
    assert len(report["projects"]) > 3
    for project in report["projects"]:
        off = _minutes(product, project["name"]) - project["active_ms"] // MINUTE_MS
        assert off in (0, 1), f"{project['name']} is {off} minutes off in the menu: {product.labels()}"
    tooltip = product.desktop.probe("show")["tooltip"][0]
    today = next(label for label in product.labels() if label.startswith("Today"))
    assert tooltip.startswith(today.removeprefix("Today  ")), f"the tooltip is {tooltip!r} and the menu says {today!r}"


def _minutes(product: Product, name: str) -> int:
    """Of the menu's entry with that name; 0 where there is none."""
    for label in product.labels():
        time_of_entry = re.fullmatch(rf"{re.escape(name)}  (?:(\d+) h )?(\d+) m", label)
        if time_of_entry:
            return 60 * int(time_of_entry[1] or 0) + int(time_of_entry[2])
    return 0


def _is_live(product: Product) -> bool:
    return any(label.startswith(_LIVE) for label in product.labels())


def _see_icon(desktop: Desktop) -> None:
    screen = desktop.home / "screen.png"
    until(lambda: green_in(desktop.screenshot(screen), *_CORNER) > _GREEN_PIXELS, "the icon is not on the panel")


def _see_menu(desktop: Desktop, picture: Path) -> None:
    """Opens the menu as a person does, and closes it when its picture is taken."""
    closed = desktop.screenshot(desktop.home / "closed.png").read_bytes()
    desktop.open_menu()
    desktop.move_mouse(*BESIDE)
    time.sleep(_UNFOLDED_S)
    assert desktop.screenshot(picture).read_bytes() != closed, "the menu did not open"
    desktop.click_beside()
