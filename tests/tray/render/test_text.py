"""The terminal text: what it says, that it fits, and that no name gets out of its cell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from monitor_tray.render.text import MAX_WIDTH, MIN_WIDTH, Look, report_text
from tests.tray.render import samples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor_core.report import Report

HINT = "Run “claude-monitor install” once, start “claude-monitor tray”, and work as always."
ALL = [
    *(samples.a_day, samples.a_week, samples.an_empty_day, samples.a_lone_stop),
    *(samples.a_day_that_only_ended, samples.a_hostile_day, samples.a_crowded_day),
]

A_DAY = """\
Monday, 23 November 2026
6 h 03 m · 09:58 – 18:32 · 2 h 30 m idle · still running

api            ████████████████████████████████████░░░░░░░░░░░░  3 h 56 m   60 %
website (oss)  ██████████████████░░░░░░                          1 h 56 m   29 %
データ分析     ██████░░                                              39 m   10 %
(no project)   █                                                      4 m    1 %
in parallel    counted once                                         −32 m
                                                                 6 h 03 m

██ Claude working 4 h 28 m · ░░ your attention 1 h 35 m
Claude waited for you 2 h 13 m
5-hour window 09:58 – 14:58 · 31 prompts
5-hour window until 21:20 · 12 prompts
"""


def plain(report: Report, width: int = 80, *, unicode: bool = True) -> str:
    return report_text(report, width=width, colour=False, unicode=unicode, hint=HINT)


def test_a_day_reads_like_this() -> None:
    assert plain(samples.a_day()) == A_DAY


def test_where_claude_did_not_wait_nothing_is_said_of_it() -> None:
    assert "waited" not in plain(samples.report({"api": [samples.block("10:00", "10:30")]}))


def test_a_week_shows_its_days_and_counts_its_windows() -> None:
    text = plain(samples.a_week())
    assert text.startswith("23 – 29 November 2026\n20 h 55 m · on 5 of 7 days\n")
    assert re.search(r"^Wed 25 Nov  ━+ +5 h 00 m$", text, re.MULTILINE)
    assert re.search(r"^Sat 28 Nov +0 m$", text, re.MULTILINE)
    assert "5 usage windows · 100 prompts\n" in text


def test_an_empty_day_says_what_to_do_next_and_nothing_else() -> None:
    assert plain(samples.an_empty_day(), 50) == (
        "Monday, 23 November 2026\n\n"
        "Run “claude-monitor install” once, start “claude-\nmonitor tray”, and work as always.\n"
    )
    assert HINT[:20] not in plain(samples.a_day())


def test_a_project_whose_session_only_ended_has_no_row() -> None:
    assert HINT[:20] in plain(samples.a_day_that_only_ended())
    text = plain(samples.report({"api": [samples.block("10:00", "10:30")], "quit": []}))
    assert "quit" not in text
    assert re.search("^api .* 30 m  100 %$", text, re.MULTILINE)


def test_a_lone_stop_is_shown_as_less_than_a_minute_and_without_a_bar() -> None:
    text = plain(samples.a_lone_stop())
    assert "<1 m · 10:00\n" in text
    assert re.search(r"^api +<1 m +0 %$", text, re.MULTILINE)


def test_an_end_on_another_day_names_that_day() -> None:
    late = samples.report({"api": [samples.block("20:10", "24:00")]}, windows=[samples.window("20:10", 1)])
    assert "20:10 – 00:00 (Tue)" in plain(late)
    assert "5-hour window 20:10 – 01:10 (Tue) · 1 prompt\n" in plain(late)


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.__name__)
@pytest.mark.parametrize("width", [1, 40, 41, 57, 80, 300])
@pytest.mark.parametrize("unicode", [True, False])
def test_no_line_is_longer_than_the_width(sample: Callable[[], Report], width: int, unicode: bool) -> None:
    lines = plain(sample(), width, unicode=unicode).splitlines()
    assert max(map(cell_len, lines)) <= min(max(width, MIN_WIDTH), MAX_WIDTH)
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.__name__)
def test_without_unicode_there_is_only_ascii_and_the_columns_still_align(sample: Callable[[], Report]) -> None:
    text = plain(sample(), unicode=False)
    assert text.isascii()
    assert len({line.rindex("%") for line in text.splitlines() if line.endswith("%")}) <= 1


def test_a_long_name_of_wide_characters_is_cut_between_them() -> None:
    text = plain(samples.report({"データ分析と可視化の実験": [samples.block("10:00", "10:30", "10:00-10:30")]}), 40)
    assert "\nデータ分析と…   ███████████  30 m" in text


def test_colour_adds_only_sgr_sequences() -> None:
    coloured = report_text(samples.a_hostile_day(), width=80, colour=True, unicode=True, hint="")
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain(samples.a_hostile_day())


def test_no_name_puts_a_control_character_into_the_text() -> None:
    text = plain(samples.a_hostile_day(), 300)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "</style><script>alert(1)</scr…  █" in text
    assert "[bold]x[/bold]" in plain(samples.report({"[bold]x[/bold]": [samples.block("10:00", "10:30")]}))


def test_a_pipe_is_plain_and_a_terminal_is_coloured_as_wide_as_it_is(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="utf-8") as file:
        assert Look.of(file, {}) == Look(width=MAX_WIDTH, colour=False, unicode=True)
    if os.name != "posix":
        pytest.skip("no pseudo-terminals here")
    import fcntl  # noqa: PLC0415  POSIX only
    import struct  # noqa: PLC0415
    import termios  # noqa: PLC0415

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 63, 0, 0))
    with os.fdopen(ours), os.fdopen(theirs, "w", encoding="cp1252") as terminal:
        assert Look.of(terminal, {"TERM": "xterm"}) == Look(width=63, colour=True, unicode=False)
        assert Look.of(terminal, {"COLUMNS": "51"}).width == 51
        assert not Look.of(terminal, {"NO_COLOR": "1"}).colour
        assert not Look.of(terminal, {"TERM": "dumb"}).colour
        assert Look.of(terminal, {"NO_COLOR": ""}).colour


def test_force_color_colours_a_pipe_and_no_color_has_the_last_word(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="ascii") as file:
        assert Look.of(file, {"FORCE_COLOR": "1"}).colour
        assert not Look.of(file, {"FORCE_COLOR": "0"}).colour
        assert not Look.of(file, {"FORCE_COLOR": "1", "NO_COLOR": "1"}).colour
        assert not Look.of(file, {}).unicode


def test_the_environment_of_the_process_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "JUPYTER_COLUMNS", "COLUMNS", "TTY_COMPATIBLE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("TERM", "dumb")
    assert plain(samples.a_day()) == A_DAY
    assert "\x1b[1m" in report_text(samples.a_day(), width=80, colour=True, unicode=True, hint="")


def test_importing_the_renderers_imports_neither_rich_nor_jinja() -> None:
    modules = "monitor_tray.render.text, monitor_tray.render.html, monitor_tray.render.json"
    code = f"import sys, {modules}; print(sorted({{'rich', 'jinja2'}} & set(sys.modules)))"
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
