"""What analytics need beyond a report: a person's prompts, when tools ran, and what subagents worked.

All of it as the settings and the journal have it: nothing here is of an ignored project, and what people moved or took
out is moved or taken out. What follows from it is computed elsewhere, without the store.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.accounting import FUTURE_MS, as_things_stand
from monitor_core.corrections import corrected, corrections_within
from monitor_core.edits import in_force
from monitor_core.grouping import LastGrouping
from monitor_core.intervals import clip, union
from monitor_core.model import Block, Interval
from monitor_core.standing import account_between, books_are_current, rules_of, settled_before_ms
from monitor_core.turns import PROVEN_CAP_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitor_core.accounting import StreamKey
    from monitor_core.config import Config
    from monitor_core.corrections import Correction
    from monitor_core.grouping import Grouping
    from monitor_core.report import Report
    from monitor_core.store import Store
    from monitor_core.turns import Stint

#: Tools that run what a shell runs: tests and builds are among it. Which command it was is never stored.
COMMAND_TOOLS = frozenset({"Bash", "PowerShell"})
#: Tools that last as long as a subagent works; its own tools are counted, and it thinks between them.
AGENT_TOOLS = frozenset({"Agent", "Task"})


class Prompt(NamedTuple):
    """A person's prompt; ``project`` only tells one project from another."""

    at_ms: int
    project: str


class AgentRun(NamedTuple):
    """The working time of one subagent for one project, which reports call ``project``; ``working`` is a set."""

    session_id: str
    agent_id: str
    project: str
    working: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What the store tells of a report's range and of its projects.

    ``prompts`` are by time. ``tools`` is the set of moments at which some tool ran, by what tools say of their own
    time, ``commands`` the part of it in which one of `COMMAND_TOOLS` did. ``agents`` are by start.
    """

    prompts: tuple[Prompt, ...] = ()
    tools: tuple[Interval, ...] = ()
    commands: tuple[Interval, ...] = ()
    agents: tuple[AgentRun, ...] = ()


def run_order(run: AgentRun) -> tuple[object, ...]:
    """What runs are sorted by: their start, then whose they are."""
    return run.working[0], run[:3]


class RecordReader:
    """Reads records of ``report``, which was made with ``config``, from ``store``; within one snapshot of it."""

    def __init__(self, store: Store, report: Report, config: Config) -> None:
        self._store = store
        self._report = report
        self._config = config
        self._edits = in_force(store.journal())
        self._grouping = LastGrouping().of(store.places(), store.projects(), config, self._edits)

    def made_of(self, span: Interval) -> tuple[object, ...] | None:
        """What the record of ``span`` follows from, but for the names of the report's projects.

        It is another one whenever the record is. None where the books do not tell, or where ``span`` is not settled.
        """
        rules, now_ms = rules_of(self._config), self._report.now_ms
        end_ms = span.end_ms + PROVEN_CAP_MS
        if end_ms >= settled_before_ms(now_ms) or not books_are_current(self._store, rules, now_ms):
            return None
        return self._store.books.token(end_ms), self._config, tuple(self._edits), self._grouping

    def record(self, span: Interval) -> Record:
        """The record of ``span``, which lies in the report's range. Raises `StoreError`."""
        store, until_ms = self._store, self._report.now_ms + FUTURE_MS + 1
        prompts = store.prompts(span.start_ms, min(span.end_ms, until_ms))
        ends = store.ends_of_tools(span.start_ms, min(span.end_ms + PROVEN_CAP_MS, until_ms))
        stints = _stints_of_agents(store, span, self._config, self._report.now_ms)
        corrections = corrections_within(self._edits, span, self._grouping.counts_for)
        counted = _Counted(self._report, self._grouping, [c for c in corrections if not c.adds])
        runs: list[tuple[int, int, int]] = []
        commands: list[tuple[int, int, int]] = []
        for t_ms, duration_ms, place, tool in ends:
            start_ms = t_ms - min(duration_ms, PROVEN_CAP_MS)
            if start_ms < span.end_ms and tool not in AGENT_TOOLS:
                runs.append((start_ms, t_ms, place))
                if tool in COMMAND_TOOLS:
                    commands.append((start_ms, t_ms, place))
        return Record(
            prompts=counted.prompts(prompts),
            tools=counted.covered(runs, span),
            commands=counted.covered(commands, span),
            agents=tuple(sorted(counted.agents(stints, span), key=run_order)),
        )


def read_record(store: Store, report: Report, config: Config) -> Record:
    """The record that goes with ``report``, which was made with ``config``. Raises `StoreError`."""
    with store.snapshot():
        return RecordReader(store, report, config).record(Interval(report.start_ms, report.end_ms))


class _Counted:
    """Which of it counts, and for which of the report's projects."""

    def __init__(self, report: Report, grouping: Grouping, taking: Sequence[Correction]) -> None:
        self._project_of = grouping.project_of
        self._taking = taking
        taken = union((c.start_ms, c.end_ms) for c in taking)
        self._taken_from, self._taken_until = [i.start_ms for i in taken], [i.end_ms for i in taken]
        shown = {project.path: project.name for project in report.projects}
        self._names = {key: shown[known.path] for key, known in grouping.known.items() if known.path in shown}

    def prompts(self, found: Iterable[tuple[int, int]]) -> tuple[Prompt, ...]:
        left = self._left((t_ms, t_ms, place) for t_ms, place in found)
        return tuple(sorted(Prompt(t_ms, key) for t_ms, _, key in left))

    def covered(self, runs: Iterable[tuple[int, int, int]], span: Interval) -> tuple[Interval, ...]:
        return clip(union((start_ms, end_ms) for start_ms, end_ms, _ in self._left(runs)), *span)

    def agents(self, stints: Mapping[StreamKey, Sequence[Stint]], span: Interval) -> Iterator[AgentRun]:
        for (session_id, agent_id), own in stints.items():
            found: dict[str, list[tuple[int, int]]] = defaultdict(list)
            for start_ms, end_ms, key in self._left((s.start_ms, s.end_ms, s.place) for s in own):
                found[key].append((start_ms, end_ms))
            for key, stretches in found.items():
                if working := clip(union(stretches), *span):
                    yield AgentRun(session_id, agent_id, self._names[key], working)

    def _left(self, stretches: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, str]]:
        """The stretches ``(start_ms, end_ms, place)`` as corrections leave them, with a project of the report each."""
        touched: dict[str, list[Interval]] = defaultdict(list)
        project_of, names, corrects = self._project_of, self._names, bool(self._taken_from)
        for start_ms, end_ms, place in stretches:
            key = project_of.get(place)
            if key is None:
                continue
            if corrects and self._is_touched(start_ms, end_ms):
                touched[key].append(Interval(start_ms, end_ms))
            elif key in names:
                yield start_ms, end_ms, key
        blocks = {key: [Block(*each) for each in _disjoint(own)] for key, own in touched.items()}
        for key, left in corrected(blocks, self._taking).items():
            if key in self._names:
                yield from ((block.start_ms, block.end_ms, key) for block in left)

    def _is_touched(self, start_ms: int, end_ms: int) -> bool:
        k = bisect_left(self._taken_from, max(end_ms, start_ms + 1)) - 1
        return k >= 0 and self._taken_until[k] > start_ms


def _disjoint(stretches: Iterable[Interval]) -> list[Interval]:
    """``stretches`` by start, those that overlap made one; unlike in a union points stay."""
    result: list[Interval] = []
    for stretch in sorted(stretches):
        if result and stretch.start_ms < result[-1].end_ms:
            result[-1] = Interval(result[-1].start_ms, max(result[-1].end_ms, stretch.end_ms))
        else:
            result.append(stretch)
    return result


def _stints_of_agents(store: Store, span: Interval, config: Config, now_ms: int) -> Mapping[StreamKey, Sequence[Stint]]:
    rules = rules_of(config)
    if not books_are_current(store, rules, now_ms):
        found = account_between(store, span, rules, now_ms).stints
        return {stream: own for stream, own in found.items() if stream[1]}
    stints = store.books.stints(span.start_ms, span.end_ms, of_agents=True)
    tails = store.books.tails(span.start_ms - PROVEN_CAP_MS, span.end_ms)
    of_agents = {stream: tail for stream, tail in tails.items() if stream[1]}
    return as_things_stand({}, stints, of_agents, {}, (), now_ms, rules.idle_ms).stints
