"""The terminal texts of weeks, months and long ranges: what they say, that it adds up, and that it fits."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from monitor_core.model import HOUR_MS, Block
from monitor_core.periods import month_of
from monitor_core.summary import summarise
from monitor_tray.render.text import MAX_WIDTH, MIN_WIDTH, month_text, report_text, week_text
from tests.tray.render import samples
from tests.tray.render.samples import MONDAY, block, instant, report, window

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.report import Report

DAY = dt.timedelta(days=1)
HINT = "Start the tray."

A_WEEK = """\
Week 48 · 23 – 29 November 2026
20 h 55 m · on 5 of 7 days
4 h 11 m per day worked · 2 h 59 m per day
+14 h 55 m (+249 %) against 16 – 22 November

             Mon 23  Tue 24  Wed 25  Thu 26  Fri 27  Sat 28  Sun 29   Total
api            3:30    3:30    3:30    3:30    3:30       –       –   17:30
website           –       –    1:30    1:15    1:20       –       –    4:05
in parallel       –       –       –       –   −0:40       –       –   −0:40
Total          3:30    3:30    5:00    4:45    4:10       –       –   20:55

██ Claude working 11 h 20 m · ░░ your attention 9 h 35 m
Claude waited for you 4 h 00 m
5 usage windows · 100 prompts
Mon 23  09:10 – 14:10 (20 prompts)
Tue 24  09:10 – 14:10 (20 prompts)
Wed 25  09:10 – 14:10 (20 prompts)
Thu 26  09:10 – 14:10 (20 prompts)
Fri 27  09:10 – 14:10 (20 prompts)
"""

A_MONTH = """\
November 2026
14 h 00 m · on 5 of 25 days so far · still running
2 h 48 m per day worked · 33 m per day
+6 h 00 m (+75 %) against 1 – 25 October up to 12:30

Mon     Tue     Wed     Thu     Fri     Sat     Sun
                                                 1          W44

 2 ████  3 ▓▓▓▓  4       5       6       7       8          W45
   4:00    3:00                                            7:00
 9      10      11      12      13      14      15          W46

16      17      18      19      20      21      22          W47

23 ░░░░ 24 ▓▓▓▓ 25 ████ 26      27      28      29          W48
   1:00    2:30    3:30                                    7:00
30                                                          W49

░▒▓█ quarters of the best day · Mon  2 Nov, 4 h 00 m
current streak 3 days, the longest

api          ███████████████████████████████████████████░░░░░░  12 h 00 m   80 %
website      ██████████░░                                        3 h 00 m   20 %
in parallel  counted once                                       −1 h 00 m
                                                                14 h 00 m

██ Claude working 12 h 30 m · ░░ your attention 1 h 30 m
1 usage window · 7 prompts
"""


def week_before() -> Report:
    return report({"api": [block("09:00", "15:00", day=MONDAY - 7 * DAY)]}, first=MONDAY - 7 * DAY, last=MONDAY - DAY)


def november() -> Report:
    """Running on Wednesday the 25th at 12:30."""
    day = dt.date(2026, 11, 1)
    return report(
        {
            "api": [
                block("09:00", "13:00", "09:00-13:00", day=day + DAY),
                block("09:00", "12:00", "09:00-12:00", day=day + 2 * DAY),
                block("10:00", "11:00", day=day + 22 * DAY),
                block("10:00", "12:30", "10:00-12:30", day=day + 23 * DAY),
                block("09:00", "10:30", "09:00-10:00", day=day + 24 * DAY, running=True),
            ],
            "website": [block("09:30", "12:30", "09:30-12:00", day=day + 24 * DAY)],
        },
        first=day,
        last=month_of(day).last,
        now=instant(day + 24 * DAY, "12:30"),
        windows=[window("09:00", 7, day + DAY)],
    )


def october(now: int) -> Report:
    first = dt.date(2026, 10, 1)
    days = [
        block("09:00", "15:00", day=first),
        block("10:30", "14:00", day=first + 24 * DAY),  # on the 25th an hour came twice
        block("09:00", "15:00", day=first + 25 * DAY),
    ]
    return report({"api": days}, first=first, last=month_of(first).last, now=now)


def a_week(width: int = 80, *, unicode: bool = True, sample: Report | None = None, of: str = "") -> str:
    made = sample or samples.a_week()
    return week_text(made, summarise(made, week_before()), width=width, colour=False, unicode=unicode, hint=HINT, of=of)


def a_month(width: int = 80, *, unicode: bool = True, week_starts_on: int = 0, colour: bool = False) -> str:
    made = november()
    summary = summarise(made, october(made.now_ms))
    return month_text(
        made, summary, width=width, colour=colour, unicode=unicode, hint=HINT, week_starts_on=week_starts_on
    )


def test_a_week_reads_like_this() -> None:
    assert a_week() == A_WEEK


def test_a_month_reads_like_this() -> None:
    assert a_month() == A_MONTH


@pytest.mark.parametrize("make", [a_week, a_month])
@pytest.mark.parametrize("width", [1, 40, 41, 63, 64, 67, 68, 72, 80, 300])
def test_no_line_is_longer_than_the_width_in_ascii_or_not(make: Callable[..., str], width: int) -> None:
    for unicode in (True, False):
        text = make(width, unicode=unicode)
        lines = text.splitlines()
        assert max(map(cell_len, lines)) <= min(max(width, MIN_WIDTH), MAX_WIDTH)
        assert all(line == line.rstrip() for line in lines)
        assert unicode or text.isascii()


def test_a_narrow_week_is_a_list_of_projects_and_of_days() -> None:
    text = a_week(40)
    assert re.search(r"^api +█+░+ +17 h 30 m   81 %$", text, re.MULTILINE)
    assert re.search(r"^Wed 25 Nov  ━+ +5 h 00 m$", text, re.MULTILINE)
    assert "Mon 23  09:10 – 14:10 · 20 prompts\n" in text


def test_a_narrow_month_shows_its_weeks_below_the_calendar() -> None:
    text = a_month(40)
    assert "\n23░░ 24▓▓ 25██ 26   27   28   29\n" in text
    assert re.search(r"^W45  ━+ +7 h 00 m$", text, re.MULTILINE)


def test_the_calendar_begins_with_the_day_that_weeks_start_on() -> None:
    text = a_month(week_starts_on=6)
    assert "\nSun     Mon     Tue     Wed     Thu     Fri     Sat\n" in text
    assert "\n 1       2 ████  3 ▓▓▓▓  4 " in text


def test_the_shades_are_quarters_of_the_best_day() -> None:
    day = dt.date(2026, 11, 2)
    ends = ("09:01", "10:00", "10:01", "11:00", "12:00", "13:00")  # the best has four hours
    blocks = [block("09:00", end, day=day + n * DAY) for n, end in enumerate(ends)]
    made = report({"api": blocks}, first=day - DAY, last=month_of(day).last)
    text = month_text(made, summarise(made, made), width=80, colour=False, unicode=True, hint="")
    assert " 2 ░░░░  3 ░░░░  4 ▒▒▒▒  5 ▒▒▒▒  6 ▓▓▓▓  7 ████" in text


def test_a_calendar_in_colour_marks_today_and_says_the_same() -> None:
    coloured = a_month(colour=True)
    assert "\x1b[1;4m25\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == A_MONTH


def test_the_text_of_one_project_names_it_and_says_that_windows_are_of_all() -> None:
    text = a_week(of="website")
    assert text.startswith("Week 48 · 23 – 29 November 2026 · website\n")
    assert "5 usage windows · 100 prompts · of all projects\n" in text
    hostile = a_week(of=samples.HOSTILE)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", hostile)


def test_a_week_without_time_says_what_to_do_and_nothing_else() -> None:
    empty = report({}, last=MONDAY + 6 * DAY)
    assert a_week(sample=empty) == f"Week 48 · 23 – 29 November 2026\n\n{HINT}\n"


@pytest.mark.parametrize(
    ("hours", "line"),
    [(6, "as much as on 16 – 22 November"), (5, "−1 h 00 m (−17 %) against 16 – 22 November")],
)
def test_less_has_a_minus_and_the_same_has_no_figures(hours: int, line: str) -> None:
    sample = report({"api": [block("09:00", f"{9 + hours}:00")]}, last=MONDAY + 6 * DAY)
    assert f"\n{line}\n" in a_week(sample=sample)


def test_where_the_week_before_had_no_time_there_is_nothing_to_compare_with() -> None:
    made = samples.a_week()
    nothing = report({}, first=MONDAY - 7 * DAY, last=MONDAY - DAY)
    text = week_text(made, summarise(made, nothing), width=80, colour=False, unicode=True, hint="")
    assert "\nno time to compare with on 16 – 22 November\n" in text


def minutes(shown: str) -> int:
    hours, rest = shown.removeprefix("−").split(":")
    return (-1 if shown.startswith("−") else 1) * (60 * int(hours) + int(rest))


@st.composite
def weeks(draw: st.DrawFn) -> Report:
    blocks: dict[str, list[Block]] = {}
    for name in draw(st.lists(st.sampled_from("abcde"), min_size=2, unique=True)):
        edges = sorted(draw(st.lists(st.integers(0, 7 * 24 * HOUR_MS), min_size=2, max_size=24, unique=True)))
        start = instant(MONDAY, "00:00")
        blocks[name] = [
            Block(start_ms=start + a, end_ms=start + b) for a, b in zip(edges[::2], edges[1::2], strict=False)
        ]
    return report(blocks, last=MONDAY + 6 * DAY)


@given(weeks())
def test_the_table_of_a_week_adds_up_in_both_directions(sample: Report) -> None:
    rows = [
        [0 if cell == "–" else minutes(cell) for cell in line.split()[-8:]]
        for line in a_week(sample=sample).splitlines()
        if re.search(r"\d:\d\d$", line)
    ]
    *parts, total = rows
    assert all(sum(row[:-1]) == row[-1] for row in rows)
    assert [sum(column) for column in zip(*parts, strict=True)] == total
    assert total[-1] == sample.total_ms // 60_000


@pytest.mark.parametrize(
    ("count", "label", "rows"),
    [(62, "Mon 23 Nov", 62), (63, "2026-W48", 9), (190, "2026-W48", 28), (191, "Nov 2026", 8)],
)
def test_very_many_days_are_shown_by_week_and_more_by_month(count: int, label: str, rows: int) -> None:
    made = report({"api": [block("09:00", "12:40")]}, last=MONDAY + (count - 1) * DAY)
    text = report_text(made, width=80, colour=False, unicode=True, hint="")
    assert re.search(rf"^{label}  ━+ +3 h 40 m$", text, re.MULTILINE)
    listed = [line for line in text.split("\n\n")[2].splitlines() if line.endswith(" m")]
    assert len(listed) == rows
