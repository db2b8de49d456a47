"""The store: one SQLite file that holds every event as the truth. Only this package knows peewee.

Exactly one process writes, through one `WritableStore` in one thread; anybody may read through a `Store` meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec
import peewee
from peewee import SqliteDatabase

from monitor_core.edits import Edit, decode_edit, encode_edit
from monitor_core.errors import StoreError
from monitor_core.file_identity import identity
from monitor_core.model import Event, Interval
from monitor_core.store import _migrations
from monitor_core.store._books import VERSION as BOOKS_VERSION
from monitor_core.store._books import BookTables, Entry
from monitor_core.store._books import State as BooksState
from monitor_core.store._reading import ReadDatabase
from monitor_core.store._tables import EditRow, EventRow, ProjectPath, Stream
from monitor_core.store._timing import Timing, timed
from monitor_core.turns import PROMPT, until_a_state
from monitor_core.wire import VERSION, WireEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from monitor_core.store._timing import Observe

__all__ = [
    "BOOKS_VERSION",
    "NEWEST",
    "BookTables",
    "BooksState",
    "Entry",
    "EventValues",
    "Moved",
    "Place",
    "Store",
    "StoredProject",
    "WritableStore",
    "checkpoint",
]

#: SQLite's largest row number.
NEWEST = 2**63 - 1

_CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)"
_CHECKPOINT_AND_CUT = "PRAGMA wal_checkpoint(TRUNCATE)"

_READER_PRAGMAS = {"busy_timeout": 5_000, "trusted_schema": 0}
_WRITER_PRAGMAS = {
    **_READER_PRAGMAS,
    "journal_mode": "wal",
    "foreign_keys": 1,
    # Checkpoints happen when the writer has nothing else to do, never between a commit and its acknowledgement. Nor is
    # the log cut back there, which is SQLite's way wherever it begins it anew: that of 100 MB takes 50 ms.
    "wal_autocheckpoint": 0,
    "journal_size_limit": -1,
}

#: The wire's names of the columns; what else it has is in ``detail``.
_WIRE_COLUMNS = {
    "id": EventRow.uuid, "t": EventRow.t, "hook_event_name": EventRow.kind, "session_id": Stream.session_id,
    "agent_id": Stream.agent_id, "cwd": ProjectPath.cwd, "project_dir": ProjectPath.project_dir,
    "awake": EventRow.awake, "prompt_id": EventRow.prompt_id, "tool_name": EventRow.tool_name,
    "tool_use_id": EventRow.tool_use_id, "duration_ms": EventRow.duration_ms,
    "notification_type": EventRow.notification_type, "auto": EventRow.auto,
}  # fmt: skip

_TIMES_OF_HOOKS = (
    "SELECT json_extract(detail, '$.took_us') AS took_us FROM event"
    " WHERE t >= ? AND t < ? AND took_us IS NOT NULL ORDER BY t DESC LIMIT ?"
)

# What hooks wait for and every glance asks for: peewee needs longer to put such a statement together than SQLite to
# carry it out.
_STREAM = "SELECT id FROM stream WHERE session_id = ? AND agent_id = ?"
_NEW_STREAM = "INSERT INTO stream (session_id, agent_id) VALUES (?, ?)"
_PLACE = "SELECT id FROM project_path WHERE cwd = ? AND project_dir = ?"
_NEW_PLACE = "INSERT INTO project_path (cwd, project_dir, project_id, label) VALUES (?, ?, ?, ?)"
_PROJECT = "SELECT id FROM project WHERE key = ?"
_NEW_PROJECT = "INSERT INTO project (key, path, name) VALUES (?, ?, ?)"
_PROJECTS_AFTER = "SELECT id, key, path, name FROM project WHERE id > ?"
_PLACES_AFTER = "SELECT id, cwd, project_dir, project_id, label FROM project_path WHERE id > ?"
_JOURNAL = "SELECT document FROM edit ORDER BY id"
_COUNTS = "SELECT place_id, COUNT(*) FROM event WHERE t >= ? AND t < ? GROUP BY place_id"
_COUNT_OF_PROMPTS = "SELECT COUNT(*) FROM event WHERE kind = 'UserPromptSubmit' AND auto = 0 AND t >= ? AND t < ?"

_LATELY = (
    "SELECT DISTINCT session_id, agent_id, stream_id, cwd, project_dir, place_id"
    " FROM (SELECT stream_id, place_id FROM event ORDER BY id DESC LIMIT ?)"
    " JOIN stream ON stream.id = stream_id JOIN project_path ON project_path.id = place_id"
)

# Literals: SQLite uses the index of people's prompts only where it sees that they are meant.
_PROMPTS_OF_PEOPLE = (
    "SELECT t, place_id FROM event WHERE kind = 'UserPromptSubmit' AND auto = 0 AND t >= ? AND t < ? ORDER BY t"
)
_ENDS_OF_TOOLS = (
    "SELECT t, duration_ms, place_id, tool_name FROM event"
    " WHERE t >= ? AND t < ? AND duration_ms > 0 AND kind IN ('PostToolUse', 'PostToolUseFailure')"
)


_Row = TypeVar("_Row")


class EventValues(NamedTuple):
    """One event as a row of its table, in the order of the columns."""

    uuid: str
    t: int
    kind: str
    stream: int
    place: int
    awake: int | None
    prompt_id: str | None
    tool_name: str | None
    tool_use_id: str | None
    duration_ms: int | None
    notification_type: str | None
    auto: bool
    detail: str | None


class Moved(NamedTuple):
    """What a checkpoint has found: how many pages the log has, and how many of them the database has by now, too.

    ``emptied``: it has taken all of the log away. Whoever reads on starts with an empty page cache.
    """

    pages: int
    moved: int
    emptied: bool = False

    @property
    def is_all(self) -> bool:
        """Whether the log begins anew with the next commit, unless somebody reads what it has just then."""
        return self.pages == self.moved


class StoredProject(NamedTuple):
    """A project as its folder shows it: ``key`` decides equality, ``path`` and ``name`` are what people read."""

    key: str
    path: str
    name: str


class Place(NamedTuple):
    """Where events happened: a working directory, in a session that was started in ``project_dir``."""

    cwd: str
    project_dir: str
    project: int
    label: str


class Store:
    """A reader's view of the database at ``path``. Usable from several threads; each has its own connection.

    A store that does not exist yet reads as empty. All methods raise `StoreError` where the file cannot be read.
    ``observe`` is told how long each read took; then those that take longer than `SLOW_S` are logged with their plan.
    """

    def __init__(self, path: Path, observe: Observe | None = None) -> None:
        self._path = path
        self.timing = None if observe is None else Timing(observe, self.explain)
        self._projects: dict[int, StoredProject] = {}
        self._places: dict[int, Place] = {}
        self._file: tuple[int, int] | None = None
        self._database = self._connect()
        #: What accounting has settled; to be read within `snapshot`.
        self.books = BookTables(self._execute, self._execute_many, self.timing)

    def close(self) -> None:
        """Closes the connections of all threads: no other may be reading, and nobody reads afterwards."""
        if isinstance(self._database, ReadDatabase):
            self._database.close_all()
        else:
            self._database.close()

    def is_in_place(self) -> bool:
        """Whether what was opened still is what is at its path: not made since then, moved away or replaced."""
        return identity(self._path) == self._file

    @timed
    def events(self, start_ms: int, end_ms: int, up_to: int = NEWEST) -> list[Event]:
        """Events with ``start_ms ≤ t < end_ms`` by time, and around them what decides what they mean.

        That is, for each of their streams, the last event with a state before the range and everything after it up to
        the next event with a state. Only their order within a stream is defined. What arrived after the number
        ``up_to`` is left out.
        """
        with self._reading():
            entries = self.books.between(start_ms, end_ms, up_to)
            found = [entry.event for entry in entries]
            for stream in {entry.stream for entry in entries}:
                found += until_a_state(self.books.before(stream, start_ms, up_to))
                found += until_a_state(self.books.after(stream, end_ms - 1, up_to))
            return found

    @timed
    def newest(self) -> int:
        """The number of the event that arrived last; 0 where there is none."""
        with self._reading():
            return self._execute("SELECT MAX(id) FROM event", ()).fetchone()[0] or 0

    @timed
    def events_between(self) -> Interval | None:
        """From the first event to the last; None where there is none."""
        with self._reading():
            first, last = self._execute("SELECT (SELECT MIN(t) FROM event), (SELECT MAX(t) FROM event)", ()).fetchone()
            return None if first is None else Interval(first, last)

    @timed
    def before_first_since(self, since_ms: int) -> int:
        """The number below that of every event since an instant; that of the newest where there is none."""
        with self._reading():
            first = self._execute("SELECT MIN(id) FROM event WHERE t >= ?", (since_ms,)).fetchone()[0]
            return self.newest() if first is None else int(first) - 1

    @timed
    def wire_after(self, number: int, since_ms: int, at_most: int) -> list[tuple[int, WireEvent]]:
        """Events that arrived after ``number`` and happened since an instant, as they were on the wire.

        Each with its own number, in the order in which they arrived.
        """
        with self._reading():
            found = (
                EventRow.select(EventRow.id, EventRow.detail, *_WIRE_COLUMNS.values())
                .join(Stream)
                .switch(EventRow)
                .join(ProjectPath)
                .where(EventRow.id > number, EventRow.t >= since_ms)
                .order_by(EventRow.id)
                .limit(at_most)
            )
            return [(number, _wire_event(detail, values)) for number, detail, *values in self._rows(found)]

    def prompts_before(self, instant_ms: int) -> Iterator[int]:
        """Instants of people's prompts before ``instant_ms``, latest first. Read them lazily, within one thread."""
        with self._reading():
            query = (
                EventRow.select(EventRow.t)
                .where(EventRow.kind == PROMPT, EventRow.auto == 0, EventRow.t < instant_ms)
                .order_by(EventRow.t.desc())
            )
            for (t_ms,) in query.tuples().iterator(self._database):
                yield t_ms

    @timed
    def prompts(self, start_ms: int, end_ms: int) -> list[tuple[int, int]]:
        """``(t_ms, place)`` of people's prompts with ``start_ms ≤ t < end_ms``, by time."""
        with self._reading():
            found: list[tuple[int, int]] = self._execute(_PROMPTS_OF_PEOPLE, (start_ms, end_ms)).fetchall()
            return found

    @timed
    def ends_of_tools(self, start_ms: int, end_ms: int) -> list[tuple[int, int, int, str | None]]:
        """``(t_ms, duration_ms, place, tool_name)`` of the tools that ended with ``start_ms ≤ t < end_ms``.

        Those that took no time, or do not say how long, are left out. In no order.
        """
        with self._reading():
            found: list[tuple[int, int, int, str | None]] = self._execute(_ENDS_OF_TOOLS, (start_ms, end_ms)).fetchall()
            return found

    @timed
    def projects(self) -> Mapping[int, StoredProject]:
        """Every project that ever had an event, by its number."""
        with self._reading():
            self._projects = self._with_later(self._projects, _PROJECTS_AFTER, StoredProject)
            return self._projects

    @timed
    def places(self) -> Mapping[int, Place]:
        """Every place that ever had an event, by its number."""
        with self._reading():
            self._places = self._with_later(self._places, _PLACES_AFTER, Place)
            return self._places

    def _with_later(self, known: dict[int, _Row], later: str, row_of: Callable[..., _Row]) -> dict[int, _Row]:
        """Rows that never change, with those that came since: as another one, for ``known`` may be in use."""
        rows = self._execute(later, (max(known, default=0),)).fetchall()
        return {**known, **{number: row_of(*values) for number, *values in rows}} if rows else known

    @timed
    def journal(self) -> list[Edit]:
        """All edits, in the order in which they were made."""
        with self._reading():
            return [decode_edit(document.encode()) for (document,) in self._execute(_JOURNAL, ())]

    @timed
    def counts(self, start_ms: int, end_ms: int) -> Mapping[int, int]:
        """How many events of every kind there are with ``start_ms ≤ t < end_ms`` at each place."""
        with self._reading():
            return dict(self._execute(_COUNTS, (start_ms, end_ms)))

    @timed
    def activity(self, end_ms: int) -> Mapping[int, tuple[int, int]]:
        """How many events of every kind there are with ``t < end_ms`` at each place, and when its last one was."""
        with self._reading():
            rows = (
                EventRow.select(EventRow.place, peewee.fn.COUNT(EventRow.id), peewee.fn.MAX(EventRow.t))
                .where(EventRow.t < end_ms)
                .group_by(EventRow.place)
            )
            return {place: (count, last_ms) for place, count, last_ms in self._rows(rows)}

    @timed
    def prompts_between(self, start_ms: int, end_ms: int) -> int:
        """How many people's prompts there are with ``start_ms ≤ t < end_ms``."""
        with self._reading():
            return int(self._execute(_COUNT_OF_PROMPTS, (start_ms, end_ms)).fetchone()[0])

    @timed
    def hook_times(self, start_ms: int, end_ms: int, at_most: int) -> list[int]:
        """What hooks said that they took, in µs, of the newest events with ``start_ms ≤ t < end_ms``, newest first."""
        with self._reading():
            return [took_us for (took_us,) in self._execute(_TIMES_OF_HOOKS, (start_ms, end_ms, at_most))]

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reading in the ``with`` sees one state of the store."""
        with self._reading():
            connection = self._database.connection()
            if connection.in_transaction:
                yield
                return
            connection.execute("BEGIN")
            try:
                yield
            finally:
                connection.execute("COMMIT")

    @timed
    def summary(self) -> tuple[int, int | None]:
        """How many events there are, and when the latest happened."""
        with self._reading():
            count, last = self._execute("SELECT COUNT(id), MAX(t) FROM event", ()).fetchone()
            return count, last

    def check(self) -> str:
        """What SQLite finds wrong with the file, in words; ``ok`` where it finds nothing. Reads every page."""
        with self._reading():
            return "; ".join(row[0] for row in self._execute("PRAGMA quick_check(3)", ()))

    def explain(self, sql: str, parameters: Sequence[Any] = ()) -> str:
        """SQLite's plan for a statement, one step a line."""
        with self._reading():
            steps = self._database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall()
            return "\n".join(step[3] for step in steps)

    def _connect(self) -> SqliteDatabase:
        if found := identity(self._path):
            database = _open_read_only(self._path)
            if version := _migrations.version(database):
                # One that is still being made, or brought up to date, is another one afterwards.
                self._file = found if version == len(_migrations.STEPS) else None
                with _told_to_people(self._path):
                    _migrations.supply_missing(database)
                return database
            database.close()  # Somebody is making it at this moment.
        # In memory and empty: whoever only reads leaves no file behind.
        nothing = "file:claude-monitor-nothing?mode=memory&cache=shared"
        database = ReadDatabase(nothing, uri=True, pragmas=_READER_PRAGMAS)
        _migrations.migrate(database, 0, lambda _: None)
        return database

    def _reading(self) -> contextlib.AbstractContextManager[None]:
        return _told_to_people(self._path)

    def _rows(self, query: Any) -> Any:
        """The rows as SQLite has them: to look at each value first takes peewee longer than the rest together."""
        return self._execute(*query.bind(self._database).sql())

    def _execute(self, sql: str, parameters: Sequence[Any]) -> Any:
        if self.timing is not None:
            self.timing.statement = sql, parameters
        # By peewee's own way a statement takes twice as long, and a portion of the books has ten.
        return self._database.connection().execute(sql, parameters)

    def _execute_many(self, sql: str, rows: Sequence[Any]) -> None:
        if rows:  # as a rule there is nothing to delete
            self._database.connection().executemany(sql, rows)


class WritableStore(Store):
    """The one store that writes. Everything but `close` belongs to the thread that made it."""

    def __init__(
        self, path: Path, backups: Path, now_ms: int, *, cache_mib: int = 1, observe: Observe | None = None
    ) -> None:
        """Opens or creates the database, 0600, and brings its schema up to date.

        ``cache_mib`` is the memory for its pages; much helps where much is written at once, all over the file.
        Raises `StoreTooNewError` where a later version wrote it, `StoreError` where it cannot be used.
        """
        self._backups = backups
        self._cache_mib = cache_mib
        self._durably = True  # SQLite's own default
        super().__init__(path, observe)
        # Written once: to write it for each row takes peewee longer than SQLite needs to carry it out.
        one_event = EventRow.insert(dict.fromkeys(EventValues._fields)).on_conflict_ignore()
        self._insert_event: str = one_event.bind(self._database).sql()[0]
        try:
            with _told_to_people(path):
                _migrations.migrate(self._database, now_ms, self._back_up)
        except StoreError:
            self._database.close()
            raise
        self._left_open = {file: identity(file) for file in (_beside(path, "-wal"), _beside(path, "-shm"))}

    def close_what_was_moved(self) -> None:
        """Closes a database that is not in place any more, after all that was committed has been moved into its file.

        Where its log stayed behind, SQLite would take it for that of the next file at the path: it is deleted.
        Raises `StoreError` where something could not be moved; closed it is all the same.
        """
        try:
            self.checkpoint(cut=True)
        finally:
            self.close()
            for file, own in self._left_open.items():
                if own is not None and identity(file) == own:
                    file.unlink(missing_ok=True)

    @contextlib.contextmanager
    def transaction(self, *, durably: bool) -> Iterator[None]:
        """Everything in the ``with`` is committed together, or not at all. Raises `StoreError`.

        When it is left, a commit survives the end of this process, and ``durably`` also that of the machine. Without,
        the next `checkpoint` sees to that.
        """
        with _told_to_people(self._path):
            connection = self._database.connection()
            if durably != self._durably:
                connection.execute(f"PRAGMA synchronous = {'FULL' if durably else 'NORMAL'}")
                self._durably = durably
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                # SQLite has rolled back by itself where the disk is full.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def stream_id(self, session_id: str, agent_id: str) -> int:
        """The row of one stream, made where it is new."""
        key = session_id, agent_id
        return self._id_in(_STREAM, key) or self._added(_NEW_STREAM, key)

    def lately(self, events: int) -> list[tuple[tuple[str, str], int, tuple[str, str], int]]:
        """Session and subagent with their row, working directory and start folder with theirs, of the last events."""
        with self._reading():
            return [
                ((session_id, agent_id), stream, (cwd, project_dir), place)
                for session_id, agent_id, stream, cwd, project_dir, place in self._execute(_LATELY, (events,))
            ]

    def place(self, cwd: str, project_dir: str) -> int | None:
        """The row of a pair of folders; None where it was never seen."""
        return self._id_in(_PLACE, (cwd, project_dir))

    def add_place(self, cwd: str, project_dir: str, key: str, path: str, name: str, label: str) -> int:
        """Records to which project a new pair of folders belongs; the project is made where it is new."""
        project = self._id_in(_PROJECT, (key,)) or self._added(_NEW_PROJECT, (key, path, name))
        return self.place(cwd, project_dir) or self._added(_NEW_PLACE, (cwd, project_dir, project, label))

    def insert(self, rows: Sequence[EventValues]) -> int:
        """Adds event rows; those whose ``uuid`` is there already are passed over. Returns how many were new."""
        connection = self._database.connection()
        before = connection.total_changes
        connection.executemany(self._insert_event, rows)
        return int(connection.total_changes - before)

    def add_edit(self, edit: Edit) -> None:
        """Appends to the journal; what is there already is passed over. To be called within a `transaction`."""
        row = {"uuid": edit.id, "at_ms": edit.at_ms, "document": encode_edit(edit).decode()}
        EditRow.insert(row).on_conflict_ignore().execute(self._database)

    def checkpoint(self, *, cut: bool = False) -> Moved:
        """Moves what it can from the write-ahead log into the database, without waiting for readers.

        To ``cut`` the log back to nothing it does wait for them, five seconds at most.
        """
        with _told_to_people(self._path):
            return _moved(self._database.connection(), _CHECKPOINT_AND_CUT if cut else _CHECKPOINT)

    def make_durable(self) -> None:
        """What was committed survives the end of the machine from now on, also where no `checkpoint` can be made."""
        log = _beside(self._path, "-wal")
        try:
            with log.open("rb+") as file:
                os.fsync(file.fileno())
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(
                f"cannot put {log} on the disk: {error.strerror}; a power cut would take what came last: do it again"
            ) from error

    def wal_bytes(self) -> int:
        """Size of the file of the write-ahead log, in which some of it may have been used up already."""
        return _wal_bytes(self._path)

    def _connect(self) -> SqliteDatabase:
        try:
            self._path.touch(mode=0o600)
        except OSError as error:
            raise StoreError(
                f"cannot open the database {self._path}: {error.strerror}; make the folder writable and start again"
            ) from error
        # Asked before anything is written: even a change of the journal mode would touch a later version's file.
        _open_read_only(self._path).close()
        self._file = identity(self._path)
        database = SqliteDatabase(
            str(self._path), pragmas={**_WRITER_PRAGMAS, "cache_size": -1024 * self._cache_mib}, thread_safe=False
        )
        with _told_to_people(self._path):
            database.connect()
        return database

    def _back_up(self, version: int) -> None:
        target = self._backups / f"{self._path.stem}-schema-{version}.db"
        with contextlib.closing(sqlite3.connect(target)) as copy:
            self._database.connection().backup(copy)

    def _id_in(self, select: str, key: Sequence[str]) -> int | None:
        row = self._execute(select, key).fetchone()
        return None if row is None else int(row[0])

    def _added(self, insert: str, values: Sequence[str | int]) -> int:
        return int(self._execute(insert, values).lastrowid)


def checkpoint(path: Path, *, cut_above: int | None = None) -> Moved:
    """As `WritableStore.checkpoint`, in any thread: the one that writes can go on meanwhile. Raises `StoreError`.

    A log whose file is larger than ``cut_above`` bytes is then emptied, where nobody reads or writes just now. A
    commit at that moment would wait for milliseconds.
    """
    with (
        _told_to_people(path),
        contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as connection,
    ):
        moved = _moved(connection, _CHECKPOINT)
        if cut_above is not None and moved.is_all and _wal_bytes(path) > cut_above:
            connection.execute(_CHECKPOINT_AND_CUT)  # without a timeout it waits for nobody
            return moved._replace(emptied=_wal_bytes(path) == 0)
        return moved


def _moved(connection: sqlite3.Connection, pragma: str) -> Moved:
    _, pages, moved = connection.execute(pragma).fetchone()
    return Moved(int(pages), int(moved))


def _wal_bytes(path: Path) -> int:
    try:
        return _beside(path, "-wal").stat().st_size
    except FileNotFoundError:
        return 0


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _wire_event(detail: str | None, values: Sequence[Any]) -> WireEvent:
    fields = msgspec.json.decode(detail) if detail else {}
    fields.update((name, value) for name, value in zip(_WIRE_COLUMNS, values, strict=True) if value not in (None, ""))
    fields.update(v=VERSION, auto=bool(fields["auto"]))
    return msgspec.convert(fields, WireEvent)


def _open_read_only(path: Path) -> ReadDatabase:
    how = "mode=ro"
    # The index of the log is a file beside it, also for who only reads. Where none is there and none can be made nobody
    # writes either, and without a log there is nothing to index: https://sqlite.org/wal.html#read_only_databases
    if not os.access(path.absolute().parent, os.W_OK) and not _beside(path, "-shm").exists():
        if _wal_bytes(path):
            raise StoreError(
                f"cannot use the database {path}: its folder is read-only, and there SQLite cannot read "
                f"{path.name}-wal, where what came last is; make the folder writable, or copy both files to one that is"
            )
        how = "immutable=1"
    database = ReadDatabase(f"{path.absolute().as_uri()}?{how}", uri=True, pragmas=_READER_PRAGMAS)
    try:
        with _told_to_people(path):
            _migrations.check_not_too_new(database, path)
    except StoreError:
        database.close()
        raise
    return database


_ADVICE = {
    "full": "free some space soon; what arrives meanwhile may find no room in the spool either",
    "readonly": "make the file and its folder writable; events wait in the spool meanwhile",
    "unable to open": "check that the folder exists and is yours",
    "not a database": "move the file away and start again; a new one is made",
    "malformed": "the file is damaged: move it away with its -wal and -shm and start again; a new one is made",
    "locked": "another program holds it; close that program",
}


@contextlib.contextmanager
def _told_to_people(path: Path) -> Iterator[None]:
    """Turns a database error into a `StoreError` that says what to do."""
    try:
        yield
    except (peewee.DatabaseError, sqlite3.Error) as error:
        advice = next((advice for word, advice in _ADVICE.items() if word in str(error)), "see the log for details")
        raise StoreError(f"cannot use the database {path}: {error}; {advice}") from error
