"""Claude against attention, waits, tools and subagents, each by an example that was calculated by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.analytics import AgentRun, Claude, Record, analyse
from monitor_core.analytics.claude import lanes_of
from monitor_core.intervals import length_ms, union
from monitor_core.model import MINUTE_MS, Interval
from tests.tray.render.samples import MONDAY, a_day, a_lone_stop, an_empty_day, block, instant, report, wait

if TYPE_CHECKING:
    from monitor_core.report import Report

M = MINUTE_MS


def claude_of(made: Report, record: Record) -> Claude:
    return analyse(made, record).claude


def at(stretch: str) -> Interval:
    """Of "09:00-09:10"."""
    start, end = (instant(MONDAY, clock) for clock in stretch.split("-"))
    return Interval(start, end)


def run(agent: str, *working: str) -> AgentRun:
    return AgentRun("s", agent, "api", tuple(map(at, working)))


def test_the_ratio_is_claudes_work_by_attention() -> None:
    # 09:00-10:30, Claude works 60 of the 90 minutes, 30 are attention.
    found = claude_of(report({"api": [block("09:00", "10:30", "09:00-10:00")]}), Record())
    assert (found.working_ms, found.attention_ms, found.to_attention) == (60 * M, 30 * M, 2.0)


@pytest.mark.parametrize(
    ("end", "worked_until", "told"), [("10:00", "09:50", True), ("10:00", "09:51", False), ("09:59", "09:40", False)]
)
def test_the_ratio_is_told_of_an_hour_with_ten_minutes_of_attention(end: str, worked_until: str, *, told: bool) -> None:
    found = claude_of(report({"api": [block("09:00", end, f"09:00-{worked_until}")]}), Record())
    assert (found.to_attention is not None) == told


def test_waits_are_counted_over_all_projects_with_their_lower_median() -> None:
    # 10, 20 and 60 minutes, the last two of them overlapping ones of two projects: 10 and 60 are left, the lower is 10.
    waits = {"api": [wait("09:00", "09:10"), wait("10:00", "10:20")], "web": [wait("10:10", "11:00")]}
    made = report({"api": [block("09:00", "11:00")], "web": [block("10:00", "10:10")]}, waits=waits)
    found = claude_of(made, Record())
    assert (found.waiting_ms, found.waits, found.median_wait_ms) == (70 * M, 2, 10 * M)
    assert found.waiting_ms == made.waiting_ms


def test_tools_split_working_time_and_what_they_ran_beside_it_is_not_counted() -> None:
    # Working 09:00-09:30. Tools 09:05-09:15 and 09:25-09:40: 10 + 5 minutes; commands of them 09:10-09:15.
    made = report({"api": [block("09:00", "10:00", "09:00-09:30")]})
    found = claude_of(made, Record(tools=(at("09:05-09:15"), at("09:25-09:40")), commands=(at("09:10-09:15"),)))
    assert (found.tool_ms, found.command_ms, found.thinking_ms) == (15 * M, 5 * M, 15 * M)


def test_subagents_are_added_up_and_counted_by_the_clock() -> None:
    # a 09:00-09:20, b 09:10-09:40, c 09:20-09:30 with 09:50-09:55: 20 + 30 + 15, by the clock 40 + 5, two at once.
    record = Record(agents=(run("a", "09:00-09:20"), run("b", "09:10-09:40"), run("c", "09:20-09:30", "09:50-09:55")))
    found = claude_of(report({"api": [block("09:00", "10:00", "09:00-10:00")]}), record)
    assert (found.agents, found.agents_working_ms, found.agents_ms, found.most_agents) == (3, 65 * M, 45 * M, 2)
    assert [(lane.lane, lane.agent_id, lane.working_ms) for lane in found.lanes] == [
        (0, "a", 20 * M),
        (1, "b", 30 * M),
        (0, "c", 15 * M),
    ]
    assert (found.lanes[2].start_ms, found.lanes[2].end_ms) == (at("09:20-09:55"))


def test_a_subagent_that_worked_for_two_projects_is_one_subagent() -> None:
    record = Record(agents=(run("a", "09:00-09:20"), run("a", "09:10-09:30")._replace(project="web")))
    found = claude_of(report({"api": [block("09:00", "10:00", "09:00-10:00")]}), record)
    assert (found.agents, found.agents_working_ms, found.most_agents, len(found.lanes)) == (1, 30 * M, 1, 2)


@pytest.mark.parametrize("made", [an_empty_day(), a_lone_stop()], ids=["empty", "one event"])
def test_without_time_nothing_is_told(made: object) -> None:
    found = claude_of(made, Record())  # type: ignore[arg-type]
    assert (found.to_attention, found.median_wait_ms) == (None, None)
    assert (found.waits, found.tool_ms, found.thinking_ms, found.agents, found.most_agents) == (0, 0, 0, 0, 0)


RUNS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), max_size=12).map(
    lambda told: [
        AgentRun("s", f"{number}", "api", (Interval(start, start + length),))
        for number, (start, length) in enumerate(sorted(told))
    ]
)


@given(RUNS)
def test_runs_in_a_lane_do_not_overlap_and_no_lane_is_needless(runs: list[AgentRun]) -> None:
    lanes = lanes_of(runs)
    for number in {lane.lane for lane in lanes}:
        own = [interval for lane in lanes if lane.lane == number for interval in lane.working]
        assert sum(i.length_ms for i in own) == length_ms(union(own))
    most = claude_of(an_empty_day(), Record(agents=tuple(runs))).most_agents
    assert max((lane.lane for lane in lanes), default=-1) == most - 1


TOOLS = st.lists(st.tuples(st.integers(0, 24 * 60), st.integers(1, 90)), max_size=20)


@given(TOOLS, st.integers(0, 20))
def test_tools_and_thinking_make_the_working_time(told: list[tuple[int, int]], commands: int) -> None:
    made = a_day()
    runs = [(made.start_ms + start * M, made.start_ms + (start + length) * M) for start, length in told]
    found = claude_of(made, Record(tools=union(runs), commands=union(runs[:commands])))
    assert found.tool_ms + found.thinking_ms == made.working_ms
    assert 0 <= found.command_ms <= found.tool_ms <= made.working_ms
