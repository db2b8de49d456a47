"""The list of projects as text for a terminal."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

from monitor_tray.printable import printable
from monitor_tray.render.ascii import in_ascii
from monitor_tray.render.figures import minutes_of, shown_minutes
from monitor_tray.render.local_time import LocalClock, short_date
from monitor_tray.render.styled import ASIDE, TOTAL, Styled, printed
from monitor_tray.render.text import MAX_WIDTH, MIN_WIDTH
from monitor_tray.render.text_lines import GAP, aside, fitted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from monitor_core.project_list import ListedProject, ListedProjects
    from monitor_tray.render.text import Look

_HEAD = ("30 days", "last active", "7 days", "events")
#: The name has at least so many columns; where it has not, the last of the others are left out.
_LEAST_NAME = 16
_INDENT = 2


def projects_text(listed: ListedProjects, today: dt.date, zone: ZoneInfo, look: Look, hint: str) -> str:
    """The list in lines of at most ``look.width`` columns (40 to 88); ``hint`` is shown below it, or in its place."""
    look = replace(look, width=min(max(look.width, MIN_WIDTH), MAX_WIDTH))
    text = printed(_lines(listed, today, LocalClock(zone), look, hint), colour=look.colour)
    return text if look.unicode else in_ascii(text)


def _lines(listed: ListedProjects, today: dt.date, clock: LocalClock, look: Look, hint: str) -> list[Styled]:
    projects = listed.projects
    months = _times([project.month_ms for project in projects], listed.month_total_ms)
    weeks = _times([project.week_ms for project in projects], listed.week_total_ms)
    cells = [
        (month, "–" if project.last_ms is None else _when(project.last_ms, today, clock), week, f"{project.events:,}")
        for project, month, week in zip(projects, months, weeks, strict=True)
    ]
    widths = [max(map(len, column)) for column in zip(_HEAD, *cells, strict=True)]
    while sum(widths) + len(widths) * GAP + _LEAST_NAME > look.width:
        widths.pop()
    names = [_indent(project) + _written(project.name, look) for project in projects]
    width = look.width - sum(widths) - len(widths) * GAP

    def figures(row: Sequence[str]) -> str:
        return "".join(" " * GAP + cell.rjust(size) for cell, size in zip(row, widths, strict=False))

    lines = []
    if projects:
        width = min(width, max(_LEAST_NAME, *(len(name) for name in names)))
        lines.append(Styled.of((fitted("", width) + figures(_HEAD), ASIDE)))
    for project, name, row in zip(projects, names, cells, strict=True):
        lines.append(Styled.of((fitted(name, width), TOTAL), figures(row)))
        indent = _indent(project) + " " * _INDENT
        room = look.width - len(indent)
        parts = [_end_of(part, room) for part in (_written(note, look) for note in _notes(project)) if part]
        lines += [Styled.of(indent, line) for line in aside(parts, room)]
    if hint:
        lines += [*([Styled()] if lines else []), *map(Styled.of, textwrap.wrap(hint, look.width))]
    return lines


def _written(text: str, look: Look) -> str:
    return printable(text) if look.unicode else in_ascii(printable(text))


def _indent(project: ListedProject) -> str:
    return " " * (_INDENT * project.depth)


def _times(active_ms: Sequence[int | None], total_ms: int) -> list[str]:
    """What to show for each: the minutes that a report of these days shows."""
    order = sorted((i for i, ms in enumerate(active_ms) if ms is not None), key=lambda i: -(active_ms[i] or 0))
    known = [active_ms[i] or 0 for i in order]
    shown = ["–"] * len(active_ms)
    for i, ms, minutes in zip(order, known, minutes_of(known, total_ms)[0], strict=True):
        shown[i] = shown_minutes(minutes, ms)
    return shown


def _when(at_ms: int, today: dt.date, clock: LocalClock) -> str:
    """``today 09:05``, ``Mon 23 Nov``, ``2025-11-23``."""
    day = clock.local(at_ms).date()
    if day == today:
        return f"today {clock.time(at_ms)}"
    return short_date(day) if day.year == today.year else day.isoformat()


def _notes(project: ListedProject) -> list[str]:
    notes = [project.path]
    if project.renamed_from:
        notes.append(f"renamed from {project.renamed_from}")
    if project.includes:
        notes.append(f"with {', '.join(project.includes)}")
    if project.merged_into:
        notes.append(f"merged into {project.merged_into}")
    if project.ignored:
        notes.append("ignored")
    return notes


def _end_of(text: str, width: int) -> str:
    """``text``, or its end: of a path the last parts tell most."""
    if cell_len(text) <= width:
        return text
    while cell_len(text) > width - 1:
        text = text[1:]
    return "…" + text
