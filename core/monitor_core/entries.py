"""Entries: a report's work blocks as a calendar or a timesheet lists them, each within one day.

A block over midnight is an entry of both days, so an entry is the same one in the report of a day and of a week.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003  dataclass fields should resolve for whoever inspects them
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.intervals import clip
from monitor_core.model import Block, Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor_core.report import DayTime, ProjectTime, Report


@dataclass(frozen=True, slots=True)
class Entry:
    """The ``part`` of a project's block that lies in ``day``; it is never empty."""

    project: ProjectTime
    block: Block
    day: dt.date
    part: Interval

    @property
    def working(self) -> tuple[Interval, ...]:
        """What of the part Claude was working in."""
        return clip(self.block.working, *self.part)

    @property
    def is_open(self) -> bool:
        """Whether its end may still change."""
        return self.block.open and self.part.end_ms == self.block.end_ms


def entries_of(report: Report) -> list[Entry]:
    """All entries of a report, day by day; in a day by start, then by the project's name."""
    found = (entry for project in report.projects for entry in _of_project(project, report.days))
    return sorted(found, key=lambda entry: (entry.day, entry.part.start_ms, entry.project.name))


def _of_project(project: ProjectTime, days: Sequence[DayTime]) -> Iterator[Entry]:
    starts = [day.start_ms for day in days]
    for block in project.blocks:
        # Days that a zone left out are empty, and nothing lies in them.
        first = max(0, bisect_right(starts, block.start_ms) - 1)
        for day in days[first : bisect_left(starts, block.end_ms)]:
            for part in clip([Interval(block.start_ms, block.end_ms)], day.start_ms, day.end_ms):
                yield Entry(project, block, day.date, part)
