"""Hours, rhythm, consistency, streaks and the weekly trend, each by an example that was calculated by hand."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.analytics import Record, Rhythm, Rhythms, analyse
from monitor_core.analytics.rhythm import PARTS_OF_THE_DAY, hours_between, hours_of, peak_hours
from monitor_core.model import HOUR_MS, MINUTE_MS, Interval
from monitor_core.summary import streaks, summarise
from tests.tray.render.samples import MONDAY, a_lone_stop, an_empty_day, block, instant, report

if TYPE_CHECKING:
    from monitor_core.report import Report

M = MINUTE_MS
DAY = dt.timedelta(1)


def rhythms_of(made: Report, before: Report | None, week_starts_on: int) -> Rhythms:
    return analyse(made, Record(), week_starts_on, before).rhythms


def days(*stretches: tuple[str, str], first: dt.date = MONDAY, now: int | None = None, length: int = 0) -> Report:
    """Days in a row, one stretch each; "" for none."""
    made = [block(start, end, day=first + n * DAY) for n, (start, end) in enumerate(stretches) if start]
    return report({"api": made}, first=first, last=first + (max(length, len(stretches)) - 1) * DAY, now=now)


class TestHours:
    def test_each_hour_has_what_lies_in_it_on_all_days(self) -> None:
        # 09:30-11:15 and 09:45-10:00: 09 has 30 + 15, 10 has 60, 11 has 15 minutes.
        found = rhythms_of(days(("09:30", "11:15"), ("09:45", "10:00")), None, 0).hours_ms
        assert {hour: ms // M for hour, ms in enumerate(found) if ms} == {9: 45, 10: 60, 11: 15}

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (dt.date(2026, 3, 29), {1: 60, 3: 60}),  # from 02:00 the clocks show 03:00
            (dt.date(2026, 10, 25), {1: 60, 2: 120, 3: 60}),  # the hour from 02:00 passes twice
        ],
    )
    def test_an_hour_is_what_the_clocks_show_when_they_change(self, day: dt.date, expected: dict[int, int]) -> None:
        start, end = instant(day, "01:00"), instant(day, "04:00")
        found = hours_of([Interval(start, end)], ZoneInfo("Europe/Berlin"))
        assert {hour: ms // M for hour, ms in enumerate(found) if ms} == expected

    def test_zones_that_are_not_whole_hours_apart_have_their_own_hours(self) -> None:
        start = instant(MONDAY, "09:40", "Asia/Kathmandu")
        found = hours_of([Interval(start, start + 30 * M)], ZoneInfo("Asia/Kathmandu"))
        assert (found[9], found[10]) == (20 * M, 10 * M)

    @given(st.lists(st.integers(0, 10**9), min_size=2, max_size=12, unique=True), st.sampled_from(
        ["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"]
    ))  # fmt: skip
    def test_the_hours_add_up_to_the_total(self, edges: list[int], zone: str) -> None:
        edges = sorted(edges)[: len(edges) // 2 * 2]
        parts = [Interval(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
        assert sum(hours_of(parts, ZoneInfo(zone))) == sum(part.length_ms for part in parts)

    def test_peak_hours_have_three_quarters_of_the_busiest(self) -> None:
        hours = [0] * 24
        hours[9], hours[10], hours[15], hours[16] = 60, 80, 59, 60
        assert peak_hours(tuple(hours)) == (9, 10, 16)
        assert peak_hours((0,) * 24) == ()


class TestRhythm:
    @pytest.mark.parametrize(
        ("stretch", "rhythm", "minutes"),
        [
            (("06:00", "10:00"), Rhythm.EARLY, 240),
            (("08:00", "12:00"), Rhythm.EARLY, 120),
            (("10:00", "14:00"), Rhythm.MIDDAY, 240),
            (("13:30", "17:00"), Rhythm.AFTERNOON, 180),
            (("18:00", "20:00"), Rhythm.EVENING, 120),
            (("22:00", "25:00"), Rhythm.NIGHT, 180),
            (("08:00", "20:00"), Rhythm.MIXED, None),
        ],
    )
    def test_it_is_the_part_of_the_day_with_half_of_the_time(
        self, stretch: tuple[str, str], rhythm: Rhythm, minutes: int | None
    ) -> None:
        found = rhythms_of(days(*[stretch] * 5, length=6), None, 0)
        assert (found.rhythm, found.rhythm_ms) == (rhythm, None if minutes is None else 5 * minutes * M)

    def test_the_parts_make_the_day(self) -> None:
        hours = [hour for part in PARTS_OF_THE_DAY.values() for hour in hours_between(*part)]
        assert sorted(hours) == list(range(24))

    def test_four_days_are_too_few_for_peaks_rhythm_and_consistency(self) -> None:
        found = rhythms_of(days(*[("09:00", "12:00")] * 4), None, 0)
        assert (found.days_worked, found.peak_hours) == (4, ())
        assert (found.rhythm, found.mean_ms, found.deviation_ms, found.consistency) == (None,) * 4


class TestConsistency:
    def test_it_is_one_less_the_standard_deviation_by_the_mean(self) -> None:
        # 2, 4, 4, 4 and 6 hours: the mean is 4, the variance (4 + 0 + 0 + 0 + 4) / 5 = 1.6; 1 − √1.6 / 4 = 0.6838
        found = rhythms_of(days(*[("09:00", f"{9 + hours}:00") for hours in (2, 4, 4, 4, 6)]), None, 0)
        assert found.mean_ms == 4 * HOUR_MS
        assert found.consistency == pytest.approx(0.683772, abs=1e-6)
        assert found.deviation_ms == int(1.6**0.5 * HOUR_MS)

    def test_days_alike_are_consistent_and_days_without_time_and_today_do_not_count(self) -> None:
        made = days(*[("09:00", "10:00")] * 5, ("", ""), ("09:00", "09:10"), now=instant(MONDAY + 6 * DAY, "09:10"))
        found = rhythms_of(made, None, 0)
        assert (found.days_worked, found.consistency) == (5, 1.0)

    def test_it_is_never_less_than_nothing(self) -> None:
        assert rhythms_of(days(*[("09:00", "09:01")] * 9, ("00:00", "24:00")), None, 0).consistency == 0.0


class TestStreaks:
    def test_they_are_those_of_the_summary(self) -> None:
        before = days(*[("09:00", "10:00")] * 7, first=MONDAY - 7 * DAY)
        made = days(*[("09:00", "10:00")] * 3, length=7, now=instant(MONDAY + 3 * DAY, "08:00"))
        found, summary = rhythms_of(made, before, 0), summarise(made, before)
        assert (found.longest_streak, found.current_streak) == (summary.longest, summary.current)
        assert found.current_streak is not None
        assert found.current_streak.days == 10

    def test_without_the_time_before_they_look_back_as_far_as_the_report(self) -> None:
        longest, _ = streaks(days(*[("09:00", "10:00")] * 3), None)
        assert longest is not None
        assert (longest.first_day, longest.days) == (MONDAY, 3)


class TestTrend:
    @staticmethod
    def weeks(*hours: int, now: int | None = None) -> Report:
        stretches = [("09:00", f"{9 + h}:00") if h and n == 0 else ("", "") for h in hours for n in range(7)]
        return days(*stretches, now=now)

    def test_it_is_the_last_whole_week_against_the_mean_of_those_before(self) -> None:
        found = rhythms_of(self.weeks(3, 5, 5), None, 0)  # the mean of 3 and 5 is 4
        assert [week.total_ms // HOUR_MS for week in found.weeks] == [3, 5, 5]
        assert found.trend == 0.25

    def test_a_week_that_is_not_over_is_no_whole_week(self) -> None:
        found = rhythms_of(self.weeks(3, 5, 5, 9, now=instant(MONDAY + 25 * DAY, "12:00")), None, 0)
        assert (len(found.weeks), found.trend) == (3, 0.25)

    def test_a_week_starts_on_the_day_that_the_settings_say(self) -> None:
        found = rhythms_of(self.weeks(3, 5, 5), None, 6)
        assert [week.first_day for week in found.weeks] == [MONDAY + 6 * DAY, MONDAY + 13 * DAY]

    @pytest.mark.parametrize("hours", [(3, 5), (0, 0, 5), (0, 1, 5)])
    def test_two_weeks_and_less_than_an_hour_a_week_have_no_trend(self, hours: tuple[int, ...]) -> None:
        assert rhythms_of(self.weeks(*hours), None, 0).trend is None


@pytest.mark.parametrize("made", [an_empty_day(), a_lone_stop()], ids=["empty", "one event"])
def test_without_time_there_is_no_rhythm(made: Report) -> None:
    found = rhythms_of(made, None, 0)
    assert (sum(found.hours_ms), found.days_worked, found.weeks, found.trend) == (0, 0, (), None)
    assert (found.longest_streak, found.peak_hours) == (None, ())
