"""pystray's backend for old X11 trays (XEmbed), with what it lacks: clicks, and a loop that takes tasks.

It has no menu; a left click opens the report. Used only where there is no panel of the newer kind.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import Xlib.display
import Xlib.error
import Xlib.protocol.event
import Xlib.X

from monitor_tray.icon import _pystray  # noqa: F401  first, so that what follows opens no display by itself
from monitor_tray.icon._loop import Loop

from PIL import Image  # isort: skip
from pystray import _xorg  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

_GROUND = (34, 34, 34, 255)


class Icon(Loop, _xorg.Icon):  # type: ignore[misc]  # pystray has no types
    """Raises an error of Xlib's where there is no display."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # A connection that only wakes us: python-xlib loses wake-ups where two threads share one
        self._messenger = Xlib.display.Display()
        self._messenger_lock = threading.Lock()
        self._task_message = self._messenger.intern_atom("_CLAUDE_MONITOR_TASK")
        self._for_pystray = self._message_handlers[Xlib.X.ClientMessage]
        self._message_handlers[Xlib.X.ClientMessage] = self._on_client_message

    def draw(self, render: Callable[[int], Image.Image]) -> None:
        """See `Surface`."""
        # These trays know no transparency, and pystray shows whatever colour a transparent pixel happens to have
        picture = render(self.picture_size)
        self.icon = Image.alpha_composite(Image.new("RGBA", picture.size, _GROUND), picture).convert("RGB")

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
        except Xlib.error.ConnectionClosedError as error:
            log.debug("the display went away: %s", error)

    def _on_client_message(self, event: Any) -> None:
        if event.client_type == self._task_message:
            self._run_tasks()
        else:
            self._for_pystray(event)

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
