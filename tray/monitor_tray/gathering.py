"""A snapshot of the tray's numbers: what was counted, and what is looked up only because somebody asks.

Not for the thread that serves the pipe: hooks would wait behind it. It takes milliseconds, and where the spool is full
of files at most about a quarter of a second.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import os
import platform
import sqlite3
import threading
import time
from typing import TYPE_CHECKING

from monitor_tray import __version__, resources
from monitor_tray.clock import now_ms
from monitor_tray.snapshot import Distribution, Folder, Process, Snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from monitor_core.paths import Paths
    from monitor_tray.glance import State
    from monitor_tray.metrics import Metrics, Observed
    from monitor_tray.writer import Counts

#: The pipe cuts off who waits for more than a second; this is for all folders of the spool together.
_LOOKING_S = 0.25
_LOOKS_AT_THE_CLOCK_EVERY = 500


def snapshot_of(
    paths: Paths,
    metrics: Metrics,
    counts: Counts,
    *,
    started_ms: int,
    state: State | None,
    icon: bool,
    trouble: bool,
) -> Snapshot:
    """The numbers as they stand."""
    return Snapshot(
        at_ms=now_ms(),
        version=__version__,
        python=platform.python_version(),
        schema=schema_of(paths.database),
        started_ms=started_ms,
        state=state.value if state else None,
        icon=icon,
        trouble=trouble,
        events={source: dict(kinds) for source, kinds in metrics.events().items()},
        stored=counts.new,
        duplicates=counts.duplicates,
        refused={"store": counts.refused, "no_event": metrics.lines_that_are_no_events},
        dropped=dataclasses.asdict(metrics.dropped),
        ingest={source: _distribution(h.observed()) for source, h in metrics.ingest.items()},
        batch={source: _distribution(h.observed()) for source, h in metrics.batch.items()},
        queue=_distribution(metrics.queue.observed()),
        acknowledgement=_distribution(metrics.acknowledgement.observed()),
        hook=_distribution(metrics.hook.observed()),
        accounting=_distribution(metrics.accounting.observed()),
        checkpoint=_distribution(metrics.checkpoint.observed()),
        checkpoint_failures=metrics.checkpoint_failures,
        queries={name: _distribution(observed) for name, observed in metrics.queries().items()},
        caches=dict(metrics.caches()),
        spool=spool_of(paths, _LOOKING_S),
        database_bytes=size_of(paths.database),
        wal_bytes=size_of(paths.database.with_name(f"{paths.database.name}-wal")),
        process=_process(),
    )


def spool_of(paths: Paths, within_s: float) -> dict[str, Folder]:
    """What lies in the spool: in ``new`` and in ``bad``. What cannot be looked at in that time is left out."""
    give_up_at = time.monotonic() + within_s
    return {"new": _folder(paths.spool_new, give_up_at), "bad": _folder(paths.spool_bad, give_up_at)}


def schema_of(database: Path) -> int | None:
    """The number of the schema that the file has; None where it cannot be read."""
    try:
        with contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error:
        return None


def size_of(file: Path) -> int | None:
    """In bytes: 0 where there is no such file, None where it cannot be told."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
    except OSError:
        return None


def _folder(path: Path, give_up_at: float) -> Folder:
    files = size = 0
    with contextlib.suppress(OSError), os.scandir(path) as entries:
        for files, entry in enumerate(entries, start=1):
            with contextlib.suppress(FileNotFoundError):  # taken meanwhile
                size += entry.stat(follow_symlinks=False).st_size
            if files % _LOOKS_AT_THE_CLOCK_EVERY == 0 and time.monotonic() > give_up_at:
                return Folder(files, size, complete=False)
    return Folder(files, size)


def _distribution(observed: Observed) -> Distribution:
    return Distribution(observed.bounds, tuple(observed.counts), observed.sum)


def _process() -> Process:
    found = resources.own()
    return Process(
        cpu_s=time.process_time(),
        threads=threading.active_count() - 1,  # without the one that looks
        gc_collections=tuple(generation["collections"] for generation in gc.get_stats()),
        resident_bytes=found.resident_bytes,
        private_bytes=found.private_bytes,
        open_files=found.open_files,
    )
