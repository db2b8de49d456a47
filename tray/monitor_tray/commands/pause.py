"""`claude-monitor pause` and `resume`: stop and go on counting."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import click

from monitor_core import paths
from monitor_core.edits import in_force
from monitor_core.pauses import pause as begin_of_pause
from monitor_core.pauses import resume as end_of_pause
from monitor_core.store import Store
from monitor_core.time_words import LENGTHS, Calendar, parse_end, parse_length
from monitor_core.undoing import SHORT_ID
from monitor_tray import settings
from monitor_tray.clock import now_ms
from monitor_tray.duration import format_duration
from monitor_tray.journal import decide
from monitor_tray.render.local_time import LocalClock

if TYPE_CHECKING:
    from monitor_core.edits import Edit


@click.command()
@click.option("--for", "length", metavar="LENGTH", help=f"{LENGTHS}; without it, until you resume.")
@click.option("--until", "end", metavar="TIME", help="15:30 (the next), 3:30 pm, tomorrow 9:00, 2026-11-24 9:00.")
def pause(*, length: str | None, end: str | None) -> None:
    """Stop counting, for a while or until you resume.

    What happens meanwhile is recorded and does not count. A pause can be taken back, also later: then it counts.

    \b
      claude-monitor pause
      claude-monitor pause --for 15m
      claude-monitor pause --until 14:00
    """
    if length is not None and end is not None:
        raise click.UsageError("say either for how long, --for, or until when, --until")
    place = paths.find(os.environ)
    calendar = _calendar(place)
    end_ms = None
    if length is not None:
        end_ms = calendar.now_ms + parse_length(length)
    elif end is not None:
        end_ms = parse_end(end, calendar)
    made = decide(place, begin_of_pause(_edits(place), calendar.now_ms, end_ms))
    clock = LocalClock(calendar.zone)
    until = "you resume" if end_ms is None else clock.time_seen_from(clock.local(calendar.now_ms).date(), end_ms)
    click.echo(f"Paused until {until}. What happens meanwhile is kept and does not count.")
    click.echo("To go on counting: claude-monitor resume")
    click.echo(f"To take the pause back: claude-monitor edit undo {made.id[:SHORT_ID]}")


@click.command()
def resume() -> None:
    """Go on counting after `claude-monitor pause`.

    \b
      claude-monitor resume
    """
    place = paths.find(os.environ)
    calendar = _calendar(place)
    decision, paused = end_of_pause(_edits(place), calendar.now_ms)
    decide(place, decision)
    lasted = format_duration(max(0, calendar.now_ms - paused.start_ms))
    click.echo(f"Counting again. The pause lasted {lasted}; what happened in it is kept and does not count.")
    click.echo(f"To count it after all: claude-monitor edit undo {paused.edit.id[:SHORT_ID]}")


def _edits(place: paths.Paths) -> tuple[Edit, ...]:
    with contextlib.closing(Store(place.database)) as store:
        return in_force(store.journal())


def _calendar(place: paths.Paths) -> Calendar:
    config = settings.read(place.config)
    return Calendar(settings.zone_of(config), config.day_starts_at, config.week_starts_on, now_ms())
