"""What the page's script needs to know to leave projects out: when each was active, exactly and in few letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitor_core.model import Block
    from monitor_core.report import Report

#: With more blocks than these the totals of a choice are not offered: they would make most of the page.
MOST_BLOCKS = 12_000
#: More projects than these are no choice any more.
MOST_PROJECTS = 200

#: What of ASCII an attribute holds as it is, of one letter each: a year of 10,000 blocks has 84 kB of them.
DIGITS = "".join(digit for digit in map(chr, range(ord("!"), ord("~") + 1)) if digit not in "\"&'<>")
#: Two at a time take half as long: a year has tens of thousands of numbers.
_PAIRS = [first + second for first in DIGITS for second in DIGITS]


@dataclass(frozen=True, slots=True)
class FilterData:
    """Of each project that has blocks, in the report's order: its active milliseconds, and its blocks.

    Those are pairs of whole milliseconds: the time since the end of the block before (of the first, since the report's
    start), in as many `DIGITS` as the first of ``widths`` says, and the length, in as many as the second. Nothing
    parts them.
    """

    active_ms: tuple[int, ...]
    blocks: tuple[str, ...]
    widths: tuple[int, int]


def data(report: Report) -> FilterData | None:
    """The data, or None where there are too many projects or blocks to choose from."""
    projects = [project for project in report.projects if project.blocks]
    if len(projects) > MOST_PROJECTS or sum(len(project.blocks) for project in projects) > MOST_BLOCKS:
        return None
    pairs = [list(_gaps_and_lengths(report.start_ms, project.blocks)) for project in projects]
    longest = [max((pair[k] for own in pairs for pair in own), default=0) for k in (0, 1)]
    gap_width, length_width = (len(written(ms)) for ms in longest)
    return FilterData(
        active_ms=tuple(project.active_ms for project in projects),
        blocks=tuple(
            "".join(written(gap, gap_width) + written(length, length_width) for gap, length in own) for own in pairs
        ),
        widths=(gap_width, length_width),
    )


def written(number: int, width: int = 1) -> str:
    """``number``, which is not negative, in `DIGITS`, the greatest first; at least ``width`` of them."""
    text = ""
    while number:
        number, last = divmod(number, len(_PAIRS))
        text = _PAIRS[last] + text
    return text.lstrip(DIGITS[0]).rjust(width, DIGITS[0])


def _gaps_and_lengths(at_ms: int, blocks: Iterable[Block]) -> Iterator[tuple[int, int]]:
    for block in blocks:
        yield block.start_ms - at_ms, block.active_ms
        at_ms = block.end_ms
