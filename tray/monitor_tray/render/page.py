"""A report as one self-contained page: no request, and no style or script from anywhere but the page itself.

The content security policy says so to the browser, by the hashes of its one style and its one script. Names escape
through jinja's autoescape and `monitor_tray.render.markup`. jinja is imported when a page is made, not before.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from monitor_core.intervals import clip
from monitor_core.periods import Kind
from monitor_tray.duration import format_duration
from monitor_tray.printable import printable
from monitor_tray.render import filtering, sections
from monitor_tray.render.block_lines import MOST_EXPLAINED, MOST_LISTED, Reasons, block_lines
from monitor_tray.render.charts import calendar, day, hours, matrix, trend
from monitor_tray.render.figures import days_worked, figures, h_mm
from monitor_tray.render.hints import nothing_in
from monitor_tray.render.local_time import (
    LocalClock,
    calendar_name,
    day_and_month,
    full_date,
    month_and_year,
    short_date,
)
from monitor_tray.render.pause_words import pause_words
from monitor_tray.render.timeline import axis_between, axis_of_day, percent
from monitor_tray.render.windows import windows_shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import jinja2

    from monitor_core.report import Report
    from monitor_tray.render.figures import Figures
    from monitor_tray.render.sections import Part

_LONGEST_NAME = 120
_SPACE_IN_LENGTH = re.compile(r"(?<=\d) (?=(?:h|min|%)(?!\w))|(?<=\d h) (?=\d)")
_WEEK_DAYS, _MOST_DAYS_IN_A_TABLE = 7, 45
_LEAST_DAYS_FOR_A_TREND = 14
#: Of more months than these, the years are marked below the trend.
_MOST_MONTHS_MARKED = 24
#: The mean of the trend is of so many days, weeks or months.
_MEAN_OF = {Kind.DAY: 7, Kind.WEEK: 4, Kind.MONTH: 3}


@dataclass(frozen=True, slots=True)
class _Page:
    """What all parts of a page need to know."""

    report: Report
    shown: Figures
    names: list[str]
    clock: LocalClock
    week_starts_on: int

    def target(self) -> Callable[[Any], str]:
        """The id of the part that a day lies in."""
        unit = sections.unit_of(self.report)
        return lambda day_: sections.part_id(day_, unit, self.week_starts_on)


def report_html(
    report: Report,
    *,
    hint: str = "",
    of: str = "",
    week_starts_on: int = 0,
    reasons: Reasons | None = None,
    insights: Sequence[str] = (),
    compiled_in: Path | None = None,
) -> str:
    """The page; ``hint`` says what to do next, in place of `nothing_in`, and only where there is nothing else to show.

    ``of`` is the name of the one project that the report is of: it stands in the title, and agent time, which is known
    of all projects together only, is left out. ``week_starts_on`` counts as `datetime.date.weekday` does. ``reasons``
    are those of the one day that the report is of. ``insights`` are sentences. ``compiled_in`` is the folder that keeps
    the compiled template for the next process.
    """
    shown = figures(report)
    clock = LocalClock(report.zone)
    names = [_shortened(row.name) for row in shown.projects]
    page = _Page(report, shown, names, clock, week_starts_on)
    one_day = report.first_day == report.last_day
    style, script = _asset("report.css"), _asset("report.js")
    parts: dict[str, Any] = {}
    if shown.projects:
        parts = _day(page, reasons) if one_day else _days(page)
    has_controls = len(names) > 1 or len(parts.get("parts", ())) > 1
    return (
        _environment(compiled_in)
        .get_template("report.html.j2")
        .render(
            report=report,
            shown=shown,
            names=names,
            clock=clock,
            hint=hint or nothing_in(report),
            one_day=one_day,
            days_worked=days_worked(report),
            title=calendar_name(report.first_day, report.last_day, week_starts_on)
            + (f" · {_shortened(printable(of))}" if of else ""),
            of=of,
            full_date=full_date,
            percent=percent,
            pauses=pause_words(report),
            insights=insights,
            longest_ms=max((p.active_ms for p in report.projects), default=0),
            longest_day_ms=max((day.total_ms for day in report.days), default=0),
            windows=windows_shown(report, clock),
            filter=filtering.data(report) if len(names) > 1 else None,
            digits=filtering.DIGITS,
            style=Markup(style),  # noqa: S704  ours
            style_hash=_hash(style),
            script=Markup(script) if shown.projects and has_controls else "",  # noqa: S704  ours
            script_hash=_hash(script) if shown.projects and has_controls else "",
            **parts,
        )
    )


def _day(page: _Page, reasons: Reasons | None) -> dict[str, Any]:
    """What a page of one day shows beside its totals."""
    report, clock = page.report, page.clock
    axis = axis_of_day(report, clock)
    rows = [
        day.Row(n, name, row.project.blocks, clip(row.project.waits, axis.start_ms, axis.end_ms))
        for n, (name, row) in enumerate(zip(page.names, page.shown.projects, strict=True))
    ]
    now = axis.x(report.now_ms) if axis.start_ms <= report.now_ms < axis.end_ms else ""
    count = sum(len(row.blocks) for row in rows)
    apart_ms = max(day.drawn_apart_ms(row, axis) for row in rows)
    windows = [
        (w.start_ms, w.end_ms, f"{clock.stretch(report.first_day, w.start_ms, w.end_ms)}: {w.prompts} prompts")
        for w in report.windows
    ]
    return {
        "definitions": day.hours_of(axis.ticks, "hours", now),
        "timeline": day.timeline(rows, axis, _stretch_of(report, clock), hours="hours", coarse=False),
        "window_row": day.window_row(windows, axis, "hours") if windows else "",
        "apart": format_duration(apart_ms) if apart_ms else "",
        "blocks": block_lines(report, page.shown, clock, reasons),
        "block_count": count,
        "most_listed": MOST_LISTED,
        "most_explained": MOST_EXPLAINED,
    }


def _days(page: _Page) -> dict[str, Any]:
    """What a page of several days shows beside its totals."""
    report, starts_on = page.report, page.week_starts_on
    unit = sections.unit_of(report)
    found = sections.parts(report, page.names, starts_on)
    times = {each.date: h_mm(each.minutes) for each in page.shown.days}
    known = hours.hour_map(report)
    drawn: dict[str, Any] = {"calendar": "", "matrix": "", "trend": "", "shaded": ""}
    target = page.target()
    if len(report.days) <= _WEEK_DAYS:
        drawn["matrix"] = matrix.matrix(report, page.names, target)
    elif len(report.days) <= _MOST_DAYS_IN_A_TABLE:
        drawn["calendar"] = calendar.month_table(report.days, times, starts_on, target)
        drawn["shaded"] = "Shaded by quarters of the best day."
    elif unit is not Kind.MONTH:
        drawn["calendar"] = calendar.year_charts(report.days, starts_on)
    else:
        drawn["calendar"] = calendar.years_table(report.days)
        drawn["shaded"] = "Whole hours, shaded by quarters of the best month."
    if len(report.days) >= _LEAST_DAYS_FOR_A_TREND:
        drawn["trend"] = trend.trend_chart(_columns(page, unit, found), _MEAN_OF[unit])
    definitions, timelines = _timelines(page, found) if unit is Kind.DAY else (Markup(), {})
    return {
        **drawn,
        "unit": str(unit),
        "mean_of": _MEAN_OF[unit],
        "day_squares": calendar.legend("the best day"),
        "hour_squares": calendar.legend("the fullest hour"),
        "hour_map": hours.hours_chart(known, starts_on),
        "hour_table": hours.hours_table(known, starts_on),
        "definitions": definitions,
        "timelines": timelines,
        "parts": found,
    }


def _columns(page: _Page, unit: Kind, found: Sequence[Part]) -> list[trend.Column]:
    if unit is Kind.DAY:
        now_ms = page.report.now_ms
        return [
            trend.Column(
                short_date(each.date),
                each.total_ms if each.start_ms <= now_ms else None,
                day_and_month(each.date) if each.date.weekday() == page.week_starts_on else "",
            )
            for each in page.report.days
        ]
    begun = [page.clock.local(part.start_ms).date() for part in found]
    marks = [month_and_year(begun[0], short=True)]
    by_years = len(begun) > _MOST_MONTHS_MARKED and unit is Kind.MONTH
    for before, date in pairwise(begun):
        begins = date.year != before.year if by_years else date.month != before.month
        marks.append(month_and_year(date, short=True) if begins else "")
    return [trend.Column(part.label, part.total_ms, mark) for part, mark in zip(found, marks, strict=True)]


def _timelines(page: _Page, found: Sequence[Part]) -> tuple[Markup, dict[str, Markup]]:
    """The lines of the hours of each sort of day, and the timelines of the days that have blocks, by id."""
    groups: dict[tuple[Any, ...], str] = {}
    definitions, drawn = Markup(), {}
    for part in found:
        if not part.blocks:
            continue
        axis = axis_between(part.start_ms, part.end_ms, page.clock)
        if axis.ticks not in groups:
            groups[axis.ticks] = f"hours-{len(groups)}"
            definitions += day.hours_of(axis.ticks, groups[axis.ticks])
        rows = [day.Row(*each) for each in part.blocks]
        words = _stretch_of(page.report, page.clock)
        drawn[part.id] = day.timeline(rows, axis, words, hours=groups[axis.ticks], coarse=True)
    return definitions, drawn


def _stretch_of(report: Report, clock: LocalClock) -> Callable[[int, int], str]:
    """What a stretch is called on the page of one day, or on that of several."""
    if report.first_day == report.last_day:
        return lambda start_ms, end_ms: clock.stretch(report.first_day, start_ms, end_ms)
    return lambda start_ms, end_ms: f"{clock.time(start_ms)} – {clock.time(end_ms)}"


def _shortened(name: str) -> str:
    """The name, cut where nobody reads on."""
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _breakable(path: str) -> Markup:
    """The path, which may go on in another line after each of its folders."""
    return Markup("/<wbr>").join(path.split("/"))


def _unbroken(sentence: str) -> str:
    """The sentence with its lengths, ``1 h 05 min``, each on one line."""
    return _SPACE_IN_LENGTH.sub("\N{NO-BREAK SPACE}", sentence)


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment(compiled_in: Path | None) -> jinja2.Environment:
    import jinja2  # noqa: PLC0415  takes 30 ms, which only a page is worth

    from monitor_tray.render.compiled_templates import CompiledTemplates  # noqa: PLC0415  so does jinja there

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        bytecode_cache=None if compiled_in is None else CompiledTemplates(compiled_in),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shortened"] = _shortened
    environment.filters["breakable"] = _breakable
    environment.filters["unbroken"] = _unbroken
    environment.filters["duration"] = format_duration
    return environment


@cache
def _asset(name: str) -> str:
    return resources.files("monitor_assets").joinpath("report", name).read_text(encoding="utf-8")
