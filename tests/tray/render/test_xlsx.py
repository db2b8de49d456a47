"""The spreadsheet of a report, opened by openpyxl: real dates and lengths, right formulas, text that stays text."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

import pytest

from monitor_core.errors import MonitorError
from monitor_core.model import MINUTE_MS
from monitor_tray.printable import printable
from monitor_tray.render.spreadsheet import cell
from monitor_tray.render.xlsx import report_xlsx
from tests.tray.render import samples
from tests.tray.render.samples import HOSTILE, MONDAY, block, report, wait
from tests.tray.render.spreadsheets import pages

if TYPE_CHECKING:
    from monitor_core.report import Report

SAMPLES = [samples.a_day(), samples.a_week(), samples.a_hostile_day(), samples.an_empty_day(), samples.a_lone_stop()]


def h_mm(hours: int, minutes: int = 0) -> dt.timedelta:
    return dt.timedelta(hours=hours, minutes=minutes)


def test_a_small_day_reads_like_this() -> None:
    # api 1:30 and web 0:40, of which 0:10 at the same time
    day = report(
        {
            "api": [block("10:00", "11:00", "10:00-11:00"), block("12:00", "12:30")],
            "web": [block("10:50", "11:30")],
        },
        waits={"api": [wait("12:00", "12:30")], "web": [wait("12:20", "12:40")]},
    )
    found = pages(report_xlsx(day))
    assert list(found) == ["Days", "Projects", "Blocks"]
    monday = dt.datetime(2026, 11, 23)  # noqa: DTZ001  spreadsheets know no zones
    assert found["Days"].values == [
        ("date", "api", "web", "less in parallel", "Total"),
        (monday, h_mm(1, 30), h_mm(0, 40), h_mm(0, 10), h_mm(2)),
        ("Total", h_mm(1, 30), h_mm(0, 40), h_mm(0, 10), h_mm(2)),
    ]
    api, web = "/home/dev/projects/api", "/home/dev/projects/web"
    assert [row[:6] for row in found["Projects"].values] == [
        ("project", "path", "active", "working", "attention", "waited"),
        ("api", api, h_mm(1, 30), h_mm(1), h_mm(0, 30), h_mm(0, 30)),
        ("web", web, h_mm(0, 40), h_mm(0), h_mm(0, 40), h_mm(0, 20)),
        ("less in parallel", None, h_mm(0, 10), h_mm(0), h_mm(0, 10), h_mm(0, 10)),
        ("Total", None, h_mm(2), h_mm(1), h_mm(1), h_mm(0, 40)),
    ]
    assert [row[7:] for row in found["Projects"].values[1:]] == [(2, 12), (1, 12), (None, None), (3, 24)]
    ten = monday + h_mm(10)
    assert found["Blocks"].values[:2] == [
        ("start (Europe/Berlin)", "end (Europe/Berlin)", "project", "path", "active", "working", "attention", "open"),
        (ten, ten + h_mm(1), "api", api, h_mm(1), h_mm(1), h_mm(0), None),
    ]
    assert len(found["Blocks"].values) == 4


def test_a_project_that_was_only_waited_for_is_in_the_total_of_that() -> None:
    waits = {"api": [wait("10:30", "10:50")], "web": [wait("10:40", "11:00")]}
    found = pages(report_xlsx(report({"api": [block("10:00", "10:30")], "web": []}, waits=waits)))
    assert [(row[0], *row[2:6:3]) for row in found["Projects"].values[1:]] == [
        ("api", h_mm(0, 30), h_mm(0, 20)),
        ("web", h_mm(0), h_mm(0, 20)),
        ("less in parallel", h_mm(0), h_mm(0, 10)),
        ("Total", h_mm(0, 30), h_mm(0, 30)),
    ]
    found["Projects"].check_formulas()


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_total_is_a_formula_that_comes_to_the_value_it_carries(sample: Report) -> None:
    found = pages(report_xlsx(sample))
    for name in ("Days", "Projects") if any(p.blocks for p in sample.projects) else ():
        found[name].check_formulas()


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_totals_are_the_reports_in_whole_minutes(sample: Report) -> None:
    found = pages(report_xlsx(sample))
    total = dt.timedelta(minutes=sample.total_ms // MINUTE_MS)
    assert found["Days"].values[-1][-1] == total
    if any(project.blocks for project in sample.projects):
        assert found["Projects"].values[-1][2] == total
    blocks = [block for project in sample.projects for block in project.blocks]
    assert [row[7] for row in found["Blocks"].values[1:]].count("yes") == sum(block.open for block in blocks)
    active = sum((row[4] for row in found["Blocks"].values[1:]), dt.timedelta())
    assert active == dt.timedelta(milliseconds=sum(block.active_ms for block in blocks))


def test_dates_and_lengths_have_the_formats_of_dates_and_lengths_and_the_head_stays_in_view() -> None:
    found = pages(report_xlsx(samples.a_week()))
    days, blocks = found["Days"].sheet, found["Blocks"].sheet
    assert (days["A2"].number_format, days["B2"].number_format) == ("yyyy-mm-dd", "[h]:mm")
    assert (blocks["A2"].number_format, blocks["E2"].number_format) == ("yyyy-mm-dd hh:mm:ss", "[h]:mm:ss")
    assert [page.sheet.freeze_panes for page in found.values()] == ["B2", "B2", "A2"]


@pytest.mark.parametrize(
    "name",
    ['=cmd|" /C calc"!A0', "=1+1", "+1", "-1", "@SUM(A1)", "https://evil.example", "12:30", "_x0041_", "007", HOSTILE],
)
def test_no_name_is_a_formula_a_link_or_a_number(name: str) -> None:
    made = report({name: [block("10:00", "11:00")]})
    found = pages(report_xlsx(made))
    for page, place in (("Days", "B1"), ("Projects", "A2"), ("Blocks", "C2")):
        shown = found[page].sheet[place]
        assert (shown.value, shown.data_type, shown.hyperlink) == (printable(name), "s", None)
        assert place not in found[page].formulas


def test_one_report_is_one_file() -> None:
    assert report_xlsx(samples.a_day()) == report_xlsx(samples.a_day())


def test_a_year_of_days_has_a_row_for_each() -> None:
    made = report({"api": [block("10:00", "11:00")]}, last=MONDAY + dt.timedelta(364))
    page = pages(report_xlsx(made))["Days"]
    assert len(page.values) == 367
    assert page.formulas["B367"] == "=SUM(B2:B366)"
    page.check_formulas()


@pytest.mark.parametrize(
    ("row", "column", "name"), [(0, 0, "A1"), (9, 25, "Z10"), (0, 26, "AA1"), (0, 701, "ZZ1"), (0, 702, "AAA1")]
)
def test_columns_go_on_after_z(row: int, column: int, name: str) -> None:
    assert cell(row, column) == name


def test_without_xlsxwriter_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MonitorError, match=r"xlsx needs XlsxWriter, .*: uv tool install 'claude-monitor-tray\[xlsx\]'"):
        report_xlsx(samples.a_day())
