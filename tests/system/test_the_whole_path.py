"""The product as a person has it: the tray in a real panel, the installed hook, a browser, recorded sessions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor_core.model import MINUTE_MS
from tests.recorded.sessions import load, names
from tests.system.browser import Browser
from tests.system.panel import running_desktop, until
from tests.system.product import Product

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    with running_desktop(tmp_path / "desktop") as desktop:
        desktop.start_panel()
        yield Product(desktop)


def test_recorded_sessions_become_minutes_in_the_menu_and_a_page_in_the_browser(product: Product) -> None:
    product.start()
    product.desktop.wait_for_items(1)
    product.wait_for_menu("Today  0 m", "No work yet today")

    api = load("headless-all-tools", "/home/dev/projects/api")
    web = load("interactive-background-model-config", "/home/dev/projects/web")
    interrupted = load("interactive-interrupt-queue-question", "/home/dev/projects/docs")
    for steps, ago_min in ((api, 25), (web, 12), (interrupted, 14)):
        product.replay(steps[:2], ago_ms=ago_min * MINUTE_MS)
        product.feed(steps[2:])

    # The third session's first turn was interrupted with Esc, which no event tells: nothing proves more than 5 minutes.
    wanted = {"api": 25, "web": 12, "docs": 5}
    product.wait_for_menu("Today  25 m")
    assert product.labels()[1].startswith("Idle since ")
    report = json.loads(product.run("today", "--json"))
    assert {p["name"]: p["active_ms"] // MINUTE_MS for p in report["projects"]} == wanted
    assert product.stored() == product.expected()
    # Shown minutes add up to the shown total, so that one of them may be rounded up.
    shown = {name: int(time.split()[0]) for name, time in (label.split("  ") for label in product.labels()[2:5])}
    assert all(shown[name] - minutes in (0, 1) for name, minutes in wanted.items())

    product.desktop.probe("activate")
    until(product.opened.exists, "no report was opened")
    page = Path(product.opened.read_text().strip().removeprefix("file://"))
    assert page.parent == product.home / "reports"
    assert page.stat().st_mode & 0o777 == 0o600
    with Browser() as browser:
        rendered = browser.open(page)
        text = rendered.evaluate("document.body.innerText")
        assert all(word in text for word in ("api", "web", "docs", "25 m", "12 m"))
        assert rendered.messages == []

    table = product.run("today")
    assert "api" in table
    assert "25 m" in table


def test_turn_that_is_going_on_is_told_in_words(product: Product) -> None:
    product.start()
    product.desktop.wait_for_items(1)
    begun = load("interactive-background-model-config", "/home/dev/projects/api")[:2]
    assert begun[-1].payload["hook_event_name"] == "UserPromptSubmit"

    product.replay(begun, ago_ms=4 * MINUTE_MS)

    product.wait_for_menu("Claude working in api for 4 min", "api  4 m", "Goal  4 m of 8 h, 0 %")
    assert any(re.fullmatch(r"Usage window until \d\d:\d\d · 1 prompt", label) for label in product.labels())


def test_a_pause_is_made_ended_and_taken_back_in_the_menu_and_survives_the_tray(product: Product) -> None:
    tray = product.start()
    product.desktop.wait_for_items(1)
    begun = load("interactive-background-model-config", "/home/dev/projects/api")[:2]
    product.replay(begun, ago_ms=4 * MINUTE_MS)
    product.wait_for_menu("api  4 m")

    product.desktop.probe("click", "Until I resume")
    product.wait_for_menu("Paused until you resume", "Resume")
    tray.kill()
    tray.wait()
    product.desktop.wait_for_items(0)
    product.start()
    product.desktop.wait_for_items(1)
    product.wait_for_menu("Paused until you resume")
    product.feed(load("headless-all-tools", "/home/dev/projects/web"))
    until(lambda: product.stored() == product.expected(), "events of the pause are not kept")
    assert not any(label.startswith("web") for label in product.labels())

    product.desktop.probe("click", "Resume")
    product.wait_for_menu("Count the pause after all, <1 m")
    assert not any(label.startswith("web") for label in product.labels())
    product.desktop.probe("click", "Count the pause after all")
    product.wait_for_menu("web  <1 m")


def test_an_absence_is_counted_for_the_project_that_is_chosen_and_taken_back(product: Product) -> None:
    product.start()
    product.desktop.wait_for_items(1)
    turn = load("headless-all-tools", "/home/dev/projects/api")
    product.replay(turn, ago_ms=80 * MINUTE_MS)
    product.replay(load("interactive-background-model-config", "/home/dev/projects/web")[:2], ago_ms=10 * MINUTE_MS)
    until(lambda: any(label.startswith("Away ") for label in product.labels()), "nothing is asked about the absence")

    product.desktop.probe("click", "Count it for api")
    until(lambda: any(label.startswith("Take back: ") for label in product.labels()), "it cannot be taken back")
    counted = next(label for label in product.labels() if label.startswith("api"))
    assert counted.startswith("api  1 h ")
    assert not any(label.startswith("Away ") for label in product.labels())
    product.desktop.probe("click", "Take back: ")
    until(lambda: not any(label.startswith("api  1 h") for label in product.labels()), "it was not taken back")


def test_a_project_leads_to_its_own_page(product: Product) -> None:
    product.start()
    product.desktop.wait_for_items(1)
    product.replay(load("headless-all-tools", "/home/dev/projects/api"), ago_ms=30 * MINUTE_MS)
    until(lambda: any(label.startswith("api") for label in product.labels()), "the project is not in the menu")

    product.desktop.probe("click", "api  ")
    until(product.opened.exists, "no report was opened")
    assert product.opened.read_text().strip().endswith("--api.html")


def test_events_of_a_killed_tray_are_spooled_and_counted_once(product: Product) -> None:
    tray = product.start()
    product.desktop.wait_for_items(1)
    steps = load("headless-three-at-once", "/home/dev/projects/api")
    third = len(steps) // 3

    product.replay(steps[:3], ago_ms=40 * MINUTE_MS)
    product.feed(steps[3:third])
    tray.kill()
    tray.wait()
    product.feed(steps[third : 2 * third])
    assert len(list((product.home / "spool/new").iterdir())) >= third
    product.start()
    product.feed(steps[2 * third :])

    until(lambda: not list((product.home / "spool/new").iterdir()), "the spool was not drained")
    until(lambda: product.stored() == product.expected(), "not every event is stored exactly once")
    product.desktop.wait_for_items(1)
    product.wait_for_menu("api  40 m")


def test_every_recorded_session_goes_through_without_loss(product: Product) -> None:
    product.start("--headless")
    until((product.home / "hook.sock").exists, "the tray did not open its pipe")
    for name in names():
        product.feed(load(name))
    until(lambda: sum(product.stored().values()) == len(product.sent), "events are missing")
    assert product.stored() == product.expected()
    assert list((product.home / "spool/bad").iterdir()) == []


def test_quitting_from_the_menu_ends_the_process_and_the_pipe(product: Product) -> None:
    tray = product.start()
    product.desktop.wait_for_items(1)
    product.desktop.probe("click", "Quit")
    assert tray.wait(30) == 0
    assert not (product.home / "hook.sock").exists()
    assert "not running" in product.run("status")


def test_a_second_start_opens_the_report_in_the_first(product: Product) -> None:
    product.start()
    product.desktop.wait_for_items(1)
    second = product.start()
    assert second.wait(30) == 0
    until(product.opened.exists, "no report was opened")
    assert len(product.desktop.items()) == 1


@pytest.mark.parametrize("number", [15, 2])
def test_a_signal_ends_the_tray_with_everything_accepted_committed(product: Product, number: int) -> None:
    tray = product.start()
    product.desktop.wait_for_items(1)
    product.feed(load("headless-parallel-agents"))
    tray.send_signal(number)
    assert tray.wait(30) == 0
    waiting = len(list((product.home / "spool/new").iterdir()))
    assert sum(product.stored().values()) + waiting >= len(product.sent)
