from __future__ import annotations

from typing import TYPE_CHECKING, Never

import pytest

from monitor_tray.icon import TrayUnavailableError, lasting
from monitor_tray.icon._errors import TrayAwayError
from monitor_tray.icon.lasting import LastingIcon
from monitor_tray.notification import Kind, Notification

if TYPE_CHECKING:
    from collections.abc import Callable


class Nowhere:
    """Desktops that cannot show an icon: each attempt has the next reason, and the last one stops the icon as well."""

    def __init__(self, *reasons: Exception) -> None:
        self.reasons = list(reasons)
        self.said: list[str] = []
        self.icon = LastingIcon(self.make, self.said.append, self.said.append)

    def make(self, earlier: str) -> Never:
        assert not earlier
        reason = self.reasons.pop(0)
        if not self.reasons:
            self.icon.stop()
        raise reason


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Pauses are short, unless a test says otherwise."""

    def set_least(pause_s: float) -> None:
        monkeypatch.setattr(lasting, "LEAST_PAUSE_S", pause_s)

    set_least(0.001)
    return set_least


def test_loss_is_said_once_whatever_is_tried_meanwhile() -> None:
    nowhere = Nowhere(TrayAwayError("no bus"), TrayAwayError("no answer"), TrayAwayError("no bus"), TrayAwayError("no"))

    nowhere.icon.run()

    assert nowhere.said == ["no bus"]
    assert nowhere.reasons == []


def test_what_can_never_be_shown_is_not_tried_again() -> None:
    nowhere = Nowhere(TrayAwayError("no bus"), TrayUnavailableError("no such backend"), TrayAwayError("not tried"))

    with pytest.raises(TrayUnavailableError, match="no such backend"):
        nowhere.icon.run()

    assert len(nowhere.reasons) == 1


def test_stop_before_the_run_shows_nothing() -> None:
    nowhere = Nowhere(TrayAwayError("not tried"))
    nowhere.icon.stop()

    nowhere.icon.run()

    assert len(nowhere.reasons) == 1


def test_stop_ends_the_pause(hurry: Callable[[float], None]) -> None:
    hurry(3600)
    said: list[str] = []

    def make(_: str) -> Never:
        raise TrayAwayError("no bus")

    def lost(reason: str) -> None:
        said.append(reason)
        icon.stop()  # before the pause: it must not be slept through

    icon = LastingIcon(make, said.append, lost)
    icon.run()

    assert said == ["no bus"]


def test_there_is_no_icon_to_notify_with_while_there_is_no_desktop() -> None:
    nowhere = Nowhere(TrayAwayError("no bus"), TrayAwayError("no bus"))
    before = nowhere.icon.is_there

    nowhere.icon.run()
    nowhere.icon.announce(Notification(Kind.GOAL, "title", "body", ()))
    nowhere.icon.withdraw(Kind.GOAL)

    assert (before, nowhere.icon.is_there) == (False, False)
