"""The journal as a list for a terminal, and as JSON."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from monitor_core.edits import AddTime, DropTime, MoveTime, PauseCounting, Undo, holding, name_by_hand
from monitor_core.model import NEVER_MS
from monitor_core.pauses import stretch_of_pause
from monitor_core.project_edits import names_of
from monitor_core.undoing import SHORT_ID
from monitor_tray.printable import escaped
from monitor_tray.render.ascii import in_ascii
from monitor_tray.render.edit_words import EditWords
from monitor_tray.render.local_time import LocalClock
from monitor_tray.render.text import MAX_WIDTH, MIN_WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from monitor_core.edits import Edit
    from monitor_core.grouping import Grouping
    from monitor_core.project_edits import Record
    from monitor_tray.render.text import Look

VERSION = 1
NO_EDITS = (
    "Nothing was corrected by hand. “claude-monitor edit add”, “edit move” and “edit drop” do; "
    "“claude-monitor why” shows what counts and why."
)
NONE_IN_FORCE = "No edit is in force. “claude-monitor edit list --all” shows those that were undone."


def chosen(record: Record, *, every: bool) -> list[Edit]:
    """What is listed, newest first: what is in force and no undo itself, or with ``every`` all entries."""
    held = holding(record.journal)
    return [e for e in reversed(record.journal) if every or (e.id in held and not isinstance(e.decision, Undo))]


def edits_text(edits: Sequence[Edit], record: Record, zone: ZoneInfo, look: Look) -> str:
    """One entry after the other, in lines of at most ``look.width`` columns (40 to 88); a hint where there is none."""
    width = min(max(look.width, MIN_WIDTH), MAX_WIDTH)
    if not edits:
        lines = textwrap.wrap(NONE_IN_FORCE if record.journal else NO_EDITS, width)
    else:
        words, undone = EditWords(record, zone), _undone_by(record)
        lines = [line for edit in edits for line in _entry(edit, words, undone, width)]
    text = "".join(f"{line}\n" for line in lines)
    return text if look.unicode else in_ascii(text)


def edits_json(edits: Sequence[Edit], record: Record, zone: ZoneInfo) -> bytes:
    """The same as UTF-8 JSON. ``what`` is for people; time edits have their ``project``, ``into`` and stretch, too.

    A pause has its stretch, with null for the end of one that goes on until somebody resumes. ``undone_by`` is the id
    of the edit that took it back and is in force itself, else null.
    """
    words, undone, clock, grouping = EditWords(record, zone), _undone_by(record), LocalClock(zone), record.grouping()
    document = {
        "version": VERSION,
        "edits": [
            {
                "id": edit.id,
                "made": clock.rfc3339(edit.at_ms),
                "kind": type(edit.decision).__struct_config__.tag,
                "what": words.what(edit),
                **_of_time(edit, record, grouping, clock),
                **({"undoes": edit.decision.edit} if isinstance(edit.decision, Undo) else {}),
                "note": edit.note,
                "in_force": edit.id not in undone,
                "undone_by": undone.get(edit.id),
            }
            for edit in edits
        ],
    }
    return (escaped(json.dumps(document, indent=2, ensure_ascii=False)) + "\n").encode()


def _entry(edit: Edit, words: EditWords, undone: dict[str, str], width: int) -> list[str]:
    indent = " " * (SHORT_ID + 2)
    aside = [words.note(edit), f"made {words.made(edit)}"]
    if edit.id in undone:
        aside.append(f"undone by {undone[edit.id][:SHORT_ID]}")
    lines = textwrap.wrap(words.what(edit), width, initial_indent=indent, subsequent_indent=indent)
    lines += textwrap.wrap(
        " · ".join(part for part in aside if part), width, initial_indent=indent, subsequent_indent=indent
    )
    return [edit.id[:SHORT_ID] + lines[0][SHORT_ID:], *lines[1:]]


def _undone_by(record: Record) -> dict[str, str]:
    """For each entry that is not in force the id of the one that took it back."""
    held = holding(record.journal)
    return {e.decision.edit: e.id for e in record.journal if isinstance(e.decision, Undo) and e.id in held}


def _of_time(edit: Edit, record: Record, grouping: Grouping, clock: LocalClock) -> dict[str, Any]:
    decision = edit.decision
    if isinstance(decision, PauseCounting):
        found = stretch_of_pause(record.journal, edit.id)
        end_ms = found.end_ms if found else decision.start_ms
        return {"start": clock.rfc3339(decision.start_ms), "end": None if end_ms == NEVER_MS else clock.rfc3339(end_ms)}
    if not isinstance(decision, AddTime | MoveTime | DropTime):
        return {}
    names = names_of(grouping, grouping.known) | names_of(grouping)

    def project(key: str | None) -> dict[str, str] | None:
        if key is None:
            return None
        return {
            "name": names.get(key) or name_by_hand(key) or key,
            "path": grouping.known[key].path if key in grouping.known else key,
        }

    return {
        "project": project(decision.project),
        **({"into": project(decision.into)} if isinstance(decision, MoveTime) else {}),
        "start": clock.rfc3339(decision.start_ms),
        "end": clock.rfc3339(decision.end_ms),
    }
