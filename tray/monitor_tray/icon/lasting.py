"""`LastingIcon`: an icon that is shown whenever this desktop can show one, for as long as the process wants one.

A session bus may come later than we do, and it may go: the icon is then made anew, after pauses that grow. While it
waits nothing is drawn. It knows nothing of any desktop.
"""

from __future__ import annotations

import contextlib
import enum
import queue
import threading
import time
from typing import TYPE_CHECKING

from monitor_tray.icon._errors import TrayAwayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_tray.glance import Glance
    from monitor_tray.icon.tray_icon import TrayIcon
    from monitor_tray.notification import Kind, Notification

#: Between two attempts. Each is twice the one before; after an icon that held for the longest it is the least again.
LEAST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0


class _Said(enum.Enum):
    """What the application was told last."""

    SHOWN = "shown"
    NO_PANEL = "no panel"
    AWAY = "away"


class LastingIcon:
    """Made by `monitor_tray.icon.create`.

    ``make`` gets the name of the backend that was used last, or an empty one. ``shown`` gets the backend's name each
    time that a panel takes the icon, ``lost`` a clause that says why there is none: once, whatever is tried
    meanwhile. A bus without a panel is said as well. All are called in the thread of `run`.
    """

    def __init__(
        self, make: Callable[[str], TrayIcon], shown: Callable[[str], None], lost: Callable[[str], None]
    ) -> None:
        self._make, self._shown, self._lost = make, shown, lost
        self._lock = threading.Lock()  # guards the icon and the last glance; never taken by `stop`
        self._icon: TrayIcon | None = None
        self._glance: Glance | None = None
        self._stopping = False
        # Not an Event: its lock is not for signal handlers
        self._stops: queue.SimpleQueue[None] = queue.SimpleQueue()
        # These belong to the thread of `run`
        self._backend = ""
        self._said: _Said | None = None

    def run(self) -> None:
        """Shows the icon until `stop`, in the main thread. Signal handlers of Python run at once.

        Raises `TrayUnavailableError` where there can never be one here.
        """
        pause_s = LEAST_PAUSE_S
        while not self._stopping:
            began = time.monotonic()
            why = self._run_one()
            if self._stopping:
                return
            self._say_lost(_Said.AWAY, why)
            if time.monotonic() - began >= LONGEST_PAUSE_S:
                pause_s = LEAST_PAUSE_S
            with contextlib.suppress(queue.Empty):
                self._stops.get(timeout=pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def stop(self) -> None:
        """Ends `run`. From any thread, from a signal handler, and before `run`, too."""
        self._stopping = True
        self._stops.put(None)
        icon = self._icon
        if icon is not None:
            icon.stop()

    def show(self, glance: Glance) -> None:
        """Shows ``glance`` soon, or when there is an icon again; from any thread. Of several the last is shown."""
        with self._lock:
            self._glance = glance
            if self._icon is not None:
                self._icon.show(glance)

    @property
    def is_there(self) -> bool:
        """Whether there is an icon now, though perhaps no panel that shows it; from any thread."""
        return self._icon is not None

    def announce(self, notification: Notification) -> None:
        """Shows a notification soon, if there is an icon now; from any thread."""
        with self._lock:
            if self._icon is not None:
                self._icon.announce(notification)

    def withdraw(self, kind: Kind) -> None:
        """Takes the notification of that kind from the screen, if it is there still; from any thread."""
        with self._lock:
            if self._icon is not None:
                self._icon.withdraw(kind)

    def _run_one(self) -> str:
        """Returns when there is no icon, or no longer, with a clause that says why."""
        try:
            icon = self._make(self._backend)
            with self._lock:
                self._icon = icon
                if self._glance is not None:
                    icon.show(self._glance)
            if not self._stopping:  # a signal that came before could not stop it
                self._backend = icon.backend
                icon.run(self._placed)
        except TrayAwayError as error:
            return str(error)
        finally:
            with self._lock:
                self._icon = None
        return "no tray icon: it ended by itself"

    def _placed(self, shown: bool) -> None:
        if not shown:
            self._say_lost(_Said.NO_PANEL, "no tray icon: no panel takes it, and it appears as soon as one does")
        elif self._said is not _Said.SHOWN:
            self._said = _Said.SHOWN
            self._shown(self._backend)

    def _say_lost(self, said: _Said, why: str) -> None:
        if self._said is not said:
            self._said = said
            self._lost(why)
