"""What a report comes to on a timesheet: entries by day, project and client, rounded, with what they cost.

Integers only: minutes and hundredths of the currency. Each row is rounded on its own, and every sum is one of rounded
rows, so a timesheet adds up however it is rounded. The rules, with worked examples, are in docs/timesheet.md. Nothing
here reads the settings or knows how a figure is written.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003  dataclass fields should resolve for whoever inspects them
import enum
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor_core.entries import entries_of
from monitor_core.intervals import add, length_ms, subtract
from monitor_core.model import MINUTE_MS
from monitor_core.projects import text_key
from monitor_core.rounding import Rounding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitor_core.entries import Entry
    from monitor_core.model import Interval
    from monitor_core.report import Report

_MINUTES_PER_HOUR = 60


class Per(enum.StrEnum):
    """What one row is of, and hence what is rounded: an entry, a day of a project, or all of a project."""

    ENTRY = "entry"
    DAY = "day"
    TOTAL = "total"


class Count(enum.StrEnum):
    """Which of a project's time a timesheet counts."""

    ACTIVE = "active"
    ATTENTION = "attention"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class Terms:
    """How time is billed. ``clients`` and ``rates``, the latter in hundredths of ``currency`` an hour, are by path.

    Without ``parallel`` a moment that several projects had counts once: for the one whose entry began first, of equals
    for the one whose name comes first.
    """

    step_min: int = 15
    rounding: Rounding = Rounding.NEAREST
    per: Per = Per.DAY
    count: Count = Count.ACTIVE
    parallel: bool = True
    currency: str = "EUR"
    clients: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``exact_ms`` is what counts, ``minutes`` what that is rounded to.

    ``start_ms`` and ``end_ms`` are those of an entry, else ``None``. ``client`` is empty for a project that has none,
    and ``rate`` and ``amount``, in hundredths of the currency, are ``None`` for one without a rate. ``open`` says that
    the time may still change.
    """

    first_day: dt.date
    last_day: dt.date
    start_ms: int | None
    end_ms: int | None
    client: str
    project: str
    path: str
    exact_ms: int
    minutes: int
    rate: int | None
    amount: int | None
    open: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """Of rows. ``amount`` is of those with a rate, ``None`` where none has one; ``unrated_minutes`` are the others'."""

    minutes: int
    amount: int | None
    unrated_minutes: int

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Sums:
        """The sums of ``rows``."""
        rows = tuple(rows)
        amounts = [row.amount for row in rows if row.amount is not None]
        return cls(
            minutes=sum(row.minutes for row in rows),
            amount=sum(amounts) if amounts else None,
            unrated_minutes=sum(row.minutes for row in rows if row.amount is None),
        )


@dataclass(frozen=True, slots=True)
class ClientTime:
    """A client's rows, by day, then by the start of entries, then by project. ``client`` is empty for no client."""

    client: str
    rows: tuple[Row, ...]
    sums: Sums


@dataclass(frozen=True, slots=True)
class Timesheet:
    """A report on ``terms``: clients by name, those without one last. Projects without time that counts have no row."""

    report: Report
    terms: Terms
    clients: tuple[ClientTime, ...]
    sums: Sums

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, client by client."""
        return tuple(row for client in self.clients for row in client.rows)


def timesheet(report: Report, terms: Terms) -> Timesheet:
    """The timesheet of ``report``."""
    clients = {text_key(path): client for path, client in terms.clients.items()}
    rates = {text_key(path): rate for path, rate in terms.rates.items()}
    by_client: dict[str, list[Row]] = defaultdict(list)
    for own in _in_rows(_counted(entries_of(report), terms), terms.per):
        key = text_key(own[0].entry.project.path)
        row = _row(own, report, terms, clients.get(key, ""), rates.get(key))
        by_client[row.client].append(row)
    found = []
    for client in sorted(by_client, key=lambda name: (not name, name.casefold(), name)):
        rows = tuple(sorted(by_client[client], key=_order))
        found.append(ClientTime(client, rows, Sums.of(rows)))
    return Timesheet(report, terms, tuple(found), Sums.of(row for client in found for row in client.rows))


def rounded_minutes(exact_ms: int, step_min: int, rounding: Rounding) -> int:
    """``exact_ms`` in whole steps, as minutes.

    ::

        step 15        0:07:29   0:07:30   0:15:00   0:15:01
        up                  15        15        15        30
        nearest              0        15        15        15
        down                 0         0        15        15
    """
    step_ms = step_min * MINUTE_MS
    below, rest = divmod(exact_ms, step_ms)
    goes_up = {Rounding.UP: rest > 0, Rounding.NEAREST: 2 * rest >= step_ms, Rounding.DOWN: False}[rounding]
    return (below + goes_up) * step_min


def amount_of(minutes: int, rate: int) -> int:
    """What ``minutes`` cost at ``rate`` an hour, to the nearest hundredth of the currency, a half up."""
    return (2 * minutes * rate + _MINUTES_PER_HOUR) // (2 * _MINUTES_PER_HOUR)


@dataclass(frozen=True, slots=True)
class _Counted:
    """An entry, and what of it counts."""

    entry: Entry
    counted: tuple[Interval, ...]


def _counted(entries: Iterable[Entry], terms: Terms) -> Iterator[_Counted]:
    """The entries with what the ``terms`` count of each; those of which nothing counts are left out."""
    taken: list[Interval] = []
    for entry in entries:
        counted = (entry.part,) if terms.parallel else _untaken(entry.part, taken)
        if terms.count is not Count.ACTIVE:
            attention = subtract(counted, entry.block.working)
            counted = attention if terms.count is Count.ATTENTION else subtract(counted, attention)
        if counted:
            yield _Counted(entry, counted)


def _untaken(part: Interval, taken: list[Interval]) -> tuple[Interval, ...]:
    """What of ``part`` no entry before it had; parts come by start. Adds it to the set ``taken``."""
    # Whatever ends before this part begins is of no use any more.
    while taken and taken[0].end_ms < part.start_ms:
        del taken[0]
    free = subtract([part], taken)
    add(taken, *part)
    return free


def _in_rows(counted: Iterable[_Counted], per: Per) -> Iterable[Sequence[_Counted]]:
    rows: dict[object, list[_Counted]] = defaultdict(list)
    for one in counted:
        entry = one.entry
        project = entry.project.path, entry.project.name
        of_one = {Per.ENTRY: (entry.day, entry.part.start_ms), Per.DAY: (entry.day,), Per.TOTAL: ()}[per]
        rows[project, of_one].append(one)
    return rows.values()


def _row(of_row: Sequence[_Counted], report: Report, terms: Terms, client: str, rate: int | None) -> Row:
    first = of_row[0].entry
    of_all, of_entry = terms.per is Per.TOTAL, terms.per is Per.ENTRY
    exact_ms = sum(length_ms(one.counted) for one in of_row)
    minutes = rounded_minutes(exact_ms, terms.step_min, terms.rounding)
    return Row(
        first_day=report.first_day if of_all else first.day,
        last_day=report.last_day if of_all else first.day,
        start_ms=first.part.start_ms if of_entry else None,
        end_ms=first.part.end_ms if of_entry else None,
        client=client,
        project=first.project.name,
        path=first.project.path,
        exact_ms=exact_ms,
        minutes=minutes,
        rate=rate,
        amount=None if rate is None else amount_of(minutes, rate),
        open=any(one.entry.is_open for one in of_row),
    )


def _order(row: Row) -> tuple[dt.date, int, str]:
    return row.first_day, row.start_ms or 0, row.project
