"""Measures reports over ten years of history: from an empty process, and in one that runs.

    python -m tests.bench.bench_report [--events N] [--rounds N]

The control of a command is `python -c pass`, in turns with it; `today` has the hours of a recorded day to show. That of
a report and of a page is to read the events of its days, in turns too. *Cold* is the first time with a new connection,
*warm* is with what a process that makes many reports keeps. The present of a report is the end of the history.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from monitor_core.config import Config
from monitor_core.days import day_bounds, day_of
from monitor_core.grouping import LastGrouping
from monitor_core.paths import Paths
from monitor_core.periods import Kind, period_of
from monitor_core.reporting import build_report
from monitor_core.settled import SettledParts
from monitor_core.store import Store
from monitor_core.wire import encode
from monitor_tray.clock import now_ms
from monitor_tray.page_orders import Order
from monitor_tray.pages import Pages
from monitor_tray.settings import zone_of
from tests.bench.figures import Control, Figure, missed, table
from tests.bench.history import PROJECTS, lines
from tests.bench.processes import environment_of, new_home, product, tray
from tests.recorded.day import recorded_day, zone_where_it_is_five

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from monitor_core.parts import Part


#: In ms; the day's file is above the control, the command `today` in times of it.
DAY_FILE_MS, TODAY_X, YEAR_PAGE_MS, YEAR_PAGE_KB = 300, 2.5, 100, 300
TODAY_WARM_MS, TODAY_COLD_MS, MONTH_MS, YEAR_MS = 1, 5, 5, 20
CONTROL = "python -c pass"
#: At most, on average: 1,200,000 events are 100,000 blocks.
EVENTS_OF_A_BLOCK = 12
#: How many reports follow the first with a connection.
WARM = 5


def main() -> int:
    """Prints the figures. 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_200_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    figures = measure(options.events, options.rounds)
    print(table(figures))
    return 1 if missed(figures) else 0


def measure(events: int = 1_200_000, rounds: int = 15) -> list[Figure]:
    """Takes some minutes, most of them to make the history."""
    with tempfile.TemporaryDirectory() as folder:
        home = new_home(Path(folder), "home")
        history = home / "history.jsonl"
        history.write_bytes(b"".join(lines(events)))
        product(home, "replay", str(history))
        running = [*_history(home, events), *_reports(home, rounds), *_pages(home, rounds)]
        return [*_commands(home, rounds), *running]


def _history(home: Path, events: int) -> list[Figure]:
    """What the reports are of."""
    with contextlib.closing(sqlite3.connect(home / "monitor.db")) as database:
        blocks, projects = (
            database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608  the names beside it
            for table in ("work_block", "project")
        )
    of = Control("events", events)
    return [
        Figure("work blocks of the history", blocks, "", of, at_least=events / EVENTS_OF_A_BLOCK),
        Figure("projects of the history", projects, "", of, at_least=PROJECTS),
    ]


def _commands(home: Path, rounds: int) -> list[Figure]:
    """From an empty process. Adds a day to the history: today."""
    with contextlib.closing(Store(home / "monitor.db")) as store:
        day = _last_day(store).isoformat()
    zone = zone_where_it_is_five(dt.datetime.now(dt.UTC))
    (home / "config.toml").write_text(f'timezone = "{zone}"\n')
    (home / "today.jsonl").write_bytes(b"".join(map(encode, recorded_day(now_ms()))))
    product(home, "replay", str(home / "today.jsonl"))
    monitor = str(Path(sys.executable).with_name("claude-monitor"))
    today = [monitor, "today"]
    page = [monitor, "report", "daily", "--date", day, "--format", "html", "-o", str(home / "day.html")]
    with tray(home):
        told, told_beside = _medians(home, 4 * rounds, today)
        assert "Claude working" in product(home, "today")
    made, page_ms, beside = _medians(home, rounds, today, page)
    return [
        Figure("claude-monitor today", told, "ms", Control(CONTROL, told_beside), ratio_at_most=TODAY_X),
        Figure("claude-monitor today, no tray", made, "ms", Control(CONTROL, beside)),
        Figure("a day's page as a file", page_ms, "ms", Control(CONTROL, beside), off_at_most=DAY_FILE_MS),
    ]


def _medians(home: Path, rounds: int, *commands: list[str]) -> list[float]:
    """How long each takes in ms, and last the control, which runs in turns with them."""
    all_of_them = [*commands, [sys.executable, "-c", "pass"]]
    took: list[list[float]] = [[] for _ in all_of_them]
    for _ in range(rounds):
        for command, times in zip(all_of_them, took, strict=True):
            run = partial(subprocess.run, command, env=environment_of(home), check=True, capture_output=True)
            times.append(_took_ms(run))
    return [statistics.median(times) for times in took]


def _reports(home: Path, rounds: int) -> list[Figure]:
    """In a process that runs."""
    config = Config()
    zone = zone_of(config)
    figures = []
    with contextlib.closing(Store(home / "monitor.db")) as store:
        newest = store.events_between()
        last = _last_day(store)
    assert newest is not None
    at_ms = newest.end_ms
    bounds = {
        "today": (last, TODAY_WARM_MS, TODAY_COLD_MS),
        "week": (last - dt.timedelta(days=6), None, None),
        "month": (last - dt.timedelta(days=30), MONTH_MS, None),
        "year": (last - dt.timedelta(days=365), YEAR_MS, None),
    }
    for name, (first, warm_ms, cold_ms) in bounds.items():
        cold, warm, cold_reads, warm_reads = [], [], [], []
        for _ in range(rounds):
            with contextlib.closing(Store(home / "monitor.db")) as store:
                settled: SettledParts[Part] = SettledParts(time.monotonic)
                report = partial(build_report, store, first, last, zone, config, at_ms, LastGrouping(), settled=settled)
                cold.append(_took_ms(report))
                warm += [_took_ms(report) for _ in range(WARM)]
            with _events_of(home, first, last) as read:
                cold_reads.append(_took_ms(read))
                warm_reads += [_took_ms(read) for _ in range(WARM)]
        what = f"report of {'today' if name == 'today' else f'a {name}'}"
        figures += [
            _figure(f"{what}, warm", warm, warm_reads, at_most=warm_ms),
            _figure(f"{what}, cold", cold, cold_reads, at_most=cold_ms),
        ]
    return figures


@contextlib.contextmanager
def _events_of(home: Path, first: dt.date, last: dt.date) -> Iterator[Callable[[], object]]:
    """Reads all events of the days, with a new connection."""
    config = Config()
    bounds = [day_bounds(day, zone_of(config), config.day_starts_at) for day in (first, last)]
    within = bounds[0].start_ms, bounds[1].end_ms
    with contextlib.closing(sqlite3.connect(home / "monitor.db")) as connection:
        yield lambda: connection.execute("SELECT * FROM event WHERE t >= ? AND t < ?", within).fetchall()


def _figure(what: str, took_ms: Sequence[float], read_ms: Sequence[float], at_most: float | None = None) -> Figure:
    control = Control("to read its events", statistics.median(read_ms))
    return Figure(what, statistics.median(took_ms), "ms", control, at_most=at_most)


def _pages(home: Path, rounds: int) -> list[Figure]:
    """The whole way from the tray, which has another process make them: report, reasons, analytics, page, file.

    Month and year are those of the clock: in the first days of one there is little to show.
    """
    paths, config = Paths(home), Config()
    today = day_of(now_ms(), zone_of(config), config.day_starts_at)
    sizes: list[int] = []

    def write(pages: Pages, kind: Kind) -> float:
        return _took_ms(lambda: sizes.append(pages.write(Order(kind)).stat().st_size))

    figures = []
    for kind in (Kind.MONTH, Kind.YEAR):
        days = period_of(kind, today, config.week_starts_on)
        with contextlib.closing(Pages(paths)) as pages, _events_of(home, days.first, days.last) as read:
            cold, cold_reads = [write(pages, kind)], [_took_ms(read)]
            warm, warm_reads = zip(*((write(pages, kind), _took_ms(read)) for _ in range(rounds)), strict=True)
        what = f"page of this {kind.value} in the tray"
        figures += [
            _figure(f"{what}, warm", warm, warm_reads, at_most=YEAR_PAGE_MS),
            _figure(f"{what}, the first", cold, cold_reads),
        ]
    in_json = Control(
        "its JSON", len(product(home, "report", "range", "--date", "this year", "--format", "json").encode()) / 1_000
    )
    return [*figures, Figure("size of the year's page", sizes[-1] / 1_000, "kB", in_json, at_most=YEAR_PAGE_KB)]


def _last_day(store: Store) -> dt.date:
    """The last day on which something happened."""
    found = store.events_between()
    assert found is not None
    config = Config()
    return day_of(found.end_ms, zone_of(config), config.day_starts_at)


def _took_ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1_000


if __name__ == "__main__":
    sys.exit(main())
