"""The timeline of a day: its projects' blocks in rows under one axis, with what Claude worked and when it waited.

Geometry is `monitor_tray.render.timeline`'s. The patterns are defined on the page, and so are the lines of the hours,
which `hours_of` makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_tray.duration import format_duration
from monitor_tray.render.charts.merging import COLUMNS, merged
from monitor_tray.render.markup import Attributes, tag
from monitor_tray.render.timeline import percent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markupsafe import Markup

    from monitor_core.model import Block, Interval
    from monitor_tray.render.timeline import Axis, Tick

_HEIGHT, _TOP, _TALL, _WAIT_TOP, _WAIT_TALL = 28, 4, 14, 20, 5
#: Of more blocks than these in one row, those that cannot be told apart are drawn as one.
MOST_BLOCKS = 300
#: The part of a drawing that stretches to the width of its row is measured in these.
_FINE = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """What one project has within an axis. ``number`` is its place in the report."""

    number: int
    name: str
    blocks: Sequence[Block]
    waits: Sequence[Interval]


def drawn_apart_ms(row: Row, axis: Axis) -> int:
    """How far apart blocks are to be drawn as two; 0 where all are."""
    return (axis.end_ms - axis.start_ms) // COLUMNS if len(row.blocks) > MOST_BLOCKS else 0


def timeline(rows: Sequence[Row], axis: Axis, words: Callable[[int, int], str], *, hours: str, coarse: bool) -> Markup:
    """The scale and a row for each of ``rows``; ``hours`` is the id of the lines of the hours.

    ``words`` says of a stretch when it was. What is ``coarse`` is drawn as for a narrow page.
    """
    labels = (tag("text", t.label, x=t.x, y=12, text_anchor="middle") for t in axis.ticks if t.label)
    scale = tag("div", tag("span", ""), tag("svg", *labels, width="100%", height=18), class_="row scale")
    return tag(
        "div",
        scale,
        *(_row(row, axis, words, hours, coarse=coarse) for row in rows),
        class_="timeline",
        aria_hidden="true",
    )


def hours_of(ticks: Sequence[Tick], name: str, now: str = "") -> Markup:
    """The definition of the lines of the hours, and of the present where it is on the axis."""
    lines = [
        tag("line", class_="hour" if tick.label else "minor hour", x1=tick.x, x2=tick.x, y1=0, y2="100%")
        for tick in ticks
    ]
    if now:
        lines.append(tag("line", class_="now", x1=now, x2=now, y1=0, y2="100%"))
    return tag("g", *lines, id=name)


def _row(row: Row, axis: Axis, words: Callable[[int, int], str], hours: str, *, coarse: bool) -> Markup:
    apart_ms = max(drawn_apart_ms(row, axis), (axis.end_ms - axis.start_ms) // 400 if coarse else 0)
    blocks = merged(((b.start_ms, b.end_ms) for b in row.blocks), apart_ms)
    working = merged((i for b in row.blocks for i in b.working), apart_ms)
    parts = [tag("use", href=f"#{hours}"), *(_block(stretch, axis, words) for stretch in blocks)]
    if working:
        path = tag("path", class_="working", d=_path(working, axis))
        parts.append(
            tag(
                "svg",
                path,
                class_="over",
                viewBox=f"0 0 {_FINE} 1",
                preserveAspectRatio="none",
                y=_TOP,
                width="100%",
                height=_TALL,
            )
        )
    for wait in merged(row.waits, max(apart_ms, 1)):
        bar = axis.bar(*wait)
        told = tag("title", f"Claude waited for you {words(*wait)}")
        place: Attributes = {"x": bar.x, "width": bar.width, "y": _WAIT_TOP, "height": _WAIT_TALL}
        parts.append(tag("rect", told, class_="waiting", fill="url(#dots)", **place))
    parts += [_open_end(axis.x(b.end_ms)) for b in row.blocks[-1:] if b.open]
    drawing = tag("svg", *parts, width="100%", height=_HEIGHT)
    return tag("div", tag("bdi", row.name, class_="name"), drawing, class_="row", data_project=row.number)


def _block(stretch: Interval, axis: Axis, words: Callable[[int, int], str]) -> Markup:
    bar = axis.bar(*stretch)
    told = tag("title", f"{words(*stretch)}, {format_duration(stretch.length_ms or 1)}")
    place: Attributes = {"x": bar.x, "width": bar.width, "y": _TOP, "height": _TALL}
    return tag("rect", told, class_="attention outlined", fill="url(#hatch)", **place)


def _path(stretches: Sequence[Interval], axis: Axis) -> str:
    whole_ms = axis.end_ms - axis.start_ms
    parts = []
    for start_ms, end_ms in stretches:
        x = (start_ms - axis.start_ms) * _FINE // whole_ms
        width = max(1, (end_ms - axis.start_ms) * _FINE // whole_ms - x)
        parts.append(f"M{x} 0h{width}v1h-{width}z")
    return "".join(parts)


def _open_end(x: str) -> Markup:
    arrow = tag("path", class_="open", d=f"M3 {_TOP} l6 7 l-6 7")
    return tag("svg", arrow, x=x, overflow="visible")


def window_row(windows: Sequence[tuple[int, int, str]], axis: Axis, hours: str) -> Markup:
    """A row with the stretches of usage windows, as far as they are on the axis, each with what it says."""
    parts = [tag("use", href=f"#{hours}")]
    for start_ms, end_ms, told in windows:
        x, end = axis.x(start_ms), axis.x(end_ms)
        if x != end:
            begun = max(start_ms, axis.start_ms)
            width = percent(min(end_ms, axis.end_ms) - begun, axis.end_ms - axis.start_ms)
            parts.append(tag("rect", tag("title", told), class_="window", x=x, width=width, y=8, height=6))
    drawing = tag("svg", *parts, width="100%", height=22)
    row = tag("div", tag("span", "Usage windows", class_="name"), drawing, class_="row windows-row")
    return tag("div", row, class_="timeline", aria_hidden="true")
