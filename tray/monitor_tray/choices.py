"""What people chose in the menu: it is carried out here, and the glance tells what of it can be taken back.

Whatever it decides about the record is an edit of the journal like any other.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import uuid
from typing import TYPE_CHECKING

from monitor_core import pauses
from monitor_core.edits import AddTime, Edit, Undo, in_force
from monitor_core.errors import MonitorError
from monitor_core.model import MINUTE_MS
from monitor_core.reporting import grouping_of
from monitor_core.store import Store
from monitor_tray.actions import (
    CountAway,
    LeaveAway,
    OpenDay,
    OpenPeriod,
    OpenProject,
    Pause,
    Quit,
    Resume,
    StartAtLogin,
    TakeBack,
)
from monitor_tray.clock import now_ms
from monitor_tray.duration import format_duration
from monitor_tray.glance import UndoLine
from monitor_tray.install import autostart

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.edits import Decision
    from monitor_core.paths import Paths
    from monitor_tray.actions import Action
    from monitor_tray.glance import Glance
    from monitor_tray.install.autostart import LoginEntry
    from monitor_tray.pages import Pages
    from monitor_tray.settings import SettingsFile

log = logging.getLogger(__name__)

#: For so long what was chosen can be taken back in the menu; later with `claude-monitor edit undo`.
TAKE_BACK_MS = 15 * MINUTE_MS


class Choices:
    """`obey` is for one thread, `complete` for any.

    ``write`` appends to the journal, soon. ``changed`` is called when the glance looks different. ``quit_application``
    ends the tray.
    """

    def __init__(
        self,
        paths: Paths,
        settings: SettingsFile,
        pages: Pages,
        login: LoginEntry,
        write: Callable[[Edit], None],
        changed: Callable[[], None],
        quit_application: Callable[[], None],
    ) -> None:
        self._paths, self._settings, self._pages, self._login = paths, settings, pages, login
        self._write, self._changed, self._quit = write, changed, quit_application
        self._left_out: frozenset[int] = frozenset()
        self._undo: tuple[UndoLine, int] | None = None  # and until when

    def obey(self, action: Action) -> None:
        """Carries it out. What goes wrong is logged."""
        try:
            self._obey(action)
        except MonitorError as error:
            log.error("%s", error)  # noqa: TRY400  the sentence says it all

    def complete(self, glance: Glance) -> Glance:
        """The glance with what was chosen before."""
        undo = self._undo
        is_asked = glance.away is not None and glance.away.start_ms not in self._left_out
        return dataclasses.replace(
            glance,
            away=glance.away if is_asked else None,
            undo=undo[0] if undo is not None and now_ms() < undo[1] else None,
            starts_at_login=self._starts_at_login(),
        )

    def _obey(self, action: Action) -> None:
        match action:
            case OpenDay():
                self._pages.open_day()
            case OpenPeriod(kind):
                self._pages.open_period(kind)
            case OpenProject(path):
                self._pages.open_project(path)
            case Pause(length_ms):
                at_ms = now_ms()
                self._decide(pauses.pause(self._edits(), at_ms, None if length_ms is None else at_ms + length_ms))
            case Resume():
                self._resume()
            case CountAway(start_ms, end_ms, path):
                self._count(start_ms, end_ms, path)
            case LeaveAway(start_ms):
                self._left_out |= {start_ms}
                self._changed()
            case TakeBack(edit):
                self._undo = None
                self._decide(Undo(edit))
            case StartAtLogin(on):
                if on:
                    self._login.switch_on(autostart.tray_command())
                else:
                    self._login.switch_off()
                self._changed()
            case Quit():
                self._quit()

    def _resume(self) -> None:
        at_ms = now_ms()
        decision, pause = pauses.resume(self._edits(), at_ms)
        self._decide(decision)
        lasted = format_duration(max(0, at_ms - pause.start_ms))
        self._undo = UndoLine(pause.edit.id, f"Count the pause after all, {lasted}"), at_ms + TAKE_BACK_MS

    def _count(self, start_ms: int, end_ms: int, path: str) -> None:
        with contextlib.closing(Store(self._paths.database)) as store:
            grouping = grouping_of(store, self._settings.current())
        key = next((key for key in grouping.counted if grouping.known[key].path == path), None)
        if key is None:
            raise MonitorError(f"the project {path} is not there any more, so the time cannot be counted for it")
        edit = self._decide(AddTime(key, start_ms, end_ms))
        words = f"Take back: {format_duration(end_ms - start_ms)} for {grouping.known[key].name}"
        self._undo = UndoLine(edit.id, words), now_ms() + TAKE_BACK_MS

    def _edits(self) -> tuple[Edit, ...]:
        with contextlib.closing(Store(self._paths.database)) as store:
            return in_force(store.journal())

    def _decide(self, decision: Decision) -> Edit:
        edit = Edit(str(uuid.uuid4()), now_ms(), decision)
        self._write(edit)
        return edit

    def _starts_at_login(self) -> bool | None:
        try:
            return self._login.state() is autostart.State.ON
        except MonitorError as error:
            log.debug("%s", error)
            return None
