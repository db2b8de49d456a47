"""`claude-monitor health`: all is well, or what is wrong and what to do, with the exit status that says which."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from monitor_core.wire import encode
from monitor_tray.clock import now_ms
from tests.tray.command_line import CommandLine, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor_core.wire import WireEvent


def examined(monitor: CommandLine, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(monitor.run("health", "--json", *words).stdout)
    return found


@pytest.fixture
def connected(monitor: CommandLine) -> CommandLine:
    monitor.ok("install", "--no-autostart")
    return monitor


@pytest.fixture
def healthy(connected: CommandLine, wire: Callable[..., WireEvent]) -> CommandLine:
    """A tray that has heard a hundred hooks, each of half a millisecond but the last, which took two."""
    connected.start_tray()
    at = now_ms() - 60_000
    events = [wire(at + k, "PreToolUse", took_us=2_000 if k == 99 else 500) for k in range(100)]
    connected.ok("replay", "-", stdin=b"".join(map(encode, events)))
    wait_until(lambda: examined(connected)["database"].get("books") == "up to date")
    return connected


def test_where_all_is_well_it_says_so_on_one_screen(healthy: CommandLine) -> None:
    shown = healthy.ok("health")
    assert shown.splitlines()[0].split(maxsplit=1) == ["Health", "all is well"]
    assert len(shown.splitlines()) <= 24
    assert max(map(len, shown.splitlines())) <= 120
    for word in ("Tray", "Hook", "Answers", "Last event", "Spool", "Database", "Caches", "Versions"):
        assert f"\n{word}" in shown


def test_the_hooks_of_the_last_day_are_told_by_median_and_99th_percentile(healthy: CommandLine) -> None:
    times = examined(healthy)["hook"]["last_day"]
    assert times == {"events": 100, "p50_ms": 0.5, "p99_ms": pytest.approx(0.515)}


def test_hooks_of_the_day_before_are_not_in_it(connected: CommandLine, wire: Callable[..., WireEvent]) -> None:
    connected.ok("replay", "-", stdin=encode(wire(now_ms() - 25 * 3_600_000, took_us=9_000_000)))
    assert examined(connected)["hook"]["last_day"] is None


def test_slow_hooks_are_a_problem(connected: CommandLine, wire: Callable[..., WireEvent]) -> None:
    at = now_ms() - 60_000
    connected.ok("replay", "-", stdin=b"".join(encode(wire(at + k, took_us=12_000)) for k in range(100)))
    assert "took more than 12.0 ms" in " ".join(examined(connected)["problems"])
    assert connected.run("health").returncode == 1


def test_few_hooks_of_which_one_was_slow_are_no_problem(connected: CommandLine, wire: Callable[..., WireEvent]) -> None:
    connected.start_tray()
    at = now_ms() - 60_000
    connected.ok("replay", "-", stdin=b"".join(encode(wire(at + k, took_us=1_000 + 30_000 * k)) for k in range(2)))
    found = examined(connected)
    assert found["hook"]["last_day"]["p99_ms"] > 30
    assert found["problems"] == []


def test_without_a_tray_the_exit_status_is_1_and_it_says_how_to_start_one(connected: CommandLine) -> None:
    done = connected.run("health")
    assert done.returncode == 1
    assert done.stdout.startswith("Problem")
    assert "not running: claude-monitor tray" in done.stdout


def test_what_is_not_connected_is_a_problem(monitor: CommandLine) -> None:
    monitor.start_tray()
    assert examined(monitor)["problems"] == ["Claude Code is not connected; run: claude-monitor install"]


def test_settings_that_cannot_be_read_are_one_problem(monitor: CommandLine, tmp_path: Path) -> None:
    monitor.start_tray()
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_text("{,}")
    (problem,) = examined(monitor)["problems"]
    assert "settings.json, line 1, column 2" in problem


def test_a_hook_that_claude_code_cannot_find_is_a_problem(healthy: CommandLine, tmp_path: Path) -> None:
    settings = tmp_path / ".claude" / "settings.json"
    settings.write_text(re.sub(r'"command": "[^"]*"', '"command": "/gone/claude-monitor-hook"', settings.read_text()))
    (problem,) = examined(healthy)["problems"]
    assert problem.startswith("Claude Code is to run /gone/claude-monitor-hook")
    assert healthy.run("status").returncode == 1


def test_a_database_that_was_taken_from_under_the_tray_is_a_problem(healthy: CommandLine, tmp_path: Path) -> None:
    def is_told() -> bool:
        # Again where the tray has just looked, and made a new one.
        for file in healthy.paths.home.glob("monitor.db*"):
            file.rename(tmp_path / file.name)
        done = healthy.run("health")
        return done.returncode == 1 and "\nDatabase" not in done.stdout and gone in done.stdout

    gone = f"the database {healthy.paths.database} is gone while the tray runs"
    wait_until(is_told)


def test_settings_of_ours_that_are_bad_are_told_once(healthy: CommandLine) -> None:
    healthy.paths.config.write_text("idle_timeout = 1\n")
    wait_until(lambda: len(json.loads(healthy.run("status", "--json").stdout)["trouble"]) > 0)
    wait_until(lambda: "idle_timeout" in str(json.loads(healthy.run("status", "--json").stdout)["tray"]["trouble"]))
    assert len(json.loads(healthy.run("status", "--json").stdout)["trouble"]) == 1


def test_events_that_are_stuck_in_the_spool_are_a_problem(healthy: CommandLine) -> None:
    """What is no event moves to ``bad``; where that is no folder, it cannot."""
    healthy.paths.spool_bad.rmdir()
    healthy.paths.spool_bad.touch()
    (healthy.paths.spool_new / f"{now_ms() - 600_000}-x.json").write_text("no event")
    stuck = f"events have been waiting in the spool for 10 min; see {healthy.paths.logs / 'tray.log'}"
    assert stuck in examined(healthy)["problems"]


def test_a_file_that_is_no_database_is_a_problem_with_a_way_out(connected: CommandLine) -> None:
    connected.paths.create()
    connected.paths.database.write_bytes(b"this is no database, and never was one" * 100)
    problems = " ".join(examined(connected)["problems"])
    assert str(connected.paths.database) in problems


def test_thorough_finds_a_page_that_was_overwritten(healthy: CommandLine) -> None:
    healthy.close()
    assert examined(healthy, "--thorough")["database"]["check"] == "ok"
    # Everything is in the database when the tray has ended; what is left of the log would be read in its place.
    for left in healthy.paths.home.glob("monitor.db-*"):
        left.unlink()
    with healthy.paths.database.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        # Behind the schema: every page but the first.
        file.seek(4_096)
        file.write(b"\xff" * (size - 4_096))
    problems = " ".join(examined(healthy, "--thorough")["problems"])
    assert "damaged" in problems
    assert "move" in problems
