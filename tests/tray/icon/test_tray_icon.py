from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from monitor_tray.actions import OpenDay, Pause
from monitor_tray.glance import Glance, State
from monitor_tray.icon.drawing import draw
from monitor_tray.icon.tray_icon import TrayIcon
from monitor_tray.notification import Button, Kind, Notification

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from monitor_tray.actions import Action

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
SIZES = (16, 24, 48)


class Paper:
    """A surface that runs tasks at once and keeps every picture that it is given."""

    title = ""

    def __init__(self, _name: str, **_options: Any) -> None:
        self.pictures: list[list[Image.Image]] = []
        self.labels: list[str] = []
        self.announced: list[Notification] = []

    def post(self, task: Callable[[], None]) -> None:
        task()

    def draw(self, render: Callable[[int], Image.Image]) -> None:
        self.pictures.append([render(size) for size in SIZES])

    def set_label(self, text: str) -> None:
        self.labels.append(text)

    def update_menu(self) -> None: ...

    def menu_text(self, text: str) -> str:
        return text

    def tooltip_text(self, text: str) -> str:
        return text

    def announce(self, notification: Notification, do: Callable[[Action], None]) -> None:
        self.announced.append(notification)
        do(notification.buttons[-1].action)

    def withdraw(self, kind: Kind) -> None:
        self.announced = [notification for notification in self.announced if notification.kind is not kind]


@pytest.fixture
def paper() -> Paper:
    return Paper("")


@pytest.fixture
def icon(paper: Paper) -> TrayIcon:
    draw.cache_clear()
    return TrayIcon("paper", lambda *_args, **_options: paper, do=lambda _: None, refresh=None)  # type: ignore[arg-type]


def test_picture_is_drawn_only_when_it_changes(icon: TrayIcon, paper: Paper) -> None:
    for minutes in range(240, 245):
        icon.show(Glance(minutes * MINUTE_MS, 24 * HOUR_MS, State.WORKING))

    assert len(paper.labels) == 1 + 5  # what else there was to show
    assert len(paper.pictures) == 1 + 1
    assert draw.cache_info().misses == 2 * len(SIZES)


def test_picture_is_drawn_anew_when_the_state_or_the_ring_changes(icon: TrayIcon, paper: Paper) -> None:
    for hours, state in ((4, State.WORKING), (4, State.IDLE), (5, State.IDLE), (5, State.TROUBLE)):
        icon.show(Glance(hours * HOUR_MS, 8 * HOUR_MS, state))

    assert len({pictures[0].tobytes() for pictures in paper.pictures}) == 1 + 4


def test_picture_that_comes_back_is_not_drawn_again(icon: TrayIcon, paper: Paper) -> None:
    for state in (State.WORKING, State.IDLE, State.WORKING):
        icon.show(Glance(4 * HOUR_MS, 8 * HOUR_MS, state))

    assert len(paper.pictures) == 1 + 3
    assert all(one is other for one, other in zip(paper.pictures[1], paper.pictures[3], strict=True))
    assert draw.cache_info().misses == 3 * len(SIZES)


def test_what_is_chosen_in_a_notification_goes_where_the_menu_s_choices_go(paper: Paper) -> None:
    done: list[Action] = []
    icon = TrayIcon("paper", lambda *_args, **_options: paper, do=done.append, refresh=None)  # type: ignore[arg-type]
    notification = Notification(Kind.BREAK, "title", "body", (Button("Open", OpenDay()), Button("Pause", Pause(1))))

    icon.announce(notification)

    assert (paper.announced, done) == ([notification], [Pause(1)])
    icon.withdraw(Kind.GOAL)
    assert paper.announced == [notification]
    icon.withdraw(Kind.BREAK)
    assert paper.announced == []


def test_what_is_shown_already_wakes_nobody(icon: TrayIcon, paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks: list[Callable[[], None]] = []
    monkeypatch.setattr(paper, "post", tasks.append)

    def show(hours: int) -> int:
        """How many tasks there are after that."""
        icon.show(Glance(hours * HOUR_MS, 8 * HOUR_MS, State.IDLE))
        return len(tasks)

    assert show(4) == 1
    tasks[0]()
    assert show(4) == 1
    assert show(5) == 2
    assert show(4) == 2  # in the place of the one that waits
    tasks[1]()
    assert show(5) == 3
