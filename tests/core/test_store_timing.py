"""How long the store's reads take is told by name, slow ones with their plan; and none of them reads a whole table."""

from __future__ import annotations

import datetime as dt
import functools
import logging
import re
import time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from monitor_core.analytics import analytics_of
from monitor_core.books import Books
from monitor_core.config import Config
from monitor_core.errors import StoreError
from monitor_core.explaining import explain_day
from monitor_core.model import HOUR_MS, MINUTE_MS
from monitor_core.reporting import build_report
from monitor_core.standing import rules_of
from monitor_core.store import Store, _timing
from monitor_core.store._books import BookTables
from tests.core.histories import BEGIN_MS, EventStore, worked_days

if TYPE_CHECKING:
    from pathlib import Path

UTC = ZoneInfo("UTC")
FIRST = dt.datetime.fromtimestamp(BEGIN_MS / 1000, dt.UTC).date()
RULES = rules_of(Config())
#: Few rows, and all of them wanted: every edit, project and folder there ever was; and what `json_each` makes.
SMALL = ("edit", "project", "project_path", "books", "json_each", "ahead")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    with EventStore(tmp_path) as store:
        events = worked_days(5)
        store.record(events)
        Books(store, RULES).catch_up_entirely(events[-1].t_ms)
    return tmp_path / "monitor.db"


def test_each_read_tells_its_name_and_how_long_it_took(database: Path) -> None:
    told: list[tuple[str, float]] = []
    store = Store(database, observe=lambda name, seconds: told.append((name, seconds)))
    store.newest()
    store.books.counts(0, 1)
    store.close()
    assert [name for name, _ in told] == ["Store.newest", "BookTables.counts"]
    assert all(seconds > 0 for _, seconds in told)


def test_a_slow_read_is_logged_with_its_plan_and_without_what_it_asked_for(
    database: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(_timing, "SLOW_S", 0.0)
    store = Store(database, observe=lambda _name, _seconds: None)
    with caplog.at_level(logging.WARNING):
        store.prompts(1_234_567, 7_654_321)
    store.close()
    assert "Store.prompts took" in caplog.text
    assert "SEARCH event USING INDEX event_prompts_of_people" in caplog.text
    assert "1234567" not in caplog.text


def test_a_read_of_which_a_part_is_slow_is_not_logged_itself(
    database: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    between = BookTables.between.__wrapped__  # type: ignore[attr-defined]  # as `functools.wraps` leaves it

    def slow(*args: Any) -> Any:
        time.sleep(0.4)
        return between(*args)

    monkeypatch.setattr(_timing, "SLOW_S", 0.3)
    monkeypatch.setattr(BookTables, "between", _timing.timed(functools.wraps(between)(slow)))
    told: dict[str, float] = {}
    store = Store(database, observe=told.__setitem__)
    with caplog.at_level(logging.WARNING):
        store.events(BEGIN_MS, BEGIN_MS + 24 * HOUR_MS)
    store.close()
    assert told["Store.events"] > told["BookTables.between"] > 0.3
    assert [record.getMessage().split()[0] for record in caplog.records] == ["BookTables.between"]
    assert "USING INDEX event_by_time" in caplog.text


def test_a_slow_read_whose_plan_cannot_be_told_is_logged_and_succeeds(
    database: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def locked(_store: Store, _sql: str, _parameters: object = ()) -> str:
        raise StoreError("the database is locked")

    monkeypatch.setattr(_timing, "SLOW_S", 0.0)
    monkeypatch.setattr(Store, "explain", locked)
    store = Store(database, observe=lambda _name, _seconds: None)
    with caplog.at_level(logging.WARNING):
        assert store.newest() > 0
    store.close()
    assert "Store.newest took" in caplog.text
    assert "(its plan cannot be told: the database is locked)" in caplog.text


def test_a_read_that_nobody_observes_is_not_logged_however_slow(
    database: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(_timing, "SLOW_S", 0.0)
    store = Store(database)
    with caplog.at_level(logging.WARNING):
        store.newest()
    store.close()
    assert not caplog.text


@pytest.mark.parametrize("are_current", [True, False])
def test_no_statement_of_a_report_reads_a_whole_table(database: Path, are_current: bool) -> None:
    store = Store(database)
    sent: list[str] = []
    connection = store._database.connection()
    connection.set_trace_callback(sent.append)
    now_ms = BEGIN_MS + 5 * 24 * HOUR_MS
    # By other rules the books are of no use, and everything comes from the events.
    config = Config() if are_current else Config(idle_timeout_ms=7 * MINUTE_MS)
    day = FIRST + dt.timedelta(days=2)
    report = build_report(store, day, day, UTC, config, now_ms)
    assert report.total_ms
    analytics_of(store, report, config)
    list(explain_day(store, day, UTC, config, now_ms))
    connection.set_trace_callback(None)
    selects = {sql for sql in sent if sql.startswith("SELECT")}
    assert len(selects) > 10
    for sql in selects:
        called = {alias: table for table, alias in re.findall(r'"(\w+)" AS "(\w+)"', sql)}
        for step in store.explain(sql).splitlines():
            what, name = (*step.split(), "", "")[:2]
            assert what != "SCAN" or called.get(name, name) in SMALL, (sql, step)
    store.close()
