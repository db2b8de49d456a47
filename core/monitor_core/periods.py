"""Days, weeks, months and years as stretches of the calendar, and the one before each.

Only the calendar is here: what people type is read in `monitor_core.date_words`, and where a day begins and ends on
the clock is decided in `monitor_core.days`.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

_DAY = dt.timedelta(days=1)
_THURSDAY = 3
_MONTHS_PER_YEAR = 12


class Kind(enum.StrEnum):
    """What a period is; the value is the word for it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class Period:
    """The days from ``first`` to ``last``, both included; ``last`` is never before ``first``."""

    kind: Kind
    first: dt.date
    last: dt.date

    def __contains__(self, other: Period) -> bool:
        return self.first <= other.first and other.last <= self.last

    @property
    def length(self) -> int:
        """Number of its days in the calendar."""
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """The period of the same kind that ends on the day before; for a range, one of as many days."""
        eve = self.first - _DAY
        if self.kind is Kind.MONTH:
            return month_of(eve)
        if self.kind is Kind.YEAR:
            return year_of(eve)
        return Period(self.kind, self.first - self.length * _DAY, eve)


def day_period(day: dt.date) -> Period:
    """``day`` alone."""
    return Period(Kind.DAY, day, day)


def week_of(day: dt.date, starts_on: int) -> Period:
    """The week that holds ``day``. ``starts_on`` counts as `datetime.date.weekday` does: 0 is Monday."""
    first = day - (day.weekday() - starts_on) % 7 * _DAY
    return Period(Kind.WEEK, first, first + 6 * _DAY)


def month_of(day: dt.date) -> Period:
    """The month that holds ``day``."""
    first = day.replace(day=1)
    return Period(Kind.MONTH, first, (first + 31 * _DAY).replace(day=1) - _DAY)


def year_of(day: dt.date) -> Period:
    """The year that holds ``day``."""
    return Period(Kind.YEAR, day.replace(month=1, day=1), day.replace(month=12, day=31))


def period_of(kind: Kind, day: dt.date, week_starts_on: int) -> Period:
    """The period of that ``kind`` that holds ``day``; the day alone where ranges are meant."""
    if kind is Kind.WEEK:
        return week_of(day, week_starts_on)
    return {Kind.MONTH: month_of, Kind.YEAR: year_of}.get(kind, day_period)(day)


def months_before(month: dt.date, count: int) -> dt.date:
    """The first day of the month ``count`` months before that of ``month``. Raises `ValueError` before the year 1."""
    years, months = divmod(month.year * _MONTHS_PER_YEAR + month.month - 1 - count, _MONTHS_PER_YEAR)
    return dt.date(years, months + 1, 1)


def numbered_week(year: int, number: int, starts_on: int) -> Period:
    """The week ``number`` of ``year`` by ISO 8601; where weeks start on another day, the one with that week's Thursday.

    So each week has exactly one number, wherever it starts, and the ISO week itself where weeks start on Mondays.
    Raises `ValueError` for a number that the year has not.
    """
    return week_of(dt.date.fromisocalendar(year, number, _THURSDAY + 1), starts_on)


def week_number(week: Period) -> tuple[int, int]:
    """``(year, number)`` of a week, as `numbered_week` takes them."""
    thursday = week.first + (_THURSDAY - week.first.weekday()) % 7 * _DAY
    found = thursday.isocalendar()
    return found.year, found.week


def weeks_in(year: int) -> int:
    """How many numbered weeks ``year`` has: 52 or 53."""
    return dt.date(year, 12, 28).isocalendar().week
