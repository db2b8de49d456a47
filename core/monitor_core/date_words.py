"""What people type for a day or a period: ``yesterday``, ``2026-W47``, ``last month``, ``23 Nov``, ``last 7 days``.

Upper and lower case, spaces, hyphens and underscores between words make no difference. What is not said is meant in
the past: a bare weekday, month, week number or day of a year is the most recent one that has begun, today's included,
and with ``last`` the most recent one that is over. ``last 7 days`` ends today. Nothing here asks for the present
moment.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from monitor_core.days import FIRST_DAY, LAST_DAY, MAX_DAYS
from monitor_core.errors import MonitorError
from monitor_core.mistyped import meant_by
from monitor_core.periods import (
    Kind,
    Period,
    day_period,
    month_of,
    months_before,
    numbered_week,
    week_of,
    weeks_in,
    year_of,
)

#: What can be given, for messages.
EXAMPLES = (
    "yesterday, monday, 2026-11-23, last week, 2026-W47, last month, october, 2026-10, last 7 days or "
    "2026-11-01..2026-11-15"
)

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_PHRASES = (
    *("today", "yesterday", "this week", "last week", "this month", "last month", "this year", "last year"),
    *("2 days ago", "2 weeks ago", "2 months ago", "last 7 days", "last 30 days", "since monday", "week 47"),
    *_WEEKDAYS,
    *_MONTHS,
    *(f"last {name}" for name in (*_WEEKDAYS, *_MONTHS)),
)
_DAY = dt.timedelta(days=1)
_LEAST_DAYS = {"day": 1, "week": 7, "month": 28}
_MAX_SHOWN = 60
# A hyphen that joins nothing.
_MINUS = re.compile(r"(?:^|[\s,_-])-[0-9]")


@dataclass(frozen=True, slots=True)
class _Now:
    """What words are understood against."""

    today: dt.date
    week_starts_on: int

    def week(self, day: dt.date) -> Period:
        return week_of(day, self.week_starts_on)


class _NotMeantError(Exception):
    """The text has a form that is known, and no period is meant by it; the message says why and what would do."""


def parse_period(text: str, today: dt.date, week_starts_on: int) -> Period:
    """The period that a person means by ``text``, as the module's docstring has it.

    ``A..B`` and ``A to B`` are the days from the first of A to the last of B; ``since A`` and ``A..`` end today.
    ``week_starts_on`` counts as `datetime.date.weekday` does; weeks by number are those of
    `monitor_core.periods.numbered_week`. Periods may lie in the future. Raises `MonitorError` that says what was not
    understood, with the nearest words that would be.
    """
    now = _Now(today, week_starts_on)
    plain = " ".join(text.casefold().split())
    if found := re.fullmatch(r"(?:since |from )(.+)", plain):
        plain = found[1] if ".." in found[1] or " to " in found[1] else f"{found[1]}.."
    found = re.fullmatch(r"(.+?) ?(?:\.\.+|…| to | until ) ?(.*)", plain)
    try:
        if not found:
            return _single(text, plain, now)
        first = _single(found[1], found[1], now).first
        last = _single(found[2], found[2], now).last if found[2] else today
    except (OverflowError, _OutOfReachError) as error:
        raise MonitorError(f"{_quoted(text)} is out of reach; give dates from {FIRST_DAY} to {LAST_DAY}") from error
    return period_between(first, last)


def period_between(first: dt.date, last: dt.date) -> Period:
    """The range from ``first`` to ``last``. Raises `MonitorError` where it would run backwards."""
    if last < first:
        raise MonitorError(f"the range from {first} to {last} runs backwards; give the earlier day first")
    return Period(Kind.RANGE, first, last)


class _OutOfReachError(Exception):
    """A period beyond what can be reported."""


def _single(text: str, plain: str, now: _Now) -> Period:
    # Hyphens join words as spaces do ("last-week"), but in dates of figures they are what tells the parts.
    words = re.sub(r"[\s,_-]+", " ", plain).strip()
    for shape, is_of_words, read in _SHAPES:
        if found := re.fullmatch(shape, words if is_of_words else plain):
            if is_of_words and _MINUS.search(plain):
                advice = "give days such as 2 days ago or last 7 days"
                raise MonitorError(f"{_quoted(text)}: numbers have no minus here; {advice}")
            try:
                period = read(found, now)
            except _NotMeantError as error:
                raise MonitorError(f"{_quoted(text)}: {error}") from error
            # The week of the first day may begin before it.
            earliest = period.first if period.kind is Kind.RANGE else period.last
            if earliest < FIRST_DAY or period.first > LAST_DAY:
                raise _OutOfReachError
            return period
    raise MonitorError(f"{_quoted(text)} is not a day, week, month or range; {_nearest(words, plain, now)}{EXAMPLES}")


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…")


def _nearest(words: str, plain: str, now: _Now) -> str:
    week = now.week(now.today).first.isocalendar()
    dates = [now.today.isoformat(), f"{now.today:%Y-%m}", f"{week.year}-W{week.week:02}"]
    near = _without_hyphens(plain)
    near += meant_by(words[:_MAX_SHOWN], _PHRASES, alike=0.7)
    near += [] if near else meant_by(plain[:_MAX_SHOWN].upper(), dates, most=1, alike=0.7)
    return f"did you mean {' or '.join(near)}? There are also " if near else "give one such as "


def _without_hyphens(plain: str) -> list[str]:
    try:
        return [dt.date.fromisoformat(plain).isoformat()] if re.fullmatch("[0-9]{8}", plain) else []
    except ValueError:
        return []


def _date(year: int, month: int, day: int) -> dt.date:
    if not 1 <= month <= len(_MONTHS):
        raise _NotMeantError(f"there is no month {month}; months are 1 to 12")
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        raise _OutOfReachError
    last = month_of(dt.date(year, month, 1)).last
    if not 1 <= day <= last.day:
        near = last if day else last.replace(day=1)
        raise _NotMeantError(f"there is no such day in the calendar; the nearest is {near}")
    return last.replace(day=day)


def _week(year: int, number: int, now: _Now) -> Period:
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        raise _OutOfReachError
    if not 1 <= number <= weeks_in(year):
        nearest = weeks_in(year) if number else 1
        raise _NotMeantError(f"{year} has the weeks 1 to {weeks_in(year)}; the nearest is {year}-W{nearest:02}")
    return numbered_week(year, number, now.week_starts_on)


def _today(_: re.Match[str], now: _Now) -> Period:
    return day_period(now.today)


def _yesterday(_: re.Match[str], now: _Now) -> Period:
    return day_period(now.today - _DAY)


def _ago(found: re.Match[str], now: _Now) -> Period:
    return _back(found["unit"], int(found["count"]), now)


def _relative(found: re.Match[str], now: _Now) -> Period:
    return _back(found["unit"], 1 if found["which"] in ("last", "previous") else 0, now)


def _back(unit: str, count: int, now: _Now) -> Period:
    if unit == "day":
        return day_period(now.today - count * _DAY)
    if unit == "week":
        return now.week(now.today - 7 * count * _DAY)
    try:
        if unit == "month":
            return month_of(months_before(now.today, count))
        return year_of(dt.date(now.today.year - count, 1, 1))
    except ValueError as error:
        raise _OutOfReachError from error


def _last_few(found: re.Match[str], now: _Now) -> Period:
    count, unit = int(found["count"]), found["unit"]
    if not count:
        raise _NotMeantError(f"no {unit}s are no time; the nearest is last 1 {unit}")
    if count * _LEAST_DAYS[unit] > MAX_DAYS:
        raise _NotMeantError(f"one report has at most {MAX_DAYS} days; ask for some of them, such as one year")
    if unit == "month":
        month = month_of(_back("month", count, now).first)
        first = month.first.replace(day=min(now.today.day, month.last.day)) + _DAY
    else:
        first = now.today - (count * (7 if unit == "week" else 1) - 1) * _DAY
    return Period(Kind.RANGE, first, now.today)


def _weekday(found: re.Match[str], now: _Now) -> Period:
    back = (now.today.weekday() - _number(found["weekday"], _WEEKDAYS)) % 7
    return day_period(now.today - (back or (7 if found["last"] else 0)) * _DAY)


def _named_month(found: re.Match[str], now: _Now) -> Period:
    month = _number(found["month"], _MONTHS) + 1
    if found["year"]:
        return month_of(_date(int(found["year"]), month, 1))
    back = (now.today.month - month) % len(_MONTHS)
    return month_of(months_before(now.today, back or (len(_MONTHS) if found["last"] else 0)))


def _numbered_month(found: re.Match[str], _: _Now) -> Period:
    return month_of(_date(int(found["year"]), int(found["number"]), 1))


def _year(found: re.Match[str], _: _Now) -> Period:
    return year_of(_date(int(found["year"]), 1, 1))


def _full_date(found: re.Match[str], _: _Now) -> Period:
    return day_period(_date(int(found["year"]), int(found["number"]), int(found["day"])))


def _either_way(found: re.Match[str], _: _Now) -> Period:
    a, b, year = int(found[1]), int(found[2]), int(found[3])
    meant = []
    for month, day in {(a, b), (b, a)}:
        try:
            meant.append(_date(year, month, day))
        except _NotMeantError:
            continue
    if len(meant) == 1:
        return day_period(meant[0])
    if not meant:
        raise _NotMeantError("there is no such day in the calendar; give a date such as 2026-11-23")
    raise _NotMeantError(f"it does not say which is the month; give {min(meant)} or {max(meant)}")


def _named_day(found: re.Match[str], now: _Now) -> Period:
    month, day = _number(found["month"], _MONTHS) + 1, int(found["day"])
    if found["year"]:
        meant = _date(int(found["year"]), month, day)
    else:
        # 29 February is of a leap year, which may be eight years back.
        known = [y for y in range(now.today.year, now.today.year - 9, -1) if day <= _length(y, month)]
        past = (d for d in (_date(y, month, day) for y in known) if d <= now.today)
        meant = next(past, None) or _date(now.today.year, month, day)
    if found["weekday"] and meant.weekday() != _number(found["weekday"], _WEEKDAYS):
        raise _NotMeantError(f"{meant} is a {_WEEKDAYS[meant.weekday()].capitalize()}; leave the weekday out")
    return day_period(meant)


def _length(year: int, month: int) -> int:
    return month_of(dt.date(year, month, 1)).last.day if year >= 1 else 0


def _numbered_week(found: re.Match[str], now: _Now) -> Period:
    number = int(found["number"])
    if found["year"]:
        return _week(int(found["year"]), number, now)
    this = now.today.year + 1  # the first days of a year may be of the next one's week 1, and the other way round
    for year in range(this, this - 9, -1):
        if 1 <= number <= weeks_in(year):
            week = numbered_week(year, number, now.week_starts_on)
            if week.first <= now.today:
                return week
    return _week(now.today.year, number, now)


def _number(word: str, names: tuple[str, ...]) -> int:
    return next(i for i, name in enumerate(names) if name.startswith(word))


def _any_of(names: tuple[str, ...]) -> str:
    """A pattern for the names and for what is left of them when they are cut to three letters or more."""
    return "|".join(sorted({name[:end] for name in names for end in range(3, len(name) + 1)}, key=len, reverse=True))


_WEEKDAY, _MONTH = f"(?P<weekday>{_any_of(_WEEKDAYS)})", f"(?P<month>{_any_of(_MONTHS)})"
_DAY_NUMBER, _YEAR = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|\.)?", r"(?P<year>[0-9]{4})"
_COUNT, _NUMBER = r"(?P<count>[0-9]{1,18})", r"(?P<number>[0-9]{1,2})"

_Read = Callable[[re.Match[str], _Now], Period]


def _words(pattern: str, read: _Read) -> tuple[str, bool, _Read]:
    return pattern, True, read


def _figures(pattern: str, read: _Read) -> tuple[str, bool, _Read]:
    return pattern, False, read


#: What can be typed: a pattern, whether it is of words (then hyphens are spaces), and who reads it. Most ask for what
#: stands first; to compile all of them would take every command 9 ms.
_SHAPES = (
    _words("today|now", _today),
    _words("yesterday", _yesterday),
    _words(rf"{_COUNT} ?(?P<unit>day|week|month|year)s? ?ago", _ago),
    _words("(?:(?P<which>this|current|last|previous) ?)?(?P<unit>week|month|year)", _relative),
    _words(rf"(?:last|past) ?{_COUNT} ?(?P<unit>day|week|month)s?", _last_few),
    _words(rf"(?P<last>last ?)?{_WEEKDAY}", _weekday),
    _words(rf"(?P<last>last ?)?{_MONTH}(?: ?{_YEAR})?", _named_month),
    _words(rf"{_YEAR} ?{_MONTH}", lambda found, _: month_of(_date(int(found["year"]), _month(found), 1))),
    _words(rf"(?:{_WEEKDAY} )?{_DAY_NUMBER} ?{_MONTH}\.?(?: ?{_YEAR})?", _named_day),
    _words(rf"(?:{_WEEKDAY} )?{_MONTH} ?{_DAY_NUMBER}(?: {_YEAR})?", _named_day),
    _words(rf"{_YEAR} ?(?:w|week) ?{_NUMBER}", _numbered_week),
    _words(rf"(?:w|week|cw|kw) ?{_NUMBER}(?:[ /]{_YEAR})?", _numbered_week),
    _figures(_YEAR, _year),
    _figures(rf"{_YEAR}([-/.]){_NUMBER}\2(?P<day>[0-9]{{1,2}})", _full_date),
    _figures(rf"(?P<day>[0-9]{{1,2}})\. ?{_NUMBER}\. ?{_YEAR}", _full_date),
    _figures(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})", _either_way),
    _figures(rf"{_YEAR}[-/]{_NUMBER}", _numbered_month),
    _figures(rf"{_NUMBER}[./]{_YEAR}", _numbered_month),
)


def _month(found: re.Match[str]) -> int:
    return _number(found["month"], _MONTHS) + 1
