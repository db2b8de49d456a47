"""The stretch from which somebody has just come back, and which the rules did not count: to be asked about, once.

It is a gap of the day between the blocks of any projects. It is long enough that a person may have done something
for a project in it, away from Claude Code, and so short ago that they remember.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from monitor_core.model import HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor_core.model import Block
    from monitor_core.report import Report

#: Shorter stretches are not worth a question, and longer ones are a night or a day off.
LEAST_MS, MOST_MS = 10 * MINUTE_MS, 4 * HOUR_MS
#: After so long a return nobody wants to be asked any more.
ASKED_FOR_MS = 30 * MINUTE_MS


class Away(NamedTuple):
    """Nothing counts in ``[start_ms, end_ms)``; ``project`` is the path of the project that was active last before."""

    start_ms: int
    end_ms: int
    project: str


def away_of(report: Report) -> Away | None:
    """The longest stretch that a person came back from within the last half hour; None where there is nothing to ask.

    None as well where Claude Code came back by itself, and where somebody has said already that the stretch, or a part
    of it, does not count: by a pause, or by taking out what was in it.
    """
    decided = [*((pause.start_ms, pause.end_ms) for pause in report.pauses), *report.dropped]
    found = [
        away
        for away in _gaps(report)
        if LEAST_MS <= away.end_ms - away.start_ms <= MOST_MS
        and 0 <= report.now_ms - away.end_ms <= ASKED_FOR_MS
        and not any(start_ms < away.end_ms and away.start_ms < end_ms for start_ms, end_ms in decided)
    ]
    return max(found, key=lambda away: away.end_ms - away.start_ms, default=None)


def _gaps(report: Report) -> Iterator[Away]:
    """What lies between the blocks of all projects, where a person ended it."""
    blocks = sorted(((b, p.path) for p in report.projects for b in p.blocks), key=lambda own: own[0].start_ms)
    last: tuple[Block, str] | None = None
    for block, project in blocks:
        if last is not None and block.start_ms > last[0].end_ms and not block.auto:
            yield Away(last[0].end_ms, block.start_ms, last[1])
        if last is None or block.end_ms >= last[0].end_ms:
            last = block, project
