"""What a person asks a report for: which days, of which project; the reports that answer it, and their text.

Nothing here prints or writes.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor_core.date_words import parse_period, period_between
from monitor_core.days import MAX_DAYS, day_of
from monitor_core.errors import MonitorError
from monitor_core.grouping import LastGrouping
from monitor_core.one_project import Named, find_project, known_projects, of_project
from monitor_core.periods import Kind, Period, period_of
from monitor_core.reporting import build_report, grouping_of
from monitor_core.store import Store
from monitor_core.summary import summarise
from monitor_tray import settings
from monitor_tray.clock import now_ms
from monitor_tray.render import hints, text
from monitor_tray.render.local_time import date_range

if TYPE_CHECKING:
    import datetime as dt

    from monitor_core.analytics import Analytics
    from monitor_core.config import Config
    from monitor_core.grouping import Grouping
    from monitor_core.paths import Paths
    from monitor_core.report import Report
    from monitor_tray.render.text import Look

# How a person asks for each kind; what else there is has to be a range.
_COMMANDS = {Kind.DAY: "report daily --date", Kind.WEEK: "week --date", Kind.MONTH: "month --date"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a person: for which kind of report, and which days; ``to`` is for a range from ``date``.

    ``insights``: whether they want the analytics too.
    """

    kind: Kind
    date: str
    to: str = ""
    insights: bool = False

    def period(self, today: dt.date, week_starts_on: int) -> Period:
        """The days that are meant. Raises `MonitorError` where the words mean none, or other ones than the kind."""
        found = parse_period(self.date, today, week_starts_on)
        if self.to:
            found = period_between(found.first, parse_period(self.to, today, week_starts_on).last)
        if self.kind is Kind.RANGE:
            if found.length > MAX_DAYS:
                raise MonitorError(
                    f"{found.first} to {found.last} are more days than one report has, which is {MAX_DAYS}; "
                    "ask for some of them, such as one year"
                )
            return found
        around = period_of(self.kind, found.first, week_starts_on)
        if found not in around:
            raise MonitorError(self._is_another_kind(found))
        return around

    def _is_another_kind(self, found: Period) -> str:
        words = shlex.quote(self.date)
        command = _COMMANDS.get(found.kind, "report range --date")
        days = date_range(found.first, found.last)
        if self.kind is Kind.MONTH and found.kind is Kind.WEEK:
            months = " and ".join(f"{day:%Y-%m}" for day in (found.first, found.last))
            return f"{self.date!r} ({days}) is in two months; give one of {months}"
        return (
            f"{self.date!r} is a {found.kind} ({days}), and this report is of one {self.kind}; "
            f"use “claude-monitor {command} {words}”"
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A report and what goes with it.

    ``before`` is the report of the period before, for weeks and months. ``of`` is the one project that both are of.
    ``hint`` is what to tell where there is nothing to show. ``analytics`` are there if they were asked for.
    """

    kind: Kind
    report: Report
    before: Report | None
    of: Named | None
    hint: str
    week_starts_on: int
    analytics: Analytics | None = None


def answer(place: Paths, asked: Asked, project: str | None = None, *, compare: bool = False) -> Answer:
    """The reports that were asked for; ``before`` only to ``compare``, and where reports of the kind do that.

    Analytics are made with ``before``, for the streaks, in any case.

    Raises `MonitorError` for words that mean nothing, and what the settings and the store raise.
    """
    config = settings.read(place.config)
    zone = settings.zone_of(config)
    at_ms = now_ms()
    period = asked.period(day_of(at_ms, zone, config.day_starts_at), config.week_starts_on)
    compare = compare or asked.insights
    before = period.before() if compare and asked.kind in (Kind.WEEK, Kind.MONTH) else None
    last = LastGrouping()
    with contextlib.closing(Store(place.database)) as store:
        report, earlier = (
            build_report(store, days.first, days.last, zone, config, at_ms, last) if days else None
            for days in (period, before)
        )
        assert report is not None  # noqa: S101  there is always a period
        is_known = store.newest() > 0
        of = _project(project, grouping_of(store, config, last), report) if project is not None else None
        if of:
            report, earlier = of_project(report, of.path), of_project(earlier, of.path) if earlier else None
        hint = hints.nothing_in(report, of.name if of else "") if is_known else hints.NOTHING_RECORDED
        analytics = _analytics(store, report, config, earlier) if asked.insights else None
    return Answer(asked.kind, report, earlier, of, hint, config.week_starts_on, analytics)


def text_of(made: Answer, look: Look) -> str:
    """The answer as text for a terminal."""
    report = _text_of_report(made, look)
    if made.analytics is None:
        return report
    from monitor_tray.render.text_insights import insights_text  # noqa: PLC0415  only for those who ask for it

    return report + insights_text(made.analytics, made.report, look)


def _text_of_report(made: Answer, look: Look) -> str:
    how: dict[str, Any] = {
        "width": look.width,
        "colour": look.colour,
        "unicode": look.unicode,
        "hint": made.hint,
        "of": made.of.name if made.of else "",
    }
    if made.before is not None and made.kind is Kind.WEEK:
        return text.week_text(made.report, summarise(made.report, made.before), **how)
    if made.before is not None and made.kind is Kind.MONTH:
        summary = summarise(made.report, made.before)
        return text.month_text(made.report, summary, **how, week_starts_on=made.week_starts_on)
    return text.report_text(made.report, **how, week_starts_on=made.week_starts_on)


def _analytics(store: Store, report: Report, config: Config, before: Report | None) -> Analytics:
    from monitor_core.analytics import analytics_of  # noqa: PLC0415  only for those who ask for it

    return analytics_of(store, report, config, before)


def _project(text: str, grouping: Grouping, report: Report) -> Named:
    shown = [Named(project.name, project.path) for project in report.projects]
    found = find_project(text, known_projects(grouping), shown, folder=os.path.realpath(Path(text).expanduser()))
    # By the name that it has in this report, where it is in it.
    return next((named for named in shown if named.path == found.path), found)
