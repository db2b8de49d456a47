"""The icon on every panel and in every size that panels ask for, seen without its colour (see `seeing`)."""

from __future__ import annotations

import functools
from itertools import combinations

import pytest
from PIL import Image

from monitor_tray.glance import Glance, State
from monitor_tray.icon.drawing import STEPS, Picture, draw
from tests.tray.icon.seeing import Colour, Sight, difference, luminance

SIZES = (16, 22, 24, 32, 44, 48, 64)
PANELS = {
    "white": (255, 255, 255),
    "light": (240, 240, 240),
    "pale grey": (170, 170, 170),
    "grey": (128, 128, 128),
    "slate": (90, 107, 123),
    "dark": (43, 43, 43),
    "darker": (34, 34, 34),
    "black": (0, 0, 0),
}
PARTS = (0, STEPS // 2, STEPS)
HOUR_MS = 3_600_000
everywhere = pytest.mark.parametrize("panel", PANELS.values(), ids=list(PANELS))
in_every_size = pytest.mark.parametrize("size", SIZES)
in_every_state = pytest.mark.parametrize("state", State)

#: The part of an outline that must stand out. At 16 pixels, what lies askew in the grid is blurred.
OUTLINE = 0.75
#: How much of what can be seen must differ between two states.
DIFFERENT = 0.1
#: And between half a ring and none, or a whole one: at 16 pixels half a ring is one pixel wide.
HALF_A_RING = 0.025
#: A mark within the ring has at least this part of the icon's pixels; in 16 pixels these are 8 of 256.
MARK = 0.03


@functools.cache
def sight(state: State, step: int, size: int, panel: Colour) -> Sight:
    return Sight.of(draw(Picture(state, 0 if state is State.TROUBLE else step), size), panel)


def outline(state: State, seen: Sight) -> float:
    """The triangle's sides pass nearer to the middle than the ring."""
    return seen.outline(0.15 if state is State.TROUBLE else 0.27)


def recoloured(icon: Image.Image, colour: Colour) -> Image.Image:
    """The same silhouette in one colour."""
    flat = Image.new("RGBA", icon.size, (*colour, 255))
    flat.putalpha(icon.getchannel("A"))
    return flat


@everywhere
@in_every_size
@in_every_state
def test_outline_of_every_state_stands_out_from_every_panel(state: State, size: int, panel: Colour) -> None:
    assert min(outline(state, sight(state, step, size, panel)) for step in PARTS) >= OUTLINE


@everywhere
@in_every_size
def test_dot_is_round_the_exclamation_mark_is_tall_and_idle_has_no_mark(size: int, panel: Colour) -> None:
    marks = {state: sight(state, 0, size, panel).mark() for state in (State.WORKING, State.WAITING, State.IDLE)}

    assert not marks[State.IDLE]
    for state, least, most in ((State.WORKING, 0.8, 1.25), (State.WAITING, 2.0, 7.0)):
        columns, rows = {x for x, _ in marks[state]}, {y for _, y in marks[state]}
        assert len(marks[state]) >= MARK * size**2
        assert least <= len(rows) / len(columns) <= most


@everywhere
@in_every_size
@pytest.mark.parametrize(("one", "other"), list(combinations(State, 2)))
def test_states_differ_with_the_colour_taken_away(one: State, other: State, size: int, panel: Colour) -> None:
    """However far the ring is filled."""
    sights = [(sight(one, step, size, panel), sight(other, step, size, panel)) for step in PARTS]

    assert min(difference(*pair) for pair in sights) >= DIFFERENT


@everywhere
@in_every_size
@pytest.mark.parametrize("state", [State.WORKING, State.WAITING, State.IDLE])
def test_filled_ring_differs_from_an_empty_one_with_the_colour_taken_away(
    state: State, size: int, panel: Colour
) -> None:
    empty, half, full = (sight(state, step, size, panel) for step in PARTS)

    assert min(difference(empty, half), difference(half, full)) >= HALF_A_RING


@in_every_size
@in_every_state
def test_picture_of_one_colour_would_not_be_seen_on_a_panel_like_it(state: State, size: int) -> None:
    """The control: the measure of the outline fails what has no edge."""
    icon = draw(Picture(state, 0), size)

    for colour in (PANELS["white"], PANELS["grey"], PANELS["black"]):
        assert outline(state, Sight.of(recoloured(icon, colour), colour)) == 0
    assert outline(state, Sight.of(recoloured(icon, PANELS["white"]), PANELS["black"])) >= OUTLINE


@everywhere
@in_every_size
def test_states_told_by_colour_alone_would_not_differ(size: int, panel: Colour) -> None:
    """The control: red and green of one luminance, in one shape."""
    red, green = (214, 0, 0), (0, 118, 0)
    assert luminance(red) == pytest.approx(luminance(green), abs=0.02)
    icon = draw(Picture(State.WORKING, STEPS), size)

    assert difference(*(Sight.of(recoloured(icon, colour), panel) for colour in (red, green))) == 0


def test_states_have_colours_of_their_own() -> None:
    """The most frequent colour that is not grey, in the largest size."""
    colours = set()
    for state in State:
        counts = draw(Picture(state, STEPS), 64).getcolors(64**2)
        assert counts
        vivid = [
            (count, rgba) for count, rgba in counts if isinstance(rgba, tuple) and max(rgba[:3]) - min(rgba[:3]) > 60
        ]
        colours.add(max(vivid)[1])

    assert len(colours) == len(State)


def test_equal_pictures_are_drawn_once_in_every_size() -> None:
    draw.cache_clear()
    first = [draw(Picture(State.IDLE, 7), size) for size in SIZES]

    again = [draw(Picture(State.IDLE, 7), size) for size in SIZES]

    assert all(one is other for one, other in zip(first, again, strict=True))
    assert draw.cache_info().misses == len(SIZES)


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
