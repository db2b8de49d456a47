"""A database that several threads read, each through a connection of its own, and one of them closes."""

from __future__ import annotations

import sqlite3
import weakref
from typing import Any

from peewee import SqliteDatabase


class _Connection(sqlite3.Connection):
    """One that can be remembered without being kept: that of a thread ends with it."""


class ReadDatabase(SqliteDatabase):
    """``close`` is for the connection of one thread, `close_all` for those of all; no other may read then or later.

    A connection that is merely forgotten keeps its pages and file descriptors until the garbage collector comes by,
    which in a process that does little may take days.
    """

    def __init__(self, *args: Any, **how: Any) -> None:
        self._opened: weakref.WeakSet[sqlite3.Connection] = weakref.WeakSet()
        super().__init__(*args, check_same_thread=False, factory=_Connection, **how)

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._connect()  # type: ignore[misc]  # its annotations leave it out
        self._opened.add(connection)
        return connection

    def close_all(self) -> None:
        """Closes what any thread has opened."""
        self.close()
        for connection in list(self._opened):
            connection.close()
