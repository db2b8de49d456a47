"""What Claude did: against a person's attention, waiting, running tools, and in subagents.

Pure functions of a stretch of a report and of what the store tells beside it. Formulas, reasons: docs/analytics.md.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from monitor_core.analytics.focus import ENOUGH_MS
from monitor_core.analytics.record import AgentRun, run_order
from monitor_core.intervals import common_ms, length_ms, union
from monitor_core.model import MINUTE_MS, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor_core.analytics.record import Record
    from monitor_core.analytics.stretch import Stretch
    from monitor_core.report import Report

#: The ratio of Claude's work to attention is not told of less attention than this.
ENOUGH_ATTENTION_MS = 10 * MINUTE_MS


class Lane(msgspec.Struct, frozen=True):
    """A subagent's run for one project. Runs in the same ``lane``, counted from 0, do not overlap.

    ``working`` is a set; the run lasts from its first moment to its last.
    """

    lane: int
    session_id: str
    agent_id: str
    project: str
    working: tuple[Interval, ...]

    @property
    def start_ms(self) -> int:
        """When the subagent began to work."""
        return self.working[0].start_ms

    @property
    def end_ms(self) -> int:
        """When it worked last."""
        return self.working[-1].end_ms

    @property
    def working_ms(self) -> int:
        """How long it worked."""
        return length_ms(self.working)


class Claude(msgspec.Struct, frozen=True):
    """What Claude did.

    ``to_attention`` is working time by attention, None below `ENOUGH_MS` of total or `ENOUGH_ATTENTION_MS`.
    ``waits`` counts the stretches in which Claude waited, in whichever projects; ``median_wait_ms`` is the lower
    median, None for none. ``tool_ms`` is the working time in which some tool ran, ``command_ms`` that in which a
    shell command did (a part of it), ``thinking_ms`` the rest of the working time. ``agents`` counts subagents,
    ``agents_working_ms`` adds up what each worked, ``agents_ms`` is the time in which any did, ``most_agents`` how
    many did at once. ``lanes`` are by start.
    """

    working_ms: int
    attention_ms: int
    to_attention: float | None
    waiting_ms: int
    waits: int
    median_wait_ms: int | None
    tool_ms: int
    command_ms: int
    thinking_ms: int
    agents: int
    agents_working_ms: int
    agents_ms: int
    most_agents: int
    lanes: tuple[Lane, ...]


class ClaudeSums(NamedTuple):
    """What of `Claude` can be added up. ``waits_ms`` are ascending, ``runs`` are by start."""

    waits_ms: tuple[int, ...]
    tool_ms: int
    command_ms: int
    agents_working_ms: int
    agents_ms: int
    most_agents: int
    runs: tuple[AgentRun, ...]

    def plus(self, later: ClaudeSums) -> ClaudeSums:
        """Those of this stretch and the next one."""
        return ClaudeSums(
            tuple(sorted(self.waits_ms + later.waits_ms)),
            self.tool_ms + later.tool_ms,
            self.command_ms + later.command_ms,
            self.agents_working_ms + later.agents_working_ms,
            self.agents_ms + later.agents_ms,
            max(self.most_agents, later.most_agents),
            _runs_joined(self.runs, later.runs),
        )


def claude_sums(stretch: Stretch, working: Sequence[Interval], record: Record) -> ClaudeSums:
    """The sums of ``stretch``, whose working set and record these are."""
    waits = union(wait for own in stretch.projects.values() for wait in own.waits)
    agents = _by_agent(record.agents)
    return ClaudeSums(
        waits_ms=tuple(sorted(end_ms - start_ms for start_ms, end_ms in waits)),
        tool_ms=common_ms(record.tools, working),
        command_ms=common_ms(record.commands, working),
        agents_working_ms=sum(map(length_ms, agents)),
        agents_ms=length_ms(union(i for own in agents for i in own)),
        most_agents=_most_at_once(agents),
        runs=record.agents,
    )


def claude_of(report: Report, sums: ClaudeSums) -> Claude:
    """The figures of ``report``, from the sums of all of it."""
    enough = report.total_ms >= ENOUGH_MS and report.attention_ms >= ENOUGH_ATTENTION_MS
    return Claude(
        working_ms=report.working_ms,
        attention_ms=report.attention_ms,
        to_attention=report.working_ms / report.attention_ms if enough else None,
        waiting_ms=sum(sums.waits_ms),
        waits=len(sums.waits_ms),
        median_wait_ms=statistics.median_low(sums.waits_ms) if sums.waits_ms else None,
        tool_ms=sums.tool_ms,
        command_ms=sums.command_ms,
        thinking_ms=report.working_ms - sums.tool_ms,
        agents=len({(run.session_id, run.agent_id) for run in sums.runs}),
        agents_working_ms=sums.agents_working_ms,
        agents_ms=sums.agents_ms,
        most_agents=sums.most_agents,
        lanes=tuple(lanes_of(sums.runs)),
    )


def lanes_of(runs: Iterable[AgentRun]) -> list[Lane]:
    """``runs``, which are by start, each in the first lane that is free.

    ::

        lane 0   |-----|  |----|
        lane 1     |-------|
    """
    ends: list[int] = []
    lanes = []
    for session_id, agent_id, project, working in runs:
        free = (number for number, end_ms in enumerate(ends) if end_ms <= working[0].start_ms)
        lane = next(free, len(ends))
        ends[lane : lane + 1] = [working[-1].end_ms]
        lanes.append(Lane(lane, session_id, agent_id, project, working))
    return lanes


def _by_agent(runs: Iterable[AgentRun]) -> list[tuple[Interval, ...]]:
    """What each subagent worked, for whichever projects."""
    found: dict[tuple[str, str], list[Interval]] = {}
    for run in runs:
        found.setdefault((run.session_id, run.agent_id), []).extend(run.working)
    return [union(own) for own in found.values()]


def _runs_joined(earlier: tuple[AgentRun, ...], later: tuple[AgentRun, ...]) -> tuple[AgentRun, ...]:
    """A subagent that worked for one project in both stretches has one run."""
    going_on = {run[:3]: run for run in later}
    runs = [
        AgentRun(*run[:3], union((*run.working, *going_on.pop(run[:3]).working))) if run[:3] in going_on else run
        for run in earlier
    ]
    return tuple(sorted([*runs, *going_on.values()], key=run_order))


def _most_at_once(agents: Iterable[tuple[Interval, ...]]) -> int:
    # Of those at one instant the ends come first: intervals are half-open.
    edges = sorted(edge for own in agents for i in own for edge in ((i.start_ms, 1), (i.end_ms, -1)))
    most = now = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most
