"""How undivided the time was: switches between projects, deep work, flow sessions, fragmentation, the focus score.

Pure functions of a report and of a person's prompts. The formulas and their reasons: docs/analytics.md.
"""

from __future__ import annotations

import itertools
import statistics
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from monitor_core.intervals import clip, length_ms, subtract, union
from monitor_core.model import HOUR_MS, MINUTE_MS, Block, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor_core.analytics.record import Prompt
    from monitor_core.report import Report

#: The shortest block that is deep work.
DEEP_MS = 25 * MINUTE_MS
#: Deep work has fewer switches an hour than this.
DEEP_SWITCHES = 3
#: A gap as long as this is a break: it ends a sitting and a flow session.
BREAK_MS = 15 * MINUTE_MS
#: The least deep work of a flow session.
FLOW_MS = 45 * MINUTE_MS
#: A piece of time shorter than this is a fragment.
FRAGMENT_MS = 15 * MINUTE_MS
#: Shares and the focus score are not told of less time than this.
ENOUGH_MS = HOUR_MS
#: What a gap between prompts usually is, is not told from fewer than this.
ENOUGH_GAPS = 5
#: What the focus score is made of; together 100.
DEEP_POINTS, FLOW_POINTS, WHOLE_POINTS = 50, 20, 30


class FlowSession(NamedTuple):
    """A run of deep work without a break, from ``start_ms`` to ``end_ms``, with ``deep_ms`` of deep work in it."""

    start_ms: int
    end_ms: int
    deep_ms: int


class ProjectFocus(msgspec.Struct, frozen=True):
    """One project's deep work. ``focus`` is the deep part of its active time, 0 to 1, None below `ENOUGH_MS`."""

    name: str
    active_ms: int
    deep_ms: int
    blocks: int
    longest_ms: int
    focus: float | None


class Switching(msgspec.Struct, frozen=True):
    """Switches between projects and what they cost.

    ``switches`` counts the person's prompts in another project than their prompt before it, in one sitting, and
    ``stays`` those in the same project. ``per_hour`` is of the total, None below `ENOUGH_MS`. A prompt's gap is the
    time since the prompt before it in which Claude did not work: ``switch_gap_ms`` and ``stay_gap_ms`` are the medians
    of both kinds (the lower of two), None for none, and of fewer than `ENOUGH_GAPS` stays. ``cost_ms`` is what the
    first has beyond the second, at least 0, times the switches, and None where one of them is.
    """

    switches: int
    stays: int
    per_hour: float | None
    switch_gap_ms: int | None
    stay_gap_ms: int | None
    cost_ms: int | None


class Focus(msgspec.Struct, frozen=True):
    """Deep work and the like, of all projects together unless it says otherwise.

    ``deep_ms`` is the union of the deep blocks, ``deep_blocks`` their number, ``deep_share`` their part of the total,
    0 to 1. ``flow`` are the flow sessions by start, ``flow_ms`` their deep work. ``fragmentation`` is the part of the
    total that lies in fragments, 0 to 1, ``pieces`` counts all pieces. ``score`` is 0 to 100. The shares and the score
    are None below `ENOUGH_MS`. ``projects`` are those that have time, in the report's order; ``main_share`` is the
    first one's part of all active time, None below `ENOUGH_MS`.
    """

    deep_ms: int
    deep_blocks: int
    deep_share: float | None
    flow: tuple[FlowSession, ...]
    flow_ms: int
    pieces: int
    fragmentation: float | None
    score: int | None
    switching: Switching
    projects: tuple[ProjectFocus, ...]
    main_share: float | None


def focus_of(report: Report, prompts: Sequence[Prompt]) -> Focus:
    """The figures of ``report``; ``prompts`` are by time."""
    total = union((b.start_ms, b.end_ms) for project in report.projects for b in project.blocks)
    switches, stays = _moves(prompts, sittings(total))
    at = [after.at_ms for _, after in switches]
    deep_blocks = [b for project in report.projects for b in project.blocks if is_deep(b, at)]
    deep = union((b.start_ms, b.end_ms) for b in deep_blocks)
    deep_ms, flow = length_ms(deep), flow_sessions(deep)
    flow_ms = sum(session.deep_ms for session in flow)
    pieces = _pieces(total, at)
    fragments_ms = sum(piece.length_ms for piece in pieces if piece.length_ms < FRAGMENT_MS)
    enough = report.total_ms >= ENOUGH_MS
    return Focus(
        deep_ms=deep_ms,
        deep_blocks=len(deep_blocks),
        deep_share=deep_ms / report.total_ms if enough else None,
        flow=flow,
        flow_ms=flow_ms,
        pieces=len(pieces),
        fragmentation=fragments_ms / report.total_ms if enough else None,
        score=focus_score(report.total_ms, deep_ms, flow_ms, fragments_ms) if enough else None,
        switching=_switching(report, switches, stays),
        projects=tuple(_of_project(p.name, p.blocks, at) for p in report.projects if p.active_ms),
        main_share=report.projects[0].share if enough and report.projects else None,
    )


def focus_score(total_ms: int, deep_ms: int, flow_ms: int, fragments_ms: int) -> int:
    """0 to 100, rounded half up: how much of the total is deep, in flow, and in no fragment. The total is not 0."""
    points = DEEP_POINTS * deep_ms + FLOW_POINTS * flow_ms + WHOLE_POINTS * (total_ms - fragments_ms)
    return (2 * points + total_ms) // (2 * total_ms)


def is_deep(block: Block, switches_ms: Sequence[int]) -> bool:
    """Whether ``block`` is deep work; ``switches_ms`` are ascending. The switch that it begins with is none of its."""
    if block.active_ms < DEEP_MS:
        return False
    within = bisect_left(switches_ms, block.end_ms) - bisect_right(switches_ms, block.start_ms)
    return within * HOUR_MS < DEEP_SWITCHES * block.active_ms


def flow_sessions(deep: Iterable[Interval]) -> tuple[FlowSession, ...]:
    """The flow sessions of the set ``deep``.

    ::

        |--30--|  10  |--20--|      15      |--30--|      →   one, with 50 of deep work
    """
    runs: list[FlowSession] = []
    for start_ms, end_ms in deep:
        if runs and start_ms - runs[-1].end_ms < BREAK_MS:
            runs[-1] = FlowSession(runs[-1].start_ms, end_ms, runs[-1].deep_ms + end_ms - start_ms)
        else:
            runs.append(FlowSession(start_ms, end_ms, end_ms - start_ms))
    return tuple(run for run in runs if run.deep_ms >= FLOW_MS)


def sittings(total: Iterable[Interval]) -> tuple[Interval, ...]:
    """The set ``total`` with the gaps closed that are no breaks."""
    result: list[Interval] = []
    for start_ms, end_ms in total:
        if result and start_ms - result[-1].end_ms < BREAK_MS:
            result[-1] = Interval(result[-1].start_ms, end_ms)
        else:
            result.append(Interval(start_ms, end_ms))
    return tuple(result)


def _moves(
    prompts: Sequence[Prompt], found: Sequence[Interval]
) -> tuple[list[tuple[Prompt, Prompt]], list[tuple[Prompt, Prompt]]]:
    """Each prompt with the one before it in its sitting: those that switched, and those that stayed."""
    switches: list[tuple[Prompt, Prompt]] = []
    stays: list[tuple[Prompt, Prompt]] = []
    starts = [sitting.start_ms for sitting in found]
    for before, after in itertools.pairwise(prompts):
        k = bisect_right(starts, before.at_ms) - 1
        if k >= 0 and after.at_ms <= found[k].end_ms:
            (stays if before.project == after.project else switches).append((before, after))
    return switches, stays


def _pieces(total: Iterable[Interval], switches_ms: Sequence[int]) -> list[Interval]:
    """The set ``total`` cut at the switches."""
    pieces = []
    for start_ms, end_ms in total:
        inside = switches_ms[bisect_right(switches_ms, start_ms) : bisect_left(switches_ms, end_ms)]
        edges = [start_ms, *dict.fromkeys(inside), end_ms]
        pieces += [Interval(a, b) for a, b in itertools.pairwise(edges)]
    return pieces


def _switching(
    report: Report, switches: Sequence[tuple[Prompt, Prompt]], stays: Sequence[tuple[Prompt, Prompt]]
) -> Switching:
    working = union(i for project in report.projects for b in project.blocks for i in b.working)
    switch_gaps, stay_gaps = _gaps(switches, working), _gaps(stays, working)
    usual_ms = statistics.median_low(stay_gaps) if len(stay_gaps) >= ENOUGH_GAPS else None
    usual_switch_ms = statistics.median_low(switch_gaps) if switch_gaps else None
    extra_ms = None if usual_ms is None or usual_switch_ms is None else max(0, usual_switch_ms - usual_ms)
    return Switching(
        switches=len(switches),
        stays=len(stays),
        per_hour=len(switches) * HOUR_MS / report.total_ms if report.total_ms >= ENOUGH_MS else None,
        switch_gap_ms=usual_switch_ms,
        stay_gap_ms=usual_ms,
        cost_ms=None if extra_ms is None else extra_ms * len(switches),
    )


def _gaps(moves: Iterable[tuple[Prompt, Prompt]], working: Sequence[Interval]) -> list[int]:
    """For each move the time between its prompts in which Claude did not work."""
    gaps = []
    ends = [interval.end_ms for interval in working]
    starts = [interval.start_ms for interval in working]
    for before, after in moves:
        near = working[bisect_right(ends, before.at_ms) : bisect_left(starts, after.at_ms)]
        gaps.append(length_ms(subtract((Interval(before.at_ms, after.at_ms),), clip(near, before.at_ms, after.at_ms))))
    return gaps


def _of_project(name: str, blocks: Sequence[Block], switches_ms: Sequence[int]) -> ProjectFocus:
    active_ms = sum(block.active_ms for block in blocks)
    deep_ms = sum(block.active_ms for block in blocks if is_deep(block, switches_ms))
    return ProjectFocus(
        name=name,
        active_ms=active_ms,
        deep_ms=deep_ms,
        blocks=len(blocks),
        longest_ms=max(block.active_ms for block in blocks),
        focus=deep_ms / active_ms if active_ms >= ENOUGH_MS else None,
    )
