"""The icon's picture: a ring filled to the day's goal, and the state told by shape and by colour.

Pure drawing with Pillow. A panel may be light, dark or anything between and does not tell; so every bright part has a
dark edge, and whichever of the two is nearer to the panel, the other one stands out. The part of the ring that is not
filled is a thin line of the same kind, so that an empty day is seen, too. Within the ring a dot says that Claude works,
an exclamation mark that it waits, two bars that counting is paused, and nothing that all is idle; trouble is a triangle
without a ring.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TypeAlias

from PIL import Image, ImageDraw

from monitor_tray.glance import Glance, State

Colour: TypeAlias = tuple[int, int, int, int]

#: The ring in this many steps: finer than one pixel of the largest icon, coarse enough that it is seldom redrawn.
STEPS = 100
#: The narrowest sliver that can be seen at 16 pixels.
_LEAST_STEP = 3

_COLOURS = {
    State.WORKING: (84, 232, 152, 255),
    State.WAITING: (255, 196, 70, 255),
    State.IDLE: (148, 206, 255, 255),
    State.PAUSED: (203, 180, 255, 255),
    State.TROUBLE: (229, 57, 53, 255),
}
_EDGE = (8, 9, 11, 255)
_TRACK = (200, 204, 210, 255)
_CLEAR = (0, 0, 0, 0)
_WHITE = (255, 255, 255, 255)
_OVERSAMPLING = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the picture depends on, besides its size: two equal ones look the same."""

    state: State
    step: int

    @classmethod
    def of(cls, glance: Glance) -> Picture:
        """Anything at all is at least a sliver, and only a goal that was reached is a whole ring."""
        if glance.state is State.TROUBLE:
            return cls(State.TROUBLE, 0)
        step = int(glance.progress * STEPS)
        return cls(glance.state, max(step, _LEAST_STEP) if glance.progress > 0 else 0)


@functools.lru_cache(maxsize=16)
def draw(picture: Picture, size: int) -> Image.Image:
    """``picture`` as a square RGBA image of ``size`` pixels. The image is shared: do not draw on it."""
    big = size * _OVERSAMPLING
    image = Image.new("RGBA", (big, big))
    pen = ImageDraw.Draw(image)
    if picture.state is State.TROUBLE:
        _triangle(pen, big, _COLOURS[State.TROUBLE])
    else:
        _ring(pen, big, picture)
        if picture.state is State.WORKING:
            _dot(pen, big, _COLOURS[State.WORKING])
        elif picture.state is State.WAITING:
            _exclamation(pen, big, _COLOURS[State.WAITING], top=0.235, bottom=0.765, edge=0.06)
        elif picture.state is State.PAUSED:
            _bars(pen, big, _COLOURS[State.PAUSED])
    return image.reduce(_OVERSAMPLING)


def _ring(pen: ImageDraw.ImageDraw, big: int, picture: Picture) -> None:
    outer, inner = big / 2, big * 0.255
    bright_from, bright_to, track_to = outer - big * 0.078, inner + big * 0.05, outer - big * 0.142
    _slice(pen, big, outer, _EDGE, 1.0)
    _slice(pen, big, bright_from, _TRACK, 1.0)
    _slice(pen, big, track_to, _CLEAR, 1.0)
    filled = picture.step / STEPS
    if filled:
        _slice(pen, big, outer, _EDGE, filled)
        _slice(pen, big, bright_from, _COLOURS[picture.state], filled)
        _slice(pen, big, bright_to, _EDGE, filled)
    _slice(pen, big, inner, _CLEAR, 1.0)


def _slice(pen: ImageDraw.ImageDraw, big: int, radius: float, colour: Colour, part: float) -> None:
    """A slice of cake around the middle, clockwise from twelve o'clock; ``part`` is 0.0 to 1.0."""
    box = _box(big / 2, big / 2, radius, radius)
    pen.pieslice(box, -90, -90 + 360 * part, fill=colour)


def _dot(pen: ImageDraw.ImageDraw, big: int, colour: Colour) -> None:
    _slice(pen, big, big * 0.225, _EDGE, 1.0)
    _slice(pen, big, big * 0.16, colour, 1.0)


def _bars(pen: ImageDraw.ImageDraw, big: int, colour: Colour) -> None:
    for grown, fill in ((big * 0.06, _EDGE), (0.0, colour)):
        for middle in (0.38, 0.62):
            box = _box(big * middle, big * 0.5, big * 0.065 + grown, big * 0.2 + grown)
            pen.rounded_rectangle(box, radius=big * 0.02, fill=fill)


def _triangle(pen: ImageDraw.ImageDraw, big: int, colour: Colour) -> None:
    """With an exclamation mark. The corners are round, each by a circle of its own."""
    for radius, fill in ((0.125, _EDGE), (0.045, colour)):
        r = big * radius
        corners = [(big * 0.5, big * 0.155), (big * 0.875, big * 0.855), (big * 0.125, big * 0.855)]
        pen.polygon(corners, fill=fill)
        for k, corner in enumerate(corners):
            pen.line((corner, corners[k - 1]), fill=fill, width=round(2 * r))
            pen.ellipse(_box(*corner, r, r), fill=fill)
    _exclamation(pen, big, _WHITE, top=0.32, bottom=0.86, edge=0.0)


def _exclamation(pen: ImageDraw.ImageDraw, big: int, colour: Colour, *, top: float, bottom: float, edge: float) -> None:
    """``top`` and ``bottom`` are those of the mark within its edge."""
    middle, half = big / 2, big * 0.07
    height = bottom - top
    stroke = (big * top, big * (top + 0.62 * height))
    point = (big * (bottom - 0.25 * height), big * bottom)
    for grown, fill in ((big * edge, _EDGE), (0.0, colour)):
        for upper, lower in (stroke, point):
            box = (middle - half - grown, upper - grown, middle + half + grown - 1, lower + grown - 1)
            pen.rounded_rectangle(box, radius=half * 0.8, fill=fill)


def _box(x: float, y: float, half_width: float, half_height: float) -> tuple[float, float, float, float]:
    return (x - half_width, y - half_height, x + half_width - 1, y + half_height - 1)
