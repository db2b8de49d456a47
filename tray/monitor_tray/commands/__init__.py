"""The command line: what people type, in words; the work is done elsewhere.

Results go to stdout, everything else to stderr. Exit status: 0 done, 1 failed, 2 used wrongly.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any, NoReturn

import click

from monitor_core.errors import MonitorError
from monitor_tray import __version__

#: Command → module of this package that defines it under its own name; imported when it is asked for.
COMMANDS = {
    "tray": "tray",
    "today": "report",
    "week": "report",
    "month": "report",
    "report": "report",
    "timesheet": "timesheet",
    "standup": "standup",
    "projects": "projects",
    "edit": "edit",
    "why": "why",
    "pause": "pause",
    "resume": "pause",
    "status": "status",
    "health": "health",
    "metrics": "metrics",
    "profile": "profile",
    "install": "install",
    "uninstall": "install",
    "replay": "replay",
    "verify": "verify",
    "hook": "hook",
}


class _Commands(click.Group):
    """Imports a command when it is needed, and turns our errors into a sentence and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"monitor_tray.commands.{COMMANDS[name]}")
        command = getattr(module, name)
        return command if isinstance(command, click.Command) else None

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        # --help and --version are printed here.
        try:
            return super().make_context(info_name, args, parent, **extra)
        except OSError as error:
            give_up(error)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MonitorError as error:
            click.echo(f"claude-monitor: {error}", err=True)
            sys.exit(1)
        except OSError as error:
            give_up(error)


def give_up(error: OSError) -> NoReturn:
    """Ends the process for what nobody foresaw: a full disk behind stdout, a folder that is a file."""
    # Nothing more can be flushed.
    sys.stdout = None
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has enough; `| head` is no failure.
        sys.exit(0)
    where = f": {error.filename}" if error.filename else ""
    click.echo(f"claude-monitor: {error.strerror or error}{where}; `claude-monitor status` may tell more", err=True)
    sys.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Tell where your Claude Code hours go.

    Connect Claude Code once with `claude-monitor install`, leave `claude-monitor tray` running, and ask:

    \b
      claude-monitor today
      claude-monitor week
      claude-monitor month --date october
      claude-monitor report daily --date yesterday --format html --open
    """
