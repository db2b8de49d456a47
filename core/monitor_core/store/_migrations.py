"""The schema, as numbered steps. ``PRAGMA user_version`` is the number of the last one that was taken.

A step that has shipped is never edited; a change is a new step. Each runs in one transaction with its record in the
table ``migration``, so that an interrupted one leaves nothing behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_core.errors import StoreTooNewError

if TYPE_CHECKING:
    from collections.abc import Callable

    from peewee import SqliteDatabase

_FIRST = """
CREATE TABLE migration (version INTEGER PRIMARY KEY, applied_at_ms INTEGER NOT NULL);
CREATE TABLE project (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, path TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE project_path (
    id INTEGER PRIMARY KEY, cwd TEXT NOT NULL, project_dir TEXT NOT NULL,
    project_id INTEGER NOT NULL REFERENCES project (id), label TEXT NOT NULL,
    UNIQUE (cwd, project_dir));
CREATE TABLE stream (
    id INTEGER PRIMARY KEY, session_id TEXT NOT NULL, agent_id TEXT NOT NULL,
    UNIQUE (session_id, agent_id));
CREATE TABLE event (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, t INTEGER NOT NULL, kind TEXT NOT NULL,
    stream_id INTEGER NOT NULL REFERENCES stream (id), place_id INTEGER NOT NULL REFERENCES project_path (id),
    awake INTEGER, prompt_id TEXT, tool_name TEXT, tool_use_id TEXT, duration_ms INTEGER, notification_type TEXT,
    auto INTEGER NOT NULL, detail TEXT);
CREATE INDEX event_by_time ON event (t);
CREATE INDEX event_by_stream ON event (stream_id, t);
CREATE INDEX event_prompts_of_people ON event (t, kind, auto) WHERE kind = 'UserPromptSubmit' AND auto = 0;
"""

# The books: what accounting has settled (see _books.py). Nothing of it crosses a midnight of UTC, so that a range is
# found by its start alone. `edit` is the journal of what people have decided.
_BOOKS = """
DROP INDEX event_by_time;
CREATE INDEX event_by_time ON event (t, place_id);
DROP INDEX event_by_stream;
CREATE INDEX event_by_stream ON event (stream_id, t, duration_ms);
CREATE TABLE books (
    id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, idle_ms INTEGER NOT NULL,
    usage_window_ms INTEGER NOT NULL, seen INTEGER NOT NULL, latest_ms INTEGER NOT NULL, complete INTEGER NOT NULL);
CREATE TABLE work_block (
    start_ms INTEGER NOT NULL, place_id INTEGER NOT NULL, end_ms INTEGER NOT NULL, auto INTEGER NOT NULL,
    working BLOB NOT NULL, PRIMARY KEY (start_ms, place_id)) WITHOUT ROWID;
CREATE TABLE stint (
    start_ms INTEGER NOT NULL, stream_id INTEGER NOT NULL, place_id INTEGER NOT NULL, end_ms INTEGER NOT NULL,
    auto INTEGER NOT NULL, PRIMARY KEY (start_ms, stream_id, place_id)) WITHOUT ROWID;
CREATE TABLE tail (
    stream_id INTEGER PRIMARY KEY, since_ms INTEGER NOT NULL, place_id INTEGER NOT NULL, state TEXT NOT NULL,
    auto INTEGER NOT NULL, hinted_ms INTEGER);
CREATE INDEX tail_by_time ON tail (since_ms);
CREATE TABLE usage_window (start_ms INTEGER PRIMARY KEY, end_ms INTEGER NOT NULL, prompts INTEGER NOT NULL);
CREATE TABLE ahead (event_id INTEGER PRIMARY KEY, t INTEGER NOT NULL);
CREATE TABLE edit (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, at_ms INTEGER NOT NULL, document TEXT NOT NULL);
"""

# A part of the books that those of an earlier version lack: they are made anew, because their version is another.
_WAITS = """
CREATE TABLE wait (
    start_ms INTEGER NOT NULL, stream_id INTEGER NOT NULL, place_id INTEGER NOT NULL, end_ms INTEGER NOT NULL,
    PRIMARY KEY (start_ms, stream_id)) WITHOUT ROWID;
"""

# Days are those of UTC since 1970. `touched` has, for each day whose books were changed, which write it was; a write
# that reaches further back takes the place of those of later days.
_TALLY = """
CREATE TABLE tally (
    day INTEGER NOT NULL, place_id INTEGER NOT NULL, events INTEGER NOT NULL,
    PRIMARY KEY (day, place_id)) WITHOUT ROWID;
CREATE TABLE touched (day INTEGER PRIMARY KEY, token INTEGER NOT NULL);
"""

STEPS: tuple[str, ...] = (_FIRST, _BOOKS, _WAITS, _TALLY)


def version(database: SqliteDatabase) -> int:
    """The number of the last step that ``database`` has taken; 0 for a new file."""
    return int(database.execute_sql("PRAGMA user_version").fetchone()[0])


def check_not_too_new(database: SqliteDatabase, path: object) -> None:
    """Raises `StoreTooNewError` where a later version of this program has written the database."""
    found = version(database)
    if found > len(STEPS):
        raise StoreTooNewError(
            f"{path} has schema {found}, but this version knows schemas up to {len(STEPS)}; "
            "install the current version of claude-monitor-tray"
        )


def supply_missing(database: SqliteDatabase) -> None:
    """Makes the tables that an older ``database`` lacks as temporary ones, empty, so that it can be read as it is.

    They belong to this thread's connection.
    """
    for step in STEPS[version(database) :]:
        for statement in filter(str.strip, step.split(";")):
            if statement.strip().startswith("CREATE TABLE"):
                database.execute_sql(statement.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))


def migrate(database: SqliteDatabase, now_ms: int, back_up: Callable[[int], None]) -> None:
    """Takes the missing steps. ``back_up(version)`` is called once before the first, unless the file is new."""
    found = version(database)
    if 0 < found < len(STEPS):
        back_up(found)
    for number, step in enumerate(STEPS[found:], start=found + 1):
        with database.atomic("IMMEDIATE"):
            for statement in filter(str.strip, step.split(";")):
                database.execute_sql(statement)
            database.execute_sql("INSERT INTO migration VALUES (?, ?)", (number, now_ms))
            database.execute_sql(f"PRAGMA user_version = {number}")
