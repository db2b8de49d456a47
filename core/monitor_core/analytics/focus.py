"""How undivided the time was: switches between projects, deep work, flow sessions, fragmentation, the focus score.

Pure functions of a stretch of a report and of a person's prompts. The formulas and their reasons: docs/analytics.md.
"""

from __future__ import annotations

import itertools
import statistics
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from monitor_core.intervals import length_ms, lengths_within, union
from monitor_core.model import HOUR_MS, MINUTE_MS, Block, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor_core.analytics.record import Prompt
    from monitor_core.analytics.stretch import Stretch
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


class ProjectSums(NamedTuple):
    """What one project has in a stretch."""

    active_ms: int
    deep_ms: int
    blocks: int
    longest_ms: int

    def plus(self, later: ProjectSums) -> ProjectSums:
        """That of this stretch and the next one."""
        return ProjectSums(
            self.active_ms + later.active_ms,
            self.deep_ms + later.deep_ms,
            self.blocks + later.blocks,
            max(self.longest_ms, later.longest_ms),
        )


class FocusSums(NamedTuple):
    """What of `Focus` can be added up; gaps are ascending. ``projects`` are those that have blocks, by name."""

    deep_ms: int
    deep_blocks: int
    flow: tuple[FlowSession, ...]
    pieces: int
    fragments_ms: int
    switch_gaps_ms: tuple[int, ...]
    stay_gaps_ms: tuple[int, ...]
    projects: Mapping[str, ProjectSums]

    def plus(self, later: FocusSums) -> FocusSums:
        """Those of this stretch and the next one."""
        names = {**self.projects, **later.projects}
        nothing = ProjectSums(0, 0, 0, 0)
        return FocusSums(
            self.deep_ms + later.deep_ms,
            self.deep_blocks + later.deep_blocks,
            self.flow + later.flow,
            self.pieces + later.pieces,
            self.fragments_ms + later.fragments_ms,
            tuple(sorted(self.switch_gaps_ms + later.switch_gaps_ms)),
            tuple(sorted(self.stay_gaps_ms + later.stay_gaps_ms)),
            {name: self.projects.get(name, nothing).plus(later.projects.get(name, nothing)) for name in names},
        )


def focus_sums(
    stretch: Stretch, total: Sequence[Interval], working: Sequence[Interval], prompts: Sequence[Prompt]
) -> FocusSums:
    """The sums of ``stretch``, whose total set and working set these are; ``prompts`` are by time."""
    switches, stays = _moves(prompts, sittings(total))
    at = [after.at_ms for _, after in switches]
    deep_blocks: list[Block] = []
    projects = {}
    for name, own in stretch.projects.items():
        if own.blocks:
            deep_of_project = [block for block in own.blocks if is_deep(block, at)]
            deep_blocks += deep_of_project
            lengths = [block.active_ms for block in own.blocks]
            deep_ms = sum(block.active_ms for block in deep_of_project)
            projects[name] = ProjectSums(sum(lengths), deep_ms, len(lengths), max(lengths))
    deep = union((b.start_ms, b.end_ms) for b in deep_blocks)
    pieces = _pieces(total, at)
    return FocusSums(
        deep_ms=length_ms(deep),
        deep_blocks=len(deep_blocks),
        flow=flow_sessions(deep),
        pieces=len(pieces),
        fragments_ms=sum(ms for ms in pieces if ms < FRAGMENT_MS),
        switch_gaps_ms=tuple(sorted(_gaps(switches, working))),
        stay_gaps_ms=tuple(sorted(_gaps(stays, working))),
        projects=projects,
    )


def focus_of(report: Report, sums: FocusSums) -> Focus:
    """The figures of ``report``, from the sums of all of it."""
    flow_ms = sum(session.deep_ms for session in sums.flow)
    enough = report.total_ms >= ENOUGH_MS
    return Focus(
        deep_ms=sums.deep_ms,
        deep_blocks=sums.deep_blocks,
        deep_share=sums.deep_ms / report.total_ms if enough else None,
        flow=sums.flow,
        flow_ms=flow_ms,
        pieces=sums.pieces,
        fragmentation=sums.fragments_ms / report.total_ms if enough else None,
        score=focus_score(report.total_ms, sums.deep_ms, flow_ms, sums.fragments_ms) if enough else None,
        switching=_switching(report, sums.switch_gaps_ms, sums.stay_gaps_ms),
        projects=tuple(_of_project(p.name, sums.projects[p.name]) for p in report.projects if p.active_ms),
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


def _pieces(total: Iterable[Interval], switches_ms: Sequence[int]) -> list[int]:
    """How long the pieces are of the set ``total`` cut at the switches."""
    pieces = []
    for start_ms, end_ms in total:
        inside = switches_ms[bisect_right(switches_ms, start_ms) : bisect_left(switches_ms, end_ms)]
        edges = [start_ms, *dict.fromkeys(inside), end_ms]
        pieces += [b - a for a, b in itertools.pairwise(edges)]
    return pieces


def _switching(report: Report, switch_gaps: Sequence[int], stay_gaps: Sequence[int]) -> Switching:
    switches, stays = len(switch_gaps), len(stay_gaps)
    usual_ms = statistics.median_low(stay_gaps) if stays >= ENOUGH_GAPS else None
    usual_switch_ms = statistics.median_low(switch_gaps) if switches else None
    extra_ms = None if usual_ms is None or usual_switch_ms is None else max(0, usual_switch_ms - usual_ms)
    return Switching(
        switches=switches,
        stays=stays,
        per_hour=switches * HOUR_MS / report.total_ms if report.total_ms >= ENOUGH_MS else None,
        switch_gap_ms=usual_switch_ms,
        stay_gap_ms=usual_ms,
        cost_ms=None if extra_ms is None else extra_ms * switches,
    )


def _gaps(moves: Iterable[tuple[Prompt, Prompt]], working: Sequence[Interval]) -> list[int]:
    """For each move, which are by time, the time between its prompts in which Claude did not work."""
    between = [(before.at_ms, after.at_ms) for before, after in moves]
    worked_ms = lengths_within(working, between)
    return [end_ms - start_ms - worked_ms.get(k, 0) for k, (start_ms, end_ms) in enumerate(between)]


def _of_project(name: str, sums: ProjectSums) -> ProjectFocus:
    active_ms, deep_ms, blocks, longest_ms = sums
    return ProjectFocus(
        name=name,
        active_ms=active_ms,
        deep_ms=deep_ms,
        blocks=blocks,
        longest_ms=longest_ms,
        focus=deep_ms / active_ms if active_ms >= ENOUGH_MS else None,
    )
