"""What the store tells beside a report: prompts, tools and subagents, as settings and corrections have them."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from monitor_core.analytics import Prompt, Record, analytics_of
from monitor_core.analytics.record import read_record
from monitor_core.books import Books
from monitor_core.config import Config
from monitor_core.edits import AddTime, Decision, DropTime, Edit, IgnoreProject, MergeProject, MoveTime, PauseCounting
from monitor_core.model import HOUR_MS, MINUTE_MS, Event, Interval
from monitor_core.one_project import of_project
from monitor_core.reporting import build_report
from monitor_core.standing import books_are_current, rules_of
from monitor_core.store import Store
from tests.core.histories import EventStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from monitor_core.report import Report

M = MINUTE_MS
UTC = ZoneInfo("UTC")
DAY = dt.date(2026, 11, 23)
MIDNIGHT = round(dt.datetime(2026, 11, 23, tzinfo=UTC).timestamp() * 1000)
NOW = MIDNIGHT + 60 * HOUR_MS


def at(clock: str) -> int:
    hours, minutes = map(int, clock.split(":"))
    return MIDNIGHT + (hours * 60 + minutes) * M


def event(clock: str, kind: str, session: str = "a", place: int = 1, **fields: object) -> Event:
    return Event(f"{clock}-{kind}-{session}-{fields.get('agent_id')}", at(clock), kind, session, place, **fields)  # type: ignore[arg-type]


#: At place 1 a prompt at 09:00, a command 09:05-09:15, a read 09:20-09:22, a subagent x 09:22-09:32 whose command ran
#: 09:24-09:28, Stop at 09:40; at place 2 a prompt at 09:30, Stop at 09:50.
MORNING = [
    event("09:00", "UserPromptSubmit"),
    event("09:05", "PreToolUse", tool_name="Bash", tool_use_id="1"),
    event("09:15", "PostToolUse", tool_name="Bash", tool_use_id="1", duration_ms=10 * M),
    event("09:20", "PreToolUse", tool_name="Read", tool_use_id="2"),
    event("09:22", "PostToolUse", tool_name="Read", tool_use_id="2", duration_ms=2 * M),
    event("09:22", "PreToolUse", tool_name="Agent", tool_use_id="3"),
    event("09:22", "SubagentStart", agent_id="x"),
    event("09:24", "PreToolUse", agent_id="x", tool_name="Bash", tool_use_id="4"),
    event("09:28", "PostToolUse", agent_id="x", tool_name="Bash", tool_use_id="4", duration_ms=4 * M),
    event("09:30", "UserPromptSubmit", "b", 2),
    event("09:32", "SubagentStop", agent_id="x"),
    event("09:32", "PostToolUse", tool_name="Agent", tool_use_id="3", duration_ms=10 * M),
    event("09:35", "UserPromptSubmit", auto=True),
    event("09:40", "Stop"),
    event("09:50", "Stop", "b", 2),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with EventStore(tmp_path) as store:
        yield store


def read(
    store: EventStore, events: Iterable[Event], *decisions: Decision, only: str = "", first: dt.date = DAY
) -> tuple[Report, Record]:
    """The report of a day and its record: the same from the events, and from the books."""
    store.record(events)
    with store.transaction(durably=False):
        for number, decision in enumerate(decisions):
            store.add_edit(Edit(f"edit-number-{number}", number, decision))
    found = []
    for of_books in (False, True):
        if of_books:
            Books(store, rules_of(Config())).catch_up_entirely(NOW)
        assert books_are_current(store, rules_of(Config()), NOW) == of_books
        made = build_report(store, first, first, UTC, Config(), NOW)
        made = of_project(made, only) if only else made
        found.append((made, read_record(store, made, Config())))
    assert found[0] == found[1]
    return found[0]


def minutes(intervals: Iterable[Interval]) -> list[tuple[int, int]]:
    """From nine o'clock on."""
    return [((i.start_ms - at("09:00")) // M, (i.end_ms - at("09:00")) // M) for i in intervals]


def test_prompts_of_people_tools_and_subagents_are_told(store: EventStore) -> None:
    made, record = read(store, MORNING)
    assert record.prompts == (Prompt(at("09:00"), "/p1"), Prompt(at("09:30"), "/p2"))
    # The tool Agent lasts as long as its subagent works and is none itself.
    assert minutes(record.tools) == [(5, 15), (20, 22), (24, 28)]
    assert minutes(record.commands) == [(5, 15), (24, 28)]
    assert [(run.agent_id, run.project, minutes(run.working)) for run in record.agents] == [("x", "p1", [(22, 32)])]
    found = analytics_of(store, made, Config())
    assert (found.claude.tool_ms, found.claude.command_ms, found.claude.thinking_ms) == (16 * M, 14 * M, 34 * M)
    assert (found.claude.agents, found.claude.agents_ms, found.focus.switching.switches) == (1, 10 * M, 1)


@pytest.mark.parametrize(
    ("decision", "prompts", "tools", "agents"),
    [
        (IgnoreProject("/p1"), ["/p2"], [], []),
        (MergeProject("/p2", "/p1"), ["/p1", "/p1"], [(5, 15), (20, 22), (24, 28)], [("p1", [(22, 32)])]),
        (DropTime("/p1", at("09:00"), at("09:10")), ["/p2"], [(10, 15), (20, 22), (24, 28)], [("p1", [(22, 32)])]),
        (DropTime("/p2", at("09:00"), at("09:50")), ["/p1"], [(5, 15), (20, 22), (24, 28)], [("p1", [(22, 32)])]),
        (PauseCounting(at("09:25"), at("09:45")), ["/p1"], [(5, 15), (20, 22), (24, 25)], [("p1", [(22, 25)])]),
        (
            MoveTime("/p1", "/p3", at("09:25"), at("09:30")),
            ["/p1", "/p2"],
            [(5, 15), (20, 22), (24, 28)],
            [("p1", [(22, 25), (30, 32)]), ("p3", [(25, 30)])],
        ),
        (
            AddTime("/p3", at("09:00"), at("11:00")),
            ["/p1", "/p2"],
            [(5, 15), (20, 22), (24, 28)],
            [("p1", [(22, 32)])],
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Decision) else "",
)
def test_what_people_decide_holds_here_as_well(
    store: EventStore,
    decision: Decision,
    prompts: list[str],
    tools: list[tuple[int, int]],
    agents: list[tuple[str, list[tuple[int, int]]]],
) -> None:
    _, record = read(store, MORNING, decision)
    assert [prompt.project for prompt in record.prompts] == prompts
    assert minutes(record.tools) == tools
    assert [(run.project, minutes(run.working)) for run in record.agents] == agents


def test_the_record_of_one_project_has_only_what_is_of_it(store: EventStore) -> None:
    _, record = read(store, MORNING, only="/p2")
    assert record == Record(prompts=(Prompt(at("09:30"), "/p2"),))


def test_a_project_that_is_not_in_the_report_has_an_empty_record(store: EventStore) -> None:
    _, record = read(store, MORNING, only="/p3")
    assert record == Record()


def test_a_tool_and_a_subagent_over_midnight_count_on_each_day_their_part(store: EventStore) -> None:
    night = [
        event("23:00", "UserPromptSubmit"),
        event("23:10", "SubagentStart", agent_id="x"),
        event("23:30", "PreToolUse", agent_id="x", tool_name="Bash", tool_use_id="1"),
        event("24:20", "PostToolUse", agent_id="x", tool_name="Bash", tool_use_id="1", duration_ms=50 * M),
        event("24:30", "SubagentStop", agent_id="x"),
        event("24:40", "Stop"),
    ]
    store.record(night)
    parts = []
    for day in (DAY, DAY + dt.timedelta(1)):
        made = build_report(store, day, day, UTC, Config(), NOW)
        found = analytics_of(store, made, Config()).claude
        parts.append((found.tool_ms // M, found.thinking_ms // M, found.agents_ms // M))
    assert parts == [(30, 30, 50), (20, 20, 30)]


def test_a_tool_is_believed_to_have_run_for_twelve_hours_at_most(store: EventStore) -> None:
    store.record([event("22:00", "PostToolUse", tool_name="Bash", duration_ms=13 * HOUR_MS)])
    made = build_report(store, DAY, DAY, UTC, Config(), NOW)
    assert read_record(store, made, Config()).tools == (Interval(at("10:00"), at("22:00")),)


def test_a_subagent_that_works_at_present_counts_up_to_now(store: EventStore) -> None:
    store.record([event("09:00", "UserPromptSubmit"), event("09:10", "SubagentStart", agent_id="x")])
    for of_books in (False, True):
        if of_books:
            Books(store, rules_of(Config())).catch_up_entirely(at("09:30"))
        made = build_report(store, DAY, DAY, UTC, Config(), at("09:30"))
        assert minutes(read_record(store, made, Config()).agents[0].working) == [(10, 30)]


def test_what_is_in_the_future_is_not_told_yet(store: EventStore) -> None:
    store.record([*MORNING, event("09:45", "UserPromptSubmit", "c")])
    made = build_report(store, DAY, DAY, UTC, Config(), at("09:16"))
    record = read_record(store, made, Config())
    assert (len(record.prompts), minutes(record.tools), record.agents) == (1, [(5, 15)], ())


def test_an_empty_store_has_an_empty_record(tmp_path: Path) -> None:
    store = Store(tmp_path / "nothing.db")
    made = build_report(store, DAY, DAY, UTC, Config(), NOW)
    assert read_record(store, made, Config()) == Record()
    store.close()


def test_the_record_does_not_depend_on_the_order_of_arrival(store: EventStore, tmp_path: Path) -> None:
    _, by_time = read(store, MORNING)
    shuffled = random.Random(1).sample(MORNING, len(MORNING))  # noqa: S311  a fixed order
    (tmp_path / "again").mkdir()
    with EventStore(tmp_path / "again") as other:
        assert read(other, shuffled)[1] == by_time


def test_only_an_index_is_read_for_the_range(store: EventStore) -> None:
    plans = {
        "event_prompts_of_people": "SELECT t, place_id FROM event"
        " WHERE kind = 'UserPromptSubmit' AND auto = 0 AND t >= 1 AND t < 2 ORDER BY t",
        "event_by_time": "SELECT t, duration_ms, place_id, tool_name FROM event"
        " WHERE t >= 1 AND t < 2 AND duration_ms > 0 AND kind IN ('PostToolUse', 'PostToolUseFailure')",
    }
    for index, sql in plans.items():
        assert f"SEARCH event USING INDEX {index} (t>? AND t<?)" in store.explain(sql)
