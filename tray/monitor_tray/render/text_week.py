"""The lines of the terminal text of a week: days by projects as a table, where there is room for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from monitor_core.model import MINUTE_MS
from monitor_core.periods import Kind, Period, week_number
from monitor_core.table_rounding import rounded_table
from monitor_tray.render.figures import h_mm
from monitor_tray.render.local_time import LocalClock, date_range, short_date, short_weekday
from monitor_tray.render.styled import ASIDE, PLAIN, TOTAL, Style, Styled
from monitor_tray.render.summary_words import opening
from monitor_tray.render.text_layout import framed
from monitor_tray.render.text_lines import (
    IN_PARALLEL,
    aside,
    fitted,
    project_rows,
    prompts,
    split_line,
    time_rows,
    waited_line,
    windows_counted,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor_core.report import Report
    from monitor_core.summary import Summary
    from monitor_tray.render.figures import Figures

_TOTAL = "Total"
_NONE = "–"
_DAY_WIDTH, _TIGHT_DAY_WIDTH, _TOTAL_WIDTH = 8, 7, 8


def week_laid_out(
    report: Report, summary: Summary, width: int, *, colour: bool, unicode: bool, hint: str, of: str
) -> str:
    """What `monitor_tray.render.text.week_text` promises, for a ``width`` that is within its limits."""
    _, number = week_number(Period(Kind.WEEK, report.first_day, report.last_day))

    def body(shown: Figures) -> list[Styled]:
        return [
            *opening(report, shown, summary, width),
            Styled(),
            *_days_by_projects(report, shown, width),
            Styled(),
            *split_line(shown, width),
            *waited_line(shown, width),
            *_windows(report, of, width),
        ]

    title = [f"Week {number}", date_range(report.first_day, report.last_day), of]
    return framed(report, title, body, width, colour=colour, unicode=unicode, hint=hint)


def _days_by_projects(report: Report, shown: Figures, width: int) -> list[Styled]:
    names = [row.name for row in shown.projects]
    widest = max(map(cell_len, [*names, IN_PARALLEL]))
    rooms = {w: width - w * len(report.days) - _TOTAL_WIDTH for w in (_DAY_WIDTH, _TIGHT_DAY_WIDTH)}
    day_width = _DAY_WIDTH if rooms[_DAY_WIDTH] >= widest else _TIGHT_DAY_WIDTH
    if rooms[day_width] < len(IN_PARALLEL):
        listed = [(short_date(day.date), day.total_ms, day.time) for day in shown.days]
        return [*project_rows(shown, width), Styled(), *time_rows(listed, width)]
    name_width = min(widest, rooms[day_width])
    exact = [[day.projects.get(row.project.name, 0) for day in report.days] for row in shown.projects]
    exact.append([day.total_ms - sum(day.projects.values()) for day in report.days])
    made = rounded_table(exact, MINUTE_MS)
    rows = [_head(report, name_width, day_width)]
    for name, cells, total, parts in zip([*names, IN_PARALLEL], made.cells, made.rows, exact, strict=True):
        if name is IN_PARALLEL and not any(cells):
            continue
        texts = [h_mm(minutes) if minutes or ms else _NONE for minutes, ms in zip(cells, parts, strict=True)]
        rows.append(_row(name, texts, h_mm(total), (name_width, day_width), ASIDE if name is IN_PARALLEL else PLAIN))
    if len(rows) > 2:
        days = [
            h_mm(minutes) if day.total_ms else _NONE for minutes, day in zip(made.columns, report.days, strict=True)
        ]
        rows.append(_row(_TOTAL, days, h_mm(made.total), (name_width, day_width), TOTAL))
    return rows


def _head(report: Report, name_width: int, day_width: int) -> Styled:
    row = Styled.of(" " * name_width)
    for day in report.days:
        today = day.start_ms <= report.now_ms < day.end_ms
        head = f"{short_weekday(day.date)} {day.date.day:>2}"
        row = Styled.of(row, " " * (day_width - len(head)), (head, TOTAL if today else ASIDE))
    return Styled.of(row, (_TOTAL.rjust(_TOTAL_WIDTH), ASIDE))


def _row(name: str, days: Sequence[str], total: str, widths: tuple[int, int], style: Style) -> Styled:
    name_width, day_width = widths
    cells = ((text.rjust(day_width), style | ASIDE if text == _NONE else style) for text in days)
    return Styled.of((fitted(name, name_width), style), *cells, (total.rjust(_TOTAL_WIDTH), style | TOTAL))


def _windows(report: Report, of: str, width: int) -> list[Styled]:
    """How many usage windows, then those of each day in a line."""
    clock = LocalClock(report.zone)
    lines = aside(windows_counted(report.windows, of), width)
    for day in report.days:
        parts = []
        for window in report.windows:
            # The first may have begun before the week.
            if day.start_ms <= max(window.start_ms, report.start_ms) < day.end_ms:
                parts += [clock.stretch(day.date, window.start_ms, window.end_ms), prompts(window.prompts)]
        if parts:
            paired = [f"{a} ({b})" for a, b in zip(parts[::2], parts[1::2], strict=True)] if width >= 48 else parts
            label = f"{short_weekday(day.date)} {day.date.day:>2}"
            lines += [
                Styled.of((f"{label if not number else ' ' * len(label)}  ", ASIDE), line)
                for number, line in enumerate(aside(paired, width - len(label) - 2))
            ]
    return lines
