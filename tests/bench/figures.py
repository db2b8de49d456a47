"""What every benchmark tells: a figure with its control, both measured in the same run, and what it has to reach."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Control(NamedTuple):
    """What was measured beside the product, in turns with it or at the same time."""

    name: str
    value: float


class Figure(NamedTuple):
    """One number of the product's, and the bounds that it is held to: its own, and those beside the control.

    ``off_at_most`` is how far it may be from the control, up or down.
    """

    what: str
    value: float
    unit: str
    control: Control
    at_most: float | None = None
    at_least: float | None = None
    ratio_at_most: float | None = None
    off_at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the control it is; None where that is zero."""
        return self.value / self.control.value if self.control.value else None

    @property
    def target(self) -> str:
        """What it has to reach, in words; empty where it has to reach nothing."""
        bounds = (
            ("≤", self.at_most, self.unit),
            ("≥", self.at_least, self.unit),
            ("≤", self.ratio_at_most, "×"),
            ("±", self.off_at_most, self.unit),
        )
        return ", ".join(
            f"{sign} {_number(bound)} {unit}".rstrip() for sign, bound, unit in bounds if bound is not None
        )

    @property
    def holds(self) -> bool:
        """Whether it reaches that."""
        ratio = self.ratio
        return (
            (self.at_most is None or self.value <= self.at_most)
            and (self.at_least is None or self.value >= self.at_least)
            and (self.ratio_at_most is None or (ratio is not None and ratio <= self.ratio_at_most))
            and (self.off_at_most is None or abs(self.value - self.control.value) <= self.off_at_most)
        )


class Times(NamedTuple):
    """What is said of many runs, in their unit."""

    median: float
    p99: float


def times(values: Sequence[float]) -> Times:
    """The median, and the value that 99 % do not exceed."""
    return Times(statistics.median(values), sorted(values)[min(len(values) - 1, len(values) * 99 // 100)])


def compared(
    what: str,
    product: Sequence[float],
    control: str,
    beside: Sequence[float],
    median_x: float | None = None,
    p99_x: float | None = None,
    p99: float | None = None,
) -> list[Figure]:
    """Median and 99th percentile in ms against the control's; the ratios that they may reach, and ``p99`` in ms."""
    own, other = times(product), times(beside)
    return [
        Figure(f"{what}, median", own.median, "ms", Control(control, other.median), ratio_at_most=median_x),
        Figure(f"{what}, p99", own.p99, "ms", Control(control, other.p99), at_most=p99, ratio_at_most=p99_x),
    ]


def table(figures: Iterable[Figure]) -> str:
    """A table in Markdown, which reads in a terminal too."""
    head = ("figure", "value", "control", "ratio", "target", "holds")
    rows = [
        (
            figure.what,
            f"{_number(figure.value)} {figure.unit}".rstrip(),
            f"{_number(figure.control.value)} {figure.unit}".rstrip() + f", {figure.control.name}",
            f"{figure.ratio:.2f} ×" if figure.ratio is not None else "",
            figure.target,
            ("yes" if figure.holds else "**no**") if figure.target else "",
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (head, *rows)
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def missed(figures: Iterable[Figure]) -> list[str]:
    """What does not reach its target."""
    return [figure.what for figure in figures if not figure.holds]


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3g}"
