"""`claude-monitor standup`: yesterday and today as Markdown."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

import click

from monitor_core import paths
from monitor_core.days import FIRST_DAY
from monitor_core.periods import Kind
from monitor_tray.asking import Asked, answer

if TYPE_CHECKING:
    from monitor_core.paths import Paths
    from monitor_core.report import Report

#: How far back the last day with time is looked for.
_DAYS_BACK = 31


@click.command()
@click.option("--date", default="today", show_default=True, metavar="WHEN", help="The day that is today in it.")
def standup(*, date: str) -> None:
    """Write what you worked on yesterday and today, as Markdown to paste.

    Yesterday is the last day before with time, up to 31 days back. Only projects and times are known: what you typed
    is not recorded.

    \b
      claude-monitor standup
      claude-monitor standup --date friday
    """
    from monitor_tray.render.standup import standup_markdown  # noqa: PLC0415

    place = paths.find(os.environ)
    today = answer(place, Asked(Kind.DAY, date)).report
    click.echo(standup_markdown(_last_day_before(place, today.first_day), today), nl=False)


def _last_day_before(place: Paths, day: dt.date) -> Report | None:
    eve = day - dt.timedelta(1)
    if eve < FIRST_DAY:
        return None
    first = max(FIRST_DAY, day - dt.timedelta(_DAYS_BACK))
    days = answer(place, Asked(Kind.RANGE, first.isoformat(), eve.isoformat())).report.days
    with_time = [one.date for one in days if one.total_ms]
    return answer(place, Asked(Kind.DAY, with_time[-1].isoformat())).report if with_time else None
