"""Replays ten years of events in order and in shuffled orders, and compares the books that they give.

    python tests/bench/bench_replay.py [--events N] [--orders N]

The control is what no program could do without: the same lines put into a table of one text column, by their own id,
in one transaction.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.bench.history import YEARS, lines

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


def main() -> None:
    """Prints a table; the exit status is 1 where two orders gave other books."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=5)
    options = parser.parse_args()
    made = lines(options.events)
    print(f"{len(made):,} events over {YEARS} years")
    print(f"{'order':<12} {'replay s':>9} {'control s':>10} {'ratio':>6}  books")
    found = set()
    for order in range(options.orders + 1):
        if order:
            random.Random(order).shuffle(made)  # noqa: S311  a fixed order, not a secret
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            file = home / "events.jsonl"
            file.write_bytes(b"".join(made))
            control_s = control(made, home / "control.db")
            begin = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "monitor_tray", "replay", str(file)],
                env={**os.environ, "CLAUDE_MONITOR_HOME": str(home / "home"), "HOME": folder},
                check=True,
                stdout=subprocess.DEVNULL,
            )
            took_s = time.perf_counter() - begin
            books = fingerprint(home / "home" / "monitor.db")
        found.add(books)
        name = f"shuffle {order}" if order else "by time"
        print(f"{name:<12} {took_s:9.1f} {control_s:10.1f} {took_s / control_s:6.1f}  {books[:16]}", flush=True)
    print("the same books in every order" if len(found) == 1 else "THE BOOKS DIFFER")
    sys.exit(len(found) != 1)


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
    main()
