"""The waits of a report: in which stretches Claude waited for the person, by project, as corrections leave them.

What a wait is, `monitor_core.turns` decides. They overlap work blocks and idle time and change no other figure.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from monitor_core.corrections import corrected
from monitor_core.intervals import clip, union
from monitor_core.model import Block, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor_core.accounting import Account
    from monitor_core.corrections import Correction
    from monitor_core.grouping import Grouping


def waits_of_projects(
    result: Account, grouping: Grouping, corrections: Iterable[Correction], span: Interval
) -> Mapping[str, tuple[Interval, ...]]:
    """The set of stretches within ``span`` in which Claude waited, for each project that has any.

    Two sessions of a project that wait at once wait once. What people moved or took out is moved or taken out here as
    well; time that they added is a person's, in which Claude did not wait.
    """
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for own in result.waits.values():
        for start_ms, end_ms, place in own:
            if place in grouping.project_of and end_ms > span.start_ms and start_ms < span.end_ms:
                found[grouping.project_of[place]].append((start_ms, end_ms))
    waits = {project: _within(union(own), span) for project, own in found.items()}
    if taking := [correction for correction in corrections if not correction.adds]:
        blocks = {project: [Block(*wait) for wait in own] for project, own in waits.items()}
        left = corrected(blocks, taking)
        waits = {project: tuple(Interval(b.start_ms, b.end_ms) for b in own) for project, own in left.items()}
    return waits


def _within(waits: tuple[Interval, ...], span: Interval) -> tuple[Interval, ...]:
    """All of the set ``waits`` that reach into ``span``, the first and the last cut to it."""
    if span.start_ms <= waits[0].start_ms and waits[-1].end_ms <= span.end_ms:
        return waits
    return clip(waits, *span)
