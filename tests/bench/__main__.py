"""All benchmarks, one after another: `make bench`. The last results of each are kept beside this file.

    python -m tests.bench [--only NAME]…
    python -m tests.bench --long

Those that take another quarter of an hour, `make bench-long`, are the nine years on one tray and the ten-millionth
event. The exit status is 1 where a target is missed. Leave the machine alone meanwhile: everything is measured beside a
control in the same run, but what else runs is in both.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tests.bench import bench_hook, bench_ingest, bench_replay, bench_report, bench_soak, bench_tray
from tests.bench.figures import Figure, missed, table
from tests.bench.processes import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

JSON, MARKDOWN = (Path(__file__).with_name(name) for name in ("results.json", "RESULTS.md"))
#: In the order of their running: the hook first, while no other has left files on the disk.
USUAL: dict[str, tuple[str, Callable[[], list[Figure]]]] = {
    "hook": ("The hook, against starting another program", bench_hook.measure),
    "ingest": ("Taking events in", bench_ingest.measure),
    "tray": ("The tray in a panel, against a pystray icon on GTK", bench_tray.measure),
    "report": ("Reports", bench_report.measure),
    "replay": ("Replay", bench_replay.measure),
}
LONG: dict[str, tuple[str, Callable[[], list[Figure]]]] = {
    "soak": ("Nine years of events, menus and pages on one tray", bench_soak.measure),
    "ten-million": ("The ten-millionth event", bench_ingest.measure_ten_millionth),
}
ALL = USUAL | LONG


class Part(msgspec.Struct):
    """What one benchmark has measured, of what, when and where."""

    commit: str
    date: str
    machine: str
    versions: str
    figures: list[Figure]


def main() -> int:
    """Runs them, prints each table when it is there, and keeps it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", choices=ALL, metavar="NAME", help=f"one of {', '.join(ALL)}")
    parser.add_argument("--long", action="store_true", help=f"those that take long: {', '.join(LONG)}")
    options = parser.parse_args()
    commit = _commit()
    failures = []
    for name in options.only or (LONG if options.long else USUAL):
        title, measure = ALL[name]
        began = time.monotonic()
        figures = measure()
        print(f"\n## {title}\n\n{table(figures)}\n({time.monotonic() - began:.0f} s)", flush=True)
        failures += missed(figures)
        _keep(name, commit, figures)
    print(f"\nmissed: {'; '.join(failures)}" if failures else "\nall targets met")
    return 1 if failures else 0


def _commit() -> str:
    """What is measured, by its short name; with a plus sign where something of it is not committed."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()

    try:
        name = git("rev-parse", "--short=10", "HEAD")
        changed = git("status", "--porcelain", "--", ".", *(f":!{kept.relative_to(ROOT)}" for kept in (JSON, MARKDOWN)))
    except (OSError, subprocess.CalledProcessError):
        return "no commit"
    return f"{name}+" if changed else name


def _keep(name: str, commit: str, figures: list[Figure]) -> None:
    """In place of those of the run before; what was not measured now stays as it is."""
    kept = msgspec.json.decode(JSON.read_bytes(), type=dict[str, Part]) if JSON.exists() else {}
    kept[name] = Part(
        commit=commit,
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        versions=f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        figures=figures,
    )
    JSON.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n")
    text = [
        "# The last results of `make bench` and `make bench-long`\n",
        "A figure and its control are of the same run; what a table is of, is above it. A ± is from the control.\n",
    ]
    for part in (part for part in ALL if part in kept):
        title, of = ALL[part][0], kept[part]
        text += [f"## {title}\n", f"{of.commit}, {of.date}; {of.machine}; {of.versions}.\n", f"{table(of.figures)}\n"]
    MARKDOWN.write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
