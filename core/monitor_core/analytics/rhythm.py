"""When the time was: hours of the day, how alike the days are, streaks, and how the weeks go.

Pure functions of reports. The formulas and their reasons: docs/analytics.md.
"""

from __future__ import annotations

import datetime as dt
import enum
import statistics
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from monitor_core.model import HOUR_MS, SECOND_MS, Interval
from monitor_core.periods import week_of
from monitor_core.summary import Streak, streaks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from monitor_core.report import DayTime, Report

#: Peak hours have at least this percentage of the busiest hour's time.
PEAK_PERCENT = 75
#: The part of the day that a rhythm is named for has at least this percentage of all time.
RHYTHM_PERCENT = 50
#: Hours, rhythm and consistency are not told from fewer days that have time.
ENOUGH_DAYS = 5
#: The trend is not told from fewer weeks, nor against less than an hour a week.
ENOUGH_WEEKS = 3
ENOUGH_A_WEEK_MS = HOUR_MS

_HOURS = 24
_WEEK_DAYS = 7
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Rhythm(enum.StrEnum):
    """The part of the day that has at least half of the time; `MIXED` where none has."""

    EARLY = "early bird"
    MIDDAY = "mid-day"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night owl"
    MIXED = "mixed"


#: From which hour on and up to which; over midnight where the second is less.
PARTS_OF_THE_DAY = {
    Rhythm.EARLY: (6, 10),
    Rhythm.MIDDAY: (10, 14),
    Rhythm.AFTERNOON: (14, 18),
    Rhythm.EVENING: (18, 22),
    Rhythm.NIGHT: (22, 6),
}


class WeekTime(NamedTuple):
    """A whole week of the range that is over."""

    first_day: dt.date
    last_day: dt.date
    total_ms: int


class Rhythms(msgspec.Struct, frozen=True):
    """When the time was.

    ``hours_ms`` has for each hour of the clock, 0 to 23, what of the total lies in it on all days; they add up to the
    total. ``peak_hours`` are ascending. ``rhythm_ms`` is the time in the rhythm's part of the day. ``days_worked``
    counts the days that have time and are over, ``mean_ms`` and ``deviation_ms`` are of their totals (the standard
    deviation of all of them, both cut to milliseconds), and ``consistency`` is 1 − deviation ÷ mean, at least 0. Of
    fewer than `ENOUGH_DAYS` such days all of these are None, and there are no peak hours. The streaks are those of
    `monitor_core.summary`; they look back as far as the reports do. ``weeks`` are by time, ``trend`` is the last one's
    total against the mean of those before it (0.25 is a quarter more), None for too little of either.
    """

    hours_ms: tuple[int, ...]
    peak_hours: tuple[int, ...]
    rhythm: Rhythm | None
    rhythm_ms: int | None
    days_worked: int
    mean_ms: int | None
    deviation_ms: int | None
    consistency: float | None
    longest_streak: Streak | None
    current_streak: Streak | None
    weeks: tuple[WeekTime, ...]
    trend: float | None


def rhythms_of(report: Report, hours: tuple[int, ...], before: Report | None, week_starts_on: int) -> Rhythms:
    """The figures of ``report``, whose `hours_of` the total are ``hours``.

    ``before`` is the report of the time before, where streaks are to reach into it.
    """
    totals = [day.total_ms for day in report.days if day.total_ms and day.end_ms <= report.now_ms]
    enough = len(totals) >= ENOUGH_DAYS
    rhythm, rhythm_ms = _rhythm(hours) if enough else (None, None)
    mean, deviation = (statistics.fmean(totals), statistics.pstdev(totals)) if enough else (0.0, 0.0)
    longest, current = streaks(report, before)
    weeks = tuple(_weeks(report, week_starts_on))
    return Rhythms(
        hours_ms=hours,
        peak_hours=peak_hours(hours) if enough else (),
        rhythm=rhythm,
        rhythm_ms=rhythm_ms,
        days_worked=len(totals),
        mean_ms=int(mean) if enough else None,
        deviation_ms=int(deviation) if enough else None,
        consistency=max(0.0, 1 - deviation / mean) if enough else None,
        longest_streak=longest,
        current_streak=current,
        weeks=weeks,
        trend=_trend(weeks),
    )


def hours_of(total: Iterable[Interval], zone: ZoneInfo) -> tuple[int, ...]:
    """How much of the set ``total`` lies in each hour that clocks of ``zone`` show, 0 to 23."""
    hours = [0] * _HOURS
    for start_ms, end_ms in total:
        at_ms = start_ms
        while at_ms < end_ms:
            local = (_EPOCH + dt.timedelta(milliseconds=at_ms)).astimezone(zone)
            into_ms = (local.minute * 60 + local.second) * SECOND_MS + local.microsecond // 1000
            next_ms = min(end_ms, at_ms + HOUR_MS - into_ms)
            hours[local.hour] += next_ms - at_ms
            at_ms = next_ms
    return tuple(hours)


def peak_hours(hours_ms: tuple[int, ...]) -> tuple[int, ...]:
    """The hours that have at least `PEAK_PERCENT` of the busiest one; none where no hour has time."""
    most_ms = max(hours_ms)
    return tuple(hour for hour, ms in enumerate(hours_ms) if ms and 100 * ms >= PEAK_PERCENT * most_ms)


def hours_between(first: int, end: int) -> list[int]:
    """The hours from ``first`` up to ``end``, which is not included, over midnight where it is less."""
    return [hour % _HOURS for hour in range(first, end if first < end else end + _HOURS)]


def _rhythm(hours_ms: tuple[int, ...]) -> tuple[Rhythm, int | None]:
    for rhythm, (first, end) in PARTS_OF_THE_DAY.items():
        part_ms = sum(hours_ms[hour] for hour in hours_between(first, end))
        if 100 * part_ms >= RHYTHM_PERCENT * sum(hours_ms):
            return rhythm, part_ms
    return Rhythm.MIXED, None


def _weeks(report: Report, starts_on: int) -> Iterable[WeekTime]:
    weeks: dict[dt.date, list[DayTime]] = {}
    for day in report.days:
        weeks.setdefault(week_of(day.date, starts_on).first, []).append(day)
    for days in weeks.values():
        if len(days) == _WEEK_DAYS and days[-1].end_ms <= report.now_ms:
            yield WeekTime(days[0].date, days[-1].date, sum(day.total_ms for day in days))


def _trend(weeks: tuple[WeekTime, ...]) -> float | None:
    if len(weeks) < ENOUGH_WEEKS:
        return None
    *earlier, last = weeks
    mean_ms = sum(week.total_ms for week in earlier) / len(earlier)
    # Not the quotient less one, which misses whole percents by a hair.
    return (last.total_ms - mean_ms) / mean_ms if mean_ms >= ENOUGH_A_WEEK_MS else None
