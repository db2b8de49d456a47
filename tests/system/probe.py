"""Looks at a StatusNotifierItem and clicks on it, the way a panel does. Run by /usr/bin/python3.

It speaks through GDBus, so that it shares no line with what it looks at. One command line, one JSON value on stdout:

    items                  the registered items, as the watcher names them
    show                   the one item: its properties, tooltip, sizes of its pictures, and its menu
    pixmap SIZE            the picture of that size: ARGB bytes in hexadecimal
    click LABEL            clicks the menu's one entry that has LABEL in it; its id
    click-id NUMBER        clicks an entry by id; what the item answered
    properties NUMBER…     GetGroupProperties of these ids
    activate               a left click on the icon
    call PATH INTERFACE METHOD   a call without arguments; the reply, or the name of the error
    signals COUNT          after printing "listening": the next COUNT signals of the item, each with its arguments
"""

from __future__ import annotations

import json
import re
import sys
import time
from typing import Any

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402  after require_version, which it needs

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"
TIMEOUT_MS = 5000

bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)


def call(
    destination: str,
    path: str,
    interface: str,
    method: str,
    signature: str | None = None,
    arguments: tuple[Any, ...] = (),
) -> Any:
    parameters = GLib.Variant(signature, arguments) if signature else None
    flags = Gio.DBusCallFlags.NO_AUTO_START
    return bus.call_sync(destination, path, interface, method, parameters, None, flags, TIMEOUT_MS, None)


def items() -> list[str]:
    wanted = (WATCHER, "RegisteredStatusNotifierItems")
    found: list[str] = call(WATCHER, "/StatusNotifierWatcher", PROPERTIES, "Get", "(ss)", wanted).unpack()[0]
    return found


class Item:
    def __init__(self) -> None:
        registered = items()
        if len(registered) != 1:
            sys.exit(f"there are {len(registered)} items: {registered}")
        # A name, or a name and a path, depending on the panel
        self.name: str = re.split("[@/]", registered[0])[0]
        self.path: str = registered[0][len(self.name) :].lstrip("@") or "/StatusNotifierItem"

    def properties(self) -> dict[str, Any]:
        found: dict[str, Any] = call(self.name, self.path, PROPERTIES, "GetAll", "(s)", (ITEM,)).unpack()[0]
        return found

    def menu_call(self, method: str, signature: str, arguments: tuple[Any, ...]) -> Any:
        path = self.properties()["Menu"]
        return call(self.name, path, MENU, method, signature, arguments).unpack()

    def menu(self) -> list[dict[str, Any]]:
        self.menu_call("AboutToShow", "(i)", (0,))
        _, (_, _, children) = self.menu_call("GetLayout", "(iias)", (0, -1, []))
        return [entry(child) for child in children]

    def show(self) -> dict[str, Any]:
        properties = self.properties()
        _, _, title, text = properties.pop("ToolTip")
        sizes = [(width, height, len(pixels)) for width, height, pixels in properties.pop("IconPixmap")]
        return {**properties, "tooltip": [title, text], "pixmaps": sizes, "menu": self.menu()}

    def pixmap(self, size: int) -> str:
        return next(bytes(pixels).hex() for width, _, pixels in self.properties()["IconPixmap"] if width == size)

    def click(self, label: str) -> int:
        entries = [entry for entry in flat(self.menu()) if label in entry.get("label", "").replace("__", "_")]
        if len(entries) != 1:
            sys.exit(f"{len(entries)} entries have {label!r}")
        return self.click_id(entries[0]["id"])

    def click_id(self, number: int) -> int:
        now = int(time.monotonic() * 1000) & 0xFFFFFFFF
        self.menu_call("Event", "(isvu)", (number, "clicked", GLib.Variant("s", ""), now))
        return number

    def signals(self, count: int) -> list[Any]:
        seen: list[Any] = []
        loop = GLib.MainLoop()

        def heard(_bus: Any, _sender: str, _path: str, _interface: str, name: str, arguments: Any) -> None:
            seen.append([name, arguments.unpack()])
            if len(seen) == count:
                loop.quit()

        for interface in (ITEM, MENU):
            bus.signal_subscribe(self.name, interface, None, None, None, Gio.DBusSignalFlags.NONE, heard)
        call("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId")  # so that the subscriptions are in force
        print(json.dumps("listening"), flush=True)
        GLib.timeout_add(TIMEOUT_MS, loop.quit)
        loop.run()
        return seen


def entry(node: tuple[int, dict[str, Any], list[Any]]) -> dict[str, Any]:
    number, properties, children = node
    return {"id": number, **properties, **({"entries": [entry(child) for child in children]} if children else {})}


def flat(menu: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for entry in menu for each in (entry, *flat(entry.get("entries", [])))]


def answer(command: str, *arguments: str) -> Any:
    if command == "items":
        return items()
    item = Item()
    if command == "call":
        path, interface, method = arguments
        return call(item.name, path, interface, method).unpack()
    if command == "activate":
        return call(item.name, item.path, ITEM, "Activate", "(ii)", (10, 10)).unpack()
    if command == "properties":
        return item.menu_call("GetGroupProperties", "(aias)", ([int(each) for each in arguments], []))[0]
    if command in {"pixmap", "click-id", "signals"}:
        return getattr(item, command.replace("-", "_"))(int(arguments[0]))
    return getattr(item, command)(*arguments)


if __name__ == "__main__":
    try:
        result = answer(*sys.argv[1:])
    except GLib.Error as error:
        result = {"error": Gio.DBusError.get_remote_error(error), "message": error.message}
    print(json.dumps(result))
