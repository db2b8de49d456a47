"""Figures about a report beyond its sums: focus, rhythm, what Claude did, and which sentences they bear.

`analytics_of` is the way from a store and a report to all of them; `analyse` is the same without a store. Lengths are
milliseconds, shares 0 to 1. Everything is of the report's range, projects and clipped blocks; where there is too little
data, a figure is None. The formulas and their reasons: docs/analytics.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from monitor_core.analytics.claude import Claude, Lane, claude_of
from monitor_core.analytics.focus import FlowSession, Focus, ProjectFocus, Switching, focus_of
from monitor_core.analytics.insights import Insight, insights
from monitor_core.analytics.record import AgentRun, Prompt, Record, read_record
from monitor_core.analytics.rhythm import Rhythm, Rhythms, WeekTime, rhythms_of

if TYPE_CHECKING:
    from monitor_core.config import Config
    from monitor_core.report import Report
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


def analytics_of(store: Store, report: Report, config: Config, before: Report | None = None) -> Analytics:
    """The figures of ``report``, which was made from ``store`` with ``config``; also of one project's alone.

    ``before``, the report of the time before, lets streaks reach into that. Raises `StoreError`.
    """
    return analyse(report, read_record(store, report, config), config.week_starts_on, before)


def analyse(report: Report, record: Record, week_starts_on: int = 0, before: Report | None = None) -> Analytics:
    """The same from what the store told."""
    return Analytics(
        focus=focus_of(report, record.prompts),
        rhythms=rhythms_of(report, before, week_starts_on),
        claude=claude_of(report, record),
    )
