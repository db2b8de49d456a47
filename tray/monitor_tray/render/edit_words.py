"""An entry of the journal in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_core.edits import AddTime, DropTime, MoveTime, PauseCounting, ResumeCounting, Undo, name_by_hand
from monitor_core.model import NEVER_MS
from monitor_core.pauses import stretch_of_pause
from monitor_core.project_edits import describe, names_of
from monitor_core.undoing import origin
from monitor_tray.duration import format_duration
from monitor_tray.printable import printable
from monitor_tray.render.local_time import LocalClock

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from monitor_core.edits import Edit
    from monitor_core.pauses import Pause
    from monitor_core.project_edits import Record


class EditWords:
    """Words for the edits of a ``record``, with the names that projects have at present; all of them printable."""

    def __init__(self, record: Record, zone: ZoneInfo) -> None:
        self._record = record
        self._grouping = record.grouping()
        self._names = names_of(self._grouping, self._grouping.known)
        self._names |= names_of(self._grouping)
        self._clock = LocalClock(zone)

    def name(self, key: str) -> str:
        """What a project is called."""
        # One that was made by hand is known only as long as an edit in force names it.
        return printable(self._names.get(key) or name_by_hand(key) or key)

    def stretch(self, start_ms: int, end_ms: int) -> str:
        """``2026-11-23 14:00 – 15:30 (1 h 30 m)``; with seconds where there are some."""
        start, end = self._clock.local(start_ms), self._clock.local(end_ms)
        shape = "%H:%M:%S" if start.second or end.second else "%H:%M"
        last = f"{end:{shape}}" if end.date() == start.date() else f"{end.date()} {end:{shape}}"
        return f"{start.date()} {start:{shape}} – {last} ({format_duration(end_ms - start_ms)})"

    def made(self, edit: Edit) -> str:
        """When it was made: ``2026-11-23 16:02``."""
        return self.instant(edit.at_ms)

    def instant(self, at_ms: int) -> str:
        """``2026-11-23 14:00``."""
        return f"{self._clock.local(at_ms):%Y-%m-%d %H:%M}"

    def what(self, edit: Edit) -> str:  # noqa: PLR0911  one for each kind
        """What it decides: ``added to Meetings: 2026-11-23 14:00 – 15:30 (1 h 30 m)``."""
        match edit.decision:
            case AddTime(project, start_ms, end_ms):
                return f"added to {self.name(project)}: {self.stretch(start_ms, end_ms)}"
            case MoveTime(project, into, start_ms, end_ms):
                return f"moved from {self._source(project)} to {self.name(into)}: {self.stretch(start_ms, end_ms)}"
            case DropTime(project, start_ms, end_ms):
                return f"taken out of {self._source(project)}: {self.stretch(start_ms, end_ms)}"
            case PauseCounting(start_ms):
                return self._pause(edit, start_ms)
            case ResumeCounting(at_ms):
                return f"resumed: {self.instant(at_ms)}"
            case Undo(undone):
                return self._undo(edit, undone)
            case decision:
                return printable(describe(decision, self._record))

    def pause(self, pause: Pause) -> str:
        """The stretch of a pause: ``since 2026-11-23 14:00, until you resume``."""
        if pause.is_open_ended:
            return f"since {self.instant(pause.start_ms)}, until you resume"
        return self.stretch(pause.start_ms, pause.end_ms)

    def note(self, edit: Edit) -> str:
        """The note in quotation marks; nothing where there is none."""
        return f"“{printable(edit.note)}”" if edit.note else ""

    def _pause(self, edit: Edit, start_ms: int) -> str:
        found = stretch_of_pause(self._record.journal, edit.id)
        if found is not None and found.end_ms != NEVER_MS:
            return f"paused: {self.stretch(*found)}"
        return f"paused from {self.instant(start_ms)}, {'until resumed' if found else 'for no time'}"

    def _undo(self, edit: Edit, undone: str) -> str:
        first = origin(self._record.journal, edit)
        known = next((e for e in self._record.journal if e.id == undone), None)
        if known is None or first is edit:
            return "undone: an edit that is not here"
        return f"{'had again' if isinstance(known.decision, Undo) else 'undone'}: {self.what(first)}"

    def _source(self, project: str | None) -> str:
        return "all projects" if project is None else self.name(project)
