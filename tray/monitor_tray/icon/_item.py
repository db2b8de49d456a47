"""The icon and its menu as two objects on the bus: org.kde.StatusNotifierItem and com.canonical.dbusmenu.

Tables only; what happens is passed in. https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PIL import Image

from monitor_tray.icon._dbusmenu import ROOT
from monitor_tray.icon._objects import (
    AnsweredLaterError,
    BusObject,
    CallError,
    Interface,
    Method,
    Property,
    reply_to,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from jeepney import Message

    from monitor_tray.icon._dbusmenu import ExportedMenu
    from monitor_tray.icon._objects import Body

ITEM_PATH = "/StatusNotifierItem"
MENU_PATH = "/StatusNotifierItem/Menu"
ITEM_INTERFACE = "org.kde.StatusNotifierItem"
MENU_INTERFACE = "com.canonical.dbusmenu"

_ITEM_SIGNALS = {"NewTitle": "", "NewIcon": "", "NewToolTip": "", "NewStatus": "s", "XAyatanaNewLabel": "ss"}
_MENU_SIGNALS = {"ItemsPropertiesUpdated": "a(ia{sv})a(ias)", "LayoutUpdated": "ui", "ItemActivationRequested": "iu"}


@dataclass(slots=True)
class Appearance:
    """What the icon looks like now. The loop sets whole fields, the bus thread reads them."""

    identity: str
    title: str
    tooltip: tuple[str, str] = ("", "")  # its title, its body as markup
    label: str = ""
    status: str = "Passive"
    pixmaps: list[tuple[int, int, bytes]] = field(default_factory=list)


def pixmap(image: Image.Image) -> tuple[int, int, bytes]:
    """Width, height, and ARGB32 in network byte order, not premultiplied."""
    red, green, blue, alpha = image.split()
    return image.width, image.height, Image.merge("RGBA", (alpha, red, green, blue)).tobytes()


def item_object(appearance: Appearance, activate: Callable[[], None]) -> BusObject:
    """The icon; ``activate`` is called in the bus thread for a left click."""

    def activated(_: Message) -> Body:
        activate()
        return ()

    properties: dict[str, tuple[str, Callable[[], Any]]] = {
        "Category": ("s", lambda: "ApplicationStatus"),
        "Id": ("s", lambda: appearance.identity),
        "Title": ("s", lambda: appearance.title),
        "Status": ("s", lambda: appearance.status),
        "WindowId": ("i", lambda: 0),
        "IconThemePath": ("s", lambda: ""),
        "IconName": ("s", lambda: ""),
        "IconPixmap": ("a(iiay)", lambda: appearance.pixmaps),
        "OverlayIconName": ("s", lambda: ""),
        "OverlayIconPixmap": ("a(iiay)", list),
        "AttentionIconName": ("s", lambda: ""),
        "AttentionIconPixmap": ("a(iiay)", list),
        "AttentionMovieName": ("s", lambda: ""),
        "ToolTip": ("(sa(iiay)ss)", lambda: ("", [], *appearance.tooltip)),
        "ItemIsMenu": ("b", lambda: False),
        "Menu": ("o", lambda: MENU_PATH),
        "IconAccessibleDesc": ("s", lambda: appearance.tooltip[0]),
        "XAyatanaLabel": ("s", lambda: appearance.label),
        "XAyatanaLabelGuide": ("s", lambda: appearance.label),
    }
    methods = {
        "Activate": Method("ii", "", activated),
        "SecondaryActivate": Method("ii", "", lambda _: ()),
        "ContextMenu": Method("ii", "", lambda _: ()),
        "Scroll": Method("is", "", lambda _: ()),
        "ProvideXdgActivationToken": Method("s", "", lambda _: ()),
    }
    table = {name: Property(*entry) for name, entry in properties.items()}
    return BusObject(Interface(ITEM_INTERFACE, methods, table, _ITEM_SIGNALS), children=["Menu"])


class MenuCalls:
    """The calls that do something, as opposed to reading the menu. All of it runs in the bus thread.

    ``do`` gets what the clicked entry does. ``open_menu`` gets a function to call, from any thread, when the menu may
    be shown; its argument tells whether the menu has changed. ``send`` takes a reply, from any thread.
    """

    def __init__(
        self,
        menu: ExportedMenu,
        do: Callable[[Callable[[], None]], None],
        open_menu: Callable[[Callable[[bool], None]], None],
        send: Callable[[Message | None], None],
    ) -> None:
        self._menu, self._do, self._open_menu, self._send = menu, do, open_menu, send

    def methods(self) -> dict[str, Method]:
        """Their part of the interface's table."""
        return {
            "Event": Method("isvu", "", self._event),
            "EventGroup": Method("a(isvu)", "ai", self._event_group),
            "AboutToShow": Method("i", "b", self._about_to_show),
            "AboutToShowGroup": Method("ai", "aiai", self._about_to_show_group),
        }

    def _event(self, call: Message) -> Body:
        number, kind, _, _ = call.body
        self._happened(number, kind)
        return ()

    def _event_group(self, call: Message) -> Body:
        unknown = []
        for number, kind, _, _ in call.body[0]:
            try:
                self._happened(number, kind)
            except CallError:
                unknown.append(number)
        return (unknown,)

    def _happened(self, number: int, kind: str) -> None:
        if kind == "clicked":
            action = self._menu.click(number)
            if action:
                self._do(action)
        elif kind == "opened" and number == ROOT:
            self._open_menu(lambda _: None)  # some panels send this instead of AboutToShow

    def _about_to_show(self, call: Message) -> Body:
        return self._answer_when_fresh(call, "b", lambda changed: (changed,))

    def _about_to_show_group(self, call: Message) -> Body:
        known = [number for number in call.body[0] if self._menu.knows(number)]
        unknown = [number for number in call.body[0] if number not in known]
        return self._answer_when_fresh(call, "aiai", lambda changed: (known if changed else [], unknown))

    def _answer_when_fresh(self, call: Message, signature: str, body: Callable[[bool], Body]) -> Body:
        self._open_menu(lambda changed: self._send(reply_to(call, signature, body(changed))))
        raise AnsweredLaterError


def menu_object(menu: ExportedMenu, calls: MenuCalls) -> BusObject:
    """The menu."""
    methods = {
        "GetLayout": Method("iias", "u(ia{sv}av)", lambda call: menu.layout(*call.body)),
        "GetGroupProperties": Method("aias", "a(ia{sv})", lambda call: (menu.properties(*call.body),)),
        "GetProperty": Method("is", "v", lambda call: (menu.property(*call.body),)),
        **calls.methods(),
    }
    properties = {
        "Version": Property("u", lambda: 3),
        "TextDirection": Property("s", lambda: "ltr"),
        "Status": Property("s", lambda: "normal"),
        "IconThemePath": Property("as", list),
    }
    return BusObject(Interface(MENU_INTERFACE, methods, properties, _MENU_SIGNALS))
