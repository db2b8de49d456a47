"""Times as people type them, in days as reports cut them, with clocks that change."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.days import day_bounds
from monitor_core.errors import MonitorError
from monitor_core.model import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from monitor_core.time_words import Calendar, parse_day, parse_end, parse_length, parse_moment, parse_stretch

BERLIN = ZoneInfo("Europe/Berlin")
DAY = dt.date(2026, 11, 23)  # a Monday


def at(text: str) -> int:
    return round(dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp() * 1000)


NOW = at("2026-11-24 16:00")


def calendar(starts: str = "00:00", now_ms: int = NOW, zone: ZoneInfo = BERLIN) -> Calendar:
    return Calendar(zone, dt.time.fromisoformat(starts), 0, now_ms)


class TestMoment:
    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            ("9:05", "2026-11-23 09:05"),
            ("09:05:30", "2026-11-23 09:05:30"),
            ("14:00", "2026-11-23 14:00"),
            ("2:30 pm", "2026-11-23 14:30"),
            ("12am", "2026-11-23 00:00"),
            ("12 p.m.", "2026-11-23 12:00"),
            ("0:00", "2026-11-23 00:00"),
            ("24:00", "2026-11-24 00:00"),
            ("2026-11-20 14:00", "2026-11-20 14:00"),
            ("2026-11-20T14:00", "2026-11-20 14:00"),
            ("yesterday 8:00", "2026-11-23 08:00"),
            ("20 Nov 8 am", "2026-11-20 08:00"),
            ("2026-11-20T14:00:00+01:00", "2026-11-20 14:00"),
            ("2026-11-20 13:00Z", "2026-11-20 14:00"),
            ("now", "2026-11-24 16:00"),
        ],
    )
    def test_what_can_be_typed(self, text: str, meant: str) -> None:
        assert parse_moment(text, DAY, calendar()).start_ms == at(meant)

    def test_what_was_left_open_is_a_minute_or_a_second(self) -> None:
        assert parse_moment("9:05", DAY, calendar()).length_ms == MINUTE_MS
        assert parse_moment("9:05:00", DAY, calendar()).length_ms == SECOND_MS

    def test_a_time_alone_is_of_the_day_as_reports_cut_it_and_a_date_is_one_of_the_calendar(self) -> None:
        late = calendar("04:00")
        assert parse_moment("1:30", DAY, late).start_ms == at("2026-11-24 01:30")
        assert parse_moment("4:00", DAY, late).start_ms == at("2026-11-23 04:00")
        assert parse_moment("24:00", DAY, late).start_ms == at("2026-11-24 00:00")
        assert parse_moment("2026-11-23 1:30", DAY, late).start_ms == at("2026-11-23 01:30")

    @given(
        st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)),
        st.times().map(lambda time: time.replace(second=0, microsecond=0)),
        st.sampled_from(["00:00", "04:00", "23:30"]),
        st.sampled_from(["UTC", "Asia/Kolkata", "America/Phoenix"]),
    )
    def test_a_time_alone_lies_in_its_day(self, day: dt.date, time: dt.time, starts: str, zone: str) -> None:
        known = calendar(starts, zone=ZoneInfo(zone))
        start_ms, end_ms = day_bounds(day, known.zone, known.day_starts_at)
        assert start_ms <= parse_moment(f"{time:%H:%M}", day, known).start_ms < end_ms

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("14", "'14' is no time; did you mean 14:00?"),
            ("25:00", "'25:00' is no time; the last minute of a day is 23:59"),
            ("14:60", "minutes and seconds are 00 to 59"),
            ("14:5", "'14:5' is no time"),
            ("13 pm", "hours with am or pm are 1 to 12"),
            ("noon", "'noon' is no time; times are such as 9:05"),
            ("", "'' is no time"),
            ("yestreday 9:00", "did you mean yesterday or"),
            ("last week 9:00", "'last week' is a week; give one day, such as 2026-11-16"),
            ("9:00+25:00", "offsets are such as +02:00"),
            ("2026-02-30 9:00", "the nearest is 2026-02-28"),
        ],
    )
    def test_what_was_not_understood_is_said_with_the_nearest(self, text: str, message: str) -> None:
        with pytest.raises(MonitorError, match=re.escape(message)):
            parse_moment(text, DAY, calendar())


class TestChangesOfTheClocks:
    SPRING, AUTUMN = dt.date(2026, 3, 29), dt.date(2026, 10, 25)

    def test_a_time_that_the_clocks_skip_is_refused_with_the_nearest(self) -> None:
        message = "there was no 02:30 on 2026-03-29 in Europe/Berlin: the clocks went from 01:59 to 03:00"
        with pytest.raises(MonitorError, match=message):
            parse_moment("2:30", self.SPRING, calendar())
        assert parse_moment("3:00", self.SPRING, calendar()).start_ms == at("2026-03-29 03:00")

    def test_a_time_that_comes_twice_needs_its_offset(self) -> None:
        with pytest.raises(MonitorError, match=re.escape("give 02:30+02:00 or 02:30+01:00")):
            parse_moment("2:30", self.AUTUMN, calendar())
        first, second = (parse_moment(text, self.AUTUMN, calendar()) for text in ("02:30+02:00", "02:30+01:00"))
        assert second.start_ms - first.start_ms == HOUR_MS

    def test_a_stretch_over_a_change_has_its_real_length(self) -> None:
        assert parse_stretch("1:00", "4:00", self.SPRING, calendar()).length_ms == 2 * HOUR_MS
        assert parse_stretch("1:00", "4:00", self.AUTUMN, calendar()).length_ms == 4 * HOUR_MS

    def test_a_day_that_a_zone_left_out_is_refused(self) -> None:
        with pytest.raises(MonitorError, match="the clocks went from 23:59 to 00:00"):
            parse_moment("2011-12-30 12:00", DAY, calendar(zone=ZoneInfo("Pacific/Apia")))


class TestStretch:
    def test_both_ends_are_of_the_day(self) -> None:
        assert parse_stretch("9:00", "10:30", DAY, calendar()) == (at("2026-11-23 09:00"), at("2026-11-23 10:30"))

    def test_an_end_before_the_start_is_over_midnight(self) -> None:
        assert parse_stretch("23:00", "1:00", DAY, calendar()) == (at("2026-11-23 23:00"), at("2026-11-24 01:00"))

    def test_an_end_follows_the_date_of_the_start(self) -> None:
        assert parse_stretch("2026-11-20 9:00", "10:00", DAY, calendar()) == (
            at("2026-11-20 09:00"),
            at("2026-11-20 10:00"),
        )

    def test_in_the_night_that_belongs_to_the_day_before_both_ends_do(self) -> None:
        found = parse_stretch("1:30", "3:00", DAY, calendar("04:00"))
        assert found == (at("2026-11-24 01:30"), at("2026-11-24 03:00"))

    def test_until_now(self) -> None:
        assert parse_stretch("15:00", "now", DAY + dt.timedelta(1), calendar()) == (at("2026-11-24 15:00"), NOW)

    @pytest.mark.parametrize(
        ("start", "end", "message"),
        [
            ("9:00", "9:00", "is no time at all"),
            ("9:00", "2026-11-23 8:00", "runs backwards"),
            ("2026-11-21 9:00", "2026-11-22 9:01", "is more than 24 hours"),
            ("2026-11-24 15:30", "17:00", "is not over yet, it is 2026-11-24 16:00"),
            ("2026-11-24 15:30", "13:00", "from 2026-11-24 15:30 to 2026-11-25 13:00 is not over yet"),
            ("9:00", "ten", "'ten' is no time"),
        ],
    )
    def test_what_cannot_be_is_refused(self, start: str, end: str, message: str) -> None:
        with pytest.raises(MonitorError, match=message):
            parse_stretch(start, end, DAY, calendar())

    @given(st.times(), st.times())
    def test_a_stretch_of_two_times_is_never_longer_than_a_day(self, start: dt.time, end: dt.time) -> None:
        if f"{start:%H:%M}" != f"{end:%H:%M}":
            found = parse_stretch(f"{start:%H:%M}", f"{end:%H:%M}", DAY - dt.timedelta(7), calendar())
            assert 0 < found.length_ms < DAY_MS


class TestLength:
    @pytest.mark.parametrize(
        ("text", "minutes"),
        [
            ("15m", 15),
            ("1h", 60),
            ("1h30m", 90),
            ("1 h 30 m", 90),
            ("1H 5M", 65),
            ("90 minutes", 90),
            ("2 hours", 120),
            ("1 hour 1 min", 61),
            (" 1m ", 1),
            ("24h", 24 * 60),
            ("1440m", 24 * 60),
        ],
    )
    def test_what_can_be_typed(self, text: str, minutes: int) -> None:
        assert parse_length(text) == minutes * MINUTE_MS

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("15", "'15' is no length of time; did you mean 15m? lengths are such as 15m, 1h or 1h30m"),
            ("0", "'0' is no length of time; lengths are such as 15m, 1h or 1h30m"),
            ("5000", "'5000' is no length of time; lengths are"),
            ("", "'' is no length of time; lengths are"),
            ("h", "'h' is no length of time"),
            ("1.5h", "'1.5h' is no length of time"),
            ("30m1h", "'30m1h' is no length of time"),
            ("-5m", "'-5m' is no length of time"),
            ("\uff11\uff15m", "is no length of time"),
            ("0m", "'0m' is out of range; give a length from 1m to 24h"),
            ("24h1m", "'24h1m' is out of range; give a length from 1m to 24h"),
        ],
    )
    def test_what_is_no_length_is_refused_with_the_nearest(self, text: str, message: str) -> None:
        with pytest.raises(MonitorError, match=re.escape(message)):
            parse_length(text)


class TestEnd:
    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            ("16:01", "2026-11-24 16:01"),
            ("16:00", "2026-11-25 16:00"),
            ("9:00", "2026-11-25 09:00"),
            ("5 pm", "2026-11-24 17:00"),
            ("24:00", "2026-11-25 00:00"),
            ("0:00", "2026-11-25 00:00"),
            ("tomorrow 9:00", "2026-11-25 09:00"),
            ("Tomorrow 5 pm", "2026-11-25 17:00"),
            ("today 18:00", "2026-11-24 18:00"),
            ("2026-12-07 9:00", "2026-12-07 09:00"),
            ("17:00+02:00", "2026-11-25 16:00"),
            ("18:00+02:00", "2026-11-24 17:00"),
        ],
    )
    def test_a_time_without_a_date_is_the_next_such_time(self, text: str, meant: str) -> None:
        assert parse_end(text, calendar()) == at(meant)

    def test_in_the_night_that_belongs_to_the_day_before_it_is_the_next_by_the_clock_too(self) -> None:
        night = calendar("04:00", at("2026-11-24 01:00"))
        assert parse_end("2:00", night) == at("2026-11-24 02:00")
        assert parse_end("9:00", night) == at("2026-11-24 09:00")
        assert parse_end("0:30", night) == at("2026-11-25 00:30")
        assert parse_end("tomorrow 9:00", night) == at("2026-11-25 09:00")

    @pytest.mark.parametrize("date", ["2026-03-29", "2026-10-25"])
    def test_a_time_that_the_clocks_skipped_or_passed_twice_is_that_of_the_next_day_once_it_is_over(
        self, date: str
    ) -> None:
        next_day = dt.date.fromisoformat(date) + dt.timedelta(1)
        assert parse_end("2:30", calendar(now_ms=at(f"{date} 15:00"))) == at(f"{next_day} 02:30")

    def test_before_that_it_has_to_be_said_otherwise(self) -> None:
        with pytest.raises(MonitorError, match="the clocks went from 01:59 to 03:00; give one of these"):
            parse_end("2:30", calendar(now_ms=at("2026-03-29 01:00")))
        with pytest.raises(MonitorError, match=re.escape("give 02:30+02:00 or 02:30+01:00")):
            parse_end("2:30", calendar(now_ms=at("2026-10-25 01:00")))
        # Between the two the second one is still to come.
        with pytest.raises(MonitorError, match=re.escape("give 02:30+02:00 or 02:30+01:00")):
            parse_end("2:30", calendar(now_ms=at("2026-10-25 01:00") + 105 * MINUTE_MS))

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("now", "'now' has passed, it is 2026-11-24 16:00; give a time to come"),
            ("yesterday 9:00", "'yesterday 9:00' has passed, it is 2026-11-24 16:00"),
            ("2026-11-24 16:00", "has passed"),
            ("2062-11-24 9:00", "'2062-11-24 9:00' is more than a year ahead; give a nearer time"),
            ("9998-12-31 23:59", "is more than a year ahead"),
            ("soon", "'soon' is no time; times are such as 9:05"),
            ("17", "did you mean 17:00?"),
        ],
    )
    def test_what_is_no_time_to_come_is_refused(self, text: str, message: str) -> None:
        with pytest.raises(MonitorError, match=re.escape(message)):
            parse_end(text, calendar())

    @given(
        st.times().map(lambda time: time.replace(second=0, microsecond=0)),
        st.integers(0, 3 * DAY_MS),
        st.sampled_from(["00:00", "04:00", "23:30"]),
        st.sampled_from(["UTC", "Asia/Kolkata", "America/Phoenix"]),
    )
    def test_it_is_at_most_a_day_ahead_and_reads_as_it_was_typed(
        self, time: dt.time, later_ms: int, starts: str, zone: str
    ) -> None:
        known = calendar(starts, NOW + later_ms, ZoneInfo(zone))
        end_ms = parse_end(f"{time:%H:%M}", known)
        assert 0 < end_ms - known.now_ms <= DAY_MS
        assert known.local(end_ms).time() == time


def test_a_day_is_one_day() -> None:
    assert parse_day("yesterday", calendar()) == DAY
    with pytest.raises(MonitorError, match="'last week' is a week; give one day, such as 2026-11-16 or yesterday"):
        parse_day("last week", calendar())
