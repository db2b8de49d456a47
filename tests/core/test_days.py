from __future__ import annotations

import datetime as dt
import importlib.resources
import sys
import zoneinfo
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.days import FIRST_DAY, LAST_DAY, day_bounds, day_of, days_between, system_zone, zone
from monitor_core.errors import ConfigError
from monitor_core.model import HOUR_MS

if TYPE_CHECKING:
    from pathlib import Path

MIDNIGHT = dt.time(0)
HALF_PAST_TWO = dt.time(2, 30)
BERLIN = ZoneInfo("Europe/Berlin")
DAY = dt.timedelta(days=1)


def ms(instant: str) -> int:
    """Milliseconds of an instant such as ``2026-11-23T10:00:00+01:00``."""
    return round(dt.datetime.fromisoformat(instant).timestamp() * 1000)


# One day at a time.


def test_a_day_begins_and_ends_at_midnight_of_its_zone() -> None:
    bounds = day_bounds(dt.date(2026, 11, 23), BERLIN, MIDNIGHT)
    assert bounds == (ms("2026-11-23T00:00:00+01:00"), ms("2026-11-24T00:00:00+01:00"))


def test_a_day_that_starts_at_four_ends_at_four() -> None:
    starts_at = dt.time(4)
    bounds = day_bounds(dt.date(2026, 11, 23), BERLIN, starts_at)
    assert bounds == (ms("2026-11-23T04:00:00+01:00"), ms("2026-11-24T04:00:00+01:00"))
    assert day_of(bounds.start_ms - 1, BERLIN, starts_at) == dt.date(2026, 11, 22)
    assert day_of(bounds.start_ms, BERLIN, starts_at) == dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("name", "day", "starts_at", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", MIDNIGHT, 23),
        ("Europe/Berlin", "2026-10-25", MIDNIGHT, 25),
        ("Australia/Lord_Howe", "2026-10-04", MIDNIGHT, 23.5),
        ("America/Sao_Paulo", "2018-11-04", MIDNIGHT, 23),  # midnight itself is skipped
        ("America/Havana", "2026-11-01", MIDNIGHT, 25),  # midnight comes twice
        ("Pacific/Apia", "2011-12-30", MIDNIGHT, 0),
        ("Pacific/Kwajalein", "1993-08-21", MIDNIGHT, 0),
        ("Pacific/Apia", "2011-12-30", HALF_PAST_TWO, 0),
        ("Antarctica/Vostok", "1994-01-31", dt.time(23, 45), 31),
        ("Asia/Manila", "1844-12-31", MIDNIGHT, 0),
        ("America/Juneau", "1867-10-19", MIDNIGHT, 48),
        ("UTC", "1969-12-31", MIDNIGHT, 24),
    ],
)
def test_a_day_lasts_as_long_as_its_zone_had_it(name: str, day: str, starts_at: dt.time, hours: float) -> None:
    assert day_bounds(dt.date.fromisoformat(day), ZoneInfo(name), starts_at).length_ms == hours * HOUR_MS


def test_a_start_that_the_clocks_skip_is_as_long_after_midnight_as_on_any_day() -> None:
    # 02:00 to 03:00 is missing on 29 March: 02:30 by the offset before the change is 03:30 on the clock.
    assert day_bounds(dt.date(2026, 3, 29), BERLIN, HALF_PAST_TWO) == (
        ms("2026-03-29T03:30:00+02:00"),
        ms("2026-03-30T02:30:00+02:00"),
    )


def test_a_start_that_the_clocks_pass_twice_is_the_first_of_the_two() -> None:
    expected = (ms("2026-10-25T02:30:00+02:00"), ms("2026-10-26T02:30:00+01:00"))
    for starts_at in (HALF_PAST_TWO, HALF_PAST_TWO.replace(fold=1)):
        assert day_bounds(dt.date(2026, 10, 25), BERLIN, starts_at) == expected


def test_both_passes_of_an_hour_are_of_the_day_that_began_in_the_first() -> None:
    for instant in ("2026-10-25T02:45:00+02:00", "2026-10-25T02:15:00+01:00", "2026-10-25T02:45:00+01:00"):
        assert day_of(ms(instant), BERLIN, HALF_PAST_TWO) == dt.date(2026, 10, 25)
    assert day_of(ms("2026-10-25T02:15:00+02:00"), BERLIN, HALF_PAST_TWO) == dt.date(2026, 10, 24)


def test_a_day_that_has_begun_goes_on_when_the_clocks_fall_back_to_the_evening_before() -> None:
    st_johns = ZoneInfo("America/St_Johns")  # at 00:01 on 7 November 2010 it became 23:01 on the 6th
    assert day_of(ms("2010-11-06T23:59:00-02:30"), st_johns, MIDNIGHT) == dt.date(2010, 11, 6)
    assert day_of(ms("2010-11-06T23:30:00-03:30"), st_johns, MIDNIGHT) == dt.date(2010, 11, 7)


def test_no_instant_is_of_a_day_that_the_zone_left_out() -> None:
    apia = ZoneInfo("Pacific/Apia")
    last_before = ms("2011-12-29T23:59:59.999-10:00")
    assert day_of(last_before, apia, MIDNIGHT) == dt.date(2011, 12, 29)
    assert day_of(last_before + 1, apia, MIDNIGHT) == dt.date(2011, 12, 31)


def test_instants_before_1970_have_a_day() -> None:
    assert day_of(-1, ZoneInfo("UTC"), MIDNIGHT) == dt.date(1969, 12, 31)


@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_first_and_the_last_day_have_bounds_in_every_zone(name: str) -> None:
    for day in (FIRST_DAY, LAST_DAY):
        for starts_at in (MIDNIGHT, dt.time(23, 59)):
            assert day_bounds(day, ZoneInfo(name), starts_at).length_ms == 24 * HOUR_MS


def test_days_between_has_both_ends_and_is_empty_backwards() -> None:
    first, last = dt.date(2026, 2, 27), dt.date(2026, 3, 1)
    assert days_between(first, last) == (first, dt.date(2026, 2, 28), last)
    assert days_between(first, first) == (first,)
    assert days_between(last, first) == ()


# Every zone, any date, any start.

zones = st.sampled_from(sorted(zoneinfo.available_timezones())).map(ZoneInfo)
dates = st.dates(dt.date(1840, 1, 1), dt.date(2200, 1, 1))
starts = st.one_of(st.sampled_from([MIDNIGHT, dt.time(2), HALF_PAST_TWO, dt.time(23, 59)]), st.times())
instants = st.integers(ms("1840-01-01T00:00:00+00:00"), ms("2200-01-01T00:00:00+00:00"))


@given(zones, dates, starts)
def test_a_day_ends_where_the_next_one_starts_and_never_before_it_started(
    zone: ZoneInfo, day: dt.date, starts_at: dt.time
) -> None:
    for today, tomorrow in pairwise([day_bounds(day + n * DAY, zone, starts_at) for n in range(8)]):
        assert today.end_ms == tomorrow.start_ms
        assert 0 <= today.length_ms <= 48 * HOUR_MS


@given(zones, dates, starts)
def test_the_ends_of_a_day_that_is_not_empty_are_in_it_and_after_it(
    zone: ZoneInfo, day: dt.date, starts_at: dt.time
) -> None:
    bounds = day_bounds(day, zone, starts_at)
    if bounds.length_ms:
        assert day_of(bounds.start_ms, zone, starts_at) == day
        assert day_of(bounds.end_ms - 1, zone, starts_at) == day
    assert day_of(bounds.end_ms, zone, starts_at) > day


@given(zones, instants, starts)
def test_every_instant_lies_in_exactly_one_day(zone: ZoneInfo, instant_ms: int, starts_at: dt.time) -> None:
    day = day_of(instant_ms, zone, starts_at)
    around = [day + n * DAY for n in range(-3, 4)]
    bounds = {near: day_bounds(near, zone, starts_at) for near in around}
    assert [near for near, b in bounds.items() if b.start_ms <= instant_ms < b.end_ms] == [day]


def changes(somewhere: ZoneInfo) -> list[tuple[dt.date, bool]]:
    """Days near changes of the offset from 1970 to 2040, and whether the change is by anything but an hour."""

    def offset(day: dt.date) -> dt.timedelta:
        return dt.datetime.combine(day, MIDNIGHT, tzinfo=somewhere).utcoffset() or dt.timedelta(0)

    found = []
    for start, end in pairwise([dt.date(year, month, 1) for year in range(1970, 2041) for month in (1, 4, 7, 10)]):
        low, high, before, change = start, end, offset(start), offset(end) - offset(start)
        while change and high - low > DAY:
            middle = low + (high - low) / 2
            low, high = (middle, high) if offset(middle) == before else (low, middle)
        if change:
            found.append((low, abs(change) != dt.timedelta(hours=1)))
    return found


def test_around_the_changes_of_every_zone_since_1970_days_last_0_to_31_hours_and_hold_their_instants() -> None:
    for name in sorted(zoneinfo.available_timezones()):
        somewhere = ZoneInfo(name)
        of_an_hour = [day for day, is_odd in changes(somewhere) if not is_odd][:2]  # the others are like them
        for near in [day for day, is_odd in changes(somewhere) if is_odd] + of_an_hour:
            for starts_at in (MIDNIGHT, HALF_PAST_TWO):
                for day in [near + n * DAY for n in range(-1, 3)]:
                    bounds = day_bounds(day, somewhere, starts_at)
                    assert 0 <= bounds.length_ms <= 31 * HOUR_MS, (name, day)
                    if bounds.length_ms:
                        assert day_of(bounds.start_ms, somewhere, starts_at) == day, (name, day)
                        assert day_of(bounds.end_ms - 1, somewhere, starts_at) == day, (name, day)


# Zones by name.


def test_every_zone_of_the_database_is_found_by_its_name() -> None:
    for name in zoneinfo.available_timezones():
        assert zone(name).key == name


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("Europe/Berln", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("Kolkatta", "Asia/Kolkata"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_nearest_known_one(name: str, near: str) -> None:
    if name == "europe/berlin" and sys.platform != "linux":
        pytest.skip("where file names ignore case, this is a zone")
    with pytest.raises(ConfigError, match=f"there is no time zone '{name}'; did you mean {near}"):
        zone(name)


@pytest.mark.parametrize("name", ["", "Europe", "../etc/passwd", "/etc/localtime", "a\0b", "\ud800", "x" * 5_000, "."])
def test_a_name_that_is_no_zone_s_is_refused_whatever_it_is(name: str) -> None:
    with pytest.raises(ConfigError, match="there is no time zone"):
        zone(name)


# The machine's zone.


def etc(tmp_path: Path, *, link: str = "", name: str = "", copy_of: str = "") -> Path:
    folder = tmp_path / "etc"
    folder.mkdir()
    database = tmp_path / "usr" / "share" / "zoneinfo"
    if link:
        (database / link).parent.mkdir(parents=True)
        (folder / "localtime").symlink_to(database / link)
    if copy_of:
        source = importlib.resources.files("tzdata") / "zoneinfo" / copy_of
        (folder / "localtime").write_bytes(source.read_bytes())
    if name:
        (folder / "timezone").write_text(name + "\n")
    return folder


def test_the_variable_tz_comes_before_what_the_system_is_set_to(tmp_path: Path) -> None:
    folder = etc(tmp_path, name="Asia/Tokyo")
    for text in ("Europe/Berlin", ":Europe/Berlin"):
        assert system_zone({"TZ": text}, folder) == (BERLIN, "")


def test_a_tz_that_is_set_but_empty_is_utc_as_it_is_to_libc(tmp_path: Path) -> None:
    assert system_zone({"TZ": ""}, etc(tmp_path, name="Asia/Tokyo")) == (ZoneInfo("UTC"), "")


def test_a_tz_that_is_a_file_is_that_zone(tmp_path: Path) -> None:
    folder = etc(tmp_path, link="Europe/Berlin")
    assert system_zone({"TZ": f":{folder / 'localtime'}"}, tmp_path) == (BERLIN, "")


@pytest.mark.parametrize("text", ["CET-1CEST,M3.5.0,M10.5.0/3", "Nowhere/Else", "/no/such/file", "../Berlin"])
def test_a_tz_that_names_no_zone_is_utc_and_says_so(tmp_path: Path, text: str) -> None:
    found = system_zone({"TZ": text}, etc(tmp_path, name="Asia/Tokyo"))
    assert found.zone.key == "UTC"
    assert found.doubt == (
        f'TZ is {text!r}, which names no time zone, so days are cut in UTC; set timezone = "Area/City" in config.toml'
    )


posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no /etc")


@posix
@pytest.mark.parametrize("link", ["Europe/Berlin", "posix/Europe/Berlin", "right/Europe/Berlin"])
def test_the_link_localtime_names_the_zone_also_against_a_stale_name(tmp_path: Path, link: str) -> None:
    assert system_zone({}, etc(tmp_path, link=link, name="Asia/Tokyo")) == (BERLIN, "")


@posix
def test_a_zone_with_three_parts_is_found_by_its_link(tmp_path: Path) -> None:
    folder = etc(tmp_path, link="America/Argentina/Ushuaia")
    assert system_zone({}, folder).zone.key == "America/Argentina/Ushuaia"


@posix
def test_the_file_timezone_names_a_localtime_that_is_a_copy(tmp_path: Path) -> None:
    assert system_zone({}, etc(tmp_path, copy_of="Europe/Berlin", name="Europe/Berlin")) == (BERLIN, "")


@posix
def test_a_localtime_that_is_a_copy_without_a_name_has_the_right_days(tmp_path: Path) -> None:
    found = system_zone({}, etc(tmp_path, copy_of="Europe/Berlin"))
    day = dt.date(2026, 10, 25)
    assert (found.zone.key, found.doubt) == ("localtime", "")
    assert day_bounds(day, found.zone, MIDNIGHT) == day_bounds(day, BERLIN, MIDNIGHT)


@posix
@pytest.mark.parametrize("length", [None, 0, 3, 10, 30, 60, 500])
def test_a_system_without_any_zone_is_utc_and_says_so(tmp_path: Path, length: int | None) -> None:
    folder = etc(tmp_path, name="No/Such", copy_of="Europe/Berlin")
    whole = (folder / "localtime").read_bytes()
    (folder / "localtime").write_bytes(b"no zone" if length is None else whole[:length])
    found = system_zone({}, folder)
    assert found.zone.key == "UTC"
    assert found.doubt.startswith(f"neither {folder / 'localtime'} nor {folder / 'timezone'} names a time zone")


@pytest.mark.skipif(sys.platform != "win32", reason="asks Windows")
def test_windows_tells_its_zone() -> None:
    assert system_zone({}).doubt == ""
