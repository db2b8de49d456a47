"""The books in the store against the pure function, whatever arrives in whatever order."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor_core.accounting import FUTURE_MS, account
from monitor_core.books import Books
from monitor_core.errors import StoreError
from monitor_core.model import DAY_MS, HOUR_MS, MINUTE_MS, Event, Interval
from monitor_core.standing import account_from_books, books_are_current, counts_between
from tests.core.histories import BEGIN_MS, LONG_STEPS_MS, RULES, EventStore, histories, worked_days

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

ALL = Interval(0, 2**60)


def agree(store: EventStore, events: Sequence[Event], now_ms: int) -> None:
    assert books_are_current(store, RULES, now_ms)
    assert account_from_books(store, ALL, RULES, now_ms) == account(events, now_ms, RULES)
    first_ms = min((event.t_ms for event in events), default=0)
    for span in (ALL, Interval(first_ms, first_ms + 2 * DAY_MS), Interval(first_ms - DAY_MS, first_ms + HOUR_MS)):
        inside = [e for e in events if span.start_ms <= e.t_ms < span.end_ms and e.t_ms <= now_ms + FUTURE_MS]
        assert counts_between(store, span, RULES, now_ms) == Counter(event.place for event in inside)


def tables(store: EventStore) -> list[list[tuple[Any, ...]]]:
    """The books' tables, with streams by name: their numbers go by arrival."""
    queries = (
        "SELECT * FROM work_block ORDER BY start_ms, place_id",
        """SELECT start_ms, session_id, agent_id, place_id, end_ms, auto FROM stint
            JOIN stream ON stream.id = stream_id ORDER BY 1, 2, 3, 4""",
        """SELECT start_ms, session_id, agent_id, place_id, end_ms FROM wait
            JOIN stream ON stream.id = stream_id ORDER BY 1, 2, 3""",
        """SELECT session_id, agent_id, since_ms, place_id, state, auto, hinted_ms FROM tail
            JOIN stream ON stream.id = stream_id ORDER BY 1, 2""",
        "SELECT * FROM usage_window ORDER BY start_ms",
        "SELECT * FROM tally ORDER BY day, place_id",
    )
    return [store.query(sql) for sql in queries]


@given(histories(), st.sampled_from([0, MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS]))
@settings(max_examples=60)
def test_in_order_the_books_are_right_after_every_event(events: list[Event], later_ms: int) -> None:
    with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
        books = Books(store, RULES)
        for number, event in enumerate(events, start=1):
            store.record([event])
            now_ms = event.t_ms + later_ms
            assert books.catch_up(now_ms, 10) == 0
            agree(store, events[:number], now_ms)


@given(histories(steps_ms=tuple(LONG_STEPS_MS)), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=150)
def test_in_any_order_the_books_are_right_after_every_event(
    events: list[Event], random: random.Random, forgetful: bool
) -> None:
    now_ms = events[-1].t_ms + 10 * MINUTE_MS
    arrivals = list(events)
    random.shuffle(arrivals)
    with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
        books = Books(store, RULES)
        for number, event in enumerate(arrivals, start=1):
            if forgetful:
                books = Books(store, RULES)
            store.record([event])
            assert books.catch_up(now_ms, 10) == 0
            agree(store, arrivals[:number], now_ms)


@given(histories(steps_ms=tuple(LONG_STEPS_MS)), st.randoms(use_true_random=False), st.integers(1, 7))
@settings(max_examples=60)
def test_in_portions_of_any_order_the_tables_are_those_of_new_books(
    events: list[Event], random: random.Random, size: int
) -> None:
    now_ms = events[-1].t_ms + 10 * MINUTE_MS
    arrivals = [*events, *random.sample(events, len(events) // 2)]
    random.shuffle(arrivals)
    with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
        books = Books(store, RULES)
        for k in range(0, len(arrivals), size):
            store.record(arrivals[k : k + size])
            while books.catch_up(now_ms, 3):
                pass
        grown = tables(store)
        books.begin_anew()
        books.catch_up_entirely(now_ms)
        assert tables(store) == grown
        agree(store, events, now_ms)


@given(histories(), st.randoms(use_true_random=False), st.booleans(), st.sampled_from([1, 2, 256]))
@settings(max_examples=100)
def test_what_could_not_be_written_is_not_remembered_and_what_is_not_remembered_is_read(
    events: list[Event], random: random.Random, shuffled: bool, remembered: int
) -> None:
    now_ms = events[-1].t_ms + 10 * MINUTE_MS
    arrivals = list(events)
    if shuffled:
        random.shuffle(arrivals)
    with (
        tempfile.TemporaryDirectory() as folder,
        EventStore(Path(folder)) as store,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("monitor_core.books._STREAMS", remembered)
        patch.setattr("monitor_core.books._KEPT", remembered)
        books = Books(store, RULES)
        for number, event in enumerate(arrivals, start=1):
            store.record([event])
            if random.random() < 0.5:
                books.reckon(now_ms, 10)
            if number < len(arrivals) and random.random() < 0.3:
                # The last that is written of a portion: all else of it is in memory by then.
                store.query("CREATE TRIGGER full BEFORE INSERT ON books BEGIN SELECT RAISE(ABORT, 'disk full'); END")
                with pytest.raises(StoreError, match="disk full"):
                    books.catch_up(now_ms, 10)
                store.query("DROP TRIGGER full")
            else:
                while books.catch_up(now_ms, 10):
                    pass
                agree(store, arrivals[:number], now_ms)


def test_an_event_in_order_costs_the_same_however_many_there_were(tmp_path: Path) -> None:
    """In statements and in rows written."""
    events = worked_days(120)
    costs = []
    with EventStore(tmp_path) as store:
        books = Books(store, RULES)
        connection = store._database.connection()
        for number, event in enumerate(events, start=1):
            store.record([event])
            statements: list[str] = []
            connection.set_trace_callback(statements.append)
            before = connection.total_changes
            books.catch_up(event.t_ms, 10)
            connection.set_trace_callback(None)
            costs.append((len(statements), connection.total_changes - before))
            assert number == len(costs)
    day = 9 * 4
    early, late = costs[2 * day : 7 * day], costs[-5 * day :]
    assert sorted(early) == sorted(late)
    assert max(rows for _, rows in late) <= 8


def test_of_two_tools_that_began_with_one_id_the_later_one_counts_in_whatever_order_they_arrive(tmp_path: Path) -> None:
    """As where a hook is installed twice, or a session is gone on with."""

    def event(minute: int, kind: str, place: int, tool: str | None = None, ran_ms: int | None = None) -> Event:
        at_ms = BEGIN_MS + 2 * DAY_MS + minute * MINUTE_MS
        return Event(
            id=f"{minute + 9999:05}", t_ms=at_ms, kind=kind, session_id="a", place=place, tool_use_id=tool,
            duration_ms=ran_ms,
        )  # fmt: skip

    arrivals = [
        event(0, "UserPromptSubmit", 1),
        event(5, "PreToolUse", 1, "x"),
        event(-30 * 60, "PreToolUse", 3, "x"),
        event(40, "Notification", 1),
        event(41, "PostToolUse", 2, "x", 5 * MINUTE_MS),
    ]
    with EventStore(tmp_path) as store:
        books = Books(store, RULES)
        for number, arrival in enumerate(arrivals, start=1):
            store.record([arrival])
            now_ms = max(e.t_ms for e in arrivals[:number])
            books.catch_up_entirely(now_ms)
            agree(store, arrivals[:number], now_ms)


def test_a_late_event_changes_nothing_that_is_not_near_it(tmp_path: Path) -> None:
    events = worked_days(30)
    with EventStore(tmp_path) as store:
        store.record(events)
        books = Books(store, RULES)
        books.catch_up_entirely(events[-1].t_ms)
        before = tables(store)
        t_ms = events[503].t_ms + 3 * MINUTE_MS
        store.record([Event(id="late", t_ms=t_ms, kind="Stop", session_id="other", place=events[500].place)])
        written = store._database.connection().total_changes
        books.catch_up(events[-1].t_ms, 10)
        assert store._database.connection().total_changes - written <= 6
        changed = [set(now) ^ set(then) for now, then in zip(tables(store), before, strict=True)]
    assert changed[0]
    assert all(row[0] - RULES.idle_ms <= t_ms <= row[2] + RULES.idle_ms for row in changed[0])
    assert changed[1:5] == [set(), set(), {("other", "", t_ms, events[500].place, "user's turn", 0, None)}, set()]
    assert {row[:2] for row in changed[5]} == {(t_ms // DAY_MS, events[500].place)}


def test_a_late_answer_ends_the_wait_that_it_lies_in_and_no_other(tmp_path: Path) -> None:
    events = worked_days(30)
    asked = [replace(event, session_id="one") for event in events]
    with EventStore(tmp_path) as store:
        store.record(asked)
        books = Books(store, RULES)
        books.catch_up_entirely(asked[-1].t_ms)
        before = set(tables(store)[2])
        stop = asked[499]
        late = replace(stop, id="late", kind="UserPromptSubmit", t_ms=stop.t_ms + 3 * MINUTE_MS)
        store.record([late])
        books.catch_up(asked[-1].t_ms, 10)
        agree(store, [*asked, late], asked[-1].t_ms)
        after = set(tables(store)[2])
    whole = (stop.t_ms, "one", "", stop.place, stop.t_ms + 38 * MINUTE_MS)
    assert (before - after, after - before) == ({whole}, {(*whole[:4], late.t_ms)})


def test_no_wait_in_the_books_is_longer_than_an_hour(tmp_path: Path) -> None:
    """So whatever reaches into a range is found by where it begins."""
    events = worked_days(3)
    with EventStore(tmp_path) as store:
        store.record(replace(event, session_id="one") for event in events)
        Books(store, RULES).catch_up_entirely(events[-1].t_ms + 30 * DAY_MS)
        rows = store.query("SELECT start_ms, end_ms FROM wait")
        assert {end_ms - start_ms for start_ms, end_ms in rows} == {38 * MINUTE_MS, HOUR_MS}
        start_ms = max(start_ms for start_ms, end_ms in rows if end_ms - start_ms == HOUR_MS)
        found = store.books.waits(start_ms + HOUR_MS - 1, start_ms + HOUR_MS)
        assert [wait.start_ms for wait in found["one", ""]] == [start_ms]


def test_a_tool_that_ran_over_midnight_before_its_first_event_is_kept_once(tmp_path: Path) -> None:
    """After a restart the stream's stints are read from before the first event that is known."""
    midnight_ms = BEGIN_MS + 10 * MINUTE_MS
    events = [
        Event(id=str(n), t_ms=midnight_ms + minute * MINUTE_MS, kind="PostToolUse", session_id="a", place=1,
              tool_use_id=str(n), duration_ms=30 * MINUTE_MS)
        for n, minute in enumerate((1, 2))
    ]  # fmt: skip
    with EventStore(tmp_path) as store:
        for event in events:
            store.record([event])
            Books(store, RULES).catch_up(event.t_ms, 10)
        agree(store, events, events[-1].t_ms)
        grown = tables(store)
        books = Books(store, RULES)
        books.begin_anew()
        books.catch_up_entirely(events[-1].t_ms)
        assert tables(store) == grown


def test_work_goes_on_where_it_ended_though_a_hint_came_days_before_what_proves_it(tmp_path: Path) -> None:
    """In one row of the books, as if all had come in order."""
    hinted_ms = BEGIN_MS + 3 * DAY_MS
    kinds = [(hinted_ms, "Notification"), (BEGIN_MS, "PreToolUse"), (BEGIN_MS + 1, "PreToolUse"), (hinted_ms, "Stop")]
    arrivals = [
        Event(id=str(n), t_ms=t_ms, kind=kind, session_id="a", place=1, notification_type="idle_prompt")
        for n, (t_ms, kind) in enumerate(kinds)
    ]
    with EventStore(tmp_path) as store:
        books = Books(store, RULES)
        for event in arrivals:
            store.record([event])
            books.catch_up(hinted_ms, 10)
        grown = tables(store)
        books.begin_anew()
        books.catch_up_entirely(hinted_ms)
        assert tables(store) == grown


def test_nothing_is_left_while_an_event_that_was_set_aside_has_come_of_age(tmp_path: Path) -> None:
    event = Event(id="1", t_ms=BEGIN_MS, kind="Stop", session_id="a", place=1)
    with EventStore(tmp_path) as store:
        store.record([event])
        books = Books(store, RULES)
        assert books.catch_up(BEGIN_MS - 10 * MINUTE_MS, 10) == 0
        books.begin_anew()
        books.catch_up_entirely(BEGIN_MS - 10 * MINUTE_MS)
        books.catch_up_entirely(BEGIN_MS)
        agree(store, [event], BEGIN_MS)
