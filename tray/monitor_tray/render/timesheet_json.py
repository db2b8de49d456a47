"""A timesheet as JSON; the shape is documented in docs/timesheet.md. Hours and money are strings: no float is exact."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from monitor_tray.printable import escaped
from monitor_tray.render.local_time import LocalClock
from monitor_tray.render.timesheet_figures import timesheet_figures

if TYPE_CHECKING:
    from monitor_core.timesheet import Sums, Timesheet
    from monitor_tray.render.timesheet_figures import RowFigures, SumFigures

VERSION = 1


def timesheet_json(sheet: Timesheet) -> bytes:
    """The timesheet as UTF-8 JSON, indented by two spaces, with a newline at the end."""
    text = json.dumps(_document(sheet), indent=2, ensure_ascii=False, allow_nan=False)
    return (escaped(text) + "\n").encode()


def _document(sheet: Timesheet) -> dict[str, Any]:
    report, terms = sheet.report, sheet.terms
    clock = LocalClock(report.zone)
    shown = timesheet_figures(sheet)
    return {
        "version": VERSION,
        "range": {
            "from": report.first_day.isoformat(),
            "to": report.last_day.isoformat(),
            "timezone": report.timezone,
        },
        "terms": {
            "round_minutes": terms.step_min,
            "rounding": terms.rounding.value,
            "per": terms.per.value,
            "count": terms.count.value,
            "parallel": terms.parallel,
            "currency": terms.currency,
        },
        "rows": [_row(figures, clock) for client in shown.clients for figures in client.rows],
        "clients": [
            {"client": client.client or None, **_sums(client.sums, figures.sums)}
            for client, figures in zip(sheet.clients, shown.clients, strict=True)
        ],
        "total": _sums(sheet.sums, shown.sums),
    }


def _row(figures: RowFigures, clock: LocalClock) -> dict[str, Any]:
    row = figures.row
    return {
        "from": row.first_day.isoformat(),
        "to": row.last_day.isoformat(),
        "start": None if row.start_ms is None else clock.rfc3339(row.start_ms),
        "end": None if row.end_ms is None else clock.rfc3339(row.end_ms),
        "client": row.client or None,
        "project": row.project,
        "path": row.path,
        "exact_ms": row.exact_ms,
        "minutes": row.minutes,
        "hours": figures.hours,
        "rate": figures.rate or None,
        "amount": figures.amount or None,
        "open": row.open,
    }


def _sums(sums: Sums, figures: SumFigures) -> dict[str, Any]:
    return {
        "minutes": sums.minutes,
        "hours": figures.hours,
        "amount": figures.amount or None,
        "unrated_minutes": sums.unrated_minutes,
    }
