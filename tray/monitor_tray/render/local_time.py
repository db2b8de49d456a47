"""Instants and days in the words a person reads, in one zone, in English whatever the locale is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.periods import Period, month_of, week_number, week_of, year_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

# Not from the calendar module: its names follow the process's locale, and the words around them do not.
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def full_date(day: dt.date) -> str:
    """``Monday, 23 November 2026``."""
    return f"{_WEEKDAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: dt.date) -> str:
    """``Mon 23 Nov``, always ten characters."""
    return f"{_WEEKDAYS[day.weekday()][:3]} {day.day:>2} {_MONTHS[day.month - 1][:3]}"


def day_and_month(day: dt.date) -> str:
    """``23 Nov``."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def weekday_name(number: int) -> str:
    """``Monday`` for 0."""
    return _WEEKDAYS[number]


def short_weekday(day: dt.date) -> str:
    """``Mon``."""
    return _WEEKDAYS[day.weekday()][:3]


def month_and_year(day: dt.date, *, short: bool = False) -> str:
    """``November 2026``, or ``Nov 2026``."""
    month = _MONTHS[day.month - 1]
    return f"{month[:3] if short else month} {day.year}"


def date_range(first: dt.date, last: dt.date, *, year: bool = True) -> str:
    """``first`` to ``last``, both included, without saying twice what they share: ``23 – 29 November 2026``.

    Without ``year`` it is left out where both are of the same: ``23 – 29 November``.
    """
    if first == last:
        return full_date(first) if year else full_date(first).rpartition(" ")[0]
    in_year = f" {last.year}" if year or first.year != last.year else ""
    end = f"{last.day} {_MONTHS[last.month - 1]}{in_year}"
    if first.year != last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} {first.year} – {end}"
    if first.month != last.month:
        return f"{first.day} {_MONTHS[first.month - 1]} – {end}"
    return f"{first.day} – {end}"


def calendar_name(first: dt.date, last: dt.date, week_starts_on: int) -> str:
    """``first`` to ``last``, both included, by the name that the calendar has for just these days.

    ``2026``, ``November 2026``, ``Week 48 · 23 – 29 November 2026``, ``Monday, 23 November 2026``; else `date_range`.
    """
    if (first, last) == _ends(year_of(first)):
        return str(first.year)
    if (first, last) == _ends(month_of(first)):
        return month_and_year(first)
    if (first, last) == _ends(week := week_of(first, week_starts_on)):
        return f"Week {week_number(week)[1]} · {date_range(first, last)}"
    return date_range(first, last)


def _ends(period: Period) -> tuple[dt.date, dt.date]:
    return period.first, period.last


@dataclass(frozen=True, slots=True)
class LocalClock:
    """Instants (milliseconds UTC) as the clocks on the wall of one zone show them."""

    zone: ZoneInfo

    def local(self, at_ms: int) -> dt.datetime:
        """The instant as an aware datetime of the zone."""
        return (_EPOCH + dt.timedelta(milliseconds=at_ms)).astimezone(self.zone)

    def time(self, at_ms: int) -> str:
        """``09:05``."""
        return f"{self.local(at_ms):%H:%M}"

    def time_seen_from(self, day: dt.date, at_ms: int) -> str:
        """``09:05``, with the weekday where that is not ``day``: ``01:04 (Tue)``."""
        there = self.local(at_ms)
        return f"{there:%H:%M}" + (f" ({_WEEKDAYS[there.weekday()][:3]})" if there.date() != day else "")

    def stretch(self, day: dt.date, start_ms: int, end_ms: int) -> str:
        """``09:05 – 18:32`` as seen from ``day``, or one time where both would read the same."""
        start, end = self.time_seen_from(day, start_ms), self.time_seen_from(day, end_ms)
        return start if start == end else f"{start} – {end}"

    def rfc3339(self, at_ms: int) -> str:
        """``2026-11-23T10:00:00+01:00``; milliseconds only where there are some."""
        return self.local(at_ms).isoformat(timespec="milliseconds" if at_ms % 1000 else "seconds")
