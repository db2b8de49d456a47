"""`claude-monitor tray`: the main job."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from typing import TYPE_CHECKING

import click

from monitor_core import paths
from monitor_core.errors import AlreadyRunningError, MonitorError
from monitor_core.wire import Command, encode, is_ok
from monitor_tray import pipe
from monitor_tray.app import Application
from monitor_tray.install import claude_settings

if TYPE_CHECKING:
    from pathlib import Path

_LOG_BYTES, _LOG_FILES = 1_000_000, 3
_ANSWER_S = 5.0


@click.command()
@click.option("--headless", is_flag=True, help="Record and report without an icon, also where there is a tray.")
@click.option("--verbose", is_flag=True, help="Write what happens to stderr too.")
def tray(*, headless: bool, verbose: bool) -> None:
    """Record Claude Code's events and show today's hours in the system tray.

    Runs until you quit it. A second one opens today's report in the first and ends.

    \b
      claude-monitor tray
      claude-monitor tray --headless
    """
    place = paths.find(os.environ)
    place.create()
    _log_to(place.logs, to_stderr=verbose)
    application = Application(place, lambda line: click.echo(line, err=True))
    try:
        application.run(headless=headless, started=lambda: _welcome(place))
    except AlreadyRunningError:
        if not _open_report_in_the_first(place):
            raise
        click.echo("Claude Monitor is running already; it opens today's report.", err=True)


def _welcome(place: paths.Paths) -> None:
    click.echo(_connection(), err=True)
    click.echo(
        "Today's report: claude-monitor today, or as a page: claude-monitor report daily --format html --open", err=True
    )
    click.echo(f"Everything is kept in {place.home}", err=True)


def _connection() -> str:
    path = claude_settings.settings_path(os.environ)
    try:
        found = claude_settings.connection(path)
    except MonitorError as error:
        return f"Claude Code's settings cannot be read: {error}"
    if found.troubles:
        return "\n".join(found.troubles)
    if found.events:
        return f"Claude Code is connected: {len(found.events)} events in {path}."
    return "Claude Code is not connected yet: run `claude-monitor install` once."


def _open_report_in_the_first(place: paths.Paths) -> bool:
    try:
        return is_ok(pipe.exchange(place, [encode(Command("open-report"))], _ANSWER_S)[0])
    except MonitorError:
        return False


def _log_to(folder: Path, *, to_stderr: bool) -> None:
    logging.raiseExceptions = False  # a full disk is said once, and not with every line that finds no room
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    handlers: list[logging.Handler] = [
        logging.handlers.RotatingFileHandler(
            folder / "tray.log", maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8"
        )
    ]
    if to_stderr:
        handlers.append(logging.StreamHandler(sys.stderr))
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        root.addHandler(handler)
