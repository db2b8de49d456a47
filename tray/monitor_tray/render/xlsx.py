"""A report as a spreadsheet: days by projects, projects, and blocks, with real dates, lengths as numbers, and formulas.

What is shown in hours and minutes is rounded as in every other report, so that the cells add up to the totals; blocks
are exact. Time that projects had in parallel stands there as what is taken off, because a spreadsheet shows no length
that is less than nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_core.intervals import length_ms, union
from monitor_core.model import MINUTE_MS
from monitor_core.rounding import rounded_parts
from monitor_core.table_rounding import rounded_table
from monitor_tray.render.local_time import LocalClock, date_range
from monitor_tray.render.spreadsheet import Workbook, cell, sum_of

if TYPE_CHECKING:
    from monitor_core.report import ProjectTime, Report
    from monitor_tray.render.spreadsheet import Sheet

#: Of a row and of a column.
IN_PARALLEL = "less in parallel"
TOTAL = "Total"

_PROJECTS_HEAD = ("project", "path", "active", "working", "attention", "waited", "share", "blocks", "events")


def report_xlsx(report: Report) -> bytes:
    """The report as a workbook with the sheets Days, Projects and Blocks, each with a row of names that stays in view.

    Every total is a formula that carries its value. Raises `MonitorError` where XlsxWriter is not installed.
    """
    book = Workbook(f"Claude Monitor, {date_range(report.first_day, report.last_day)}", report.now_ms)
    # As everywhere, a project without a block has no time to show; what Claude waited for it is in the total of that.
    projects = [project for project in report.projects if project.blocks]
    _days(book.sheet("Days", [11, *([14] * (len(projects) + 2))]), report, projects)
    waited_for = [project for project in report.projects if project.blocks or project.waits]
    _projects(book.sheet("Projects", [24, 40, 9, 9, 9, 9, 7, 7, 8]), report, waited_for)
    _blocks(book.sheet("Blocks", [20, 20, 24, 40, 9, 9, 9, 6]), report, projects)
    return book.content()


def _days(sheet: Sheet, report: Report, projects: list[ProjectTime]) -> None:
    names = [project.name for project in projects]
    sheet.head(["date", *names, IN_PARALLEL, TOTAL], left=1)
    # Columns for what is less than nothing: their cells are taken off.
    exact = [
        [*(day.projects.get(name, 0) for name in names), day.total_ms - sum(day.projects.values())]
        for day in report.days
    ]
    made = rounded_table(exact, MINUTE_MS)
    parallel, total, foot = len(names) + 1, len(names) + 2, len(report.days) + 1
    for row, (day, cells) in enumerate(zip(report.days, made.cells, strict=True), start=1):
        sheet.date(row, 0, day.date)
        for column, minutes in enumerate(cells, start=1):
            if exact[row - 1][column - 1]:
                sheet.minutes(row, column, abs(minutes))
        of_projects = sum_of((row, 1), (row, parallel - 1)) if names else ""
        sheet.minutes(row, total, made.rows[row - 1], _less(of_projects, row, parallel))
    sheet.text(foot, 0, TOTAL, bold=True)
    for column, minutes in enumerate([*made.columns, made.total], start=1):
        sheet.minutes(foot, column, abs(minutes), sum_of((1, column), (foot - 1, column)))


def _less(formula: str, row: int, column: int) -> str:
    """The formula with a cell taken off; none where there is nothing to take it off."""
    return f"{formula}-{cell(row, column)}" if formula else ""


def _projects(sheet: Sheet, report: Report, projects: list[ProjectTime]) -> None:
    sheet.head(_PROJECTS_HEAD, left=1)
    together = report.working_ms - sum(p.working_ms for p in projects)
    exact = [[p.working_ms, p.attention_ms] for p in projects] + [[together, -report.parallel_ms - together]]
    made = rounded_table(exact, MINUTE_MS)
    waits = [p.waiting_ms for p in projects]
    waited_ms = length_ms(union(wait for project in projects for wait in project.waits))
    waited = rounded_parts([*waits, waited_ms - sum(waits)], MINUTE_MS, waited_ms // MINUTE_MS)
    less, foot = len(projects) + 1, len(projects) + 2
    for row, (minutes, (working, attention)) in enumerate(zip(made.rows, made.cells, strict=True), start=1):
        lengths = (minutes, working, attention, waited[row - 1])
        for column, length in enumerate(lengths, start=2):
            sheet.minutes(row, column, abs(length))
    for row, project in enumerate(projects, start=1):
        sheet.text(row, 0, project.name)
        sheet.text(row, 1, project.path)
        sheet.number(row, 6, project.share, "0%")
        sheet.number(row, 7, len(project.blocks))
        sheet.number(row, 8, project.events)
    sheet.text(less, 0, IN_PARALLEL)
    sheet.text(foot, 0, TOTAL, bold=True)
    if not projects:
        return
    for column, length in enumerate((made.total, *made.columns, sum(waited)), start=2):
        sheet.minutes(foot, column, length, _less(sum_of((1, column), (less - 1, column)), less, column))
    counts = (
        (sum(p.share for p in projects), "0%"),
        (sum(len(p.blocks) for p in projects), "0"),
        (sum(p.events for p in projects), "0"),
    )
    for column, (count, shown) in enumerate(counts, start=6):
        sheet.number(foot, column, count, shown, sum_of((1, column), (less - 1, column)))


def _blocks(sheet: Sheet, report: Report, projects: list[ProjectTime]) -> None:
    clock = LocalClock(report.zone)
    zone = report.timezone
    sheet.head([f"start ({zone})", f"end ({zone})", "project", "path", "active", "working", "attention", "open"])
    blocks = [(block, project) for project in projects for block in project.blocks]
    blocks.sort(key=lambda pair: (pair[0].start_ms, pair[1].name))
    for row, (block, project) in enumerate(blocks, start=1):
        sheet.instant(row, 0, clock.local(block.start_ms))
        sheet.instant(row, 1, clock.local(block.end_ms))
        sheet.text(row, 2, project.name)
        sheet.text(row, 3, project.path)
        for column, ms in enumerate((block.active_ms, block.working_ms, block.active_ms - block.working_ms), start=4):
            sheet.exactly(row, column, ms)
        if block.open:
            sheet.text(row, 7, "yes")
