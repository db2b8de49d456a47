"""Weeks, months and ranges on the command line, each command in a process of its own with a home of its own."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from monitor_core.wire import encode
from tests.tray.command_line import BERLIN, CommandLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.wire import WireEvent

MINUTE_MS = 60_000
API, WEB = "/home/dev/projects/api", "/home/dev/projects/web"


@pytest.fixture
def monitor(tmp_path: Path, wire: Callable[..., WireEvent]) -> Iterator[CommandLine]:
    """A home in which two projects were worked on in the weeks before and after Monday, 2 March 2026."""
    line = CommandLine(tmp_path)
    line.paths.create()
    line.paths.config.write_text(BERLIN)
    turns = [
        ("2026-02-24T10:00", 40, API),
        ("2026-02-28T23:50", 20, API),
        ("2026-03-02T10:00", 60, API),
        ("2026-03-02T10:30", 45, WEB),
        ("2026-03-04T14:00", 90, WEB),
        ("2026-03-31T09:00", 30, API),
    ]
    lines = []
    for number, (start, length, cwd) in enumerate(turns):
        begin = round(dt.datetime.fromisoformat(start).replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000)
        for at, kind in ((begin, "UserPromptSubmit"), (begin + length * MINUTE_MS, "Stop")):
            lines.append(encode(wire(at, kind, session_id=f"s{number}", cwd=cwd)))
    line.ok("replay", "-", stdin=b"".join(lines))
    yield line
    line.close()


def total(monitor: CommandLine, *words: str) -> int:
    """Minutes."""
    made = json.loads(monitor.ok(*words))["total_ms"]
    assert isinstance(made, int)
    return made // MINUTE_MS


def test_a_week_shows_days_by_projects_against_the_week_before(monitor: CommandLine) -> None:
    text = monitor.ok("week", "--date", "2026-W10", COLUMNS="80")
    assert text.startswith("Week 10 · 2 – 8 March 2026\n2 h 45 m · on 2 of 7 days\n")
    assert "\n+1 h 45 m (+175 %) against 23 February – 1 March\n" in text
    assert re.search(r"^in parallel +−0:30 +– +– +– +– +– +– +−0:30$", text, re.MULTILINE)
    assert re.search(r"^Total +1:15 +– +1:30 +– +– +– +– +2:45$", text, re.MULTILINE)
    assert "Wed  4  14:00 – 19:00 (1 prompt)\n" in text


def test_a_month_shows_its_calendar_best_day_and_streak(monitor: CommandLine) -> None:
    text = monitor.ok("month", "--date", "march 2026", COLUMNS="80")
    assert text.startswith("March 2026\n3 h 25 m · on 4 of 31 days\n")
    assert "quarters of the best day · Wed  4 Mar, 1 h 30 m\n" in text
    assert "longest streak 3 days, 28 February – 2 March" in text
    assert "%) against 1 – 28 February\n" in text


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        (("today", "--date", "2 mar 2026"), 75),
        (("week", "--date", "2026-03-05"), 165),
        (("month", "--date", "2026-03-05"), 205),
        (("month", "--date", "2026-W10"), 205),
        (("today", "--date", "2026-03-02", "--project", "web"), 45),
        (("week", "--date", "2026-W10", "--project", "A"), 60),
        (("month", "--date", "2026-03", "--project", API), 100),
    ],
)
def test_the_glances_take_any_words_and_one_project(monitor: CommandLine, words: tuple[str, ...], minutes: int) -> None:
    assert total(monitor, *words, "--json") == minutes


@pytest.mark.parametrize(
    ("words", "days", "minutes"),
    [
        (("daily", "--date", "2026-03-02"), 1, 75),
        (("weekly", "--date", "2026-W10"), 7, 165),
        (("monthly", "--date", "feb 2026"), 28, 50),
        (("range", "--from", "2026-03-02", "--to", "2026-03-04"), 3, 165),
        (("range", "--from", "2026-02", "--to", "2026-W10"), 36, 225),
        (("range", "--date", "2026-02-28..2026-03-02"), 3, 95),
        (("range", "--date", "2026"), 365, 255),
    ],
)
def test_every_range_has_the_same_shape_as_json(
    monitor: CommandLine, words: tuple[str, ...], days: int, minutes: int
) -> None:
    made = json.loads(monitor.ok("report", *words, "--format", "json"))
    assert (made["version"], len(made["days"])) == (1, days)
    assert made["total_ms"] == sum(day["total_ms"] for day in made["days"]) == minutes * MINUTE_MS


def test_a_week_starts_on_the_day_that_the_settings_say(monitor: CommandLine) -> None:
    monitor.paths.config.write_text(BERLIN + 'week_starts_on = "sunday"\n')
    made = json.loads(monitor.ok("week", "--date", "2026-03-01", "--json"))
    assert made["range"]["from"] == "2026-03-01"
    assert made["range"]["to"] == "2026-03-07"


def test_another_zone_relabels_the_days_and_changes_no_total(monitor: CommandLine) -> None:
    words = ("report", "range", "--from", "2026-02-20", "--to", "2026-04-05", "--format", "json")
    home = json.loads(monitor.ok(*words))
    monitor.paths.config.write_text('timezone = "Pacific/Auckland"\n')
    abroad = json.loads(monitor.ok(*words))
    assert home["total_ms"] == abroad["total_ms"] == 255 * MINUTE_MS
    assert home["days"] != abroad["days"]


def test_csv_is_for_spreadsheets_and_adds_up(monitor: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "week.csv"
    monitor.ok("report", "weekly", "--date", "2026-W10", "--format", "csv", "-o", str(file))
    rows = list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))
    assert [(row["date"], row["project"], row["h:mm"]) for row in rows] == [
        ("2026-03-02", "api", "1:00"),
        ("2026-03-02", "web", "0:45"),
        ("2026-03-02", "in parallel", "-0:30"),
        ("2026-03-04", "web", "1:30"),
    ]
    assert sum(float(row["hours"]) for row in rows) == 2.75


def test_the_page_of_a_week_and_of_one_project_are_two_files(monitor: CommandLine, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    words = ("report", "weekly", "--date", "2026-W10", "--format", "html", "--open")
    pages = [monitor.ok(*words, *more, BROWSER=f"{browser} %s").strip() for more in ((), ("--project", "web"))]
    assert pages[0].endswith("/2026-03-02--2026-03-08.html")
    assert pages[1].endswith("/2026-03-02--2026-03-08--web.html")


def test_json_of_one_project_names_it_and_has_no_agent_time(monitor: CommandLine) -> None:
    made = json.loads(monitor.ok("report", "weekly", "--date", "2026-W10", "--project", "web", "--format", "json"))
    assert made["project"] == {"name": "web", "path": WEB}
    assert (made["agent_ms"], made["parallel_ms"], made["total_ms"]) == (None, 0, 135 * MINUTE_MS)
    assert len(made["windows"]) == 2


def test_a_time_without_anything_says_what_to_do(monitor: CommandLine) -> None:
    assert "Nothing was recorded" in monitor.ok("week", "--date", "2020-W01")
    assert "Nothing was recorded for web in this time" in monitor.ok("week", "--date", "2026-W09", "--project", "web")
    assert "These days are yet to come" in monitor.ok("month", "--date", "9998-12")
    assert "This day is yet to come" in monitor.ok("today", "--date", "9998-12-31")


def test_a_day_on_which_claude_only_waited_says_how_long(monitor: CommandLine) -> None:
    # The turn of the evening before was over at 0:10, so this one is awaited from 0:15 on.
    monitor.paths.config.write_text(BERLIN + 'day_starts_at = "00:15"\n')
    day = ("--date", "2026-03-01")
    made = json.loads(monitor.ok("today", *day, "--json"))
    assert (made["total_ms"], made["waiting_ms"]) == (0, 55 * MINUTE_MS)
    for words in (("today",), ("today", "--project", "api"), ("why",), ("why", "--project", "api")):
        text = monitor.ok(*words, *day)
        assert "No work was recorded. Claude waited for you 55 m." in text
        assert "Nothing was recorded" not in text
    assert "Nothing was recorded" in monitor.ok("why", *day, "--project", "web")
    rows = monitor.ok("report", "daily", *day, "--format", "csv").splitlines()[1:]
    assert rows == [f'2026-03-01,"api","{API}",0.0000,0:00,0.0000,0:00,0.0000,0:00,0,0.9166,0:55']


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("today", "--date", "last week"), "this report is of one day; use “claude-monitor week --date 'last week'”"),
        (("report", "daily", "--date", "2026-03"), "use “claude-monitor month --date 2026-03”"),
        (("week", "--date", "2026"), "'2026' is a year (1 January – 31 December 2026)"),
        (("month", "--date", "2026-W09"), "is in two months; give one of 2026-02 and 2026-03"),
        (("week", "--date", "lst week"), "did you mean last week"),
        (("report", "range", "--from", "octobr"), "did you mean october?"),
        (("report", "range", "--from", "2026-03-02", "--to", "2026-03-01"), "runs backwards"),
        (("report", "range", "--from", "1970", "--to", "2026"), "are more days than one report has, which is 3660"),
        (("week", "--project", "wbe"), "there is no project 'wbe'; did you mean web?"),
        (("week", "--project", ""), "there is no project ''; there are api, web"),
    ],
)
def test_what_is_not_understood_is_refused_with_what_would_be(
    monitor: CommandLine, words: tuple[str, ...], message: str
) -> None:
    assert message in monitor.fails(*words)


def test_a_zone_that_does_not_exist_is_refused_with_the_nearest(monitor: CommandLine) -> None:
    monitor.paths.config.write_text('timezone = "Europe/Berln"\n')
    assert "did you mean Europe/Berlin" in monitor.fails("week")


@pytest.mark.parametrize(
    "words",
    [
        ("report", "range"),
        ("report", "range", "--to", "today"),
        ("report", "range", "--date", "2026", "--from", "today"),
        ("report", "weekly", "--open"),
        ("report", "weekly", "--format", "pdf"),
        ("week", "last week"),
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(monitor: CommandLine, words: tuple[str, ...]) -> None:
    assert "Error: " in monitor.fails(*words, status=2)


@pytest.mark.parametrize("command", [("report", "range"), ("timesheet",)])
def test_an_end_alone_says_that_the_first_day_is_missing(monitor: CommandLine, command: tuple[str, ...]) -> None:
    assert "Error: --from is missing" in monitor.fails(*command, "--to", "2026-03-01", status=2)
