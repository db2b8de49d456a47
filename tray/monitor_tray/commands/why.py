"""`claude-monitor why`: the events and the rule that made each minute of a day count."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor_core import paths
from monitor_core.explaining import explain_day
from monitor_core.one_project import of_project
from monitor_core.project_edits import Record, find_key
from monitor_core.reporting import build_report
from monitor_core.store import Store
from monitor_core.time_words import Calendar, parse_day, parse_moment
from monitor_core.why import Explained
from monitor_tray import settings
from monitor_tray.clock import now_ms
from monitor_tray.render import hints
from monitor_tray.render.local_time import LocalClock

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from monitor_core.explaining import ExplainedProject
    from monitor_core.model import Interval


@click.command()
@click.option("--date", default="today", show_default=True, metavar="WHEN", help="2026-11-23, yesterday, monday, …")
@click.option("--at", "at", metavar="TIME", help="What there is at this time alone, such as 10:15.")
@click.option("--project", metavar="NAME", help="This project alone.")
@click.option("--all", "every", is_flag=True, help="Every event; without it, of many the first and the last.")
@click.option("--json", "as_json", is_flag=True, help="The same for programs, with every event.")
def why(*, date: str, at: str | None, project: str | None, every: bool, as_json: bool) -> None:
    """Show why each minute of a day counts, or does not: block by block, with the rule and the events.

    \b
      claude-monitor why
      claude-monitor why --at 10:15
      claude-monitor why --date yesterday --project api --all
    """
    show(date, at, project, every=every, as_json=as_json)


def show(date: str, at: str | None, project: str | None, *, every: bool = False, as_json: bool = False) -> None:
    """Prints what `why` shows. Raises `MonitorError` for words that mean nothing."""
    place = paths.find(os.environ)
    config = settings.read(place.config)
    calendar = Calendar(settings.zone_of(config), config.day_starts_at, config.week_starts_on, now_ms())
    day = parse_day(date, calendar)
    moment = None if at is None else parse_moment(at, day, calendar)
    with contextlib.closing(Store(place.database)) as store, store.snapshot():
        record = Record.of(store, config)
        found = explain_day(store, day, calendar.zone, config, calendar.now_ms)
        of = None
        if project is not None:
            grouping = record.grouping()
            key = find_key(project, grouping, folder=os.path.realpath(Path(project).expanduser()))
            found = tuple(each for each in found if each.key in (key, grouping.counts_for(key)))
            of = grouping.known[grouping.counts_for(key) or key].path
        if moment is not None:
            found = tuple(_at(found, moment))
        hint = "" if found else _hint(store, record, day, calendar, at, of)
    clock = LocalClock(calendar.zone)
    if as_json:
        from monitor_tray.render.why_json import why_json  # noqa: PLC0415  only for those who ask for it

        click.echo(why_json(found, day, clock), nl=False)
        return
    from monitor_tray.render.edit_words import EditWords  # noqa: PLC0415  as above
    from monitor_tray.render.text import Look  # noqa: PLC0415  as above
    from monitor_tray.render.why_text import why_text  # noqa: PLC0415  only for those who read it as text

    look = Look.of(sys.stdout, os.environ)
    words = EditWords(record, calendar.zone)
    text = why_text(found, day, words, clock, look, every=every, idle_ms=config.idle_timeout_ms, hint=hint)
    click.echo(text, nl=False, color=look.colour)


def _at(projects: Iterable[ExplainedProject], moment: Interval) -> Iterable[ExplainedProject]:
    """What each project has at ``moment``: a block, or the reason why there is none."""
    for project in projects:
        blocks = tuple(
            each
            for each in project.explained.blocks
            if each.block.start_ms < moment.end_ms and each.block.end_ms >= moment.start_ms
        )
        uncounted = tuple(
            line
            for line in project.explained.uncounted
            if line.start_ms < moment.end_ms and line.end_ms > moment.start_ms
        )
        if blocks or uncounted:
            yield dataclasses.replace(project, explained=Explained(blocks, () if blocks else uncounted))


def _hint(store: Store, record: Record, day: dt.date, calendar: Calendar, at: str | None, of: str | None) -> str:
    """What to say where there is nothing to explain; ``of`` is the path of the one project that was asked for."""
    if not (record.journal or store.newest()):
        return hints.NOTHING_RECORDED
    if at is not None and day <= calendar.today:
        return f"Nothing counts at {at}, and nothing was taken away there; `claude-monitor why --date {day}` tells all."
    report = build_report(store, day, day, calendar.zone, record.config, calendar.now_ms)
    return hints.nothing_in(report if of is None else of_project(report, of))
