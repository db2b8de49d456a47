"""The ledger that grows event by event, against the plain reading of the rules, over generated histories."""

from __future__ import annotations

import itertools
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor_core.accounting import Account, Ledger, Rules, account
from monitor_core.intervals import add, union
from monitor_core.model import HOUR_MS, MINUTE_MS, SECOND_MS, Event, Interval
from monitor_core.turns import Turns, is_point

if TYPE_CHECKING:
    from collections.abc import Sequence

RULES = Rules(idle_ms=5 * MINUTE_MS, usage_window_ms=5 * HOUR_MS)
BEGIN_MS = 10 * HOUR_MS
STEPS_MS = [0, 1, SECOND_MS, MINUTE_MS, 4 * MINUTE_MS, 5 * MINUTE_MS, 6 * MINUTE_MS, HOUR_MS]

KINDS = ["UserPromptSubmit", "PreToolUse", "PostToolUse", "PermissionRequest", "Stop", "SessionStart", "SessionEnd",
         "Notification", "SubagentStop", "Interrupted", "ProcessGone", "FromTheFuture"]  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events of up to three streams and projects, minutes apart or at once, by time."""
    t_ms = BEGIN_MS
    events = []
    for number in range(draw(st.integers(1, 25))):
        t_ms += draw(st.sampled_from(STEPS_MS))
        kind = draw(st.sampled_from(KINDS))
        asleep_ms = draw(st.sampled_from([0, 0, 0, 3 * MINUTE_MS]))
        events.append(
            Event(
                id=f"{draw(st.integers(0, 9))}-{number}",
                t_ms=t_ms,
                kind=kind,
                session_id=draw(st.sampled_from(["a", "b", "c"])),
                project=draw(st.integers(1, 3)),
                awake_ms=draw(st.sampled_from([None, t_ms - asleep_ms])),
                prompt_id=draw(st.sampled_from([None, "p", "q"])),
                tool_use_id=draw(st.sampled_from([None, "x", "y"])),
                duration_ms=draw(st.sampled_from([None, 0, SECOND_MS, 7 * MINUTE_MS, 2 * HOUR_MS])),
                notification_type=draw(st.sampled_from(["permission_prompt", "idle_prompt", "other"])),
                auto=kind == "UserPromptSubmit" and draw(st.booleans()),
            )
        )
    return sorted(events, key=lambda event: (event.t_ms, event.id))


def plain_blocks(events: Sequence[Event], now_ms: int) -> list[tuple[int, int, int, tuple[Interval, ...]]]:
    """Blocks as the rule says it: all points and working intervals of a project, sorted, joined one after the other."""
    streams = defaultdict(list)
    pieces: dict[int, list[tuple[int, bool, int, bool]]] = defaultdict(list)
    for event in events:
        streams[event.stream].append(event)
        if is_point(event):
            pieces[event.project].append((event.t_ms, event.auto, event.t_ms, False))
    for own in streams.values():
        turns = Turns(RULES.idle_ms)
        credits_ = [credit for event in own for credit in turns.add(event)]
        if tail := turns.tail(now_ms):
            credits_.append(tail)
        for credit in credits_:
            pieces[credit.project].append((credit.start_ms, credit.auto, credit.end_ms, True))
    blocks = []
    for project, found in pieces.items():
        groups: list[list[tuple[int, bool, int, bool]]] = []
        for piece in sorted(found):
            gap = piece[0] - max((p[2] for p in groups[-1]), default=0) if groups else RULES.idle_ms + 1
            if gap > RULES.idle_ms or (piece[1] and gap > 0):
                groups.append([])
            groups[-1].append(piece)
        for group in groups:
            working = union((p[0], p[2]) for p in group if p[3])
            blocks.append((project, group[0][0], max(p[2] for p in group), working))
    return sorted(blocks)


def shown(result: Account) -> list[tuple[int, int, int, tuple[Interval, ...]]]:
    return sorted((b.project, b.start_ms, b.end_ms, b.working) for b in result.blocks)


@given(histories(), st.sampled_from([0, MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS]))
@settings(max_examples=300)
def test_blocks_are_what_the_rule_says_after_every_event(events: list[Event], later_ms: int) -> None:
    ledger = Ledger(RULES)
    for number, event in enumerate(events, start=1):
        assert ledger.add(event)
        now_ms = event.t_ms + later_ms
        assert shown(ledger.at(now_ms)) == plain_blocks(events[:number], now_ms)


@given(histories(), st.randoms())
@settings(max_examples=200)
def test_any_order_and_repetition_of_arrival_gives_the_same_account(events: list[Event], random: object) -> None:
    now_ms = events[-1].t_ms + 10 * MINUTE_MS
    shuffled = [*events, *events[::2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert account(shuffled, now_ms, RULES) == account(events, now_ms, RULES)


@given(histories(), st.randoms())
@settings(max_examples=300)
def test_what_a_ledger_accepts_out_of_order_it_accounts_for_as_in_order(events: list[Event], random: object) -> None:
    """Streams interleave freely on arrival; whatever the ledger does not refuse must come out the same."""
    arrivals = list(events)
    for _ in range(10):
        k = random.randrange(len(arrivals))  # type: ignore[attr-defined]  # hypothesis gives a random.Random
        arrivals[k - 1 : k + 1] = reversed(arrivals[k - 1 : k + 1])
    ledger = Ledger(RULES)
    accepted = [event for event in arrivals if ledger.add(event)]
    now_ms = events[-1].t_ms + 10 * MINUTE_MS
    assert ledger.at(now_ms) == account(accepted, now_ms, RULES)


@given(histories())
@settings(max_examples=200)
def test_looking_at_an_account_changes_nothing(events: list[Event]) -> None:
    watched, unwatched = Ledger(RULES), Ledger(RULES)
    for event in events:
        watched.add(event)
        unwatched.add(event)
        watched.at(event.t_ms + 30 * MINUTE_MS)
    now_ms = events[-1].t_ms
    assert watched.at(now_ms) == unwatched.at(now_ms)


@given(histories())
@settings(max_examples=200)
def test_blocks_of_a_project_are_disjoint_and_hold_their_work(events: list[Event]) -> None:
    result = account(events, events[-1].t_ms + HOUR_MS, RULES)
    by_project = defaultdict(list)
    for block in result.blocks:
        by_project[block.project].append(block)
        assert all(block.start_ms <= i.start_ms < i.end_ms <= block.end_ms for i in block.working)
    for blocks in by_project.values():
        assert all(x.end_ms < y.start_ms for x, y in pairwise(blocks))


def test_an_event_that_comes_twice_or_too_late_is_refused() -> None:
    first = Event(id="1", t_ms=10, kind="UserPromptSubmit", session_id="a", project=1)
    second = Event(id="2", t_ms=20, kind="Stop", session_id="a", project=1)
    between = Event(id="3", t_ms=15, kind="PreToolUse", session_id="a", project=1)
    ledger = Ledger(RULES)
    assert [ledger.add(event) for event in (first, second, second, between)] == [True, True, False, False]
    assert ledger.at(HOUR_MS) == account([first, second], HOUR_MS, RULES)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=20))
def test_a_set_grown_in_place_is_the_union(pairs: list[tuple[int, int]]) -> None:
    grown: list[Interval] = []
    for start, end in pairs:
        add(grown, start, end)
    assert tuple(grown) == union(pairs)
    covered = set(itertools.chain.from_iterable(range(*pair) for pair in pairs))
    assert covered == set(itertools.chain.from_iterable(range(*interval) for interval in grown))
