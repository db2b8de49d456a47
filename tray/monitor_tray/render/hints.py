"""What to do next where a report has nothing to show."""

NOTHING_RECORDED = (
    "Nothing has been recorded yet. Run “claude-monitor install” once, start “claude-monitor tray”, "
    "and work with Claude Code as always: the hours appear here."
)
NOTHING_IN_RANGE = (
    "Nothing was recorded. Time appears as soon as you work with Claude Code while its hooks are installed; "
    "“claude-monitor status” tells whether they are."
)
