"""`--insights` on the command line, each command in a process of its own with a home of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from monitor_core.wire import encode
from tests.tray.command_line import BERLIN, CommandLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.wire import WireEvent

M = 60_000
#: 10:00 in Berlin on Monday, 2 March 2026.
TEN = 1_772_442_000_000
DATE = ("--date", "2026-03-02")


@pytest.fixture
def monitor(tmp_path: Path, wire: Callable[..., WireEvent]) -> Iterator[CommandLine]:
    """A home with a turn of 80 minutes, in which a command ran for ten."""
    line = CommandLine(tmp_path)
    line.paths.create()
    line.paths.config.write_text(BERLIN)
    told = [
        wire(TEN, "UserPromptSubmit"),
        wire(TEN + 10 * M, "PreToolUse", tool_name="Bash", tool_use_id="1"),
        wire(TEN + 20 * M, "PostToolUse", tool_name="Bash", tool_use_id="1", duration_ms=10 * M),
        wire(TEN + 80 * M, "Stop"),
    ]
    line.ok("replay", "-", stdin=b"".join(map(encode, told)))
    yield line
    line.close()


def test_they_stand_below_the_text_and_the_text_is_as_it_was(monitor: CommandLine) -> None:
    plain = monitor.ok("report", "daily", *DATE)
    text = monitor.ok("report", "daily", *DATE, "--insights")
    assert text == plain + (
        "\nInsights\n"
        "Focus score 100 of 100; deep work: 1 h 20 min of 1 h 20 min in 1 block.\n"
        "Claude worked 1 h 20 min: tools 10 min (shell commands 10 min), thinking 1 h 10 min.\n"
        "1 flow session with 1 h 20 min of deep work, Monday, 2 March, 10:00 – 11:20.\n"
    )


@pytest.mark.parametrize(
    "words", [("weekly", "--date", "2026-W10"), ("monthly", "--date", "2026-03"), ("range", "--date", "2026")]
)
def test_every_range_has_them(monitor: CommandLine, words: tuple[str, ...]) -> None:
    assert "\nInsights\nFocus score 100 of 100" in monitor.ok("report", *words, "--insights")


def test_the_json_has_analytics_when_asked_and_else_not(monitor: CommandLine) -> None:
    plain = json.loads(monitor.ok("report", "daily", *DATE, "--format", "json"))
    made = json.loads(monitor.ok("report", "daily", *DATE, "--format", "json", "--insights"))
    analytics = made.pop("analytics")
    assert made == plain
    assert analytics["claude"]["command_ms"] == 10 * M
    assert [insight["kind"] for insight in analytics["insights"]] == ["focus", "tools", "flow"]


def test_they_are_of_the_one_project_that_is_asked_for_and_can_be_written(monitor: CommandLine, tmp_path: Path) -> None:
    name = json.loads(monitor.ok("report", "daily", *DATE, "--format", "json"))["projects"][0]["name"]
    file = tmp_path / "day.txt"
    monitor.ok("report", "daily", *DATE, "--project", name, "--insights", "-o", str(file))
    assert "Focus score 100 of 100" in file.read_text(encoding="utf-8")


def test_a_day_without_time_has_none(monitor: CommandLine) -> None:
    assert "Insights" not in monitor.ok("report", "daily", "--date", "2026-03-03", "--insights")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--format", "csv"), "--insights are for text, JSON and pages"),
        (("--why", "10:15"), "leave out -o, --open and --insights"),
    ],
)
def test_what_they_are_not_for_is_refused(monitor: CommandLine, words: tuple[str, ...], message: str) -> None:
    assert message in monitor.fails("report", "daily", *DATE, "--insights", *words, status=2)


def test_they_stand_on_the_page_too(monitor: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "day.html"
    monitor.ok("report", "daily", *DATE, "--format", "html", "-o", str(file))
    assert "Focus score" not in file.read_text(encoding="utf-8")
    monitor.ok("report", "daily", *DATE, "--format", "html", "--insights", "-o", str(file))
    assert "Focus score" in file.read_text(encoding="utf-8")
