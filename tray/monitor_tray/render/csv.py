"""A report as CSV for spreadsheets: one row for each day and project, with the hours as decimals and as h:mm.

The form is RFC 4180: commas, CRLF, text in quotation marks. It begins with a byte order mark, because Excel takes a
file without one for the system's old code page, and every other spreadsheet knows the mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.intervals import clip, length_ms, parts_within, union
from monitor_core.model import HOUR_MS, MINUTE_MS, Interval
from monitor_core.rounding import rounded_parts
from monitor_tray.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor_core.report import DayTime, ProjectTime, Report

HEAD = (
    *("date", "project", "path", "hours", "h:mm", "working hours", "working h:mm"),
    *("attention hours", "attention h:mm", "blocks", "waited hours", "waited h:mm"),
)

#: Not a project's name, and without a path: what several projects had at the same time, less than nothing.
IN_PARALLEL = "in parallel"

#: Decimals are of a ten-thousandth of an hour, 0.36 s.
_PER_HOUR = 10_000

#: What spreadsheets take for the start of a formula, full-width forms included:
#: https://owasp.org/www-community/attacks/CSV_Injection
_DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001  they are meant


def report_csv(report: Report) -> bytes:
    """The report as UTF-8 CSV with a byte order mark and `HEAD` as its first row.

    Rows are by day, then by active time, most first; a project that was only waited for on a day has a row, too. Where
    projects had time together a row `IN_PARALLEL` takes it off once, and so it does where several waited for the person
    at once. Both kinds of hours are rounded by largest remainder: a day's rows add up to the day, all rows to the
    report's total, and working and attention to the hours of their row. What Claude waited is a part of none of these,
    and all rows add up to the whole of it. Text that a spreadsheet could take for a formula begins with an apostrophe;
    control characters are replaced.
    """
    rows = [line(map(quoted, HEAD))]
    waits = _waits_of_days(report)
    days = [(day, _parts(report, day, own)) for day, own in zip(report.days, waits, strict=True)]
    active = [[part.active_ms for part in parts] for _, parts in days]
    waited = [[part.waiting_ms for part in parts] for _, parts in days]
    columns = [_rounded(exact, unit) for exact in (active, waited) for unit in (HOUR_MS // _PER_HOUR, MINUTE_MS)]
    for (day, parts), *of_day in zip(days, *columns, strict=True):
        lines = zip(parts, *of_day, strict=True)
        rows += [_row(day, *cells) for cells in lines if cells[0].is_shown]
    return "".join(rows).encode("utf-8-sig")


def _rounded(days: Sequence[Sequence[int]], unit: int) -> list[list[int]]:
    """The parts of each day in whole ``unit``: they add up to their day, and the days to the whole."""
    totals = rounded_parts([sum(parts) for parts in days], unit)
    return [rounded_parts(parts, unit, total) for parts, total in zip(days, totals, strict=True)]


def _waits_of_days(report: Report) -> list[dict[str, list[Interval]]]:
    """The waits within each day, by the names of the projects that have any."""
    bounds = [(day.start_ms, day.end_ms) for day in report.days]
    found: list[dict[str, list[Interval]]] = [{} for _ in bounds]
    for project in report.projects:
        for at, start_ms, end_ms in parts_within(project.waits, bounds):
            found[at].setdefault(project.name, []).append(Interval(start_ms, end_ms))
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    """One project's part of a day, or, without ``blocks``, what is taken off it."""

    name: str
    path: str
    active_ms: int
    working_ms: int
    waiting_ms: int
    blocks: int | None

    @property
    def is_shown(self) -> bool:
        return self.blocks is not None or self.active_ms != 0 or self.waiting_ms != 0


def _parts(report: Report, day: DayTime, waits: Mapping[str, Sequence[Interval]]) -> list[_Part]:
    by_name = {project.name: project for project in report.projects}
    working = {name: _working(by_name[name], day) for name in day.projects}
    only_waited_for = [name for name in waits if name not in day.projects]
    parts = [
        _Part(
            name=name,
            path=by_name[name].path,
            active_ms=active_ms,
            working_ms=length_ms(working.get(name, ())),
            waiting_ms=length_ms(waits.get(name, ())),
            blocks=_blocks(by_name[name], day),
        )
        for name, active_ms in (day.projects | dict.fromkeys(only_waited_for, 0)).items()
    ]
    parallel_ms = sum(part.active_ms for part in parts) - day.total_ms
    return [*parts, _Part(IN_PARALLEL, "", -parallel_ms, -_together(working), -_together(waits), None)]


def _together(intervals: Mapping[str, Sequence[Interval]]) -> int:
    """How much of it several projects had at the same time."""
    return sum(map(length_ms, intervals.values())) - length_ms(union(i for own in intervals.values() for i in own))


def _working(project: ProjectTime, day: DayTime) -> tuple[Interval, ...]:
    return clip((i for block in project.blocks for i in block.working), day.start_ms, day.end_ms)


def _blocks(project: ProjectTime, day: DayTime) -> int:
    return sum(1 for block in project.blocks if block.start_ms < day.end_ms and block.end_ms > day.start_ms)


def _row(day: DayTime, part: _Part, decimals: int, minutes: int, waited_decimals: int, waited_minutes: int) -> str:
    exact = [part.working_ms, part.active_ms - part.working_ms]
    working, attention = rounded_parts(exact, HOUR_MS // _PER_HOUR, decimals)
    working_minutes, attention_minutes = rounded_parts(exact, MINUTE_MS, minutes)
    figures = [
        *(_decimal(decimals), h_mm(minutes), _decimal(working), h_mm(working_minutes)),
        *(_decimal(attention), h_mm(attention_minutes), "" if part.blocks is None else str(part.blocks)),
        *(_decimal(waited_decimals), h_mm(waited_minutes)),
    ]
    return line([day.date.isoformat(), quoted(part.name), quoted(part.path), *figures])


def line(cells: Iterable[str]) -> str:
    """A row of cells that are written out already."""
    return ",".join(cells) + "\r\n"


def quoted(text: str) -> str:
    """A cell of text that no spreadsheet takes for a formula, in quotation marks."""
    # Always in quotation marks: a spreadsheet that splits at semicolons would else find cells within a name.
    safe = printable(text)
    if safe.startswith(_DANGEROUS):
        safe = f"'{safe}"
    return '"' + safe.replace('"', '""') + '"'


def _decimal(units: int) -> str:
    whole, rest = divmod(abs(units), _PER_HOUR)
    return f"{'-' if units < 0 else ''}{whole}.{rest:04}"


def h_mm(minutes: int) -> str:
    """``3:05``; with a hyphen where it is less than nothing."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else ''}{hours}:{rest:02}"
