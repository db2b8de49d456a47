"""Finding an entry of the journal by its id, and what it is about.

An undo is an entry like any other: it is in force or not, and to take it back is to have again what it took back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_core.edits import Undo
from monitor_core.errors import MonitorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor_core.edits import Edit

#: As much of an edit's id as is shown.
SHORT_ID = 8
_MAX_SHOWN, _MAX_NAMED = 60, 5


def origin(journal: Iterable[Edit], edit: Edit) -> Edit:
    """What ``edit`` is about in the end: itself, or what the undo that it is took back or gave back."""
    made = {each.id: each for each in journal}
    while isinstance(edit.decision, Undo) and edit.decision.edit in made:
        edit = made[edit.decision.edit]
    return edit


def edit_by_id(journal: Sequence[Edit], text: str, advice: str) -> Edit:
    """The one entry whose id begins with ``text``. Raises `MonitorError`, with ``advice`` where there is none."""
    wanted = text.strip().lower()
    if not wanted:
        # As from a variable of the shell that is not set: the last edit may be none that was meant.
        raise MonitorError(f"the id is empty; leave it out to undo the last edit, or give one ({advice})")
    found = [edit for edit in journal if edit.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    quoted = repr(text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…")
    if found:
        ids = ", ".join(edit.id[: SHORT_ID + 4] for edit in found[:_MAX_NAMED])
        raise MonitorError(f"{quoted} can be {ids}; give more of the id")
    raise MonitorError(f"there is no edit {quoted}; {advice}")
