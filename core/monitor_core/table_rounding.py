"""Rounding a table for display, so that rows, columns and the whole add up at the same time.

Largest remainder decides each row; where the columns then do not add up, single units change places within rows until
they do. That this can always be done is the theorem on controlled rounding (L. H. Cox, A Constructive Procedure for
Unbiased Controlled Rounding, 1987). Integers only, as in `monitor_core.rounding`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.rounding import rounded_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class RoundedTable:
    """A table in whole units: ``cells`` by row and column, the sums of the rows and of the columns, and of all."""

    cells: tuple[tuple[int, ...], ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    total: int


def rounded_table(table: Sequence[Sequence[int]], unit: int) -> RoundedTable:
    """``table``, rows of one length, in whole ``unit``; cells may be negative.

    Each cell, each row's sum and each column's sum is the exact one rounded down or up, hence off by less than one
    unit; the sum of all is rounded down. The sums are those of `rounded_parts` wherever cells can be found for them.
    """
    count = len(table[0]) if table else 0
    row_sums = [sum(row) for row in table]
    column_sums = [sum(row[at] for row in table) for at in range(count)]
    total = sum(row_sums) // unit
    rows = rounded_parts(row_sums, unit)
    columns = rounded_parts(column_sums, unit)
    # With its sums, negative, the table's every row and column is to make nothing. The corner stays as it is.
    exact = [*([*row, -sum_] for row, sum_ in zip(table, row_sums, strict=True)), [-c for c in column_sums] + [0]]
    made = [[*rounded_parts(row, unit, sum_), -sum_] for row, sum_ in zip(table, rows, strict=True)]
    made.append([-c for c in columns] + [0])
    _even_out(_Table(exact, made, unit), [0] * count + [-total])
    return RoundedTable(
        cells=tuple(tuple(row[:-1]) for row in made[:-1]),
        rows=tuple(-row[-1] for row in made[:-1]),
        columns=tuple(-sum_ for sum_ in made[-1][:-1]),
        total=total,
    )


@dataclass(frozen=True, slots=True)
class _Table:
    exact: list[list[int]]
    made: list[list[int]]
    unit: int

    def can_move(self, row: int, source: int, target: int) -> bool:
        """Whether one unit may go from a cell that was rounded up to one that was rounded down."""
        up = self.made[row][source] * self.unit > self.exact[row][source]
        return up and self.made[row][target] * self.unit < self.exact[row][target]

    def cost(self, row: int, source: int, target: int) -> int:
        return self.exact[row][source] % self.unit - self.exact[row][target] % self.unit


def _even_out(table: _Table, wanted: list[int]) -> None:
    """Moves units within rows until the columns make what is ``wanted``."""
    while True:
        over = [sum(row[at] for row in table.made) - wanted[at] for at in range(len(wanted))]
        if not any(over):
            return
        # The sums of the rows (the last column) are changed only where the cells alone do not get there.
        inner = range(len(wanted) - 1)
        path = _path(table, inner, over) or _path(table, range(len(wanted)), over)
        if not path:
            raise ArithmeticError(f"{table.exact} has no rounding to {table.unit}, which no table can be without")
        for row, source, target in path:
            table.made[row][source] -= 1
            table.made[row][target] += 1


def _path(table: _Table, columns: Iterable[int], over: list[int]) -> list[tuple[int, int, int]]:
    """The fewest moves ``(row, source, target)`` from a column with too much to one with too little; none if none."""
    came: dict[int, tuple[int, int, int] | None] = {at: None for at in columns if over[at] > 0}
    reached = list(came)
    for source in reached:
        for target in columns:
            if target in came:
                continue
            rows = [row for row in range(len(table.made)) if table.can_move(row, source, target)]
            if not rows:
                continue
            came[target] = min(rows, key=lambda row: table.cost(row, source, target)), source, target
            reached.append(target)
            if over[target] < 0:
                return _backwards(came, target)
    return []


def _backwards(came: dict[int, tuple[int, int, int] | None], target: int) -> list[tuple[int, int, int]]:
    moves = []
    while (move := came[target]) is not None:
        moves.append(move)
        target = move[1]
    return moves
