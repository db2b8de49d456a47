"""The hours axis on days of every length."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from monitor_core.model import HOUR_MS
from monitor_tray.render.local_time import LocalClock
from monitor_tray.render.timeline import Axis, axis_of_day, percent
from tests.tray.render.samples import MONDAY, a_day, a_lone_stop, block, instant, report

if TYPE_CHECKING:
    from monitor_core.report import Report

SPRING, AUTUMN = dt.date(2026, 3, 29), dt.date(2026, 10, 25)


def axis(sample: Report) -> Axis:
    return axis_of_day(sample, LocalClock(sample.zone))


def hours(sample: Report) -> list[str]:
    """The local time of every tick, labelled or not; percents have three digits, which is within a second."""
    found, clock = axis(sample), LocalClock(sample.zone)
    length = found.end_ms - found.start_ms
    return [clock.time(round(found.start_ms + float(t.x[:-1]) / 100 * length) + 1_000) for t in found.ticks]


def labels(sample: Report) -> list[str]:
    return [tick.label for tick in axis(sample).ticks if tick.label]


def test_the_axis_is_the_span_widened_to_whole_hours() -> None:
    found = axis(a_day())
    assert (found.start_ms, found.end_ms) == (instant(MONDAY, "09:00"), instant(MONDAY, "19:00"))
    assert labels(a_day()) == ["10:00", "12:00", "14:00", "16:00", "18:00"]


def test_a_short_day_has_six_hours_and_never_leaves_the_day() -> None:
    assert labels(a_lone_stop()) == ["10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00"]
    late = axis(report({"api": [block("22:10", "22:40")]}))
    assert (late.start_ms, late.end_ms) == (instant(MONDAY, "18:00"), instant(MONDAY, "24:00"))


@pytest.mark.parametrize(("day", "length_h", "twice"), [(SPRING, 23, []), (MONDAY, 24, []), (AUTUMN, 25, ["02:00"])])
def test_a_day_of_a_clock_change_has_all_its_hours(day: dt.date, length_h: int, twice: list[str]) -> None:
    sample = report({"api": [block("00:10", "23:50", day=day)]}, first=day)
    found = axis(sample)
    assert found.end_ms - found.start_ms == length_h * HOUR_MS
    assert len(found.ticks) == length_h + 1
    assert [hour for hour in set(hours(sample)) if hours(sample)[:-1].count(hour) > 1] == twice
    assert ("02:00" in hours(sample)) == (length_h != 23)


def test_a_day_that_starts_at_four_runs_to_the_next_morning() -> None:
    sample = report({"api": [block("05:00", "27:30")]}, day_starts_at="04:00")
    found = axis(sample)
    assert (found.start_ms, found.end_ms) == (instant(MONDAY, "05:00"), instant(MONDAY, "28:00"))


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"])
def test_ticks_are_whole_hours_of_zones_with_odd_offsets(zone: str) -> None:
    for day in (MONDAY, dt.date(2026, 4, 5), dt.date(2026, 10, 4)):
        sample = report({"api": [block("00:00", "23:59", day=day, zone=zone)]}, first=day, zone=zone)
        assert all(hour.endswith(":00") for hour in hours(sample))


def test_instants_lie_where_their_part_of_the_axis_is() -> None:
    found = axis(a_day())
    assert found.x(instant(MONDAY, "09:00")) == "0%"
    assert found.x(instant(MONDAY, "14:00")) == "50%"
    assert found.x(instant(MONDAY, "23:00")) == "100%"
    drawn = found.bar(instant(MONDAY, "10:00"), instant(MONDAY, "12:00"))
    assert (drawn.x, drawn.width) == ("10%", "20%")


def test_a_percent_never_has_an_exponent_and_nothing_of_nothing_is_nothing() -> None:
    assert [percent(*pair) for pair in ((1, 3), (1, 10**9), (10, 10), (0, 0))] == ["33.333%", "0%", "100%", "0%"]
