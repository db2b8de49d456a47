"""Timesheets: what counts, how it is rounded, and that everything adds up, by examples calculated by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.model import HOUR_MS, MINUTE_MS, SECOND_MS, Block, Interval
from monitor_core.rounding import STEPS_MIN, Rounding
from monitor_core.timesheet import (
    Count,
    Per,
    Row,
    Terms,
    amount_of,
    rounded_minutes,
    timesheet,
)
from tests.tray.render import samples
from tests.tray.render.samples import MONDAY, block, instant, report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor_core.report import Report

TUESDAY = MONDAY + dt.timedelta(1)
API, WEB = "/home/dev/projects/api", "/home/dev/projects/web"
UP, NEAREST, DOWN = Rounding.UP, Rounding.NEAREST, Rounding.DOWN


def minutes(made: Report, terms: Terms) -> list[tuple[str, int]]:
    return [(row.project, row.minutes) for row in timesheet(made, terms).rows]


def exact(made: Report, terms: Terms) -> list[tuple[str, float]]:
    """Minutes that count, before they are rounded."""
    return [(row.project, row.exact_ms / MINUTE_MS) for row in timesheet(made, terms).rows]


class TestRounding:
    @pytest.mark.parametrize(
        ("length", "up", "nearest", "down"),
        [
            ("0:00:00", 0, 0, 0),
            ("0:00:01", 15, 0, 0),
            ("0:07:29", 15, 0, 0),
            ("0:07:30", 15, 15, 0),
            ("0:15:00", 15, 15, 15),
            ("0:15:01", 30, 15, 15),
            ("0:22:30", 30, 30, 15),
            ("8:52:29", 540, 525, 525),
        ],
    )
    def test_to_a_quarter_of_an_hour(self, length: str, up: int, nearest: int, down: int) -> None:
        hours, mins, seconds = map(int, length.split(":"))
        ms = hours * HOUR_MS + mins * MINUTE_MS + seconds * SECOND_MS
        assert [rounded_minutes(ms, 15, way) for way in (UP, NEAREST, DOWN)] == [up, nearest, down]

    @given(st.integers(0, 100 * HOUR_MS), st.sampled_from(STEPS_MIN))
    def test_every_way_gives_whole_steps_less_than_one_off(self, ms: int, step: int) -> None:
        up, nearest, down = (rounded_minutes(ms, step, way) for way in (UP, NEAREST, DOWN))
        assert up % step == nearest % step == down % step == 0
        assert 0 <= ms - down * MINUTE_MS < step * MINUTE_MS
        assert 0 <= up * MINUTE_MS - ms < step * MINUTE_MS
        assert abs(nearest * MINUTE_MS - ms) <= step * MINUTE_MS / 2

    def test_every_step_divides_an_hour(self) -> None:
        assert [60 % step for step in STEPS_MIN] == [0] * len(STEPS_MIN)


class TestAmounts:
    @pytest.mark.parametrize(
        ("mins", "rate", "amount"),
        [
            (60, 9_500, 9_500),
            (15, 9_500, 2_375),
            (20, 9_500, 3_167),  # 31.666…
            (6, 9_525, 953),  # 9.525, a half up
            (1, 1, 0),
            (0, 9_500, 0),
            (600, 0, 0),
        ],
    )
    def test_an_amount_is_the_rate_by_the_minutes_to_the_nearest_hundredth(
        self, mins: int, rate: int, amount: int
    ) -> None:
        assert amount_of(mins, rate) == amount

    @given(st.integers(0, 100_000), st.integers(0, 10_000_000))
    def test_no_amount_is_more_than_half_a_hundredth_off(self, mins: int, rate: int) -> None:
        assert abs(amount_of(mins, rate) - Fraction(mins * rate, 60)) <= Fraction(1, 2)


class TestRows:
    # Monday: 0:50 and 0:20, Tuesday: 0:50, together 2:00
    made = report({"api": [block("09:00", "09:50"), block("11:00", "11:20"), block("09:00", "09:50", day=TUESDAY)]},
                  last=TUESDAY)  # fmt: skip

    @pytest.mark.parametrize(
        ("per", "rounding", "expected"),
        [
            (Per.ENTRY, UP, [60, 30, 60]),
            (Per.ENTRY, NEAREST, [45, 15, 45]),
            (Per.ENTRY, DOWN, [45, 15, 45]),
            (Per.DAY, UP, [75, 60]),  # 1:10 and 0:50
            (Per.DAY, NEAREST, [75, 45]),
            (Per.DAY, DOWN, [60, 45]),
            (Per.TOTAL, UP, [120]),
            (Per.TOTAL, NEAREST, [120]),
            (Per.TOTAL, DOWN, [120]),
        ],
    )
    def test_what_a_row_is_of_is_what_is_rounded(self, per: Per, rounding: Rounding, expected: list[int]) -> None:
        sheet = timesheet(self.made, Terms(per=per, rounding=rounding))
        assert [row.minutes for row in sheet.rows] == expected
        assert sheet.sums.minutes == sum(expected)

    def test_an_entry_has_its_times_and_a_total_all_days(self) -> None:
        (first, *_) = timesheet(self.made, Terms(per=Per.ENTRY)).rows
        assert (first.start_ms, first.end_ms) == (instant(MONDAY, "09:00"), instant(MONDAY, "09:50"))
        (of_day, _) = timesheet(self.made, Terms(per=Per.DAY)).rows
        assert (of_day.first_day, of_day.last_day, of_day.start_ms) == (MONDAY, MONDAY, None)
        (whole,) = timesheet(self.made, Terms(per=Per.TOTAL)).rows
        assert (whole.first_day, whole.last_day, whole.end_ms) == (MONDAY, TUESDAY, None)

    def test_a_block_over_midnight_is_on_both_days(self) -> None:
        made = report({"api": [block("23:30", "24:45")]}, last=TUESDAY)
        assert [(row.first_day, row.minutes) for row in timesheet(made, Terms()).rows] == [(MONDAY, 30), (TUESDAY, 45)]

    def test_a_row_that_rounds_to_nothing_stays_and_no_time_is_no_row(self) -> None:
        made = report({"api": [block("09:00", "09:05")], "web": [block("10:00", "10:00")], "old": []})
        assert minutes(made, Terms()) == [("api", 0)]

    def test_only_what_may_still_change_is_open(self) -> None:
        made = report({"api": [block("23:30", "24:45", running=True)], "web": [block("09:00", "10:00")]}, last=TUESDAY)
        rows = timesheet(made, Terms()).rows
        assert [(row.project, row.open) for row in rows] == [("api", False), ("web", False), ("api", True)]
        assert [row.open for row in timesheet(made, Terms(per=Per.TOTAL)).rows] == [True, False]

    def test_an_empty_report_is_an_empty_timesheet(self) -> None:
        sheet = timesheet(samples.an_empty_day(), Terms())
        assert (sheet.rows, sheet.sums.minutes, sheet.sums.amount) == ((), 0, None)


class TestWhatCounts:
    #        9:00      9:20      9:40      10:00
    # api    |=========|         .         |      working until 9:20, then attention until 10:00
    # web              |---------=========-|--|   from 9:20 to 10:10, working from 9:40 to 9:55
    made = report({"api": [block("09:00", "10:00", "09:00-09:20")], "web": [block("09:20", "10:10", "09:40-09:55")]})

    @pytest.mark.parametrize(
        ("count", "parallel", "api", "web"),
        [
            (Count.ACTIVE, True, 60, 50),
            (Count.WORKING, True, 20, 15),
            (Count.ATTENTION, True, 40, 35),
            (Count.ACTIVE, False, 60, 10),  # web from 10:00 on only: api began first
            (Count.WORKING, False, 20, 0),
            (Count.ATTENTION, False, 40, 10),
        ],
    )
    def test_active_working_or_attention_with_and_without_parallel_time(
        self, count: Count, parallel: bool, api: int, web: int
    ) -> None:
        expected = [(name, mins) for name, mins in (("api", api), ("web", web)) if mins]
        assert exact(self.made, Terms(count=count, parallel=parallel)) == expected

    def test_of_two_that_began_together_the_first_name_has_what_they_share(self) -> None:
        made = report({"web": [block("09:00", "10:00")], "api": [block("09:00", "09:30")]})
        assert exact(made, Terms(parallel=False)) == [("api", 30), ("web", 30)]

    def test_a_third_project_has_what_is_left_between_the_others(self) -> None:
        made = report(
            {
                "a": [block("09:00", "09:20"), block("09:40", "10:00")],
                "b": [block("09:10", "09:30")],
                "c": [block("09:15", "10:10")],
            }
        )
        # c began before a's second entry, and so has what that shares with it: 9:30 to 10:10
        assert exact(made, Terms(parallel=False)) == [("a", 20), ("b", 10), ("c", 40)]

    def test_who_began_first_is_decided_day_by_day(self) -> None:
        blocks = {"web": [block("23:00", "25:00")], "api": [block("22:30", "23:30"), block("24:00", "24:30")]}
        whole = report(blocks, last=TUESDAY)
        cut = {"web": [block("00:00", "01:00", day=TUESDAY)], "api": [block("00:00", "00:30", day=TUESDAY)]}
        of_tuesday = [row for row in timesheet(whole, Terms(parallel=False)).rows if row.first_day == TUESDAY]
        assert [(row.project, row.exact_ms) for row in of_tuesday] == [
            (row.project, row.exact_ms) for row in timesheet(report(cut, first=TUESDAY), Terms(parallel=False)).rows
        ]


class TestClients:
    terms = Terms(clients={API: "Acme", WEB: "acme", "/home/dev/projects/docs/": "Bolt"}, rates={API: 9_500, WEB: 1})
    made = report(
        {
            "api": [block("09:00", "09:50"), block("09:00", "10:00", day=TUESDAY)],
            "web": [block("10:00", "11:00")],
            "docs": [block("11:00", "12:00")],
            "own": [block("13:00", "15:00")],
        },
        last=TUESDAY,
    )

    def test_clients_are_by_name_and_those_without_one_last(self) -> None:
        sheet = timesheet(self.made, self.terms)
        assert [(c.client, [row.project for row in c.rows]) for c in sheet.clients] == [
            ("Acme", ["api", "api"]),
            ("acme", ["web"]),
            ("Bolt", ["docs"]),
            ("", ["own"]),
        ]

    def test_sums_are_of_rounded_rows_and_say_what_has_no_rate(self) -> None:
        sheet = timesheet(self.made, self.terms)
        # api 0:45 and 1:00 at 95.00: 71.25 + 95.00; web 1:00 at 0.01
        assert [(c.sums.minutes, c.sums.amount, c.sums.unrated_minutes) for c in sheet.clients] == [
            (105, 16_625, 0),
            (60, 1, 0),
            (60, None, 60),
            (120, None, 120),
        ]
        assert (sheet.sums.minutes, sheet.sums.amount, sheet.sums.unrated_minutes) == (345, 16_626, 180)

    def test_a_rate_of_nothing_is_a_rate(self) -> None:
        sheet = timesheet(report({"api": [block("09:00", "10:00")]}), Terms(rates={API: 0}))
        assert (sheet.sums.amount, sheet.sums.unrated_minutes) == (0, 0)

    def test_three_rows_of_a_third_are_three_times_what_a_row_costs(self) -> None:
        days = [MONDAY + dt.timedelta(n) for n in range(3)]
        made = report({"api": [block("09:00", "09:20", day=day) for day in days]}, last=days[-1])
        sheet = timesheet(made, Terms(step_min=20, rates={API: 10_000}))
        # 33.33 three times, and not 100.00: the invoice adds up as it stands there
        assert [row.amount for row in sheet.rows] == [3_333] * 3
        assert sheet.sums.amount == 9_999


@st.composite
def weeks(draw: st.DrawFn) -> Report:
    blocks: dict[str, list[Block]] = {}
    for name in draw(st.lists(st.sampled_from("abcd"), min_size=1, unique=True)):
        edges = sorted(draw(st.lists(st.integers(0, 3 * 24 * HOUR_MS), min_size=2, max_size=16, unique=True)))
        start = instant(MONDAY, "00:00")
        blocks[name] = [
            Block(start_ms=start + a, end_ms=start + b, working=(Interval(start + a, start + (a + b) // 2),))
            for a, b in zip(edges[::2], edges[1::2], strict=False)
        ]
    return report(blocks, last=MONDAY + dt.timedelta(2))


TERMS = st.builds(
    Terms,
    step_min=st.sampled_from(STEPS_MIN),
    rounding=st.sampled_from(Rounding),
    per=st.sampled_from(Per),
    count=st.sampled_from(Count),
    parallel=st.booleans(),
    clients=st.just({"/home/dev/projects/a": "Acme", "/home/dev/projects/b": "Bolt"}),
    rates=st.just({"/home/dev/projects/a": 9_999, "/home/dev/projects/c": 12_345}),
)


class TestProperties:
    @given(weeks(), TERMS)
    def test_everything_adds_up(self, made: Report, terms: Terms) -> None:
        sheet = timesheet(made, terms)
        assert sheet.sums.minutes == sum(c.sums.minutes for c in sheet.clients) == sum(r.minutes for r in sheet.rows)
        amounts = [row.amount for row in sheet.rows if row.amount is not None]
        assert (sheet.sums.amount or 0) == sum(c.sums.amount or 0 for c in sheet.clients) == sum(amounts)
        assert all(row.minutes % terms.step_min == 0 for row in sheet.rows)

    @given(weeks(), st.sampled_from(Per))
    def test_what_counts_is_the_reports_time(self, made: Report, per: Per) -> None:
        assert self._counted(made, Terms(per=per)) == sum(project.active_ms for project in made.projects)
        assert self._counted(made, Terms(per=per, parallel=False)) == made.total_ms

    @given(weeks(), st.booleans())
    def test_attention_and_working_make_active_project_by_project(self, made: Report, parallel: bool) -> None:
        active, attention, working = (
            {
                row.project: row.exact_ms
                for row in timesheet(made, Terms(per=Per.TOTAL, count=c, parallel=parallel)).rows
            }
            for c in (Count.ACTIVE, Count.ATTENTION, Count.WORKING)
        )
        assert active == {name: attention.get(name, 0) + working.get(name, 0) for name in active}

    @given(weeks(), TERMS)
    def test_the_order_of_the_projects_makes_no_difference(self, made: Report, terms: Terms) -> None:
        turned = type(made)(
            **{**{f: getattr(made, f) for f in made.__struct_fields__}, "projects": made.projects[::-1]}
        )
        assert self._told(timesheet(turned, terms).rows) == self._told(timesheet(made, terms).rows)

    @staticmethod
    def _counted(made: Report, terms: Terms) -> int:
        return sum(row.exact_ms for row in timesheet(made, terms).rows)

    @staticmethod
    def _told(rows: Sequence[Row]) -> list[tuple[str, dt.date, int | None, int, int]]:
        return [(row.project, row.first_day, row.start_ms, row.exact_ms, row.minutes) for row in rows]
