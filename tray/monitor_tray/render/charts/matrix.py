"""The table of a week: days by projects, rounded so that rows, columns and the whole add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_core.model import MINUTE_MS
from monitor_core.table_rounding import rounded_table
from monitor_tray.render.charts.levels import level
from monitor_tray.render.figures import h_mm
from monitor_tray.render.local_time import full_date, short_weekday
from monitor_tray.render.markup import tag

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from markupsafe import Markup

    from monitor_core.report import Report

_NONE = "–"


def matrix(report: Report, names: Sequence[str], target: Callable[[dt.date], str]) -> Markup:
    """Projects by days; ``names`` are those to show of the projects that have blocks, in the report's order."""
    projects = [project for project in report.projects if project.blocks]
    exact = [[day.projects.get(project.name, 0) for day in report.days] for project in projects]
    parallel = [day.total_ms - sum(day.projects.values()) for day in report.days]
    made = rounded_table([*exact, parallel], MINUTE_MS)
    most_ms = max((ms for row in exact for ms in row), default=0)
    rows = []
    for number, (name, parts) in enumerate(zip(names, exact, strict=True)):
        cells = [
            _cell(minutes, ms, f"number t{level(ms, most_ms)}")
            for minutes, ms in zip(made.cells[number], parts, strict=True)
        ]
        sum_ = tag("td", h_mm(made.rows[number]), class_="number sum", data_minutes=made.rows[number])
        rows.append(
            tag("tr", tag("th", tag("bdi", name, class_="name"), scope="row"), *cells, sum_, data_project=number)
        )
    return tag(
        "table",
        tag("thead", tag("tr", tag("th", "Project", scope="col"), *_heads(report, target))),
        tag("tbody", *rows),
        tag("tfoot", *_foot(report, made.cells[-1], made.columns, made.rows[-1], made.total)),
        class_="wide matrix",
    )


def _heads(report: Report, target: Callable[[dt.date], str]) -> list[Markup]:
    heads = []
    for day in report.days:
        words = f"{short_weekday(day.date)} {day.date.day}"
        link = tag("a", words, href=f"#{target(day.date)}", aria_label=full_date(day.date))
        heads.append(tag("th", link, scope="col", class_="number"))
    return [*heads, tag("th", "Total", scope="col", class_="number")]


def _foot(
    report: Report, parallel: Sequence[int], columns: Sequence[int], all_parallel: int, total: int
) -> list[Markup]:
    rows = []
    if any(parallel):
        cells = [tag("td", h_mm(m) if m else _NONE, class_="number") for m in (*parallel, all_parallel)]
        rows.append(tag("tr", tag("th", "In parallel", scope="row"), *cells, class_="parallel"))
    sums = [_cell(m, day.total_ms, "number") for m, day in zip(columns, report.days, strict=True)]
    whole = tag("td", h_mm(total), class_="number", data_minutes=total)
    return [*rows, tag("tr", tag("th", "Total", scope="row"), *sums, whole, class_="sum")]


def _cell(minutes: int, exact_ms: int, class_: str) -> Markup:
    return tag("td", h_mm(minutes) if minutes or exact_ms else _NONE, class_=class_, data_minutes=minutes)
