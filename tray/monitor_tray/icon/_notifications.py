"""The desktop's own notifications: org.freedesktop.Notifications over the icon's connection to the session bus.

https://specifications.freedesktop.org/notification-spec/. `show` and `withdraw` belong to the loop and wait for
nothing; a service that is installed and not running is started by the bus.
"""

from __future__ import annotations

import html
import logging
import threading
from typing import TYPE_CHECKING, Any

from jeepney import DBusAddress, HeaderFields, MatchRule, Message

from monitor_tray.icon._bus import MESSAGE_BUS
from monitor_tray.notification import Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from PIL import Image

    from monitor_tray.actions import Action
    from monitor_tray.icon._bus import Bus
    from monitor_tray.notification import Notification

SERVICE = "org.freedesktop.Notifications"
_ADDRESS = DBusAddress("/org/freedesktop/Notifications", SERVICE, SERVICE)
_NAME = "Claude Monitor"
_DEFAULT = "default"
_AS_THE_DESKTOP_LIKES, _NEVER = -1, 0
_NORMAL, _CRITICAL = 1, 2

log = logging.getLogger(__name__)


class Notifications:
    """One for each connection. ``post`` has a task run by the loop, ``icon`` gives the picture to show."""

    def __init__(self, bus: Bus, post: Callable[[Callable[[], None]], None], icon: Callable[[], Image.Image]) -> None:
        self._bus, self._post, self._icon = bus, post, icon
        self._lock = threading.Lock()  # guards all below: answers come in the bus thread
        self._capabilities: frozenset[str] | None = None
        self._wanted: dict[Kind, tuple[Notification, Callable[[Action], None]]] = {}
        self._numbers: dict[Kind, int] = {}  # of those on the screen, as the service knows them
        self._listening = False
        self._missed = False

    def show(self, notification: Notification, do: Callable[[Action], None]) -> None:
        """Shows it, in place of the one of its kind; ``do`` gets what people choose, in the loop."""
        if not self._listening:
            self._listen()
        with self._lock:
            self._wanted[notification.kind] = (notification, do)
            capabilities = self._capabilities
        if capabilities is None:
            asked = self._bus.call_later(_ADDRESS, "GetCapabilities", auto_start=True)
            asked.add_done_callback(lambda answer: self._learn(answer, notification))
        else:
            self._notify(notification, capabilities)

    def withdraw(self, kind: Kind) -> None:
        """Takes the one of that kind from the screen, if it is there still."""
        with self._lock:
            self._wanted.pop(kind, None)
            number = self._numbers.pop(kind, None)
        if number is not None:
            self._bus.call_later(_ADDRESS, "CloseNotification", "u", (number,))

    def heard(self, signal: Message) -> bool:
        """Takes a signal of the bus, in its thread; False where it is none of the service's."""
        fields = signal.header.fields
        if fields[HeaderFields.member] == "NameOwnerChanged" and signal.body[0] == SERVICE:
            self._begin_anew()
            return True
        if fields.get(HeaderFields.interface) != SERVICE:
            return False
        number = signal.body[0]
        with self._lock:
            kind = next((kind for kind, own in self._numbers.items() if own == number), None)
            wanted = self._wanted.get(kind) if kind else None
            if kind and fields[HeaderFields.member] == "NotificationClosed":
                del self._numbers[kind]
        if wanted and fields[HeaderFields.member] == "ActionInvoked":
            self._choose(signal.body[1], *wanted)
        return True

    def _is_wanted(self, notification: Notification) -> bool:
        """Whether it was not withdrawn, and there is no newer one of its kind."""
        found = self._wanted.get(notification.kind)
        return found is not None and found[0] is notification

    def _listen(self) -> None:
        self._listening = True
        owners = MatchRule(type="signal", sender=MESSAGE_BUS.bus_name, member="NameOwnerChanged")
        owners.add_arg_condition(0, SERVICE)
        for rule in (owners, MatchRule(type="signal", sender=SERVICE, interface=SERVICE)):
            self._bus.call_later(MESSAGE_BUS, "AddMatch", "s", (rule.serialise(),))

    def _begin_anew(self) -> None:
        """Another service knows nothing of what the one before showed."""
        with self._lock:
            self._capabilities = None
            self._numbers.clear()

    def _learn(self, answer: Future[Any], notification: Notification) -> None:
        error = answer.exception()
        if error:
            self._miss(error)
            return
        capabilities = frozenset(answer.result()[0])
        with self._lock:
            self._capabilities = capabilities
        # Drawing and sending are the loop's
        self._post(lambda: self._notify(notification, capabilities))

    def _notify(self, notification: Notification, capabilities: frozenset[str]) -> None:
        with self._lock:
            if not self._is_wanted(notification):
                return
            replaced = self._numbers.get(notification.kind, 0)
        body = html.escape(notification.body, quote=False) if "body-markup" in capabilities else notification.body
        picture = self._icon().convert("RGBA")
        hints = {
            "urgency": ("y", _CRITICAL if notification.kind is Kind.TROUBLE else _NORMAL),
            "image-data": ("(iiibiiay)", (*picture.size, 4 * picture.width, True, 8, 4, picture.tobytes())),
        }
        arguments = (
            _NAME, replaced, "", notification.title, body, _actions(notification, capabilities), hints,
            _NEVER if notification.stays else _AS_THE_DESKTOP_LIKES,
        )  # fmt: skip
        shown = self._bus.call_later(_ADDRESS, "Notify", "susssasa{sv}i", arguments, auto_start=True)
        shown.add_done_callback(lambda answer: self._shown(answer, notification))

    def _shown(self, answer: Future[Any], notification: Notification) -> None:
        error = answer.exception()
        if error:
            self._miss(error)
            return
        (number,) = answer.result()
        with self._lock:
            wanted = self._is_wanted(notification)
            if wanted:
                self._numbers[notification.kind] = number
        if not wanted:  # withdrawn before the service had answered
            self._bus.call_later(_ADDRESS, "CloseNotification", "u", (number,))

    def _miss(self, error: BaseException) -> None:
        if not self._missed:
            self._missed = True
            log.warning("no notifications: the desktop has no service that takes them (%s)", error)

    def _choose(self, key: str, notification: Notification, do: Callable[[Action], None]) -> None:
        chosen = 0 if key == _DEFAULT else int(key) if key.isdecimal() else len(notification.buttons)
        if chosen < len(notification.buttons):
            self._post(lambda: do(notification.buttons[chosen].action))


def _actions(notification: Notification, capabilities: frozenset[str]) -> list[str]:
    """Pairs of key and label; the default one is a click on the notification itself."""
    if "actions" not in capabilities or not notification.buttons:
        return []
    keyed = [(str(number), button.label) for number, button in enumerate(notification.buttons)]
    return [text for pair in ((_DEFAULT, notification.buttons[0].label), *keyed) for text in pair]
