"""All benchmarks, one after another: `make bench`. The last results of each are kept beside this file.

    python -m tests.bench [--only NAME]…

The exit status is 1 where a target is missed. Leave the machine alone meanwhile: everything is measured beside a
control in the same run, but what else runs is in both.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tests.bench import bench_hook, bench_ingest, bench_replay, bench_report, bench_tray
from tests.bench.figures import Figure, missed, table

if TYPE_CHECKING:
    from collections.abc import Callable

JSON, MARKDOWN = (Path(__file__).with_name(name) for name in ("results.json", "RESULTS.md"))
#: In the order of their running: the hook first, while no other has left files on the disk.
ALL: dict[str, tuple[str, Callable[[], list[Figure]]]] = {
    "hook": ("The hook, against starting another program", bench_hook.measure),
    "ingest": ("Taking events in", bench_ingest.measure),
    "tray": ("The tray in a panel, against a pystray icon on GTK", bench_tray.measure),
    "report": ("Reports", bench_report.measure),
    "replay": ("Replay", bench_replay.measure),
}


class Part(msgspec.Struct):
    """What one benchmark has measured, when and where."""

    date: str
    machine: str
    versions: str
    figures: list[Figure]


def main() -> int:
    """Runs them, prints each table when it is there, and keeps it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", choices=ALL, metavar="NAME", help=f"one of {', '.join(ALL)}")
    failures = []
    for name in parser.parse_args().only or ALL:
        title, measure = ALL[name]
        began = time.monotonic()
        figures = measure()
        print(f"\n## {title}\n\n{table(figures)}\n({time.monotonic() - began:.0f} s)", flush=True)
        failures += missed(figures)
        _keep(name, figures)
    print(f"\nmissed: {'; '.join(failures)}" if failures else "\nall targets met")
    return 1 if failures else 0


def _keep(name: str, figures: list[Figure]) -> None:
    """In place of those of the run before; what was not measured now stays as it is."""
    kept = msgspec.json.decode(JSON.read_bytes(), type=dict[str, Part]) if JSON.exists() else {}
    kept[name] = Part(
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        versions=f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        figures=figures,
    )
    JSON.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n")
    text = ["# The last run of `make bench`\n", "A figure and its control are of the same run.\n"]
    for part in (part for part in ALL if part in kept):
        title, of = ALL[part][0], kept[part]
        text += [f"## {title}\n", f"{of.date}; {of.machine}; {of.versions}.\n", f"{table(of.figures)}\n"]
    MARKDOWN.write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
