"""Days, weeks and months tile time in every zone of tzdata, and cutting at them loses and doubles nothing."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.days import day_bounds, day_of, days_between
from monitor_core.intervals import clip, length_ms, union
from monitor_core.model import HOUR_MS, MINUTE_MS, Interval
from monitor_core.periods import Period, month_of, week_of

DAY = dt.timedelta(days=1)
MIDNIGHT, HALF_PAST_TWO = dt.time(0), dt.time(2, 30)
BERLIN = ZoneInfo("Europe/Berlin")
ALL_ZONES = sorted(zoneinfo.available_timezones())

zones = st.sampled_from(ALL_ZONES).map(ZoneInfo)
starts = st.one_of(
    st.sampled_from([MIDNIGHT, HALF_PAST_TWO]), st.times().map(lambda t: t.replace(second=0, microsecond=0))
)
dates = st.dates(dt.date(1970, 1, 5), dt.date(2040, 1, 1))


def ms(instant: str) -> int:
    return round(dt.datetime.fromisoformat(instant).timestamp() * 1000)


def bounds(period: Period, zone: ZoneInfo, starts_at: dt.time) -> Interval:
    return Interval(day_bounds(period.first, zone, starts_at).start_ms, day_bounds(period.last, zone, starts_at).end_ms)


@given(zones, dates, starts, st.integers(0, 6))
def test_weeks_and_months_tile_time(zone: ZoneInfo, day: dt.date, starts_at: dt.time, week_starts_on: int) -> None:
    for period in (week_of(day, week_starts_on), month_of(day)):
        own, before = bounds(period, zone, starts_at), bounds(period.before(), zone, starts_at)
        assert before.end_ms == own.start_ms
        days = [day_bounds(each, zone, starts_at) for each in days_between(period.first, period.last)]
        assert (days[0].start_ms, days[-1].end_ms) == own
        assert all(a.end_ms == b.start_ms for a, b in pairwise(days))


def test_every_month_of_every_zone_ends_where_the_next_begins() -> None:
    # The years in which zones left out a day, had it twice, or moved their clocks by odd amounts.
    months = [dt.date(year, month, 1) for year in (1993, 1995, 2011, 2026) for month in range(1, 13)]
    for name in ALL_ZONES:
        zone = ZoneInfo(name)
        for first, following in pairwise(months):
            if month_of(first).last + DAY == following:
                period = month_of(first)
                days = [day_bounds(day, zone, MIDNIGHT) for day in (period.first, period.last, following)]
                assert days[1].end_ms == days[2].start_ms, (name, first)
                assert 0 <= days[1].end_ms - days[0].start_ms - (period.length - 1) * 24 * HOUR_MS <= 49 * HOUR_MS


worked = st.lists(
    st.tuples(st.integers(0, 40 * 24 * 60), st.integers(1, 16 * 60)).map(
        lambda pair: (pair[0] * MINUTE_MS, (pair[0] + pair[1]) * MINUTE_MS)
    ),
    min_size=1,
    max_size=20,
)


@given(zones, zones, dates, starts, worked)
def test_days_add_up_to_the_total_and_another_zone_only_relabels_them(
    home: ZoneInfo, abroad: ZoneInfo, first: dt.date, starts_at: dt.time, blocks: list[tuple[int, int]]
) -> None:
    begin_ms = day_bounds(first, home, starts_at).start_ms
    covered = union((begin_ms + start, begin_ms + end) for start, end in blocks)
    total_ms = length_ms(covered)
    for zone in (home, abroad):
        days = days_between(first - 3 * DAY, first + 45 * DAY)
        parts = [length_ms(clip(covered, *day_bounds(day, zone, starts_at))) for day in days]
        assert sum(parts) == total_ms
        weeks = {week_of(day, 0).first for day in days}
        assert sum(length_ms(clip(covered, *bounds(week_of(week, 0), zone, starts_at))) for week in weeks) == total_ms


@pytest.mark.parametrize(
    ("name", "left_out"),
    [("Pacific/Apia", "2011-12-30"), ("Pacific/Kwajalein", "1993-08-21"), ("Pacific/Kiritimati", "1994-12-31")],
)
def test_a_week_with_a_day_that_its_zone_left_out_has_six(name: str, left_out: str) -> None:
    zone, day = ZoneInfo(name), dt.date.fromisoformat(left_out)
    for starts_at in (MIDNIGHT, HALF_PAST_TWO):
        assert bounds(week_of(day, 0), zone, starts_at).length_ms == 6 * 24 * HOUR_MS
        start_ms = day_bounds(day, zone, starts_at).start_ms
        assert day_of(start_ms - 1, zone, starts_at) == day - DAY
        assert day_of(start_ms, zone, starts_at) == day + DAY


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", -1), ("2026-10-25", 1)])
def test_the_week_in_which_the_clocks_change_is_an_hour_shorter_or_longer(day: str, hours: int) -> None:
    week = week_of(dt.date.fromisoformat(day), 0)
    assert bounds(week, BERLIN, MIDNIGHT).length_ms == (7 * 24 + hours) * HOUR_MS


def test_work_over_an_hour_that_is_skipped_or_repeated_is_as_long_as_it_was() -> None:
    # 01:30 to 03:30 on the wall: one hour in spring, three in autumn. The day starts at 02:30 within it.
    spring = Interval(ms("2026-03-29T01:30:00+01:00"), ms("2026-03-29T03:30:00+02:00"))
    autumn = Interval(ms("2026-10-25T01:30:00+02:00"), ms("2026-10-25T03:30:00+01:00"))
    for worked_ms, hours, day in ((spring, 1, dt.date(2026, 3, 29)), (autumn, 3, dt.date(2026, 10, 25))):
        days = days_between(day - DAY, day + DAY)
        parts = [length_ms(clip([worked_ms], *day_bounds(each, BERLIN, HALF_PAST_TWO))) for each in days]
        assert sum(parts) == hours * HOUR_MS
