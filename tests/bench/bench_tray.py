"""Measures the tray process against a pystray icon on GTK with the same menu, in the same run, in a real panel.

    python -m tests.bench.bench_tray [--starts N] [--events N] [--json FILE]

Both run on a virtual screen with a session bus and an xfce4-panel; a recorded day is in the tray's store. A second tray
without an icon tells what of it all is the icon's. The control only shows a menu: it stores and computes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import site
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.bench.tray_in_a_panel import CONTROL_NAME, HEADLESS, SYSTEM_PYTHON, TRAY, Bench, Results
from tests.system.panel import running_desktop

OF_THE_ICON = "  of these the icon's"

MAX_RSS_MB, MAX_READY_MS, MAX_SHOWN_MS, MAX_WAKE_UPS = 45.0, 400.0, 100.0, 0


def main() -> int:
    """Prints the figures. 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--starts", type=int, default=12)
    parser.add_argument("--events", type=int, default=40)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    arguments = parser.parse_args()
    _need_the_control()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, running_desktop(Path(folder) / "desk") as desktop:
            desktop.start_panel()
            with Bench(desktop) as bench:
                results = bench.measure(arguments.starts, arguments.events)
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        raise SystemExit(str(missing)) from None
    figures = _figures(results)
    _print(figures)
    if arguments.json:
        arguments.json.write_text(json.dumps({**figures, "wake_ups_by_thread": results.wake_ups}, indent=2) + "\n")
    return _verdict(figures)


def _need_the_control() -> None:
    script = "import gi; gi.require_version('AyatanaAppIndicator3', '0.1'); import PIL.Image"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(site.getsitepackages())}
    done = subprocess.run([SYSTEM_PYTHON, "-c", script], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1]
        raise SystemExit(
            f"the control cannot run here ({why}); apt-get install --no-install-recommends "
            "python3-gi gir1.2-ayatanaappindicator3-0.1, and make .venv with the system's own python3"
        )


def _figures(results: Results) -> dict[str, dict[str, float]]:
    """Each figure by the name of the process."""

    def median(name: str, field: str) -> dict[str, float]:
        times = [getattr(start, field) for start in results.starts[name]]
        return {name: statistics.median(times)} if None not in times else {}

    names = results.memory
    return {
        "RSS MB": {name: memory.rss_mb for name, memory in results.memory.items()},
        "PSS MB": {name: memory.pss_mb for name, memory in results.memory.items()},
        "icon in the panel, ms (median)": {k: v for name in names for k, v in median(name, "registered_ms").items()},
        "pipe answers, ms (median)": {k: v for name in names for k, v in median(name, "answers_ms").items()},
        "wake-ups in an idle minute": {name: sum(threads) for name, threads in results.wake_ups.items()},
        OF_THE_ICON: {TRAY: _of_the_icon(results.wake_ups), CONTROL_NAME: sum(results.wake_ups[CONTROL_NAME])},
        "event in the menu, ms (median)": {k: statistics.median(v) for k, v in results.shown_ms.items()},
        "event in the menu, ms (p99)": {k: sorted(v)[len(v) * 99 // 100] for k, v in results.shown_ms.items()},
    }


def _of_the_icon(wake_ups: dict[str, list[int]]) -> int:
    """Those of the main thread, which does nothing without an icon, and of the threads that only an icon needs."""
    threads = wake_ups[TRAY]
    return threads[0] + sum(threads[len(wake_ups[HEADLESS]) :])


def _print(figures: dict[str, dict[str, float]]) -> None:
    print(f"{'':34}{TRAY:>12}{HEADLESS:>16}{CONTROL_NAME:>16}{'tray/control':>14}")
    for what, by_name in figures.items():
        cells = [by_name.get(name) for name in (TRAY, HEADLESS, CONTROL_NAME)]
        shown = ["–" if cell is None else f"{cell:.1f}" for cell in cells]
        ratio = f"{cells[0] / cells[2]:.2f}" if cells[0] is not None and cells[2] else "–"
        print(f"{what:34}{shown[0]:>12}{shown[1]:>16}{shown[2]:>16}{ratio:>14}")


def _verdict(figures: dict[str, dict[str, float]]) -> int:
    rss, added = figures["RSS MB"], figures[OF_THE_ICON][TRAY]
    ready, shown = figures["icon in the panel, ms (median)"], figures["event in the menu, ms (p99)"]
    held = {
        f"RSS at most {MAX_RSS_MB:g} MB": rss[TRAY] <= MAX_RSS_MB,
        "RSS below the control's": rss[TRAY] < rss[CONTROL_NAME],
        f"ready within {MAX_READY_MS:g} ms": ready[TRAY] <= MAX_READY_MS,
        f"no wake-up added by the icon ({added:g})": added <= MAX_WAKE_UPS,
        f"an event in the menu within {MAX_SHOWN_MS:g} ms": shown[TRAY] <= MAX_SHOWN_MS,
    }
    missed = [name for name, holds in held.items() if not holds]
    print(f"\nmissed its target: {', '.join(missed)}" if missed else "\nall targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
