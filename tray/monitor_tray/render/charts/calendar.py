"""The calendar of a report: each day shaded by its quarter of the best day; of many years, each month likewise."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from monitor_core.model import HOUR_MS
from monitor_core.periods import month_of, week_of
from monitor_tray.duration import format_duration
from monitor_tray.render.charts.hours import weekdays
from monitor_tray.render.charts.levels import LEVELS, level
from monitor_tray.render.local_time import full_date, month_and_year, weekday_name
from monitor_tray.render.markup import tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from markupsafe import Markup

    from monitor_core.report import DayTime

_DAY = dt.timedelta(days=1)
_STEP = 14
_MONTHS_PER_YEAR = 12


def month_table(
    days: Sequence[DayTime], times: Mapping[dt.date, str], week_starts_on: int, target: Callable[[dt.date], str]
) -> Markup:
    """A table of weeks: each day with its number, which leads to its ``target``, and with its time, if it has any."""
    most_ms = max((day.total_ms for day in days), default=0)
    known = {day.date: day for day in days}
    heads = (
        tag("th", tag("abbr", weekday_name(n)[:3], title=weekday_name(n)), scope="col")
        for n in weekdays(week_starts_on)
    )
    rows = []
    for week in _weeks(days[0].date, days[-1].date, week_starts_on):
        cells = []
        for date in week:
            if (day := known.get(date)) is None:
                cells.append(tag("td", ""))
                continue
            number = tag("a", str(date.day), href=f"#{target(date)}", aria_label=full_date(date))
            time = tag("span", times[date] if day.total_ms else "")
            cells.append(tag("td", number, time, class_=f"t{level(day.total_ms, most_ms)}"))
        rows.append(tag("tr", *cells))
    return tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows), class_="calendar")


def year_charts(days: Sequence[DayTime], week_starts_on: int) -> Markup:
    """A small calendar for each month: the more of the best day a day has, the larger and stronger is its square."""
    most_ms = max((day.total_ms for day in days), default=0)
    months: dict[tuple[int, int], list[DayTime]] = {}
    for day in days:
        months.setdefault((day.date.year, day.date.month), []).append(day)
    return tag("div", *(_small_month(own, most_ms, week_starts_on) for own in months.values()), class_="months")


def years_table(days: Sequence[DayTime]) -> Markup:
    """A table of years by months, each month with its whole hours."""
    sums: dict[tuple[int, int], int] = {}
    for day in days:
        month = (day.date.year, day.date.month)
        sums[month] = sums.get(month, 0) + day.total_ms
    most_ms = max(sums.values(), default=0)
    firsts = [dt.date(2000, n + 1, 1) for n in range(_MONTHS_PER_YEAR)]
    names = [month_and_year(first).split()[0] for first in firsts]
    head = tag(
        "tr",
        tag("th", "Year", scope="col"),
        *(tag("th", tag("abbr", name[:3], title=name), scope="col", class_="number") for name in names),
    )
    rows = []
    for year in sorted({year for year, _ in sums}):
        cells = (sums.get((year, n + 1), 0) for n in range(_MONTHS_PER_YEAR))
        shown = (tag("td", _whole_hours(ms), class_=f"number t{level(ms, most_ms)}") for ms in cells)
        rows.append(tag("tr", tag("th", str(year), scope="row"), *shown))
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="wide years")


def legend(of: str) -> Markup:
    """What the squares mean: quarters ``of`` the most that one of them has."""
    squares = (tag("rect", class_=f"l{n}", **_square(n * _STEP, 0, n)) for n in range(LEVELS + 1))
    drawing = tag("svg", *squares, width=_STEP * (LEVELS + 1), height=_STEP, aria_hidden="true")
    return tag("p", drawing, f"quarters of {of}", class_="steps-legend")


def _small_month(days: Sequence[DayTime], most_ms: int, week_starts_on: int) -> Markup:
    month = month_of(days[0].date)
    begin = week_of(month.first, week_starts_on).first
    cells = []
    for day in days:
        week, column = divmod((day.date - begin).days, 7)
        step = level(day.total_ms, most_ms)
        place = _square(column * _STEP, week * _STEP, step)
        told = (tag("title", f"{full_date(day.date)}: {format_duration(day.total_ms)}"),) if step else ()
        cells.append(tag("rect", *told, class_=f"l{step}", **place))
    weeks = ((month.last - begin).days // 7 + 1) * _STEP
    drawing = tag("svg", *cells, viewBox=f"0 0 {7 * _STEP} {weeks}", width="100%", aria_hidden="true")
    return tag("figure", tag("figcaption", month_and_year(month.first, short=True)), drawing)


def _square(x: int, y: int, step: int) -> dict[str, int]:
    side = (3, 6, 8, 10, 12)[step]
    inset = (_STEP - side) // 2
    return {"x": x + inset, "y": y + inset, "width": side, "height": side}


def _weeks(first: dt.date, last: dt.date, week_starts_on: int) -> Iterator[list[dt.date]]:
    begin = week_of(first, week_starts_on).first
    while begin <= last:
        yield [begin + n * _DAY for n in range(7)]
        begin += 7 * _DAY


def _whole_hours(ms: int) -> str:
    """As a month is read: ``132``, ``<1``."""
    hours = ms // HOUR_MS
    return str(hours) if hours else ("<1" if ms else "–")
