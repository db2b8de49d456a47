"""The drawings of the page: what is computed for them, by examples that were calculated by hand."""

from __future__ import annotations

import datetime as dt
import functools
import random
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from monitor_core.model import HOUR_MS, MINUTE_MS, Block, Interval
from monitor_tray.render.charts.day import MOST_BLOCKS
from monitor_tray.render.charts.hours import hour_map, hours_table
from monitor_tray.render.charts.levels import level
from monitor_tray.render.charts.merging import merged
from monitor_tray.render.charts.trend import Column, means_ms, trend_chart
from monitor_tray.render.filtering import DIGITS, data, written
from monitor_tray.render.html import report_html
from monitor_tray.render.markup import tag
from tests.tray.render import samples
from tests.tray.render.samples import MONDAY, block, report

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.report import Report


class TestMarkup:
    def test_everything_is_escaped_but_markup(self) -> None:
        made = tag("b", "<i>", Markup("<u></u>"), title='"&', data_x=3, class_="a", lang=None)
        assert made == '<b title="&#34;&amp;" data-x="3" class="a">&lt;i&gt;<u></u></b>'
        assert tag("rect", x=1) == '<rect x="1"/>'


class TestLevels:
    def test_a_level_is_the_quarter_of_the_most_that_is_reached(self) -> None:
        assert [level(ms, 400) for ms in (0, 1, 100, 101, 200, 300, 301, 400)] == [0, 1, 1, 2, 2, 3, 4, 4]
        assert level(0, 0) == 0


class TestMerging:
    def test_stretches_that_are_too_near_to_be_told_apart_become_one(self) -> None:
        apart = [(0, 10), (14, 20), (26, 30)]
        assert merged(apart, 0) == apart
        assert merged(apart, 5) == [(0, 20), (26, 30)]
        assert merged(apart, 7) == [(0, 30)]

    def test_a_day_of_ten_thousand_blocks_is_drawn_in_fewer_and_says_so(self) -> None:
        page = report_html(samples.a_day_of_ten_thousand_blocks())
        assert page.count('class="attention outlined"') - 1 <= MOST_BLOCKS  # one is in the legend
        assert "are drawn as one" in page
        assert "The first 500 of 10001; " in page
        assert len(page.encode()) < 300_000
        assert "are drawn as one" not in report_html(samples.a_crowded_day())


class TestHours:
    def test_each_hour_has_what_the_total_has_in_it(self) -> None:
        # Monday 09:40 to 11:15 and, overlapping, 11:00 to 11:30; Sunday 23:50 over the end of the report's week
        sunday = MONDAY + dt.timedelta(6)
        found = hour_map(
            report(
                {"a": [block("09:40", "11:15"), block("23:50", "24:00", day=sunday)], "b": [block("11:00", "11:30")]},
                last=sunday,
            )
        )
        minutes = {
            (day, hour): ms // MINUTE_MS for day, row in enumerate(found.cells) for hour, ms in enumerate(row) if ms
        }
        assert minutes == {(0, 9): 20, (0, 10): 60, (0, 11): 30, (6, 23): 10}

    @pytest.mark.parametrize(
        ("day", "hours"), [(dt.date(2026, 3, 29), {1: 60, 3: 60}), (dt.date(2026, 10, 25), {1: 60, 2: 120, 3: 60})]
    )
    def test_an_hour_that_comes_twice_has_both_and_one_that_is_left_out_has_none(
        self, day: dt.date, hours: dict[int, int]
    ) -> None:
        found = hour_map(report({"a": [block("01:00", "04:00", day=day)]}, first=day))
        assert {hour: ms // MINUTE_MS for hour, ms in enumerate(found.cells[6]) if ms} == hours

    @pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"])
    def test_all_hours_together_are_the_total(self, zone: str) -> None:
        first = dt.date(2026, 4, 1)
        days = [first + dt.timedelta(n) for n in range(9)]
        sample = report(
            {"a": [block("00:20", "23:10", day=day, zone=zone) for day in days]}, first=first, last=days[-1], zone=zone
        )
        assert sum(map(sum, hour_map(sample).cells)) == sample.total_ms

    def test_the_table_has_the_weekdays_in_the_order_of_the_settings(self) -> None:
        table = hours_table(hour_map(samples.a_week()), 6)
        assert re.findall(r'title="(\w+)"', table)[:2] == ["Sunday", "Monday"]
        assert table.count("<tr>") == 1 + 9  # 09 to 13, 22 to 01


class TestTrend:
    def test_a_mean_begins_where_there_are_enough_columns_and_ends_with_today(self) -> None:
        columns = [Column("", ms) for ms in (3, 0, 6, 9, None)]
        assert means_ms(columns, 3) == [None, None, 3, 5, None]

    def test_the_scale_has_at_most_four_steps_and_reaches_the_most(self) -> None:
        for hours in (1, 3, 7, 15, 24, 90, 600):
            labels = re.findall(r">(\d+) h<", trend_chart([Column("", hours * HOUR_MS)], 7))
            assert 1 <= len(labels) <= 4
            assert int(labels[-1]) >= hours

    def test_at_most_four_marks_stand_below_it_and_none_where_it_would_stick_out(self) -> None:
        columns = [Column("", HOUR_MS, f"w{n // 7}" if n % 7 == 0 else "") for n in range(62)]
        assert re.findall(r">(w\d)<", trend_chart(columns, 7)) == ["w0", "w2", "w4", "w6"]

    @pytest.mark.parametrize(
        ("sample", "marks"),
        [
            (samples.a_month, ["2 Nov", "9 Nov", "16 Nov", "23 Nov"]),
            (samples.a_year, ["Jan 2026", "Apr 2026", "Jul 2026", "Oct 2026"]),
            (samples.ten_years, ["Jan 2017", "Jan 2020", "Jan 2023"]),
        ],
    )
    def test_the_trend_is_marked_by_weeks_months_or_years(self, sample: Callable[[], Report], marks: list[str]) -> None:
        (drawing,) = re.findall(r'<div class="trend".*?</div>', report_html(sample()), re.DOTALL)
        assert [text for text in re.findall(r">([^<>]+)</text>", drawing) if not text.endswith(" h")] == marks


def read(text: str) -> int:
    return functools.reduce(lambda number, digit: number * len(DIGITS) + DIGITS.index(digit), text, 0)


class TestFilterData:
    def test_blocks_are_told_as_gaps_and_lengths_to_the_millisecond(self) -> None:
        sample = samples.a_day()
        found = data(sample)
        assert found is not None
        for project, told in zip(sample.projects, found.blocks, strict=True):
            at_ms, blocks = sample.start_ms, []
            width = sum(found.widths)
            for pair in (told[k : k + width] for k in range(0, len(told), width)):
                gap, length = read(pair[: found.widths[0]]), read(pair[found.widths[0] :])
                blocks.append(Interval(at_ms + gap, at_ms + gap + length))
                at_ms = blocks[-1].end_ms
            assert blocks == [(b.start_ms, b.end_ms) for b in project.blocks]
        assert found.active_ms == tuple(project.active_ms for project in sample.projects)

    @given(st.integers(0, 2**53), st.integers(1, 12))
    def test_a_number_is_read_back(self, number: int, width: int) -> None:
        text = written(number, width)
        assert read(text) == number
        assert len(text) >= width

    def test_a_year_of_ten_thousand_blocks_in_sixty_projects_can_be_mailed(self) -> None:
        """Blocks of some minutes, all over the year, as ten years of a million events have them."""
        chance = random.Random(1)  # noqa: S311  a fixed sequence, not a secret
        first, last = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
        slots = sorted(chance.sample(range(365 * 24 * 6), 10_000))
        blocks: dict[str, list[Block]] = {f"project-{n:02}": [] for n in range(60)}
        for slot in slots:
            begin_ms = samples.instant(first, "00:00") + slot * 10 * MINUTE_MS + chance.randrange(MINUTE_MS)
            own = Interval(begin_ms, begin_ms + chance.randrange(9 * MINUTE_MS))
            blocks[f"project-{chance.randrange(60):02}"].append(Block(*own, (own,)))
        sample = report(blocks, first=first, last=last)
        page = report_html(sample)
        assert data(sample) is not None
        assert len(page.encode()) <= 300_000

    def test_more_projects_than_anybody_chooses_from_are_no_choice(self) -> None:
        assert data(report({f"p{n}": [block("10:00", "10:10")] for n in range(201)})) is None


class TestSizes:
    @pytest.mark.parametrize("sample", [samples.a_day, samples.a_week, samples.a_month, samples.a_year])
    def test_a_page_can_be_mailed(self, sample: object) -> None:
        assert len(report_html(sample()).encode()) <= 300_000  # type: ignore[operator]

    def test_ten_and_thirty_years_are_pages_like_any_other(self) -> None:
        thirty = samples.many_days(dt.date(1996, 1, 1), dt.date(2025, 12, 31), 3)
        for sample in (samples.ten_years(), thirty):
            page = report_html(sample)
            assert page.count('<article class="part"') == len({(day.date.year, day.date.month) for day in sample.days})
            assert len(page) < 1_000_000
