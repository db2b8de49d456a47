"""The blocks of the account against the plain reading of the rule: everything sorted, joined one after the other."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor_core.accounting import account
from monitor_core.intervals import union
from monitor_core.model import HOUR_MS, MINUTE_MS, Event, Interval
from monitor_core.turns import Turns, is_point
from tests.core.histories import RULES, histories
from tests.core.realistic import sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

#: place, start, end, working
PlainBlock = tuple[int, int, int, tuple[Interval, ...]]
#: start, whether no person sent it, end, whether Claude worked
PlainPiece = tuple[int, bool, int, bool]


def plain_blocks(events: Sequence[Event], now_ms: int) -> list[PlainBlock]:
    """All points and working time of each place, without midnights, books or anything that is there already."""
    streams = defaultdict(list)
    pieces: dict[int, list[PlainPiece]] = defaultdict(list)
    for event in events:
        streams[event.stream].append(event)
        if is_point(event):
            pieces[event.place].append((event.t_ms, event.auto, event.t_ms, False))
    for own in streams.values():
        turns = Turns(RULES.idle_ms)
        credits_ = [credit for event in own for credit in turns.add(event)]
        tail = turns.tail()
        if tail is not None and (open_ := tail.credit(now_ms, RULES.idle_ms)):
            credits_.append(open_)
        for credit in credits_:
            pieces[credit.place].append((credit.start_ms, credit.auto, credit.end_ms, True))
    blocks = []
    for place, found in pieces.items():
        groups: list[list[PlainPiece]] = []
        for piece in sorted(found):
            gap_ms = piece[0] - max(p[2] for p in groups[-1]) if groups else RULES.idle_ms + 1
            if gap_ms > RULES.idle_ms or (piece[1] and gap_ms > 0):
                groups.append([])
            groups[-1].append(piece)
        for group in groups:
            working = union((p[0], p[2]) for p in group if p[3])
            blocks.append((place, group[0][0], max(p[2] for p in group), working))
    return sorted(blocks)


@given(st.one_of(histories(), sessions()), st.sampled_from([0, MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS]))
@settings(max_examples=100)
def test_blocks_are_what_the_rule_says_after_every_event(events: list[Event], later_ms: int) -> None:
    for number, event in enumerate(events, start=1):
        now_ms = event.t_ms + later_ms
        result = account(events[:number], now_ms, RULES)
        found = [(place, b.start_ms, b.end_ms, b.working) for place, own in result.blocks.items() for b in own]
        assert sorted(found) == plain_blocks(events[:number], now_ms)
