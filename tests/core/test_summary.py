"""Averages, best days, streaks and comparisons, from reports built by hand."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from monitor_core.model import HOUR_MS, MINUTE_MS
from monitor_core.summary import summarise
from tests.tray.render.samples import block, instant, report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor_core.report import Report
    from monitor_core.summary import Streak

MONDAY = dt.date(2026, 11, 16)
DAY = dt.timedelta(days=1)
LONG_AFTER = instant(dt.date(2027, 1, 1), "00:00")


def week(hours: Mapping[int, float], *, first: dt.date = MONDAY, now: int = LONG_AFTER) -> Report:
    """Seven days; ``hours`` by the day's number, each worked from 09:00."""
    blocks = [
        block("09:00", f"{9 + int(length)}:{round(length % 1 * 60):02}", day=first + number * DAY)
        for number, length in hours.items()
    ]
    return report({"api": blocks}, first=first, last=first + 6 * DAY, now=now)


def before(hours: Mapping[int, float], now: int = LONG_AFTER) -> Report:
    return week(hours, first=MONDAY - 7 * DAY, now=now)


def span(streak: Streak | None) -> tuple[int, str, str] | None:
    return (streak.days, streak.first_day.isoformat(), streak.last_day.isoformat()) if streak else None


NOTHING = before({})


def test_averages_are_by_the_days_worked_and_by_all_days() -> None:
    found = summarise(week({0: 6, 1: 2, 4: 4}), NOTHING)
    assert (found.days, found.days_worked) == (7, 3)
    assert (found.average_worked_ms, found.average_ms) == (4 * HOUR_MS, 12 * HOUR_MS // 7)


def test_days_that_have_not_begun_lower_no_average() -> None:
    found = summarise(week({0: 6, 1: 2}, now=instant(MONDAY + 3 * DAY, "00:30")), NOTHING)
    assert (found.days, found.average_ms) == (4, 2 * HOUR_MS)


def test_the_best_day_is_the_first_of_equals() -> None:
    found = summarise(week({1: 5, 3: 5, 4: 2}), NOTHING)
    assert found.best is not None
    assert found.best.date == MONDAY + DAY


def test_a_week_without_time_has_no_best_day_no_streak_and_no_average() -> None:
    found = summarise(week({}), before({6: 1}))
    assert (found.best, found.longest, found.current, found.average_ms, found.average_worked_ms) == (None,) * 3 + (0, 0)


def test_the_longest_streak_is_the_first_of_equals_and_ends_where_a_day_has_no_time() -> None:
    found = summarise(week({0: 1, 1: 1, 3: 1, 4: 1}), NOTHING)
    assert span(found.longest) == (2, "2026-11-16", "2026-11-17")


def test_a_streak_may_have_begun_in_the_period_before_and_one_that_ended_there_does_not_count() -> None:
    found = summarise(week({0: 1}), before({0: 1, 1: 1, 2: 1, 5: 1, 6: 1}))
    assert span(found.longest) == (3, "2026-11-14", "2026-11-16")


def test_the_current_streak_goes_on_while_today_has_no_time_yet_and_not_longer() -> None:
    hours = {0: 1, 1: 1}
    for number, expected in ((1, 2), (2, 2), (3, None)):
        found = summarise(week(hours, now=instant(MONDAY + number * DAY, "23:00")), NOTHING)
        assert (found.current.days if found.current else None) == expected


def test_on_the_first_day_of_a_week_the_current_streak_is_that_of_the_week_before() -> None:
    now = instant(MONDAY, "08:00")
    assert span(summarise(week({}, now=now), before({5: 1, 6: 1}, now)).current) == (2, "2026-11-14", "2026-11-15")
    assert summarise(week({}, now=now), before({4: 1, 5: 1}, now)).current is None


def test_a_week_that_is_over_has_no_current_streak() -> None:
    assert summarise(week({5: 1, 6: 1}), NOTHING).current is None


def test_a_day_that_the_zone_left_out_ends_no_streak_and_lowers_no_average() -> None:
    first = dt.date(2011, 12, 26)  # Apia had no 30 December
    blocks = [block("09:00", "11:00", day=first + n * DAY, zone="Pacific/Apia") for n in (3, 5)]
    found = summarise(report({"api": blocks}, first=first, last=first + 6 * DAY, zone="Pacific/Apia"), NOTHING)
    assert span(found.longest) == (2, "2011-12-29", "2011-12-31")
    assert (found.days, found.average_ms) == (6, 4 * HOUR_MS // 6)


def test_a_week_that_is_over_is_compared_with_the_whole_week_before() -> None:
    found = summarise(week({0: 6, 1: 6}), before({0: 5, 6: 5})).comparison
    assert found is not None
    assert (found.first_day, found.last_day, found.until_ms) == (MONDAY - 7 * DAY, MONDAY - DAY, None)
    assert (found.total_ms, found.difference_ms, found.percent) == (10 * HOUR_MS, 2 * HOUR_MS, 20)


def test_a_running_week_is_compared_with_the_week_before_up_to_the_same_time() -> None:
    now = instant(MONDAY + 2 * DAY, "10:30")
    found = summarise(week({0: 2, 2: 1.5}, now=now), before({0: 1, 2: 6, 3: 8}, now)).comparison
    assert found is not None
    assert (found.last_day, found.until_ms) == (MONDAY - 5 * DAY, instant(MONDAY - 5 * DAY, "10:30"))
    assert (found.total_ms, found.difference_ms, found.percent) == (2.5 * HOUR_MS, HOUR_MS, 40)


def test_the_same_time_is_the_same_on_the_clock_also_when_the_clocks_have_changed() -> None:
    # On 25 October an hour came twice, and a day that starts at four goes on to the next date.
    first = dt.date(2026, 10, 26)
    made = [
        report(
            {"api": [block("09:00", "10:00", day=day)]}, first=day, last=day + 6 * DAY, day_starts_at="04:00", now=now
        )
        for now in [instant(first + 7 * DAY, "03:30")]
        for day in (first, first - 7 * DAY)
    ]
    found = summarise(*made).comparison
    assert found is not None
    assert (found.last_day, found.until_ms) == (first - DAY, instant(first, "03:30"))


def test_a_running_month_that_is_longer_than_the_one_before_is_compared_with_all_of_that() -> None:
    now = instant(dt.date(2026, 3, 30), "12:00")
    march = report({"api": []}, first=dt.date(2026, 3, 1), last=dt.date(2026, 3, 31), now=now)
    february = report(
        {"api": [block("09:00", "10:00", day=dt.date(2026, 2, 28))]},
        first=dt.date(2026, 2, 1),
        last=dt.date(2026, 2, 28),
    )
    found = summarise(march, february).comparison
    assert found is not None
    assert (found.last_day, found.until_ms, found.percent) == (dt.date(2026, 2, 28), None, -100)


def test_a_comparison_is_of_the_whole_minutes_that_both_reports_show() -> None:
    this = report({"a": [block("09:00", "09:10:50")]}, first=MONDAY, last=MONDAY + 6 * DAY, now=LONG_AFTER)
    earlier = report({"a": [block("09:00", "09:08:55")]}, first=MONDAY - 7 * DAY, last=MONDAY - DAY, now=LONG_AFTER)
    found = summarise(this, earlier).comparison
    assert found is not None
    assert (found.difference_ms, found.percent) == (2 * MINUTE_MS, 25)


def test_there_is_no_percentage_of_nothing_and_no_comparison_of_what_is_to_come() -> None:
    found = summarise(week({0: 1}), NOTHING).comparison
    assert found is not None
    assert (found.difference_ms, found.percent) == (HOUR_MS, None)
    assert summarise(week({}, now=instant(MONDAY - DAY, "12:00")), NOTHING).comparison is None
