"""Blocks and corrections for the tests of what people correct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from monitor_core.accounting import account
from monitor_core.blocks import joined
from monitor_core.corrections import Correction, corrected, corrections_within
from monitor_core.edits import AddTime, DropTime, Edit, MoveTime, PauseCounting, ResumeCounting
from monitor_core.intervals import length_ms, union
from monitor_core.model import HOUR_MS, MINUTE_MS, SECOND_MS, Block, Interval
from tests.core.histories import BEGIN_MS, RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor_core.model import Event

TimeDecision = AddTime | MoveTime | DropTime | PauseCounting | ResumeCounting

EVER = Interval(0, 2**50)
#: The places of the generated histories; two of them are one project.
PROJECTS = {1: "api", 2: "web", 3: "api"}
NAMES = ["api", "web", "Meetings"]


def blocks_of(events: Iterable[Event], now_ms: int) -> dict[str, list[Block]]:
    """The blocks of each project as the events alone make them."""
    runs: dict[str, list[Block]] = {}
    for place, own in account(events, now_ms, RULES).blocks.items():
        runs.setdefault(PROJECTS[place], []).extend(own)
    return {key: joined(own, RULES.idle_ms) for key, own in runs.items()}


def of_edits(*edits: Edit) -> tuple[Correction, ...]:
    """The corrections that ``edits`` are, where no project was merged."""
    return corrections_within(edits, EVER, lambda key: key)


def edit(decision: TimeDecision, name: str = "an-edit-of-mine") -> Edit:
    return Edit(name, 0, decision)


def total_ms(blocks: Mapping[str, Sequence[Block]]) -> int:
    """Time by the clock on the wall."""
    return length_ms(union((b.start_ms, b.end_ms) for own in blocks.values() for b in own))


def covered(blocks: Iterable[Block]) -> tuple[Interval, ...]:
    return union((b.start_ms, b.end_ms) for b in blocks)


def worked(blocks: Iterable[Block]) -> tuple[Interval, ...]:
    return union(i for b in blocks for i in b.working)


@st.composite
def stretches(draw: st.DrawFn) -> Interval:
    """A stretch near the generated histories, its ends often where an event may be."""
    steps = [0, 1, SECOND_MS, MINUTE_MS, 4 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS]
    start_ms = BEGIN_MS + draw(st.sampled_from(steps)) + draw(st.sampled_from(steps)) - 2 * MINUTE_MS
    return Interval(start_ms, start_ms + draw(st.sampled_from(steps[1:])))


@st.composite
def edits(draw: st.DrawFn, most: int = 4) -> list[Edit]:
    """Time edits of every kind, and pauses, in the order in which they were made."""
    result = []
    for number in range(draw(st.integers(0, most))):
        start_ms, end_ms = draw(stretches())
        source = draw(st.sampled_from([None, *NAMES]))
        into = draw(st.sampled_from(NAMES))
        choices: list[TimeDecision] = [
            AddTime(into, start_ms, end_ms),
            MoveTime(source, into, start_ms, end_ms),
            DropTime(source, start_ms, end_ms),
            PauseCounting(start_ms, draw(st.sampled_from([end_ms, None]))),
            ResumeCounting(start_ms),
        ]
        decision = draw(st.sampled_from(choices))
        result.append(edit(decision, f"edit-number-{number}"))
    return result


def corrected_blocks(events: Sequence[Event], now_ms: int, made: Sequence[Edit]) -> dict[str, list[Block]]:
    """The blocks of each project after the edits."""
    return {key: list(own) for key, own in corrected(blocks_of(events, now_ms), of_edits(*made)).items()}
