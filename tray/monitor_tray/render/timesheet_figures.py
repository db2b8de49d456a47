"""The figures of a timesheet as people read them: hours as decimals and as h:mm, money with two decimals.

The decimal hours of the rows add up to those of their client, and those of the clients to the total. Integers only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.rounding import Rounding, rounded_parts
from monitor_core.timesheet import Count, Per
from monitor_tray.render.csv import h_mm

if TYPE_CHECKING:
    from monitor_core.timesheet import Row, Sums, Terms, Timesheet

_MINUTES_PER_HOUR = 60
#: Two decimals of an hour hold every multiple of three minutes exactly.
_STEP_OF_TWO_DECIMALS_MIN = 3

_ROUNDED = {Rounding.UP: "up to", Rounding.NEAREST: "to the nearest", Rounding.DOWN: "down to"}
_PER = {Per.ENTRY: "each entry", Per.DAY: "each day of a project", Per.TOTAL: "each project"}
_COUNTED = {
    Count.ACTIVE: "",
    Count.ATTENTION: "Only your attention counts.",
    Count.WORKING: "Only the time in which Claude was working counts.",
}


@dataclass(frozen=True, slots=True)
class RowFigures:
    """One row; ``rate`` and ``amount`` are empty where there is none."""

    hours: str
    time: str
    rate: str
    amount: str
    row: Row


@dataclass(frozen=True, slots=True)
class SumFigures:
    """Sums; ``amount`` is empty where nothing has a rate, ``unrated`` where everything has one."""

    hours: str
    time: str
    amount: str
    unrated: str


@dataclass(frozen=True, slots=True)
class ClientFigures:
    """A client's rows and their sums; ``client`` is as in the timesheet."""

    client: str
    rows: tuple[RowFigures, ...]
    sums: SumFigures


@dataclass(frozen=True, slots=True)
class TimesheetFigures:
    """All of a timesheet, in its order."""

    clients: tuple[ClientFigures, ...]
    sums: SumFigures


def timesheet_figures(sheet: Timesheet) -> TimesheetFigures:
    """The figures of ``sheet``. Hours have two decimals, or four where a step is no multiple of three minutes."""
    places = 2 if sheet.terms.step_min % _STEP_OF_TWO_DECIMALS_MIN == 0 else 4
    scale = 10**places
    whole = (2 * sheet.sums.minutes * scale + _MINUTES_PER_HOUR) // (2 * _MINUTES_PER_HOUR)
    of_clients = rounded_parts([c.sums.minutes * scale for c in sheet.clients], _MINUTES_PER_HOUR, whole)
    clients = []
    for client, hours in zip(sheet.clients, of_clients, strict=True):
        of_rows = rounded_parts([row.minutes * scale for row in client.rows], _MINUTES_PER_HOUR, hours)
        rows = tuple(_row(row, _fixed(own, places)) for row, own in zip(client.rows, of_rows, strict=True))
        clients.append(ClientFigures(client.client, rows, _sums(client.sums, _fixed(hours, places))))
    return TimesheetFigures(tuple(clients), _sums(sheet.sums, _fixed(whole, places)))


def money(hundredths: int | None) -> str:
    """``1234.50``; nothing for nothing."""
    return "" if hundredths is None else _fixed(hundredths, 2)


def day_words(row: Row) -> str:
    """``2026-11-23``, or ``2026-11-01..2026-11-30`` for a row of several days, as ``--date`` takes both."""
    days = dict.fromkeys([row.first_day.isoformat(), row.last_day.isoformat()])
    return "..".join(days)


def terms_words(terms: Terms) -> list[str]:
    """How the time was counted and rounded, in sentences."""
    sentences = [f"Rounded {_ROUNDED[terms.rounding]} {terms.step_min} min, {_PER[terms.per]} by itself."]
    if _COUNTED[terms.count]:
        sentences.append(_COUNTED[terms.count])
    sentences.append(
        "Time of several projects at once counts for each of them."
        if terms.parallel
        else "Time of several projects at once counts for the one whose entry began first."
    )
    return sentences


def _row(row: Row, hours: str) -> RowFigures:
    return RowFigures(hours, h_mm(row.minutes), money(row.rate), money(row.amount), row)


def _sums(sums: Sums, hours: str) -> SumFigures:
    unrated = h_mm(sums.unrated_minutes) if sums.unrated_minutes else ""
    return SumFigures(hours, h_mm(sums.minutes), money(sums.amount), unrated)


def _fixed(units: int, places: int) -> str:
    whole, rest = divmod(units, 10**places)
    return f"{whole}.{rest:0{places}}"
