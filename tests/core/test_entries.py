"""Entries: each block within each day that it reaches into."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from monitor_core.entries import entries_of
from tests.tray.render import samples
from tests.tray.render.samples import MONDAY, block, instant, report

if TYPE_CHECKING:
    from monitor_core.entries import Entry

TUESDAY = MONDAY + dt.timedelta(1)


def told(entries: list[Entry]) -> list[tuple[str, int, int, int]]:
    """Project, day of the month, and the part in minutes from Monday's midnight."""
    zero = instant(MONDAY, "00:00")
    return [
        (e.project.name, e.day.day, (e.part.start_ms - zero) // 60_000, (e.part.end_ms - zero) // 60_000)
        for e in entries
    ]


def test_a_block_over_midnight_is_an_entry_of_both_days() -> None:
    made = report({"api": [block("23:30", "24:45", "23:30-24:10", running=True)]}, last=TUESDAY)
    entries = entries_of(made)
    assert told(entries) == [("api", 23, 1410, 1440), ("api", 24, 1440, 1485)]
    assert [sum(i.length_ms for i in entry.working) // 60_000 for entry in entries] == [30, 10]
    assert [entry.is_open for entry in entries] == [False, True]


def test_an_entry_is_the_same_in_the_report_of_the_day_and_of_more_days() -> None:
    whole = {"api": [block("23:30", "24:45")]}
    parts = [{"api": [block("23:30", "24:00")]}, {"api": [block("00:00", "00:45", day=TUESDAY)]}]
    alone = [report(parts[0]), report(parts[1], first=TUESDAY)]
    assert told(entries_of(report(whole, last=TUESDAY))) == [told(entries_of(day))[0] for day in alone]


def test_entries_are_by_day_then_by_start_then_by_name() -> None:
    made = report(
        {
            "web": [block("10:00", "11:00"), block("08:00", "08:10", day=TUESDAY)],
            "api": [block("10:00", "10:30"), block("09:00", "09:10")],
        },
        last=TUESDAY,
    )
    assert [name for name, *_ in told(entries_of(made))] == ["api", "api", "web", "web"]
    assert [start for _, _, start, _ in told(entries_of(made))] == [540, 600, 600, 1920]


def test_what_lasted_no_time_is_no_entry() -> None:
    for sample in (samples.a_lone_stop(), samples.an_empty_day(), samples.a_day_that_only_ended()):
        assert entries_of(sample) == []


def test_a_day_that_starts_at_four_has_its_entries_until_four() -> None:
    made = report({"api": [block("23:00", "29:00")]}, last=TUESDAY, day_starts_at="04:00")
    assert told(entries_of(made)) == [("api", 23, 1380, 1680), ("api", 24, 1680, 1740)]


def test_all_entries_together_are_all_active_time() -> None:
    for sample in (samples.a_day(), samples.a_week()):
        active = sum(project.active_ms for project in sample.projects)
        assert sum(entry.part.length_ms for entry in entries_of(sample)) == active
