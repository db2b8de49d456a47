"""A timesheet as a spreadsheet: one row after another, then a total for each client and one of all, as formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_tray.render.local_time import LocalClock, date_range
from monitor_tray.render.spreadsheet import Workbook, sum_of
from monitor_tray.render.timesheet_figures import day_words, terms_words

if TYPE_CHECKING:
    from monitor_core.timesheet import Row, Sums, Timesheet
    from monitor_tray.render.spreadsheet import Sheet

_HEAD = ("date", "start", "end", "client", "project", "hours", "h:mm", "rate")
_WIDTHS = (11, 7, 7, 20, 24, 8, 8, 10, 14)
_CLIENT, _HOURS, _TIME, _RATE, _AMOUNT = 3, 5, 6, 7, 8
_MONEY = "#,##0.00"
_MINUTES_PER_HOUR = 60
NO_CLIENT = "(no client)"


def timesheet_xlsx(sheet: Timesheet) -> bytes:
    """The timesheet as a workbook with one sheet. Raises `MonitorError` where XlsxWriter is not installed."""
    days = date_range(sheet.report.first_day, sheet.report.last_day)
    book = Workbook(f"Timesheet, {days}", sheet.report.now_ms)
    page = book.sheet("Timesheet", _WIDTHS)
    page.head([*_HEAD, f"amount ({sheet.terms.currency})"])
    clock = LocalClock(sheet.report.zone)
    for at, own in enumerate(sheet.rows, start=1):
        _row(page, at, own, clock)
    first = 1
    at = len(sheet.rows) + 2
    for client in sheet.clients:
        _sums(page, at, client.client or NO_CLIENT, client.sums, (first, first + len(client.rows) - 1))
        first += len(client.rows)
        at += 1
    _sums(page, at, "Total", sheet.sums, (1, len(sheet.rows)))
    for line, sentence in enumerate(terms_words(sheet.terms), start=at + 2):
        page.text(line, 0, sentence)
    return book.content()


def _row(page: Sheet, at: int, row: Row, clock: LocalClock) -> None:
    if row.first_day == row.last_day:
        page.date(at, 0, row.first_day)
    else:
        page.text(at, 0, day_words(row))
    if row.start_ms is not None and row.end_ms is not None:
        page.text(at, 1, clock.time(row.start_ms))
        page.text(at, 2, clock.time(row.end_ms))
    page.text(at, _CLIENT, row.client)
    page.text(at, _CLIENT + 1, row.project)
    page.number(at, _HOURS, row.minutes / _MINUTES_PER_HOUR, "0.00")
    page.minutes(at, _TIME, row.minutes)
    if row.rate is not None and row.amount is not None:
        page.number(at, _RATE, row.rate / 100, _MONEY)
        page.number(at, _AMOUNT, row.amount / 100, _MONEY)


def _sums(page: Sheet, at: int, name: str, sums: Sums, rows: tuple[int, int]) -> None:
    first, last = rows
    page.text(at, _CLIENT, name, bold=True)
    if first > last:
        return
    page.number(at, _HOURS, sums.minutes / _MINUTES_PER_HOUR, "0.00", sum_of((first, _HOURS), (last, _HOURS)))
    page.minutes(at, _TIME, sums.minutes, sum_of((first, _TIME), (last, _TIME)))
    if sums.amount is not None:
        page.number(at, _AMOUNT, sums.amount / 100, _MONEY, sum_of((first, _AMOUNT), (last, _AMOUNT)))
