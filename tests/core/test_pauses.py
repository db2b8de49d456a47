"""Stretches in which nothing counts: what pausing, pausing anew, resuming and taking it back come to."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.books import Books
from monitor_core.config import Config
from monitor_core.edits import AddTime, Edit, PauseCounting, ResumeCounting, Undo, in_force
from monitor_core.errors import MonitorError
from monitor_core.model import HOUR_MS, MINUTE_MS, NEVER_MS, Event
from monitor_core.pauses import pause, pause_at, pauses_of, resume, stretch_of_pause, stretch_of_resume
from monitor_core.reporting import build_report
from monitor_core.standing import rules_of
from tests.core.histories import EventStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitor_core.report import Report

M = MINUTE_MS
Decision = PauseCounting | ResumeCounting | Undo


def journal(*decisions: Decision) -> list[Edit]:
    return [Edit(f"edit-{number:04}", 0, decision) for number, decision in enumerate(decisions)]


def name(number: int) -> str:
    return f"edit-{number:04}"


def stretches(*decisions: Decision) -> list[tuple[int, int]]:
    """What the decisions come to, in minutes; None for ever."""
    found = pauses_of(in_force(journal(*decisions)))
    return [(p.start_ms // M, -1 if p.is_open_ended else p.end_ms // M) for p in found]


def pausing(start: int, end: int | None = None) -> PauseCounting:
    return PauseCounting(start * M, None if end is None else end * M)


def resuming(at: int) -> ResumeCounting:
    return ResumeCounting(at * M)


FOR_EVER = -1


class TestOnePause:
    def test_a_pause_ends_at_its_time(self) -> None:
        assert stretches(pausing(10, 25)) == [(10, 25)]

    def test_a_pause_without_an_end_goes_on_until_somebody_resumes(self) -> None:
        assert stretches(pausing(10)) == [(10, FOR_EVER)]
        assert stretches(pausing(10), resuming(40)) == [(10, 40)]

    def test_whoever_resumes_early_ends_a_pause_before_its_time(self) -> None:
        assert stretches(pausing(10, 60), resuming(40)) == [(10, 40)]

    def test_to_resume_after_its_time_changes_nothing(self) -> None:
        assert stretches(pausing(10, 25), resuming(40)) == [(10, 25)]

    def test_resumed_at_once_it_comes_to_nothing(self) -> None:
        assert stretches(pausing(10), resuming(10)) == []


class TestSeveral:
    def test_pauses_one_after_the_other_stand_beside_each_other(self) -> None:
        assert stretches(pausing(10), resuming(20), pausing(30, 45)) == [(10, 20), (30, 45)]

    def test_a_pause_that_begins_in_another_one_holds_in_its_place(self) -> None:
        assert stretches(pausing(10, 60), pausing(20, 30)) == [(10, 20), (20, 30)]
        assert stretches(pausing(10), pausing(20), resuming(50)) == [(10, 20), (20, 50)]


class TestUndo:
    """Each in each order: what is left is what the others would have come to alone."""

    A, B, R = pausing(10, 60), pausing(20, 30), resuming(25)

    @pytest.mark.parametrize(
        ("undone", "left"),
        [
            ([], [(10, 20), (20, 25)]),
            ([0], [(20, 25)]),
            ([1], [(10, 25)]),
            ([2], [(10, 20), (20, 30)]),
            ([0, 1], []),
            ([1, 0], []),
            ([0, 2], [(20, 30)]),
            ([2, 0], [(20, 30)]),
            ([1, 2], [(10, 60)]),
            ([2, 1], [(10, 60)]),
            ([0, 1, 2], []),
            ([2, 1, 0], []),
        ],
    )
    def test_what_is_taken_back_is_as_if_it_had_not_been_made(
        self, undone: list[int], left: list[tuple[int, int]]
    ) -> None:
        undos = [Undo(name(number)) for number in undone]
        assert stretches(self.A, self.B, self.R, *undos) == left
        again = [Undo(name(3 + k)) for k in range(len(undos))]
        assert stretches(self.A, self.B, self.R, *undos, *again) == stretches(self.A, self.B, self.R)


class TestAClockThatWasSetBack:
    def test_what_was_paused_and_over_by_then_stays(self) -> None:
        over = (pausing(100), resuming(110), pausing(120, 130))
        assert stretches(*over, pausing(20, 30)) == [(20, 30), (100, 110), (120, 130)]
        assert stretches(*over, pausing(20), resuming(40)) == [(20, 40), (100, 110), (120, 130)]

    def test_a_pause_without_an_end_does_not_begin_once_more(self) -> None:
        assert stretches(pausing(120), resuming(20)) == []
        assert stretches(pausing(120), pausing(20, 30)) == [(20, 30)]

    def test_to_resume_ends_all_that_hold(self) -> None:
        assert stretches(pausing(100, 130), pausing(20), resuming(110)) == [(20, 110), (100, 110)]

    def test_a_pause_without_an_end_that_has_not_begun_by_the_clock_can_be_resumed_from(self) -> None:
        edits = journal(pausing(120))
        assert pause_at(edits, 20 * M) is None
        decision, paused = resume(edits, 20 * M)
        assert (decision, paused.edit.id) == (resuming(20), name(0))
        assert stretches(pausing(120), decision) == []


INSTANTS = st.integers(0, 12)
PAUSINGS = st.builds(lambda at, length: pausing(at, length and at + length), INSTANTS, st.sampled_from([None, 1, 3, 9]))
DECISIONS = st.lists(st.one_of(PAUSINGS, st.builds(resuming, INSTANTS)), max_size=8)


def instant(decision: PauseCounting | ResumeCounting) -> int:
    return decision.start_ms if isinstance(decision, PauseCounting) else decision.at_ms


@given(DECISIONS)
def test_each_pause_is_what_the_later_decisions_leave_of_it(decisions: list[PauseCounting | ResumeCounting]) -> None:
    expected = []
    for number, decision in enumerate(decisions):
        if isinstance(decision, PauseCounting):
            start_ms, end_ms = decision.start_ms, decision.end_ms
            for later in decisions[number + 1 :]:
                if end_ms is None:
                    end_ms = max(start_ms, instant(later))
                elif instant(later) >= start_ms:
                    end_ms = min(end_ms, instant(later))
            if start_ms != end_ms:
                expected.append((start_ms, NEVER_MS if end_ms is None else end_ms, name(number)))
    found = [(p.start_ms, p.end_ms, p.edit.id) for p in pauses_of(journal(*decisions))]
    assert sorted(found) == sorted(expected)


@given(DECISIONS)
def test_of_decisions_one_after_the_other_the_last_one_says_whether_counting_is_paused(
    decisions: list[PauseCounting | ResumeCounting],
) -> None:
    decisions = sorted(decisions, key=instant)
    edits = journal(*decisions)
    found = pauses_of(edits)
    assert all(p.start_ms < p.end_ms for p in found)
    assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(found))
    for minute in range(-1, 30):
        last = next((each for each in reversed(decisions) if instant(each) <= minute * M), None)
        paused = isinstance(last, PauseCounting) and (last.end_ms is None or minute * M < last.end_ms)
        assert (pause_at(edits, minute * M) is not None) is paused


class TestToPause:
    def test_a_pause_begins_now_and_lasts_as_long_as_was_said(self) -> None:
        assert pause([], 5 * M, None) == pausing(5)
        assert pause(journal(pausing(0)), 5 * M, 20 * M) == pausing(5, 20)

    @pytest.mark.parametrize("end", [None, 60])
    def test_what_is_paused_until_then_already_is_refused(self, end: int | None) -> None:
        edits = journal(pausing(10, end))
        with pytest.raises(MonitorError, match="counting is paused until then already; nothing was changed"):
            pause(edits, 20 * M, None if end is None else end * M)
        assert pause(edits, 20 * M, 61 * M) == pausing(20, 61)


class TestToResume:
    def test_the_pause_that_holds_ends_now(self) -> None:
        edits = journal(pausing(0, 10), pausing(20))
        assert resume(edits, 25 * M) == (resuming(25), pauses_of(edits)[1])

    @pytest.mark.parametrize("decisions", [[], [pausing(0, 10)], [pausing(0), resuming(5)], [pausing(0, 20)]])
    def test_where_nothing_is_paused_there_is_nothing_to_resume(self, decisions: list[Decision]) -> None:
        with pytest.raises(MonitorError, match="counting is not paused, so there is nothing to resume"):
            resume(journal(*decisions), 20 * M)

    def test_a_pause_that_was_taken_back_does_not_hold(self) -> None:
        with pytest.raises(MonitorError, match="not paused"):
            resume(in_force(journal(pausing(0), Undo(name(0)))), 20 * M)


class TestStretchOfAnEdit:
    def test_a_pause_is_about_what_it_comes_to_beside_the_others_also_once_it_was_taken_back(self) -> None:
        made = journal(pausing(10, 60), pausing(20), resuming(30))
        assert [stretch_of_pause(made, name(n)) for n in (0, 1)] == [(10 * M, 20 * M), (20 * M, 30 * M)]
        undone = [*made, Edit("undo-0001", 0, Undo(name(1)))]
        assert stretch_of_pause(undone, name(1)) == (20 * M, 30 * M)
        assert stretch_of_pause(undone, name(0)) == (10 * M, 30 * M)

    def test_a_pause_that_came_to_nothing_is_about_no_stretch(self) -> None:
        assert stretch_of_pause(journal(pausing(10), pausing(10, 20)), name(0)) is None

    def test_a_resume_is_about_the_rest_of_its_pause(self) -> None:
        timed, unlimited = journal(pausing(10, 60), resuming(30)), journal(pausing(10), resuming(30))
        assert stretch_of_resume(timed, name(1)) == (30 * M, 60 * M)
        assert stretch_of_resume(unlimited, name(1)) == (30 * M, NEVER_MS)
        assert stretch_of_resume([*timed, Edit("undo-0001", 0, Undo(name(1)))], name(1)) == (30 * M, 60 * M)
        assert stretch_of_resume(journal(pausing(10, 60), resuming(30), pausing(40)), name(1)) == (30 * M, 40 * M)

    def test_a_resume_after_the_pause_and_what_is_no_resume_are_about_nothing(self) -> None:
        assert stretch_of_resume(journal(pausing(10, 20), resuming(30)), name(1)) is None
        assert stretch_of_resume(journal(pausing(10, 20)), name(0)) is None


def test_edits_of_other_kinds_are_passed_over() -> None:
    added = Edit("an-added-hour", 0, AddTime("/a", 0, HOUR_MS))
    assert pauses_of([*journal(pausing(10)), added])[0].end_ms == NEVER_MS


UTC = ZoneInfo("UTC")
MONDAY = dt.date(2026, 11, 23)
MIDNIGHT = round(dt.datetime(2026, 11, 24, tzinfo=dt.UTC).timestamp() * 1000)
LATER_MS = MIDNIGHT + 30 * 24 * HOUR_MS


@pytest.fixture
def night(tmp_path: Path) -> Iterator[EventStore]:
    """A store in which Claude worked from ten to two, with a second prompt at half past eleven."""
    with EventStore(tmp_path) as store:
        at = {"UserPromptSubmit": (-120, -30), "PostToolUse": (-31, 60), "Stop": (120,)}
        events = [
            Event(f"{kind}-{minute}", MIDNIGHT + minute * M, kind, "s", 1)
            for kind, minutes in at.items()
            for minute in minutes
        ]
        store.record(sorted(events, key=lambda event: event.t_ms))
        yield store


def decide(store: EventStore, *decisions: Decision) -> None:
    with store.transaction(durably=False):
        for decision in decisions:
            store.add_edit(Edit(name(len(store.journal())), 0, decision))


def days(store: EventStore, zone: ZoneInfo = UTC, now_ms: int = LATER_MS) -> Report:
    return build_report(store, MONDAY, MONDAY + dt.timedelta(1), zone, Config(), now_ms)


def around_midnight(start: int, end: int | None = None) -> PauseCounting:
    return PauseCounting(MIDNIGHT + start * M, None if end is None else MIDNIGHT + end * M)


class TestReport:
    def test_a_pause_over_midnight_takes_its_part_of_both_days(self, night: EventStore) -> None:
        assert [day.total_ms // M for day in days(night).days] == [120, 120]
        decide(night, around_midnight(-10, 20))
        assert [day.total_ms // M for day in days(night).days] == [110, 100]

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York"])
    def test_a_pause_takes_as_much_in_every_zone(self, night: EventStore, zone: str) -> None:
        before = days(night, ZoneInfo(zone)).total_ms
        decide(night, around_midnight(-10, 20))
        assert before - days(night, ZoneInfo(zone)).total_ms == 30 * M

    def test_usage_windows_and_counts_of_events_are_as_without_the_pause(self, night: EventStore) -> None:
        before = days(night)
        decide(night, around_midnight(-119))
        paused = days(night)
        assert (paused.total_ms, paused.agent_ms, before.agent_ms) == (M, M, 240 * M)
        assert paused.windows == before.windows
        assert [p.events for p in paused.projects] == [p.events for p in before.projects]

    def test_what_is_taken_back_in_whatever_order_gives_everything_back(self, night: EventStore) -> None:
        before = days(night)
        decide(night, around_midnight(-60), around_midnight(0), ResumeCounting(MIDNIGHT + 30 * M))
        assert days(night).total_ms == (60 + 90) * M
        decide(night, Undo(name(2)))
        assert days(night).total_ms == 60 * M
        decide(night, Undo(name(1)))
        assert days(night).total_ms == 60 * M
        decide(night, Undo(name(0)))
        assert days(night) == before

    def test_one_that_nobody_ends_goes_on_for_weeks(self, night: EventStore) -> None:
        later_ms = MIDNIGHT + 21 * 24 * HOUR_MS
        night.record([Event("late", later_ms, "UserPromptSubmit", "s", 1), Event("end", later_ms + M, "Stop", "s", 1)])
        day = MONDAY + dt.timedelta(22)
        assert build_report(night, day, day, UTC, Config(), later_ms + M).total_ms == M
        decide(night, around_midnight(0))
        paused = build_report(night, day, day, UTC, Config(), later_ms + M)
        assert (paused.total_ms, paused.projects[0].events) == (0, 2)
        assert paused.pause is not None

    def test_it_survives_that_the_books_are_made_anew(self, night: EventStore) -> None:
        decide(night, around_midnight(-10, 20))
        from_events = days(night)
        books = Books(night, rules_of(Config()))
        books.catch_up_entirely(LATER_MS)
        assert days(night) == from_events
        books.begin_anew()
        books.catch_up_entirely(LATER_MS)
        assert days(night) == from_events

    def test_a_report_names_the_pauses_that_reach_into_it_and_the_one_that_holds(self, night: EventStore) -> None:
        decide(night, around_midnight(-20, -10), around_midnight(24 * 60, 24 * 60 + 1), around_midnight(3 * 24 * 60))
        holds_ms = MIDNIGHT + 3 * 24 * HOUR_MS
        for now_ms, named, held in ((holds_ms - 1, [-20], None), (holds_ms, [-20, 3 * 24 * 60], 3 * 24 * 60)):
            report = days(night, now_ms=now_ms)
            assert [(p.start_ms - MIDNIGHT) // M for p in report.pauses] == named
            assert (report.pause and (report.pause.start_ms - MIDNIGHT) // M) == held
