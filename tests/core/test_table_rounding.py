"""Rounded tables add up in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from monitor_core.rounding import rounded_parts
from monitor_core.table_rounding import rounded_table

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUTE = 60_000


@st.composite
def tables(draw: st.DrawFn) -> list[list[int]]:
    width = draw(st.integers(1, 8))
    # Halves and wholes often, because there the columns and the rows want different things.
    cell = st.one_of(st.integers(-3, 20).map(lambda n: n * MINUTE // 2), st.integers(-MINUTE, 10 * MINUTE))
    return draw(st.lists(st.lists(cell, min_size=width, max_size=width), max_size=8))


def is_off_by_less_than_one(shown: int, exact: int) -> bool:
    return abs(shown * MINUTE - exact) < MINUTE


@given(tables())
def test_cells_rows_columns_and_the_whole_add_up_and_none_is_off_by_a_unit(table: Sequence[Sequence[int]]) -> None:
    made = rounded_table(table, MINUTE)
    columns = list(zip(*table, strict=True))
    assert [sum(row) for row in made.cells] == list(made.rows)
    assert [sum(column) for column in zip(*made.cells, strict=True)] == list(made.columns)
    assert sum(made.rows) == sum(made.columns) == made.total == sum(map(sum, table)) // MINUTE
    for shown, exact in [
        *(
            (cell, part)
            for row, parts in zip(made.cells, table, strict=True)
            for cell, part in zip(row, parts, strict=True)
        ),
        *zip(made.rows, map(sum, table), strict=True),
        *zip(made.columns, map(sum, columns), strict=True),
    ]:
        assert is_off_by_less_than_one(shown, exact)


@given(st.lists(st.integers(0, 10 * MINUTE), min_size=1, max_size=8))
def test_a_table_of_one_row_is_rounded_as_parts_are(parts: list[int]) -> None:
    assert list(rounded_table([parts], MINUTE).cells[0]) == rounded_parts(parts, MINUTE)


def test_units_change_places_where_rounding_each_row_alone_would_not_do() -> None:
    # Each row alone would round its first half up, and the first column would have three minutes for one and a half.
    half = MINUTE // 2
    made = rounded_table([[half, half], [half, half], [half, half]], MINUTE)
    assert made.rows == (1, 1, 1)
    assert sorted(made.columns) == [1, 2]


def test_a_table_without_rows_is_nothing() -> None:
    made = rounded_table([], MINUTE)
    assert (made.cells, made.rows, made.columns, made.total) == ((), (), (), 0)
