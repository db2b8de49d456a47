"""A report of one project alone, and finding the project that a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from monitor_core.errors import MonitorError
from monitor_core.mistyped import meant_by
from monitor_core.projects import distinct_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from monitor_core.grouping import Grouping
    from monitor_core.report import DayTime, ProjectTime, Report

_MAX_SHOWN, _MAX_NAMED = 60, 5


class Named(NamedTuple):
    """A project as people call it; the path tells it from all others."""

    name: str
    path: str


def known_projects(grouping: Grouping) -> list[Named]:
    """All projects that reports can hold, whatever the range, each with a name that no other has; by name."""
    counted = [grouping.known[key] for key in grouping.counted]
    names = distinct_names(counted)
    return sorted(Named(name, project.path) for name, project in zip(names, counted, strict=True))


def find_project(text: str, known: Collection[Named], shown: Iterable[Named] = (), *, folder: str = "") -> Named:
    """The project that a person calls ``text``: its path, its name, or as much of the name as no other begins with.

    Upper and lower case make no difference in names. ``shown`` are names that the person may have before them, and come
    first; ``folder`` is ``text`` as a whole path, where it can be one. Raises `MonitorError` with the nearest names.
    """
    wanted = text.strip().casefold()
    by_path = {project.path: project for project in known if project.path}
    for path in (text, text.rstrip("/\\"), folder):
        if path in by_path:
            return by_path[path]
    for names in (tuple(shown), known):
        if exact := [project for project in names if project.name.casefold() == wanted]:
            return exact[0]
    beginning = [project for project in known if wanted and project.name.casefold().startswith(wanted)]
    if len(beginning) == 1:
        return beginning[0]
    quoted = repr(text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…")
    if beginning:
        raise MonitorError(f"{quoted} can be {_listed(project.name for project in beginning)}; give more of the name")
    raise MonitorError(f"there is no project {quoted}; {_nearest(wanted, known)}")


def of_project(report: Report, path: str) -> Report:
    """``report`` as if there were only the project at ``path``: its totals are the project's, and nothing is parallel.

    The usage windows stay as they are, because they are not of a project, and so does ``agent_ms``, which is of all
    streams. Where the project has nothing in the range the report is empty.
    """
    own = [project for project in report.projects if project.path == path]
    blocks = [block for project in own for block in project.blocks]
    return msgspec.structs.replace(
        report,
        total_ms=sum(project.active_ms for project in own),
        parallel_ms=0,
        working_ms=sum(project.working_ms for project in own),
        first_ms=min((block.start_ms for block in blocks), default=None),
        last_ms=max((block.end_ms for block in blocks), default=None),
        projects=tuple(_alone(project) for project in own),
        days=tuple(_day_of(day, own) for day in report.days),
    )


def _alone(project: ProjectTime) -> ProjectTime:
    return msgspec.structs.replace(project, share=1.0 if project.active_ms else 0.0)


def _day_of(day: DayTime, own: Iterable[ProjectTime]) -> DayTime:
    parts = {project.name: day.projects[project.name] for project in own if project.name in day.projects}
    return msgspec.structs.replace(day, total_ms=sum(parts.values()), projects=parts)


def _nearest(wanted: str, known: Collection[Named]) -> str:
    if not known:
        return "nothing has been recorded yet"
    names = {project.name.casefold(): project.name for project in known}
    near = meant_by(wanted[:_MAX_SHOWN], names, alike=0.5)
    if near:
        return f"did you mean {' or '.join(_shown(names[name]) for name in near)}?"
    return f"there are {_listed(names.values())}"


def _listed(names: Iterable[str]) -> str:
    every = [_shown(name) for name in names]
    more = len(every) - _MAX_NAMED
    return ", ".join(every[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _shown(name: str) -> str:
    # Names come from the file system and may hold what drives a terminal.
    return name if name.isprintable() else repr(name)
