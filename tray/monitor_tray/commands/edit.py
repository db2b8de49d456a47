"""`claude-monitor edit`: correct the record by hand, list the corrections, and take them back."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor_core import paths, time_edits
from monitor_core.days import day_of
from monitor_core.edits import PauseCounting, ResumeCounting, Undo, in_force
from monitor_core.model import Interval
from monitor_core.pauses import pause_at
from monitor_core.project_edits import Record
from monitor_core.reporting import build_report
from monitor_core.store import Store
from monitor_core.time_words import Calendar, parse_day, parse_moment, parse_stretch
from monitor_core.undoing import SHORT_ID, origin
from monitor_tray import settings
from monitor_tray.clock import now_ms
from monitor_tray.duration import format_duration
from monitor_tray.journal import decide
from monitor_tray.printable import printable
from monitor_tray.render.edit_words import EditWords
from monitor_tray.render.figures import minutes_of, shown_minutes
from monitor_tray.render.local_time import day_and_month, short_weekday

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.config import Config
    from monitor_core.edits import Edit
    from monitor_core.grouping import Grouping
    from monitor_core.paths import Paths
    from monitor_core.report import DayTime, Report

#: Corrections are no longer than that; of more days, as of a pause, only what has changed is said.
_FEW_DAYS = 2
_NONE = format_duration(0)


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_when = _options(
    click.option("--from", "start", metavar="TIME", help="9:05, 2:30 pm, 2026-11-23 14:00."),
    click.option("--to", "end", metavar="TIME", help="The first such time after --from; or now."),
    click.option("--date", default="today", show_default=True, metavar="WHEN", help="The day of --from and --block."),
)
_block = click.option(
    "--block", metavar="TIME", help="All of the block that holds this time, as the day's report has it."
)
_note = click.option("--note", default="", help="Why, in your own words.")
_new = click.option("--new", is_flag=True, help="Make a project of that name, which no folder has.")


@click.group()
def edit() -> None:
    """Correct the hours by hand: add, move or drop time; list and undo it.

    What was recorded stays as it is: an edit is an entry of its own, can be taken back, and holds whatever is
    accounted for anew. Times are those of the reports.

    \b
      claude-monitor edit add --project Meetings --new --from 14:00 --to 15:30
      claude-monitor edit list
      claude-monitor edit undo
    """


@edit.command()
@click.option("--project", required=True, metavar="NAME", help="Which project gets it.")
@_when
@_note
@_new
def add(*, project: str, start: str | None, end: str | None, date: str, note: str, new: bool) -> None:
    """Add time that no event shows, as your attention.

    \b
      claude-monitor edit add --project api --from 9:00 --to 9:40
      claude-monitor edit add --project Meetings --new --date yesterday --from 14:00 --to 15:30 --note "sprint review"
    """
    desk = Desk.open()
    stretch = desk.stretch(start, end, date)
    key = time_edits.target(project, desk.grouping, new=new, folder=_folder(project))
    desk.correct(time_edits.add(stretch, key, desk.grouping, desk.report(stretch)), note)


@edit.command()
@click.option("--project", metavar="NAME", help="Which project has it; every one without.")
@click.option("--to-project", "into", required=True, metavar="NAME", help="Which project gets it.")
@_when
@_block
@_note
@_new
def move(
    *,
    project: str | None,
    into: str,
    start: str | None,
    end: str | None,
    date: str,
    block: str | None,
    note: str,
    new: bool,
) -> None:
    """Move what counts in a stretch to another project.

    \b
      claude-monitor edit move --project api --to-project web --from 10:00 --to 10:45
      claude-monitor edit move --to-project web --date yesterday --block 10:15
    """
    desk = Desk.open()
    key, stretch = desk.taken(project, start, end, date, block)
    target = time_edits.target(into, desk.grouping, new=new, folder=_folder(into))
    desk.correct(time_edits.move(stretch, key, target, desk.grouping, desk.report(stretch)), note)


@edit.command()
@click.option("--project", metavar="NAME", help="Of which project; of every one without.")
@_when
@_block
@_note
def drop(*, project: str | None, start: str | None, end: str | None, date: str, block: str | None, note: str) -> None:
    """Take out what was not work.

    \b
      claude-monitor edit drop --from 12:00 --to 12:45 --note lunch
      claude-monitor edit drop --project api --date yesterday --block 23:10
    """
    desk = Desk.open()
    key, stretch = desk.taken(project, start, end, date, block)
    desk.correct(time_edits.drop(stretch, key, desk.grouping, desk.report(stretch)), note)


@edit.command(name="list")
@click.option("--all", "every", is_flag=True, help="What was undone, and the undoing, too.")
@click.option("--json", "as_json", is_flag=True, help="The same for programs.")
def list_(*, every: bool, as_json: bool) -> None:
    """List the edits that are in force, those of projects too, the newest first.

    \b
      claude-monitor edit list
      claude-monitor edit list --all --json
    """
    from monitor_tray.render import edits_list  # noqa: PLC0415  only for those who ask for it
    from monitor_tray.render.text import Look  # noqa: PLC0415  as above

    desk = Desk.open()
    edits = edits_list.chosen(desk.record, every=every)
    if as_json:
        click.echo(edits_list.edits_json(edits, desk.record, desk.calendar.zone), nl=False)
    else:
        look = Look.of(sys.stdout, os.environ)
        click.echo(edits_list.edits_text(edits, desk.record, desk.calendar.zone, look), nl=False)


@edit.command()
@click.argument("edit_id", metavar="[ID]", required=False)
def undo(*, edit_id: str | None) -> None:
    """Take back the last edit of time, or any edit by the beginning of its ID.

    To undo an undo is to have the edit again.

    \b
      claude-monitor edit undo
      claude-monitor edit undo 1a2b3c4d
    """
    desk = Desk.open()
    decision, undone = time_edits.undo(desk.record, edit_id)
    desk.take_back(decision, undone)


@dataclass(slots=True)
class Desk:
    """What an edit is made on: the record and its grouping as they stand, and how times are understood."""

    place: Paths
    config: Config
    calendar: Calendar
    record: Record
    grouping: Grouping

    @classmethod
    def open(cls) -> Desk:
        """All as it is in the store. Raises `MonitorError`."""
        place = paths.find(os.environ)
        config = settings.read(place.config)
        calendar = Calendar(settings.zone_of(config), config.day_starts_at, config.week_starts_on, now_ms())
        with contextlib.closing(Store(place.database)) as store:
            record = Record.of(store, config)
        return cls(place, config, calendar, record, record.grouping())

    def stretch(self, start: str | None, end: str | None, date: str) -> Interval:
        """The stretch from ``start`` to ``end``."""
        if start is None or end is None:
            raise click.UsageError("say which stretch: --from TIME --to TIME")
        return parse_stretch(start, end, parse_day(date, self.calendar), self.calendar)

    def taken(
        self, project: str | None, start: str | None, end: str | None, date: str, block: str | None
    ) -> tuple[str | None, Interval]:
        """The project that time is taken from, None for every one, and the stretch; or those of a block."""
        key = None if project is None else time_edits.source(project, self.grouping, folder=_folder(project))
        if block is None:
            if start is None and end is None:
                raise click.UsageError("say which stretch: --from TIME --to TIME, or --block TIME")
            return key, self.stretch(start, end, date)
        if start is not None or end is not None:
            raise click.UsageError("--block says the whole stretch: leave out --from and --to")
        moment = parse_moment(block, parse_day(date, self.calendar), self.calendar)
        return time_edits.block_at(moment, block, key, self.grouping, self.report(moment))

    def report(self, stretch: Interval) -> Report:
        """The report of the days that the stretch reaches into, as they are at present."""
        zone, day_starts_at = self.calendar.zone, self.calendar.day_starts_at
        first, last = (day_of(at_ms, zone, day_starts_at) for at_ms in (stretch.start_ms, stretch.end_ms - 1))
        with contextlib.closing(Store(self.place.database)) as store:
            return build_report(store, first, last, zone, self.config, self.calendar.now_ms)

    def correct(self, decision: time_edits.TimeDecision, note: str) -> None:
        """Writes a correction into the journal and says what came of it. Raises `MonitorError`."""
        stretch = Interval(decision.start_ms, decision.end_ms)
        before = self.report(stretch)
        made = decide(self.place, decision, time_edits.note_of(note))
        self._keep(made)
        what = self._words().what(made)
        click.echo(f"{what[0].upper()}{what[1:]}.")
        start, end = (self.calendar.local(at_ms) for at_ms in stretch)
        if (last := end.date()) > start.date():
            # Whoever has swapped the times would not notice it by the dates.
            click.echo(f"It ends on the next day: {short_weekday(last)} {day_and_month(last)}, {end:%H:%M}.")
        self._compare(before, self.report(stretch))
        click.echo(f"To take it back: claude-monitor edit undo {made.id[:SHORT_ID]}")

    def take_back(self, decision: Undo, undone: Edit) -> None:
        """Writes an undo into the journal and says what came of it. Raises `MonitorError`."""
        stretch = self._past_of(time_edits.stretch_of(self.record.journal, undone))
        before = self.report(stretch) if stretch else None
        made = decide(self.place, decision)
        self._keep(made)
        what = self._words().what(made)
        click.echo(f"{what[0].upper()}{what[1:]}.")
        if stretch and before:
            self._compare(before, self.report(stretch))
        pause = pause_at(in_force(self.record.journal), self.calendar.now_ms)
        if pause and isinstance(origin(self.record.journal, undone).decision, PauseCounting | ResumeCounting):
            click.echo(f"Counting is paused: {self._words().pause(pause)}. To go on counting: claude-monitor resume")
        again = "To take it back again" if isinstance(undone.decision, Undo) else "To have it again"
        click.echo(f"{again}: claude-monitor edit undo {made.id[:SHORT_ID]}")

    def _past_of(self, stretch: Interval | None) -> Interval | None:
        """What of it has passed: a pause may go on."""
        if stretch is None or stretch.start_ms >= self.calendar.now_ms:
            return None
        return Interval(stretch.start_ms, min(stretch.end_ms, self.calendar.now_ms))

    def _keep(self, made: Edit) -> None:
        self.record = self.record.with_edit(made)
        self.grouping = self.record.grouping()

    def _words(self) -> EditWords:
        return EditWords(self.record, self.calendar.zone)

    def _compare(self, before: Report, after: Report) -> None:
        """Says how each day and each of its projects has changed; of many days only those that have."""
        pairs = list(zip(before.days, after.days, strict=True))
        if len(pairs) > _FEW_DAYS:
            pairs = [(old, new) for old, new in pairs if (old.total_ms, old.projects) != (new.total_ms, new.projects)]
        for old, new in pairs:
            was, now = _times(old), _times(new)
            same = old.total_ms == new.total_ms
            than = "as before" if same else f"(was {format_duration(old.total_ms)})"
            parts = [f"total {format_duration(new.total_ms)} {than}"]
            parts += [
                f"{printable(name)} {now.get(name, _NONE)} (was {was.get(name, _NONE)})"
                for name in sorted({*was, *now})
                if old.projects.get(name, 0) != new.projects.get(name, 0)
            ]
            click.echo(f"{new.date}: {', '.join(parts)}")


def _times(day: DayTime) -> dict[str, str]:
    """What the report of the day shows for each project."""
    minutes, _ = minutes_of([*day.projects.values()], day.total_ms)
    return {name: shown_minutes(shown, ms) for (name, ms), shown in zip(day.projects.items(), minutes, strict=True)}


def _folder(text: str) -> str:
    """``text`` as a whole path, where it can be one."""
    return os.path.realpath(Path(text).expanduser())
