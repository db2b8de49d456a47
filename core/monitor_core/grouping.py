"""What people make of the places in the store: which project each counts for, if any, and what projects are called.

What the folders themselves show comes first, then the settings, then the journal, in which what is later wins. Nothing
of it is stored with the events, so a change holds for all that was ever recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.edits import (
    AddTime,
    CountProject,
    IgnoreProject,
    MergeProject,
    MoveTime,
    RenameProject,
    SplitFolder,
    name_by_hand,
)
from monitor_core.model import NO_PROJECT
from monitor_core.projects import text_key
from monitor_core.subprojects import Parts, is_within
from monitor_core.tries import uncounted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor_core.config import Config
    from monitor_core.edits import Edit
    from monitor_core.store import Place, StoredProject
    from monitor_core.tries import TriesOf


class KnownProject(NamedTuple):
    """A project as people see it; names may be shared, see `monitor_core.projects.distinct_names`."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Grouping:
    """``project_of`` says which project a place counts for; places that count for nothing are left out.

    Projects are told apart by their key. ``known`` has every project that a place was found to belong to and every one
    that an alias or an edit names, whether it counts or not. ``counted`` are the keys that reports can hold.
    ``origin_of`` says which project each place belongs to before anything was merged or ignored. ``merged`` has for a
    project the one that it was merged into, which may itself be merged. ``parents`` has for a project that is a folder
    of another the key of that, and ``renamed`` for one that was renamed the name that it would have else.
    """

    project_of: Mapping[int, str]
    known: Mapping[str, KnownProject]
    counted: frozenset[str]
    origin_of: Mapping[int, str]
    merged: Mapping[str, str]
    ignored: frozenset[str]
    parents: Mapping[str, str]
    renamed: Mapping[str, str]

    @classmethod
    def of(
        cls,
        places: Mapping[int, Place],
        projects: Mapping[int, StoredProject],
        config: Config,
        edits: Sequence[Edit] = (),
    ) -> Grouping:
        """The grouping of ``places`` as the settings and the ``edits`` that are in force ask for it."""
        made = _Making(config, edits)
        made.find_parts(places, projects)
        made.obey_the_settings()
        made.obey_the_journal()
        return made.grouping()

    def final(self, key: str) -> str:
        """The project that the one with ``key`` was merged into in the end; itself where it was not."""
        return _end(self.merged, key)

    def counts_for(self, key: str) -> str | None:
        """The same, but None where that is ignored."""
        final = self.final(key)
        return None if final in self.ignored else final


class LastGrouping:
    """Remembers the last grouping, for whoever asks again and again: a person has many places, and they seldom change.

    Belongs to one thread, and to one store.
    """

    def __init__(self, tries_of: TriesOf = uncounted) -> None:
        self._tries = tries_of("grouping")
        self._asked: tuple[object, ...] = ()
        self._found: Grouping | None = None

    def of(
        self,
        places: Mapping[int, Place],
        projects: Mapping[int, StoredProject],
        config: Config,
        edits: Sequence[Edit] = (),
    ) -> Grouping:
        """What `Grouping.of` says."""
        # Places and projects are only ever added.
        asked = len(places), len(projects), config, tuple(edits)
        if not self._tries.count(found=asked == self._asked) or self._found is None:
            self._found = Grouping.of(places, projects, config, edits)
            self._asked = asked
        return self._found


class _Making:
    """A grouping while it is being made."""

    def __init__(self, config: Config, edits: Sequence[Edit]) -> None:
        self._config = config
        self._edits = edits
        self._known: dict[str, KnownProject] = {}
        self._below: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        self._origin: dict[int, str] = {}
        self._merged: dict[str, str] = {}
        self._ignored: set[str] = set()
        self._names: dict[str, str] = {}

    def find_parts(self, places: Mapping[int, Place], projects: Mapping[int, StoredProject]) -> None:
        splits = [edit.decision for edit in self._edits if isinstance(edit.decision, SplitFolder)]
        split_off = {split.project for split in splits}
        parts = Parts(splits, self._config.subprojects)
        self._known = {project.key: KnownProject(project.path, project.name) for project in projects.values()}
        for number, place in places.items():
            project = projects[place.project]
            part = parts.of(place, project)
            self._origin[number] = part.key if part else project.key
            if part and part.key not in self._known:
                self._known[part.key] = KnownProject(part.path, _last_part(part.path))
                if part.below:
                    self._parents[part.key] = project.key
                if part.key not in split_off:
                    self._below[part.key] = part.below

    def obey_the_settings(self) -> None:
        by_path = {text_key(path): key for key, (path, _) in self._known.items() if path}
        # A folder within another comes after it, so that its own target holds.
        aliases = sorted(self._config.project_aliases.items(), key=lambda alias: len(alias[0]))
        targets = [by_path.get(text_key(target), text_key(target)) for _, target in aliases]
        for into, (_, target) in zip(targets, aliases, strict=True):
            self._know(into, target)
        for into, (folder, _) in zip(targets, aliases, strict=True):
            for key, (path, _) in self._known.items():
                if path and is_within(path, folder):
                    self._merge(key, into)
        names = {text_key(path): name for path, name in self._config.project_names.items()}
        for key, (path, _) in self._known.items():
            if any(path and is_within(path, folder) for folder in self._config.ignored_projects):
                self._ignored.add(key)
            if path and text_key(path) in names:
                self._names[key] = names[text_key(path)]

    def obey_the_journal(self) -> None:
        for edit in self._edits:
            match edit.decision:
                case RenameProject(project, name):
                    self._know(project)
                    self._names[project] = name
                case MergeProject(project, into):
                    self._know(project)
                    self._know(into)
                    self._merge(project, into)
                case SplitFolder(folder, project):
                    self._know(project, folder)
                    self._merged.pop(project, None)
                case IgnoreProject(project):
                    self._know(project)
                    self._ignored.add(project)
                case CountProject(project):
                    self._know(project)
                    self._ignored.discard(project)
                case AddTime(project) | MoveTime(_, project):
                    self._know(project)

    def grouping(self) -> Grouping:
        known = {key: KnownProject(path, self._names.get(key, name)) for key, (path, name) in self._known.items()}
        for key, below in self._below.items():
            name = f"{known[self._parents[key]].name}/{below}"
            self._known[key] = self._known[key]._replace(name=name)
            if key not in self._names:
                known[key] = self._known[key]
        renamed = {key: self._known[key].name for key in self._names if known[key] != self._known[key]}
        ignored = frozenset(self._ignored)
        final = {key: _end(self._merged, key) for key in self._known}
        project_of = {n: final[key] for n, key in self._origin.items() if final[key] not in ignored}
        by_hand = (e.decision for e in self._edits if isinstance(e.decision, AddTime | MoveTime))
        named = {final[d.project if isinstance(d, AddTime) else d.into] for d in by_hand}
        counted = frozenset(project_of.values()) | (named - ignored)
        return Grouping(project_of, known, counted, self._origin, self._merged, ignored, self._parents, renamed)

    def _know(self, key: str, path: str = "") -> None:
        """Sees to it that a project without a place is known, too."""
        if key in self._known:
            return
        if key == NO_PROJECT:
            self._known[key] = KnownProject("", NO_PROJECT)
        elif name := name_by_hand(key):
            self._known[key] = KnownProject(key, name)
        else:
            self._known[key] = KnownProject(path or key, _last_part(path or key))

    def _merge(self, key: str, into: str) -> None:
        self._merged.pop(key, None)
        # What is said later wins: where it closes a circle, the target comes back out of what it was merged into.
        if _end(self._merged, into) == key:
            self._merged.pop(into, None)
        if key != into:
            self._merged[key] = into


def _end(merged: Mapping[str, str], key: str) -> str:
    while key in merged:
        key = merged[key]
    return key


def _last_part(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path
