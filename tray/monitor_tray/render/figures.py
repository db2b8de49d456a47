"""The figures of a report as a person reads them: whole minutes whose columns add up, whole percents that make 100.

The one place where displayed time is rounded; the text and the page only lay out what stands here.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003  dataclass fields should resolve for whoever inspects them
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.model import MINUTE_MS
from monitor_core.rounding import rounded_parts
from monitor_core.summary import begun_days
from monitor_tray.duration import format_duration
from monitor_tray.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor_core.report import ProjectTime, Report

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """One project's row. ``name`` and ``path`` are printable; ``working`` and ``attention`` add up to ``time``.

    ``waited`` is a part of neither, and empty where Claude did not wait.
    """

    name: str
    path: str
    time: str
    working: str
    attention: str
    waited: str
    percent: int
    project: ProjectTime


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day's row of a longer range; the rows, and their ``minutes``, add up to the total."""

    date: dt.date
    time: str
    minutes: int
    total_ms: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A report's figures. The projects' times and ``parallel`` make ``total``, and so do ``working`` and ``attention``.

    ``parallel`` has its minus sign and is empty where it would show as nothing. Projects without a block (a session
    that only ended) have no time to show and are left out. ``total`` and ``idle`` add up to ``span``. ``waited`` is a
    part of no other figure, and empty where Claude did not wait. ``running`` says that some block is still open.
    """

    total: str
    working: str
    attention: str
    parallel: str
    span: str
    idle: str
    agent: str
    waited: str
    running: bool
    projects: tuple[ProjectFigures, ...]
    days: tuple[DayFigures, ...]


def figures(report: Report) -> Figures:
    """The figures of ``report``, its projects and days in the report's order."""
    projects, minutes, parallel = minutes_of_projects(report)
    total = report.total_ms // MINUTE_MS
    working, attention = rounded_parts([report.working_ms, report.attention_ms], MINUTE_MS, total)
    active = [project.active_ms for project in projects]
    percents = rounded_parts([100 * ms for ms in active], sum(active)) if any(active) else [0] * len(active)
    day_minutes = rounded_parts([day.total_ms for day in report.days], MINUTE_MS, total)
    return Figures(
        # Who sent an event was there, if only for an instant: less than a minute, not none.
        total=shown_minutes(total, report.total_ms or len(projects)),
        working=shown_minutes(working, report.working_ms),
        attention=shown_minutes(attention, report.attention_ms),
        parallel=MINUS + shown_minutes(-parallel, 0) if parallel else "",
        span=shown_minutes(report.span_ms // MINUTE_MS, report.span_ms),
        idle=shown_minutes(report.span_ms // MINUTE_MS - total, report.idle_ms),
        agent=shown_minutes(report.agent_ms // MINUTE_MS, report.agent_ms),
        waited=_waited(report.waiting_ms),
        running=any(block.open for project in projects for block in project.blocks),
        projects=tuple(map(_project, projects, minutes, percents)),
        days=tuple(
            DayFigures(day.date, shown_minutes(shown, day.total_ms), shown, day.total_ms)
            for day, shown in zip(report.days, day_minutes, strict=True)
        ),
    )


def h_mm(minutes: int) -> str:
    """``3:05``; with a minus sign where it is less than nothing."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{MINUS if minutes < 0 else ''}{hours}:{rest:02}"


def days_worked(report: Report) -> str:
    """``on 5 of 7 days``; while more of them are to come ``on 5 of 6 days so far``."""
    begun = begun_days(report)
    worked = sum(1 for day in begun if day.total_ms)
    so_far = " so far" if len(begun) < len(report.days) and report.now_ms < report.end_ms else ""
    return f"on {worked} of {days_words(len(begun))}{so_far}"


def days_words(count: int) -> str:
    """``1 day``, ``2 days``."""
    return "1 day" if count == 1 else f"{count} days"


def grouped_days(shown: Figures, label: Callable[[dt.date], str]) -> list[tuple[str, int, str]]:
    """The days that have one ``label`` together, in their order: ``(label, ms, time)``; the times add up as days do."""
    groups: dict[str, list[DayFigures]] = {}
    for day in shown.days:
        groups.setdefault(label(day.date), []).append(day)
    lengths = {label: sum(day.total_ms for day in days) for label, days in groups.items()}
    return [
        (label, lengths[label], shown_minutes(sum(day.minutes for day in days), lengths[label]))
        for label, days in groups.items()
    ]


def minutes_of_projects(report: Report) -> tuple[list[ProjectTime], list[int], int]:
    """The projects that have time to show, the minutes to show for each, and, negative, those for what was parallel.

    All minutes add up to the whole minutes of the total.
    """
    projects = [project for project in report.projects if project.blocks]
    minutes, parallel = minutes_of([project.active_ms for project in projects], report.total_ms)
    return projects, minutes, parallel


def minutes_of(active_ms: Sequence[int], total_ms: int) -> tuple[list[int], int]:
    """The minutes to show for the active times of all projects, the longest first; and those for what was parallel."""
    *minutes, parallel = rounded_parts([*active_ms, total_ms - sum(active_ms)], MINUTE_MS, total_ms // MINUTE_MS)
    return minutes, parallel


def _project(project: ProjectTime, minutes: int, percent: int) -> ProjectFigures:
    working, attention = rounded_parts([project.working_ms, project.attention_ms], MINUTE_MS, minutes)
    return ProjectFigures(
        name=printable(project.name),
        path=printable(project.path),
        time=shown_minutes(minutes, 1),
        working=shown_minutes(working, project.working_ms),
        attention=shown_minutes(attention, project.attention_ms),
        waited=_waited(project.waiting_ms),
        percent=percent,
        project=project,
    )


def _waited(waiting_ms: int) -> str:
    return format_duration(waiting_ms) if waiting_ms else ""


def shown_minutes(minutes: int, exact_ms: int) -> str:
    """``minutes`` in words; where they are none, whether there was anything at all."""
    return format_duration(minutes * MINUTE_MS if minutes else min(exact_ms, 1))
