"""The icon's picture: a ring filled to the day's goal, and the state told by shape and by colour.

Pure drawing with Pillow. A panel may be light, dark or anything between and does not tell; so every bright part has a
dark edge, and whichever of the two is nearer to the panel, the other one stands out.
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
    State.TROUBLE: (240, 82, 82, 255),
}
_EDGE = (8, 9, 11, 255)
_TRACK = (128, 132, 140, 128)
_TRACK_EDGE = (8, 9, 11, 128)
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
        _disc(pen, big, _COLOURS[State.TROUBLE])
        _exclamation(pen, big, _WHITE, edge=0.0)
    else:
        _ring(pen, big, picture)
        if picture.state is State.WORKING:
            _dot(pen, big, _COLOURS[State.WORKING])
        elif picture.state is State.WAITING:
            _exclamation(pen, big, _COLOURS[State.WAITING], edge=0.03)
    return image.reduce(_OVERSAMPLING)


def _ring(pen: ImageDraw.ImageDraw, big: int, picture: Picture) -> None:
    outer, inner, edge = big / 2, big * 0.27, big * 0.06
    _slice(pen, big, outer, _TRACK_EDGE, 1.0)
    _slice(pen, big, outer - edge, _TRACK, 1.0)
    _slice(pen, big, inner + edge, _TRACK_EDGE, 1.0)
    filled = picture.step / STEPS
    if filled:
        _slice(pen, big, outer, _EDGE, filled)
        _slice(pen, big, outer - edge, _COLOURS[picture.state], filled)
        _slice(pen, big, inner + edge, _EDGE, filled)
    _slice(pen, big, inner, _CLEAR, 1.0)


def _slice(pen: ImageDraw.ImageDraw, big: int, radius: float, colour: Colour, part: float) -> None:
    """A slice of cake around the middle, clockwise from twelve o'clock; ``part`` is 0.0 to 1.0."""
    box = _box(big / 2, big / 2, radius, radius)
    pen.pieslice(box, -90, -90 + 360 * part, fill=colour)


def _disc(pen: ImageDraw.ImageDraw, big: int, colour: Colour) -> None:
    _slice(pen, big, big / 2, _EDGE, 1.0)
    _slice(pen, big, big * 0.455, colour, 1.0)


def _dot(pen: ImageDraw.ImageDraw, big: int, colour: Colour) -> None:
    _slice(pen, big, big * 0.20, _EDGE, 1.0)
    _slice(pen, big, big * 0.155, colour, 1.0)


def _exclamation(pen: ImageDraw.ImageDraw, big: int, colour: Colour, *, edge: float) -> None:
    middle, half = big / 2, big * 0.075
    stroke = (big * 0.25, big * 0.55)
    point = (big * 0.62, big * 0.75)
    for grown, fill in ((big * edge, _EDGE), (0.0, colour)):
        for top, bottom in (stroke, point):
            box = (middle - half - grown, top - grown, middle + half + grown, bottom + grown)
            pen.rounded_rectangle(box, radius=half * 0.8, fill=fill)


def _box(x: float, y: float, half_width: float, half_height: float) -> tuple[float, float, float, float]:
    return (x - half_width, y - half_height, x + half_width - 1, y + half_height - 1)
