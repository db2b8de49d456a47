"""The same events with books of their own, to compare the stored ones with.

The tables of the books are made again as temporary ones of the same names, which SQLite finds first. Nothing is written
to the database.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from monitor_core.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The tables that are compared, with what tells a row of each.
_COMPARED = {
    "work_block": "start_ms, place_id, end_ms, auto, working",
    "stint": "start_ms, place_id, end_ms, auto, stream_id",
    "wait": "start_ms, place_id, end_ms, stream_id",
    "tail": "since_ms, place_id, hinted_ms, auto, state, stream_id",
    "usage_window": "start_ms, NULL, end_ms, prompts",
    "tally": "day * 86400000, place_id, (day + 1) * 86400000, events",
}


class Difference(NamedTuple):
    """A row that only the stored books have, or that they lack; ``end_ms`` is None where it has none."""

    table: str
    stored: bool
    start_ms: int
    place: int | None
    end_ms: int | None


class ShadowStore(Store):
    """A reader whose `Store.books` are its own and empty. Everything belongs to the thread that made it.

    It reads one state of the database until it is closed, and knows the events that the stored books know.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with self._reading():
            self._database.connection().execute("BEGIN")
            state = self.books.state()
            self._seen = state.seen if state is not None else 0
            for table in (*_COMPARED, "books", "touched", "ahead"):
                (sql,) = self._execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
                self._execute(sql.replace("CREATE TABLE", "CREATE TEMP TABLE", 1), ())
            self._execute("CREATE INDEX temp.tail_by_time ON tail (since_ms)", ())

    def newest(self) -> int:
        """The number of the last event that the stored books know."""
        return self._seen

    @contextlib.contextmanager
    def transaction(self, *, durably: bool) -> Iterator[None]:  # noqa: ARG002  as a store that writes has it
        """Nothing of it outlives the connection."""
        with self._reading():
            yield

    def differences(self) -> list[Difference]:
        """What the stored books and these do not have in common, by table and time."""
        found: list[Difference] = []
        with self._reading():
            for table, columns in _COMPARED.items():
                for one, other in (("main", "temp"), ("temp", "main")):
                    rows = self._execute(
                        f"SELECT {columns} FROM {one}.{table} EXCEPT SELECT {columns} FROM {other}.{table}",  # noqa: S608
                        (),
                    )
                    found += [_difference(table, row, stored=one == "main") for row in rows]
        return sorted(found, key=lambda d: (d.table, d.start_ms, not d.stored))


def _difference(table: str, row: tuple[Any, ...], *, stored: bool) -> Difference:
    return Difference(table, stored, row[0], row[1], row[2])
