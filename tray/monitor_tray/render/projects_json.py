"""The list of projects as JSON. Keys, their order and units are a promise, as in `monitor_tray.render.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from monitor_tray.printable import escaped
from monitor_tray.render.local_time import LocalClock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from monitor_core.project_list import ListedProject

VERSION = 1


def projects_json(projects: Sequence[ListedProject], zone: ZoneInfo) -> str:
    """The list as JSON. Lengths are milliseconds, instants RFC 3339; what could disturb a terminal is escaped."""
    clock = LocalClock(zone)
    rows = [_document(project, clock) for project in projects]
    text = json.dumps({"version": VERSION, "projects": rows}, indent=2, ensure_ascii=False, allow_nan=False)
    return escaped(text) + "\n"


def _document(project: ListedProject, clock: LocalClock) -> dict[str, Any]:
    return {
        "name": project.name,
        "path": project.path,
        "parent": project.parent or None,
        "last": None if project.last_ms is None else clock.rfc3339(project.last_ms),
        "events": project.events,
        "last_7_days_ms": project.week_ms,
        "last_30_days_ms": project.month_ms,
        "renamed_from": project.renamed_from or None,
        "merged_into": project.merged_into or None,
        "includes": list(project.includes),
        "ignored": project.ignored,
    }
