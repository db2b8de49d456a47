"""Why each minute counts: lines that tile a project's blocks, each with its rule and with the events that show it.

Between the blocks of a project there are lines, too, for what does not count. Corrections are applied to the lines as
`monitor_core.corrections` applies them to the blocks, so that both come out alike.
"""

from __future__ import annotations

import enum
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.blocks import clip_block
from monitor_core.corrections import corrected
from monitor_core.edits import MoveTime, PauseCounting
from monitor_core.evidence import Evidence
from monitor_core.intervals import subtract, union
from monitor_core.model import Block, Event, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitor_core.corrections import Correction
    from monitor_core.edits import Edit
    from monitor_core.evidence import Worked
    from monitor_core.turns import Doubt, Reason


class Counts(enum.IntEnum):
    """What a stretch counts as; where two of a project meet, the larger one holds."""

    NOT = 0
    ATTENTION = 1
    WORKING = 2


class Rule(enum.Enum):
    """Why a stretch counts as it does, beside the reasons and doubts of `monitor_core.turns`; in words for people."""

    NEAR = "no gap is longer than the idle timeout"
    ALONE = "a single event, which has no length"
    GAP = "nothing happened for longer than the idle timeout"
    BACKGROUND = "Claude Code itself sent the prompt that ends it, so nobody is known to have been there"
    ADDED = "added by hand"
    MOVED = "moved to another project by hand"
    DROPPED = "taken out by hand"
    PAUSED = "counting was paused"


class Line(NamedTuple):
    """``[start_ms, end_ms)`` and why it counts, or does not.

    ``events`` are what shows it, by time. ``also`` are other streams that were working then. ``edits`` are the
    corrections that made it what it is, in their order.
    """

    start_ms: int
    end_ms: int
    counts: Counts
    rule: Rule | Reason | Doubt
    events: tuple[Event, ...] = ()
    also: frozenset[tuple[str, str]] = frozenset()
    edits: tuple[Edit, ...] = ()

    @property
    def stream(self) -> tuple[str, str] | None:
        """The stream that was working; None for anything else."""
        return self.events[0].stream if self.counts is Counts.WORKING and self.events else None


@dataclass(frozen=True, slots=True)
class ExplainedBlock:
    """A block; its lines follow one another from its start to its end."""

    block: Block
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One project's blocks by start, and ``uncounted``: what lies between them or was taken away by hand."""

    blocks: tuple[ExplainedBlock, ...]
    uncounted: tuple[Line, ...]


def explain(
    blocks: Mapping[str, Sequence[Block]],
    evidence: Mapping[str, Evidence],
    corrections: Sequence[Correction],
    span: Interval,
    idle_ms: int,
) -> Mapping[str, Explained]:
    """The explanation of what each project has within ``span``; projects with nothing to explain are left out.

    ``blocks`` are those that the events alone make, ``evidence`` is of the same events. The blocks of the result are
    those of a report, and the lines of a block that count as working are its working time.
    """
    lines = {key: _lines(own, evidence.get(key, Evidence()), idle_ms) for key, own in blocks.items()}
    for correction in corrections:
        _correct(lines, correction)
    final = corrected(blocks, corrections)
    result = {}
    for key, own in lines.items():
        cut = (clip_block(block, *span) for block in final.get(key, ()))
        found = [block for block in cut if block is not None]
        kept = [part for line in own for part in _inside(line, *span)]
        uncounted = [line for line in kept if not line.counts and (line.edits or _is_between(line, found))]
        if found or uncounted:
            counted = [line for line in kept if line.counts]
            explained = (ExplainedBlock(block, _lines_of(block, counted)) for block in found)
            result[key] = Explained(tuple(explained), tuple(_grouped(uncounted)))
    return result


# -- what the events alone show --


def _lines(blocks: Sequence[Block], evidence: Evidence, idle_ms: int) -> list[Line]:
    """The lines of all ``blocks``, and of what is between them."""
    result: list[Line] = []
    for k, block in enumerate(blocks):
        if k:
            result.append(_gap(blocks[k - 1], block, evidence, idle_ms))
        if block.start_ms == block.end_ms:
            events = _points(evidence, block.start_ms, block.end_ms)
            result.append(Line(block.start_ms, block.end_ms, Counts.ATTENTION, Rule.ALONE, events))
            continue
        working = list(_working(w for w in evidence.worked if w.end_ms > block.start_ms and w.start_ms < block.end_ms))
        rest = subtract((Interval(block.start_ms, block.end_ms),), union((w.start_ms, w.end_ms) for w in working))
        attention = (Line(*i, Counts.ATTENTION, Rule.NEAR, _points(evidence, *i)) for i in rest)
        result += sorted([*working, *attention], key=_start)
    return result


def _working(worked: Iterable[Worked]) -> Iterator[Line]:
    """Disjoint lines that cover what ``worked``, by start, covers: each names one stream, as long as that works on."""
    waiting = list(worked)[::-1]
    bounds = sorted({at_ms for w in waiting for at_ms in (w.start_ms, w.end_ms)})
    active: list[Worked] = []
    told: Worked | None = None
    for start_ms, end_ms in pairwise(bounds):
        while waiting and waiting[-1].start_ms <= start_ms:
            active.append(waiting.pop())
        active = [w for w in active if w.end_ms > start_ms]
        if active:
            stream = told.events[0].stream if told else None
            told = next((w for w in active if w.events[0].stream == stream), active[0])
            also = frozenset(w.events[0].stream for w in active) - {told.events[0].stream}
            yield Line(start_ms, end_ms, Counts.WORKING, told.reason, told.events, also)


def _gap(before: Block, after: Block, evidence: Evidence, idle_ms: int) -> Line:
    """The line for the time between two blocks: the doubt that speaks of most of it, if there is one."""
    start_ms, end_ms = before.end_ms, after.start_ms

    def shared_ms(stretch: tuple[int, int]) -> int:
        return min(end_ms, stretch[1]) - max(start_ms, stretch[0])

    doubted = max(evidence.doubted, key=lambda d: shared_ms((d.start_ms, d.end_ms)), default=None)
    if doubted is not None and shared_ms((doubted.start_ms, doubted.end_ms)) > 0:
        return Line(start_ms, end_ms, Counts.NOT, doubted.doubt, doubted.events)
    k = bisect_right(evidence.points, start_ms, key=_at)
    events = tuple(evidence.points[max(0, k - 1) : k]) + _points(evidence, end_ms, end_ms)
    rule = Rule.GAP if end_ms - start_ms > idle_ms else Rule.BACKGROUND
    return Line(start_ms, end_ms, Counts.NOT, rule, events)


def _points(evidence: Evidence, start_ms: int, end_ms: int) -> tuple[Event, ...]:
    """The points from ``start_ms`` to ``end_ms``, both included."""
    first = bisect_left(evidence.points, start_ms, key=_at)
    return tuple(evidence.points[first : bisect_right(evidence.points, end_ms, key=_at)])


# -- what people made of it --


_TAKEN = {MoveTime: Rule.MOVED, PauseCounting: Rule.PAUSED}


def _correct(lines: dict[str, list[Line]], correction: Correction) -> None:
    start_ms, end_ms, edit = correction.start_ms, correction.end_ms, correction.edit
    given = [Line(start_ms, end_ms, Counts.ATTENTION, Rule.ADDED, edits=(edit,))] if correction.adds else []
    rule = _TAKEN.get(type(edit.decision), Rule.DROPPED)
    for project, own in lines.items():
        if not correction.takes_from(project):
            continue
        left: list[Line] = []
        for line in own:
            taken = _inside(line, start_ms, end_ms) if line.counts else []
            left += [*_outside(line, start_ms, end_ms)] if taken else [line]
            left += [part._replace(counts=Counts.NOT, rule=rule, edits=(*part.edits, edit)) for part in taken]
            given += [part._replace(edits=(*part.edits, edit)) for part in taken]
        lines[project] = sorted(left, key=_start)
    if correction.into is not None and given:
        own = lines.setdefault(correction.into, [])
        for line in given:
            own = _laid_over(own, line)
        lines[correction.into] = own


def _laid_over(own: Sequence[Line], line: Line) -> list[Line]:
    """``own`` with ``line`` wherever nothing counts as much already."""
    start_ms, end_ms = line.start_ms, line.end_ms
    if start_ms == end_ms and any(o.counts and o.start_ms <= start_ms <= o.end_ms for o in own):
        return list(own)
    stronger = [o for o in own if o.counts >= line.counts and o.start_ms < o.end_ms]
    free = subtract((Interval(start_ms, end_ms),), union((o.start_ms, o.end_ms) for o in stronger))
    result = [*stronger, *(line._replace(start_ms=i.start_ms, end_ms=i.end_ms) for i in free)]
    for weaker in own:
        if weaker.start_ms == weaker.end_ms:
            # A single event that something with a length reaches is part of that.
            result += [weaker] if not start_ms <= weaker.start_ms <= end_ms else []
        elif weaker.counts < line.counts:
            parts = [weaker]
            for i in free or (Interval(start_ms, end_ms),):
                parts = [rest for part in parts for rest in _outside(part, *i)]
            result += parts
    return sorted([*result, line] if start_ms == end_ms else result, key=_start)


def _inside(line: Line, start_ms: int, end_ms: int) -> list[Line]:
    """The part of ``line`` within ``[start_ms, end_ms)``; a line without length has its instant."""
    start, end = max(line.start_ms, start_ms), min(line.end_ms, end_ms)
    is_there = start < end or (line.start_ms == line.end_ms and start_ms <= line.start_ms < end_ms)
    return [line._replace(start_ms=start, end_ms=end)] if is_there else []


def _outside(line: Line, start_ms: int, end_ms: int) -> list[Line]:
    """What of ``line``, which has a length or is inside, lies before and after the stretch."""
    parts = (Interval(line.start_ms, min(line.end_ms, start_ms)), Interval(max(line.start_ms, end_ms), line.end_ms))
    return [line._replace(start_ms=i.start_ms, end_ms=i.end_ms) for i in parts if i.start_ms < i.end_ms]


# -- the result --


def _lines_of(block: Block, counted: Iterable[Line]) -> tuple[Line, ...]:
    own = [line for line in counted if block.start_ms <= line.start_ms and line.end_ms <= block.end_ms]
    return tuple(_grouped(own))


def _grouped(lines: Iterable[Line]) -> list[Line]:
    """Lines that follow one another for the same reason made one, with the events of both."""
    result: list[Line] = []
    for line in lines:
        last = result[-1] if result else None
        if last is not None and last.end_ms == line.start_ms and _alike(last, line):
            events = tuple(
                sorted({e.id: e for e in (*last.events, *line.events)}.values(), key=lambda e: (e.t_ms, e.id))
            )
            result[-1] = last._replace(end_ms=line.end_ms, events=events, also=last.also | line.also)
        else:
            result.append(line)
    return result


def _alike(line: Line, other: Line) -> bool:
    return (line.counts, line.rule, line.stream, line.edits) == (other.counts, other.rule, other.stream, other.edits)


def _is_between(line: Line, blocks: Sequence[Block]) -> bool:
    return bool(blocks) and blocks[0].end_ms <= line.start_ms and line.end_ms <= blocks[-1].start_ms


def _start(line: Line) -> tuple[int, int]:
    return line.start_ms, line.end_ms


def _at(event: Event) -> int:
    return event.t_ms
