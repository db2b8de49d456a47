"""Measures the tray process against a pystray icon on GTK with the same menu, in the same run, in a real panel.

    python -m tests.bench.bench_tray [--starts N] [--events N]

Both run on a virtual screen with a session bus and an xfce4-panel; a recorded day is in the tray's store. A second tray
without an icon tells what of it all is the icon's. The control only shows a menu: it stores and computes nothing.
"""

from __future__ import annotations

import argparse
import os
import site
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.bench.figures import Control, Figure, compared, missed, table, times
from tests.bench.tray_in_a_panel import CONTROL_NAME, HEADLESS, IDLE_S, SYSTEM_PYTHON, TRAY, Bench, Results
from tests.system.panel import running_desktop

#: In MB, headless the second; in ms; a minute.
MAX_RSS_MB, MAX_HEADLESS_RSS_MB, MAX_READY_MS, MAX_SHOWN_MS = 45.0, 35.0, 400.0, 100.0
MAX_WAKE_UPS, MAX_CPU_PERCENT = 2, 0.1


def main() -> int:
    """Prints the figures. 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--starts", type=int, default=12)
    parser.add_argument("--events", type=int, default=40)
    arguments = parser.parse_args()
    figures = measure(arguments.starts, arguments.events)
    print(table(figures))
    return 1 if missed(figures) else 0


def measure(starts: int = 12, events: int = 40) -> list[Figure]:
    """Takes some minutes."""
    _need_the_control()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, running_desktop(Path(folder) / "desk") as desktop:
            desktop.start_panel()
            with Bench(desktop) as bench:
                return _figures(bench.measure(starts, events))
    except (pytest.skip.Exception, pytest.fail.Exception) as why:
        raise SystemExit(str(why)) from None


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


def _figures(results: Results) -> list[Figure]:
    memory, idle = results.memory, results.idle

    def beside(value: float) -> Control:
        return Control(CONTROL_NAME, value)

    def started(name: str, what: str) -> float:
        return times([getattr(start, what) for start in results.starts[name]]).median

    def wake_ups(name: str) -> float:
        return sum(thread.wake_ups for thread in idle[name]) / (IDLE_S / 60)

    def cpu_percent(name: str) -> float:
        return sum(thread.cpu_ms for thread in idle[name]) / (IDLE_S * 1_000) * 100

    rss, control_rss = memory[TRAY].rss_mb, beside(memory[CONTROL_NAME].rss_mb)
    control_private = beside(memory[CONTROL_NAME].private_mb)
    shown, control_shown = results.shown_ms[TRAY], results.shown_ms[CONTROL_NAME]
    registered = beside(started(CONTROL_NAME, "registered_ms"))
    its_icon = registered._replace(name=f"until the icon of {CONTROL_NAME}")
    idle_wake_ups, idle_cpu = beside(wake_ups(CONTROL_NAME)), beside(cpu_percent(CONTROL_NAME))
    in_all = beside(sum(thread.wake_ups for thread in idle[CONTROL_NAME]))
    after = "after 24 hours"
    idle_for = f"while idle for {IDLE_S:g} s"
    return [
        Figure(f"RSS {after}", rss, "MB", control_rss, at_most=MAX_RSS_MB, ratio_at_most=1.0),
        Figure(f"RSS {after}, headless", memory[HEADLESS].rss_mb, "MB", control_rss, at_most=MAX_HEADLESS_RSS_MB),
        Figure(f"private memory {after}", memory[TRAY].private_mb, "MB", control_private),
        Figure(f"private memory {after}, headless", memory[HEADLESS].private_mb, "MB", control_private),
        Figure(
            "icon in the panel, after its start", started(TRAY, "registered_ms"), "ms", registered, at_most=MAX_READY_MS
        ),
        Figure("the pipe answers, after its start", started(TRAY, "answers_ms"), "ms", its_icon),
        Figure("the pipe answers, after its start, headless", started(HEADLESS, "answers_ms"), "ms", its_icon),
        Figure(f"wake-ups {idle_for}", wake_ups(TRAY), "a minute", idle_wake_ups, at_most=MAX_WAKE_UPS),
        Figure(f"wake-ups {idle_for}, headless", wake_ups(HEADLESS), "a minute", idle_wake_ups, at_most=MAX_WAKE_UPS),
        Figure(f"wake-ups {idle_for}, of the icon's threads", _of_the_icon(results), "in all", in_all, at_most=0),
        Figure(f"CPU {idle_for}", cpu_percent(TRAY), "%", idle_cpu, at_most=MAX_CPU_PERCENT),
        Figure(f"CPU {idle_for}, headless", cpu_percent(HEADLESS), "%", idle_cpu, at_most=MAX_CPU_PERCENT),
        *compared("an event in the menu", shown, CONTROL_NAME, control_shown, p99=MAX_SHOWN_MS),
        *compared(
            "an event in the menu, while it makes pages",
            results.shown_while_reporting_ms,
            "while it makes none",
            shown,
            p99=MAX_SHOWN_MS,
        ),
    ]


def _of_the_icon(results: Results) -> int:
    """Those of the main thread, which does nothing without an icon, and of the threads that only an icon needs."""
    threads = results.idle[TRAY]
    return threads[0].wake_ups + sum(thread.wake_ups for thread in threads[len(results.idle[HEADLESS]) :])


if __name__ == "__main__":
    sys.exit(main())
