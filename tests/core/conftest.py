"""A store on disk, and events to put into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from monitor_core.ingest import Ingest
from monitor_core.projects import Surroundings
from monitor_core.store import WritableStore

if TYPE_CHECKING:
    from collections.abc import Iterator
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
