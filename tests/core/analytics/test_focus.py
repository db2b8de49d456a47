"""Switches, deep work, flow, fragmentation and the focus score, each by an example that was calculated by hand."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.analytics import FlowSession, Focus, Prompt, Record, analyse
from monitor_core.analytics.focus import flow_sessions, focus_score, is_deep, sittings
from monitor_core.intervals import common, length_ms, subtract, union
from monitor_core.model import HOUR_MS, MINUTE_MS, Block, Interval
from tests.tray.render.samples import MONDAY, a_day, a_lone_stop, a_week, an_empty_day, block, instant, report

if TYPE_CHECKING:
    from monitor_core.report import Report

M = MINUTE_MS


def prompts(*told: str) -> tuple[Prompt, ...]:
    """Of words like "09:00 api"."""
    return tuple(Prompt(instant(MONDAY, at), project) for at, project in map(str.split, told))


def focus_of(made: Report, told: tuple[Prompt, ...]) -> Focus:
    return analyse(made, Record(prompts=told)).focus


class TestSwitches:
    def test_a_switch_is_a_prompt_in_another_project_than_the_one_before(self) -> None:
        # api 09:00 api 09:10 web 09:20 web 09:30 api 09:40: stay, switch, stay, switch
        day = report({"api": [block("09:00", "10:00")], "web": [block("09:20", "09:40")]})
        found = focus_of(day, prompts("09:00 api", "09:10 api", "09:20 web", "09:30 web", "09:40 api")).switching
        assert (found.switches, found.stays, found.per_hour) == (2, 2, 2.0)

    @pytest.mark.parametrize(("begins", "switches"), [("09:44", 1), ("09:45", 0)])
    def test_after_a_break_of_fifteen_minutes_a_prompt_elsewhere_is_no_switch(self, begins: str, switches: int) -> None:
        day = report({"api": [block("09:00", "09:30")], "web": [block(begins, "10:30")]})
        assert focus_of(day, prompts("09:20 api", f"{begins} web")).switching.switches == switches

    def test_the_cost_is_what_the_gap_of_a_switch_has_beyond_the_usual_gap(self) -> None:
        # Claude works 09:00-09:08, 09:10-09:18, … in api: five stays with gaps of 2, 2, 2, 3 and 4 minutes, median 2.
        # Then 09:53 web, after 7 minutes of nobody's work; then 10:03 api, 5 minutes after Claude stopped at 09:58.
        # The lower median of 5 and 7 is 5; each switch costs 5 − 2 = 3 minutes, both 6.
        day = report(
            {
                "api": [
                    block(
                        "09:00", "10:10",
                        "09:00-09:06", "09:08-09:14", "09:16-09:22", "09:24-09:30", "09:33-09:39", "09:43-09:46",
                        "10:03-10:10",
                    )
                ],
                "web": [block("09:53", "09:58", "09:53-09:58")],
            }
        )  # fmt: skip
        at = ("09:00 api", "09:08 api", "09:16 api", "09:24 api", "09:33 api", "09:43 api", "09:53 web", "10:03 api")
        found = focus_of(day, prompts(*at)).switching
        assert (found.stay_gap_ms, found.switch_gap_ms, found.cost_ms) == (2 * M, 5 * M, 6 * M)

    def test_of_fewer_than_five_prompts_in_one_project_nothing_is_usual(self) -> None:
        day = report({"api": [block("09:00", "10:00")], "web": [block("09:00", "10:00")]})
        at = [f"09:{minute:02} api" for minute in range(0, 25, 5)]
        found = focus_of(day, prompts(*at, "09:30 web")).switching
        assert (found.stays, found.stay_gap_ms, found.cost_ms, found.switch_gap_ms) == (4, None, None, 10 * M)

    def test_a_switch_that_takes_less_than_usual_costs_nothing(self) -> None:
        day = report({"api": [block("09:00", "10:00")], "web": [block("09:50", "10:00")]})
        at = [f"09:{minute:02} api" for minute in range(0, 48, 8)]
        assert focus_of(day, prompts(*at, "09:41 web")).switching.cost_ms == 0

    def test_a_point_apart_from_all_time_is_in_no_sitting(self) -> None:
        day = report({"api": [block("09:00", "09:00"), block("09:05", "09:10")]})
        assert focus_of(day, prompts("09:00 web", "09:05 api")).switching.switches == 0

    def test_sittings_close_the_gaps_that_are_no_breaks(self) -> None:
        parts = [Interval(0, 10 * M), Interval(24 * M, 30 * M), Interval(45 * M, 50 * M)]
        assert sittings(parts) == (Interval(0, 30 * M), Interval(45 * M, 50 * M))


class TestDeepWork:
    @pytest.mark.parametrize(
        ("end", "switches", "deep"),
        [
            ("09:25", [], True),
            ("09:24:59", [], False),
            ("09:25", ["09:10"], True),  # 2.4 an hour
            ("09:30", ["09:10", "09:20"], False),  # 4 an hour
            ("10:00", ["09:10", "09:20"], True),  # 2 an hour
            ("10:00", ["09:10", "09:20", "09:30"], False),  # 3 an hour
            ("09:20", [], False),
            ("09:30", ["09:00", "09:10"], True),  # one that it begins with is none of its
            ("09:30", ["09:10", "09:30"], True),  # and so is one after it
        ],
    )
    def test_a_block_is_deep_from_25_minutes_on_with_fewer_than_three_switches_an_hour(
        self, end: str, switches: list[str], deep: bool
    ) -> None:
        assert is_deep(block("09:00", end), [instant(MONDAY, at) for at in switches]) == deep

    def test_deep_work_of_two_projects_at_once_counts_once(self) -> None:
        # api 09:00-10:00 and web 09:30-10:30 are deep, docs 10:40-10:50 is not: 90 of 100 minutes.
        day = report(
            {
                "api": [block("09:00", "10:00")],
                "web": [block("09:30", "10:30")],
                "docs": [block("10:40", "10:50")],
            }
        )
        found = focus_of(day, ())
        assert (found.deep_ms, found.deep_blocks, found.deep_share) == (90 * M, 2, 0.9)
        assert [(p.name, p.deep_ms, p.blocks, p.longest_ms, p.focus) for p in found.projects] == [
            ("api", 60 * M, 1, 60 * M, 1.0),
            ("web", 60 * M, 1, 60 * M, 1.0),
            ("docs", 0, 1, 10 * M, None),
        ]
        assert found.main_share == 60 / 130

    def test_a_block_over_midnight_counts_by_its_part_in_the_range(self) -> None:
        # 23:50 to 00:40: in the two days 50 minutes, deep. Each day alone has 10 and 40 of them.
        parts = [("23:50", "24:00", False), ("24:00", "24:40", True), ("23:50", "24:40", True)]
        for start, end, deep in parts:
            assert (focus_of(report({"api": [block(start, end)]}), ()).deep_ms > 0) == deep


class TestFlow:
    def test_a_flow_session_is_deep_work_of_45_minutes_without_a_break(self) -> None:
        # 30 + 20 minutes, 14 apart; after 15 minutes 44 alone; after an hour 45 alone.
        deep = [(0, 30), (44, 64), (79, 123), (183, 228)]
        found = flow_sessions([Interval(start * M, end * M) for start, end in deep])
        assert found == (FlowSession(0, 64 * M, 50 * M), FlowSession(183 * M, 228 * M, 45 * M))


class TestFragmentation:
    def test_it_is_the_part_of_the_total_in_pieces_under_fifteen_minutes(self) -> None:
        # 09:00 to 10:00, cut by switches at 09:10 and 09:40, and 11:00 to 11:15: pieces of 10, 30, 20 and 15 minutes.
        day = report({"api": [block("09:00", "10:00"), block("11:00", "11:15")], "web": [block("09:10", "09:40")]})
        found = focus_of(day, prompts("09:00 api", "09:10 web", "09:40 api"))
        assert (found.pieces, found.fragmentation) == (4, 10 / 75)

    def test_of_less_than_an_hour_no_share_and_no_score_is_told(self) -> None:
        short = focus_of(report({"api": [block("09:00", "09:59:59")]}), ())
        long = focus_of(report({"api": [block("09:00", "10:00")]}), ())
        assert (short.deep_share, short.fragmentation, short.score, short.main_share) == (None,) * 4
        assert (long.deep_share, long.fragmentation, long.score, long.main_share) == (1.0, 0.0, 100, 1.0)


class TestScore:
    def test_it_is_half_deep_work_a_fifth_flow_and_three_tenths_whole_pieces(self) -> None:
        # 100 minutes: 60 deep, 50 of them in flow, 20 in fragments: 50 · 0.6 + 20 · 0.5 + 30 · 0.8 = 64
        assert focus_score(100 * M, 60 * M, 50 * M, 20 * M) == 64

    def test_it_is_rounded_half_up(self) -> None:
        assert [focus_score(200, deep, 0, 200) for deep in (1, 2, 3)] == [0, 1, 1]  # 0.25, 0.5, 0.75

    def test_a_day_of_fragments_has_none(self) -> None:
        day = report({"api": [block(f"{hour}:00", f"{hour}:10") for hour in range(9, 16)]})
        assert focus_of(day, ()).score == 0


@pytest.mark.parametrize("made", [an_empty_day(), a_lone_stop()], ids=["empty", "one event"])
def test_without_time_nothing_is_deep_and_nothing_is_told(made: object) -> None:
    found = focus_of(made, ())  # type: ignore[arg-type]
    assert (found.deep_ms, found.flow, found.pieces, found.score, found.projects) == (0, (), 0, None, ())


#: Up to 30 blocks of up to 90 minutes in two projects, each project's after one another, and prompts at any minute.
LENGTHS = st.lists(st.tuples(st.integers(0, 90), st.integers(6, 40)), max_size=15)
PROMPTS = st.lists(st.tuples(st.integers(0, 23 * 60), st.sampled_from(["api", "web"])), max_size=40)


def blocks(lengths: list[tuple[int, int]], day: dt.date = MONDAY) -> list[Block]:
    at, made = instant(day, "00:00"), []
    for length, gap in lengths:
        if at + length * M <= instant(day, "23:00"):
            made.append(Block(at, at + length * M))
            at += (length + gap) * M
    return made


@given(LENGTHS, LENGTHS, PROMPTS)
def test_each_figure_stays_within_its_bounds(
    api: list[tuple[int, int]], web: list[tuple[int, int]], told: list[tuple[int, str]]
) -> None:
    day = report({"api": blocks(api), "web": blocks(web)})
    at = tuple(sorted(Prompt(day.start_ms + minute * M, project) for minute, project in told))
    found = focus_of(day, at)
    assert 0 <= found.flow_ms <= found.deep_ms <= day.total_ms
    assert found.deep_ms <= sum(project.deep_ms for project in found.projects)
    assert all(project.deep_ms <= project.active_ms for project in found.projects)
    assert found.score is None or 0 <= found.score <= 100
    assert found.fragmentation is None or 0 <= found.fragmentation <= 1
    assert found.switching.switches + found.switching.stays <= max(0, len(at) - 1)
    assert (found.score is None) == (day.total_ms < HOUR_MS)


@given(LENGTHS, PROMPTS)
def test_two_days_alike_have_the_shares_of_one_and_twice_its_times(
    lengths: list[tuple[int, int]], told: list[tuple[int, str]]
) -> None:
    next_day = MONDAY + dt.timedelta(1)
    one = report({"api": blocks(lengths)})
    two = report({"api": blocks(lengths) + blocks(lengths, next_day)}, last=next_day)
    at = tuple(sorted(Prompt(one.start_ms + minute * M, project) for minute, project in told))
    again = tuple(Prompt(prompt.at_ms + 24 * HOUR_MS, prompt.project) for prompt in at)
    first, both = focus_of(one, at), focus_of(two, at + again)
    assert both.deep_ms == 2 * first.deep_ms
    assert both.pieces == 2 * first.pieces
    assert both.switching.switches == 2 * first.switching.switches
    if first.score is not None:
        assert (both.score, both.deep_share, both.fragmentation) == (
            first.score,
            first.deep_share,
            first.fragmentation,
        )


SETS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12).map(union)


@given(SETS, SETS)
def test_what_two_sets_have_in_common_is_what_is_left_of_one_without_what_only_it_has(
    left: tuple[Interval, ...], right: tuple[Interval, ...]
) -> None:
    assert union(common(left, right)) == subtract(left, subtract(left, right))
    assert length_ms(common(left, right)) == length_ms(common(right, left))


def test_the_sample_reports_can_be_analysed_without_a_record() -> None:
    for made in (a_day(), a_week()):
        assert analyse(made, Record()).focus.score is not None
