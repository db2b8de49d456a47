"""The map of a week's hours: how much of the total lies in each hour of each weekday, all weeks together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.intervals import parts_within, union
from monitor_core.model import HOUR_MS, Interval
from monitor_tray.duration import format_duration
from monitor_tray.render.charts.levels import level
from monitor_tray.render.local_time import LocalClock, weekday_name
from monitor_tray.render.markup import Attributes, tag
from monitor_tray.render.timeline import percent

if TYPE_CHECKING:
    from markupsafe import Markup

    from monitor_core.report import Report

_DAYS, _HOURS = 7, 24
_CELL, _SCALE = 20, 18
#: One of this many hours is written above the map.
_LABELLED = 6


@dataclass(frozen=True, slots=True)
class HourMap:
    """Milliseconds by weekday, 0 is Monday, and by hour of the local clock; together they are the report's total."""

    cells: tuple[tuple[int, ...], ...]

    @property
    def most_ms(self) -> int:
        """What the fullest hour has."""
        return max(map(max, self.cells))


def hour_map(report: Report) -> HourMap:
    """The map of ``report``: an hour that the clock shows twice has the time of both."""
    cells = [[0] * _HOURS for _ in range(_DAYS)]
    covered = union((b.start_ms, b.end_ms) for project in report.projects for b in project.blocks)
    pieces, leads_ms = _pieces(report)
    for k, start_ms, end_ms in parts_within(covered, pieces):
        at, end = start_ms + leads_ms[k], end_ms + leads_ms[k]
        while at < end:
            hour = at // HOUR_MS
            until = min(end, (hour + 1) * HOUR_MS)
            # 1970-01-01, hour 0, was a Thursday.
            cells[(hour // _HOURS + 3) % _DAYS][hour % _HOURS] += until - at
            at = until
    return HourMap(tuple(map(tuple, cells)))


def _pieces(report: Report) -> tuple[list[Interval], list[int]]:
    """The report's days, those of a clock change in quarters of an hour; and the local clock's lead in each."""
    clock = LocalClock(report.zone)

    def lead_ms(at_ms: int) -> int:
        offset = clock.local(at_ms).utcoffset()
        return int(offset.total_seconds()) * 1000 if offset is not None else 0

    pieces, leads_ms = [], []
    for day in report.days:
        if day.start_ms == day.end_ms:
            continue
        first = lead_ms(day.start_ms)
        if lead_ms(day.end_ms - 1) == first:
            pieces.append(Interval(day.start_ms, day.end_ms))
            leads_ms.append(first)
        else:
            step = HOUR_MS // 4
            starts = range(day.start_ms, day.end_ms, step)
            pieces += [Interval(at, min(at + step, day.end_ms)) for at in starts]
            leads_ms += map(lead_ms, starts)
    return pieces, leads_ms


def weekdays(week_starts_on: int) -> list[int]:
    """The weekdays in the order of a week, 0 is Monday."""
    return [(week_starts_on + n) % _DAYS for n in range(_DAYS)]


def hours_chart(found: HourMap, week_starts_on: int) -> Markup:
    """The map as a drawing: the more of the fullest hour a cell has, the larger and the stronger is its square."""
    rows = []
    labels = [tag("text", f"{hour:02}:00", x=percent(hour, _HOURS), y=12) for hour in range(0, _HOURS, _LABELLED)]
    scale = tag("div", tag("span", ""), tag("svg", *labels, width="100%", height=_SCALE), class_="row scale")
    for weekday in weekdays(week_starts_on):
        name = weekday_name(weekday)
        cells = [_cell(name, hour, ms, found.most_ms) for hour, ms in enumerate(found.cells[weekday]) if ms]
        drawing = tag("svg", *cells, width="100%", height=_CELL)
        rows.append(tag("div", tag("span", name[:3], class_="name"), drawing, class_="row"))
    return tag("div", scale, *rows, class_="map", aria_hidden="true")


def _cell(name: str, hour: int, ms: int, most_ms: int) -> Markup:
    step = level(ms, most_ms)
    tall = 2 + 4 * step
    place: Attributes = {"x": percent(hour, _HOURS), "width": "3.8%", "y": (_CELL - tall) // 2, "height": tall}
    told = tag("title", f"{name} {hour:02}:00 – {hour + 1:02}:00: {format_duration(ms)}")
    return tag("rect", told, class_=f"l{step}", **place)


def hours_table(found: HourMap, week_starts_on: int) -> Markup:
    """The same as a table: a row for each hour that has time."""
    order = weekdays(week_starts_on)
    head = tag("tr", tag("th", "Hour", scope="col"), *(_head(weekday_name(day)) for day in order))
    rows = []
    for hour in range(_HOURS):
        if any(found.cells[day][hour] for day in order):
            times = (format_duration(ms) if (ms := found.cells[day][hour]) else "–" for day in order)
            cells = (tag("td", time, class_="number") for time in times)
            rows.append(tag("tr", tag("th", f"{hour:02}:00", scope="row"), *cells))
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="wide")


def _head(name: str) -> Markup:
    return tag("th", tag("abbr", name[:3], title=name), scope="col", class_="number")
