"""What people type for a time of day or a stretch of it: ``9:05``, ``2:30 pm``, ``2026-11-23 14:00``, ``now``.

A time alone is that of a day as reports cut it: where days begin at 04:00, the 01:30 of a day is in the night after it.
A date before a time is the date on the calendar. A time that the clocks skip is refused; for one that they pass twice
the offset has to be said (``02:30+02:00``). Nothing here asks for the present moment.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.date_words import parse_period
from monitor_core.days import day_of
from monitor_core.errors import MonitorError
from monitor_core.model import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Interval
from monitor_core.periods import Kind

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

#: What can be given, for messages.
LENGTHS = "15m, 1h or 1h30m"
EXAMPLES = "9:05, 14:00:30, 2:30 pm, 2026-11-23 14:00 or now"

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)
_DAY, _MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
_NOON, _HOURS, _SIXTY = 12, 24, 60
_MAX_SHOWN = 60
_TIME = re.compile(
    r"(?:(?P<date>.*\S)(?:\s+|(?<=[0-9])T))?"
    r"(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})?",
    re.IGNORECASE,
)

_LENGTH = re.compile(
    r"(?:(?P<hours>[0-9]{1,2})\s*h(?:ours?)?)?\s*(?:(?P<minutes>[0-9]{1,4})\s*m(?:in(?:utes?)?)?)?", re.IGNORECASE
)

_MINUTES = re.compile("[1-9][0-9]{0,2}")
_FARTHEST_MS = 366 * DAY_MS


@dataclass(frozen=True, slots=True)
class Calendar:
    """What times are understood against: the zone of the reports, how they cut days and weeks, and the present."""

    zone: ZoneInfo
    day_starts_at: dt.time
    week_starts_on: int
    now_ms: int

    @property
    def today(self) -> dt.date:
        """The day that the present lies in."""
        return day_of(self.now_ms, self.zone, self.day_starts_at)

    def local(self, at_ms: int) -> dt.datetime:
        """An instant as the clock on the wall has it."""
        return (_EPOCH + at_ms * _MILLISECOND).astimezone(self.zone)


@dataclass(frozen=True, slots=True)
class _Said:
    """A time as it was typed. ``date`` is None where none was said; ``next_day`` stands for the 24 of 24:00."""

    text: str
    date: dt.date | None
    time: dt.time
    next_day: bool
    offset: dt.timezone | None


def parse_day(text: str, calendar: Calendar) -> dt.date:
    """The one day that a person means. Raises `MonitorError` for what is none, or more than one."""
    period = parse_period(text, calendar.today, calendar.week_starts_on)
    if period.kind is not Kind.DAY:
        raise MonitorError(f"{_quoted(text)} is a {period.kind}; give one day, such as {period.first} or yesterday")
    return period.first


def parse_moment(text: str, day: dt.date, calendar: Calendar) -> Interval:
    """The instant that a person means, with as much after it as was left open: a minute, or a second.

    Raises `MonitorError` for what is no time, or none that there was in the zone.
    """
    if text.strip().casefold() == "now":
        return Interval(calendar.now_ms, calendar.now_ms + 1)
    at_ms = _instant(_said(text, calendar), day, calendar)
    return Interval(at_ms, at_ms + (SECOND_MS if text.count(":") > 1 else MINUTE_MS))


def parse_stretch(start: str, end: str, day: dt.date, calendar: Calendar) -> Interval:
    """The stretch from ``start`` on ``day`` to ``end``, at most 24 hours that have passed.

    An end without a date is the first such time after the start, so from 23:00 to 1:00 is over midnight. Raises
    `MonitorError` for what is no time, runs backwards, is too long, or is not over yet.
    """
    start_ms = parse_moment(start, day, calendar).start_ms
    if end.strip().casefold() == "now":
        end_ms = calendar.now_ms
    else:
        said = _said(end, calendar)
        date = calendar.local(start_ms).date()
        end_ms = _on(said, said.date or date, calendar)
        if said.date is None and end_ms < start_ms:
            end_ms = _on(said, date + _DAY, calendar)
    words = f"from {_shown(start_ms, calendar)} to {_shown(end_ms, calendar)}"
    if end_ms == start_ms:
        raise MonitorError(f"{words} is no time at all; end it after it begins")
    if end_ms < start_ms:
        raise MonitorError(f"{words} runs backwards; give the earlier time first")
    if end_ms - start_ms > DAY_MS:
        raise MonitorError(f"{words} is more than 24 hours; make one edit for each day")
    if end_ms > calendar.now_ms:
        raise MonitorError(f"{words} is not over yet, it is {_shown(calendar.now_ms, calendar)}; end it at “now”")
    if start_ms < 0:
        raise MonitorError(f"{words} is out of reach; give dates from 1970-01-02 on")
    return Interval(start_ms, end_ms)


def parse_length(text: str) -> int:
    """A length of time in milliseconds: ``15m``, ``1h``, ``1 h 30 m``, ``90 minutes``; from a minute to a day.

    Raises `MonitorError` for anything else.
    """
    found = _LENGTH.fullmatch(text.strip())
    if not found or not any(found.groups()):
        # A bare number could be minutes or hours.
        nearest = f"did you mean {text.strip()}m? " if _MINUTES.fullmatch(text.strip()) else ""
        raise MonitorError(f"{_quoted(text)} is no length of time; {nearest}lengths are such as {LENGTHS}")
    length_ms = int(found["hours"] or 0) * HOUR_MS + int(found["minutes"] or 0) * MINUTE_MS
    if not MINUTE_MS <= length_ms <= DAY_MS:
        raise MonitorError(f"{_quoted(text)} is out of range; give a length from 1m to 24h")
    return length_ms


def parse_end(text: str, calendar: Calendar) -> int:
    """The instant to come that a person means: a time without a date is the next such time.

    Before a time there can be ``tomorrow`` as well. Raises `MonitorError` for what is no time, has passed, or is more
    than a year ahead.
    """
    tomorrow = calendar.local(calendar.now_ms).date() + _DAY
    plain = re.sub(r"^\s*tomorrow\b", str(tomorrow), text, flags=re.IGNORECASE)
    at_ms = calendar.now_ms if plain.strip().casefold() == "now" else _next(_said(plain, calendar), calendar)
    if at_ms <= calendar.now_ms:
        it_is = _shown(calendar.now_ms, calendar)
        raise MonitorError(f"{_quoted(text)} has passed, it is {it_is}; give a time to come")
    if at_ms > calendar.now_ms + _FARTHEST_MS:
        raise MonitorError(f"{_quoted(text)} is more than a year ahead; give a nearer time")
    return at_ms


def _next(said: _Said, calendar: Calendar) -> int:
    if said.date is not None:
        return _on(said, said.date, calendar)
    today = calendar.local(calendar.now_ms).date()
    naive = dt.datetime.combine(today + _DAY if said.next_day else today, said.time)
    # Once it is over it makes no difference that the clocks skipped it, or passed it twice.
    latest_ms = max(_ms(naive.replace(tzinfo=said.offset or calendar.zone, fold=fold)) for fold in (0, 1))
    return _on(said, today if latest_ms > calendar.now_ms else today + _DAY, calendar)


def _said(text: str, calendar: Calendar) -> _Said:
    found = _TIME.fullmatch(text.strip())
    # A bare number could be a day, an hour or a minute.
    if not found or not (found["minute"] or found["half"]):
        hour = found["hour"] if found and int(found["hour"]) < _HOURS else ""
        nearest = f"did you mean {found['date'] + ' ' if found and found['date'] else ''}{hour}:00? " if hour else ""
        raise MonitorError(f"{_quoted(text)} is no time; {nearest}times are such as {EXAMPLES}")
    hour, minute, second = int(found["hour"]), int(found["minute"] or 0), int(found["second"] or 0)
    if found["half"]:
        if not 1 <= hour <= _NOON:
            raise MonitorError(f"{_quoted(text)} is no time; hours with am or pm are 1 to 12, as in 2:30 pm")
        hour = hour % _NOON + (_NOON if found["half"][0] in "pP" else 0)
    next_day = (hour, minute, second) == (_HOURS, 0, 0)
    if hour >= _HOURS and not next_day:
        raise MonitorError(f"{_quoted(text)} is no time; the last minute of a day is 23:59")
    if minute >= _SIXTY or second >= _SIXTY:
        raise MonitorError(f"{_quoted(text)} is no time; minutes and seconds are 00 to 59")
    date = parse_day(found["date"], calendar) if found["date"] else None
    return _Said(text, date, dt.time(hour % _HOURS, minute, second), next_day, _offset(text, found["offset"]))


def _offset(text: str, offset: str | None) -> dt.timezone | None:
    if not offset:
        return None
    if offset in "Zz":
        return dt.UTC
    hours, minutes = int(offset[1:3]), int(offset[4:])
    if hours >= _HOURS or minutes >= _SIXTY:
        raise MonitorError(f"{_quoted(text)} is no time; offsets are such as +02:00")
    return dt.timezone((1 if offset[0] == "+" else -1) * dt.timedelta(hours=hours, minutes=minutes))


def _instant(said: _Said, day: dt.date, calendar: Calendar) -> int:
    if said.date is not None:
        return _on(said, said.date, calendar)
    is_after_midnight = said.time < calendar.day_starts_at and not said.next_day
    return _on(said, day + _DAY if is_after_midnight else day, calendar)


def _on(said: _Said, date: dt.date, calendar: Calendar) -> int:
    """The instant of the time on a date of the calendar."""
    naive = dt.datetime.combine(date + _DAY if said.next_day else date, said.time)
    if said.offset is not None:
        return _ms(naive.replace(tzinfo=said.offset))
    first, second = (naive.replace(tzinfo=calendar.zone, fold=fold) for fold in (0, 1))
    if not _is_on_the_clock(first):
        before = naive
        while not _is_on_the_clock(before.replace(tzinfo=calendar.zone)):
            before -= _MINUTE
        # The first minute after the gap is the instant after the last one before it.
        after = calendar.local(_ms(before.replace(tzinfo=calendar.zone)) + MINUTE_MS)
        raise MonitorError(
            f"there was no {naive:%H:%M} on {naive:%Y-%m-%d} in {calendar.zone.key}: the clocks went from "
            f"{before:%H:%M} to {after:%H:%M}; give one of these"
        )
    if first.utcoffset() != second.utcoffset():
        either = " or ".join(f"{naive:%H:%M}{_offset_words(each)}" for each in (first, second))
        raise MonitorError(f"there were two {naive:%H:%M} on {naive:%Y-%m-%d} in {calendar.zone.key}; give {either}")
    return _ms(first)


def _is_on_the_clock(local: dt.datetime) -> bool:
    return local.astimezone(dt.UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)


def _offset_words(local: dt.datetime) -> str:
    return local.isoformat()[-6:]


def _ms(instant: dt.datetime) -> int:
    return (instant - _EPOCH) // _MILLISECOND


def _shown(at_ms: int, calendar: Calendar) -> str:
    local = calendar.local(at_ms)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…")
