"""The product as a person has it: the tray in a real panel, the installed hook, a browser, recorded sessions."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from monitor_core.model import MINUTE_MS
from monitor_core.wire import encode
from monitor_tray.install import hook_command
from monitor_tray.today import now_ms
from tests.recorded.day import zone_where_it_is_five
from tests.recorded.sessions import Step, as_wire, call_hook, load, names
from tests.system.browser import Browser
from tests.system.panel import Desktop, running_desktop, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]


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


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    with running_desktop(tmp_path / "desktop") as desktop:
        desktop.start_panel()
        yield Product(desktop)


def test_recorded_sessions_become_minutes_in_the_menu_and_a_page_in_the_browser(product: Product) -> None:
    product.start()
    product.desktop.wait_for_items(1)
    product.wait_for_menu("Today  0 m", "No work yet today")

    api = load("headless-all-tools", "/home/dev/projects/api")
    web = load("interactive-background-model-config", "/home/dev/projects/web")
    interrupted = load("interactive-interrupt-queue-question", "/home/dev/projects/docs")
    for steps, ago_min in ((api, 25), (web, 12), (interrupted, 14)):
        product.replay(steps[:2], ago_ms=ago_min * MINUTE_MS)
        product.feed(steps[2:])

    # The third session's first turn was interrupted with Esc, which no event tells: nothing proves more than 5 minutes.
    wanted = {"api": 25, "web": 12, "docs": 5}
    product.wait_for_menu("Today  25 m")
    assert product.labels()[1].startswith("Idle since ")
    report = json.loads(product.run("today", "--json"))
    assert {p["name"]: p["active_ms"] // MINUTE_MS for p in report["projects"]} == wanted
    assert product.stored() == product.expected()
    # Shown minutes add up to the shown total, so that one of them may be rounded up.
    shown = {name: int(time.split()[0]) for name, time in (label.split("  ") for label in product.labels()[2:5])}
    assert all(shown[name] - minutes in (0, 1) for name, minutes in wanted.items())

    product.desktop.probe("activate")
    until(product.opened.exists, "no report was opened")
    page = Path(product.opened.read_text().strip().removeprefix("file://"))
    assert page.parent == product.home / "reports"
    assert page.stat().st_mode & 0o777 == 0o600
    with Browser() as browser:
        rendered = browser.open(page)
        text = rendered.evaluate("document.body.innerText")
        assert all(word in text for word in ("api", "web", "docs", "25 m", "12 m"))
        assert rendered.messages == []

    table = product.run("today")
    assert "api" in table
    assert "25 m" in table


def test_turn_that_is_going_on_is_told_in_words(product: Product) -> None:
    product.start()
    product.desktop.wait_for_items(1)
    begun = load("interactive-background-model-config", "/home/dev/projects/api")[:2]
    assert begun[-1].payload["hook_event_name"] == "UserPromptSubmit"

    product.replay(begun, ago_ms=4 * MINUTE_MS)

    product.wait_for_menu("Claude working in api for 4 min", "api  4 m", "Goal  4 m of 8 h, 0 %")
    assert any(re.fullmatch(r"Usage window until \d\d:\d\d · 1 prompt", label) for label in product.labels())


def test_events_of_a_killed_tray_are_spooled_and_counted_once(product: Product) -> None:
    tray = product.start()
    product.desktop.wait_for_items(1)
    steps = load("headless-three-at-once", "/home/dev/projects/api")
    third = len(steps) // 3

    product.replay(steps[:3], ago_ms=40 * MINUTE_MS)
    product.feed(steps[3:third])
    tray.kill()
    tray.wait()
    product.feed(steps[third : 2 * third])
    assert len(list((product.home / "spool/new").iterdir())) >= third
    product.start()
    product.feed(steps[2 * third :])

    until(lambda: not list((product.home / "spool/new").iterdir()), "the spool was not drained")
    until(lambda: product.stored() == product.expected(), "not every event is stored exactly once")
    product.wait_for_menu("api  40 m")


def test_every_recorded_session_goes_through_without_loss(product: Product) -> None:
    product.start("--headless")
    until((product.home / "hook.sock").exists, "the tray did not open its pipe")
    for name in names():
        product.feed(load(name))
    until(lambda: sum(product.stored().values()) == len(product.sent), "events are missing")
    assert product.stored() == product.expected()
    assert list((product.home / "spool/bad").iterdir()) == []


def test_quitting_from_the_menu_ends_the_process_and_the_pipe(product: Product) -> None:
    tray = product.start()
    product.desktop.wait_for_items(1)
    product.desktop.probe("click", "Quit")
    assert tray.wait(30) == 0
    assert not (product.home / "hook.sock").exists()
    assert "not running" in product.run("status")


def test_a_second_start_opens_the_report_in_the_first(product: Product) -> None:
    product.start()
    product.desktop.wait_for_items(1)
    second = product.start()
    assert second.wait(30) == 0
    until(product.opened.exists, "no report was opened")
    assert len(product.desktop.items()) == 1


@pytest.mark.parametrize("number", [15, 2])
def test_a_signal_ends_the_tray_with_everything_accepted_committed(product: Product, number: int) -> None:
    tray = product.start()
    product.desktop.wait_for_items(1)
    product.feed(load("headless-parallel-agents"))
    tray.send_signal(number)
    assert tray.wait(30) == 0
    waiting = len(list((product.home / "spool/new").iterdir()))
    assert sum(product.stored().values()) + waiting >= len(product.sent)
