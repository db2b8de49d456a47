"""Notifications as a person gets them: recorded sessions through the installed hook, and dunst, a real service."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.recorded.sessions import load
from tests.system.panel import PATIENCE_S, Desktop, running_desktop, until
from tests.system.product import Product

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.recorded.sessions import Step

DELAY_S = 2


class DesktopWithNotifications(Desktop):
    packages: Mapping[str, str] = {**Desktop.packages, "dunst": "dunst"}


class Person:
    """At a desktop that shows notifications, with the tray."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        self.product = Product(desktop)
        with (self.product.home / "config.toml").open("a") as settings:
            settings.write(f"[notifications]\nwaiting_after_seconds = {DELAY_S}\n")

    def sit_down(self, **environment: str) -> None:
        self.desktop.start_panel()
        self.start_dunst()
        self.product.environment |= environment
        self.product.start()
        until((self.product.home / "hook.sock").exists, "the tray did not open its pipe")

    def start_dunst(self) -> None:
        self.dunst = self.desktop.start_program("dunst")
        until(lambda: self.shown() == 0, "dunst does not run")

    def shown(self) -> int | None:
        """How many are on the screen."""
        said = self._dunstctl("count", "displayed")
        return int(said) if said.strip().isdecimal() else None

    def see(self, count: int) -> None:
        until(lambda: self.shown() == count, f"{count} notifications are not on the screen")

    def closed(self) -> list[dict[str, Any]]:
        """Those that were on the screen, the last first."""
        (found,) = json.loads(self._dunstctl("history"))["data"]
        return [{name: value["data"] for name, value in one.items()} for one in found]

    def choose(self) -> None:
        """The default action of what is on the screen."""
        self._dunstctl("action", "0")

    def _dunstctl(self, *words: str) -> str:
        command = ["dunstctl", *words]
        environment = self.desktop.environment
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        return done.stdout


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    with running_desktop(tmp_path / "desktop", DesktopWithNotifications) as desktop:
        yield Person(desktop)


def until_the_question(steps: list[Step]) -> tuple[list[Step], list[Step]]:
    asked = next(k for k, step in enumerate(steps) if step.payload.get("notification_type") == "permission_prompt")
    return steps[: asked + 1], steps[asked + 1 :]


def colours(screen: Path) -> int:
    """How many there are where notifications appear, below the panel on the right."""
    with Image.open(screen) as image:
        found = image.convert("RGB").crop((image.width - 320, 40, image.width, 150)).getcolors(1 << 24)
    return len(found or ())


@pytest.mark.parametrize("backend", ["sni", "xorg"])
def test_question_that_waits_is_shown_and_its_answer_closes_it(person: Person, tmp_path: Path, backend: str) -> None:
    person.sit_down(PYSTRAY_BACKEND=backend)
    asked, answered = until_the_question(load("interactive-permission-compact-clear", "/home/dev/projects/api"))
    before = colours(person.desktop.screenshot(tmp_path / "before.png"))

    person.product.feed(asked)

    person.see(1)
    assert colours(person.desktop.screenshot(tmp_path / "after.png")) > before
    person.product.feed(answered[:1])
    person.see(0)
    (seen,) = person.closed()
    assert (seen["appname"], seen["summary"]) == ("Claude Monitor", "Claude waits for you in api")
    assert seen["body"].startswith("A question since ")


def test_click_on_it_opens_the_report(person: Person) -> None:
    person.sit_down()
    asked, _ = until_the_question(load("interactive-permission-compact-clear", "/home/dev/projects/api"))
    person.product.feed(asked)
    person.see(1)

    person.choose()

    until(person.product.opened.exists, "no report was opened")


def test_question_that_is_answered_at_once_is_never_shown(person: Person) -> None:
    person.sit_down()
    asked, answered = until_the_question(load("interactive-permission-compact-clear", "/home/dev/projects/api"))
    person.product.feed([*asked, *answered[:1]])
    later, _ = until_the_question(load("interactive-interrupt-queue-question", "/home/dev/projects/web"))

    person.product.feed(later)

    person.see(1)
    subprocess.run(["dunstctl", "close"], env=person.desktop.environment, check=True)
    until(person.closed, "nothing was closed")
    assert [seen["summary"] for seen in person.closed()] == ["Claude waits for you in web"]


def test_notifications_go_on_when_the_session_bus_went_away_and_came_back(person: Person) -> None:
    person.sit_down()
    person.desktop.wait_for_items(1)
    person.desktop.kill_bus()
    person.desktop.kill_panel()
    person.desktop.start_bus()
    person.desktop.start_panel()
    person.start_dunst()
    person.desktop.wait_for_items(1)
    asked, _ = until_the_question(load("interactive-permission-compact-clear", "/home/dev/projects/api"))

    person.product.feed(asked)

    person.see(1)
