"""Displayed figures add up, in every column a person might check."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from monitor_core.intervals import union
from monitor_core.model import HOUR_MS, MINUTE_MS, Block, Interval
from monitor_tray.render.figures import figures
from tests.tray.render.samples import MONDAY, a_day, a_lone_stop, a_week, an_empty_day, block, instant, report

if TYPE_CHECKING:
    from monitor_core.report import Report


def minutes(shown: str) -> int:
    """The number that a person reads; less than a minute is none, nothing at all is none."""
    if not shown or "<1 m" in shown:
        return 0
    match = re.fullmatch(r"(−?)(?:(\d+) h )?(\d+) m", shown)
    assert match, shown
    sign, hours, rest = match.groups()
    return (-1 if sign else 1) * (60 * int(hours or 0) + int(rest))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    start = instant(MONDAY, "00:00")
    blocks: dict[str, list[Block]] = {}
    for name in draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True)):
        edges = sorted(draw(st.lists(st.integers(0, 24 * HOUR_MS), min_size=2, max_size=8, unique=True)))
        blocks[name] = [
            Block(start_ms=start + a, end_ms=start + b, working=(Interval(start + a, start + (a + b) // 2),))
            for a, b in zip(edges[::2], edges[1::2], strict=False)
        ]
    return report(blocks)


@given(reports())
def test_what_is_displayed_adds_up(sample: Report) -> None:
    shown = figures(sample)
    total = minutes(shown.total)
    assert sum(minutes(row.time) for row in shown.projects) + minutes(shown.parallel) == total
    assert minutes(shown.working) + minutes(shown.attention) == total
    assert total + minutes(shown.idle) == minutes(shown.span)
    for row in shown.projects:
        assert minutes(row.working) + minutes(row.attention) == minutes(row.time)
        assert abs(minutes(row.time) * MINUTE_MS - row.project.active_ms) < MINUTE_MS
    if sample.total_ms:
        assert sum(row.percent for row in shown.projects) == 100


def test_the_days_of_a_week_add_up_to_its_total() -> None:
    shown = figures(a_week())
    assert sum(minutes(day.time) for day in shown.days) == minutes(shown.total) == 20 * 60 + 55


def test_parallel_time_has_a_minus_and_is_left_out_where_it_would_read_as_nothing() -> None:
    assert figures(a_day()).parallel == "−32 m"
    barely = report({"a": [block("10:00", "10:30:20")], "b": [block("10:30", "11:00")]})
    assert barely.parallel_ms == 20_000
    assert [row.time for row in figures(barely).projects] == ["30 m", "30 m"]
    assert (figures(barely).parallel, figures(barely).total) == ("", "1 h 00 m")


def test_a_lone_stop_is_less_than_a_minute_and_an_empty_day_is_none() -> None:
    shown = figures(a_lone_stop())
    assert (shown.total, shown.projects[0].time, shown.working) == ("<1 m", "<1 m", "0 m")
    assert figures(an_empty_day()).total == "0 m"


def test_the_samples_obey_the_rules_of_a_report() -> None:
    for sample in (a_day(), a_week()):
        assert sum(p.active_ms for p in sample.projects) - sample.parallel_ms == sample.total_ms
        assert sum(day.total_ms for day in sample.days) == sample.total_ms
        for project in sample.projects:
            assert all(
                union(b.working) == b.working
                and b.start_ms <= min((i.start_ms for i in b.working), default=b.start_ms)
                and max((i.end_ms for i in b.working), default=b.end_ms) <= b.end_ms
                for b in project.blocks
            )
