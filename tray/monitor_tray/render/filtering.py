"""What the page's script needs to know to leave projects out: when each was active, exactly and in few letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor_core.report import Report

#: With more blocks than these the totals of a choice are not offered: they would make most of the page.
MOST_BLOCKS = 12_000
#: More projects than these are no choice any more.
MOST_PROJECTS = 200

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class FilterData:
    """Of each project that has blocks, in the report's order: its active milliseconds, and its blocks.

    Those are pairs of whole milliseconds in base 36, each the time since the end of the block before (of the first,
    since the report's start) and the length: ``2s.1cre 5k.0``.
    """

    active_ms: tuple[int, ...]
    blocks: tuple[str, ...]


def data(report: Report) -> FilterData | None:
    """The data, or None where there are too many projects or blocks to choose from."""
    projects = [project for project in report.projects if project.blocks]
    if len(projects) > MOST_PROJECTS or sum(len(project.blocks) for project in projects) > MOST_BLOCKS:
        return None
    written = []
    for project in projects:
        at_ms, pairs = report.start_ms, []
        for block in project.blocks:
            pairs.append(f"{base36(block.start_ms - at_ms)}.{base36(block.end_ms - block.start_ms)}")
            at_ms = block.end_ms
        written.append(" ".join(pairs))
    return FilterData(tuple(project.active_ms for project in projects), tuple(written))


def base36(number: int) -> str:
    """``number``, which is not negative, as JavaScript's ``parseInt(…, 36)`` reads it."""
    digits = ""
    while True:
        number, last = divmod(number, 36)
        digits = _DIGITS[last] + digits
        if not number:
            return digits
