"""A report as JSON. The shape is documented for scripts: keys, their order and their units are a promise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from monitor_tray.printable import escaped
from monitor_tray.render.analytics_json import analytics_document
from monitor_tray.render.local_time import LocalClock

if TYPE_CHECKING:
    from monitor_core.analytics import Analytics
    from monitor_core.model import Block
    from monitor_core.one_project import Named
    from monitor_core.report import ProjectTime, Report

VERSION = 1


def report_json(report: Report, *, of: Named | None = None, analytics: Analytics | None = None) -> bytes:
    """The report as UTF-8 JSON, indented by two spaces, with a newline at the end.

    ``of`` is the one project that the report is of: it is named below ``range``, and ``agent_ms``, which is known of
    all projects together only, is ``null``. Lengths are integer milliseconds, instants RFC 3339 with the offset of the
    report's zone. Names are exact; what could disturb a terminal is escaped. ``analytics`` stand at the end, if any.
    """
    document = _document(report, of)
    if analytics is not None:
        document["analytics"] = analytics_document(analytics, report)
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return (escaped(text) + "\n").encode()


def _document(report: Report, of: Named | None) -> dict[str, Any]:
    clock = LocalClock(report.zone)
    return {
        "version": VERSION,
        "range": {
            "from": report.first_day.isoformat(),
            "to": report.last_day.isoformat(),
            "timezone": report.timezone,
        },
        **({"project": {"name": of.name, "path": of.path}} if of else {}),
        "total_ms": report.total_ms,
        "parallel_ms": report.parallel_ms,
        "working_ms": report.working_ms,
        "attention_ms": report.attention_ms,
        "first": None if report.first_ms is None else clock.rfc3339(report.first_ms),
        "last": None if report.last_ms is None else clock.rfc3339(report.last_ms),
        "span_ms": report.span_ms,
        "idle_ms": report.idle_ms,
        "agent_ms": None if of else report.agent_ms,
        "waiting_ms": report.waiting_ms,
        "projects": [_project(project, clock) for project in report.projects],
        "windows": [
            {"start": clock.rfc3339(w.start_ms), "end": clock.rfc3339(w.end_ms), "prompts": w.prompts}
            for w in report.windows
        ],
        "pauses": [
            {"start": clock.rfc3339(p.start_ms), "end": None if p.is_open_ended else clock.rfc3339(p.end_ms)}
            for p in report.pauses
            if p.start_ms < report.end_ms and report.start_ms < p.end_ms
        ],
        "days": [
            {"date": day.date.isoformat(), "total_ms": day.total_ms, "projects": day.projects} for day in report.days
        ],
    }


def _project(project: ProjectTime, clock: LocalClock) -> dict[str, Any]:
    return {
        "name": project.name,
        "path": project.path,
        "active_ms": project.active_ms,
        "working_ms": project.working_ms,
        "attention_ms": project.attention_ms,
        "waiting_ms": project.waiting_ms,
        "events": project.events,
        "share": project.share,
        "blocks": [_block(block, clock) for block in project.blocks],
    }


def _block(block: Block, clock: LocalClock) -> dict[str, Any]:
    return {
        "start": clock.rfc3339(block.start_ms),
        "end": clock.rfc3339(block.end_ms),
        "working_ms": block.working_ms,
        "open": block.open,
    }
