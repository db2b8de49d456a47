"""The store on disk: what is committed, how it is read, and what happens when the file is not what it should be."""

from __future__ import annotations

import contextlib
import gc
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor_core.errors import StoreError, StoreTooNewError
from monitor_core.store import Store, WritableStore
from monitor_core.store._migrations import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.ingest import Ingest
    from monitor_core.wire import WireEvent


def test_a_store_that_does_not_exist_reads_as_empty_and_leaves_no_file(database: Path) -> None:
    store = Store(database)
    assert (store.events(0, 10**15), store.summary(), dict(store.projects())) == ([], (0, None), {})
    assert not database.exists()


def test_a_store_that_is_being_made_reads_as_empty(database: Path) -> None:
    database.touch()
    assert Store(database).summary() == (0, None)


def test_the_database_is_readable_by_its_owner_only(store: WritableStore, database: Path) -> None:
    assert store.summary() == (0, None)
    assert database.stat().st_mode & 0o777 == 0o600


def test_events_come_back_with_all_that_accounting_needs(
    store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
) -> None:
    sent = wire(
        5,
        "PostToolUse",
        awake=7,
        agent_id="a",
        prompt_id="p",
        tool_name="Bash",
        tool_use_id="t",
        duration_ms=9,
        auto=True,
    )
    ingest.take([sent])
    (event,) = store.events(0, 10)
    assert (event.id, event.t_ms, event.kind, event.stream) == (sent.id, 5, "PostToolUse", ("s", "a"))
    assert (event.awake_ms, event.prompt_id, event.tool_name, event.tool_use_id, event.duration_ms, event.auto) == (
        7, "p", "Bash", "t", 9, True,
    )  # fmt: skip
    place = store.places()[event.place]
    assert place.cwd == "/home/dev/projects/api"
    assert store.projects()[place.project] == ("/home/dev/projects/api", "/home/dev/projects/api", "api")


def test_a_range_brings_the_states_around_it_with_it(
    store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
) -> None:
    def note(t: int) -> WireEvent:
        return wire(t, "Notification", notification_type="idle_prompt")

    ingest.take([wire(1, "Stop"), wire(2, "PreToolUse"), note(3), wire(10, "PostToolUse"), note(20), wire(30, "Stop"),
                 wire(40, "Stop"), wire(25, "Stop", session_id="other")])  # fmt: skip
    assert sorted(e.t_ms for e in store.events(10, 20)) == [2, 3, 10, 20, 30]


class TestAsOnTheWire:
    """What is read back of events is what was on the wire."""

    @pytest.fixture
    def sent(self, ingest: Ingest, wire: Callable[..., WireEvent]) -> list[WireEvent]:
        sent = [
            wire(20),
            wire(
                10,
                "Notification",
                notification_type="idle_prompt",
                awake=7,
                pid=4_000_000_000,
                project_dir="/home/dev",
                config_dir="/home/dev/.other",
                attended=False,
                agent_id="a1",
                agent_type="Explore",
                transcript_path="/home/dev/ü.jsonl",
            ),
            wire(30, "UserPromptSubmit", prompt_id="p", auto=True, cwd=None),
        ]
        ingest.take(sent)
        return sent

    def test_events_come_as_they_arrived_with_their_numbers(self, store: WritableStore, sent: list[WireEvent]) -> None:
        assert store.wire_after(0, 0, 10) == list(enumerate(sent, start=1))

    def test_events_come_after_a_number_since_an_instant_and_at_most(
        self, store: WritableStore, sent: list[WireEvent]
    ) -> None:
        def numbers(*question: int) -> list[int]:
            return [number for number, _ in store.wire_after(*question)]

        assert len(sent) == 3
        assert numbers(1, 0, 10) == [2, 3]
        assert numbers(0, 20, 10) == [1, 3]
        assert numbers(0, 0, 2) == [1, 2]
        assert numbers(3, 0, 10) == []

    def test_reading_begins_before_the_first_since_an_instant(
        self, store: WritableStore, sent: list[WireEvent]
    ) -> None:
        assert len(sent) == 3
        assert [store.before_first_since(t) for t in (0, 15, 25, 99)] == [0, 0, 2, 3]


def test_prompts_before_an_instant_come_latest_first_without_those_of_claude_code(
    store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
) -> None:
    ingest.take([wire(t, "UserPromptSubmit", auto=t == 3) for t in range(1, 6)] + [wire(2, "Stop")])
    assert list(store.prompts_before(5)) == [4, 2, 1]


def test_a_reader_sees_what_the_writer_has_committed(
    store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent], database: Path
) -> None:
    assert store.summary() == (0, None)
    reader = Store(database)
    ingest.take([wire(7)])
    assert reader.summary() == (1, 7)
    reader.close()


def test_a_reader_cannot_write(store: WritableStore, database: Path) -> None:
    assert store.summary() == (0, None)
    reader = Store(database)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._database.connection().execute("DELETE FROM event")  # the promise is SQLite's, so ask SQLite
    reader.close()


@pytest.mark.parametrize(
    ("sql", "plan"),
    [
        ("SELECT * FROM event WHERE t >= 1 AND t < 2 ORDER BY t", "USING INDEX event_by_time (t>? AND t<?)"),
        ("SELECT * FROM event WHERE stream_id = 1 AND t < 5 ORDER BY t DESC", "USING INDEX event_by_stream"),
        (
            "SELECT t FROM event WHERE kind = 'UserPromptSubmit' AND auto = 0 AND t < 5 ORDER BY t DESC",
            "USING COVERING INDEX event_prompts_of_people (t<?)",
        ),
        ("SELECT MAX(t) FROM event", "USING COVERING INDEX event_by_time"),
        ("SELECT id FROM stream WHERE session_id = 'a' AND agent_id = 'b'", "USING COVERING INDEX"),
        ("SELECT id FROM project_path WHERE cwd = 'a' AND project_dir = 'b'", "USING COVERING INDEX"),
    ],
)
def test_queries_use_their_index_and_sort_nothing(store: WritableStore, sql: str, plan: str) -> None:
    found = store.explain(sql)
    assert plan in found
    assert "TEMP B-TREE" not in found


def test_the_statements_that_the_store_sends_scan_no_table(
    store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
) -> None:
    ingest.take([wire(t, "UserPromptSubmit") for t in range(50)])
    sent: list[str] = []
    store._database.connection().set_trace_callback(sent.append)  # what peewee really sends
    store.events(10, 20)
    list(store.prompts_before(10))
    store._database.connection().set_trace_callback(None)
    selects = [sql for sql in sent if sql.startswith("SELECT")]
    assert len(selects) >= 4
    for sql in selects:
        assert "SCAN" not in store.explain(sql), sql


class TestMigrations:
    def test_a_new_store_has_the_current_schema_and_its_record(self, store: WritableStore) -> None:
        connection = store._database.connection()
        assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
        assert connection.execute("SELECT COUNT(*) FROM migration").fetchone() == (len(STEPS),)

    def test_a_store_of_a_later_version_is_refused_and_not_touched(self, database: Path, tmp_path: Path) -> None:
        with sqlite3.connect(database) as connection:
            connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
        connection.close()
        before = database.read_bytes()
        with pytest.raises(StoreTooNewError, match="install the current version"):
            WritableStore(database, tmp_path, now_ms=0)
        with pytest.raises(StoreTooNewError, match="install the current version"):
            Store(database)
        assert database.read_bytes() == before


class TestBadFiles:
    def test_a_file_that_is_no_database_is_named_with_what_to_do(self, database: Path, tmp_path: Path) -> None:
        database.write_text("this is not a database, whatever its name says " * 100)
        with pytest.raises(StoreError, match=r"monitor\.db.*not a database; move the file away"):
            WritableStore(database, tmp_path, now_ms=0)

    def test_a_missing_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match=r"cannot open the database .*No such file"):
            WritableStore(tmp_path / "missing" / "monitor.db", tmp_path, now_ms=0)

    def test_in_a_read_only_folder_it_is_read_all_the_same(
        self,
        store: WritableStore,
        ingest: Ingest,
        database: Path,
        wire: Callable[..., WireEvent],
        read_only: Callable[[Path], None],
    ) -> None:
        ingest.take([wire(5)])
        store.close()
        read_only(database.parent)
        with contextlib.closing(Store(database)) as reader:
            assert reader.summary() == (1, 5)
            with ThreadPoolExecutor(1) as another_thread:
                assert another_thread.submit(reader.newest).result() == 1
        assert sorted(found.name for found in database.parent.iterdir() if found.is_file()) == [database.name]

    def test_a_log_that_cannot_be_read_in_a_read_only_folder_is_named(
        self,
        ingest: Ingest,
        database: Path,
        tmp_path: Path,
        wire: Callable[..., WireEvent],
        read_only: Callable[[Path], None],
    ) -> None:
        ingest.take([wire(5)])
        copied = tmp_path / "copied"
        copied.mkdir()
        for name in (database.name, f"{database.name}-wal"):
            (copied / name).write_bytes((database.parent / name).read_bytes())
        read_only(copied)
        with pytest.raises(StoreError, match=r"its folder is read-only, and there SQLite cannot read .*-wal"):
            Store(copied / database.name)

    def test_a_full_disk_takes_nothing_and_says_so(
        self, store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
    ) -> None:
        ingest.take([wire(1)])
        pages = store._database.execute_sql("PRAGMA page_count").fetchone()[0]
        store._database.execute_sql(f"PRAGMA max_page_count = {pages}")  # SQLite's own way to run out of space
        with pytest.raises(StoreError, match="disk is full; free some space"):
            ingest.take([wire(t, transcript_path="x" * 1000) for t in range(2, 200)])
        assert store.summary() == (1, 1)
        store._database.execute_sql("PRAGMA max_page_count = 1000000")
        ingest.take([wire(500, session_id="new"), wire(501)])
        assert store.summary() == (3, 501)


def test_a_reader_knows_whether_what_it_opened_is_still_what_is_there(database: Path) -> None:
    with contextlib.closing(Store(database)) as early:
        assert early.is_in_place()
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.executescript(STEPS[0])
            connection.executescript("PRAGMA user_version = 1; INSERT INTO migration VALUES (1, 0);")
        assert not early.is_in_place()
    with contextlib.closing(Store(database)) as while_it_was_made:
        # Though the file stays the same: what is still missing from it would be hidden.
        assert not while_it_was_made.is_in_place()
    WritableStore(database, database.parent, 0).close()
    with contextlib.closing(Store(database)) as later:
        assert later.is_in_place()
        database.rename(database.with_suffix(".old"))
        assert not later.is_in_place()
        WritableStore(database, database.parent, 0).close()
        assert not later.is_in_place()


def test_what_was_read_of_projects_and_places_does_not_grow_under_who_goes_through_it(
    store: WritableStore, database: Path
) -> None:
    with store.transaction(durably=False):
        store.add_place("/a", "", "/a", "/a", "a", "")
    with contextlib.closing(Store(database)) as reader:
        projects, places = reader.projects(), reader.places()
        with store.transaction(durably=False):
            store.add_place("/b", "", "/b", "/b", "b", "")
        assert (len(reader.projects()), len(reader.places())) == (2, 2)
        assert (len(projects), len(places)) == (1, 1)


def test_a_store_of_an_older_schema_is_read_as_it_is(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.executescript(STEPS[0])
        connection.executescript("PRAGMA user_version = 1; INSERT INTO migration VALUES (1, 0);")
    store = Store(database)
    with store.snapshot():
        assert (store.journal(), store.books.state(), store.summary()) == ([], None, (0, None))
    store.close()
    with contextlib.closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there the open files of a process cannot be listed")
def test_closing_a_store_closes_the_connections_of_all_threads_at_once(store: WritableStore, database: Path) -> None:
    store.close()

    def open_files() -> int:
        found = []
        for file in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # that of the folder itself
                found.append(file.readlink().name)
        return sum(name.startswith(database.name) for name in found)

    # Whatever is merely forgotten stays open here, as it does for long in a process that does little.
    gc.disable()
    try:
        reader = Store(database)
        with ThreadPoolExecutor(1) as other:
            assert other.submit(reader.summary).result() == reader.summary()
            assert open_files() > 1
            reader.close()
            assert open_files() == 0
    finally:
        gc.enable()
