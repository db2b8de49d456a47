"""What to do next where a report has nothing to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_tray.duration import format_duration
from monitor_tray.printable import printable

if TYPE_CHECKING:
    from monitor_core.report import Report

NOTHING_RECORDED = (
    "Nothing has been recorded yet. Run “claude-monitor install” once, start “claude-monitor tray”, "
    "and work with Claude Code as always: the hours appear here."
)
NOTHING_IN_RANGE = (
    "Nothing was recorded. Time appears as soon as you work with Claude Code while its hooks are installed; "
    "“claude-monitor status” tells whether they are."
)
YET_TO_COME = "These days are yet to come. What was is shown by “claude-monitor week” and “claude-monitor month”."
A_DAY_TO_COME = "This day is yet to come. What was is shown by “claude-monitor today” and “claude-monitor week”."


def only_waited(waiting_ms: int) -> str:
    """What to tell where nothing counts and Claude waited for the person all the same."""
    return f"No work was recorded. Claude waited for you {format_duration(waiting_ms)}."


def nothing_in(report: Report, of: str = "") -> str:
    """What to tell where ``report`` has nothing to show; ``of`` is the name of the one project that it is of."""
    one_day = report.first_day == report.last_day
    if report.start_ms > report.now_ms:
        return A_DAY_TO_COME if one_day else YET_TO_COME
    # An edit reaches as far as people say, and maybe into days that never had anything.
    if report.dropped and any(project.events for project in report.projects):
        why = f"“claude-monitor why --date {report.first_day}”" if one_day else "“claude-monitor edit list”"
        return f"What was recorded was taken out by hand: {why} tells how. To have it again, undo the edit."
    if not report.total_ms and report.waiting_ms:
        return only_waited(report.waiting_ms)
    if of:
        return f"Nothing was recorded for {printable(of)} in this time. Leave out --project to see what else there was."
    return NOTHING_IN_RANGE
