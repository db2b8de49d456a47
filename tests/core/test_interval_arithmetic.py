"""The arithmetic of intervals and of blocks against a count of every millisecond, on small numbers."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor_core.intervals import add, days_of, lengths_within, union
from monitor_core.model import DAY_MS, Block, Interval
from tests.core.mutants import mutated

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The same code in a world where a day lasts 12 ms, for what is cut at midnight.
DAY = 12
IDLE = 3
SMALL: dict[str, Any] = mutated(
    {
        "monitor_core.intervals": ("import DAY_MS, Interval", f"import Interval\n\nDAY_MS = {DAY}"),
        "monitor_core.blocks": ("import DAY_MS, Block, Interval", f"import Block, Interval\n\nDAY_MS = {DAY}"),
    }
)
BLOCKS, ACCOUNTING = SMALL["monitor_core.blocks"], SMALL["monitor_core.accounting"]

pairs = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=20)
# A start, a length, and whether it begins with an auto prompt; without length it is a point.
pieces = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9), st.booleans()), max_size=12)


def milliseconds(intervals: Iterable[tuple[int, int]]) -> set[int]:
    return set(itertools.chain.from_iterable(range(*interval) for interval in intervals))


@given(pairs)
def test_a_set_grown_in_place_is_the_union(found: list[tuple[int, int]]) -> None:
    grown: list[Interval] = []
    for start, end in found:
        add(grown, start, end)
    assert tuple(grown) == union(found)
    assert milliseconds(grown) == milliseconds(found)


@given(pairs, st.lists(st.integers(0, 70), unique=True, max_size=8), st.booleans())
def test_lengths_within_spans_are_the_milliseconds_that_both_have(
    found: list[tuple[int, int]], edges: list[int], touching: bool
) -> None:
    worked = union(found)
    edges = sorted(edges)
    ends = itertools.pairwise(edges) if touching else zip(edges[::2], edges[1::2], strict=False)
    spans = [Interval(*ends_) for ends_ in ends]
    lengths = [len(milliseconds(worked) & set(range(*span))) for span in spans]
    expected = {k: length for k, length in enumerate(lengths) if length}
    assert lengths_within(worked, spans) == expected


def test_a_day_without_length_has_none_of_it() -> None:
    spans = [Interval(0, 10), Interval(10, 10), Interval(10, 20)]
    assert lengths_within([Interval(5, 15)], spans) == {0: 5, 2: 5}


@given(st.integers(0, 60), st.integers(0, 60))
def test_an_interval_is_cut_at_every_midnight_and_nowhere_else(start: int, end: int) -> None:
    parts = list(SMALL["monitor_core.intervals"].days_of(Interval(start, end)))
    assert milliseconds(parts) == set(range(start, end))
    assert [part.start_ms for part in parts] == [ms for ms in range(start, end) if ms == start or ms % DAY == 0]
    assert all(part.start_ms // DAY == (part.end_ms - 1) // DAY for part in parts)


def test_a_midnight_of_utc_parts_two_days() -> None:
    assert list(days_of(Interval(DAY_MS - 1, DAY_MS))) == [(DAY_MS - 1, DAY_MS)]
    assert list(days_of(Interval(DAY_MS - 1, DAY_MS + 1))) == [(DAY_MS - 1, DAY_MS), (DAY_MS, DAY_MS + 1)]


def plain_cover(found: Iterable[tuple[int, int, bool]]) -> tuple[set[int], set[int]]:
    """The milliseconds that pieces and the gaps between them cover, and, among the instants, the lone ones."""
    covered = milliseconds((start, start + length) for start, length, _ in found)
    starts = {start: all(auto for s, _, auto in found if s == start) for start, _, _ in found}
    ends = {start + length for start, length, _ in found}
    for end in ends:
        nearest = min((start for start in starts if start > end), default=None)
        if nearest is not None and nearest - end <= IDLE and not starts[nearest]:
            covered |= set(range(end, nearest))
    lone = {start for start, length, _ in found if not length and not covered & {start - 1, start}}
    return covered, lone


def as_pieces(found: Iterable[tuple[int, int, bool]]) -> list[Any]:
    return [BLOCKS.Piece(start, start + length, auto, length > 0) for start, length, auto in found]


def cover_of(blocks: Iterable[Any]) -> tuple[set[int], set[int]]:
    blocks = list(blocks)
    covered = milliseconds((block.start_ms, block.end_ms) for block in blocks)
    return covered, {block.start_ms for block in blocks if block.start_ms == block.end_ms}


@given(pieces)
@settings(max_examples=300)
def test_blocks_cover_their_pieces_and_the_short_gaps_between_them(found: list[tuple[int, int, bool]]) -> None:
    runs = ACCOUNTING.covered(as_pieces(found), IDLE)
    assert all(run.end_ms <= later.start_ms for run, later in itertools.pairwise(runs))
    assert all(run.start_ms // DAY == max(run.start_ms, run.end_ms - 1) // DAY for run in runs)
    blocks = [Block(r.start_ms, r.end_ms, tuple(r.working), auto=r.auto) for r in runs]
    assert cover_of(BLOCKS.joined(blocks, IDLE)) == plain_cover(found)


@given(pieces, pieces)
@settings(max_examples=300)
def test_joining_the_blocks_of_two_places_makes_those_of_all_their_pieces(
    one: list[tuple[int, int, bool]], other: list[tuple[int, int, bool]]
) -> None:
    runs = [run for found in (one, other) for run in ACCOUNTING.covered(as_pieces(found), IDLE)]
    blocks = [Block(r.start_ms, r.end_ms, tuple(r.working), auto=r.auto) for r in runs]
    both = BLOCKS.joined(blocks, IDLE)
    worked = [(start, start + length) for start, length, _ in (*one, *other) if length]
    assert tuple(i for block in both for i in block.working) == union(worked)
    assert all(block.end_ms < later.start_ms for block, later in itertools.pairwise(both))
    assert milliseconds(worked) <= cover_of(both)[0] >= cover_of(blocks)[0]


@given(pieces, st.data())
@settings(max_examples=300)
def test_runs_mended_around_what_changed_are_those_made_anew(
    found: list[tuple[int, int, bool]], data: st.DataObject
) -> None:
    kept = [piece for piece in found if data.draw(st.booleans())]
    added = data.draw(pieces.filter(bool))
    changed = [piece for piece in found if piece not in kept] + added
    new = [*kept, *added]
    near = IDLE + 1
    start = min(piece[0] for piece in changed) - near
    end = max(sum(piece[:2]) for piece in changed) + near
    nearby = [p for p in new if p[0] <= end + near and p[0] + p[1] >= start - near]
    mended = BLOCKS.stitched(
        ACCOUNTING.covered(as_pieces(found), IDLE), ACCOUNTING.covered(as_pieces(nearby), IDLE), start, end
    )
    assert mended == ACCOUNTING.covered(as_pieces(new), IDLE)
