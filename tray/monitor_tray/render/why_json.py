"""Why the blocks of a day count, as JSON: every line and every event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from monitor_core.why import Counts
from monitor_tray.printable import escaped

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from monitor_core.explaining import ExplainedProject
    from monitor_core.model import Event
    from monitor_core.why import ExplainedBlock, Line
    from monitor_tray.render.local_time import LocalClock

VERSION = 1
_NAMES = {Counts.WORKING: "working", Counts.ATTENTION: "attention", Counts.NOT: None}


def why_json(projects: Iterable[ExplainedProject], day: dt.date, clock: LocalClock) -> bytes:
    """The explanation as UTF-8 JSON, indented by two spaces, with a newline at the end.

    Lengths are integer milliseconds, instants RFC 3339 with the offset of the zone. The lines of a block follow one
    another from its start to its end.
    """
    document = {
        "version": VERSION,
        "date": day.isoformat(),
        "timezone": clock.zone.key,
        "projects": [
            {
                "name": project.name,
                "path": project.path,
                "blocks": [_block(each, clock) for each in project.explained.blocks],
                "not_counted": [_line(line, clock) for line in project.explained.uncounted],
            }
            for project in projects
        ],
    }
    return (escaped(json.dumps(document, indent=2, ensure_ascii=False)) + "\n").encode()


def _block(each: ExplainedBlock, clock: LocalClock) -> dict[str, Any]:
    return {
        "start": clock.rfc3339(each.block.start_ms),
        "end": clock.rfc3339(each.block.end_ms),
        "active_ms": each.block.active_ms,
        "working_ms": each.block.working_ms,
        "open": each.block.open,
        "lines": [_line(line, clock) for line in each.lines],
    }


def _line(line: Line, clock: LocalClock) -> dict[str, Any]:
    return {
        "start": clock.rfc3339(line.start_ms),
        "end": clock.rfc3339(line.end_ms),
        "length_ms": line.end_ms - line.start_ms,
        "counts_as": _NAMES[line.counts],
        "rule": line.rule.name.lower(),
        "why": line.rule.value,
        "stream": _stream(line.stream) if line.stream else None,
        "also_working": [_stream(stream) for stream in sorted(line.also)],
        "events": [_event(event, clock) for event in line.events],
        "edits": [{"id": edit.id, "note": edit.note} for edit in line.edits],
    }


def _event(event: Event, clock: LocalClock) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": clock.rfc3339(event.t_ms),
        "kind": event.kind,
        "tool_name": event.tool_name,
        "notification_type": event.notification_type,
        "duration_ms": event.duration_ms,
        "auto": event.auto,
    }


def _stream(stream: tuple[str, str]) -> dict[str, str]:
    session_id, agent_id = stream
    return {"session_id": session_id, "agent_id": agent_id}
