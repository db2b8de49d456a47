"""`claude-monitor install` and `uninstall`: connect Claude Code, start at login; and all of it back out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from monitor_core import paths
from monitor_core.errors import SettingsError
from monitor_tray.install import at_login, autostart, claude_settings, claude_version, hook_command

if TYPE_CHECKING:
    from monitor_tray.install.claude_settings import Change

_dry_run = click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")


@click.command()
@_dry_run
@click.option("--no-autostart", is_flag=True, help="Do not start Claude Monitor at login.")
@click.option("--service", "as_service", is_flag=True, help="Start it as a systemd user service, without an icon.")
def install(*, dry_run: bool, no_autostart: bool, as_service: bool) -> None:
    """Connect Claude Code, and start Claude Monitor at login.

    Adds one hook entry per event to Claude Code's settings, after a copy of the file. Running sessions notice it
    without a restart. Doing it twice changes nothing.

    On a machine without a desktop, --service has systemd start it.

    \b
      claude-monitor install --dry-run
      claude-monitor install
      claude-monitor install --service
    """
    if as_service and (no_autostart or autostart.service(os.environ) is None):
        raise click.UsageError("--service goes without --no-autostart, and on Linux only")
    place = paths.find(os.environ)
    command = hook_command.find()
    if command is None:
        raise SettingsError("the command claude-monitor-hook is missing; install claude-monitor-tray again")
    version = claude_version.detect(os.environ)
    settings = claude_settings.settings_path(os.environ)
    change = claude_settings.plan(settings, command, version)
    _carry_out(change, place, f"{change.path} is as it should be", dry_run=dry_run)
    if not no_autostart:
        for line in at_login.switch_on(os.environ, as_service=as_service, dry_run=dry_run):
            click.echo(line)
    if not dry_run:
        leave = "" if as_service else "Leave `claude-monitor tray` running; "
        click.echo(f"Done. {leave}`claude-monitor status` tells how it goes.")


@click.command()
@_dry_run
def uninstall(*, dry_run: bool) -> None:
    """Take Claude Monitor out of Claude Code's settings, and out of the login entries.

    What you recorded stays: delete the folder that `claude-monitor status` names to be rid of that too.

    \b
      claude-monitor uninstall --dry-run
      claude-monitor uninstall
    """
    change = claude_settings.plan_removal(claude_settings.settings_path(os.environ))
    place = paths.find(os.environ)
    is_there = change.before is not None
    without = f"{change.path} has no hook of Claude Monitor" if is_there else f"There is no {change.path}"
    _carry_out(change, place, without, dry_run=dry_run)
    if not at_login.look(os.environ).is_there:
        said = "nothing to remove"
    else:
        said = "would be removed" if dry_run else "removed"
    if not dry_run:
        # Also what looks as if it were not there, such as what is left of a service.
        at_login.remove(os.environ)
    click.echo(f"Start at login: {said}.")
    if not dry_run and place.home.exists():
        click.echo(f"Your record stays in {place.home}.")


def _carry_out(change: Change, place: paths.Paths, as_it_is: str, *, dry_run: bool) -> None:
    for warning in change.warnings:
        click.echo(f"Warning: {warning}", err=True)
    if not change.changed:
        click.echo(f"{as_it_is}; nothing to change.")
        return
    if dry_run:
        click.echo(change.diff())
        return
    place.create()
    done = claude_settings.apply(change, place.backups)
    for what, events in (("Connected", done.added), ("Updated", done.updated), ("Disconnected", done.removed)):
        if events:
            click.echo(f"{what}: {', '.join(events)}.")
    kept = f" (the file as it was is kept in {place.backups})" if done.before is not None else ""
    click.echo(f"{'Changed' if done.after is not None else 'Removed'}: {done.path}{kept}.")
