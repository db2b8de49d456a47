"""`claude-monitor verify`: it finds what differs, says it in words, and mends it, with and without a running tray."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING

from monitor_core.wire import encode
from tests.tray.command_line import BERLIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.wire import WireEvent
    from tests.tray.command_line import CommandLine

TEN = 1_795_424_400_000  # 2026-11-23 10:00 in Berlin


def tamper(line: CommandLine) -> None:
    with contextlib.closing(sqlite3.connect(line.paths.database)) as database, database:
        database.execute("UPDATE work_block SET end_ms = end_ms + 60000")
        database.execute("DELETE FROM usage_window")


def test_books_that_are_right_are_said_to_be(
    monitor: CommandLine,
    turn: Callable[..., bytes],
) -> None:
    monitor.ok("replay", "-", stdin=turn())
    assert monitor.ok("verify") == "All is well: the books are what 2 events give.\n"
    assert json.loads(monitor.ok("verify", "--json")) == {"events": 2, "equal": True, "differences": []}


def test_without_events_there_is_nothing_that_the_books_could_lack(monitor: CommandLine) -> None:
    monitor.ok("pause")
    monitor.ok("resume")
    assert monitor.ok("verify") == "All is well: the books are what 0 events give.\n"
    monitor.ok("verify", "--repair")
    monitor.paths.config.write_text("idle_timeout_minutes = 10\n")
    assert monitor.ok("verify").startswith("All is well")


def test_what_differs_is_named_and_mended(monitor: CommandLine, wire: Callable[..., WireEvent]) -> None:
    monitor.paths.create()
    monitor.paths.config.write_text(BERLIN)
    monitor.ok("replay", "-", stdin=encode(wire(TEN, "UserPromptSubmit")) + encode(wire(TEN + 600_000, "Stop")))
    before = monitor.ok("today", "--json", "--date", "2026-11-23")
    tamper(monitor)
    found = monitor.run("verify")
    assert found.returncode == 1
    assert found.stdout.splitlines() == [
        "usage window 2026-11-23 10:00:00 – 2026-11-23 15:00:00: missing in the books",
        "work block 2026-11-23 10:00:00 – 2026-11-23 10:11:00 in /home/dev/projects/api: only in the books",
        "work block 2026-11-23 10:00:00 – 2026-11-23 10:10:00 in /home/dev/projects/api: missing in the books",
    ]
    assert "--repair` mends them" in found.stderr
    assert json.loads(monitor.run("verify", "--json").stdout)["equal"] is False
    monitor.ok("verify", "--repair")
    assert monitor.ok("verify").startswith("All is well")
    assert monitor.ok("today", "--json", "--date", "2026-11-23") == before


def test_a_wrong_wait_is_found(monitor: CommandLine, wire: Callable[..., WireEvent]) -> None:
    monitor.paths.create()
    monitor.paths.config.write_text(BERLIN)
    monitor.ok("replay", "-", stdin=encode(wire(TEN, "Stop")) + encode(wire(TEN + 600_000, "UserPromptSubmit")))
    with contextlib.closing(sqlite3.connect(monitor.paths.database)) as database, database:
        database.execute("UPDATE wait SET end_ms = end_ms - 60000")
    assert monitor.run("verify").stdout.splitlines() == [
        "wait of a session 2026-11-23 10:00:00 – 2026-11-23 10:09:00 in /home/dev/projects/api: only in the books",
        "wait of a session 2026-11-23 10:00:00 – 2026-11-23 10:10:00 in /home/dev/projects/api: missing in the books",
    ]


def test_a_wrong_count_of_events_is_found(monitor: CommandLine, turn: Callable[..., bytes]) -> None:
    monitor.ok("replay", "-", stdin=turn())
    with contextlib.closing(sqlite3.connect(monitor.paths.database)) as database, database:
        database.execute("UPDATE tally SET events = events + 1")
    found = monitor.run("verify")
    assert found.returncode == 1
    assert [line.partition(" 20")[0] for line in found.stdout.splitlines()] == ["number of events"] * 2


def test_a_running_tray_mends_its_books_itself(
    monitor: CommandLine,
    turn: Callable[..., bytes],
) -> None:
    monitor.ok("replay", "-", stdin=turn())
    tamper(monitor)
    monitor.start_tray()
    assert monitor.run("verify").returncode == 1
    assert monitor.ok("verify", "--repair").startswith("All is well")


def test_other_settings_are_told_from_wrong_books(
    monitor: CommandLine,
    turn: Callable[..., bytes],
) -> None:
    monitor.ok("replay", "-", stdin=turn())
    monitor.paths.config.write_text("idle_timeout_minutes = 10\n")
    assert "make them anew with `claude-monitor verify --repair`" in monitor.fails("verify")
    assert monitor.ok("verify", "--repair").startswith("All is well")


def test_without_a_database_there_is_nothing_to_verify(monitor: CommandLine) -> None:
    assert "there is no database" in monitor.fails("verify")
