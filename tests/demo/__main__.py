"""`make demo`: all of Claude Monitor at work in a throw-away home, in under a minute. Run from the project's folder."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from monitor_core.model import MINUTE_MS
from monitor_core.paths import Paths
from monitor_core.store import Store
from monitor_core.wire import Command, encode
from monitor_tray import pipe
from monitor_tray.clock import now_ms
from monitor_tray.install import hook_command
from monitor_tray.spool import Spool
from tests.recorded.day import recorded_day, zone_where_it_is_five
from tests.recorded.sessions import Step, as_wire, call_hook, load

#: Where the page stays for those who want to look at it afterwards.
REPORT = Path("build/demo/report.html")
LIVE_PROJECT = "/home/dev/projects/checkout"
#: The live session began this long ago; the rest of it happens before your eyes.
LIVE_BEGAN_MS = 7 * MINUTE_MS
PACE_S = 0.6


def main() -> None:
    hook = hook_command.find()
    if hook is None:
        sys.exit("claude-monitor-hook is not installed; run this as `make demo`, which installs it")
    folder = Path(tempfile.mkdtemp(prefix="claude-monitor-demo-"))
    os.environ["CLAUDE_MONITOR_HOME"] = str(folder)
    (folder / "config.toml").write_text(
        f'timezone = "{zone_where_it_is_five(dt.datetime.now(dt.UTC))}"\n', encoding="utf-8"
    )
    try:
        with contextlib.ExitStack() as running:
            show(Paths(folder), hook, running)
    finally:
        shutil.rmtree(folder)


def show(paths: Paths, hook: Path, running: contextlib.ExitStack) -> None:
    tray = start_tray(paths, running)
    begin_ms = now_ms() - LIVE_BEGAN_MS
    live = load("interactive-background-model-config", LIVE_PROJECT)

    say("A recorded day of real sessions is replayed")
    day, prompt = paths.home / "day.jsonl", paths.home / "prompt.jsonl"
    day.write_bytes(b"".join(map(encode, recorded_day(begin_ms))))
    claude_monitor("replay", str(day))
    claude_monitor("today")

    say(f"A session whose prompt is seven minutes old goes on live, through the {hook_command.kind(hook)} hook")
    prompt.write_bytes(b"".join(map(encode, as_wire(live[:2], begin_ms))))
    claude_monitor("replay", str(prompt))
    for step in live[2:8]:
        tell(hook, step, paths)
        time.sleep(PACE_S)
    claude_monitor("today")

    say("The tray is killed, and Claude Code goes on: the hook leaves its events in the spool")
    tray.kill()
    tray.wait()
    for step in live[8:12]:
        tell(hook, step, paths)
    waiting, before = Spool(paths).count(), stored(paths)
    print(f"  {waiting} events wait; the tray starts again …")
    start_tray(paths, running)
    while stored(paths) < before + waiting:
        time.sleep(0.05)
    print(f"  stored: {before} before, {stored(paths)} now; waiting: {Spool(paths).count()}\n")
    claude_monitor("status")

    say("The report")
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    claude_monitor("report", "daily", "--format", "html", "-o", str(REPORT))
    print(f"  {REPORT.resolve().as_uri()}\n\nThat was all of it. For real: make run")


def tell(hook: Path, step: Step, paths: Paths) -> None:
    """One event, as Claude Code would tell it, with what it cost."""
    began = time.perf_counter()
    call_hook([hook], step, paths.home)
    ms = (time.perf_counter() - began) * 1_000
    tool = step.payload.get("tool_name", "")
    print(f"  {step.payload['hook_event_name']:<18} {tool:<8} spawned and done in {ms:4.1f} ms", flush=True)


def start_tray(paths: Paths, running: contextlib.ExitStack) -> subprocess.Popen[bytes]:
    """A tray that answers; it is ended with ``running``."""
    tray = subprocess.Popen([sys.executable, "-m", "monitor_tray", "tray"], stderr=subprocess.DEVNULL)
    running.callback(tray.wait, 30)
    running.callback(tray.terminate)
    while tray.poll() is None:
        with contextlib.suppress(Exception):
            pipe.exchange(paths, [encode(Command("status"))], 1.0)
            return tray
        time.sleep(0.05)
    sys.exit("the tray did not start")


def stored(paths: Paths) -> int:
    with contextlib.closing(Store(paths.database)) as store:
        return store.summary()[0]


def claude_monitor(*words: str) -> None:
    print(f"$ claude-monitor {' '.join(Path(word).name if '/' in word else word for word in words)}", flush=True)
    subprocess.run([sys.executable, "-m", "monitor_tray", *words], check=True)
    print(flush=True)


def say(text: str) -> None:
    rule = "─" * min(len(text), shutil.get_terminal_size().columns)
    print(f"\n{text}\n{rule}", flush=True)


if __name__ == "__main__":
    main()
