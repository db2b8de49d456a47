"""What a benchmark says of a figure: its ratio, whether it reaches what it has to, and what it misses."""

from __future__ import annotations

import pytest

from tests.bench.figures import Control, Figure, compared, missed, table, times


def figure(value: float, control: float = 10.0, **bounds: float) -> Figure:
    return Figure("it", value, "ms", Control("another", control), **bounds)


@pytest.mark.parametrize(
    ("found", "holds"),
    [
        (figure(5.0), True),
        (figure(5.0, at_most=5.0), True),
        (figure(5.1, at_most=5.0), False),
        (figure(5.0, at_least=5.0), True),
        (figure(4.9, at_least=5.0), False),
        (figure(15.0, ratio_at_most=1.5), True),
        (figure(15.1, ratio_at_most=1.5), False),
        (figure(0.0, control=0.0, ratio_at_most=1.5), False),
        (figure(12.0, off_at_most=2.0), True),
        (figure(12.1, off_at_most=2.0), False),
        (figure(7.9, off_at_most=2.0), False),
        (figure(4.0, at_most=5.0, ratio_at_most=0.3), False),
    ],
)
def test_a_figure_holds_when_it_keeps_all_of_its_bounds(found: Figure, holds: bool) -> None:
    assert found.holds is holds
    assert missed([found]) == ([] if holds else ["it"])


def test_the_99th_percentile_is_not_exceeded_by_99_of_100() -> None:
    assert times([float(n) for n in range(100, 0, -1)]) == (50.5, 100.0)
    assert times([float(n) for n in range(1, 1_001)]).p99 == 991.0
    assert times([3.0]) == (3.0, 3.0)


def test_many_runs_are_told_by_median_and_99th_percentile_beside_the_controls() -> None:
    median, p99 = compared("it", [2.0, 4.0, 9.0], "another", [1.0, 2.0, 3.0], median_x=1.5, p99=8.0)
    assert (median.value, median.ratio, median.holds) == (4.0, 2.0, False)
    assert (p99.value, p99.ratio, p99.holds) == (9.0, 3.0, False)


def test_the_table_names_value_control_ratio_target_and_whether_it_holds() -> None:
    rows = table([figure(15.0, at_most=20.0, ratio_at_most=1.2), figure(0.0, control=0.0)]).splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert cells[2] == ["it", "15 ms", "10 ms, another", "1.50 ×", "≤ 20 ms, ≤ 1.2 ×", "**no**"]
    assert cells[3] == ["it", "0 ms", "0 ms, another", "", "", ""]
    assert len({len(row) for row in rows}) == 1
