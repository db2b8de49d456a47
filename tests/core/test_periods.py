"""Days, weeks, months and years of the calendar."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.periods import (
    Kind,
    Period,
    day_period,
    month_of,
    months_before,
    numbered_week,
    period_of,
    week_number,
    week_of,
    weeks_in,
    year_of,
)

DAY = dt.timedelta(days=1)
dates = st.dates(dt.date(1970, 1, 1), dt.date(2200, 1, 1))
weekdays = st.integers(0, 6)


def around(day: dt.date, starts_on: int) -> list[Period]:
    return [
        day_period(day),
        week_of(day, starts_on),
        month_of(day),
        year_of(day),
        Period(Kind.RANGE, day, day + 9 * DAY),
    ]


@given(dates, weekdays)
def test_a_period_holds_its_day_and_the_one_before_it_ends_on_its_eve(day: dt.date, starts_on: int) -> None:
    for period in around(day, starts_on):
        assert period.first <= day <= period.last
        before = period.before()
        assert (before.kind, before.last) == (period.kind, period.first - DAY)


@given(dates, weekdays)
def test_all_days_of_a_week_or_a_month_are_in_the_same_one(day: dt.date, starts_on: int) -> None:
    week, month = week_of(day, starts_on), month_of(day)
    assert week.first.weekday() == starts_on
    assert week.length == 7
    assert {week_of(week.first + n * DAY, starts_on) for n in range(7)} == {week}
    assert {month_of(month.first + n * DAY) for n in range(month.length)} == {month}


@given(dates, weekdays)
def test_every_week_has_one_number_wherever_weeks_start(day: dt.date, starts_on: int) -> None:
    week = week_of(day, starts_on)
    year, number = week_number(week)
    assert numbered_week(year, number, starts_on) == week
    following = week_number(week_of(week.last + DAY, starts_on))
    assert following in {(year, number + 1), (year + 1, 1)}


def test_a_week_that_starts_on_monday_has_its_iso_number() -> None:
    assert week_number(week_of(dt.date(2026, 11, 23), 0)) == (2026, 48)
    assert week_number(week_of(dt.date(2027, 1, 1), 0)) == (2026, 53)
    assert (weeks_in(2025), weeks_in(2026)) == (52, 53)
    with pytest.raises(ValueError, match="week"):
        numbered_week(2025, 53, 0)


def test_the_period_before_a_range_has_as_many_days() -> None:
    found = Period(Kind.RANGE, dt.date(2026, 11, 1), dt.date(2026, 11, 15)).before()
    assert (found.first, found.last) == (dt.date(2026, 10, 17), dt.date(2026, 10, 31))


def test_a_period_is_in_another_that_has_all_its_days() -> None:
    november = month_of(dt.date(2026, 11, 1))
    assert day_period(dt.date(2026, 11, 30)) in november
    assert month_of(dt.date(2026, 11, 15)) in november
    assert week_of(dt.date(2026, 11, 30), 0) not in november


@given(dates, st.integers(0, 1_000))
def test_months_before_goes_back_over_years(day: dt.date, count: int) -> None:
    month = month_of(day)
    for _ in range(count % 40):
        month = month.before()
    assert months_before(day, count % 40) == month.first


@given(dates, st.sampled_from(Kind), weekdays)
def test_the_period_of_a_day_is_of_the_kind_that_was_asked_for_and_holds_the_day(
    day: dt.date, kind: Kind, starts_on: int
) -> None:
    found = period_of(kind, day, starts_on)
    assert day_period(day) in found
    assert found.kind is (Kind.DAY if kind is Kind.RANGE else kind)
