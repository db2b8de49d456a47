"""The page as text: its policy, its escaping, its file. What a browser makes of it stands in tests/system."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import os
import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from monitor_core.errors import MonitorError
from monitor_core.summary import summarise
from monitor_tray.render.hints import NOTHING_IN_RANGE
from monitor_tray.render.html import KEPT, report_html, write_report
from monitor_tray.render.text import report_text, week_text
from tests.tray.render import samples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor_core.report import Report

ALL = [
    *(samples.a_day, samples.a_week, samples.a_month, samples.a_year, samples.an_empty_day, samples.a_lone_stop),
    *(samples.a_day_that_only_ended, samples.a_hostile_day, samples.a_crowded_day, samples.a_day_in_every_plane),
]
every_sample = pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.__name__)


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@every_sample
def test_the_policy_allows_nothing_but_the_pages_own_style_and_script(sample: Callable[[], Report]) -> None:
    page = report_html(sample())
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    allowed = " ".join(map(hashed, scripts)) or "'none'"
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    ends = "base-uri 'none'; form-action 'none'"
    assert policy == f"default-src 'none'; style-src {hashed(style)}; script-src {allowed}; {ends}"
    assert len(scripts) <= 1
    assert page.index("Content-Security-Policy") < page.index("<style>")


@every_sample
def test_there_is_no_handler_no_style_attribute_and_no_address_of_anything_else(sample: Callable[[], Report]) -> None:
    page = re.sub(r"<script>.*?</script>", "", report_html(sample()), flags=re.DOTALL)
    tags = re.findall(r"<[a-z][^>]*>", page)
    assert len(tags) > 20
    for tag in tags:
        assert not re.match(r"<(script|link|img|iframe|object|embed|form|base)\b", tag), tag
        assert not re.search(r"\s(style|on\w+|src)=", tag), tag
        assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', tag)), tag
        assert all(target in ("#hatch", "#dots") for target in re.findall(r"url\(([^)]*)\)", tag)), tag


def test_the_empty_page_says_what_to_do_next() -> None:
    assert NOTHING_IN_RANGE in report_html(samples.an_empty_day())
    assert "begin &lt;here&gt;" in report_html(samples.an_empty_day(), hint="begin <here>")
    assert NOTHING_IN_RANGE not in report_html(samples.a_day())


def test_what_claude_waited_stands_below_the_total_and_beside_each_project_that_it_waited_for() -> None:
    page = report_html(samples.a_day())
    assert "Claude waited for you <strong>2 h 13 m</strong>" in page
    assert re.findall(r">waited for you (\d[^<]*)<", page) == ["1 h 13 m", "1 h 11 m"]
    assert "waited for you <" not in report_html(samples.a_crowded_day())


def test_the_title_tells_the_total_and_the_day() -> None:
    assert "<title>6 h 03 m · Monday, 23 November 2026 · Claude Monitor</title>" in report_html(samples.a_day())
    assert "<title>Monday, 23 November 2026 · Claude Monitor</title>" in report_html(samples.an_empty_day())


@pytest.mark.parametrize(
    ("first", "last", "week_starts_on", "title"),
    [
        ("2026-01-01", "2026-12-31", 0, "2026"),
        ("2026-02-01", "2026-02-28", 0, "February 2026"),
        ("2027-02-01", "2027-02-28", 0, "February 2027"),
        ("2026-11-23", "2026-11-29", 0, "Week 48 · 23 – 29 November 2026"),
        ("2026-11-22", "2026-11-28", 6, "Week 48 · 22 – 28 November 2026"),
        ("2026-11-22", "2026-11-28", 0, "22 – 28 November 2026"),
        ("2026-11-01", "2026-11-29", 0, "1 – 29 November 2026"),
        ("2026-12-29", "2027-01-03", 0, "29 December 2026 – 3 January 2027"),
    ],
)
def test_whole_weeks_months_and_years_have_their_names_in_the_calendar(
    first: str, last: str, week_starts_on: int, title: str
) -> None:
    sample = samples.report({}, first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last))
    page = report_html(sample, week_starts_on=week_starts_on)
    assert f"<title>{title} · Claude Monitor</title>" in page
    assert re.findall(r"<h1>(.*?)</h1>", page, re.DOTALL) == [title]


@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_a_day_of_a_clock_change_is_a_page_like_any_other(day: dt.date) -> None:
    sample = samples.report({"api": [samples.block("00:10", "23:50", day=day)]}, first=day)
    page = report_html(sample)
    assert ("22 h 40 m" if day.month == 3 else "24 h 40 m") in page


def test_a_day_that_the_calendar_left_out_is_an_empty_page() -> None:
    skipped = samples.report({}, first=dt.date(2011, 12, 30), zone="Pacific/Apia")
    assert skipped.start_ms == skipped.end_ms
    assert "Friday, 30 December 2011" in report_html(skipped)


def test_a_report_is_written_for_its_owner_only_and_replaces_the_one_before(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "reports"
    first = write_report(samples.an_empty_day(), folder)
    second = write_report(samples.a_day(), folder)
    assert first == second == folder / "2026-11-23.html"
    assert second.read_text(encoding="utf-8") == report_html(samples.a_day())
    assert write_report(samples.a_week(), folder).name == "2026-11-23--2026-11-29.html"
    assert sorted(p.name for p in folder.iterdir()) == ["2026-11-23--2026-11-29.html", "2026-11-23.html"]
    if os.name == "posix":
        assert second.stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700


def test_the_newest_pages_are_kept_and_nothing_else_is_touched(tmp_path: Path) -> None:
    others = ["notes.html", "2026-11-23.txt", ".2026-11-23.html", "2026-11-23--API.html"]
    for name in others:
        (tmp_path / name).touch()
    first = dt.date(2025, 1, 1)
    for n in range(KEPT + 5):
        old = tmp_path / f"{first + dt.timedelta(n)}--2025-12-31--api.html"
        old.touch()
        os.utime(old, (1_000_000 + n, 1_000_000 + n))
    (tmp_path / "2025-01-01.html").mkdir()
    os.utime(tmp_path / "2025-01-01.html", (1, 1))
    written = write_report(samples.a_day(), tmp_path)
    left = sorted(path.name for path in tmp_path.glob("2025*--*"))
    assert left == [f"{first + dt.timedelta(n)}--2025-12-31--api.html" for n in range(6, KEPT + 5)]
    assert written.exists()
    assert all((tmp_path / name).exists() for name in others)


def test_no_line_ends_within_a_length_and_a_path_may_go_on_after_each_folder() -> None:
    page = report_html(samples.a_day(), insights=["Claude worked 3 h 06 min, 12 % in 20 waits."])
    assert "Claude worked 3\xa0h\xa006\xa0min, 12\xa0% in 20 waits." in page
    assert ">/<wbr>home/<wbr>dev/<wbr>projects/<wbr>api<" in page
    assert "/<wbr>&lt;" in report_html(samples.a_hostile_day())


def test_only_what_is_drawn_is_in_the_legend() -> None:
    assert 'url(#dots)"/></svg> Claude waited for you' in report_html(samples.a_day())
    assert "Claude waited for you" not in report_html(samples.a_crowded_day())


def test_insights_are_listed_as_text() -> None:
    page = report_html(samples.a_day(), insights=["You & <Claude>."])
    assert "<li>You &amp; &lt;Claude&gt;.</li>" in page
    assert "Insights" not in report_html(samples.a_day())


def test_a_report_that_cannot_be_written_is_one_sentence_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "2026-11-23.html").mkdir()
    with pytest.raises(MonitorError, match=r"cannot write the report .*2026-11-23\.html: .*; make"):
        write_report(samples.a_day(), tmp_path)
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith(".template-")] == ["2026-11-23.html"]
    (tmp_path / "file").touch()
    with pytest.raises(MonitorError, match="cannot write the report"):
        write_report(samples.a_day(), tmp_path / "file")


def test_every_name_on_the_page_can_be_encoded() -> None:
    assert "\ufffd" in report_html(samples.a_hostile_day()).encode().decode()


def test_days_of_a_week_that_goes_on_are_counted_in_the_words_of_the_text() -> None:
    saturday = samples.instant(samples.MONDAY + dt.timedelta(days=5), "12:00")
    made = msgspec.structs.replace(samples.a_week(), now_ms=saturday)
    words = "on 5 of 6 days so far"
    assert f'<p class="when">{words}</p>' in report_html(made)
    assert words in report_text(made, width=80, colour=False, unicode=True, hint="")
    assert words in week_text(made, summarise(made, made), width=80, colour=False, unicode=True, hint="")
