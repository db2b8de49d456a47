"""A timesheet as text for a terminal: client by client, with a total for each and one of all."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.cells import cell_len

from monitor_tray.printable import printable
from monitor_tray.render.ascii import in_ascii
from monitor_tray.render.local_time import LocalClock, date_range, short_date
from monitor_tray.render.styled import ASIDE, TOTAL, Styled, printed
from monitor_tray.render.text import MAX_WIDTH, MIN_WIDTH
from monitor_tray.render.text_lines import GAP, fitted
from monitor_tray.render.timesheet_figures import terms_words, timesheet_figures

if TYPE_CHECKING:
    from monitor_core.timesheet import Row, Timesheet
    from monitor_tray.render.text import Look
    from monitor_tray.render.timesheet_figures import SumFigures, TimesheetFigures

NO_CLIENT = "(no client)"

_INDENT = "  "
_LEAST_NAME, _MOST_NAME = 8, 40
_HEAD = ("h:mm", "hours", "rate", "amount")
#: What is left out first where there is no room.
_SPARE = ("rate", "hours")


def timesheet_text(sheet: Timesheet, look: Look, hint: str) -> str:
    """The timesheet in lines of at most ``look.width`` columns (40 to 88); ``hint`` stands in place of no rows.

    Rows of entries, and those with long amounts, take up to 60 where less is asked for: nobody can bill half an amount.
    """
    width = min(max(look.width, MIN_WIDTH), MAX_WIDTH)
    shown = timesheet_figures(sheet)
    lines = [
        Styled.of(("Timesheet", TOTAL)),
        Styled.of(date_range(sheet.report.first_day, sheet.report.last_day)),
        Styled(),
    ]
    if shown.clients:
        lines += _table(sheet, shown, width, unicode=look.unicode)
        lines += [Styled(), *(Styled.of((line, ASIDE)) for note in _notes(sheet, shown) for line in _wrap(note, width))]
    else:
        lines += map(Styled.of, _wrap(hint, width))
    text = printed(lines, colour=look.colour)
    return text if look.unicode else in_ascii(text)


def _wrap(sentence: str, width: int) -> list[str]:
    return textwrap.wrap(sentence, width)


def _notes(sheet: Timesheet, shown: TimesheetFigures) -> list[str]:
    notes = [" ".join(terms_words(sheet.terms))]
    if shown.sums.amount and shown.sums.unrated:
        notes.append(f"{shown.sums.unrated} of it has no rate and is in no amount.")
    if any(row.open for row in sheet.rows):
        notes.append("Some of it is still running and may change.")
    return notes


def _table(sheet: Timesheet, shown: TimesheetFigures, width: int, *, unicode: bool) -> list[Styled]:
    clock = LocalClock(sheet.report.zone)

    def written(name: str) -> str:
        return printable(name) if unicode else in_ascii(printable(name))

    names = {row.project: written(row.project) for row in sheet.rows}
    cells = [_cells(r.time, r.hours, r.rate, r.amount) for client in shown.clients for r in client.rows]
    cells += [_of_sums(sums) for sums in (shown.sums, *(client.sums for client in shown.clients))]
    widths = {head: max(len(head), *(len(row[head]) for row in cells)) for head in _HEAD}
    if not shown.sums.amount:
        del widths["rate"], widths["amount"]
    when_width = max((len(_when(row, clock)) for row in sheet.rows), default=0)
    left = len(_INDENT) + when_width + (GAP if when_width else 0)
    for head in _SPARE:
        if _room(width, left, widths) < _LEAST_NAME:
            widths.pop(head, None)
    named = [*names.values(), *(written(client.client or NO_CLIENT) for client in shown.clients)]
    room = max(_room(width, left, widths), _LEAST_NAME)
    name_width = min(room, _MOST_NAME, max(_LEAST_NAME, *map(cell_len, named)))

    def figures(row: dict[str, str]) -> str:
        return "".join(" " * GAP + row[head].rjust(size) for head, size in widths.items())

    lines = [Styled.of((" " * (left + name_width) + figures({head: head for head in _HEAD}), ASIDE))]
    whole = left + name_width
    several = len(shown.clients) > 1
    for client in shown.clients:
        sums = figures(_of_sums(client.sums))
        lines.append(Styled.of((fitted(written(client.client or NO_CLIENT), whole) + (sums if several else ""), TOTAL)))
        for row in client.rows:
            when = _when(row.row, clock).ljust(when_width) + (" " * GAP if when_width else "")
            own = figures(_cells(row.time, row.hours, row.rate, row.amount))
            lines.append(Styled.of(f"{_INDENT}{when}{fitted(names[row.row.project], name_width)}{own}"))
    total = f"Total, {sheet.terms.currency}" if shown.sums.amount else "Total"
    lines.append(Styled.of((fitted(total, whole) + figures(_of_sums(shown.sums)), TOTAL)))
    return lines


def _room(width: int, left: int, widths: dict[str, int]) -> int:
    return width - left - sum(widths.values()) - GAP * len(widths)


def _cells(time: str, hours: str, rate: str, amount: str) -> dict[str, str]:
    return dict(zip(_HEAD, (time, hours, rate, amount), strict=True))


def _of_sums(sums: SumFigures) -> dict[str, str]:
    return _cells(sums.time, sums.hours, "", sums.amount)


def _when(row: Row, clock: LocalClock) -> str:
    """The day, with the times of an entry; nothing for a row of all days."""
    if row.start_ms is None or row.end_ms is None:
        return short_date(row.first_day) if row.first_day == row.last_day else ""
    return f"{short_date(row.first_day)}  {clock.time(row.start_ms)}–{clock.time(row.end_ms)}"
