"""A report cut in two at a break, so that the figures of both stretches add up to those of the whole.

Nothing that the figures are made of lies across such a cut: no block, no wait, no sitting, no flow session. What was
computed of a stretch that is settled can therefore be kept; see `monitor_core.analytics`.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.analytics.focus import BREAK_MS
from monitor_core.intervals import union
from monitor_core.model import Block, Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor_core.report import Report

_start = attrgetter("start_ms")


class OwnTime(NamedTuple):
    """What the project at ``path`` has in a stretch, by start."""

    path: str
    blocks: tuple[Block, ...]
    waits: tuple[Interval, ...]


class Stretch(NamedTuple):
    """What a report has in ``span``; ``projects`` are all of the report's, by name."""

    span: Interval
    projects: Mapping[str, OwnTime]

    @classmethod
    def of(cls, report: Report) -> Stretch:
        """All of ``report``."""
        projects = {p.name: OwnTime(p.path, p.blocks, p.waits) for p in report.projects}
        return cls(Interval(report.start_ms, report.end_ms), projects)

    @property
    def total(self) -> tuple[Interval, ...]:
        """The union of all blocks."""
        return union((b.start_ms, b.end_ms) for own in self.projects.values() for b in own.blocks)

    @property
    def working(self) -> tuple[Interval, ...]:
        """The union of all working time."""
        return union(i for own in self.projects.values() for b in own.blocks for i in b.working)

    def cut(self, until_ms: int) -> tuple[Stretch, Stretch] | None:
        """The stretches before and from the last break on that ends at ``until_ms`` or before.

        None where none of the report would come before.
        """
        at_ms = min(until_ms, self.span.end_ms)
        while (before_ms := self._cut_through(at_ms)) is not None:
            at_ms = before_ms
        if at_ms <= self.span.start_ms:
            return None
        earlier, later = {}, {}
        for name, (path, blocks, waits) in self.projects.items():
            b, w = bisect_left(blocks, at_ms, key=_start), bisect_left(waits, at_ms, key=_start)
            earlier[name] = OwnTime(path, blocks[:b], waits[:w])
            later[name] = OwnTime(path, blocks[b:], waits[w:])
        span = self.span
        return Stretch(Interval(span.start_ms, at_ms), earlier), Stretch(Interval(at_ms, span.end_ms), later)

    def _cut_through(self, at_ms: int) -> int | None:
        """When the first of what ``at_ms`` lies in or comes too soon after for a break began; None where of nothing."""
        starts = []
        for _, blocks, waits in self.projects.values():
            b, w = bisect_left(blocks, at_ms, key=_start), bisect_left(waits, at_ms, key=_start)
            if b and at_ms < blocks[b - 1].end_ms + BREAK_MS:
                starts.append(blocks[b - 1].start_ms)
            # Waits that touch are one.
            if w and at_ms <= waits[w - 1].end_ms:
                starts.append(waits[w - 1].start_ms)
        return min(starts, default=None)
