"""Rounding for display: the column on the screen adds up."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.rounding import rounded_parts

parts = st.lists(st.integers(-10_000_000, 100_000_000), max_size=30)
units = st.integers(1, 3_600_000)


@given(parts, units, st.booleans())
def test_parts_add_up_to_the_total_and_each_is_off_by_less_than_one_unit(exact: list[int], unit: int, up: bool) -> None:
    total = -(-sum(exact) // unit) if up else sum(exact) // unit
    shown = rounded_parts(exact, unit, total)
    assert sum(shown) == total
    assert all(abs(s * unit - e) < unit for s, e in zip(shown, exact, strict=True))


@given(parts, units)
def test_without_a_total_the_sum_is_rounded_down(exact: list[int], unit: int) -> None:
    assert sum(rounded_parts(exact, unit)) == sum(exact) // unit


@given(parts, units)
def test_of_two_parts_the_larger_is_never_shown_as_less(exact: list[int], unit: int) -> None:
    shown = rounded_parts(exact, unit)
    by_size = sorted(zip(exact, shown, strict=True))
    for (smaller, shown_smaller), (larger, shown_larger) in itertools.pairwise(by_size):
        assert smaller == larger or shown_smaller <= shown_larger


@given(st.lists(st.integers(0, 100_000_000), min_size=1, max_size=30).filter(any))
def test_percentages_add_up_to_a_hundred(active: list[int]) -> None:
    assert sum(rounded_parts([100 * a for a in active], sum(active))) == 100


def test_the_largest_remainder_is_rounded_up_and_the_first_of_equals() -> None:
    assert rounded_parts([100, 190, 150, 190], 100) == [1, 2, 1, 2]
    assert rounded_parts([150, 150], 100) == [2, 1]


def test_the_parallel_row_is_a_negative_part() -> None:
    minute = 60_000
    api, web, parallel = 30 * minute + 40_000, 30 * minute + 40_000, -(20 * minute + 30_000)
    assert rounded_parts([api, web, parallel], minute) == [31, 30, -21]


def test_a_part_that_is_exact_never_changes() -> None:
    assert rounded_parts([60, 59, 59], 60, 2) == [1, 1, 0]
    assert rounded_parts([0, 59], 60, 1) == [0, 1]


def test_a_total_that_rounding_cannot_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="total 3"):
        rounded_parts([60, 59], 60, 3)
    with pytest.raises(ValueError, match="total 0"):
        rounded_parts([60, 59], 60, 0)
    with pytest.raises(ValueError, match="unit is 0"):
        rounded_parts([1], 0)


def test_no_parts_make_nothing() -> None:
    assert rounded_parts([], 60) == []
