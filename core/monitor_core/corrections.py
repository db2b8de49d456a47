"""What people's corrections make of the blocks: time that was added, moved, taken out, or lies in a pause.

Corrections apply in the order in which they were made, each to what the ones before it left. Each acts within its own
stretch only: what it cuts is not joined again, however short the cut, and what it adds is joined only to what it
touches. Events, usage windows and what is stored are not changed.

::

    stretch    |-----|
    api    |------------|       drop: |---|     |--|    move to web: |---|     |--|    add to web: |------------|
    web               |----|              |     |----|                   |-------|                     |-------|
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.blocks import clip_block, joined
from monitor_core.edits import AddTime, DropTime, Edit, MoveTime, PauseCounting
from monitor_core.model import Block, Interval
from monitor_core.pauses import pauses_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_EVER = Interval(-(2**63), 2**63)


class Correction(NamedTuple):
    """A time edit as it acts at present, on ``[start_ms, end_ms)``.

    One that ``adds`` gives the whole stretch to ``into`` as attention. Any other takes what the project ``source``
    (None: every project but ``into``) has in it and gives that to ``into``; None: to nobody.
    """

    start_ms: int
    end_ms: int
    adds: bool
    source: str | None
    into: str | None
    edit: Edit

    def takes_from(self, project: str) -> bool:
        """Whether it takes away what ``project`` has in the stretch."""
        return not self.adds and project != self.into and self.source in (None, project)


class Share(NamedTuple):
    """A stretch of one stream's working time, and the project that it counts for."""

    start_ms: int
    end_ms: int
    project: str


def corrections_within(
    edits: Sequence[Edit], span: Interval, project_now: Callable[[str], str | None]
) -> tuple[Correction, ...]:
    """What the time edits and pauses among ``edits``, which are in force, come to within ``span``; in their order.

    ``project_now`` says which project a key counts for at present, None where for none: an edit names a project as it
    was when the edit was made, and that may have been merged or ignored since.
    """
    result = []
    pauses = {pause.edit.id: pause for pause in pauses_of(edits)}
    for edit in edits:
        decision = edit.decision
        if isinstance(decision, PauseCounting):
            pause = pauses.get(edit.id)
            if pause is not None and pause.start_ms < span.end_ms and span.start_ms < pause.end_ms:
                result.append(Correction(pause.start_ms, pause.end_ms, adds=False, source=None, into=None, edit=edit))
            continue
        if not isinstance(decision, AddTime | MoveTime | DropTime):
            continue
        start_ms, end_ms = decision.start_ms, decision.end_ms
        if end_ms <= span.start_ms or span.end_ms <= start_ms:
            continue
        adds = isinstance(decision, AddTime)
        named = None if isinstance(decision, AddTime) else decision.project
        source = None if named is None else project_now(named)
        into = None if isinstance(decision, DropTime) else project_now(_target(decision))
        # What counts for nothing has nothing to give, and to give it more changes nothing.
        if (named is not None and source is None) or (adds and into is None):
            continue
        result.append(Correction(start_ms, end_ms, adds, source, into, edit))
    return tuple(result)


def corrected(
    blocks: Mapping[str, Sequence[Block]], corrections: Iterable[Correction]
) -> Mapping[str, tuple[Block, ...]]:
    """The blocks of each project as the corrections leave them; projects without one are left out.

    Both are sorted and disjoint. An open block stays open where its end is left to it.
    """
    result = {project: list(own) for project, own in blocks.items()}
    for correction in corrections:
        start_ms, end_ms = correction.start_ms, correction.end_ms
        given = [Block(start_ms, end_ms)] if correction.adds else []
        for project, own in result.items():
            if correction.takes_from(project):
                given += _take(own, start_ms, end_ms)
        if correction.into is not None and given:
            _give(result.setdefault(correction.into, []), given)
    return {project: tuple(own) for project, own in result.items() if own}


def agent_time_ms(shares: Iterable[Share], corrections: Sequence[Correction], span: Interval) -> int:
    """Agent time within ``span``: the shares of every stream, each counted on its own, less what was taken out.

    What was moved stays, under another project; what was added is a person's time and no agent's.
    """
    taking = sorted(enumerate(c for c in corrections if not c.adds), key=_start)
    if not taking:
        from_ms, until_ms = span
        # Not by min and max: there may be thousands.
        return sum(
            (end_ms if end_ms < until_ms else until_ms) - (start_ms if start_ms > from_ms else from_ms)  # noqa: FURB136
            for start_ms, end_ms, _ in shares
            if start_ms < until_ms and end_ms > from_ms
        )
    longest_ms = max((c.end_ms - c.start_ms for _, c in taking), default=0)
    total_ms = 0
    for share in shares:
        start_ms, end_ms = max(share.start_ms, span.start_ms), min(share.end_ms, span.end_ms)
        if start_ms < end_ms:
            first = bisect_right(taking, start_ms - longest_ms, key=_start)
            near = taking[first : bisect_left(taking, end_ms, key=_start)]
            total_ms += _left_ms(Share(start_ms, end_ms, share.project), [c for _, c in sorted(near, key=_number)])
    return total_ms


def _target(decision: AddTime | MoveTime) -> str:
    return decision.project if isinstance(decision, AddTime) else decision.into


def _take(blocks: list[Block], start_ms: int, end_ms: int) -> list[Block]:
    """Takes what lies within the stretch out of ``blocks``, and returns it."""
    first = bisect_left(blocks, start_ms, key=lambda block: block.end_ms)
    last = bisect_left(blocks, end_ms, key=lambda block: block.start_ms)
    touched = blocks[first:last]
    left = [(clip_block(b, _EVER.start_ms, start_ms), clip_block(b, end_ms, _EVER.end_ms)) for b in touched]
    blocks[first:last] = [part for parts in left for part in parts if part is not None]
    inside = (clip_block(block, start_ms, end_ms) for block in touched)
    return [part for part in inside if part is not None]


def _give(blocks: list[Block], given: Sequence[Block]) -> None:
    """Makes ``blocks`` hold ``given`` too; what touches or overlaps becomes one."""
    first = bisect_left(blocks, min(b.start_ms for b in given), key=lambda block: block.end_ms)
    last = bisect_right(blocks, max(b.end_ms for b in given), key=lambda block: block.start_ms)
    blocks[first:last] = joined([*blocks[first:last], *given], idle_ms=0)


def _start(numbered: tuple[int, Correction]) -> int:
    return numbered[1].start_ms


def _number(numbered: tuple[int, Correction]) -> int:
    return numbered[0]


def _left_ms(share: Share, corrections: Iterable[Correction]) -> int:
    """How much of one share the corrections leave to some project."""
    parts = [share]
    for correction in corrections:
        parts = [rest for part in parts for rest in _rest(part, correction)]
    return sum(part.end_ms - part.start_ms for part in parts)


def _rest(part: Share, correction: Correction) -> list[Share]:
    start_ms, end_ms = max(part.start_ms, correction.start_ms), min(part.end_ms, correction.end_ms)
    if start_ms >= end_ms or not correction.takes_from(part.project):
        return [part]
    rest = [part._replace(end_ms=start_ms), part._replace(start_ms=end_ms)]
    if correction.into is not None:
        rest.append(Share(start_ms, end_ms, correction.into))
    return [r for r in rest if r.start_ms < r.end_ms]
