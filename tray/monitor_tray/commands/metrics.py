"""`claude-monitor metrics`: the running tray's numbers, for Prometheus and for people."""

from __future__ import annotations

import os
from pathlib import Path

import click
import msgspec

from monitor_core import paths
from monitor_core.errors import MonitorError
from monitor_tray.asking_the_tray import metrics_of_the_tray
from monitor_tray.commands.export import write_whole

#: Prometheus reads as another user.
_READABLE = 0o644


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The tray's own numbers, as docs/metrics.md has them.")
@click.option(
    "--textfile",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write them to this file, for node_exporter: its name ends in .prom, everybody may read it, and where no tray"
    " runs it says so.",
)
def metrics(*, as_json: bool, textfile: Path | None) -> None:
    """Tell what the running tray has counted and timed since it started, as Prometheus reads it.

    Nothing listens on a network: node_exporter picks the numbers up from a file that a timer writes.

    \b
      claude-monitor metrics
      claude-monitor metrics --json
      claude-monitor metrics --textfile /var/lib/node_exporter/textfile/claude-monitor.prom
    """
    if as_json and textfile is not None:
        raise click.UsageError("--textfile is for Prometheus: leave out --json")
    place = paths.find(os.environ)
    try:
        found = metrics_of_the_tray(place)
    except MonitorError:
        if textfile is None:
            raise
        found = None
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    from monitor_tray.render.prometheus import exposition  # noqa: PLC0415  only for those who want it so

    text = exposition(found)
    if textfile is None:
        click.echo(text, nl=False)
    else:
        write_whole(textfile, text, _READABLE)
