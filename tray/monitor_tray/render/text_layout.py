"""The lines of the terminal text of one day, and of days in a row."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from monitor_core.model import HOUR_MS
from monitor_core.periods import month_of, week_number, week_of
from monitor_tray.render.ascii import in_ascii
from monitor_tray.render.figures import days_worked, figures, grouped_days
from monitor_tray.render.local_time import LocalClock, date_range, month_and_year, short_date
from monitor_tray.render.pause_words import pause_words
from monitor_tray.render.styled import TOTAL, Styled, printed
from monitor_tray.render.text_lines import (
    aside,
    fitted,
    not_of_one,
    project_rows,
    prompts,
    split_line,
    time_rows,
    waited_line,
    windows_counted,
    with_ascii_names,
    wrapped,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from monitor_core.report import Report
    from monitor_tray.render.figures import Figures

    Body = Callable[[Figures], list[Styled]]

#: More rows than these are no longer read: then weeks stand in place of days, and months in place of weeks.
_MOST_DAYS, _MOST_DAYS_BY_WEEK = 62, 190


def laid_out(
    report: Report, width: int, *, colour: bool, unicode: bool, hint: str, of: str = "", week_starts_on: int = 0
) -> str:
    """What `monitor_tray.render.text.report_text` promises, for a ``width`` that is within its limits."""
    title = date_range(report.first_day, report.last_day)

    def body(shown: Figures) -> list[Styled]:
        return _body(report, shown, width, of, week_starts_on)

    return framed(report, [title, of], body, width, colour=colour, unicode=unicode, hint=hint)


def framed(report: Report, title: list[str], body: Body, width: int, *, colour: bool, unicode: bool, hint: str) -> str:
    """A report's text: the parts of the title, then the body, or in place of it the hint where nothing can be shown."""
    parts = [part if unicode else in_ascii(part) for part in title if part]
    lines = wrapped([Styled.of((fitted(part, width).rstrip(), TOTAL)) for part in parts], width)
    shown = figures(report)
    if shown.projects:
        lines += body(shown if unicode else with_ascii_names(shown))
    else:
        lines += [Styled(), *map(Styled.of, textwrap.wrap(hint, width))]
    lines += aside(pause_words(report), width)
    text = printed(lines, colour=colour)
    return text if unicode else in_ascii(text)


def _body(report: Report, shown: Figures, width: int, of: str, week_starts_on: int) -> list[Styled]:
    clock = LocalClock(report.zone)
    one_day = report.first_day == report.last_day
    when = _when(report, shown, clock) if one_day else [days_worked(report)]
    windows = _windows(report, of, clock) if one_day else [windows_counted(report.windows, of)]
    return [
        *wrapped([Styled.of((shown.total, TOTAL)), *map(Styled.of, when)], width),
        Styled(),
        *project_rows(shown, width),
        *([] if one_day else [Styled(), *_rows_of_days(shown, week_starts_on, width)]),
        Styled(),
        *split_line(shown, width),
        *waited_line(shown, width),
        *(line for parts in windows for line in aside(parts, width)),
    ]


def _when(report: Report, shown: Figures, clock: LocalClock) -> list[str]:
    if report.first_ms is None or report.last_ms is None:
        return []
    parts = [clock.stretch(report.first_day, report.first_ms, report.last_ms)]
    if report.idle_ms:
        parts.append(f"{shown.idle} idle")
    if shown.running:
        parts.append("still running")
    return parts


def _windows(report: Report, of: str, clock: LocalClock) -> list[list[str]]:
    lines = []
    for window in report.windows:
        hours, rest = divmod(window.end_ms - window.start_ms, HOUR_MS)
        name = "Usage window" if rest else f"{hours}-hour window"
        if window.start_ms <= report.now_ms < window.end_ms:
            when = f"until {clock.time_seen_from(report.first_day, window.end_ms)}"
        else:
            when = clock.stretch(report.first_day, window.start_ms, window.end_ms)
        lines.append([f"{name} {when}", prompts(window.prompts), *not_of_one(of)])
    return lines


def _rows_of_days(shown: Figures, week_starts_on: int, width: int) -> list[Styled]:
    if len(shown.days) <= _MOST_DAYS:
        return time_rows([(short_date(day.date), day.total_ms, day.time) for day in shown.days], width)
    by_week = len(shown.days) <= _MOST_DAYS_BY_WEEK

    def label(day: dt.date) -> str:
        if not by_week:
            return month_and_year(month_of(day).first, short=True)
        year, number = week_number(week_of(day, week_starts_on))
        return f"{year}-W{number:02}"

    return time_rows(grouped_days(shown, label), width)
