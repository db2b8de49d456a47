"""What can be seen of an icon on a panel, measured on its pixels by WCAG's luminance, which knows no colour.

A pixel *stands out* from a panel where the contrast of the two is at least 3:1, as WCAG asks of graphics (1.4.11).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from PIL import Image

ENOUGH = 3.0
Colour = tuple[int, int, int]
Point = tuple[int, int]


def luminance(colour: Colour) -> float:
    """WCAG's relative luminance, 0.0 to 1.0."""
    red, green, blue = map(_linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    """WCAG's contrast ratio of two luminances, 1.0 to 21.0."""
    high, low = max(one, other), min(one, other)
    return (high + 0.05) / (low + 0.05)


@dataclass(frozen=True)
class Sight:
    """The luminance of each pixel of a square icon as it lies on a panel, and that of the panel."""

    size: int
    panel: float
    pixels: tuple[float, ...]

    @classmethod
    def of(cls, icon: Image.Image, panel: Colour) -> Sight:
        ground = Image.new("RGBA", icon.size, (*panel, 255))
        seen = Image.alpha_composite(ground, icon).convert("RGB").tobytes()
        pixels = tuple(luminance((seen[k], seen[k + 1], seen[k + 2])) for k in range(0, len(seen), 3))
        return cls(icon.width, luminance(panel), pixels)

    @functools.cached_property
    def standing_out(self) -> frozenset[Point]:
        """The pixels ``(x, y)`` that stand out from the panel."""
        return frozenset(
            (k % self.size, k // self.size)
            for k, seen in enumerate(self.pixels)
            if contrast(seen, self.panel) >= ENOUGH
        )

    def outline(self, beyond: float) -> float:
        """On which part of 72 rays from the middle a pixel stands out: 1.0 is a closed outline.

        Looked at is what lies ``beyond`` that part of the size from the middle, such as the hole of the ring.
        """
        rays = [math.radians(degrees) for degrees in range(0, 360, 5)]
        met = [
            any(self._at(beyond + step / 100, angle) in self.standing_out for step in range(round(65 - 100 * beyond)))
            for angle in rays
        ]
        return sum(met) / len(met)

    def mark(self) -> frozenset[Point]:
        """What stands out within the ring's hole: in an ellipse around the middle, 0.48 of the size by 0.69."""
        middle = (self.size - 1) / 2
        return frozenset(
            (x, y) for x, y in self.standing_out if math.hypot(x - middle, (y - middle) * 0.7) <= 0.24 * self.size
        )

    def _at(self, radius: float, angle: float) -> Point:
        middle = self.size / 2
        x, y = (middle + radius * self.size * part for part in (math.cos(angle), math.sin(angle)))
        return math.floor(x), math.floor(y)


def difference(one: Sight, other: Sight) -> float:
    """In how much of what can be seen of either the two differ: 0.0 to 1.0.

    Pixels differ where their contrast with each other is at least 3:1. What can be seen is what stands out from the
    panel in one of them or in both.
    """
    clearly = sum(contrast(a, b) >= ENOUGH for a, b in zip(one.pixels, other.pixels, strict=True))
    return clearly / max(1, len(one.standing_out | other.standing_out))


@functools.cache
def _linear(part: int) -> float:
    value = part / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
