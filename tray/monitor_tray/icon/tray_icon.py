"""`TrayIcon`: turns a `Glance` into picture, words and menu, and gives a backend what changed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from monitor_tray.glance import Glance, State
from monitor_tray.icon._pystray import Menu, MenuItem
from monitor_tray.icon.drawing import Picture, draw
from monitor_tray.icon.menu import SEPARATOR, entries, label, tooltip

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_tray.actions import Action
    from monitor_tray.icon._loop import Surface
    from monitor_tray.icon.menu import Entry
    from monitor_tray.notification import Kind, Notification

NAME = "claude-monitor"
_NOTHING_YET = Glance(total_ms=0, goal_ms=0, state=State.IDLE)


class TrayIcon:
    """The icon with its menu, tooltip and label. It lives as long as its desktop; see `LastingIcon`."""

    def __init__(
        self,
        backend: str,
        surface: Callable[..., Surface],
        do: Callable[[Action], None],
        refresh: Callable[[], Glance] | None,
    ) -> None:
        self.backend = backend
        self._do = do
        self._refresh = refresh
        self._lock = threading.Lock()  # guards the next glance, and what is shown
        self._next: Glance | None = None
        self._shown: Glance | None = None
        # These belong to the loop
        self._entries: tuple[Entry, ...] = ()
        self._items: tuple[MenuItem, ...] = ()
        self._picture: Picture | None = None
        self._label = ""
        self._surface = surface(NAME, menu=Menu(lambda: self._items), opening=self._open)
        self._present(_NOTHING_YET)

    def run(self, placed: Callable[[bool], None]) -> None:
        """Shows the icon until `stop`, in the main thread. ``placed`` is called when a panel has it, and when none has.

        Raises `TrayAwayError` where the desktop is away, or goes. Not to be called twice. Signal handlers of Python run
        at once.
        """
        self._surface.run(placed)

    def stop(self) -> None:
        """Ends `run`. From any thread, from a signal handler, and before `run`, too."""
        self._surface.stop()

    def show(self, glance: Glance) -> None:
        """Shows ``glance`` soon, from any thread. Of several in a hurry only the last is shown.

        What is shown already wakes nobody.
        """
        with self._lock:
            waiting = self._next is not None
            if not waiting and glance == self._shown:
                return
            self._next = glance
        if not waiting:
            self._surface.post(self._show_next)

    def announce(self, notification: Notification) -> None:
        """Shows a notification soon, from any thread."""
        self._surface.post(lambda: self._surface.announce(notification, self._do))

    def withdraw(self, kind: Kind) -> None:
        """Takes the notification of that kind from the screen soon, from any thread."""
        self._surface.post(lambda: self._surface.withdraw(kind))

    def _show_next(self) -> None:
        with self._lock:
            glance, self._next = self._next, None
        if glance is not None:
            self._present(glance)

    def _open(self) -> None:
        if self._refresh:
            self._present(self._refresh())

    def _present(self, glance: Glance) -> None:
        """Gives the backend only what differs from what it shows."""
        with self._lock:
            self._shown = None  # neither the old nor the new one, until all of it is
        self._give(glance)
        with self._lock:
            self._shown = glance

    def _give(self, glance: Glance) -> None:
        picture = Picture.of(glance)
        if picture != self._picture:
            self._picture = picture
            self._surface.draw(lambda size: draw(picture, size))
        words = self._surface.tooltip_text(tooltip(glance))
        if words != self._surface.title:
            self._surface.title = words
        if label(glance) != self._label:
            self._label = label(glance)
            self._surface.set_label(self._label)
        listed = entries(glance)
        if listed != self._entries:
            self._entries = listed
            self._items = tuple(map(self._item, listed))
            self._surface.update_menu()

    def _item(self, entry: Entry) -> MenuItem:
        if entry is SEPARATOR:
            return Menu.SEPARATOR
        if entry.entries:
            action: Menu | Callable[[], None] | None = Menu(*map(self._item, entry.entries))
        else:
            action = self._callback(entry.action)
        return MenuItem(
            self._surface.menu_text(entry.text),
            action,
            checked=None if entry.checked is None else lambda _: bool(entry.checked),
            default=entry.default,
            visible=entry.visible,
            enabled=action is not None,
        )

    def _callback(self, action: Action | None) -> Callable[[], None] | None:
        if action is None:
            return None

        # pystray counts a function's parameters, and passes what a callback has no use for
        def call() -> None:
            self._do(action)

        return call
