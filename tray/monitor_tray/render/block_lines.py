"""The blocks of a day's page one by one: from when to when, how the time is split, and why each minute counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.intervals import clip, length_ms
from monitor_core.model import MINUTE_MS, SECOND_MS
from monitor_core.rounding import rounded_parts
from monitor_tray.duration import format_duration
from monitor_tray.render.figures import shown_minutes
from monitor_tray.render.why_words import COUNTS, rule_words, stream_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor_core.explaining import ExplainedProject
    from monitor_core.model import Block
    from monitor_core.report import ProjectTime, Report
    from monitor_core.why import Line
    from monitor_tray.render.figures import Figures
    from monitor_tray.render.local_time import LocalClock

#: Of a day with more blocks than the first, those are listed; of more than the second, the reasons of those are.
MOST_LISTED, MOST_EXPLAINED = 500, 100
#: Of a block with more lines than these, the first are told.
MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Reasons:
    """What explains the blocks of a day: the explanation of each project, and the idle timeout that it goes by."""

    projects: tuple[ExplainedProject, ...]
    idle_ms: int


@dataclass(frozen=True, slots=True)
class BlockLine:
    """One block. ``working`` and ``attention`` add up to ``time``; ``waited`` is empty where Claude did not wait.

    ``lines`` say of each part of it what it counts as and why; ``more`` is the number of those left out.
    """

    number: int
    name: str
    start: str
    end: str
    time: str
    working: str
    attention: str
    waited: str
    open: bool
    lines: tuple[str, ...]
    more: int


def block_lines(report: Report, shown: Figures, clock: LocalClock, reasons: Reasons | None) -> list[BlockLine]:
    """The first blocks of all projects, by start."""
    found = sorted(
        ((block, number) for number, row in enumerate(shown.projects) for block in row.project.blocks),
        key=lambda pair: pair[0].start_ms,
    )
    known = _lines_by_block(reasons)
    made = []
    for at, (block, number) in enumerate(found[:MOST_LISTED]):
        row = shown.projects[number]
        lines = known.get((row.project.path, block.start_ms, block.end_ms), ()) if at < MOST_EXPLAINED else ()
        words = tuple(_words(line, clock, reasons.idle_ms) for line in lines[:MOST_LINES]) if reasons else ()
        made.append(_line(block, number, row.name, row.project, words, max(0, len(lines) - MOST_LINES), report, clock))
    return made


def _lines_by_block(reasons: Reasons | None) -> dict[tuple[str, int, int], Sequence[Line]]:
    if reasons is None:
        return {}
    return {
        (project.path, each.block.start_ms, each.block.end_ms): each.lines
        for project in reasons.projects
        for each in project.explained.blocks
    }


def _line(
    block: Block,
    number: int,
    name: str,
    project: ProjectTime,
    words: tuple[str, ...],
    more: int,
    report: Report,
    clock: LocalClock,
) -> BlockLine:
    start, end = (clock.time_seen_from(report.first_day, ms) for ms in (block.start_ms, block.end_ms))
    minutes = block.active_ms // MINUTE_MS
    attention_ms = block.active_ms - block.working_ms
    working, attention = rounded_parts([block.working_ms, attention_ms], MINUTE_MS, minutes)
    waited_ms = length_ms(clip(project.waits, block.start_ms, block.end_ms))
    return BlockLine(
        number=number,
        name=name,
        start=start,
        end=end,
        time=format_duration(block.active_ms or 1),
        working=shown_minutes(working, block.working_ms),
        attention=shown_minutes(attention, attention_ms),
        waited=format_duration(waited_ms) if waited_ms else "",
        open=block.open,
        lines=words,
        more=more,
    )


def _words(line: Line, clock: LocalClock, idle_ms: int) -> str:
    """``09:58:20 – 10:21:10, 22 min 50 s, Claude working (session 8f3c2a1b): the tool itself took it``."""
    start, end = (f"{clock.local(at_ms):%H:%M:%S}" for at_ms in (line.start_ms, line.end_ms))
    when = start if line.start_ms == line.end_ms else f"{start} – {end}, {_length(line)}"
    who = f" ({stream_words(line.stream)})" if line.stream else ""
    return f"{when}, {COUNTS[line.counts]}{who}: {rule_words(line, idle_ms)}"


def _length(line: Line) -> str:
    seconds = line.end_ms // SECOND_MS - line.start_ms // SECOND_MS
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
