"""pystray's backend for old X11 trays (XEmbed), with what it lacks: clicks, and a loop that takes tasks.

It has no menu; a left click opens the report. Used only where there is no panel of the newer kind.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from typing import TYPE_CHECKING, Any

import Xlib.display
import Xlib.error
import Xlib.protocol.event
import Xlib.X

from monitor_tray.icon import _pystray  # noqa: F401  first, so that what follows opens no display by itself
from monitor_tray.icon._bus import Bus, BusError, session_bus_address
from monitor_tray.icon._errors import TrayAwayError
from monitor_tray.icon._loop import Loop
from monitor_tray.icon._notifications import Notifications

from PIL import Image  # isort: skip
from pystray import _xorg  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Callable

    from jeepney import Message

    from monitor_tray.actions import Action
    from monitor_tray.notification import Kind, Notification

log = logging.getLogger(__name__)

_GROUND = (34, 34, 34, 255)
_DISPLAY_GONE = (Xlib.error.ConnectionClosedError, OSError)
_PANEL_GONE = "no tray icon: the panel went away"


class Icon(Loop, _xorg.Icon):  # type: ignore[misc]  # pystray has no types
    """Raises `TrayAwayError` where there is no display. It ends with its panel; then another one must be made."""

    def __init__(self, *args: Any, **options: Any) -> None:
        try:
            super().__init__(*args, **options)
            # A connection that only wakes us: python-xlib loses wake-ups where two threads share one
            self._messenger = Xlib.display.Display()
        except (*_DISPLAY_GONE, Xlib.error.DisplayError) as error:
            raise TrayAwayError(f"no tray icon: the display cannot be used ({error})") from error
        self._messenger_lock = threading.Lock()
        self._bus: Bus | None = None
        self._task_message = self._messenger.intern_atom("_CLAUDE_MONITOR_TASK")
        self._for_pystray = self._message_handlers[Xlib.X.ClientMessage]
        self._message_handlers[Xlib.X.ClientMessage] = self._on_client_message

    def draw(self, render: Callable[[int], Image.Image]) -> None:
        """See `Surface`."""
        # These trays know no transparency, and pystray shows whatever colour a transparent pixel happens to have
        picture = render(self.picture_size)
        self.icon = Image.alpha_composite(Image.new("RGBA", picture.size, _GROUND), picture).convert("RGB")

    def announce(self, notification: Notification, do: Callable[[Action], None]) -> None:
        """See `Surface`."""
        if self._connect():
            self._notifications.show(notification, do)

    def withdraw(self, kind: Kind) -> None:
        """See `Surface`."""
        if self._bus:
            self._notifications.withdraw(kind)

    def _connect(self) -> bool:
        """Whether there is a session bus; these trays need none, and notifications do."""
        if self._bus is None:
            try:
                self._bus = Bus(session_bus_address(os.environ), lambda _: None, self._heard, self._bus_gone)
            except BusError as error:
                log.info("no notification: %s", error)
                return False
            self._notifications = Notifications(self._bus, self.post, lambda: self.icon)
        return True

    def _heard(self, signal: Message) -> None:
        if self._bus:
            self._notifications.heard(signal)

    def _bus_gone(self) -> None:
        bus, self._bus = self._bus, None
        if bus:
            self.post(bus.close)

    def _wake(self) -> None:
        # In a thread of its own: a signal handler may have interrupted one that holds the lock
        threading.Thread(target=self._send_wake, name="xorg-wake", daemon=True).start()

    def _send_wake(self) -> None:
        event = Xlib.protocol.event.ClientMessage(
            client_type=self._task_message, window=self._window.id, data=(32, (Xlib.X.CurrentTime, 0, 0, 0, 0))
        )
        gone = Xlib.error.CatchError(Xlib.error.BadWindow)
        try:
            with self._messenger_lock:
                self._messenger.send_event(self._window.id, event, onerror=gone)
                self._messenger.flush()
        except _DISPLAY_GONE as error:
            log.debug("the display went away: %s", error)

    def _on_client_message(self, event: Any) -> None:
        if event.client_type == self._task_message:
            self._run_tasks()
        else:
            self._for_pystray(event)

    def __del__(self) -> None:
        """The one of pystray closes what may never have been opened, and writes to a display that may be gone."""

    def _mainloop(self) -> None:
        # pystray's logs whatever happens and returns, as if somebody had quit
        try:
            while self._handle(self._display.next_event()):
                pass
        except _DISPLAY_GONE as error:
            raise TrayAwayError("no tray icon: the display went away") from error
        finally:
            if self._bus:
                self._bus.close()
            for display in (self._display, self._messenger):
                with contextlib.suppress(*_DISPLAY_GONE):
                    display.close()

    def _handle(self, event: Any) -> bool:
        """False where the event is the end of our own window."""
        if event.type == Xlib.X.DestroyNotify and event.window == self._window:
            return False
        try:
            self._message_handlers.get(event.type, lambda _: None)(event)
        except (TrayAwayError, *_DISPLAY_GONE):
            raise
        except Exception:
            log.exception("cannot handle an event of the display")
        return True

    def _show(self) -> None:
        self._dock_window()
        if not self._systray_manager:
            raise TrayAwayError(_PANEL_GONE)

    def _on_destroy_notify(self, event: Any) -> None:
        # pystray looks for another panel once, which is too early
        if self._systray_manager and event.window.id == self._systray_manager.id:
            raise TrayAwayError(_PANEL_GONE)

    def _create_window(self) -> Any:
        window = super()._create_window()
        # pystray handles ButtonPress and never asks for it
        mask = Xlib.X.ExposureMask | Xlib.X.StructureNotifyMask | Xlib.X.ButtonPressMask
        window.change_attributes(event_mask=mask)
        return window


def tray_is_there() -> bool:
    """Whether an XEmbed tray owns its selection on the display. False where there is no display."""
    try:
        display = Xlib.display.Display()
    except (Xlib.error.DisplayError, OSError):
        return False
    try:
        selection = display.intern_atom(f"_NET_SYSTEM_TRAY_S{display.get_default_screen()}")
        return bool(display.get_selection_owner(selection))
    finally:
        display.close()
