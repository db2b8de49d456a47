"""How a longer report is cut into parts to step through."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest

from monitor_core.model import HOUR_MS, MINUTE_MS
from monitor_core.periods import Kind
from monitor_tray.render.figures import figures
from monitor_tray.render.sections import MOST_PROJECTS, MOST_TIMES, parts, unit_of
from tests.tray.render import samples
from tests.tray.render.samples import MONDAY, block, instant, many_days, report

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.report import Report
    from monitor_tray.render.sections import Part

PERIODS: dict[str, Callable[[], Report]] = {
    "week": samples.a_week,
    "month": samples.a_month,
    "year": samples.a_year,
    "years": lambda: many_days(dt.date(2024, 1, 1), dt.date(2026, 12, 31)),
}
every_period = pytest.mark.parametrize("sample", PERIODS.values(), ids=PERIODS)


def cut(sample: Report, week_starts_on: int = 0) -> tuple[Part, ...]:
    return parts(sample, [row.name for row in figures(sample).projects], week_starts_on)


def minutes_of(time: str) -> int:
    """The minutes that ``time`` shows: 95 for "1 h 35 m"."""
    found = re.fullmatch(r"(−?)(?:(\d+) h )?<?(\d+) m", time)
    assert found, time
    shown = 0 if "<" in time else int(found[2] or 0) * 60 + int(found[3])
    return -shown if found[1] else shown


def test_days_make_parts_of_a_month_weeks_of_a_year_and_months_of_several_years() -> None:
    assert [unit_of(sample()) for sample in PERIODS.values()] == [Kind.DAY, Kind.DAY, Kind.WEEK, Kind.MONTH]
    assert [len(cut(sample())) for sample in PERIODS.values()] == [7, 30, 53, 36]


@every_period
def test_the_minutes_of_the_parts_add_up_to_the_total_and_those_within_a_part_to_the_part(
    sample: Callable[[], Report],
) -> None:
    whole = sample()
    found = cut(whole)
    assert sum(part.minutes for part in found) == whole.total_ms // MINUTE_MS
    for part in found:
        shown = [minutes_of(row.time) for row in part.projects]
        assert sum(shown) + minutes_of(part.parallel or "0 m") == part.minutes == minutes_of(part.time)
        assert sum(minutes_of(time) for _, time in part.days) in (0, part.minutes)
        assert unit_of(whole) is Kind.DAY or len(part.projects) <= MOST_PROJECTS


def test_a_week_starts_on_the_day_that_it_is_told() -> None:
    year = samples.a_year()
    assert [cut(year, starts)[1].label for starts in (0, 6)] == [
        "Week 2, 5 – 11 January 2026",
        "Week 2, 4 – 10 January 2026",
    ]
    assert {part.group for part in cut(samples.a_month(), 6)[:7]} == {"2026-W45"}


def test_days_that_have_not_begun_are_no_parts() -> None:
    running = report(
        {"api": [block("09:00", "10:00")]}, last=MONDAY + dt.timedelta(6), now=instant(MONDAY, "10:00") + 24 * HOUR_MS
    )
    assert [part.id for part in cut(running)] == ["2026-11-23", "2026-11-24"]


def test_a_block_over_midnight_is_in_both_days() -> None:
    found = {part.id: part for part in cut(samples.a_week())}
    late, early = (found[day].blocks[-1] for day in ("2026-11-25", "2026-11-26"))
    midnight = instant(MONDAY, "72:00")
    assert late[2][0].end_ms == midnight == early[2][0].start_ms
    assert (late[2][0].working_ms, early[2][0].working_ms) == (90 * MINUTE_MS, 40 * MINUTE_MS)


def test_weeks_and_months_are_shown_from_the_first_to_the_last_that_has_time() -> None:
    march, june = dt.date(2026, 3, 3), dt.date(2026, 6, 2)
    blocks = {"api": [block("09:00", "10:00", day=march), block("09:00", "10:00", day=june)]}
    years = cut(report(blocks, first=dt.date(2024, 1, 1), last=dt.date(2026, 12, 31)))
    assert [part.id for part in years] == ["2026-03", "2026-04", "2026-05", "2026-06"]
    weeks = cut(report(blocks, first=dt.date(2026, 1, 1), last=dt.date(2026, 12, 31)))
    assert (weeks[0].id, weeks[-1].id, len(weeks)) == ("2026-W10", "2026-W23", 14)


def test_a_day_tells_when_each_project_was_active_and_of_many_times_the_first() -> None:
    many = [block(f"{10 + n // 6}:{n % 6}0", f"{10 + n // 6}:{n % 6}5") for n in range(MOST_TIMES + 3)]
    (first, *_) = cut(report({"api": many, "web": [block("09:00", "09:00:30")]}, last=MONDAY + dt.timedelta(1)))
    api, web = (row.when.replace("\N{NO-BREAK SPACE}", " ") for row in first.projects)
    assert api.startswith("10:00 – 10:05, 10:10 – 10:15, ")
    assert api.endswith("11:50 – 11:55, 3 more")
    assert web == "09:00"
