"""What a person's settings make of the projects in the store: counted as another, not at all, or renamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor_core.config import Config
    from monitor_core.model import Event


@dataclass(frozen=True, slots=True)
class Grouping:
    """``merged`` says which project stands for another, ``ignored`` which count for nothing.

    ``known`` is ``{id: (path, name)}`` as people see it.
    """

    merged: Mapping[int, int]
    ignored: frozenset[int]
    known: Mapping[int, tuple[str, str]]

    @classmethod
    def of(cls, projects: Mapping[int, tuple[str, str]], config: Config) -> Grouping:
        """The grouping of ``projects``, ``{id: (path, name)}`` as stored."""
        known = dict(projects)
        ids = {path: id_ for id_, (path, _) in projects.items()}
        merged: dict[int, int] = {}
        for folder, target in config.project_aliases.items():
            for id_ in [i for i, (path, _) in projects.items() if _is_within(path, folder)]:
                # Where the target never had an event of its own, the first folder stands in its place.
                chief = ids.setdefault(target, id_)
                merged[id_] = chief
                if chief == id_:
                    known[id_] = target, _last_part(target)
        for id_, (path, name) in known.items():
            known[id_] = path, config.project_names.get(path, name)
        ignored = {id_ for id_, (path, _) in known.items() if any(_is_within(path, f) for f in config.ignored_projects)}
        return cls(merged, frozenset(ignored), known)

    def apply(self, events: Iterable[Event]) -> list[Event]:
        """``events`` as they count."""
        if not self.merged and not self.ignored:
            return list(events)
        moved = ((self.merged.get(event.project, event.project), event) for event in events)
        return [
            event if project == event.project else msgspec.structs.replace(event, project=project)
            for project, event in moved
            if project not in self.ignored
        ]


def _is_within(path: str, folder: str) -> bool:
    folder = folder.rstrip("/\\")
    return path == folder or path.startswith((f"{folder}/", f"{folder}\\"))


def _last_part(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path
