"""The lines of the terminal text of a month: its calendar, each day shaded by its part of the best one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from monitor_core.periods import week_number, week_of
from monitor_tray.render.figures import grouped_days, h_mm
from monitor_tray.render.local_time import month_and_year, short_date, short_weekday
from monitor_tray.render.styled import ASIDE, ATTENTION, PLAIN, TODAY, TOTAL, WORKING, Styled
from monitor_tray.render.summary_words import opening, streak_words
from monitor_tray.render.text_layout import framed
from monitor_tray.render.text_lines import (
    aside,
    project_rows,
    split_line,
    time_rows,
    waited_line,
    windows_counted,
)

if TYPE_CHECKING:
    from monitor_core.periods import Period
    from monitor_core.report import Report
    from monitor_core.summary import Summary
    from monitor_tray.render.figures import DayFigures, Figures

#: A quarter of the best day each.
_SHADES = "░▒▓█"
_STYLES = (ATTENTION, WORKING, WORKING, WORKING)  # brighter ones would be paler on a light ground

_DAY_WIDTH, _NARROW_DAY_WIDTH, _WEEK_WIDTH = 8, 5, 8
_DAY = dt.timedelta(days=1)


def month_laid_out(
    report: Report,
    summary: Summary,
    width: int,
    *,
    colour: bool,
    unicode: bool,
    hint: str,
    of: str,
    week_starts_on: int,
) -> str:
    """What `monitor_tray.render.text.month_text` promises, for a ``width`` that is within its limits."""

    def body(shown: Figures) -> list[Styled]:
        return [
            *opening(report, shown, summary, width),
            Styled(),
            *_calendar(report, shown, week_starts_on, width),
            *aside(_legend(shown, summary), width),
            *aside(streak_words(summary), width),
            Styled(),
            *project_rows(shown, width),
            Styled(),
            *split_line(shown, width),
            *waited_line(shown, width),
            *aside(windows_counted(report.windows, of), width),
        ]

    title = [month_and_year(report.first_day), of]
    return framed(report, title, body, width, colour=colour, unicode=unicode, hint=hint)


def _legend(shown: Figures, summary: Summary) -> list[str]:
    if summary.best is None:
        return []
    best = next(day for day in shown.days if day.date == summary.best.date)
    return [f"{_SHADES} quarters of the best day", f"{short_date(best.date)}, {best.time}"]


def _calendar(report: Report, shown: Figures, week_starts_on: int, width: int) -> list[Styled]:
    has_room = width >= 7 * _DAY_WIDTH + _WEEK_WIDTH
    day_width = _DAY_WIDTH if has_room else _NARROW_DAY_WIDTH
    week = week_of(report.first_day, week_starts_on)
    lines = [Styled.of(("".join(short_weekday(week.first + n * _DAY).ljust(day_width) for n in range(7)), ASIDE))]
    days = {day.date: day for day in shown.days}
    while week.first <= report.last_day:
        lines.append(_shades(report, shown, week, day_width))
        if has_room:
            lines.append(_times(days, week))
        week = week_of(week.last + _DAY, week_starts_on)
    if not has_room:
        lines += [Styled(), *time_rows(grouped_days(shown, lambda day: _label(week_of(day, week_starts_on))), width)]
    return lines


def _shades(report: Report, shown: Figures, week: Period, day_width: int) -> Styled:
    """One week's day numbers, each with its shade."""
    longest_ms = max(day.total_ms for day in shown.days)
    line = Styled()
    for number in range(7):
        date = week.first + number * _DAY
        if not report.first_day <= date <= report.last_day:
            line = Styled.of(line, " " * day_width)
            continue
        at = (date - report.first_day).days
        day, bounds = shown.days[at], report.days[at]
        today = bounds.start_ms <= report.now_ms < bounds.end_ms
        style = TODAY if today else (PLAIN if day.total_ms else ASIDE)
        gap = " " if day_width == _DAY_WIDTH else ""
        level = -(-len(_SHADES) * day.total_ms // longest_ms) - 1 if day.total_ms else None
        shade = "" if level is None else _SHADES[level] * (day_width - 3 - len(gap))
        shade_style = PLAIN if level is None else _STYLES[level]
        line = Styled.of(line, (f"{date.day:>2}", style), gap, (shade.ljust(day_width - 2 - len(gap)), shade_style))
    if day_width == _DAY_WIDTH:
        line = Styled.of(line, (_label(week).rjust(_WEEK_WIDTH - 1), ASIDE))
    return line


def _times(days: dict[dt.date, DayFigures], week: Period) -> Styled:
    """The same days' times, and the week's."""
    line = Styled()
    of_week = [days[date] for n in range(7) if (date := week.first + n * _DAY) in days]
    for number in range(7):
        day = days.get(week.first + number * _DAY)
        line = Styled.of(line, (h_mm(day.minutes) if day and day.total_ms else "").rjust(_DAY_WIDTH - 1) + " ")
    if any(day.total_ms for day in of_week):
        line = Styled.of(line, (h_mm(sum(day.minutes for day in of_week)).rjust(_WEEK_WIDTH - 1), TOTAL))
    return line


def _label(week: Period) -> str:
    return f"W{week_number(week)[1]:02}"
