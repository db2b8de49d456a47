"""Days and zones: where a day begins and ends in UTC, which day an instant is in, and which zone the machine is in.

Days are cut when something is read, never when it is stored. Nothing here asks for the present moment, and nothing
assumes that a day has 24 hours: since 1970 days have lasted 0 to 31 hours, and 48 before.
"""

from __future__ import annotations

import datetime as dt
import os
import struct
import sys
import zoneinfo
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from monitor_core.errors import ConfigError
from monitor_core.mistyped import meant_by
from monitor_core.model import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The value of the setting ``timezone`` that means the machine's own zone.
SYSTEM = "system"

#: What a person may ask for. The ends keep every zone's bounds within what `datetime` can hold.
FIRST_DAY = dt.date(1970, 1, 1)
LAST_DAY = dt.date(9998, 12, 31)
#: The longest range of one report: ten years.
MAX_DAYS = 3_660

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)
_DAY = dt.timedelta(days=1)


class FoundZone(NamedTuple):
    """A zone and, where it is a guess, one sentence about what was missing and how to mend it, else ``""``."""

    zone: ZoneInfo
    doubt: str


def day_bounds(day: dt.date, zone: ZoneInfo, day_starts_at: dt.time) -> Interval:
    """``[start, end)`` of ``day`` in UTC milliseconds; the end is the start of the next day.

    A start that the clocks skip counts from the offset before the change, one that they pass twice is the first of
    the two (fold=0). A day that a zone left out altogether is an empty interval. Days after `LAST_DAY` may raise
    `OverflowError`.
    """
    return Interval(_start_ms(day, zone, day_starts_at), _start_ms(day + _DAY, zone, day_starts_at))


def day_of(instant_ms: int, zone: ZoneInfo, day_starts_at: dt.time) -> dt.date:
    """The one day whose bounds hold ``instant_ms``.

    Raises `OverflowError` for instants that `datetime` cannot hold.
    """
    day = (_EPOCH + instant_ms * _MILLISECOND).astimezone(zone).date()
    # The clock on the wall is off by the day's start and, near a change of the clocks, by that change.
    while _start_ms(day, zone, day_starts_at) > instant_ms:
        day -= _DAY
    while _start_ms(day + _DAY, zone, day_starts_at) <= instant_ms:
        day += _DAY
    return day


def days_between(first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    """All days from ``first`` to ``last``, both included, in order; none where ``last`` is before ``first``."""
    return tuple(first + n * _DAY for n in range((last - first).days + 1))


def zone(name: str) -> ZoneInfo:
    """The zone of that name, as the time zone database spells it.

    Raises `ConfigError` naming the nearest ones where there is none.
    """
    try:
        return ZoneInfo(name)
    # Names reach the file system, which has its own ways to refuse: a folder's name, too long, a NUL.
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        known = zoneinfo.available_timezones()
        if not known:
            advice = "this machine has no time zone data; install the package tzdata"
        elif near := _nearest(name, known):
            advice = f"did you mean {' or '.join(near)}?"
        else:
            advice = "give a name such as Europe/Berlin"
        raise ConfigError(f"there is no time zone {name!r}; {advice}") from error


def system_zone(environment: Mapping[str, str], etc: Path = Path("/etc")) -> FoundZone:
    """The machine's own zone: ``TZ`` from ``environment``, else what the operating system is set to.

    On POSIX that is where ``etc/localtime`` links to, else the name in ``etc/timezone``, else the content of
    ``etc/localtime`` (then the zone is called ``localtime``). On Windows it is asked of the ICU library that comes
    with Windows 10 1703 and later. UTC, with a doubt, where nothing is found, and for a ``TZ`` that spells out its
    rules (``CET-1CEST,M3.5.0,M10.5.0/3``) in place of a name.
    """
    text = environment.get("TZ")
    if text is None:
        return _configured_zone(etc)
    name = text.removeprefix(":")
    if os.path.isabs(name):  # noqa: PTH117  the value is text, and may be of another system
        found = _zone_of_link(Path(name)) or _zone_of_content(Path(name))
    else:
        found = _zone_or_none(name or "UTC")  # set but empty is UTC to libc
    return FoundZone(found, "") if found else _utc(f"TZ is {text!r}, which names no time zone")


def _start_ms(day: dt.date, zone: ZoneInfo, day_starts_at: dt.time) -> int:
    start = dt.datetime.combine(day, day_starts_at.replace(fold=0), tzinfo=zone)
    return (start - _EPOCH) // _MILLISECOND


def _nearest(name: str, known: set[str]) -> list[str]:
    """Up to three known names that look like ``name``, also where only the city was given, or in the wrong case."""
    wanted = name.strip().replace(" ", "_").casefold()
    spellings = {key.casefold(): key for key in sorted(known)}
    cities = {spelling.rpartition("/")[2]: key for spelling, key in spellings.items() if "/" in key}
    for names in (spellings, cities):
        if wanted in names:
            return [names[wanted]]
    near = meant_by(wanted[:64], spellings, alike=0.7)
    return [spellings[key] for key in near] or [cities[city] for city in meant_by(wanted[:64], cities, alike=0.7)]


def _utc(reason: str) -> FoundZone:
    return FoundZone(zone("UTC"), f'{reason}, so days are cut in UTC; set timezone = "Area/City" in config.toml')


def _zone_or_none(name: str) -> ZoneInfo | None:
    try:
        return zone(name)
    except ConfigError:
        return None


def _configured_zone(etc: Path) -> FoundZone:
    if sys.platform == "win32":
        from monitor_core import _zone_windows  # noqa: PLC0415  it cannot be imported elsewhere

        found = _zone_or_none(_zone_windows.zone_name())
        return FoundZone(found, "") if found else _utc("Windows did not tell its time zone")
    localtime = etc / "localtime"
    # libc goes by localtime; the file timezone only gives a name to one that is a copy instead of a link.
    found = _zone_of_link(localtime) or _zone_of_name_file(etc / "timezone") or _zone_of_content(localtime)
    return FoundZone(found, "") if found else _utc(f"neither {localtime} nor {etc / 'timezone'} names a time zone")


def _zone_of_link(path: Path) -> ZoneInfo | None:
    """The zone whose file below some ``zoneinfo`` folder ``path`` is, or links to."""
    target = os.path.realpath(path)
    name = target.rpartition("/zoneinfo/")[2] if "/zoneinfo/" in target else ""
    # The same zones again, without and with leap seconds.
    return _zone_or_none(name.removeprefix("posix/").removeprefix("right/")) if name else None


def _zone_of_name_file(path: Path) -> ZoneInfo | None:
    try:
        name = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    return _zone_or_none(name) if name else None


def _zone_of_content(path: Path) -> ZoneInfo | None:
    try:
        with path.open("rb") as file:
            return ZoneInfo.from_file(file, key="localtime")
    except (OSError, ValueError, struct.error):  # the last is how zoneinfo says that a file is cut short
        return None
