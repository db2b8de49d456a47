"""From what a person says of time to the decision that is written into the journal, or why there is none.

Nothing here writes or prints. As with projects, a decision that would change nothing is refused. ``report`` is always
one that holds the whole stretch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_core.edits import (
    AddTime,
    DropTime,
    MoveTime,
    PauseCounting,
    ResumeCounting,
    Undo,
    holding,
    in_force,
    key_by_hand,
)
from monitor_core.errors import MonitorError
from monitor_core.intervals import subtract, union
from monitor_core.model import Interval
from monitor_core.pauses import stretch_of_pause, stretch_of_resume
from monitor_core.project_edits import find_key, names_of, refuse_bad_name, shown
from monitor_core.undoing import SHORT_ID, edit_by_id, origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor_core.edits import Edit
    from monitor_core.grouping import Grouping
    from monitor_core.model import Block
    from monitor_core.project_edits import Record
    from monitor_core.report import ProjectTime, Report

TimeDecision = AddTime | MoveTime | DropTime
MAX_NOTE = 500


def target(text: str, grouping: Grouping, *, new: bool, folder: str = "") -> str:
    """The key of the project that is to get time: the one that people call ``text``, or a ``new`` one of that name.

    What was merged is what it counts for. Raises `MonitorError`, as all of these do.
    """
    if new:
        return _new(text, grouping)
    try:
        key = find_key(text, grouping, folder=folder)
    except MonitorError as error:
        also = " " if str(error).endswith("?") else "; "
        raise MonitorError(f"{error}{also}--new makes a project of that name") from None
    return _counting(key, grouping)


def source(text: str, grouping: Grouping, *, folder: str = "") -> str:
    """The key of the project that time is taken from."""
    return _counting(find_key(text, grouping, folder=folder), grouping)


def add(stretch: Interval, key: str, grouping: Grouping, report: Report) -> AddTime:
    """The stretch is to be attention for ``key``."""
    own = union((b.start_ms, b.end_ms) for b in _blocks(report, [_path(key, grouping)]))
    if not subtract((stretch,), own):
        raise MonitorError(f"{_name(key, grouping)} has all of that time already; nothing was changed")
    return AddTime(key, *stretch)


def move(stretch: Interval, key: str | None, into: str, grouping: Grouping, report: Report) -> MoveTime:
    """What ``key``, or without one every project, has in the stretch is to count for ``into``."""
    if key == into:
        raise MonitorError(f"{_name(into, grouping)} cannot be moved to itself; name two projects")
    others = [project.path for project in report.projects if project.path != _path(into, grouping)]
    _refuse_nothing(stretch, others if key is None else [_path(key, grouping)], report)
    return MoveTime(key, into, *stretch)


def drop(stretch: Interval, key: str | None, grouping: Grouping, report: Report) -> DropTime:
    """What ``key``, or without one every project, has in the stretch is to count for nothing."""
    every = [project.path for project in report.projects]
    _refuse_nothing(stretch, every if key is None else [_path(key, grouping)], report)
    return DropTime(key, *stretch)


def block_at(moment: Interval, when: str, key: str | None, grouping: Grouping, report: Report) -> tuple[str, Interval]:
    """The block that holds ``moment``, which the person called ``when``: its project and its stretch.

    With ``key`` it is one of that project.

    ``moment`` is as long as the person left open; of several blocks that reach into it, one that holds its start is
    meant.
    """
    projects = [p for p in report.projects if p.blocks and (key is None or p.path == _path(key, grouping))]
    near = [(p, b) for p in projects for b in p.blocks if b.start_ms < moment.end_ms and b.end_ms >= moment.start_ms]
    found = [(p, b) for p, b in near if b.start_ms <= moment.start_ms] or near
    whose = "any project" if key is None else _name(key, grouping)
    if not found:
        raise MonitorError(f"there is no block of {whose} at {when}; “claude-monitor why” shows all blocks of a day")
    if len(found) > 1:
        names = sorted({shown(project.name) for project, _ in found})
        if len(names) > 1:
            raise MonitorError(f"at {when} there are blocks of {' and '.join(names)}; say which with --project")
        raise MonitorError(f"at {when} there are {len(found)} blocks of {names[0]}; give the time with seconds")
    project, block = found[0]
    owner = next(each for each in grouping.counted if grouping.known[each].path == project.path)
    # A single event has no length; the shortest stretch holds it.
    return owner, Interval(block.start_ms, max(block.end_ms, block.start_ms + 1))


def undo(record: Record, text: str | None = None) -> tuple[Undo, Edit]:
    """What takes back the edit whose id begins with ``text``, without one the last edit of time; and that edit.

    An undo is an edit that can be taken back as well, by its id.
    """
    of_time = [edit for edit in in_force(record.journal) if isinstance(edit.decision, TimeDecision | PauseCounting)]
    if text is not None:
        latest = ", ".join(edit.id[:SHORT_ID] for edit in in_force(record.journal)[:-4:-1])
        edit = edit_by_id(record.journal, text, f"the latest are {latest}" if latest else "none is in force")
    elif of_time:
        edit = of_time[-1]
    else:
        raise MonitorError("no edit of time is in force, so there is nothing to undo")
    held = holding(record.journal)
    if edit.id not in held:
        undos = (e for e in record.journal if isinstance(e.decision, Undo) and e.decision.edit == edit.id)
        by = next(e.id for e in undos if e.id in held)
        raise MonitorError(f"{edit.id[:SHORT_ID]} is undone already; to have it again, undo {by[:SHORT_ID]}")
    return Undo(edit.id), edit


def note_of(text: str) -> str:
    """A note as it is stored: in one line. Raises `MonitorError` where it is too long."""
    note = " ".join(text.split())
    if len(note) > MAX_NOTE:
        raise MonitorError(f"the note has {len(note)} characters; give one with at most {MAX_NOTE}")
    return note


def stretch_of(journal: Sequence[Edit], edit: Edit) -> Interval | None:
    """The stretch that ``edit``, or what it took back, is about; None where that is an edit of projects."""
    first = origin(journal, edit)
    decision = first.decision
    if isinstance(decision, PauseCounting):
        return stretch_of_pause(journal, first.id)
    if isinstance(decision, ResumeCounting):
        return stretch_of_resume(journal, first.id)
    return Interval(decision.start_ms, decision.end_ms) if isinstance(decision, TimeDecision) else None


def _new(text: str, grouping: Grouping) -> str:
    name = " ".join(text.split())
    refuse_bad_name(name, text)
    key = key_by_hand(name)
    names = {own.casefold(): own for own in names_of(grouping).values()}
    if name.casefold() in names or key in grouping.known:
        raise MonitorError(f"there is a project {names.get(name.casefold(), name)} already; leave out --new")
    return key


def _counting(key: str, grouping: Grouping) -> str:
    """What ``key`` counts for at present."""
    final = grouping.counts_for(key)
    if final is None:
        name = _name(key, grouping)
        raise MonitorError(f"{name} is ignored and counts for nothing; “claude-monitor projects unignore” it first")
    return final


def _refuse_nothing(stretch: Interval, paths: Iterable[str], report: Report) -> None:
    if not any(_reaches(block, stretch) for block in _blocks(report, paths)):
        raise MonitorError("nothing counts in that time, so there is nothing to take; nothing was changed")


def _reaches(block: Block, stretch: Interval) -> bool:
    if block.start_ms == block.end_ms:
        return stretch.start_ms <= block.start_ms < stretch.end_ms
    return block.start_ms < stretch.end_ms and stretch.start_ms < block.end_ms


def _blocks(report: Report, paths: Iterable[str]) -> list[Block]:
    wanted = frozenset(paths)
    projects: list[ProjectTime] = [project for project in report.projects if project.path in wanted]
    return [block for project in projects for block in project.blocks]


def _path(key: str, grouping: Grouping) -> str:
    # A project that is about to be made has its key as its path.
    return grouping.known[key].path if key in grouping.known else key


def _name(key: str, grouping: Grouping) -> str:
    return shown(names_of(grouping, grouping.counted | {key})[key])
