"""The stand-up: two days as Markdown, in minutes that add up, with names that are no Markdown."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec
import pytest

from monitor_core.report import StreamNow
from monitor_core.turns import StreamState
from monitor_tray.printable import printable
from monitor_tray.render.standup import code, standup_markdown
from tests.tray.render import samples
from tests.tray.render.samples import HOSTILE, MONDAY, block, instant, report

if TYPE_CHECKING:
    from monitor_core.report import Report

SUNDAY, FRIDAY = MONDAY - dt.timedelta(1), MONDAY - dt.timedelta(3)
NOON = instant(MONDAY, "12:00")


def eve(day: dt.date = SUNDAY) -> Report:
    blocks = {"api": [block("09:00", "11:00", day=day), block("13:00", "13:10", day=day)]}
    return report({**blocks, "web": [block("10:30", "11:30", day=day)]}, first=day)


def today(*streams: tuple[str, StreamState]) -> Report:
    made = report({"api": [block("09:00", "09:45", running=True)]}, now=NOON)
    open_streams = tuple(StreamNow(f"s{n}", "", project, state, NOON) for n, (project, state) in enumerate(streams))
    return msgspec.structs.replace(made, open_streams=open_streams)


def test_yesterday_and_today_read_like_this() -> None:
    made = today(("api", StreamState.WORKING), ("docs", StreamState.BLOCKED))
    assert standup_markdown(eve(), made) == (
        "**Yesterday, Sunday, 22 November: 2 h 40 min**\n"
        "\n"
        "- `api`: 2 h 10 min in 2 blocks\n"
        "- `web`: 1 h 00 min in 1 block\n"
        "- counted once, because in parallel: −30 min\n"
        "\n"
        "**Today, Monday, 23 November: 45 min**\n"
        "\n"
        "- `api`: 45 min in 1 block, Claude is working\n"
        "- `docs`: Claude waits for an answer\n"
    )


def test_a_day_that_is_not_the_eve_is_not_called_yesterday() -> None:
    assert standup_markdown(eve(FRIDAY), today()).startswith("**Friday, 20 November: 2 h 40 min**\n")


def test_days_gone_by_are_called_by_their_date_alone() -> None:
    past = report({"api": [block("09:00", "09:45")]})
    text = standup_markdown(eve(), past)
    assert "**Sunday, 22 November: " in text
    assert "**Monday, 23 November: 45 min**" in text


def test_a_day_without_time_says_so() -> None:
    assert standup_markdown(None, report({}, now=NOON)) == "**Today, Monday, 23 November: nothing yet**\n"
    assert standup_markdown(None, samples.an_empty_day()) == "**Monday, 23 November: nothing**\n"


def test_less_than_a_minute_is_not_nothing() -> None:
    assert standup_markdown(None, samples.a_lone_stop()).endswith("- `api`: <1 min in 1 block\n")


@pytest.mark.parametrize(
    ("name", "span"),
    [
        ("my_project*", "`my_project*`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("a``b`", "``` a``b` ```"),
        ("[x](https://evil.example)", "`[x](https://evil.example)`"),
    ],
)
def test_a_name_is_a_code_span_in_which_nothing_is_markdown(name: str, span: str) -> None:
    assert code(name) == span


def test_a_hostile_name_stays_on_its_line() -> None:
    made = report({HOSTILE: [block("09:00", "10:00")]})
    assert f"- {code(printable(HOSTILE))}: 1 h 00 min in 1 block\n" in standup_markdown(None, made)
