"""One place or project: its points and working time, joined into blocks where the gap is at most the idle timeout.

::

    idle timeout |---|      .  .   ====  .         .
                            |------------|  (gap)  |

A gap that an auto prompt ends is not joined: nobody's attention is known in it. Whether a moment is covered depends on
nothing that is more than the idle timeout away from it; that is what lets a late event change a small part only.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.intervals import add, clip, days_of
from monitor_core.model import DAY_MS, Block, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Piece(NamedTuple):
    """A point, or with ``working`` an interval. ``auto``: it begins with a prompt that no person sent."""

    start_ms: int
    end_ms: int
    auto: bool = False
    working: bool = False


@dataclass(slots=True)
class Run:
    """A stretch that is covered from end to end; ``auto`` is that of its first piece.

    Where several begin at one instant, a person's comes first.
    """

    start_ms: int
    end_ms: int
    auto: bool = False
    working: list[Interval] = field(default_factory=list)


class Blocks:
    """The blocks of one place as they grow, as ``runs``: sorted, disjoint, cut at every midnight of UTC.

    A piece that comes in order costs O(1), amortised. ``changed`` and ``gone`` are the starts of the runs that were
    made or altered, and of those that are no more, since `settled`.
    """

    def __init__(self, idle_ms: int, runs: Iterable[Run] = ()) -> None:
        self._idle_ms = idle_ms
        self.runs = list(runs)
        self.changed: set[int] = set()
        self.gone: set[int] = set()

    def add(self, piece: Piece) -> None:
        """Adds a piece. An auto one must not begin before a piece that was added already has ended."""
        if piece.start_ms == piece.end_ms:
            self._add(piece)
            return
        auto = piece.auto
        for part in days_of(Interval(piece.start_ms, piece.end_ms)):
            self._add(Piece(part.start_ms, part.end_ms, auto, piece.working))
            auto = False

    def settled(self) -> None:
        """What has changed until now is known."""
        self.changed.clear()
        self.gone.clear()

    def forget_before(self, instant_ms: int) -> None:
        """Drops runs that ended before ``instant_ms``, for a caller who has kept them elsewhere."""
        self.runs = [run for run in self.runs if run.end_ms >= instant_ms]

    def _add(self, piece: Piece) -> None:
        runs = self.runs
        place = len(runs)
        while place and runs[place - 1].start_ms > piece.start_ms:
            place -= 1
        if place and _same_day(runs[place - 1], piece) and self._joins(runs[place - 1].end_ms, piece):
            place -= 1
            run = runs[place]
            if run.start_ms == piece.start_ms:
                run.auto &= piece.auto
            run.end_ms = max(run.end_ms, piece.end_ms)
        else:
            run = Run(piece.start_ms, piece.end_ms, piece.auto)
            runs.insert(place, run)
        if piece.working:
            add(run.working, piece.start_ms, piece.end_ms)
        self.changed.add(run.start_ms)
        while place + 1 < len(runs) and self._joins(run.end_ms, runs[place + 1]):
            if not self._join(place):
                break
        # What now begins earlier, or with a person where it was an auto prompt, may go on what was before it.
        if place and self._joins(runs[place - 1].end_ms, run):
            self._join(place - 1)

    def _joins(self, end_ms: int, later: Piece | Run) -> bool:
        return _joins(end_ms, later.start_ms, auto=later.auto, idle_ms=self._idle_ms)

    def _join(self, place: int) -> bool:
        """Makes one of the run at ``place`` and its successor; over midnight they only come to touch, and False."""
        run, later = self.runs[place], self.runs[place + 1]
        if _same_day(run, later):
            _absorb(run, self.runs.pop(place + 1))
            self.gone.add(later.start_ms)
            self.changed.add(run.start_ms)
            return True
        midnight_ms = later.start_ms - later.start_ms % DAY_MS
        if (run.end_ms, later.start_ms, later.auto) != (midnight_ms, midnight_ms, False):
            self.gone.add(later.start_ms)
            run.end_ms = later.start_ms = midnight_ms
            later.auto = False
            self.changed |= {run.start_ms, midnight_ms}
        return False


def joined(runs: Iterable[Block], idle_ms: int) -> list[Block]:
    """The blocks that ``runs`` of any places make together, by start: overlapping or near ones become one."""
    ordered = sorted(runs, key=_by_start)
    if all(later.start_ms - run.end_ms > idle_ms for run, later in pairwise(ordered)):
        return ordered
    groups: list[list[Block]] = []
    end_ms = 0
    for run in ordered:
        if groups and _joins(end_ms, run.start_ms, auto=run.auto, idle_ms=idle_ms):
            groups[-1].append(run)
            end_ms = max(end_ms, run.end_ms)
        else:
            groups.append([run])
            end_ms = run.end_ms
    return [group[0] if len(group) == 1 else _as_one(group) for group in groups]


_by_start, _start, _end = attrgetter("start_ms", "auto"), attrgetter("start_ms"), attrgetter("end_ms")


def stitched(old: Sequence[Run], new: Iterable[Run], start_ms: int, end_ms: int) -> list[Run]:
    """``old`` with what lies within ``[start_ms, end_ms]`` replaced by what ``new`` has there.

    Both are sorted and cut at midnight, and they agree at both ends.
    """
    parts = [
        *(_part(run, run.start_ms, min(run.end_ms, start_ms)) for run in old if run.start_ms < start_ms),
        *_inside(new, start_ms, end_ms),
        *(_part(run, max(run.start_ms, end_ms), run.end_ms) for run in old if run.end_ms > end_ms),
    ]
    result: list[Run] = []
    for part in parts:
        if result and part.start_ms <= result[-1].end_ms and _same_day(result[-1], part):
            _absorb(result[-1], part)
        else:
            result.append(part)
    return result


def clip_block(block: Block, start_ms: int, end_ms: int) -> Block | None:
    """The part of ``block`` within ``[start_ms, end_ms)``.

    None where there is none. A block without length, a lone point, stays where its point is.
    """
    if start_ms <= block.start_ms and block.end_ms <= end_ms and block.start_ms < end_ms:
        return block
    start, end = max(block.start_ms, start_ms), min(block.end_ms, end_ms)
    if start >= end:
        return None
    return Block(
        start_ms=start,
        end_ms=end,
        working=clip(block.working, start, end),
        open=block.open and block.end_ms <= end_ms,
        auto=block.auto and start == block.start_ms,
    )


def clip_blocks(blocks: Sequence[Block], start_ms: int, end_ms: int) -> tuple[Block, ...]:
    """The parts of sorted, disjoint ``blocks`` within ``[start_ms, end_ms)``."""
    # All but the first and the last are within, whichever reach into it.
    first = bisect_left(blocks, start_ms, key=_end)
    last = max(first, bisect_left(blocks, end_ms, key=_start))
    edges = {first, last - 1}
    parts = (clip_block(b, start_ms, end_ms) if k in edges else b for k, b in enumerate(blocks[first:last], first))
    return tuple(part for part in parts if part is not None)


def _joins(end_ms: int, start_ms: int, *, auto: bool, idle_ms: int) -> bool:
    """Whether what begins at ``start_ms`` goes on a run that lasts until ``end_ms``."""
    gap_ms = start_ms - end_ms
    return gap_ms <= idle_ms and (gap_ms <= 0 or not auto)


def _same_day(run: Run, later: Piece | Run) -> bool:
    """Whether both lie within one day of UTC; a midnight belongs to both of its days."""
    return run.start_ms // DAY_MS == later.start_ms // DAY_MS


def _absorb(run: Run, later: Run) -> None:
    run.end_ms = max(run.end_ms, later.end_ms)
    for interval in later.working:
        add(run.working, *interval)


def _as_one(group: Sequence[Block]) -> Block:
    working: list[Interval] = []
    for start_ms, end_ms in sorted(i for block in group for i in block.working):
        add(working, start_ms, end_ms)
    return Block(
        start_ms=group[0].start_ms,
        end_ms=max(block.end_ms for block in group),
        working=tuple(working),
        open=any(block.open for block in group),
        auto=group[0].auto,
    )


def _inside(runs: Iterable[Run], start_ms: int, end_ms: int) -> list[Run]:
    within = (r for r in runs if r.start_ms <= end_ms and r.end_ms >= start_ms)
    parts = ((r, max(r.start_ms, start_ms), min(r.end_ms, end_ms)) for r in within)
    # What only touches an end has no part within; a lone point has no length of its own.
    return [_part(r, start, end) for r, start, end in parts if start < end or r.start_ms == r.end_ms]


def _part(run: Run, start_ms: int, end_ms: int) -> Run:
    return Run(start_ms, end_ms, run.auto and start_ms == run.start_ms, list(clip(run.working, start_ms, end_ms)))
