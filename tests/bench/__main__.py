"""All benchmarks, one after another: `make bench`. The results of the last whole run are kept beside this file.

    python -m tests.bench [--only NAME]…

The exit status is 1 where a target is missed. Leave the machine alone meanwhile: everything is measured beside a
control in the same run, but what else runs is in both.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import bench_hook, bench_ingest, bench_replay, bench_report, bench_tray
from tests.bench.figures import missed, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.bench.figures import Figure

HERE = Path(__file__).parent
#: In the order of their running: the hook first, while no other has left files on the disk.
ALL: dict[str, tuple[str, Callable[[], list[Figure]]]] = {
    "hook": ("The hook, against starting another program", bench_hook.measure),
    "ingest": ("Taking events in", bench_ingest.measure),
    "tray": ("The tray in a panel, against a pystray icon on GTK", bench_tray.measure),
    "report": ("Reports", bench_report.measure),
    "replay": ("Replay", bench_replay.measure),
}


def main() -> int:
    """Runs them, prints each table when it is there, and keeps them where all have run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", choices=ALL, metavar="NAME", help=f"one of {', '.join(ALL)}")
    chosen = parser.parse_args().only or list(ALL)
    results = {}
    for name in chosen:
        title, measure = ALL[name]
        began = time.monotonic()
        results[name] = measure()
        print(f"\n## {title}\n\n{table(results[name])}\n({time.monotonic() - began:.0f} s)", flush=True)
    failures = [what for figures in results.values() for what in missed(figures)]
    print(f"\nmissed: {'; '.join(failures)}" if failures else "\nall targets met")
    if len(results) == len(ALL):
        _keep(results)
    return 1 if failures else 0


def _keep(results: Mapping[str, list[Figure]]) -> None:
    conditions = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    told = {
        name: [{**figure._asdict(), "ratio": figure.ratio, "holds": figure.holds} for figure in figures]
        for name, figures in results.items()
    }
    for figures in told.values():
        for figure in figures:
            figure["control"] = figure["control"] and figure["control"]._asdict()
    (HERE / "results.json").write_text(
        json.dumps({"conditions": conditions, "results": told}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    parts = [f"## {ALL[name][0]}\n\n{table(figures)}\n" for name, figures in results.items()]
    where = ", ".join(f"{key} {value}" if key != "system" else value for key, value in conditions.items())
    head = f"# The last run of `make bench`\n\n{where}. A figure and its control are of the same run.\n"
    (HERE / "RESULTS.md").write_text("\n".join([head, *parts]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
