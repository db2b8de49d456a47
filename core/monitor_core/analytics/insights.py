"""Which sentences the figures of a report bear, each with the figures that it names.

An insight that says little, or of too little data, is left out; the thresholds stand here, and those of the figures
where they are computed. Words for people are not made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from monitor_core.analytics.focus import ENOUGH_MS
from monitor_core.model import MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor_core.analytics import Analytics
    from monitor_core.analytics.claude import Claude
    from monitor_core.analytics.focus import FlowSession, Focus
    from monitor_core.analytics.rhythm import Rhythm, Rhythms, WeekTime
    from monitor_core.report import Report
    from monitor_core.summary import Streak

#: A smaller trend is none, in either direction.
SMALL_TREND = 0.1
#: Peak hours that are more than these are no peak.
MOST_PEAK_HOURS = 6
#: A few switches are nothing to tell.
FEW_SWITCHES = 3
#: A few waits have no usual length.
FEW_WAITS = 5
#: A shorter streak is not told.
LONG_STREAK_DAYS = 5
#: Which project had most is told from this share on.
MAIN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Trended:
    """The last whole week against the mean of the whole weeks before it."""

    kind: ClassVar[str] = "trend"
    last: WeekTime
    mean_ms: int
    weeks_before: int
    trend: float


@dataclass(frozen=True, slots=True)
class Focused:
    """The focus score, and the deep work of the total."""

    kind: ClassVar[str] = "focus"
    score: int
    deep_ms: int
    total_ms: int
    blocks: int


@dataclass(frozen=True, slots=True)
class Switched:
    """Switches between projects; ``extra_ms`` is what each cost, ``cost_ms`` all of them, 0 where that is not known."""

    kind: ClassVar[str] = "switches"
    switches: int
    per_hour: float
    extra_ms: int
    cost_ms: int


@dataclass(frozen=True, slots=True)
class Peaked:
    """The peak hours, ascending, and what of the total lies in them."""

    kind: ClassVar[str] = "peak_hours"
    hours: tuple[int, ...]
    in_them_ms: int
    total_ms: int


@dataclass(frozen=True, slots=True)
class RanTools:
    """Working time with tools and without; commands are a part of the tools' time."""

    kind: ClassVar[str] = "tools"
    working_ms: int
    tool_ms: int
    command_ms: int


@dataclass(frozen=True, slots=True)
class Waited:
    """How long Claude waited for the person, how often, and the median wait."""

    kind: ClassVar[str] = "waiting"
    waiting_ms: int
    waits: int
    median_ms: int


@dataclass(frozen=True, slots=True)
class UsedAgents:
    """What subagents worked, added up and by the clock on the wall."""

    kind: ClassVar[str] = "subagents"
    agents: int
    working_ms: int
    by_clock_ms: int
    most_at_once: int


@dataclass(frozen=True, slots=True)
class Flowed:
    """The flow sessions; ``longest`` has the most deep work, the first of equals."""

    kind: ClassVar[str] = "flow"
    sessions: int
    deep_ms: int
    longest: FlowSession


@dataclass(frozen=True, slots=True)
class Balanced:
    """Claude's work against the person's attention."""

    kind: ClassVar[str] = "ratio"
    working_ms: int
    attention_ms: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Favoured:
    """The project with most active time; ``share`` is of all active time."""

    kind: ClassVar[str] = "main_project"
    project: str
    active_ms: int
    share: float
    longest_ms: int


@dataclass(frozen=True, slots=True)
class Leaned:
    """The part of the day that has at least half of the time."""

    kind: ClassVar[str] = "rhythm"
    rhythm: Rhythm
    in_it_ms: int
    total_ms: int


@dataclass(frozen=True, slots=True)
class Varied:
    """How alike the days that have time are."""

    kind: ClassVar[str] = "consistency"
    days: int
    mean_ms: int
    deviation_ms: int
    consistency: float


@dataclass(frozen=True, slots=True)
class Kept:
    """A streak; ``goes_on`` where it is the current one."""

    kind: ClassVar[str] = "streak"
    streak: Streak
    goes_on: bool


Insight = (
    Trended | Focused | Switched | Peaked | RanTools | Waited | UsedAgents | Flowed | Balanced | Favoured | Leaned
    | Varied | Kept
)  # fmt: skip


def insights(analytics: Analytics, report: Report) -> tuple[Insight, ...]:
    """What can be said of ``report``, the most telling first. Each kind at most once."""
    found: list[Insight] = [
        *_trended(analytics.rhythms),
        *_focused(analytics.focus, report),
        *_switched(analytics.focus),
        *_peaked(analytics.rhythms, report),
        *_of_claude(analytics.claude),
        *_flowed(analytics.focus),
        *_balanced(analytics.claude),
        *_favoured(analytics.focus),
        *_of_days(analytics.rhythms, report),
    ]
    return tuple(found)


def _trended(rhythms: Rhythms) -> Iterator[Insight]:
    if rhythms.trend is not None and abs(rhythms.trend) >= SMALL_TREND:
        *earlier, last = rhythms.weeks
        mean_ms = sum(week.total_ms for week in earlier) // len(earlier)
        yield Trended(last, mean_ms, len(earlier), rhythms.trend)


def _focused(focus: Focus, report: Report) -> Iterator[Insight]:
    if focus.score is not None:
        yield Focused(focus.score, focus.deep_ms, report.total_ms, focus.deep_blocks)


def _switched(focus: Focus) -> Iterator[Insight]:
    found = focus.switching
    if found.switches >= FEW_SWITCHES and found.per_hour is not None:
        cost_ms = found.cost_ms or 0
        yield Switched(found.switches, found.per_hour, cost_ms // found.switches, cost_ms)


def _peaked(rhythms: Rhythms, report: Report) -> Iterator[Insight]:
    if 0 < len(rhythms.peak_hours) <= MOST_PEAK_HOURS and report.total_ms >= ENOUGH_MS:
        in_them_ms = sum(rhythms.hours_ms[hour] for hour in rhythms.peak_hours)
        yield Peaked(rhythms.peak_hours, in_them_ms, report.total_ms)


def _of_claude(claude: Claude) -> Iterator[Insight]:
    if claude.working_ms >= ENOUGH_MS and claude.tool_ms >= MINUTE_MS:
        yield RanTools(claude.working_ms, claude.tool_ms, claude.command_ms)
    if claude.waits >= FEW_WAITS and claude.median_wait_ms is not None:
        yield Waited(claude.waiting_ms, claude.waits, claude.median_wait_ms)
    if claude.agents > 1 and claude.agents_ms >= MINUTE_MS:
        yield UsedAgents(claude.agents, claude.agents_working_ms, claude.agents_ms, claude.most_agents)


def _flowed(focus: Focus) -> Iterator[Insight]:
    if focus.flow:
        longest = max(focus.flow, key=lambda session: session.deep_ms)
        yield Flowed(len(focus.flow), focus.flow_ms, longest)


def _balanced(claude: Claude) -> Iterator[Insight]:
    if claude.to_attention is not None:
        yield Balanced(claude.working_ms, claude.attention_ms, claude.to_attention)


def _favoured(focus: Focus) -> Iterator[Insight]:
    if len(focus.projects) > 1 and focus.main_share is not None and focus.main_share >= MAIN_SHARE:
        first = focus.projects[0]
        yield Favoured(first.name, first.active_ms, focus.main_share, first.longest_ms)


def _of_days(rhythms: Rhythms, report: Report) -> Iterator[Insight]:
    if rhythms.rhythm is not None and rhythms.rhythm_ms is not None and report.total_ms >= ENOUGH_MS:
        yield Leaned(rhythms.rhythm, rhythms.rhythm_ms, report.total_ms)
    if rhythms.consistency is not None and rhythms.mean_ms is not None and rhythms.deviation_ms is not None:
        yield Varied(rhythms.days_worked, rhythms.mean_ms, rhythms.deviation_ms, rhythms.consistency)
    if rhythms.longest_streak is not None and rhythms.longest_streak.days >= LONG_STREAK_DAYS:
        yield Kept(rhythms.longest_streak, goes_on=rhythms.longest_streak == rhythms.current_streak)
