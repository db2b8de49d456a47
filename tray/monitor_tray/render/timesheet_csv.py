"""A timesheet as CSV, in the form of `monitor_tray.render.csv`; without sums, which would count everything twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_tray.render.csv import line, quoted
from monitor_tray.render.local_time import LocalClock
from monitor_tray.render.timesheet_figures import day_words, timesheet_figures

if TYPE_CHECKING:
    from monitor_core.timesheet import Timesheet

HEAD = ("date", "start", "end", "client", "project", "path", "hours", "h:mm", "rate", "amount", "currency")


def timesheet_csv(sheet: Timesheet) -> bytes:
    """The timesheet as UTF-8 CSV with a byte order mark and `HEAD` as its first row.

    ``start`` and ``end`` are times by the clock on the wall and empty but for entries. Rate, amount and currency are
    empty for a project without a rate.
    """
    clock = LocalClock(sheet.report.zone)
    rows = [line(map(quoted, HEAD))]
    for client in timesheet_figures(sheet).clients:
        for figures in client.rows:
            row = figures.row
            ends = ["" if ms is None else clock.time(ms) for ms in (row.start_ms, row.end_ms)]
            texts = map(quoted, (row.client, row.project, row.path))
            money = [figures.rate, figures.amount, sheet.terms.currency if figures.rate else ""]
            rows.append(line([day_words(row), *ends, *texts, figures.hours, figures.time, *money]))
    return "".join(rows).encode("utf-8-sig")
