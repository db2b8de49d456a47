"""A pystray backend that speaks StatusNotifierItem and com.canonical.dbusmenu over D-Bus, without GTK.

Two threads. The bus thread (see `_bus`) answers panels from what is cached, so that nothing the application does can
freeze a panel. The thread in ``run()`` evaluates the menu, draws, and calls back. While nothing happens both sleep.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from jeepney import DBusAddress, HeaderFields, MatchRule, Message

from monitor_tray.icon._bus import MESSAGE_BUS, Bus, BusError, session_bus_address
from monitor_tray.icon._dbusmenu import ROOT, ExportedMenu, Line
from monitor_tray.icon._errors import TrayAwayError
from monitor_tray.icon._escapes import for_dbusmenu, for_tooltip_body
from monitor_tray.icon._item import (
    ITEM_INTERFACE,
    ITEM_PATH,
    MENU_INTERFACE,
    MENU_PATH,
    Appearance,
    MenuCalls,
    item_object,
    menu_object,
    pixmap,
)
from monitor_tray.icon._loop import Loop
from monitor_tray.icon._notifications import Notifications
from monitor_tray.icon._objects import BusObject
from monitor_tray.icon._pystray import BaseIcon, Menu

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from PIL import Image

    from monitor_tray.actions import Action
    from monitor_tray.icon._dbusmenu import Properties
    from monitor_tray.icon._pystray import MenuItem
    from monitor_tray.notification import Kind, Notification

#: Panels take the nearest and scale it; 44, 48 and 64 are for those of two pixels a point.
SIZES = (16, 22, 24, 32, 44, 48, 64)
_WATCHER = "org.kde.StatusNotifierWatcher"
_WATCHER_ADDRESS = DBusAddress("/StatusNotifierWatcher", _WATCHER, _WATCHER)
_DO_NOT_QUEUE, _PRIMARY_OWNER = 4, 1
_NOTHING = BusObject()

log = logging.getLogger(__name__)


def watcher_is_there(environment: Mapping[str, str]) -> bool:
    """Whether a desktop takes such icons now. Raises `BusError` where there is no session bus."""
    bus = Bus(session_bus_address(environment), lambda _: None, lambda _: None, lambda: None)
    try:
        return bool(bus.call(MESSAGE_BUS, "NameHasOwner", "s", (_WATCHER,))[0])
    finally:
        bus.close()


class Icon(Loop, BaseIcon):  # type: ignore[misc]  # pystray has no types
    """pystray's icon. It needs no panel: it registers as soon as there is one, and again with every new one.

    It needs the session bus, and ends with it; then another one must be made.
    """

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self._desktop = os.environ.get("XDG_CURRENT_DESKTOP", "")
        self._appearance = Appearance(name, "Claude Monitor")
        self._exported = ExportedMenu()
        self._changes = 0
        self._away = False
        self._bus: Bus | None = None
        self._notifications: Notifications | None = None
        self._bus_name = f"org.kde.StatusNotifierItem-{os.getpid()}-1"
        calls = MenuCalls(self._exported, self.post, self._open_menu, self._send)
        self._objects: dict[str, BusObject] = {
            "/": BusObject(children=["StatusNotifierItem"]),
            ITEM_PATH: item_object(self._appearance, lambda: self.post(self)),
            MENU_PATH: menu_object(self._exported, calls),
        }

    # What the application calls

    def draw(self, render: Callable[[int], Image.Image]) -> None:
        """See `Surface`."""
        self._appearance.pixmaps = [pixmap(render(size)) for size in SIZES]
        self.icon = render(SIZES[-1])  # pystray shows no icon without one

    def set_label(self, text: str) -> None:
        """See `Surface`."""
        self._appearance.label = text
        self._emit("XAyatanaNewLabel", "ss", (text, text))

    def menu_text(self, text: str) -> str:
        """See `Surface`."""
        return for_dbusmenu(text, self._desktop)

    def announce(self, notification: Notification, do: Callable[[Action], None]) -> None:
        """See `Surface`."""
        if self._notifications:
            self._notifications.show(notification, do)

    def withdraw(self, kind: Kind) -> None:
        """See `Surface`."""
        if self._notifications:
            self._notifications.withdraw(kind)

    # What pystray calls, all of it in the loop

    def _run(self) -> None:
        self._connect()
        self.update_menu()
        try:
            while self._run_next():
                pass
        finally:
            if self._bus:
                self._bus.close()
        if self._away:
            raise TrayAwayError("no tray icon: the session bus went away")

    def _appear(self) -> None:
        self.visible = True  # the panel's answer tells whether it is

    def _show(self) -> None:
        self._update_title()
        self._set_status("Active")
        self._register()

    def _hide(self) -> None:
        self._set_status("Passive")

    def _update_icon(self) -> None:
        self._icon_valid = True
        self._emit("NewIcon")

    def _update_title(self) -> None:
        title, _, body = self.title.partition("\n")
        self._appearance.tooltip = (title, for_tooltip_body(body))
        self._emit("NewToolTip")

    def _update_menu(self) -> None:
        change = self._exported.replace([self._line(item) for item in self.menu.items])
        self._changes += bool(change)
        if self._bus is None:
            return
        if change.updated or change.removed:
            properties = (change.updated, change.removed)
            self._bus.emit(MENU_PATH, MENU_INTERFACE, "ItemsPropertiesUpdated", "a(ia{sv})a(ias)", properties)
        if change.new_layout:
            self._bus.emit(MENU_PATH, MENU_INTERFACE, "LayoutUpdated", "ui", (self._exported.revision, ROOT))

    def _line(self, item: MenuItem) -> Line:
        if item is Menu.SEPARATOR:
            return Line({"type": ("s", "separator")})
        properties: Properties = {"label": ("s", item.text)}
        # Hidden entries stay in the layout, so that showing one changes no id
        if not item.visible:
            properties["visible"] = ("b", False)
        if item.checked is not None:
            properties |= {"toggle-type": ("s", "checkmark"), "toggle-state": ("i", int(item.checked))}
        if item.submenu is not None:
            properties["children-display"] = ("s", "submenu")
            return Line(properties, children=tuple(map(self._line, item.submenu.items)))
        if not item.enabled:
            properties["enabled"] = ("b", False)
            return Line(properties)
        return Line(properties, lambda: self._handler(item)(self))

    def _set_status(self, status: str) -> None:
        self._appearance.status = status
        self._emit("NewStatus", "s", (status,))

    # The bus

    def _connect(self) -> None:
        try:
            bus = Bus(session_bus_address(os.environ), self._answer, self._heard, self._gone)
        except BusError as error:
            raise TrayAwayError(f"no tray icon: {error}") from error
        self._bus = bus
        self._notifications = Notifications(bus, self.post, lambda: self.icon)
        if "GNOME" in self._desktop.upper():
            # Its extension, that of GNOME 43 at least, loses an item with a well-known name when it hears of the name
            # between two steps of its own, as happens at login. Of a unique name it hears nothing
            self._bus_name = bus.unique_name
        else:
            self._request_name(bus)
        rule = MatchRule(type="signal", sender=MESSAGE_BUS.bus_name, member="NameOwnerChanged")
        rule.add_arg_condition(0, _WATCHER)
        bus.call_later(MESSAGE_BUS, "AddMatch", "s", (rule.serialise(),))

    def _request_name(self, bus: Bus) -> None:
        try:
            # GNOME and waybar take only a plain name with the object at /StatusNotifierItem
            if bus.call(MESSAGE_BUS, "RequestName", "su", (self._bus_name, _DO_NOT_QUEUE))[0] != _PRIMARY_OWNER:
                self._bus_name = bus.unique_name
        except BusError as error:
            log.info(
                "the session bus refuses the name %s (%s); registering as %s", self._bus_name, error, bus.unique_name
            )
            self._bus_name = bus.unique_name

    def _register(self) -> None:
        if self._bus:
            registration = self._bus.call_later(_WATCHER_ADDRESS, "RegisterStatusNotifierItem", "s", (self._bus_name,))
            registration.add_done_callback(self._registered)

    def _registered(self, registration: Future[Any]) -> None:
        error = registration.exception()
        if error:
            log.debug("no panel takes the icon: %s", error)
        self.post(lambda: self._placed(error is None))

    def _heard(self, signal: Message) -> None:
        if self._notifications and self._notifications.heard(signal):
            return
        # The bus sends us NameAcquired as well, unasked
        if signal.header.fields[HeaderFields.member] != "NameOwnerChanged":
            return
        if signal.body[2]:
            self._register()
        else:
            self.post(lambda: self._placed(False))

    def _answer(self, call: Message) -> None:
        exported = self._objects.get(call.header.fields[HeaderFields.path], _NOTHING)
        self._send(exported.answer(call))

    def _gone(self) -> None:
        # After what was asked for while the bus was there
        self._away = True
        self.stop()

    def _open_menu(self, answer: Callable[[bool], None]) -> None:
        if self._busy:
            answer(False)  # whatever runs may take long: show what is there
            return

        def refresh() -> None:
            before = self._changes
            try:
                self._opening()
            finally:
                answer(self._changes != before)

        self.post(refresh)

    def _send(self, message: Message | None) -> None:
        if self._bus and message:
            self._bus.send(message)

    def _emit(self, name: str, signature: str = "", body: tuple[Any, ...] = ()) -> None:
        if self._bus:
            self._bus.emit(ITEM_PATH, ITEM_INTERFACE, name, signature, body)
