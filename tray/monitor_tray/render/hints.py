"""What to do next where a report has nothing to show."""

from monitor_tray.duration import format_duration

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


def nothing_of(project: str) -> str:
    """What to tell where one project has nothing in a range; ``project`` is printable."""
    return f"Nothing was recorded for {project} in this time. Leave out --project to see what else there was."
