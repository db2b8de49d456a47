"""All projects with what was recorded of each lately, and what the settings and the journal made of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.accounting import FUTURE_MS
from monitor_core.edits import name_by_hand
from monitor_core.grouping import LastGrouping
from monitor_core.project_edits import names_of
from monitor_core.reporting import build_report, grouping_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from monitor_core.config import Config
    from monitor_core.grouping import Grouping
    from monitor_core.store import Store

WEEK_DAYS, MONTH_DAYS = 7, 30


@dataclass(frozen=True, slots=True)
class ListedProject:
    """One project. ``depth`` is how many of those before it it is a folder of, ``parent`` the path of the nearest.

    ``events`` and ``last_ms`` are of all its places, whatever they count for, and of those that were merged into it;
    the active times are of the last seven and thirty days, today among them, and None where nothing is counted for it.
    ``renamed_from``, ``merged_into`` and ``includes`` are names.
    """

    name: str
    path: str
    depth: int
    parent: str
    last_ms: int | None
    events: int
    week_ms: int | None
    month_ms: int | None
    renamed_from: str
    merged_into: str
    includes: tuple[str, ...]
    ignored: bool


@dataclass(frozen=True, slots=True)
class ListedProjects:
    """Projects, all that count among them, and the totals of the last seven and thirty days."""

    projects: tuple[ListedProject, ...]
    week_total_ms: int
    month_total_ms: int


def list_projects(
    store: Store, today: dt.date, zone: ZoneInfo, config: Config, now_ms: int, *, every: bool = False
) -> ListedProjects:
    """The projects that reports can hold, with ``every`` the merged and ignored ones too; the latest active first.

    A project that is a folder of another comes after that one. Raises `StoreError`.
    """
    with store.snapshot():
        last = LastGrouping()
        grouping = grouping_of(store, config, last)
        report = build_report(store, today - dt.timedelta(MONTH_DAYS - 1), today, zone, config, now_ms, last)
        activity = store.activity(now_ms + FUTURE_MS + 1)
    month = {project.path: project.active_ms for project in report.projects}
    week = {
        project.path: sum(day.projects.get(project.name, 0) for day in report.days[-WEEK_DAYS:])
        for project in report.projects
    }
    keys = every_key(grouping) if every else grouping.counted
    names = names_of(grouping, keys)
    every_name = names_of(grouping, every_key(grouping))
    own = _of_projects(grouping.origin_of, activity)
    together = _of_projects(grouping.project_of, activity)
    merged = {key: every_name[grouping.final(key)] for key in every_name if key in grouping.merged}

    def listed(key: str, depth: int) -> ListedProject:
        counts, path = key in grouping.counted, grouping.known[key].path
        events, last_ms = (together if counts else own).get(key, (0, None))
        return ListedProject(
            name=names[key],
            path=path,
            depth=depth,
            parent=grouping.known[grouping.parents[key]].path if key in grouping.parents else "",
            last_ms=last_ms,
            events=events,
            week_ms=week.get(path, 0) if counts else None,
            month_ms=month.get(path, 0) if counts else None,
            renamed_from=grouping.renamed.get(key, ""),
            merged_into=merged.get(key, ""),
            includes=tuple(sorted(every_name[k] for k in merged if grouping.final(k) == key)),
            ignored=key in grouping.ignored and key not in grouping.merged,
        )

    latest = {key: (together.get(key) or own.get(key) or (0, -1))[1] for key in keys}
    return ListedProjects(
        tuple(listed(key, depth) for key, depth in _as_tree(latest, grouping.parents, names)),
        sum(day.total_ms for day in report.days[-WEEK_DAYS:]),
        report.total_ms,
    )


def every_key(grouping: Grouping) -> frozenset[str]:
    """The projects that have or had anything of their own, and those that such were merged into."""
    own = {*grouping.counted, *grouping.origin_of.values(), *filter(name_by_hand, grouping.known)}
    return frozenset(own | {grouping.final(key) for key in own})


def _of_projects(
    project_of: Mapping[int, str], activity: Mapping[int, tuple[int, int]]
) -> Mapping[str, tuple[int, int]]:
    events: Counter[str] = Counter()
    last: dict[str, int] = defaultdict(int)
    for place, (count, last_ms) in activity.items():
        if place in project_of:
            events[project_of[place]] += count
            last[project_of[place]] = max(last[project_of[place]], last_ms)
    return {key: (count, last[key]) for key, count in events.items()}


def _as_tree(latest: Mapping[str, int], parents: Mapping[str, str], names: Mapping[str, str]) -> list[tuple[str, int]]:
    """Each key with its depth: parts directly after what they are parts of, else the ``latest`` active first."""
    below: dict[str, list[str]] = defaultdict(list)
    for key in sorted(latest, key=lambda key: (-latest[key], names[key])):
        parent = parents.get(key, "")
        below[parent if parent in latest else ""].append(key)
    # What a project is a part of was found in folders, and is never a part itself.
    return [row for key in below[""] for row in ((key, 0), *((part, 1) for part in below[key]))]
