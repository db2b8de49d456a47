"""The calendar of a report, parsed by icalendar: one event for each entry, which keeps its UID."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

import icalendar
import pytest

from monitor_core.entries import entries_of
from monitor_core.errors import MonitorError
from monitor_core.model import SECOND_MS, Block
from monitor_tray.printable import printable
from monitor_tray.render.ics import report_ics
from tests.tray.render import samples
from tests.tray.render.samples import HOSTILE, MONDAY, block, instant, report

if TYPE_CHECKING:
    from monitor_core.report import Report

TUESDAY = MONDAY + dt.timedelta(1)


def events(sample: Report) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(report_ics(sample)).events)


def seconds(event: icalendar.Event) -> tuple[int, int]:
    start, end = event.start, event.end
    assert isinstance(start, dt.datetime)
    assert isinstance(end, dt.datetime)
    assert start.tzname() == end.tzname() == "UTC"
    return int(start.timestamp()), int(end.timestamp())


def uids(sample: Report) -> list[str]:
    return [str(event["uid"]) for event in events(sample)]


@pytest.mark.parametrize("sample", [samples.a_day(), samples.a_week(), samples.a_hostile_day()])
def test_every_entry_of_the_report_is_an_event(sample: Report) -> None:
    entries = entries_of(sample)
    assert entries
    found = events(sample)
    assert [(str(e["summary"]), *seconds(e)) for e in found] == [
        (printable(e.project.name), e.part.start_ms // SECOND_MS, e.part.end_ms // SECOND_MS) for e in entries
    ]
    assert {str(event["transp"]) for event in found} == {"TRANSPARENT"}
    assert len(set(uids(sample))) == len(found)


def test_an_event_says_how_long_claude_worked_and_whether_it_goes_on() -> None:
    made = report(
        {"api": [block("09:00", "10:30", "09:00-10:04"), block("11:00", "11:20", "11:00-11:20", running=True)]}
    )
    assert [str(event["description"]) for event in events(made)] == [
        "1 h 30 min active: Claude working 1 h 04 min, your attention 26 min.",
        "20 min active: Claude working 20 min, your attention 0 min. Still open.",
    ]


def test_the_same_entry_has_the_same_uid_in_every_export() -> None:
    growing = report({"api": [block("09:00", "09:30", running=True)]})
    grown = report({"api": [block("09:00", "11:00")]}, last=TUESDAY)
    assert uids(growing) == uids(grown) == uids(grown)


def test_a_block_over_midnight_has_the_uids_of_its_days() -> None:
    whole = report({"api": [block("23:30", "24:45")]}, last=TUESDAY)
    monday = report({"api": [block("23:30", "24:00")]})
    tuesday = report({"api": [block("00:00", "00:45", day=TUESDAY)]}, first=TUESDAY)
    assert uids(whole) == uids(monday) + uids(tuesday)


def test_projects_that_began_at_once_have_uids_of_their_own() -> None:
    assert len(set(uids(report({"api": [block("09:00", "10:00")], "web": [block("09:00", "10:00")]})))) == 2


def test_what_is_shorter_than_a_second_is_left_out() -> None:
    at = instant(MONDAY, "09:00")
    made = report({"api": [Block(at + 100, at + 900), Block(at + 600_900, at + 601_100)]})
    assert [seconds(event) for event in events(made)] == [(at // 1000 + 600, at // 1000 + 601)]


def test_a_report_without_time_is_a_calendar_without_events() -> None:
    for sample in (samples.an_empty_day(), samples.a_lone_stop()):
        calendar = icalendar.Calendar.from_ical(report_ics(sample))
        assert (calendar["version"], calendar.events) == ("2.0", [])


def test_lines_are_folded_and_ended_as_the_standard_asks() -> None:
    lines = report_ics(report({"é" * 200: [block("09:00", "10:00")]})).split(b"\r\n")
    assert lines.pop() == b""
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_no_name_begins_a_line_of_the_calendar() -> None:
    name = "x\r\nEND:VEVENT\r\nATTACH:https://evil.example" + HOSTILE
    (event,) = events(report({name: [block("09:00", "10:00")]}))
    assert str(event["summary"]) == printable(name)
    assert "attach" not in event


def test_without_icalendar_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(MonitorError, match=r"ics needs icalendar, .*: uv tool install 'claude-monitor-tray\[ical\]'"):
        report_ics(samples.a_day())
