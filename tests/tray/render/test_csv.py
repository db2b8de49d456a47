"""The report for spreadsheets: what a reader of CSV finds in it, that it adds up, and that no name is a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.model import HOUR_MS, MINUTE_MS, Block, Interval
from monitor_tray.printable import printable
from monitor_tray.render.csv import HEAD, report_csv
from tests.tray.render import samples
from tests.tray.render.samples import MONDAY, block, instant, report, wait

if TYPE_CHECKING:
    from monitor_core.report import Report

A_SMALL_DAY = (
    '\ufeff"date","project","path","hours","h:mm","working hours","working h:mm","attention hours","attention h:mm",'
    '"blocks","waited hours","waited h:mm"\r\n'
    '2026-11-23,"api","/home/dev/projects/api",1.5000,1:30,1.0000,1:00,0.5000,0:30,2,0.5000,0:30\r\n'
    '2026-11-23,"web","/home/dev/projects/web",0.6667,0:40,0.0000,0:00,0.6667,0:40,1,0.3333,0:20\r\n'
    '2026-11-23,"in parallel","",-0.1667,-0:10,0.0000,0:00,-0.1667,-0:10,,-0.1667,-0:10\r\n'
)


def rows(sample: Report) -> list[dict[str, str]]:
    text = report_csv(sample).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def minutes(shown: str) -> int:
    hours, rest = shown.removeprefix("-").split(":")
    return (-1 if shown.startswith("-") else 1) * (60 * int(hours) + int(rest))


def test_a_day_is_written_like_this() -> None:
    day = report(
        {
            "api": [block("10:00", "11:00", "10:00-11:00"), block("12:00", "12:30")],
            "web": [block("10:50", "11:30")],
        },
        waits={"api": [wait("12:00", "12:30")], "web": [wait("12:20", "12:40")]},
    )
    assert report_csv(day).decode() == A_SMALL_DAY


def test_it_begins_with_the_mark_by_which_excel_knows_utf_8() -> None:
    assert report_csv(samples.an_empty_day()).startswith(b'\xef\xbb\xbf"date"')


def test_a_report_without_time_is_the_head_alone() -> None:
    for sample in (samples.an_empty_day(), samples.a_lone_stop(), samples.a_day_that_only_ended()):
        assert rows(sample) == []


def test_a_block_over_midnight_is_in_both_days_each_with_its_part() -> None:
    found = [(row["date"], row["h:mm"], row["blocks"]) for row in rows(samples.a_week()) if row["project"] == "website"]
    assert found == [("2026-11-25", "1:30", "1"), ("2026-11-26", "1:15", "1"), ("2026-11-27", "1:20", "1")]


def test_a_project_that_was_only_waited_for_on_a_day_has_a_row_there() -> None:
    waits = {"api": [wait("23:50", "24:20")], "web": [wait("24:10", "24:30")]}
    sample = report({"api": [block("23:00", "23:50")], "web": []}, waits=waits, last=MONDAY + dt.timedelta(1))
    assert [(row["date"], row["project"], row["h:mm"], row["blocks"], row["waited h:mm"]) for row in rows(sample)] == [
        ("2026-11-23", "api", "0:50", "1", "0:10"),
        ("2026-11-24", "api", "0:00", "0", "0:20"),
        ("2026-11-24", "web", "0:00", "0", "0:20"),
        ("2026-11-24", "in parallel", "0:00", "", "-0:10"),
    ]


@st.composite
def weeks(draw: st.DrawFn) -> Report:
    blocks: dict[str, list[Block]] = {}
    waits: dict[str, list[Interval]] = {}
    for name in draw(st.lists(st.sampled_from("abcde"), min_size=1, unique=True)):
        edges = sorted(draw(st.lists(st.integers(0, 7 * 24 * HOUR_MS), min_size=2, max_size=20, unique=True)))
        start = instant(MONDAY, "00:00")
        blocks[name] = [
            Block(start_ms=start + a, end_ms=start + b, working=(Interval(start + a, start + (a + b) // 2),))
            for a, b in zip(edges[::2], edges[1::2], strict=False)
        ]
        edges = sorted(draw(st.lists(st.integers(0, 7 * 24 * HOUR_MS), max_size=20, unique=True)))
        waits[name] = [Interval(start + a, start + b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
        if draw(st.booleans()):
            blocks[name] = []
    return report(blocks, last=MONDAY + dt.timedelta(6), waits=waits)


@given(weeks())
def test_the_rows_add_up_to_the_total_in_both_kinds_of_hours(sample: Report) -> None:
    found = rows(sample)
    assert sum(minutes(row["h:mm"]) for row in found) == sample.total_ms // MINUTE_MS
    assert sum(Decimal(row["hours"]) for row in found) == Decimal(sample.total_ms * 10_000 // HOUR_MS) / 10_000
    assert sum(minutes(row["waited h:mm"]) for row in found) == sample.waiting_ms // MINUTE_MS
    waited = sum(Decimal(row["waited hours"]) for row in found)
    assert waited == Decimal(sample.waiting_ms * 10_000 // HOUR_MS) / 10_000
    for row in found:
        assert minutes(row["working h:mm"]) + minutes(row["attention h:mm"]) == minutes(row["h:mm"])
        assert Decimal(row["working hours"]) + Decimal(row["attention hours"]) == Decimal(row["hours"])
    for day in sample.days:
        of_day = [row for row in found if row["date"] == day.date.isoformat()]
        assert abs(sum(minutes(row["h:mm"]) for row in of_day) * MINUTE_MS - day.total_ms) < MINUTE_MS


def test_the_rows_of_a_day_add_up_to_what_claude_waited_also_where_no_time_was_parallel() -> None:
    waits = {"api": [wait("10:30", "10:50")], "web": [wait("10:40", "11:00"), wait("23:50", "24:10")]}
    sample = report({"api": [block("10:00", "10:30")], "web": [block("11:00", "11:30")]}, waits=waits)
    found = {row["project"]: (row["h:mm"], row["waited h:mm"]) for row in rows(sample)}
    assert found == {"api": ("0:30", "0:20"), "web": ("0:30", "0:30"), "in parallel": ("0:00", "-0:10")}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20x"])
def test_a_name_that_would_be_a_formula_is_text(name: str) -> None:
    (row,) = rows(report({name: [block("10:00", "10:30")]}))
    assert row["project"] == f"'{name}"


@pytest.mark.parametrize("name", ["\t=1", "\r=1", "\n=1", "\x00=1"])
def test_a_control_character_before_a_formula_is_replaced(name: str) -> None:
    (row,) = rows(report({name: [block("10:00", "10:30")]}))
    assert row["project"] == f"\ufffd{name[1:]}"


names = st.text(st.characters(), min_size=1, max_size=30)


@given(st.lists(names, min_size=1, max_size=4, unique_by=printable))
def test_any_name_comes_back_in_one_cell_that_is_no_formula(projects: list[str]) -> None:
    sample = report({name: [block("10:00", "10:30", day=MONDAY)] for name in projects})
    found = [row for row in rows(sample) if row["path"]]
    assert {row["project"].removeprefix("'") for row in found} == {
        printable(name).removeprefix("'") for name in projects
    }
    assert not any(row["project"].startswith(tuple("=+-@\t\r\n")) for row in found)
    assert all(set(row) == set(HEAD) for row in found)


def test_every_line_ends_as_rfc_4180_has_it_and_a_quotation_mark_is_doubled() -> None:
    data = report_csv(report({'a "b", c': [block("10:00", "10:30")]})).decode("utf-8-sig")
    assert '"a ""b"", c"' in data
    assert data.count("\n") == data.count("\r\n") == 2
