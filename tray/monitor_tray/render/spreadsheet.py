"""What our spreadsheets have in common: a workbook in memory, its formats, and text that stays text.

XlsxWriter comes with the extra ``xlsx`` and is imported when a workbook is made.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor_core.model import DAY_MS
from monitor_tray.printable import printable
from monitor_tray.render.extras import missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MINUTES_PER_DAY = 1440
#: Excel holds no more in one cell.
_LONGEST_TEXT = 32_767


class Workbook:
    """A workbook whose sheets are filled cell by cell; rows and columns count from 0."""

    def __init__(self, title: str, now_ms: int) -> None:
        """Raises `MonitorError` where XlsxWriter is not installed."""
        try:
            import xlsxwriter  # noqa: PLC0415  optional, and takes 80 ms
        except ImportError as error:
            raise missing("xlsx", "xlsx", "XlsxWriter") from error
        self._file = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._file, {"in_memory": True})
        # When it was made is the report's present, so that one report is one file.
        created = (_EPOCH + dt.timedelta(milliseconds=now_ms)).replace(tzinfo=None, microsecond=0)
        self._book.set_properties({"title": title, "created": created})

    def sheet(self, name: str, widths: Sequence[int]) -> Sheet:
        """A new sheet with columns of these widths, in characters."""
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        return Sheet(sheet, self._book, {})

    def content(self) -> bytes:
        """The finished file; nothing can be added after this."""
        self._book.close()
        return self._file.getvalue()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook. ``bold`` cells are those of totals."""

    _sheet: Any
    _book: Any
    _formats: dict[tuple[str, bool], Any]

    def head(self, names: Iterable[str], *, left: int = 0) -> None:
        """The first row; it stays in view, and so do the ``left`` first columns."""
        for column, name in enumerate(names):
            self.text(0, column, name, bold=True)
        self._sheet.freeze_panes(1, left)

    def text(self, row: int, column: int, text: str, *, bold: bool = False) -> None:
        """Text, never a formula, a link or a number, whatever it looks like; without any the cell stays empty."""
        if text:
            self._sheet.write_string(row, column, printable(text)[:_LONGEST_TEXT], self._format("@", bold=bold))

    def date(self, row: int, column: int, day: dt.date) -> None:
        """A day of the calendar."""
        self._sheet.write_datetime(row, column, day, self._format("yyyy-mm-dd"))

    def instant(self, row: int, column: int, local: dt.datetime) -> None:
        """An instant by the clock on the wall: spreadsheets know no zones."""
        self._sheet.write_datetime(row, column, local.replace(tzinfo=None), self._format("yyyy-mm-dd hh:mm:ss"))

    def number(self, row: int, column: int, value: float, shown: str = "0", formula: str = "") -> None:
        """A number in the format ``shown``; with a ``formula`` its cell computes it, and is a total."""
        if formula:
            self._sheet.write_formula(row, column, formula, self._format(shown, bold=True), value)
        else:
            self._sheet.write_number(row, column, value, self._format(shown))

    def minutes(self, row: int, column: int, minutes: int, formula: str = "") -> None:
        """A length as a spreadsheet's, in days, shown as ``3:05``."""
        self.number(row, column, minutes / _MINUTES_PER_DAY, "[h]:mm", formula)

    def exactly(self, row: int, column: int, ms: int) -> None:
        """A length to the millisecond, shown as ``3:05:59``."""
        self.number(row, column, ms / DAY_MS, "[h]:mm:ss")

    def _format(self, shown: str, *, bold: bool = False) -> Any:
        key = shown, bold
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"num_format": shown, "bold": bold})
        return self._formats[key]


def cell(row: int, column: int) -> str:
    """``B3`` for row 2 and column 1."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def sum_of(first: tuple[int, int], last: tuple[int, int]) -> str:
    """The formula that adds up the cells from one to another, both included."""
    return f"=SUM({cell(*first)}:{cell(*last)})"
