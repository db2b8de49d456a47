"""What a range of days holds, by project: what `monitor_core.reporting` puts a report together from.

The parts of two ranges that follow one another make the part of both, the same as if that had been made at once. So a
process that makes many reports need not make again what is settled; see `monitor_core.settled`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.blocks import clip_blocks, joined
from monitor_core.corrections import Share, agent_time_ms, corrected
from monitor_core.intervals import covered_ms, length_ms, lengths_within, union
from monitor_core.model import Block, Interval, UsageWindow
from monitor_core.waiting import waits_of_projects

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from monitor_core.accounting import Account
    from monitor_core.corrections import Correction
    from monitor_core.grouping import Grouping

#: Takes half as long as `Share` itself.
_share = Share._make


class PartOfProject(NamedTuple):
    """What one project has in a range, in the order of time."""

    blocks: tuple[Block, ...] = ()
    waits: tuple[Interval, ...] = ()
    events: int = 0
    active_ms: int = 0
    working_ms: int = 0


class PartOfDay(NamedTuple):
    """A day, and how long each project was active on it."""

    date: dt.date
    bounds: Interval
    total_ms: int
    active_ms: Mapping[str, int]


class Part(NamedTuple):
    """What the projects have in a range, by their keys, and what they have together."""

    projects: Mapping[str, PartOfProject]
    days: tuple[PartOfDay, ...]
    windows: tuple[UsageWindow, ...]
    total_ms: int
    working_ms: int
    agent_ms: int
    first_ms: int | None
    last_ms: int | None

    def followed_by(self, later: Part) -> Part:
        """The part of this range and the next one together."""
        keys = {*self.projects, *later.projects}
        nothing = PartOfProject()
        return Part(
            projects={k: _joined(self.projects.get(k, nothing), later.projects.get(k, nothing)) for k in keys},
            days=self.days + later.days,
            windows=_windows_joined(self.windows, later.windows),
            total_ms=self.total_ms + later.total_ms,
            working_ms=self.working_ms + later.working_ms,
            agent_ms=self.agent_ms + later.agent_ms,
            first_ms=later.first_ms if self.first_ms is None else self.first_ms,
            last_ms=self.last_ms if later.last_ms is None else later.last_ms,
        )


def part_of(
    result: Account,
    counts: Mapping[int, int],
    windows: tuple[UsageWindow, ...],
    grouping: Grouping,
    corrections: Sequence[Correction],
    days: Sequence[tuple[dt.date, Interval]],
    idle_ms: int,
) -> Part:
    """The part of ``days`` in a row: of their account, how many events each place has, and the windows within them."""
    span = Interval(days[0][1].start_ms, days[-1][1].end_ms)
    own = corrected(blocks_of_projects(result, grouping, idle_ms), corrections)
    blocks = {key: cut for key, all_ in own.items() if (cut := clip_blocks(all_, *span))}
    waits = waits_of_projects(result, grouping, corrections, span)
    events: Counter[str] = Counter()
    for place, count in counts.items():
        if place in grouping.project_of:
            events[grouping.project_of[place]] += count
    covered = union((b.start_ms, b.end_ms) for own in blocks.values() for b in own)
    return Part(
        projects={
            key: PartOfProject(
                blocks=blocks.get(key, ()),
                waits=waits.get(key, ()),
                events=events[key],
                active_ms=sum(b.active_ms for b in blocks.get(key, ())),
                working_ms=sum(b.working_ms for b in blocks.get(key, ())),
            )
            for key in {*blocks, *waits, *events}
        },
        days=_days(days, blocks, covered),
        windows=windows,
        total_ms=length_ms(covered),
        working_ms=covered_ms(i for own in blocks.values() for b in own for i in b.working),
        agent_ms=agent_time_ms(_shares(result, grouping), corrections, span),
        first_ms=min((own[0].start_ms for own in blocks.values()), default=None),
        last_ms=max((own[-1].end_ms for own in blocks.values()), default=None),
    )


def blocks_of_projects(result: Account, grouping: Grouping, idle_ms: int) -> Mapping[str, list[Block]]:
    """The blocks of each project, those of its places together, as the events alone have them."""
    runs: dict[str, list[Block]] = defaultdict(list)
    for place, own in result.blocks.items():
        if place in grouping.project_of:
            runs[grouping.project_of[place]] += own
    return {key: joined(own, idle_ms) for key, own in runs.items()}


def _shares(result: Account, grouping: Grouping) -> Iterator[Share]:
    """Claude's working time of each stream, a moment once: where two places have it, for the one that began first."""
    for own in result.stints.values():
        told_ms = 0
        for stint in own:
            if stint.place in grouping.project_of and stint.end_ms > told_ms:
                yield _share((max(stint.start_ms, told_ms), stint.end_ms, grouping.project_of[stint.place]))
                told_ms = stint.end_ms


def _days(
    days: Sequence[tuple[dt.date, Interval]], blocks: Mapping[str, Sequence[Block]], covered: Sequence[Interval]
) -> tuple[PartOfDay, ...]:
    bounds = [interval for _, interval in days]
    totals = lengths_within(covered, bounds)
    active: list[dict[str, int]] = [{} for _ in days]
    for key, own in blocks.items():
        for k, active_ms in lengths_within(((b.start_ms, b.end_ms) for b in own), bounds).items():
            active[k][key] = active_ms
    return tuple(PartOfDay(date, own, totals.get(k, 0), active[k]) for k, (date, own) in enumerate(days))


def _joined(earlier: PartOfProject, later: PartOfProject) -> PartOfProject:
    return PartOfProject(
        _blocks_joined(earlier.blocks, later.blocks),
        _intervals_joined(earlier.waits, later.waits),
        earlier.events + later.events,
        earlier.active_ms + later.active_ms,
        earlier.working_ms + later.working_ms,
    )


def _blocks_joined(earlier: tuple[Block, ...], later: tuple[Block, ...]) -> tuple[Block, ...]:
    """What touches was one block before it was cut: whatever is next to each other is joined."""
    if not earlier or not later or earlier[-1].end_ms < later[0].start_ms:
        return earlier + later
    before, after = earlier[-1], later[0]
    working = _intervals_joined(before.working, after.working)
    whole = Block(before.start_ms, after.end_ms, working, open=after.open, auto=before.auto)
    return (*earlier[:-1], whole, *later[1:])


def _intervals_joined(earlier: tuple[Interval, ...], later: tuple[Interval, ...]) -> tuple[Interval, ...]:
    if not earlier or not later or earlier[-1].end_ms < later[0].start_ms:
        return earlier + later
    return (*earlier[:-1], Interval(earlier[-1].start_ms, later[0].end_ms), *later[1:])


def _windows_joined(earlier: tuple[UsageWindow, ...], later: tuple[UsageWindow, ...]) -> tuple[UsageWindow, ...]:
    """A window with prompts in both ranges is one, with those of both."""
    if not earlier or not later or earlier[-1].start_ms != later[0].start_ms:
        return earlier + later
    prompts = earlier[-1].prompts + later[0].prompts
    return (*earlier[:-1], UsageWindow(later[0].start_ms, later[0].end_ms, prompts), *later[1:])
