from __future__ import annotations

import math
from itertools import combinations

import pytest
from PIL import Image, ImageChops

from monitor_tray.glance import Glance, State
from monitor_tray.icon.drawing import STEPS, Picture, draw

SIZES = (16, 22, 24, 32, 48)
PANELS = {
    "white": (255, 255, 255),
    "light": (240, 240, 240),
    "pale grey": (170, 170, 170),
    "grey": (128, 128, 128),
    "slate": (90, 107, 123),
    "dark": (34, 34, 34),
    "black": (0, 0, 0),
}
HOUR_MS = 3_600_000
Colour = tuple[int, int, int]


def luminance(colour: Colour) -> float:
    """WCAG's relative luminance, 0.0 to 1.0."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    """WCAG's contrast ratio, 1.0 to 21.0."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def on_panel(picture: Picture, size: int, panel: Colour) -> Image.Image:
    ground = Image.new("RGBA", (size, size), (*panel, 255))
    return Image.alpha_composite(ground, draw(picture, size)).convert("RGB")


def pixel(image: Image.Image, x: float, y: float) -> Colour:
    colour = image.getpixel((int(x), int(y)))
    assert isinstance(colour, tuple)
    return colour[0], colour[1], colour[2]


def best_contrast_across_the_ring(image: Image.Image, degrees: float, panel: Colour) -> float:
    """The best contrast with the panel on a line from the ring's inner edge to its outer one; 0 is twelve o'clock."""
    size, angle = image.width, math.radians(degrees - 90)
    return max(
        contrast(pixel(image, (0.5 + r * math.cos(angle)) * size, (0.5 + r * math.sin(angle)) * size), panel)
        for r in (0.30, 0.33, 0.36, 0.39, 0.42, 0.45, 0.48)
    )


@pytest.mark.parametrize("panel", PANELS.values(), ids=list(PANELS))
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", [State.WORKING, State.WAITING, State.IDLE])
def test_filled_part_of_the_ring_stands_out_from_every_panel(state: State, size: int, panel: Colour) -> None:
    image = on_panel(Picture(state, STEPS // 2), size, panel)

    worst = min(best_contrast_across_the_ring(image, degrees, panel) for degrees in range(10, 171, 10))

    assert worst >= 3


@pytest.mark.parametrize("size", SIZES)
def test_track_alone_does_not_pass_for_filled(size: int) -> None:
    panel = PANELS["grey"]
    image = on_panel(Picture(State.IDLE, STEPS // 2), size, panel)

    assert max(best_contrast_across_the_ring(image, degrees, panel) for degrees in range(190, 351, 10)) < 3


@pytest.mark.parametrize("panel", PANELS.values(), ids=list(PANELS))
@pytest.mark.parametrize("size", SIZES)
def test_icon_of_an_empty_day_is_seen_on_every_panel(size: int, panel: Colour) -> None:
    image = on_panel(Picture(State.IDLE, 0), size, panel)

    seen = sum(contrast(pixel(image, x, y), panel) > 1.3 for x in range(size) for y in range(size))
    assert seen > size


@pytest.mark.parametrize("panel", PANELS.values(), ids=list(PANELS))
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("one", "other"), list(combinations(State, 2)))
def test_states_differ_with_the_colour_taken_away(one: State, other: State, size: int, panel: Colour) -> None:
    grey = [on_panel(Picture(state, STEPS // 2), size, panel).convert("L") for state in (one, other)]

    middle = (size // 4, size // 4, size - size // 4, size - size // 4)
    difference = ImageChops.difference(grey[0].crop(middle), grey[1].crop(middle))

    clearly = difference.point([255 if level > 48 else 0 for level in range(256)])
    assert clearly.histogram()[255] >= size * size / 64


def test_equal_pictures_are_drawn_once() -> None:
    assert draw(Picture(State.IDLE, 7), 16) is draw(Picture(State.IDLE, 7), 16)


def test_progress_of_a_few_minutes_is_the_same_picture() -> None:
    one = Picture.of(Glance(4 * HOUR_MS, 8 * HOUR_MS, State.WORKING))
    other = Picture.of(Glance(4 * HOUR_MS + 120_000, 8 * HOUR_MS, State.WORKING))

    assert one == other


def test_first_minute_is_seen_and_only_the_goal_is_a_whole_ring() -> None:
    day = 8 * HOUR_MS
    nothing, first, almost, reached, more = (
        Picture.of(Glance(ms, day, State.IDLE)) for ms in (0, 60_000, day - 1, day, 2 * day)
    )

    assert nothing.step == 0
    assert draw(first, 16).tobytes() != draw(nothing, 16).tobytes()
    assert almost.step < STEPS
    assert reached.step == more.step == STEPS


def test_no_goal_is_no_progress() -> None:
    assert Picture.of(Glance(HOUR_MS, 0, State.IDLE)).step == 0
