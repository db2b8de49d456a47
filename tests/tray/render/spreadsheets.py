"""Reads a workbook as another program does, and computes its formulas anew."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.utils.cell import coordinate_to_tuple

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_FORMULA = re.compile(r"=SUM\(([A-Z]+[0-9]+):([A-Z]+[0-9]+)\)(?:-([A-Z]+[0-9]+))?")


@dataclass(frozen=True)
class Page:
    """One sheet: ``values`` as they were stored, ``formulas`` by cell."""

    name: str
    sheet: Worksheet
    values: list[tuple[Any, ...]]
    formulas: dict[str, str]

    def value(self, place: str) -> Any:
        """What the cell ``B3`` holds."""
        row, column = coordinate_to_tuple(place)
        return self.sheet.cell(row, column).value

    def check_formulas(self) -> None:
        """Each formula comes to the value that was stored with it."""
        assert self.formulas
        for place, formula in self.formulas.items():
            found = _FORMULA.fullmatch(formula)
            assert found, formula
            first, last, less = found.groups()
            computed = sum(_number(cell.value) for row in self.sheet[f"{first}:{last}"] for cell in row)
            if less:
                computed -= _number(self.value(less))
            assert _number(self.value(place)) == pytest.approx(computed, abs=1e-9), (place, formula)


def pages(content: bytes) -> dict[str, Page]:
    stored = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    written = openpyxl.load_workbook(io.BytesIO(content))
    found = {}
    for name in written.sheetnames:
        formulas = {
            cell.coordinate: str(cell.value)
            for row in written[name].iter_rows()
            for cell in row
            if cell.data_type == "f"
        }
        sheet = stored[name]
        found[name] = Page(name, sheet, list(sheet.iter_rows(values_only=True)), formulas)
    return found


def _number(value: Any) -> float:
    if value is None:
        return 0
    if isinstance(value, dt.timedelta):
        return value / dt.timedelta(1)
    assert isinstance(value, int | float), value
    return float(value)
