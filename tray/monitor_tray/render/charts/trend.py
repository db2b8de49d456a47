"""The trend of a report: its days, or its weeks or months where there are many, as columns, and their mean as a line.

The line begins where there are enough columns for a mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.model import HOUR_MS
from monitor_tray.duration import format_duration
from monitor_tray.render.markup import tag
from monitor_tray.render.timeline import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

_HEIGHT, _TOP, _FOOT = 140, 16, 18
#: As many as fit below it on a telephone.
_MOST_MARKS = 4
_NICE_H = (1, 2, 4, 8, 12, 20, 40, 80, 160, 320, 640)


@dataclass(frozen=True, slots=True)
class Column:
    """One day, week or month; ``total_ms`` is ``None`` for one that has not begun.

    ``mark`` is what may be written below it, where a week, a month or a year begins; of many marks only some are.
    """

    label: str
    total_ms: int | None
    mark: str = ""


def means_ms(columns: Sequence[Column], count: int) -> list[int | None]:
    """For each column the mean of it and of those before it, ``count`` together; ``None`` while there are fewer.

    Days without time are days; those that have not begun have no mean.
    """
    values = [column.total_ms for column in columns]
    result: list[int | None] = []
    for at, value in enumerate(values):
        own = [ms for ms in values[max(0, at - count + 1) : at + 1] if ms is not None]
        result.append(sum(own) // count if value is not None and len(own) == count else None)
    return result


def trend_chart(columns: Sequence[Column], count: int) -> Markup:
    """The drawing; the line is the mean of ``count`` columns."""
    means = means_ms(columns, count)
    most_ms = max((c.total_ms or 0 for c in columns), default=0)
    step_ms = next((h * HOUR_MS for h in _NICE_H if most_ms <= 4 * h * HOUR_MS), _NICE_H[-1] * HOUR_MS)
    top_ms = max(step_ms, -(-most_ms // step_ms) * step_ms)
    parts = [*_grid(top_ms, step_ms)]
    width = len(columns)
    for at, column in enumerate(columns):
        if column.total_ms:
            tall = max(1, column.total_ms * _HEIGHT // top_ms)
            told = tag("title", f"{column.label}: {format_duration(column.total_ms)}")
            place = {"x": percent(5 * at + 1, 5 * width), "width": percent(3, 5 * width)}
            parts.append(tag("rect", told, class_="column", y=_TOP + _HEIGHT - tall, height=tall, **place))
    parts.append(_line(means, top_ms))
    parts += _marks(columns)
    drawing = tag("svg", *parts, width="100%", height=_TOP + _HEIGHT + _FOOT)
    return tag("div", drawing, class_="trend", aria_hidden="true")


def _grid(top_ms: int, step_ms: int) -> list[Markup]:
    parts = []
    for ms in range(0, top_ms + 1, step_ms):
        y = _TOP + _HEIGHT - ms * _HEIGHT // top_ms
        parts.append(tag("line", class_="hour", x1=0, x2="100%", y1=y, y2=y))
        if ms:
            parts.append(tag("text", f"{ms // HOUR_MS} h", x=-8, y=y + 4, text_anchor="end"))
    return parts


def _marks(columns: Sequence[Column]) -> list[Markup]:
    """What stands below the columns, each from the left edge of its own; nothing below the last ones, to fit."""
    places = [(at, column.mark) for at, column in enumerate(columns) if column.mark and 8 * at < 7 * len(columns)]
    every = -(-len(places) // _MOST_MARKS) or 1
    y = _TOP + _HEIGHT + 14
    return [tag("text", mark, x=percent(5 * at + 1, 5 * len(columns)), y=y) for at, mark in places[::every]]


def _line(means: Sequence[int | None], top_ms: int) -> Markup:
    """The means joined, in a drawing that stretches with the page while the line keeps its width."""
    points = [
        f"{2 * at + 1},{_HEIGHT - ms * _HEIGHT / top_ms:.1f}".removesuffix(".0")
        for at, ms in enumerate(means)
        if ms is not None
    ]
    line = tag("polyline", class_="mean", points=" ".join(points))
    box = f"0 0 {2 * max(1, len(means))} {_HEIGHT}"
    return tag("svg", line, viewBox=box, preserveAspectRatio="none", y=_TOP, width="100%", height=_HEIGHT)
