"""Measures the report page: a day's file from an empty process start, and a year out of ten in a process that runs.

    python tests/bench/bench_report.py [--events N] [--rounds N]

The control is `python -c pass`, timed in turns with the day. The exit status is 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from monitor_core.config import Config
from monitor_core.reporting import build_report
from monitor_core.store import Store
from monitor_tray.commands.asking import MAX_DAYS
from monitor_tray.render.html import report_html
from monitor_tray.settings import zone_of
from monitor_tray.today import now_ms
from tests.bench.history import YEARS, lines

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A day's file may take so much longer than the control, and a year's page so long.
DAY_LIMIT_MS, YEAR_LIMIT_MS, YEAR_LIMIT_BYTES = 300, 100, 300_000
#: In the middle of the history: a Wednesday, and its year.
DAY, YEAR = "2021-11-24", 2021


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environment = {**os.environ, "CLAUDE_MONITOR_HOME": str(home), "HOME": folder}
        history = home / "history.jsonl"
        history.write_bytes(b"".join(lines(options.events)))
        command = [sys.executable, "-m", "monitor_tray"]
        subprocess.run([*command, "replay", str(history)], env=environment, check=True)
        print(f"{options.events:,} events over {YEARS} years, at most {MAX_DAYS} days a report")
        day = [*command, "report", "daily", "--date", DAY, "--format", "html", "-o", str(home / "day.html")]
        pairs = [
            (taken_ms([sys.executable, "-c", "pass"], environment), taken_ms(day, environment))
            for _ in range(options.rounds)
        ]
        control_ms, day_ms = (statistics.median(column) for column in zip(*pairs, strict=True))
        building_ms, rendering_ms, size = year(home / "monitor.db", options.rounds)
    print(f"{'python -c pass':44} {control_ms:8.1f} ms")
    print(f"{'a day’s file, above that':44} {day_ms - control_ms:8.1f} ms   limit {DAY_LIMIT_MS} ms")
    print(f"{'a year’s report from the books':44} {building_ms:8.1f} ms")
    print(f"{'a year’s page from its report':44} {rendering_ms:8.1f} ms")
    print(f"{'both':44} {building_ms + rendering_ms:8.1f} ms   limit {YEAR_LIMIT_MS} ms")
    print(f"{'size of the year’s page':44} {size:8,} bytes, limit {YEAR_LIMIT_BYTES:,}")
    missed = day_ms - control_ms > DAY_LIMIT_MS or building_ms + rendering_ms > YEAR_LIMIT_MS or size > YEAR_LIMIT_BYTES
    sys.exit(1 if missed else 0)


def taken_ms(command: Sequence[str], environment: dict[str, str]) -> float:
    """The time of one run, from its start to its end."""
    begin = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return (time.perf_counter() - begin) * 1000


def year(database: Path, rounds: int) -> tuple[float, float, int]:
    """The medians of building and of rendering the report of `YEAR`, and the size of its page."""
    config = Config()
    found: list[tuple[float, float, int]] = []
    with contextlib.closing(Store(database)) as store:
        for _ in range(rounds + 1):
            begin = time.perf_counter()
            first, last = dt.date(YEAR, 1, 1), dt.date(YEAR, 12, 31)
            report = build_report(store, first, last, zone_of(config), config, now_ms())
            built = time.perf_counter()
            page = report_html(report).encode()
            found.append(((built - begin) * 1000, (time.perf_counter() - built) * 1000, len(page)))
    # The first pays for jinja and for SQLite's pages.
    building, rendering, sizes = zip(*found[1:], strict=True)
    return statistics.median(building), statistics.median(rendering), sizes[0]


if __name__ == "__main__":
    main()
