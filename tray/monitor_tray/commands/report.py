"""`claude-monitor today`, `week`, `month` and `report`: reports in the terminal or as files."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor_core import paths
from monitor_core.errors import MonitorError
from monitor_core.periods import Kind
from monitor_core.store import Store
from monitor_tray import settings
from monitor_tray.asking import Answer, Asked, answer, text_of
from monitor_tray.commands.export import refuse_terminal, write, write_quietly

if TYPE_CHECKING:
    from collections.abc import Callable


_FORMATS = ("text", "json", "csv", "html", "xlsx", "ics")


def _date(default: str, examples: str) -> Callable[[Any], Any]:
    return click.option("--date", "date", default=default, show_default=True, metavar="WHEN", help=examples)


_a_day = _date("today", "2026-11-23, yesterday, monday, 23 Nov, …")
_a_week = _date("this week", "2026-W47, last week, or any day in the week.")
_a_month = _date("this month", "2026-10, october, last month, or any day in the month.")
_project = click.option(
    "--project", metavar="NAME", help="This project alone, by its name, the beginning of it, or its folder."
)
_as_json = click.option("--json", "as_json", is_flag=True, help="The report as JSON, for programs.")


_why = click.option("--why", metavar="TIME", help="Why the block that holds TIME counts as it does: 10:15.")


def _into_files(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        _project,
        click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True),
        click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file."),
        click.option("--open", "open_it", is_flag=True, help="Open the page in the browser (with --format html)."),
        click.option("--insights", is_flag=True, help="What the figures tell of focus and hours (text, JSON, html)."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_a_day
@_project
@_why
@_as_json
def today(*, date: str, project: str | None, why: str | None, as_json: bool) -> None:
    """Show the hours of a day per project.

    \b
      claude-monitor today
      claude-monitor today --date yesterday
      claude-monitor today --project api
      claude-monitor today --why 10:15
    """
    if why is not None:
        _explain(date, why, project, as_json=as_json)
        return
    _print("json" if as_json else "text", Asked(Kind.DAY, date), project)


@click.command()
@_a_week
@_project
@_as_json
def week(*, date: str, project: str | None, as_json: bool) -> None:
    """Show the hours of a week per day and project, against the week before.

    \b
      claude-monitor week
      claude-monitor week --date "last week"
      claude-monitor week --date 2026-W47
    """
    _print("json" if as_json else "text", Asked(Kind.WEEK, date), project)


@click.command()
@_a_month
@_project
@_as_json
def month(*, date: str, project: str | None, as_json: bool) -> None:
    """Show the calendar of a month, its best day and streaks, against the month before.

    \b
      claude-monitor month
      claude-monitor month --date "last month"
      claude-monitor month --date 2026-10
    """
    _print("json" if as_json else "text", Asked(Kind.MONTH, date), project)


@click.group()
def report() -> None:
    """Make reports as text, JSON, CSV, a page, a spreadsheet or a calendar."""


@report.command()
@_a_day
@_why
@_into_files
def daily(*, date: str, why: str | None, **how: Any) -> None:
    """Report one day: totals, projects, blocks, usage windows.

    \b
      claude-monitor report daily --date 2026-11-23 --format json
      claude-monitor report daily --format html -o monday.html
      claude-monitor report daily --format html --open
      claude-monitor report daily --date yesterday --why 10:15
    """
    if why is None:
        _report(Asked(Kind.DAY, date), **how)
        return
    if how["form"] not in ("text", "json") or how["output"] is not None or how["open_it"] or how["insights"]:
        raise click.UsageError(
            "--why answers here, as text or JSON: leave out -o, --open and --insights, and other formats"
        )
    _explain(date, why, how["project"], as_json=how["form"] == "json")


@report.command()
@_a_week
@_into_files
def weekly(*, date: str, **how: Any) -> None:
    """Report one week: days by projects, averages, the week before, usage windows.

    \b
      claude-monitor report weekly --date "last week"
      claude-monitor report weekly --date 2026-W47 --format csv -o week.csv
      claude-monitor report weekly --insights
    """
    _report(Asked(Kind.WEEK, date), **how)


@report.command()
@_a_month
@_into_files
def monthly(*, date: str, **how: Any) -> None:
    """Report one month: calendar, best day, streaks, projects, the month before.

    \b
      claude-monitor report monthly --date october
      claude-monitor report monthly --date 2026-10 --project api --format csv -o october.csv
      claude-monitor report monthly --date 2026-10 --format xlsx -o october.xlsx
    """
    _report(Asked(Kind.MONTH, date), **how)


@report.command(name="range")
@click.option("--from", "first", metavar="WHEN", help="The first day; of a week or a month its first.")
@click.option("--to", "last", metavar="WHEN", help="The last day; of a week or a month its last.  [default: today]")
@click.option("--date", metavar="WHEN", help="Both at once: last 7 days, 2026, 2026-11-01..2026-11-15, …")
@_into_files
def range_(*, first: str | None, last: str | None, date: str | None, **how: Any) -> None:
    """Report any days in a row: totals, projects, days.

    \b
      claude-monitor report range --from 2026-11-01 --to 2026-11-15
      claude-monitor report range --from "last month"
      claude-monitor report range --date "last 7 days" --format json
      claude-monitor report range --date "last 30 days" --format ics -o hours.ics
    """
    asked = asked_range(date, first, last)
    if asked is None:
        raise click.UsageError("say which days: --from WHEN --to WHEN, or --date WHEN")
    _report(asked, **how)


def asked_range(date: str | None, first: str | None, last: str | None) -> Asked | None:
    """What --date, or --from and --to, ask for; None where they say nothing. Raises `click.UsageError`."""
    if date is not None:
        if first is not None or last is not None:
            raise click.UsageError("--date says both ends: leave out --from and --to, or give those alone")
        return Asked(Kind.RANGE, date)
    if first is not None:
        return Asked(Kind.RANGE, first, last or "today")
    if last is not None:
        raise click.UsageError("--from is missing; say the first day as well: --from WHEN --to WHEN")
    return None


def _explain(date: str, at: str, project: str | None, *, as_json: bool) -> None:
    from monitor_tray.commands.why import show  # noqa: PLC0415  only for those who doubt

    show(date, at, project, as_json=as_json)


def _report(
    asked: Asked, *, project: str | None, form: str, output: Path | None, open_it: bool, insights: bool
) -> None:
    if open_it and form != "html":
        raise click.UsageError("--open shows a page: add --format html")
    if insights and form not in ("text", "json", "html"):
        raise click.UsageError("--insights are for text, JSON and pages: leave it out, or choose one of these formats")
    refuse_terminal(form, output)
    asked = replace(asked, insights=insights)
    if open_it:
        _open_page(asked, project, output)
    elif output is not None:
        write(output, _rendered(form, _answered(asked, project, compare=form == "text")))
    else:
        _print(form, asked, project)


def _answered(asked: Asked, project: str | None, *, compare: bool = False) -> Answer:
    return answer(paths.find(os.environ), asked, project, compare=compare)


def _print(form: str, asked: Asked, project: str | None) -> None:
    made = _answered(asked, project, compare=form == "text")
    if form == "text":
        from monitor_tray.render.text import Look  # noqa: PLC0415

        look = Look.of(sys.stdout, os.environ)
        # click makes old Windows consoles understand the colours
        click.echo(text_of(made, look), nl=False, color=look.colour)
    else:
        click.echo(_rendered(form, made), nl=False)


def _open_page(asked: Asked, project: str | None, output: Path | None) -> None:
    import webbrowser  # noqa: PLC0415  only for those who want to see

    from monitor_tray.render import html  # noqa: PLC0415  jinja2 is for pages only

    made = _answered(asked, project)
    if output is None:
        place = paths.find(os.environ)
        place.create()
        output = html.write_report(made.report, place.reports, **_on_the_page(made))
    else:
        write_quietly(output, _rendered("html", made))
    click.echo(str(output))
    if not webbrowser.open(output.absolute().as_uri()):
        raise MonitorError(f"no browser was found; open {output} yourself")


def _on_the_page(made: Answer) -> dict[str, Any]:
    """What a page shows beside the report."""
    from monitor_tray.reasons import reasons_of  # noqa: PLC0415  as the page itself

    place = paths.find(os.environ)
    with contextlib.closing(Store(place.database)) as store:
        reasons = reasons_of(store, made.report, settings.read(place.config))
    of = made.of.name if made.of else ""
    insights: list[str] = []
    if made.analytics is not None:
        from monitor_tray.render.insight_words import most_telling  # noqa: PLC0415  only for those who ask for it

        insights = most_telling(made.analytics, made.report)
    return {
        "hint": made.hint,
        "of": of,
        "week_starts_on": made.week_starts_on,
        "reasons": reasons,
        "insights": insights,
    }


def _rendered(form: str, made: Answer) -> bytes:
    """The report for a file or a program."""
    if form == "json":
        from monitor_tray.render import json  # noqa: PLC0415

        return json.report_json(made.report, of=made.of, analytics=made.analytics)
    if form == "csv":
        from monitor_tray.render import csv  # noqa: PLC0415

        return csv.report_csv(made.report)
    if form == "xlsx":
        from monitor_tray.render import xlsx  # noqa: PLC0415

        return xlsx.report_xlsx(made.report)
    if form == "ics":
        from monitor_tray.render import ics  # noqa: PLC0415

        return ics.report_ics(made.report)
    if form == "html":
        from monitor_tray.render import html  # noqa: PLC0415  jinja2 is for pages only

        compiled_in = paths.find(os.environ).reports
        return html.report_html(made.report, compiled_in=compiled_in, **_on_the_page(made)).encode()
    from monitor_tray.render import text  # noqa: PLC0415

    return text_of(made, text.Look(width=text.MAX_WIDTH, colour=False, unicode=True)).encode()
