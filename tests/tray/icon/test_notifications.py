"""Notifications over D-Bus, as a service hears of them. The loop is a queue that the tests empty."""

from __future__ import annotations

import logging
import os
import queue
import shutil
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

if sys.platform != "linux":
    pytest.skip("this system has no session bus", allow_module_level=True)

from monitor_tray.actions import OpenDay, Pause
from monitor_tray.icon._bus import Bus
from monitor_tray.icon._notifications import Notifications
from monitor_tray.notification import Button, Kind, Notification
from tests.system.panel import PATIENCE_S, until
from tests.tray.icon.notification_service import PrivateBus, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_tray.actions import Action

BUTTONS = (Button("Open report", OpenDay()), Button("Pause 15 min", Pause(900_000)))
WAITING = Notification(Kind.WAITING, "Claude waits for you in api", "A question since 14:05", BUTTONS[:1], stays=True)
LATER = Notification(Kind.WAITING, "Claude waits for you in api and web", "two lines\nof it", BUTTONS[:1])
BREAK = Notification(Kind.BREAK, "1 h 30 min without a break", "a <b>& b", BUTTONS)
TROUBLE = Notification(Kind.TROUBLE, "Something is wrong", "disk full", BUTTONS[:1], stays=True)
CLOSED, INVOKED = ("NotificationClosed", "uu"), ("ActionInvoked", "us")


class Tray:
    """What is under test, on a connection of its own."""

    def __init__(self, address: str) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.done: list[Action] = []
        self._ready = threading.Event()
        self._bus = Bus(address, lambda _: None, self._heard, lambda: None)
        self.notifications = Notifications(self._bus, self._tasks.put, lambda: Image.new("RGBA", (4, 2), "red"))
        self._ready.set()

    def _heard(self, signal: Any) -> None:
        # The bus sends NameAcquired before anything else has been made
        if self._ready.wait(PATIENCE_S):
            self.notifications.heard(signal)

    def show(self, notification: Notification) -> None:
        self.notifications.show(notification, self.done.append)

    def run_one(self) -> None:
        """Waits for the loop's next task and runs it."""
        self._tasks.get(timeout=PATIENCE_S)()

    def close(self) -> None:
        self._bus.close()


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[PrivateBus]:
    if not shutil.which("dbus-daemon"):
        reason = "no private bus here; apt-get install dbus"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    running = PrivateBus(tmp_path)
    yield running
    running.close()


@pytest.fixture
def tray(bus: PrivateBus) -> Iterator[Tray]:
    made = Tray(bus.address)
    yield made
    made.close()


@pytest.fixture
def service(bus: PrivateBus) -> Iterator[Service]:
    made = Service(bus.address, "actions", "body", "body-markup")
    yield made
    made.close()


def show(tray: Tray, service: Service, *notifications: Notification) -> None:
    """Returns when the service has them and its answers have arrived."""
    for notification in notifications:
        count = len(service.asked)
        tray.show(notification)
        if not count:
            tray.run_one()  # now it is known what the service can do
        service.wait_for(lambda: len(service.asked) == count + 1)  # noqa: B023  it is called at once
        # Inside, because nobody outside is told when the answer has come
        until(lambda: notification.kind in tray.notifications._numbers, "the answer did not come")  # noqa: B023


def test_service_gets_words_picture_and_how_long_it_stays(tray: Tray, service: Service) -> None:
    show(tray, service, WAITING, LATER)

    first, second = service.asked
    assert (first.app_name, first.summary, first.body) == ("Claude Monitor", WAITING.title, WAITING.body)
    assert (first.expire_timeout, second.expire_timeout) == (0, -1)
    kind, (width, height, row, alpha, bits, channels, pixels) = first.hints["image-data"]
    assert (kind, width, height, row, alpha, bits, channels) == ("(iiibiiay)", 4, 2, 16, True, 8, 4)
    assert bytes(pixels) == b"\xff\x00\x00\xff" * 8


def test_only_trouble_is_urgent(tray: Tray, service: Service) -> None:
    show(tray, service, WAITING, TROUBLE)

    assert [asked.hints["urgency"] for asked in service.asked] == [("y", 1), ("y", 2)]


def test_body_is_escaped_where_the_service_takes_markup(tray: Tray, service: Service) -> None:
    show(tray, service, BREAK)

    assert service.asked[0].body == "a &lt;b&gt;&amp; b"


def test_service_without_markup_and_actions_gets_neither(tray: Tray, bus: PrivateBus) -> None:
    plain = Service(bus.address, "body")
    show(tray, plain, BREAK)

    assert plain.asked[0].body == "a <b>& b"
    assert plain.asked[0].actions == []
    plain.close()


def test_click_does_what_the_first_button_does(tray: Tray, service: Service) -> None:
    show(tray, service, BREAK)
    assert service.asked[0].actions == ["default", "Open report", "0", "Open report", "1", "Pause 15 min"]

    for key in ("default", "1", "0"):
        service.emit(*INVOKED, 1, key)
        tray.run_one()

    assert tray.done == [OpenDay(), Pause(900_000), OpenDay()]


def test_what_is_chosen_of_others_or_does_not_exist_does_nothing(tray: Tray, service: Service) -> None:
    show(tray, service, BREAK)

    for number, key in ((77, "default"), (1, "2"), (1, "-1"), (1, "other"), (1, "1")):
        service.emit(*INVOKED, number, key)

    tray.run_one()
    assert tray.done == [Pause(900_000)]


def test_second_of_a_kind_replaces_the_first(tray: Tray, service: Service) -> None:
    show(tray, service, WAITING, TROUBLE, LATER)

    assert [asked.replaces_id for asked in service.asked] == [0, 0, 1]


def test_what_is_over_is_closed(tray: Tray, service: Service) -> None:
    show(tray, service, WAITING, TROUBLE)

    tray.notifications.withdraw(Kind.BREAK)
    tray.notifications.withdraw(Kind.TROUBLE)

    service.wait_for(lambda: service.closed == [2])


def test_what_is_over_before_the_service_answers_is_closed_then(tray: Tray, service: Service) -> None:
    show(tray, service, TROUBLE)
    service.hold()
    tray.show(WAITING)
    tray.notifications.withdraw(Kind.WAITING)

    service.release()

    service.wait_for(lambda: service.closed == [2])


def test_what_is_over_before_the_service_is_known_is_never_shown(tray: Tray, service: Service) -> None:
    tray.show(WAITING)
    tray.notifications.withdraw(Kind.WAITING)
    tray.run_one()

    tray.show(TROUBLE)

    service.wait_for(lambda: len(service.asked) == 1)
    assert service.asked[0].summary == TROUBLE.title


def test_what_a_person_closed_is_neither_closed_nor_replaced(tray: Tray, service: Service) -> None:
    show(tray, service, WAITING, TROUBLE)
    service.emit(*CLOSED, 1, 2)
    until(lambda: Kind.WAITING not in tray.notifications._numbers, "the signal was not heard")

    tray.notifications.withdraw(Kind.WAITING)
    tray.notifications.withdraw(Kind.TROUBLE)
    show(tray, service, LATER)

    assert service.closed == [2]
    assert service.asked[-1].replaces_id == 0


def test_service_that_was_restarted_is_asked_anew_and_knows_nothing(
    tray: Tray, service: Service, bus: PrivateBus
) -> None:
    show(tray, service, WAITING)
    service.close()
    until(lambda: not tray.notifications._numbers, "the end of the service was not heard")
    other = Service(bus.address, "body", first=9)

    show(tray, other, BREAK)

    assert (other.asked[0].replaces_id, other.asked[0].actions) == (0, [])
    other.close()


def test_desktop_without_a_service_is_said_once_in_the_log(
    tray: Tray, bus: PrivateBus, caplog: pytest.LogCaptureFixture
) -> None:
    for notification in (WAITING, BREAK):
        tray.show(notification)
    until(lambda: caplog.records, "nothing is in the log")
    late = Service(bus.address, "body")

    show(tray, late, TROUBLE)

    assert [asked.summary for asked in late.asked] == [TROUBLE.title]
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage().startswith("no notifications: the desktop has no service that takes them (")
    late.close()


def test_service_that_does_not_run_yet_is_started_by_the_bus(tray: Tray, bus: PrivateBus, tmp_path: Path) -> None:
    bus.offer(f"/usr/bin/touch {tmp_path / 'started'}")

    tray.show(WAITING)

    until((tmp_path / "started").exists, "the bus did not start the service")
