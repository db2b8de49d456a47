"""Spreadsheets, calendars, timesheets and stand-ups on the command line, each in a process and a home of its own."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import icalendar
import jsonschema
import pytest

from monitor_core.wire import encode
from tests.tray.command_line import BERLIN, MINUTE_MS, CommandLine
from tests.tray.render.spreadsheets import pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor_core.wire import WireEvent

API, WEB = "/home/dev/projects/api", "/home/dev/projects/web"
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/report.schema.json").read_text(encoding="utf-8"))
RATES = f"""
[timesheet]
currency = "CHF"
[timesheet.clients]
"{API}" = "Acme"
"by hand/Calls" = "Acme"
[timesheet.rates]
"{API}/" = 95.5
"by hand/Calls" = 120
"""


@pytest.fixture
def monitor(tmp_path: Path, wire: Callable[..., WireEvent]) -> Iterator[CommandLine]:
    """Friday, 27 February: api 0:40, over midnight 0:20. Monday, 2 March: api 1:00, web 0:45, half an hour at once."""
    line = CommandLine(tmp_path)
    line.paths.create()
    line.paths.config.write_text(BERLIN)
    turns = [
        ("2026-02-27T10:00", 40, API),
        ("2026-02-28T23:50", 20, API),
        ("2026-03-02T10:00", 60, API),
        ("2026-03-02T10:30", 45, WEB),
    ]
    lines = []
    for number, (start, length, cwd) in enumerate(turns):
        begin = round(dt.datetime.fromisoformat(start).replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000)
        for at, kind in ((begin, "UserPromptSubmit"), (begin + length * MINUTE_MS, "Stop")):
            lines.append(encode(wire(at, kind, session_id=f"s{number}", cwd=cwd)))
    line.ok("replay", "-", stdin=b"".join(lines))
    yield line
    line.close()


def sheet(monitor: CommandLine, *words: str) -> Any:
    return json.loads(monitor.ok("timesheet", "--date", "2026-W10", *words, "--format", "json"))


@pytest.mark.parametrize("words", [("daily", "--date", "2026-03-02"), ("weekly", "--date", "2026-W10")])
def test_a_report_is_written_as_a_spreadsheet(monitor: CommandLine, tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "hours.xlsx"
    assert monitor.run("report", *words, "--format", "xlsx", "-o", str(file)).stderr == f"Written: {file}\n"
    days = pages(file.read_bytes())["Days"]
    assert days.values[-1] == ("Total", *(dt.timedelta(minutes=minutes) for minutes in (60, 45, 30, 75)))
    days.check_formulas()


def test_a_report_is_written_as_a_calendar(monitor: CommandLine) -> None:
    words = ("report", "range", "--from", "2026-02-28", "--to", "2026-03-02", "--format", "ics")
    calendar = icalendar.Calendar.from_ical(monitor.ok(*words))
    found = [(str(event["summary"]), f"{event.start:%d %H:%M}", f"{event.end:%d %H:%M}") for event in calendar.events]
    # In UTC, an hour before Berlin. The block over midnight is one event of each day.
    assert found == [
        ("api", "28 22:50", "28 23:00"),
        ("api", "28 23:00", "28 23:10"),
        ("api", "02 09:00", "02 10:00"),
        ("web", "02 09:30", "02 10:15"),
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("today", "--json"),
        ("today", "--date", "2026-03-02", "--json"),
        ("week", "--date", "2026-W10", "--json"),
        ("week", "--date", "2026-W10", "--project", "web", "--json"),
        ("month", "--date", "2026-03", "--json"),
        ("report", "range", "--date", "2026", "--format", "json"),
    ],
)
def test_what_the_commands_write_as_json_is_as_the_schema_says(monitor: CommandLine, words: tuple[str, ...]) -> None:
    monitor.ok("pause")
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(monitor.ok(*words)))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
@pytest.mark.parametrize("command", [("report", "daily"), ("timesheet",)])
def test_a_spreadsheet_is_refused_to_a_terminal_and_not_to_a_program(
    monitor: CommandLine, command: tuple[str, ...]
) -> None:
    ours, terminal = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "monitor_tray", *command, "--format", "xlsx"],
            env=monitor.environment,
            stdout=terminal,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    finally:
        os.close(terminal)
        os.close(ours)
    assert done.returncode == 2
    assert b"xlsx is not for a terminal: add -o FILE" in done.stderr
    to_a_program = subprocess.run(
        [sys.executable, "-m", "monitor_tray", *command, "--format", "xlsx"],
        env=monitor.environment,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert to_a_program.stdout.startswith(b"PK")


def test_without_the_package_it_fails_with_one_sentence(monitor: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "xlsxwriter.py").write_text("raise ImportError")
    monitor.environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), monitor.environment["PYTHONPATH"]])
    message = monitor.fails("report", "daily", "--format", "xlsx")
    assert message.startswith("claude-monitor: xlsx needs XlsxWriter, which is not installed")
    assert "uv tool install 'claude-monitor-tray[xlsx]'" in message


def test_a_timesheet_bills_by_the_settings(monitor: CommandLine) -> None:
    monitor.ok("edit", "add", "--project", "Calls", "--new", "--date", "2026-03-03", "--from", "9:00", "--to", "9:25")
    monitor.paths.config.write_text(BERLIN + RATES)
    made = sheet(monitor)
    # api 1:00 at 95.50, Calls 0:25, to the nearest 0:30, at 120; web 0:45 has neither client nor rate
    assert [(row["client"], row["project"], row["hours"], row["amount"]) for row in made["rows"]] == [
        ("Acme", "api", "1.00", "95.50"),
        ("Acme", "Calls", "0.50", "60.00"),
        (None, "web", "0.75", None),
    ]
    assert made["total"] == {"minutes": 135, "hours": "2.25", "amount": "155.50", "unrated_minutes": 45}
    assert made["terms"]["currency"] == "CHF"


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ((), [60, 45]),
        (("--round", "1h"), [60, 60]),
        (("--round", "6m", "--rounding", "down"), [60, 42]),
        (("--no-parallel",), [60, 15]),
        (("--count", "attention"), []),
        (("--per", "total", "--round", "20m", "--rounding", "up"), [60, 60]),
        (("--project", "web"), [45]),
    ],
)
def test_options_change_what_counts_and_how_it_is_rounded(
    monitor: CommandLine, words: tuple[str, ...], minutes: list[int]
) -> None:
    assert [row["minutes"] for row in sheet(monitor, *words)["rows"]] == minutes


def test_the_settings_are_the_terms_where_no_option_says_others(monitor: CommandLine) -> None:
    monitor.paths.config.write_text(BERLIN + '[timesheet]\nround_minutes = 30\nrounding = "up"\n')
    assert [row["minutes"] for row in sheet(monitor)["rows"]] == [60, 60]
    assert [row["minutes"] for row in sheet(monitor, "--rounding", "down")["rows"]] == [60, 30]


def test_a_timesheet_is_of_this_month_or_of_any_days(monitor: CommandLine) -> None:
    today = dt.datetime.now(ZoneInfo("Europe/Berlin")).date()
    made = json.loads(monitor.ok("timesheet", "--format", "json"))
    assert made["range"]["from"] == today.replace(day=1).isoformat()
    made = json.loads(monitor.ok("timesheet", "--from", "2026-02-27", "--to", "2026-03-01", "--format", "json"))
    assert [(row["from"], row["minutes"]) for row in made["rows"]] == [
        ("2026-02-27", 45),
        ("2026-02-28", 15),
        ("2026-03-01", 15),
    ]


def test_a_timesheet_is_written_to_a_file_in_every_form(monitor: CommandLine, tmp_path: Path) -> None:
    for form in ("text", "json", "csv", "xlsx"):
        file = tmp_path / f"hours.{form}"
        words = ("timesheet", "--date", "2026-W10", "--format", form, "-o", str(file))
        assert monitor.run(*words).stderr == f"Written: {file}\n"
    assert "Total                      1:45   1.75\n" in (tmp_path / "hours.text").read_text(encoding="utf-8")
    (api, web) = csv.DictReader(io.StringIO((tmp_path / "hours.csv").read_bytes().decode("utf-8-sig"), newline=""))
    assert (api["hours"], web["hours"]) == ("1.00", "0.75")
    pages((tmp_path / "hours.xlsx").read_bytes())["Timesheet"].check_formulas()


def test_a_stand_up_is_of_the_last_day_with_time_and_of_the_day(monitor: CommandLine) -> None:
    assert monitor.ok("standup", "--date", "2026-03-02") == (
        "**Sunday, 1 March: 10 min**\n"
        "\n"
        "- `api`: 10 min in 1 block\n"
        "\n"
        "**Monday, 2 March: 1 h 15 min**\n"
        "\n"
        "- `api`: 1 h 00 min in 1 block\n"
        "- `web`: 45 min in 1 block\n"
        "- counted once, because in parallel: −30 min\n"
    )
    assert monitor.ok("standup", "--date", "2026-03-06").startswith("**Monday, 2 March: 1 h 15 min**\n")
    assert monitor.ok("standup", "--date", "1970-01-01") == "**Thursday, 1 January: nothing**\n"
    assert monitor.ok("standup", "--date", "2026-05-01") == "**Friday, 1 May: nothing**\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("timesheet", "--round", "7m"), "cannot round to '7m', which is no part of an hour; give one of 1m, 2m, 3m"),
        (("timesheet", "--round", "2h"), "cannot round to '2h'"),
        (("timesheet", "--round", "15"), "did you mean 15m?"),
        (("timesheet", "--date", "lst week"), "did you mean last week"),
        (("timesheet", "--project", "wbe"), "there is no project 'wbe'; did you mean web?"),
        (("timesheet", "-o", "/nowhere/x"), "cannot write /nowhere/x: No such file or directory; choose another file"),
        (("standup", "--date", "last week"), "this report is of one day"),
    ],
)
def test_what_is_not_understood_is_refused_with_what_would_be(
    monitor: CommandLine, words: tuple[str, ...], message: str
) -> None:
    assert message in monitor.fails(*words)


@pytest.mark.parametrize(
    "words",
    [
        ("--date", "2026", "--from", "today"),
        ("--to", "today"),
        ("--rounding", "sideways"),
        ("--per", "hour"),
        ("--count", "idle"),
        ("--format", "html"),
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(monitor: CommandLine, words: tuple[str, ...]) -> None:
    assert "Error: " in monitor.fails("timesheet", *words, status=2)


@pytest.mark.parametrize("command", ["timesheet", "standup"])
def test_help_has_examples(monitor: CommandLine, command: str) -> None:
    assert f"\n    claude-monitor {command}\n" in monitor.ok(command, "--help")
