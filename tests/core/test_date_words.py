"""What people type for days and periods, and what is said where nothing is meant by it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.date_words import EXAMPLES, parse_period
from monitor_core.errors import MonitorError
from monitor_core.periods import week_number, week_of

#: A Wednesday.
TODAY = dt.date(2026, 11, 25)
SUNDAY = 6


def days(text: str, *, today: dt.date = TODAY, week_starts_on: int = 0) -> str:
    """``day 2026-11-25``, or ``week 2026-11-23 2026-11-29``."""
    found = parse_period(text, today, week_starts_on)
    return " ".join(map(str, dict.fromkeys((found.kind, found.first, found.last))))


def refusal(text: str) -> str:
    with pytest.raises(MonitorError) as refused:
        parse_period(text, TODAY, 0)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("today", "day 2026-11-25"),
        (" Today ", "day 2026-11-25"),
        ("yesterday", "day 2026-11-24"),
        ("2 days ago", "day 2026-11-23"),
        ("monday", "day 2026-11-23"),
        ("wed", "day 2026-11-25"),
        ("thursday", "day 2026-11-19"),
        ("last monday", "day 2026-11-23"),
        ("last wednesday", "day 2026-11-18"),
        ("2026-11-23", "day 2026-11-23"),
        ("2026-1-2", "day 2026-01-02"),
        ("2026/11/23", "day 2026-11-23"),
        ("23.11.2026", "day 2026-11-23"),
        ("11/23/2026", "day 2026-11-23"),
        ("23 Nov", "day 2026-11-23"),
        ("24 december", "day 2025-12-24"),
        ("29 feb", "day 2024-02-29"),
        ("Nov 23rd, 2025", "day 2025-11-23"),
        ("Mon 23 Nov", "day 2026-11-23"),
        ("Monday, 23 November 2026", "day 2026-11-23"),
        ("this week", "week 2026-11-23 2026-11-29"),
        ("last week", "week 2026-11-16 2026-11-22"),
        ("2 weeks ago", "week 2026-11-09 2026-11-15"),
        ("2026-W47", "week 2026-11-16 2026-11-22"),
        ("W47", "week 2026-11-16 2026-11-22"),
        ("week 48", "week 2026-11-23 2026-11-29"),
        ("week 49", "week 2025-12-01 2025-12-07"),
        ("W53", "week 2020-12-28 2021-01-03"),
        ("this month", "month 2026-11-01 2026-11-30"),
        ("last month", "month 2026-10-01 2026-10-31"),
        ("11 months ago", "month 2025-12-01 2025-12-31"),
        ("october", "month 2026-10-01 2026-10-31"),
        ("november", "month 2026-11-01 2026-11-30"),
        ("december", "month 2025-12-01 2025-12-31"),
        ("last november", "month 2025-11-01 2025-11-30"),
        ("oct 2026", "month 2026-10-01 2026-10-31"),
        ("2026-10", "month 2026-10-01 2026-10-31"),
        ("10/2026", "month 2026-10-01 2026-10-31"),
        ("2026", "year 2026-01-01 2026-12-31"),
        ("last year", "year 2025-01-01 2025-12-31"),
        ("last 7 days", "range 2026-11-19 2026-11-25"),
        ("last 2 weeks", "range 2026-11-12 2026-11-25"),
        ("last 3 months", "range 2026-08-26 2026-11-25"),
        ("2026-11-01..2026-11-15", "range 2026-11-01 2026-11-15"),
        ("last month to yesterday", "range 2026-10-01 2026-11-24"),
        ("w40 .. w42", "range 2026-09-28 2026-10-18"),
        ("since monday", "range 2026-11-23 2026-11-25"),
        ("2026-11-01..", "range 2026-11-01 2026-11-25"),
        ("from 2026-11-01 to 2026-11-02", "range 2026-11-01 2026-11-02"),
        ("2026-12-24", "day 2026-12-24"),
        ("1970-01-01", "day 1970-01-01"),
        ("9998-12-31", "day 9998-12-31"),
    ],
)
def test_words_mean_days(text: str, meant: str) -> None:
    assert days(text) == meant


@pytest.mark.parametrize("text", ["last week", "Last  Week", "last-week", "lastweek", "LAST_WEEK", "previous week"])
def test_case_spaces_and_hyphens_make_no_difference(text: str) -> None:
    assert days(text) == "week 2026-11-16 2026-11-22"


def test_a_week_starts_on_the_day_that_the_settings_say() -> None:
    assert days("this week", week_starts_on=SUNDAY) == "week 2026-11-22 2026-11-28"
    assert days("last week", today=dt.date(2026, 11, 22), week_starts_on=SUNDAY) == "week 2026-11-15 2026-11-21"


def test_a_week_by_number_holds_that_iso_week_s_thursday_wherever_weeks_start() -> None:
    assert days("2026-W47", week_starts_on=SUNDAY) == "week 2026-11-15 2026-11-21"
    for starts_on in range(7):
        found = parse_period("2026-W47", TODAY, starts_on)
        assert found.first <= dt.date(2026, 11, 19) <= found.last


def test_on_the_first_day_of_a_month_its_name_means_it() -> None:
    assert days("november", today=dt.date(2026, 11, 1)) == "month 2026-11-01 2026-11-30"
    assert days("last month", today=dt.date(2026, 1, 31)) == "month 2025-12-01 2025-12-31"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lst week", "did you mean last week or this week? There are also "),
        ("yesterdy", "did you mean yesterday?"),
        ("octobr", "did you mean october?"),
        ("20261123", "did you mean 2026-11-23?"),
        ("20261399", "'20261399' is not a day, week, month or range; give one such as"),
        ("2026-W4x", "did you mean 2026-W48?"),
        ("soon", "'soon' is not a day, week, month or range; give one such as yesterday, "),
        ("", "'' is not a day, week, month or range"),
        ("..", "'..' is not a day, week, month or range"),
        ("monday..octobr", "'octobr' is not a day, week, month or range; did you mean october?"),
        ("\x1b[31m", "'\\x1b[31m' is not a day"),
        ("202\u0666-11-23", "is not a day"),
        ("x" * 5_000, f"'{'x' * 59}…' is not a day"),
        ("2026-02-30", "'2026-02-30': there is no such day in the calendar; the nearest is 2026-02-28"),
        ("29.2.2025", "the nearest is 2025-02-28"),
        ("2026-11-00", "the nearest is 2026-11-01"),
        ("2026-13", "'2026-13': there is no month 13; months are 1 to 12"),
        ("2026-W54", "'2026-W54': 2026 has the weeks 1 to 53; the nearest is 2026-W53"),
        ("2025-W53", "'2025-W53': 2025 has the weeks 1 to 52; the nearest is 2025-W52"),
        ("w0", "the nearest is 2026-W01"),
        ("03/04/2026", "'03/04/2026': it does not say which is the month; give 2026-03-04 or 2026-04-03"),
        ("30/30/2026", "there is no such day"),
        ("Tue 23 Nov", "'Tue 23 Nov': 2026-11-23 is a Monday; leave the weekday out"),
        ("last 0 days", "'last 0 days': no days are no time; the nearest is last 1 day"),
        ("-1 days ago", "'-1 days ago': numbers have no minus here; give days such as 2 days ago or last 7 days"),
        ("last -3 days", "'last -3 days': numbers have no minus here"),
        ("last--3-days", "numbers have no minus here"),
        ("week -3", "numbers have no minus here"),
        ("monday..-1 days ago", "'-1 days ago': numbers have no minus here"),
        ("last 3661 days", "'last 3661 days': one report has at most 3660 days; ask for some of them"),
        ("last 100000 days", "one report has at most 3660 days"),
        ("last 99999999999999 months", "one report has at most 3660 days"),
        ("last 99999 weeks", "one report has at most 3660 days"),
        (
            "2026-11-15..2026-11-01",
            "the range from 2026-11-15 to 2026-11-01 runs backwards; give the earlier day first",
        ),
        ("1969-12-31", "'1969-12-31' is out of reach; give dates from 1970-01-01 to 9998-12-31"),
        ("9999-01-01", "is out of reach"),
        ("99999 days ago", "is out of reach"),
        ("99999 weeks ago", "is out of reach"),
        ("99999 months ago", "is out of reach"),
        ("9999 years ago", "is out of reach"),
        ("100000 days ago", "is out of reach"),
        ("999999999999999999 years ago", "is out of reach"),
        ("999999999999999999 weeks ago", "is out of reach"),
        ("999999999999999999 months ago", "is out of reach"),
    ],
)
def test_a_refusal_names_what_was_not_understood_and_what_would_be(text: str, message: str) -> None:
    assert message in refusal(text)


def test_every_example_of_the_refusal_is_understood() -> None:
    for example in EXAMPLES.replace(" or ", ", ").split(", "):
        parse_period(example, TODAY, 0)


@given(st.dates(dt.date(1980, 1, 1), dt.date(2200, 1, 1)), st.integers(0, 6))
def test_what_is_not_said_is_not_in_the_future(today: dt.date, week_starts_on: int) -> None:
    for text in ("thursday", "october", "29 feb", "24 dec", "week 20", "last friday", "last may"):
        assert parse_period(text, today, week_starts_on).first <= today


@given(st.dates(dt.date(1970, 1, 8), dt.date(2200, 1, 1)), st.integers(0, 6))
def test_a_period_is_meant_by_its_own_name(day: dt.date, week_starts_on: int) -> None:
    week = week_of(day, week_starts_on)
    year, number = week_number(week)
    assert parse_period(f"{year}-W{number:02}", TODAY, week_starts_on) == week
    assert parse_period(day.isoformat(), TODAY, week_starts_on).first == day
    month = parse_period(f"{day:%Y-%m}", TODAY, week_starts_on)
    assert month.first <= day <= month.last


@given(st.text(max_size=40))
def test_any_text_is_a_period_or_refused_in_one_sentence(text: str) -> None:
    try:
        found = parse_period(text, TODAY, 0)
    except MonitorError as error:
        said = str(error)
    else:
        said = found.kind
        assert found.first <= found.last
    assert said
    assert "\n" not in said
