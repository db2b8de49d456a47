"""One project: its points and working intervals, joined into blocks where the gap is at most the idle timeout.

::

    idle timeout |---|      .  .   ====  .         .
                            |------------|  (gap)  |

A gap that an auto prompt ends is not joined: nobody's attention is known in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.intervals import add, clip
from monitor_core.model import Block, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable


class Piece(NamedTuple):
    """A point, or with ``working`` an interval. ``auto``: it begins with a prompt that no person sent."""

    start_ms: int
    end_ms: int
    auto: bool = False
    working: bool = False
    provisional: bool = False


@dataclass(slots=True)
class _Run:
    """A block that may still grow; ``auto`` is that of its first piece, a person's before another at one instant."""

    start_ms: int
    end_ms: int
    auto: bool
    provisional: bool = False
    working: list[Interval] = field(default_factory=list)

    def copy(self) -> _Run:
        return _Run(self.start_ms, self.end_ms, self.auto, self.provisional, self.working.copy())


class Blocks:
    """The blocks of one project. A piece that comes in order costs O(1), amortised."""

    def __init__(self, project: int, idle_ms: int) -> None:
        self._project = project
        self._idle_ms = idle_ms
        self._runs: list[_Run] = []

    def add(self, piece: Piece) -> None:
        """Adds a piece. An auto point must not lie before a piece that was added already."""
        _add(self._runs, piece, self._idle_ms)

    def at(self, now_ms: int, tails: Iterable[Piece]) -> list[Block]:
        """The blocks by start, with ``tails`` that hold for the moment only."""
        tails = list(tails)
        runs = self._runs
        if tails:
            first = len(runs)
            earliest = min(tail.start_ms for tail in tails) - self._idle_ms
            while first and runs[first - 1].end_ms >= earliest:
                first -= 1
            runs = [*runs[:first], *(run.copy() for run in runs[first:])]
            for tail in tails:
                _add(runs, tail, self._idle_ms)
        return [
            Block(
                project=self._project,
                start_ms=run.start_ms,
                end_ms=run.end_ms,
                working=tuple(run.working),
                open=run.provisional or now_ms - run.end_ms <= self._idle_ms,
            )
            for run in runs
        ]


def clip_block(block: Block, start_ms: int, end_ms: int) -> Block | None:
    """The part of ``block`` within ``[start_ms, end_ms)``.

    None where there is none. A block without length, a lone point, stays where its point is.
    """
    if block.start_ms == block.end_ms:
        return block if start_ms <= block.start_ms < end_ms else None
    start, end = max(block.start_ms, start_ms), min(block.end_ms, end_ms)
    if start >= end:
        return None
    return Block(
        project=block.project,
        start_ms=start,
        end_ms=end,
        working=clip(block.working, start, end),
        open=block.open and block.end_ms <= end_ms,
    )


def _add(runs: list[_Run], piece: Piece, idle_ms: int) -> None:
    """Puts ``piece`` in its place among the disjoint ``runs`` and makes one of it and all that it joins."""
    place = len(runs)
    while place and runs[place - 1].start_ms > piece.start_ms:
        place -= 1
    if place and _joins(runs[place - 1].end_ms, piece, idle_ms):
        place -= 1
        merged = runs[place]
        if merged.start_ms == piece.start_ms:
            merged.auto &= piece.auto
        merged.end_ms = max(merged.end_ms, piece.end_ms)
        merged.provisional |= piece.provisional
    else:
        merged = _Run(piece.start_ms, piece.end_ms, piece.auto, piece.provisional)
        runs.insert(place, merged)
    if piece.working:
        add(merged.working, piece.start_ms, piece.end_ms)
    while place + 1 < len(runs) and _joins(merged.end_ms, runs[place + 1], idle_ms):
        _absorb(merged, runs.pop(place + 1))
    # A person's piece at the instant of an auto one opens the way to the block before.
    if place and _joins(runs[place - 1].end_ms, merged, idle_ms):
        _absorb(runs[place - 1], runs.pop(place))


def _joins(end_ms: int, later: Piece | _Run, idle_ms: int) -> bool:
    """Whether what begins with ``later`` goes on a block that lasts until ``end_ms``."""
    gap_ms = later.start_ms - end_ms
    return gap_ms <= idle_ms and (gap_ms <= 0 or not later.auto)


def _absorb(run: _Run, later: _Run) -> None:
    run.end_ms = max(run.end_ms, later.end_ms)
    run.provisional |= later.provisional
    for interval in later.working:
        add(run.working, *interval)
