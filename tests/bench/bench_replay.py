"""Replays ten years of events in order and in shuffled orders, and compares the books that they give.

    python -m tests.bench.bench_replay [--events N] [--orders N]

The control is what no program could do without: the same lines put into a table of one text column, by their own id,
in one transaction.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import random
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.figures import Control, Figure, missed, table
from tests.bench.history import YEARS, lines
from tests.bench.processes import new_home, product

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The books by names instead of numbers, which go by arrival.
TABLES = (
    """SELECT start_ms, cwd, project_dir, end_ms, auto, working FROM work_block
        JOIN project_path ON project_path.id = place_id ORDER BY 1, 2, 3""",
    """SELECT start_ms, session_id, agent_id, cwd, end_ms, auto FROM stint JOIN stream ON stream.id = stream_id
        JOIN project_path ON project_path.id = place_id ORDER BY 1, 2, 3, 4""",
    """SELECT session_id, agent_id, since_ms, cwd, state, auto, hinted_ms FROM tail JOIN stream ON stream.id = stream_id
        JOIN project_path ON project_path.id = place_id ORDER BY 1, 2""",
    "SELECT * FROM usage_window ORDER BY start_ms",
)


def main() -> int:
    """Prints the figures. 1 where two orders gave other books."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=5)
    options = parser.parse_args()
    figures = measure(options.events, options.orders)
    print(table(figures))
    return 1 if missed(figures) else 0


def measure(events: int = 1_200_000, orders: int = 1) -> list[Figure]:
    """By time, and in so many shuffled ``orders``: about a minute each for a million events."""
    made = lines(events)
    figures, found = [], set()
    for order in range(orders + 1):
        if order:
            random.Random(order).shuffle(made)  # noqa: S311  a fixed order, not a secret
        with tempfile.TemporaryDirectory() as folder:
            home = new_home(Path(folder), "home")
            file = home / "events.jsonl"
            file.write_bytes(b"".join(made))
            control_s = control(made, Path(folder) / "control.db")
            begin = time.perf_counter()
            product(home, "replay", str(file))
            took_s = time.perf_counter() - begin
            found.add(fingerprint(home / "monitor.db"))
        what = f"replay of {events:,} events over {YEARS} years, {f'shuffled ({order})' if order else 'by time'}"
        figures.append(Figure(what, took_s, "s", Control("lines into one table", control_s)))
    return [
        *figures,
        Figure("different books that these orders gave", len(found), "", Control("orders", orders + 1), at_most=1),
    ]


def control(made: Sequence[bytes], path: Path) -> float:
    """Seconds for the least that storing them takes."""
    begin = time.perf_counter()
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE line (id TEXT PRIMARY KEY, line TEXT) WITHOUT ROWID")
        database.executemany("INSERT INTO line VALUES (?, ?)", ((line[14:50].decode(), line.decode()) for line in made))
    return time.perf_counter() - begin


def fingerprint(path: Path) -> str:
    """A hash of all that the books hold."""
    digest = hashlib.sha256()
    with contextlib.closing(sqlite3.connect(path)) as database:
        for sql in TABLES:
            for row in database.execute(sql):
                digest.update(repr(row).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
