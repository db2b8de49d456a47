"""A store on disk, and events to put into it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from monitor_core.ingest import Ingest
from monitor_core.projects import Surroundings
from monitor_core.store import WritableStore
from monitor_core.wire import WireEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "monitor.db"


@pytest.fixture
def store(database: Path, tmp_path: Path) -> Iterator[WritableStore]:
    backups = tmp_path / "backups"
    backups.mkdir()
    store = WritableStore(database, backups, now_ms=0)
    yield store
    store.close()


@pytest.fixture
def ingest(store: WritableStore) -> Ingest:
    return Ingest(store, Surroundings(home="/home/dev", temporary=("/tmp",)))


@pytest.fixture
def wire() -> Callable[..., WireEvent]:
    """Makes an event of the wire format at an instant; every call another id."""
    numbers = itertools.count(1)

    def make(t: int, kind: str = "Stop", **fields: Any) -> WireEvent:
        fields.setdefault("session_id", "s")
        fields.setdefault("cwd", "/home/dev/projects/api")
        fields.setdefault("id", f"00000000-0000-7000-8000-{next(numbers):012x}")
        return WireEvent(v=1, t=t, hook_event_name=kind, **fields)

    return make
