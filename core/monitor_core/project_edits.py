"""From what a person says of projects to the decision that is written into the journal, or why there is none.

Nothing here writes or prints. A decision that would change nothing is refused, so that each entry of the journal means
something when it is taken back.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.edits import (
    CountProject,
    Edit,
    IgnoreProject,
    MergeProject,
    ProjectDecision,
    RenameProject,
    SplitFolder,
    Undo,
    holding,
    in_force,
    name_by_hand,
)
from monitor_core.errors import MonitorError
from monitor_core.grouping import Grouping
from monitor_core.mistyped import meant_by
from monitor_core.one_project import Named, find_project
from monitor_core.projects import at, distinct_names
from monitor_core.subprojects import is_within
from monitor_core.undoing import SHORT_ID, edit_by_id, origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor_core.config import Config
    from monitor_core.store import Place, Store, StoredProject

MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Record:
    """What decides how projects are grouped, as it stands. ``journal`` has every edit, in force or not."""

    places: Mapping[int, Place]
    projects: Mapping[int, StoredProject]
    config: Config
    journal: tuple[Edit, ...]

    @classmethod
    def of(cls, store: Store, config: Config) -> Record:
        """What is in the store. Raises `StoreError`."""
        with store.snapshot():
            return cls(store.places(), store.projects(), config, tuple(store.journal()))

    def with_edit(self, edit: Edit) -> Record:
        """The record as it is after ``edit``."""
        return Record(self.places, self.projects, self.config, (*self.journal, edit))

    def grouping(self) -> Grouping:
        """What is made of it."""
        return Grouping.of(self.places, self.projects, self.config, in_force(self.journal))


def names_of(grouping: Grouping, keys: Iterable[str] | None = None) -> dict[str, str]:
    """Key → name that no other of ``keys`` has; of all projects that reports can hold, where none are given."""
    wanted = sorted(grouping.counted if keys is None else keys)
    return dict(zip(wanted, distinct_names([grouping.known[key] for key in wanted]), strict=True))


def find_key(text: str, grouping: Grouping, *, folder: str = "") -> str:
    """The key of the project that a person calls ``text``, merged and ignored ones included.

    Otherwise as `monitor_core.one_project.find_project`: ``folder`` is ``text`` as a whole path, where it can be one.
    """
    everything, counted = (
        {Named(name, grouping.known[key].path): key for key, name in names_of(grouping, keys).items()}
        for keys in (grouping.known, grouping.counted)
    )
    found = find_project(text, everything, counted, folder=folder)
    return everything[found] if found in everything else counted[found]


def refuse_bad_name(name: str, text: str) -> None:
    """Raises `MonitorError` where no project can be called ``name``, which was made of the person's ``text``."""
    # What does not print could make a terminal or a menu show something else than it is.
    if not name or not name.isprintable():
        raise MonitorError(f"{text!r} is no name; give one with letters that can be seen")
    if len(name) > MAX_NAME:
        raise MonitorError(f"the name has {len(name)} characters; give one with at most {MAX_NAME}")


def rename(record: Record, key: str, name: str) -> RenameProject:
    """``key`` is to be shown as ``name``. Raises `MonitorError`, as all of these do, where that cannot be."""
    grouping = record.grouping()
    name = name.strip()
    refuse_bad_name(name, name)
    _refuse_merged(grouping, key, "rename")
    if grouping.known[key].name == name:
        raise MonitorError(f"{shown(name)} is called that already; nothing was changed")
    return RenameProject(key, name)


def merge(record: Record, key: str, into: str) -> MergeProject:
    """What ``key`` has is to count for ``into``."""
    grouping = record.grouping()
    name, target = _name(grouping, key), _name(grouping, into)
    if key == into:
        raise MonitorError(f"{name} cannot be merged into itself; name two projects")
    final = grouping.final(into)
    if final == key:
        raise MonitorError(f"{target} counts for {name} already; {_apart(grouping, into)} first")
    if grouping.final(key) == final:
        raise MonitorError(f"{name} counts for {_name(grouping, final)} already; nothing was changed")
    if final in grouping.ignored:
        raise MonitorError(
            f"{_name(grouping, final)} is ignored, so {name} would count for nothing; unignore it first, or ignore both"
        )
    return MergeProject(key, into)


def split(record: Record, folder: str) -> SplitFolder:
    """What happened in ``folder``, an absolute path, and below is to be a project of its own."""
    grouping = record.grouping()
    found = at(folder)
    decision = SplitFolder(found.path, found.key)
    after = record.with_edit(Edit("a-thought", 0, decision)).grouping()
    if after.origin_of != grouping.origin_of or after.merged != grouping.merged:
        return decision
    where = shown(found.path)
    if found.key in grouping.origin_of.values():
        raise MonitorError(f"{where} is a project of its own already; nothing was changed")
    folders = sorted({place.cwd for place in record.places.values() if place.cwd})
    if any(is_within(folder, found.path) for folder in folders):
        raise MonitorError(f"what lies in {where} are projects of their own already; to join them, merge them")
    near = meant_by(found.path, folders)
    advice = f"did you mean {' or '.join(map(shown, near))}?" if near else "name a folder that Claude Code worked in"
    raise MonitorError(f"nothing was recorded in {where}; {advice}")


def ignore(record: Record, key: str) -> IgnoreProject:
    """``key`` is to count for nothing."""
    grouping = record.grouping()
    _refuse_merged(grouping, key, "ignore")
    if key in grouping.ignored:
        raise MonitorError(f"{_name(grouping, key)} is ignored already; nothing was changed")
    return IgnoreProject(key)


def unignore(record: Record, key: str) -> CountProject:
    """``key`` is to count again, whether the journal or the settings ignore it."""
    grouping = record.grouping()
    _refuse_merged(grouping, key, "unignore")
    if key not in grouping.ignored:
        raise MonitorError(f"{_name(grouping, key)} is not ignored; nothing was changed")
    return CountProject(key)


def undo(record: Record, text: str | None = None) -> tuple[Undo, str]:
    """What takes back the edit of projects whose id begins with ``text``, without one the last; and that edit in words.

    An undo is an edit that can be taken back as well, by its id.
    """
    of_projects = [edit for edit in in_force(record.journal) if isinstance(edit.decision, ProjectDecision)]
    if text is not None:
        latest = ", ".join(edit.id[:SHORT_ID] for edit in of_projects[:-4:-1])
        advice = f"the latest edits of projects are {latest}" if latest else "no project was edited"
        edit = edit_by_id(record.journal, text, advice)
    elif of_projects:
        edit = of_projects[-1]
    else:
        raise MonitorError("no edit of a project is in force, so there is nothing to undo")
    first = origin(record.journal, edit)
    if not isinstance(first.decision, ProjectDecision):
        raise MonitorError(f"{edit.id[:SHORT_ID]} is no edit of a project; this command undoes those alone")
    if edit.id not in holding(record.journal):
        raise MonitorError(f"{edit.id[:SHORT_ID]} is undone already; nothing was changed")
    words = describe(first.decision, record)
    return Undo(edit.id), words if first is edit else f"the undoing of: {words}"


def describe(decision: ProjectDecision, record: Record) -> str:
    """A decision in words, with the names that projects have at present."""
    grouping = record.grouping()

    def name(key: str) -> str:
        return _name(grouping, key) if key in grouping.known else shown(key)

    match decision:
        case RenameProject(project, new):
            return f"{_place(grouping, project)} is called {shown(new)}"
        case MergeProject(project, into):
            return f"{name(project)} counts for {name(into)}"
        case SplitFolder(folder):
            return f"{shown(folder)} is a project of its own"
        case IgnoreProject(project):
            return f"{name(project)} is ignored"
        case CountProject(project):
            return f"{name(project)} counts"


def shown(name: str) -> str:
    """A name or a path for a sentence: as it is, unless something in it could drive a terminal."""
    return name if name.isprintable() else repr(name)


def _refuse_merged(grouping: Grouping, key: str, verb: str) -> None:
    if key in grouping.merged:
        name, final = _name(grouping, key), _name(grouping, grouping.final(key))
        raise MonitorError(f"{name} counts for {final}; {verb} that, or {_apart(grouping, key)} first")


def _apart(grouping: Grouping, key: str) -> str:
    path = grouping.known[key].path
    if not path or name_by_hand(key):
        return "undo that"
    return f"take {_name(grouping, key)} out with “claude-monitor projects split {shown(shlex.quote(path))}”"


def _place(grouping: Grouping, key: str) -> str:
    known = grouping.known.get(key)
    return shown(grouping.renamed.get(key, known.name) if known else key)


def _name(grouping: Grouping, key: str) -> str:
    names = names_of(grouping) if key in grouping.counted else names_of(grouping, grouping.known)
    return shown(names[key])
