"""Figures about a report beyond its sums: focus, rhythm, what Claude did, and which sentences they bear.

`analytics_of` is the way from a store and a report to all of them; `analyse` is the same without a store. Both add up
`Sums` first: those of the stretch of a report that is settled are kept by a process that makes many. Lengths are
milliseconds, shares 0 to 1. Everything is of the report's range, projects and clipped blocks; where there is too little
data, a figure is None. The formulas and their reasons: docs/analytics.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from monitor_core.analytics.claude import Claude, ClaudeSums, Lane, claude_of, claude_sums
from monitor_core.analytics.focus import FlowSession, Focus, FocusSums, ProjectFocus, Switching, focus_of, focus_sums
from monitor_core.analytics.insights import Insight, insights
from monitor_core.analytics.record import AgentRun, Prompt, Record, RecordReader
from monitor_core.analytics.rhythm import Rhythm, Rhythms, WeekTime, hours_of, rhythms_of
from monitor_core.analytics.stretch import Stretch
from monitor_core.standing import settled_before_ms
from monitor_core.turns import PROVEN_CAP_MS

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from monitor_core.config import Config
    from monitor_core.report import Report
    from monitor_core.settled import SettledParts
    from monitor_core.store import Store

__all__ = [
    "AgentRun",
    "Analytics",
    "Claude",
    "FlowSession",
    "Focus",
    "Insight",
    "Lane",
    "ProjectFocus",
    "Prompt",
    "Record",
    "Rhythm",
    "Rhythms",
    "Sums",
    "Switching",
    "WeekTime",
    "analyse",
    "analytics_of",
    "insights",
]


class Analytics(msgspec.Struct, frozen=True):
    """All figures of one report; each is defined where its struct is, and in docs/analytics.md."""

    focus: Focus
    rhythms: Rhythms
    claude: Claude


class Sums(NamedTuple):
    """What of `Analytics` can be added up, stretch by stretch."""

    focus: FocusSums
    hours_ms: tuple[int, ...]
    claude: ClaudeSums

    def plus(self, later: Sums) -> Sums:
        """Those of this stretch and the next one."""
        hours_ms = tuple(a + b for a, b in zip(self.hours_ms, later.hours_ms, strict=True))
        return Sums(self.focus.plus(later.focus), hours_ms, self.claude.plus(later.claude))


def analytics_of(
    store: Store,
    report: Report,
    config: Config,
    before: Report | None = None,
    settled: SettledParts[Sums] | None = None,
) -> Analytics:
    """The figures of ``report``, which was made from ``store`` with ``config``; also of one project's alone.

    ``before``, the report of the time before, lets streaks reach into that. ``settled`` has sums that were made before;
    they are the same figures, sooner. Raises `StoreError`.
    """
    whole = Stretch.of(report)
    with store.snapshot():
        reader = RecordReader(store, report, config)
        sums = _settled_and_rest(reader, whole, report, settled) or _sums(whole, reader.record(whole.span), report.zone)
    return _figures(report, sums, config.week_starts_on, before)


def analyse(report: Report, record: Record, week_starts_on: int = 0, before: Report | None = None) -> Analytics:
    """The same from what the store told."""
    return _figures(report, _sums(Stretch.of(report), record, report.zone), week_starts_on, before)


def _figures(report: Report, sums: Sums, week_starts_on: int, before: Report | None) -> Analytics:
    return Analytics(
        focus=focus_of(report, sums.focus),
        rhythms=rhythms_of(report, sums.hours_ms, before, week_starts_on),
        claude=claude_of(report, sums.claude),
    )


def _sums(stretch: Stretch, record: Record, zone: ZoneInfo) -> Sums:
    total, working = stretch.total, stretch.working
    return Sums(
        focus=focus_sums(stretch, total, working, record.prompts),
        hours_ms=hours_of(total, zone),
        claude=claude_sums(stretch, working, record),
    )


def _settled_and_rest(
    reader: RecordReader, whole: Stretch, report: Report, known: SettledParts[Sums] | None
) -> Sums | None:
    """The sums of ``whole``, of which those that are settled are remembered; None where none are."""
    cut = None if known is None else whole.cut(settled_before_ms(report.now_ms) - PROVEN_CAP_MS - 1)
    if known is None or cut is None:
        return None
    earlier, later = cut
    told = reader.made_of(earlier.span)
    if told is None:
        return None
    # The report may be of another moment than what is read here: what it holds is compared itself.
    made_of = told, report.zone, earlier.projects
    sums = known.part(earlier.span, made_of, lambda: _sums(earlier, reader.record(earlier.span), report.zone))
    return sums.plus(_sums(later, reader.record(later.span), report.zone))
