"""Claude Monitor as a person has it on a `Desktop`: the tray as a process, the installed hook, the commands."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor_core.wire import encode
from monitor_tray.clock import now_ms
from monitor_tray.install import hook_command
from tests.recorded.day import zone_where_it_is_five
from tests.recorded.sessions import Step, as_wire, call_hook
from tests.system.panel import until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.system.panel import Desktop


class Product:
    """Claude Monitor on a desktop."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        self.home = Path(desktop.environment["CLAUDE_MONITOR_HOME"])
        self.home.mkdir(mode=0o700)
        zone = zone_where_it_is_five(dt.datetime.now(dt.UTC))
        (self.home / "config.toml").write_text(f'timezone = "{zone}"\n')
        self.opened = desktop.home / "opened"
        browser = desktop.home / "browser"
        browser.write_text(f'#!/bin/sh\necho "$1" >> {self.opened}\n')
        browser.chmod(0o755)
        self.environment = {"BROWSER": f"{browser} %s", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        found = hook_command.find()
        assert found is not None, "claude-monitor-hook is not installed; run the tests through make test"
        self.hook = found
        self.sent: list[Step] = []

    def start(self, *options: str) -> subprocess.Popen[str]:
        return self.desktop.start_program(sys.executable, "-m", "monitor_tray", "tray", *options, **self.environment)

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "monitor_tray", *words],
            env={**self.desktop.environment, **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def replay(self, steps: Sequence[Step], ago_ms: int) -> None:
        file = self.desktop.home / "begun.jsonl"
        file.write_bytes(b"".join(map(encode, as_wire(steps, now_ms() - ago_ms))))
        self.run("replay", str(file))
        self.sent += steps

    def feed(self, steps: Sequence[Step]) -> None:
        for step in steps:
            call_hook([self.hook], step, self.home)
        self.sent += steps

    def labels(self) -> list[str]:
        shown = self.desktop.probe("show")
        return [entry["label"] for entry in shown["menu"] if entry.get("visible", True) and entry.get("label")]

    def wait_for_menu(self, *wanted: str) -> None:
        until(lambda: set(wanted) <= set(self.labels()), f"the menu does not show {wanted}: it shows {self.labels()}")

    def stored(self) -> Counter[tuple[Any, ...]]:
        with contextlib.closing(
            sqlite3.connect(f"{(self.home / 'monitor.db').as_uri()}?mode=ro", uri=True)
        ) as database:
            rows = database.execute(
                "SELECT kind, session_id, tool_use_id FROM event JOIN stream ON stream.id = stream_id"
            )
            return Counter(rows.fetchall())

    def expected(self) -> Counter[tuple[Any, ...]]:
        payloads = [step.payload for step in self.sent]
        return Counter((p["hook_event_name"], p["session_id"], p.get("tool_use_id")) for p in payloads)
