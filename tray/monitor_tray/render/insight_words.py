"""The sentences of insights. Each names its figures, as reports show them: time in whole minutes, cut.

Percents, and figures with a point, are rounded; "under" is the next whole minute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_core.analytics.insights import (
    Balanced,
    Favoured,
    Flowed,
    Focused,
    Insight,
    Kept,
    Leaned,
    Peaked,
    RanTools,
    Switched,
    Trended,
    UsedAgents,
    Varied,
    Waited,
    insights,
)
from monitor_core.analytics.rhythm import PARTS_OF_THE_DAY
from monitor_core.model import MINUTE_MS
from monitor_tray.duration import format_duration_in_a_sentence as time
from monitor_tray.printable import printable
from monitor_tray.render.figures import MINUS
from monitor_tray.render.local_time import LocalClock, date_range

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from monitor_core.analytics import Analytics
    from monitor_core.report import Report


#: More sentences than these are not read.
MOST = 5


def most_telling(analytics: Analytics, report: Report) -> list[str]:
    """The sentences that say most of the report, at most `MOST`; none where there is too little data."""
    return [sentence(insight, report.zone) for insight in insights(analytics, report)[:MOST]]


def sentence(insight: Insight, zone: ZoneInfo) -> str:
    """``insight`` for people, with a full stop; clock times are those of ``zone``. Printable."""
    match insight:
        case Focused() | Switched() | Flowed() | Favoured():
            return _of_focus(insight, zone)
        case RanTools() | Waited() | UsedAgents() | Balanced():
            return _of_claude(insight)
        case _:
            return _of_days(insight)


def _of_focus(insight: Focused | Switched | Flowed | Favoured, zone: ZoneInfo) -> str:
    match insight:
        case Focused(score, deep_ms, total_ms, blocks):
            deep = f"{time(deep_ms)} of {time(total_ms)} in {_counted(blocks, 'block')}" if blocks else "none"
            return f"Focus score {score} of 100; deep work: {deep}."
        case Switched(switches, per_hour, extra_ms, cost_ms):
            text = f"{switches} switches between projects, {per_hour:.1f} an hour"
            if cost_ms < MINUTE_MS:
                return f"{text}."
            return f"{text}; they took {time(cost_ms)}, {time(extra_ms)} each, beyond the usual gap between prompts."
        case Flowed(sessions, deep_ms, longest):
            clock = LocalClock(zone)
            day = clock.local(longest.start_ms).date()
            when = f"{date_range(day, day, year=False)}, {clock.stretch(day, longest.start_ms, longest.end_ms)}"
            which = f"the longest {when}" if sessions > 1 else when
            return f"{_counted(sessions, 'flow session')} with {time(deep_ms)} of deep work, {which}."
        case Favoured(project, active_ms, share, longest_ms):
            had = f"{printable(project)} had {_percent(share)} of all active time"
            return f"{had}, {time(active_ms)}; its longest block: {time(longest_ms)}."


def _of_claude(insight: RanTools | Waited | UsedAgents | Balanced) -> str:
    match insight:
        case RanTools(working_ms, tool_ms, command_ms):
            thinking_ms = (working_ms // MINUTE_MS - tool_ms // MINUTE_MS) * MINUTE_MS
            commands = f" (shell commands {time(command_ms)})" if command_ms else ""
            parts = f"tools {time(tool_ms)}{commands}, thinking {time(thinking_ms)}"
            return f"Claude worked {time(working_ms)}: {parts}."
        case Waited(waiting_ms, waits, median_ms):
            next_minute_ms = (median_ms // MINUTE_MS + 1) * MINUTE_MS
            half = f"at least half of them under {time(next_minute_ms)}"
            return f"Claude waited for you {time(waiting_ms)} in {waits} waits, {half}."
        case UsedAgents(agents, working_ms, by_clock_ms, most):
            at_once = f", at most {most} at once" if most > 1 else ", one at a time"
            return f"{agents} subagents worked {time(working_ms)} within {time(by_clock_ms)}{at_once}."
        case Balanced(working_ms, attention_ms, ratio):
            return f"Claude worked {time(working_ms)}, {ratio:.1f} times your attention of {time(attention_ms)}."


def _of_days(insight: Trended | Peaked | Leaned | Varied | Kept) -> str:
    match insight:
        case Trended(last, mean_ms, weeks_before, trend):
            when = date_range(last.first_day, last.last_day, year=False)
            change = round(100 * trend)
            sign = "+" if change > 0 else MINUS if change < 0 else ""
            return (
                f"{when}: {time(last.total_ms)}, {sign}{abs(change)} % against the {time(mean_ms)} a week "
                f"of the {weeks_before} weeks before."
            )
        case Peaked(hours, in_them_ms, total_ms):
            return f"Peak hours {_hours(hours)}: {time(in_them_ms)} of {time(total_ms)}."
        case Leaned(rhythm, in_it_ms, total_ms):
            first, end = PARTS_OF_THE_DAY[rhythm]
            where = f"between {first:02}:00 and {end:02}:00"
            return f"Rhythm {rhythm}: {time(in_it_ms)} of {time(total_ms)} was {where}."
        case Varied(days, mean_ms, deviation_ms, consistency):
            spread = f"{time(mean_ms)} ± {time(deviation_ms)}"
            return f"{days} days with {spread} (standard deviation): consistency {_percent(consistency)}."
        case Kept(streak, goes_on):
            when = date_range(streak.first_day, streak.last_day, year=False)
            return f"A streak of {streak.days} days, {when}{', which goes on' if goes_on else ''}."


def _hours(hours: Sequence[int]) -> str:
    """``09:00 – 11:00 and 14:00 – 15:00``: runs of hours, ascending."""
    runs: list[list[int]] = []
    for hour in hours:
        if runs and runs[-1][1] == hour:
            runs[-1][1] = hour + 1
        else:
            runs.append([hour, hour + 1])
    texts = [f"{first:02}:00 – {end:02}:00" for first, end in runs]
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"


def _percent(share: float) -> str:
    return f"{int(100 * share + 0.5)} %"
