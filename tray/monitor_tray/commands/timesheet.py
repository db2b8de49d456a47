"""`claude-monitor timesheet`: hours for an invoice, by client and project, rounded, with what they cost."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor_core import paths
from monitor_core.errors import MonitorError
from monitor_core.model import MINUTE_MS
from monitor_core.periods import Kind
from monitor_core.rounding import STEPS_MIN, Rounding
from monitor_core.time_words import parse_length
from monitor_core.timesheet import Count, Per, Terms
from monitor_core.timesheet import timesheet as timesheet_of
from monitor_tray import settings
from monitor_tray.asking import Asked, answer
from monitor_tray.commands.export import refuse_terminal, write
from monitor_tray.commands.report import asked_range

if TYPE_CHECKING:
    from monitor_core.timesheet import Timesheet
    from monitor_tray.render.text import Look

_FORMATS = ("text", "json", "csv", "xlsx")


@click.command()
@click.option("--date", metavar="WHEN", help="march, last week, 2026-11-01..2026-11-15, …  [default: this month]")
@click.option("--from", "first", metavar="WHEN", help="The first day; of a week or a month its first.")
@click.option("--to", "last", metavar="WHEN", help="The last day; of a week or a month its last.  [default: today]")
@click.option("--project", metavar="NAME", help="This project alone.")
@click.option("--round", "step", metavar="LENGTH", help="Whole multiples of 15m, 6m, 1h, …  [default: the setting]")
@click.option(
    "--rounding", type=click.Choice([way.value for way in Rounding]), help="Which way.  [default: the setting]"
)
@click.option(
    "--per",
    type=click.Choice([what.value for what in Per]),
    default=Per.DAY.value,
    show_default=True,
    help="What a row is of, and is rounded.",
)
@click.option(
    "--count",
    type=click.Choice([which.value for which in Count]),
    default=Count.ACTIVE.value,
    show_default=True,
    help="Which time.",
)
@click.option("--no-parallel", is_flag=True, help="Count time of several projects once, for the one that began first.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
def timesheet(
    *,
    date: str | None,
    first: str | None,
    last: str | None,
    project: str | None,
    step: str | None,
    rounding: str | None,
    per: str,
    count: str,
    no_parallel: bool,
    form: str,
    output: Path | None,
) -> None:
    """Make a timesheet: rounded hours and amounts by client and project.

    Clients, rates and the currency are settings, below [timesheet] in config.toml. Each row is rounded by itself, and
    all totals are sums of rounded rows. The rules are in docs/timesheet.md.

    \b
      claude-monitor timesheet
      claude-monitor timesheet --date "last month" --round 6m --rounding up
      claude-monitor timesheet --date 2026-10 --per total --format csv -o october.csv
      claude-monitor timesheet --from 2026-11-01 --to 2026-11-15 --format xlsx -o hours.xlsx
    """
    refuse_terminal(form, output)
    asked = asked_range(date, first, last) or Asked(Kind.RANGE, "this month")
    place = paths.find(os.environ)
    config = settings.read(place.config)
    terms = Terms(
        step_min=config.timesheet_step_min if step is None else _step(step),
        rounding=Rounding(rounding) if rounding else config.timesheet_rounding,
        per=Per(per),
        count=Count(count),
        parallel=not no_parallel,
        currency=config.timesheet_currency,
        clients=config.timesheet_clients,
        rates=config.timesheet_rates,
    )
    made = answer(place, asked, project)
    _deliver(timesheet_of(made.report, terms), form, output, made.hint)


def _step(text: str) -> int:
    minutes, rest = divmod(parse_length(text), MINUTE_MS)
    if rest or minutes not in STEPS_MIN:
        steps = ", ".join(f"{step}m" for step in STEPS_MIN)
        raise MonitorError(f"cannot round to {text!r}, which is no part of an hour; give one of {steps}")
    return minutes


def _deliver(sheet: Timesheet, form: str, output: Path | None, hint: str) -> None:
    from monitor_tray.render.text import MAX_WIDTH, Look  # noqa: PLC0415

    if output is not None:
        write(output, _rendered(sheet, form, Look(width=MAX_WIDTH, colour=False, unicode=True), hint))
        return
    look = Look.of(sys.stdout, os.environ)
    content = _rendered(sheet, form, look, hint)
    # As text where it is one: click makes old Windows consoles understand the colours
    click.echo(content.decode() if form == "text" else content, nl=False, color=look.colour)


def _rendered(sheet: Timesheet, form: str, look: Look, hint: str) -> bytes:
    if form == "json":
        from monitor_tray.render.timesheet_json import timesheet_json  # noqa: PLC0415

        return timesheet_json(sheet)
    if form == "csv":
        from monitor_tray.render.timesheet_csv import timesheet_csv  # noqa: PLC0415

        return timesheet_csv(sheet)
    if form == "xlsx":
        from monitor_tray.render.timesheet_xlsx import timesheet_xlsx  # noqa: PLC0415

        return timesheet_xlsx(sheet)
    from monitor_tray.render.timesheet_text import timesheet_text  # noqa: PLC0415  only for those who read it as text

    return timesheet_text(sheet, look, hint).encode()
