"""`claude-monitor today` and `claude-monitor report`: the glance and the reports, in the terminal or as files."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor_core import paths
from monitor_core.days import day_of, parse_day
from monitor_core.errors import MonitorError
from monitor_core.reporting import build_report
from monitor_core.store import Store
from monitor_tray import settings
from monitor_tray.render import hints
from monitor_tray.today import now_ms

if TYPE_CHECKING:
    from monitor_core.report import Report

_date = click.option(
    "--date", "date", default="today", show_default=True, metavar="DAY", help="2026-11-23, yesterday, …"
)


@click.command()
@_date
@click.option("--json", "as_json", is_flag=True, help="The report as JSON, for programs.")
def today(*, date: str, as_json: bool) -> None:
    """Show the hours of a day per project.

    \b
      claude-monitor today
      claude-monitor today --date yesterday
    """
    _print("json" if as_json else "text", date)


@click.group()
def report() -> None:
    """Make reports as text, JSON or a page."""


@report.command()
@_date
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead.")
@click.option("--open", "open_it", is_flag=True, help="Open the page in the browser (with --format html).")
def daily(*, date: str, form: str, output: Path | None, open_it: bool) -> None:
    """Report one day: totals, projects, blocks, usage windows.

    \b
      claude-monitor report daily --date 2026-11-23 --format json
      claude-monitor report daily --format html -o monday.html
      claude-monitor report daily --format html --open
    """
    if open_it and form != "html":
        raise click.UsageError("--open shows a page: add --format html")
    if open_it:
        _open_page(date, output)
    elif output is not None:
        _write(output, _rendered(form, *_made(date)))
        click.echo(f"Written: {output}", err=True)
    else:
        _print(form, date)


def _print(form: str, date: str) -> None:
    made, hint = _made(date)
    if form == "text":
        from monitor_tray.render import text  # noqa: PLC0415

        look = text.Look.of(sys.stdout, os.environ)
        shown = text.report_text(made, width=look.width, colour=look.colour, unicode=look.unicode, hint=hint)
        # click makes old Windows consoles understand the colours
        click.echo(shown, nl=False, color=look.colour)
    else:
        click.echo(_rendered(form, made, hint), nl=False)


def _open_page(date: str, output: Path | None) -> None:
    import webbrowser  # noqa: PLC0415  only for those who want to see

    from monitor_tray.render import html  # noqa: PLC0415  jinja2 is for pages only

    made, hint = _made(date)
    if output is None:
        place = paths.find(os.environ)
        place.create()
        output = html.write_report(made, place.reports, hint=hint)
    else:
        _write(output, _rendered("html", made, hint))
    click.echo(str(output))
    if not webbrowser.open(output.absolute().as_uri()):
        raise MonitorError(f"no browser was found; open {output} yourself")


def _made(date: str) -> tuple[Report, str]:
    """The report of a day, and what to tell where it is empty."""
    place = paths.find(os.environ)
    config = settings.read(place.config)
    zone = settings.zone_of(config)
    at_ms = now_ms()
    day = parse_day(date, day_of(at_ms, zone, config.day_starts_at))
    with contextlib.closing(Store(place.database)) as store:
        made = build_report(store, day, day, zone, config, at_ms)
        known, _ = store.summary()
    return made, hints.NOTHING_IN_RANGE if known else hints.NOTHING_RECORDED


def _rendered(form: str, made: Report, hint: str) -> bytes:
    """The report for a file or a program."""
    if form == "json":
        from monitor_tray.render import json  # noqa: PLC0415

        return json.report_json(made)
    if form == "html":
        from monitor_tray.render import html  # noqa: PLC0415  jinja2 is for pages only

        return html.report_html(made, hint=hint).encode()
    from monitor_tray.render import text  # noqa: PLC0415

    return text.report_text(made, width=text.MAX_WIDTH, colour=False, unicode=True, hint=hint).encode()


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise MonitorError(f"cannot write {path}: {error.strerror}; choose another file with -o") from error
