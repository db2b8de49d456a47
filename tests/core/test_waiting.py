"""What people decide holds for waits as for working time: ignored and merged projects, moved and dropped stretches."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from monitor_core.books import Books
from monitor_core.config import Config
from monitor_core.edits import AddTime, Decision, DropTime, Edit, IgnoreProject, MergeProject, MoveTime
from monitor_core.intervals import length_ms, union
from monitor_core.model import HOUR_MS, MINUTE_MS, Event
from monitor_core.reporting import build_report
from monitor_core.standing import books_are_current, rules_of
from monitor_core.store import Store
from tests.core.histories import BEGIN_MS, EventStore, histories

M = MINUTE_MS
UTC = ZoneInfo("UTC")
FIRST = dt.datetime.fromtimestamp(BEGIN_MS / 1000, dt.UTC).date()
LATER_MS = BEGIN_MS + 40 * HOUR_MS

#: At place 1 Claude waits from minute 0 to 30, at place 2 from 20 to 50.
BOTH_WAIT = [
    Event("1", BEGIN_MS, "Stop", "a", 1),
    Event("2", BEGIN_MS + 20 * M, "Stop", "b", 2),
    Event("3", BEGIN_MS + 30 * M, "SessionEnd", "a", 1),
    Event("4", BEGIN_MS + 50 * M, "SessionEnd", "b", 2),
]


def waited(folder: Path, *decisions: Decision) -> tuple[dict[str, int], int]:
    """The minutes of each project that Claude waited for, and of all of them."""
    with EventStore(folder) as store:
        store.record(BOTH_WAIT)
        with store.transaction(durably=False):
            for number, decision in enumerate(decisions):
                store.add_edit(Edit(f"edit-number-{number}", number, decision))
        Books(store, rules_of(Config())).catch_up_entirely(LATER_MS)
        found = build_report(store, FIRST, FIRST + dt.timedelta(1), UTC, Config(), LATER_MS)
    return {p.name: p.waiting_ms // M for p in found.projects if p.waits}, found.waiting_ms // M


def minute(number: int) -> int:
    return BEGIN_MS + number * M


@pytest.mark.parametrize(
    ("decision", "expected", "total"),
    [
        (IgnoreProject("/p1"), {"p2": 30}, 30),
        (MergeProject("/p1", "/p2"), {"p2": 50}, 50),
        (MoveTime("/p1", "/p2", minute(10), minute(25)), {"p1": 15, "p2": 40}, 50),
        (MoveTime("/p1", "/p3", minute(-5), minute(35)), {"p3": 30, "p2": 30}, 50),
        (DropTime("/p1", minute(10), minute(20)), {"p1": 20, "p2": 30}, 40),
        (DropTime(None, minute(10), minute(40)), {"p1": 10, "p2": 10}, 20),
        (AddTime("/p1", minute(10), minute(60)), {"p1": 30, "p2": 30}, 50),
        (AddTime("/p3", minute(60), minute(90)), {"p1": 30, "p2": 30}, 50),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Decision) else "",
)
def test_a_decision_holds_for_waits(tmp_path: Path, decision: Decision, expected: dict[str, int], total: int) -> None:
    assert waited(tmp_path, decision) == (expected, total)


def test_without_decisions_each_project_has_what_claude_waited_there(tmp_path: Path) -> None:
    assert waited(tmp_path) == ({"p1": 30, "p2": 30}, 50)


def test_a_store_from_before_there_were_waits_tells_them_and_keeps_its_journal(tmp_path: Path) -> None:
    database = tmp_path / "monitor.db"
    assert waited(tmp_path, DropTime("/p1", minute(10), minute(20))) == ({"p1": 20, "p2": 30}, 40)
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(
            "DROP TABLE wait; DROP TABLE tally; DROP TABLE touched; UPDATE books SET version = 1;"
            "DELETE FROM migration WHERE version > 2; PRAGMA user_version = 2;"
        )
    with contextlib.closing(Store(database)) as reader:
        from_events = build_report(reader, FIRST, FIRST, UTC, Config(), LATER_MS)
    with EventStore(tmp_path) as store:
        assert [edit.id for edit in store.journal()] == ["edit-number-0"]
        Books(store, rules_of(Config())).catch_up_entirely(LATER_MS)
        with store.snapshot():
            assert books_are_current(store, rules_of(Config()), LATER_MS)
        assert build_report(store, FIRST, FIRST, UTC, Config(), LATER_MS) == from_events
        assert len(store.query("SELECT * FROM wait")) == 2


@settings(max_examples=40)
@given(histories())
def test_the_waits_of_all_days_make_those_of_the_range(events: list[Event]) -> None:
    days = [FIRST + dt.timedelta(n) for n in range(4)]
    with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
        store.record(events)
        Books(store, rules_of(Config())).catch_up_entirely(LATER_MS)
        whole = build_report(store, days[0], days[-1], UTC, Config(), LATER_MS)
        parts = [build_report(store, day, day, UTC, Config(), LATER_MS) for day in days]
    assert sum(part.waiting_ms for part in parts) == whole.waiting_ms
    for project in whole.projects:
        of_days = [p.waiting_ms for part in parts for p in part.projects if p.path == project.path]
        assert sum(of_days) == project.waiting_ms <= whole.waiting_ms
        assert project.waits == union(project.waits)
    assert whole.waiting_ms <= sum(length_ms(project.waits) for project in whole.projects)
