"""`claude-monitor hook`: the hook in Python, for where the native one is missing."""

from __future__ import annotations

import click

from monitor_tray import hook_client


@click.command()
def hook() -> None:
    """Take one event of Claude Code from stdin, as claude-monitor-hook does.

    It keeps the same promises, only slower: it prints nothing and always succeeds. `install` never connects it.

    \b
      echo '{"hook_event_name": "Stop", "session_id": "s", "cwd": "/tmp"}' | claude-monitor hook
    """
    hook_client.main()
