"""What every backend has besides pystray: one loop that runs all tasks, in the thread of ``run()``.

pystray starts a thread of its own to run the set-up, and where the backend cannot start, that thread keeps the process
alive for ever. There is none here: the set-up is the loop's first task.
"""

from __future__ import annotations

import logging
import queue
from typing import TYPE_CHECKING, Any, Protocol

from monitor_tray.icon._errors import TrayAwayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from monitor_tray.actions import Action
    from monitor_tray.notification import Kind, Notification

log = logging.getLogger(__name__)


class Surface(Protocol):
    """A backend's icon, as `monitor_tray.icon.tray_icon.TrayIcon` uses it.

    ``post`` and ``stop`` may be called from any thread and from a signal handler; all else belongs to the loop.
    """

    title: str

    def run(self, placed: Callable[[bool], None]) -> None:
        """Shows the icon and runs tasks until `stop`; ``placed`` is called when a panel has it, and when none has.

        Raises `TrayAwayError` where the desktop is not there, or goes.
        """

    def post(self, task: Callable[[], None]) -> None:
        """Has ``task`` run by the loop, soon. What it raises is logged."""

    def stop(self) -> None:
        """Ends `run`, when the tasks before it are done."""

    def draw(self, render: Callable[[int], Image.Image]) -> None:
        """Shows another picture; ``render`` makes it, in any size asked for."""

    def set_label(self, text: str) -> None:
        """Shows ``text`` beside the icon, where the desktop can."""

    def update_menu(self) -> None:
        """Shows what the menu says now."""

    def menu_text(self, text: str) -> str:
        """``text`` as this desktop's menu needs it."""

    def tooltip_text(self, text: str) -> str:
        """``text`` as this desktop's tooltip can show it."""

    def announce(self, notification: Notification, do: Callable[[Action], None]) -> None:
        """Shows a notification, in place of the one of its kind; ``do`` gets what people choose."""

    def withdraw(self, kind: Kind) -> None:
        """Takes the notification of that kind from the screen, where the desktop can, if it is there still."""


class Loop:
    """Goes before a pystray icon class among the bases, and replaces how it runs and stops.

    ``opening`` is called by the loop before a menu is shown, on desktops that tell.
    """

    #: For desktops that scale the picture themselves.
    picture_size = 48

    # pystray's, which comes after this class: among them its own loop, and what ends that
    visible: bool
    _run: Callable[[], None]
    _stop: Callable[[], None]
    _notify: Callable[[str, str], None]
    _remove_notification: Callable[[], None]

    def __init__(self, *args: Any, opening: Callable[[], None], **options: Any) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._opening = opening
        self._busy = False
        self._announced: Notification | None = None
        super().__init__(*args, **options)

    def run(self, placed: Callable[[bool], None]) -> None:
        """See `Surface`."""
        self._placed = placed
        self._tasks.put(self._appear)
        self._run()

    def post(self, task: Callable[[], None]) -> None:
        """See `Surface`."""
        self._tasks.put(task)
        self._wake()

    def stop(self) -> None:
        """See `Surface`."""
        self._tasks.put(None)
        self._wake()

    def draw(self, render: Callable[[int], Image.Image]) -> None:
        """See `Surface`."""
        self.icon = render(self.picture_size)

    def set_label(self, text: str) -> None:
        """See `Surface`."""

    def menu_text(self, text: str) -> str:
        """See `Surface`."""
        return text

    def tooltip_text(self, text: str) -> str:
        """See `Surface`."""
        return text

    def announce(self, notification: Notification, do: Callable[[Action], None]) -> None:
        """See `Surface`."""
        self._announced, self._do = notification, do
        self._notify(notification.body, notification.title)

    def withdraw(self, kind: Kind) -> None:
        """See `Surface`."""
        if self._announced and self._announced.kind is kind:
            self._announced = None
            self._remove_notification()

    def _click_announced(self) -> None:
        """Somebody clicked on the notification that was shown last."""
        if self._announced:
            self._do(self._announced.buttons[0].action)

    def _appear(self) -> None:
        self.visible = True
        self._placed(True)

    def _mark_ready(self) -> None:
        """Called by pystray's backends when their own loop is about to run."""
        self._wake()

    def _wake(self) -> None:
        """Has `_run_tasks` called by the loop; from any thread, and before the loop runs, too."""

    def _run_tasks(self) -> None:
        """Runs the tasks that wait, and pystray's ``_stop`` where the last is reached."""
        while not self._tasks.empty():
            if not self._run_next():
                self._stop()
                return

    def _run_next(self) -> bool:
        """Waits for a task and runs it. False when it is the end."""
        task = self._tasks.get()
        if task is None:
            return False
        self._perform(task)
        return True

    def _perform(self, task: Callable[[], None]) -> None:
        """Runs ``task`` in the loop, and logs what it raises: foreign code would end the loop, or the process."""
        self._busy = True
        try:
            task()
        except TrayAwayError:
            raise  # this one is not the task's
        except Exception:
            log.exception("a task of the tray icon failed")
        finally:
            self._busy = False
