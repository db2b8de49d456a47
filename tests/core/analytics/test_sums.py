"""Sums that were kept give the same figures, whatever arrives and whatever people decide in between."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor_core.analytics import Sums, analytics_of
from monitor_core.analytics.focus import BREAK_MS
from monitor_core.analytics.stretch import Stretch
from monitor_core.edits import DropTime, RenameProject
from monitor_core.model import HOUR_MS, MINUTE_MS, Event
from monitor_core.reporting import build_report
from monitor_core.settled import KEEP_S, SettledParts
from monitor_core.tries import Tries
from tests.core.histories import LONG_STEPS_MS, EventStore, histories, worked_days
from tests.core.test_settled import CONFIG, FIRST, UTC, ZONES, Clock, TenDays, after_each, decisions
from tests.tray.render.samples import MONDAY, block, instant, report, wait

if TYPE_CHECKING:
    import random
    from zoneinfo import ZoneInfo

    from monitor_core.report import Report
    from monitor_core.store import Store
    from tests.core.correcting import TimeDecision


def check(store: Store, sums: SettledParts[Sums], *made: Report) -> None:
    for each in made:
        assert analytics_of(store, each, CONFIG, settled=sums) == analytics_of(store, each, CONFIG)


@settings(max_examples=60, deadline=None)
@given(
    histories(steps_ms=tuple(LONG_STEPS_MS)),
    st.randoms(use_true_random=False),
    st.sampled_from(ZONES),
    st.lists(decisions(), max_size=3),
)
def test_no_figure_is_stale_after_any_event_or_edit(
    events: list[Event], chance: random.Random, zone: ZoneInfo, decided: list[TimeDecision]
) -> None:
    tools = [None, "Bash", "Read", "Agent"]
    events = [msgspec.structs.replace(event, tool_name=chance.choice(tools)) for event in events]
    sums: SettledParts[Sums] = SettledParts(Clock())
    before: list[Report] = []
    with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
        for now_ms in after_each(store, events, chance, decided):
            today = dt.datetime.fromtimestamp(now_ms / 1000, zone).date()
            days = [(FIRST - dt.timedelta(1), today), (FIRST, min(FIRST + dt.timedelta(1), today))]
            made = [build_report(store, *each, zone, CONFIG, now_ms) for each in days if each[0] <= each[1]]
            # Those from before the event may be asked for still: the page reads twice.
            check(store, sums, *made, *before)
            before = made


def test_what_is_settled_is_added_up_once_until_it_is_changed(tmp_path: Path) -> None:
    clock, tries = Clock(), Tries()
    sums: SettledParts[Sums] = SettledParts(clock, tries)
    with EventStore(tmp_path) as store:
        days = TenDays(store)

        def made() -> tuple[int, int]:
            check(store, sums, build_report(store, days.first, days.today, UTC, CONFIG, days.now_ms))
            return tries.hits, tries.misses

        assert made() == (0, 1)
        assert made() == (1, 1)
        days.happens(1, days.now_ms)
        assert made() == (2, 1)
        days.happens(2, days.begin_ms)
        assert made() == (2, 2)
        days.decide(1, DropTime(None, days.begin_ms, days.begin_ms + HOUR_MS))
        assert made() == (2, 3)
        days.decide(2, RenameProject("/p1", "another name"))
        assert made() == (2, 4)
        days.books_are_made_anew()
        assert made() == (2, 5)
        assert made() == (3, 5)
        clock.now_s += KEEP_S
        assert made() == (3, 6)


def test_while_the_books_are_behind_nothing_is_kept(tmp_path: Path) -> None:
    events = worked_days(10)
    now_ms = events[-1].t_ms + MINUTE_MS
    first, today = (dt.datetime.fromtimestamp(t_ms / 1000, UTC).date() for t_ms in (events[0].t_ms, now_ms))
    tries = Tries()
    sums: SettledParts[Sums] = SettledParts(Clock(), tries)
    with EventStore(tmp_path) as store:
        store.record(events)
        check(store, sums, build_report(store, first, today, UTC, CONFIG, now_ms))
    assert (tries.hits, tries.misses) == (0, 0)


@pytest.mark.parametrize(
    ("until", "cut"),
    [
        ("13:00", "13:00"),
        ("10:15", "10:15"),  # a quarter of an hour after the block is a break
        ("10:14", "09:00"),
        ("09:30", "09:00"),
        ("12:00", "11:00"),  # within the wait
        ("12:30", "11:00"),  # which ends there
        ("14:20", "14:00"),
        ("14:10", "14:00"),
        ("08:00", "08:00"),
        ("00:00", None),
    ],
)
def test_a_report_is_cut_at_a_break_and_through_no_wait(until: str, cut: str | None) -> None:
    made = report(
        {"api": [block("09:00", "10:00")], "web": [block("14:00", "14:10")]}, waits={"api": [wait("11:00", "12:30")]}
    )
    found = Stretch.of(made).cut(instant(MONDAY, until))
    assert (found is None) == (cut is None)
    if found is not None and cut is not None:
        earlier, later = found
        assert earlier.span.end_ms == later.span.start_ms == instant(MONDAY, cut)
        blocks = [own.blocks for part in found for own in part.projects.values()]
        assert sum(map(len, blocks)) == 2
        assert not earlier.total or earlier.total[-1].end_ms + BREAK_MS <= earlier.span.end_ms
        assert not later.total or later.span.start_ms <= later.total[0].start_ms
