"""What Claude did: against a person's attention, waiting, running tools, and in subagents.

Pure functions of a report and of what the store tells beside it. The formulas and their reasons: docs/analytics.md.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import msgspec

from monitor_core.analytics.focus import ENOUGH_MS
from monitor_core.intervals import common, length_ms, union
from monitor_core.model import MINUTE_MS, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor_core.analytics.record import AgentRun, Record
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


def claude_of(report: Report, record: Record) -> Claude:
    """The figures of ``report``."""
    working = union(i for project in report.projects for b in project.blocks for i in b.working)
    waits = union(wait for project in report.projects for wait in project.waits)
    tool_ms = length_ms(common(record.tools, working))
    agents = _by_agent(record.agents)
    enough = report.total_ms >= ENOUGH_MS and report.attention_ms >= ENOUGH_ATTENTION_MS
    return Claude(
        working_ms=report.working_ms,
        attention_ms=report.attention_ms,
        to_attention=report.working_ms / report.attention_ms if enough else None,
        waiting_ms=length_ms(waits),
        waits=len(waits),
        median_wait_ms=statistics.median_low(w.length_ms for w in waits) if waits else None,
        tool_ms=tool_ms,
        command_ms=length_ms(common(record.commands, working)),
        thinking_ms=report.working_ms - tool_ms,
        agents=len(agents),
        agents_working_ms=sum(map(length_ms, agents)),
        agents_ms=length_ms(union(i for own in agents for i in own)),
        most_agents=_most_at_once(agents),
        lanes=tuple(lanes_of(record.agents)),
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


def _most_at_once(agents: Iterable[tuple[Interval, ...]]) -> int:
    # Of those at one instant the ends come first: intervals are half-open.
    edges = sorted(edge for own in agents for i in own for edge in ((i.start_ms, 1), (i.end_ms, -1)))
    most = now = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most
