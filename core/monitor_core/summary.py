"""What can be said about a period beyond its sums: averages, the best day, streaks, and how it was the time before.

Everything is computed from reports; nothing here reads the store or the clock. Days that a zone left out altogether
are no days here: they lower no average and end no streak.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.intervals import clip, length_ms, union
from monitor_core.model import MINUTE_MS, Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor_core.report import DayTime, Report


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a period stands against the same part of the one before it, ``first_day`` to ``last_day``.

    While the period runs, the part ends on the corresponding day at the time that the clock shows now: ``until_ms`` is
    that instant, and ``None`` where all of the period before is meant. ``difference_ms`` is of
    totals cut to whole minutes, as reports show them, so that it is the difference of what can be read there.
    ``percent`` is of the period before, rounded half up, and ``None`` where that had no whole minute.
    """

    first_day: dt.date
    last_day: dt.date
    until_ms: int | None
    total_ms: int
    difference_ms: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class Streak:
    """Consecutive days with time, from ``first_day`` to ``last_day``; ``days`` counts them, at least one."""

    first_day: dt.date
    last_day: dt.date
    days: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A period beyond its sums.

    ``days`` counts those that have begun, ``days_worked`` those of them that have time. ``average_ms`` is the total by
    ``days`` and ``average_worked_ms`` by ``days_worked``, both cut to milliseconds, 0 where there is none. ``best`` is
    the day with most time, the first of equals. ``longest`` is the longest streak that reaches into the period, the
    first of equals, and ``current`` the one that today goes on, or that today can still go on; both may have begun in
    the period before. ``comparison`` is ``None`` for a period that has not begun.
    """

    days: int
    days_worked: int
    average_ms: int
    average_worked_ms: int
    best: DayTime | None
    longest: Streak | None
    current: Streak | None
    comparison: Comparison | None


def summarise(report: Report, before: Report) -> Summary:
    """The summary of ``report``; ``before`` is the report of the whole period before, made at the same instant."""
    begun = begun_days(report)
    worked = [day for day in begun if day.total_ms]
    longest, current = streaks(report, before)
    return Summary(
        days=len(begun),
        days_worked=len(worked),
        average_ms=report.total_ms // len(begun) if begun else 0,
        average_worked_ms=report.total_ms // len(worked) if worked else 0,
        best=max(worked, key=lambda day: day.total_ms, default=None),
        longest=longest,
        current=current,
        comparison=_compared(report, before) if begun else None,
    )


def begun_days(report: Report) -> list[DayTime]:
    """The days of ``report`` that have begun, without those that its zone left out."""
    return [day for day in report.days if day.start_ms < day.end_ms and day.start_ms <= report.now_ms]


def streaks(report: Report, before: Report | None) -> tuple[Streak | None, Streak | None]:
    """The longest and the current streak, as `Summary` has them; without ``before`` as far as ``report`` shows them."""
    begun = begun_days(report)
    runs = _streaks([*(begun_days(before) if before else ()), *begun])
    reaching = [run for run in runs if run.last_day >= report.first_day]
    return max(reaching, key=lambda run: run.days, default=None), _current(runs, begun, report.now_ms)


def _streaks(days: Sequence[DayTime]) -> list[Streak]:
    runs: list[Streak] = []
    goes_on = False
    for day in days:
        if not day.total_ms:
            goes_on = False
        elif goes_on:
            runs[-1] = Streak(runs[-1].first_day, day.date, runs[-1].days + 1)
        else:
            runs.append(Streak(day.date, day.date, 1))
            goes_on = True
    return runs


def _current(runs: Sequence[Streak], begun: Sequence[DayTime], now_ms: int) -> Streak | None:
    """The last run, where it reaches today, or yesterday while today has no time yet."""
    if not runs or not begun or begun[-1].end_ms <= now_ms:
        return None
    today = begun[-1]
    if today.total_ms:
        return runs[-1]
    earlier = begun[-2].date if len(begun) > 1 else None
    # On the first day of a period, yesterday is the last day of the one before.
    reaches = runs[-1].last_day == earlier if earlier else (today.date - runs[-1].last_day).days == 1
    return runs[-1] if reaches else None


def _compared(report: Report, before: Report) -> Comparison:
    last_day, until_ms = before.last_day, None
    if report.start_ms <= report.now_ms < report.end_ms:
        today = next(n for n, day in enumerate(report.days) if day.start_ms <= report.now_ms < day.end_ms)
        if today < len(before.days):
            last_day = before.days[today].date
            until_ms = _same_time(report, report.days[today], before.days[today])
    total_ms = before.total_ms if until_ms is None else _total_until(before, until_ms)
    shown, shown_before = report.total_ms // MINUTE_MS, total_ms // MINUTE_MS
    difference = shown - shown_before
    return Comparison(
        first_day=before.first_day,
        last_day=last_day,
        until_ms=until_ms,
        total_ms=total_ms,
        difference_ms=difference * MINUTE_MS,
        percent=(200 * difference + shown_before) // (2 * shown_before) if shown_before else None,
    )


def _same_time(report: Report, today: DayTime, then: DayTime) -> int:
    """The instant in the day ``then`` at which the clock shows what it shows now."""
    now = (_EPOCH + dt.timedelta(milliseconds=report.now_ms)).astimezone(report.zone)
    # A day that starts at four goes on for four hours of the next date.
    same = now.replace(year=then.date.year, month=then.date.month, day=then.date.day) + (now.date() - today.date)
    return min(max((same - _EPOCH) // _MILLISECOND, then.start_ms), then.end_ms)


def _total_until(report: Report, until_ms: int) -> int:
    blocks = [Interval(block.start_ms, block.end_ms) for project in report.projects for block in project.blocks]
    return length_ms(union(clip(blocks, report.start_ms, until_ms)))
