"""The pages that the tray has made, by the process that makes them."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor_core.books import Books
from monitor_core.config import Config
from monitor_core.errors import MonitorError
from monitor_core.ingest import Ingest
from monitor_core.periods import Kind
from monitor_core.projects import Surroundings
from monitor_core.standing import rules_of
from monitor_core.store import WritableStore
from monitor_tray import page_maker
from monitor_tray.clock import now_ms
from monitor_tray.metrics import Metrics
from monitor_tray.page_orders import Order
from monitor_tray.pages import Pages
from tests.system.panel import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor_core.paths import Paths
    from monitor_core.wire import WireEvent

MINUTE_MS = 60_000


class Desk:
    """A store with half an hour of today for each of two projects, and pages of it."""

    def __init__(self, paths: Paths, wire: Callable[..., WireEvent]) -> None:
        self.paths = paths
        self.metrics = Metrics()
        self.pages = Pages(paths, self.metrics)
        self._store = WritableStore(paths.database, paths.backups, 0)
        self._ingest = Ingest(self._store, Surroundings(home="/home/dev"))
        self._wire = wire
        self.work("api")
        self.work("web")

    def work(self, project: str) -> None:
        now = now_ms()
        events = [
            self._wire(at, kind, session_id=project, cwd=f"/home/dev/{project}")
            for at, kind in ((now - 2_000, "UserPromptSubmit"), (now - 1_000, "Stop"))
        ]
        self._ingest.take(events)
        Books(self._store, rules_of(Config())).catch_up_entirely(now)

    def makers(self) -> list[int]:
        """The processes that make pages for this test."""
        found = []
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if b"monitor_tray.page_maker" in words and str(self.paths.home).encode() in words:
                    found.append(int(folder.name))
        return found

    def close(self) -> None:
        self.pages.close()
        self._store.close()


@pytest.fixture
def desk(paths: Paths, wire: Callable[..., WireEvent]) -> Iterator[Desk]:
    found = Desk(paths, wire)
    yield found
    found.close()


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What it was asked to open, a line each."""
    opened = tmp_path / "opened"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    script.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{script} %s")
    return opened


def test_pages_of_a_day_a_week_and_a_project_are_opened(desk: Desk, browser: Path) -> None:
    desk.pages.open_day()
    desk.pages.open_period(Kind.WEEK)
    desk.pages.open_project("/home/dev/api")
    day, week, project = (Path(line.removeprefix("file://")) for line in browser.read_text().splitlines())
    assert re.fullmatch(r"[0-9-]{10}\.html", day.name)
    assert re.fullmatch(r"[0-9-]{22}\.html", week.name)
    assert project.name == f"{day.stem}--api.html"
    assert "web" in day.read_text()
    assert "web" not in project.read_text().partition("<main")[2]


def test_one_process_makes_them_all_and_each_has_what_came_before_it(desk: Desk) -> None:
    desk.pages.write(Order(Kind.YEAR))
    (maker,) = desk.makers()
    desk.work("brand-new")
    assert "brand-new" in desk.pages.write(Order(Kind.YEAR)).read_text()
    assert desk.makers() == [maker]


@pytest.mark.skipif(os.name != "posix", reason="niceness")
def test_it_is_less_urgent_than_a_hook(desk: Desk) -> None:
    desk.pages.write(Order())
    (maker,) = desk.makers()
    assert os.getpriority(os.PRIO_PROCESS, maker) == os.getpriority(os.PRIO_PROCESS, 0) + 5


def test_what_it_reads_and_finds_is_counted_with_the_trays(desk: Desk) -> None:
    def counted() -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
        return (
            {name: sum(observed.counts) for name, observed in desk.metrics.queries().items()},
            {name: (tries.hits, tries.misses) for name, tries in desk.metrics.caches().items()},
        )

    desk.pages.write(Order(Kind.YEAR))
    queries, tries = counted()
    assert tries == {"settled_parts": (0, 1), "settled_sums": (0, 1)}
    desk.pages.write(Order(Kind.YEAR))
    again, tries = counted()
    assert tries == {"settled_parts": (1, 1), "settled_sums": (1, 1)}
    assert again["Store.journal"] == 2 * queries["Store.journal"] > 0


def test_after_a_while_without_an_order_it_ends(desk: Desk) -> None:
    for orders in (0, 1):
        process = started(desk, "0.5")
        for _ in range(orders):
            tell(process, "{}")
        assert process.wait(10) == 0
        process.communicate()


def test_it_ends_with_the_tray_however_that_ended(desk: Desk) -> None:
    program = (
        "import os, sys; from pathlib import Path; from monitor_core.paths import Paths;"
        "from monitor_tray.pages import Pages; from monitor_tray.page_orders import Order;"
        "Pages(Paths(Path(sys.argv[1]))).write(Order()); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", program, desk.paths.home], check=False)
    assert ended.returncode == -signal.SIGKILL
    until(lambda: not desk.makers(), "it goes on without its tray")


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_control_c_is_for_the_tray_alone(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    desk.pages.write(Order())
    (maker,) = desk.makers()
    os.kill(maker, signal.SIGINT)
    assert desk.pages.write(Order()).exists()
    assert desk.makers() == [maker]
    assert capfd.readouterr() == ("", "")


def test_one_that_was_killed_is_started_again(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.pages.write(Order())
    (maker,) = desk.makers()
    os.kill(maker, signal.SIGKILL)
    assert desk.pages.write(Order()).exists()
    assert desk.makers() != [maker]
    assert caplog.text == ""


def test_one_that_has_ended_is_taken_leave_of(desk: Desk) -> None:
    desk.pages.write(Order())
    (maker,) = desk.makers()
    desk.pages.clear_away()
    assert desk.makers() == [maker]
    os.kill(maker, signal.SIGKILL)

    def is_taken_leave_of() -> bool:
        desk.pages.clear_away()
        return not Path(f"/proc/{maker}").exists()

    until(is_taken_leave_of, "it is still there")


def test_at_the_end_none_is_left_and_none_is_started(desk: Desk) -> None:
    desk.pages.write(Order())
    (maker,) = desk.makers()
    desk.pages.close()
    assert not Path(f"/proc/{maker}").exists()
    with pytest.raises(MonitorError, match="ending"):
        desk.pages.write(Order())
    assert desk.makers() == []


def test_where_there_is_nothing_to_read_it_is_said(
    paths: Paths, browser: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paths.database.write_bytes(b"no database, and longer than its head would be" * 100)
    with contextlib.closing(Pages(paths)) as pages:
        pages.open_day()
    assert "cannot make the report: " in caplog.text
    assert "move the file away" in caplog.text
    assert not browser.exists()


def test_what_it_logs_is_logged_by_the_tray(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.paths.config.write_text("idle_timeout = 5")  # which it knows nothing of
    with caplog.at_level(logging.INFO):
        desk.pages.write(Order())
    (record,) = [record for record in caplog.records if record.name == "monitor_tray.settings"]
    assert record.levelno == logging.ERROR
    assert "going on with the last good settings" in record.getMessage()


def test_modules_of_the_folder_that_it_is_started_in_are_not_for_it(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a project"
    folder.mkdir()
    (folder / "msgspec.py").write_text("raise SystemExit('somebody else')")
    monkeypatch.chdir(folder)
    assert desk.pages.write(Order()).exists()


def test_where_it_breaks_over_a_page_the_next_can_be_asked_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    maker = page_maker.PageMaker(desk.paths)
    monkeypatch.setattr("monitor_tray.render.html.write_report", lambda *_, **__: 1 / 0)
    made = maker.make(Order())
    assert made.error == "ZeroDivisionError('division by zero')"
    assert "Traceback" in made.said[0].message
    monkeypatch.undo()
    assert maker.make(Order()).error == ""


def started(desk: Desk, seconds: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "monitor_tray.page_maker", str(desk.paths.home), seconds]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def tell(process: subprocess.Popen[bytes], line: str) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()
    assert Path(json.loads(process.stdout.readline())["page"]).exists()
