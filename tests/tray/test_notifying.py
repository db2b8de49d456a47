"""The policy of notifications, at fixed instants of a Monday in Berlin."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.config import Config
from monitor_core.edits import Edit, PauseCounting
from monitor_core.model import HOUR_MS, MINUTE_MS
from monitor_core.pauses import Pause as Pausing
from monitor_core.report import StreamNow
from monitor_core.turns import StreamState
from monitor_tray.actions import OpenDay, Pause
from monitor_tray.notification import Button, Kind, Notification
from monitor_tray.notifying import APART_MS, Decision, Notifier, Situation, is_quiet, quiet_until
from tests.tray.render.samples import BERLIN, HOSTILE, MONDAY, block, instant, report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor_core.model import Block
    from monitor_core.report import Report

OPEN_REPORT = Button("Open report", OpenDay())
NIGHT = (dt.time(22), dt.time(7))
TUESDAY = MONDAY + dt.timedelta(1)


def at(clock: str, day: dt.date = MONDAY) -> int:
    return instant(day, clock)


def question(since: str, project: str = "api", session: str = "", day: dt.date = MONDAY) -> StreamNow:
    return StreamNow(session or project, "", project, StreamState.BLOCKED, at(since, day))


def finished(since: str, project: str = "web", session: str = "") -> StreamNow:
    return StreamNow(session or project, "", project, StreamState.USERS_TURN, at(since))


def working(project: str, session: str = "") -> StreamNow:
    return StreamNow(session or project, "agent", project, StreamState.WORKING, at("10:00"))


class Day:
    """A tray that was started at ``started`` and is asked at one time after the other."""

    def __init__(self, started: str = "08:00", day: dt.date = MONDAY, **settings: Any) -> None:
        self.config = dataclasses.replace(Config(), **settings)
        self.day = day
        self.notifier = Notifier(at(started, day))

    def report(self, clock: str, streams: Iterable[StreamNow] = (), **projects: Block) -> Report:
        made = report({name: [own] for name, own in projects.items()}, first=self.day, now=at(clock, self.day))
        return msgspec.structs.replace(
            made,
            open_streams=tuple(s for s in streams if s.state is not StreamState.USERS_TURN),
            finished=tuple(s for s in streams if s.state is StreamState.USERS_TURN),
        )

    def look(self, clock: str, *streams: StreamNow, trouble: str = "", **projects: Block) -> Decision:
        return self.decide(self.report(clock, streams, **projects), trouble)

    def look_in_vain(self, clock: str, trouble: str = "") -> Decision:
        """The store cannot be read."""
        return self.notifier.decide(Situation(at(clock, self.day), None, trouble, self.config, ZoneInfo(BERLIN)))

    def decide(self, found: Report, trouble: str = "") -> Decision:
        return self.notifier.decide(Situation(found.now_ms, found, trouble, self.config, ZoneInfo(BERLIN)))

    def said(self, clock: str, *streams: StreamNow, trouble: str = "", **projects: Block) -> str:
        show = self.look(clock, *streams, trouble=trouble, **projects).show
        return show.title if show else ""


def shown(decision: Decision) -> Notification:
    assert decision.show is not None
    return decision.show


class TestPause:
    PAUSE = Pausing(at("10:00"), at("10:20"), Edit("a-pause-of-mine", at("10:00"), PauseCounting(at("10:00"))))

    def paused(self, day: Day, clock: str, *streams: StreamNow) -> Report:
        return msgspec.structs.replace(day.report(clock, streams), pauses=(self.PAUSE,))

    def test_what_is_due_in_a_pause_is_not_said_in_it_nor_afterwards(self) -> None:
        day = Day()

        assert day.decide(self.paused(day, "10:05", question("10:00"))).show is None
        assert day.decide(self.paused(day, "10:30", question("10:00"))).show is None
        assert day.decide(self.paused(day, "10:31", question("10:30"))).show is not None

    def test_what_is_wrong_is_said_in_a_pause_too(self) -> None:
        day = Day()

        assert shown(day.decide(self.paused(day, "10:05"), "disk full")).kind is Kind.TROUBLE


class TestWaiting:
    def test_question_is_said_after_the_delay_and_looked_for_then(self) -> None:
        day = Day()

        assert day.look("10:00:00", question("10:00")) == Decision(look_at_ms=at("10:00:30"))
        assert day.look("10:00:29", question("10:00")).show is None
        assert shown(day.look("10:00:30", question("10:00"))) == Notification(
            Kind.WAITING, "Claude waits for you in api", "A question since 10:00", (OPEN_REPORT,), stays=True
        )

    def test_question_is_said_once(self) -> None:
        day = Day()
        assert day.said("10:00:30", question("10:00"))

        assert day.look("10:05", question("10:00")) == Decision()

    def test_answer_before_the_delay_takes_it_back(self) -> None:
        day = Day()
        day.look("10:00:10", question("10:00"))

        assert day.look("10:00:20", working("api")) == Decision()
        assert day.look("10:01", working("api")) == Decision()

    def test_answer_takes_the_notification_from_the_screen(self) -> None:
        day = Day()
        assert day.said("10:00:30", question("10:00"))

        assert day.look("10:02", working("api")).over == {Kind.WAITING}
        assert day.look("10:03", working("api")).over == frozenset()

    def test_next_question_of_the_same_session_is_said_again(self) -> None:
        day = Day()
        assert day.said("10:00:30", question("10:00"))

        assert day.said("10:06", question("10:05"))

    def test_finished_turn_is_said_and_does_not_stay(self) -> None:
        found = shown(Day().look("10:01", finished("10:00")))

        assert (found.title, found.body, found.stays) == (
            "Claude waits for you in web",
            "Its turn ended at 10:00",
            False,
        )

    def test_finished_turn_waits_for_nobody_while_its_session_works_on_in_the_background(self) -> None:
        day = Day()
        assert day.look("10:01", finished("10:00"), working("web")) == Decision()

        assert day.said("10:02", finished("10:00"))

    def test_several_that_wait_are_one_notification_with_the_questions_first(self) -> None:
        found = shown(
            Day().look("10:05", finished("10:01", "web"), question("10:02", "api"), question("10:03", "docs"))
        )

        assert found.title == "Claude waits for you in api, docs and web"
        assert found.body == "api: a question since 10:02\ndocs: a question since 10:03\nweb: its turn ended at 10:01"

    def test_one_more_that_waits_is_said_with_those_that_wait_still(self) -> None:
        day = Day()
        assert day.said("10:00:30", question("10:00"))

        assert day.said("10:04", question("10:00"), finished("10:03")) == "Claude waits for you in api and web"
        assert day.look("10:05", finished("10:03")).over == frozenset()
        assert day.look("10:06").over == {Kind.WAITING}

    def test_one_that_began_a_moment_ago_is_not_said_with_the_others(self) -> None:
        decision = Day().look("10:01", question("10:00"), finished("10:00:50"))

        assert shown(decision).title == "Claude waits for you in api"
        assert decision.look_at_ms == at("10:01:20")

    def test_many_are_counted(self) -> None:
        streams = [question(f"10:0{n}", f"p{n}") for n in range(6)]
        found = shown(Day().look("10:10", *streams))

        assert found.title == "Claude waits for you in p0, p1 and 4 more"
        assert found.body.splitlines()[-1] == "3 more sessions…"
        assert len(found.body.splitlines()) == 4

    def test_two_sessions_of_one_project_are_named_once(self) -> None:
        found = shown(Day().look("10:10", question("10:00", session="a"), question("10:01", session="b")))

        assert found.title == "Claude waits for you in api"
        assert len(found.body.splitlines()) == 2

    def test_one_from_before_midnight_is_said_with_the_weekday(self) -> None:
        day = Day("00:00", TUESDAY)

        assert shown(day.look("00:01", question("23:59"))).body == "A question since 23:59 (Mon)"

    def test_what_waited_for_long_when_the_tray_started_is_not_said(self) -> None:
        day = Day("10:00")

        assert day.look("10:00", question("09:54"), finished("09:50")) == Decision()
        assert day.said("10:01", question("09:54"), finished("09:56")) == "Claude waits for you in web"

    def test_delay_is_that_of_the_settings(self) -> None:
        day = Day(waiting_after_ms=5 * MINUTE_MS)

        assert day.look("10:04:59", question("10:00")).look_at_ms == at("10:05")
        assert day.said("10:05", question("10:00"))
        assert Day(waiting_after_ms=0).said("10:00", question("10:00"))

    def test_either_kind_can_be_switched_off(self) -> None:
        both = (question("10:00"), finished("10:00"))

        assert Day(notify_question=False).said("10:05", *both) == "Claude waits for you in web"
        assert Day(notify_finished=False).said("10:05", *both) == "Claude waits for you in api"
        assert Day(notify_question=False, notify_finished=False).look("10:05", *both) == Decision()

    def test_hostile_name_is_one_short_line(self) -> None:
        found = shown(Day().look("10:05", question("10:00", HOSTILE), question("10:01", "x" * 10_000)))

        assert found.title.isprintable()
        assert len(found.title) < 100
        assert all(line.isprintable() for line in found.body.splitlines())
        assert len(found.body.splitlines()) == 2


class TestBreak:
    def test_long_stretch_without_a_break_is_said_once(self) -> None:
        day = Day()
        assert day.look("11:29", api=block("10:00", "11:29")) == Decision()

        found = shown(day.look("11:31", api=block("10:00", "11:31")))

        assert (found.kind, found.title) == (Kind.BREAK, "1 h 31 min without a break")
        assert found.body == "You have been at it since 10:00"
        assert found.buttons[1].action == Pause(15 * MINUTE_MS)
        assert day.look("13:00", api=block("10:00", "13:00")) == Decision()

    def test_stretch_goes_on_from_project_to_project(self) -> None:
        assert Day().said("11:40", api=block("10:00", "10:50"), web=block("10:54", "11:38"))

    def test_gap_longer_than_the_idle_timeout_is_a_break(self) -> None:
        assert not Day().said("11:40", api=block("10:00", "10:50"), web=block("10:56", "11:38"))
        assert Day(idle_timeout_ms=10 * MINUTE_MS).said(
            "11:40", api=block("10:00", "10:50"), web=block("10:56", "11:38")
        )

    def test_stretch_that_is_over_is_not_said_and_taken_from_the_screen(self) -> None:
        day = Day()
        assert day.said("11:31", api=block("10:00", "11:31"))
        assert day.look("11:40", api=block("10:00", "11:31")).over == {Kind.BREAK}

        assert not Day().said("11:40", api=block("10:00", "11:31"))

    def test_next_stretch_is_said_again(self) -> None:
        day = Day()
        assert day.said("11:31", api=block("10:00", "11:31"))
        day.look("12:00", api=block("10:00", "11:31"))

        assert day.said("14:01", api=block("10:00", "11:31"), web=block("12:30", "14:00"))

    def test_stretch_over_midnight_is_one(self) -> None:
        day = Day("22:00")
        day.look("23:59", api=block("23:00", "23:59"))
        day.day = TUESDAY

        found = shown(day.look("00:31", api=block("00:00", "00:31", day=TUESDAY)))

        assert found.title == "1 h 31 min without a break"
        assert found.body == "You have been at it since 23:00 (Mon)"
        assert day.look("01:40", api=block("00:00", "01:40", day=TUESDAY)).show is None

    def test_stretch_that_was_long_when_the_tray_started_is_not_said(self) -> None:
        assert Day("11:40").look("11:41", api=block("10:00", "11:41")) == Decision()

    def test_zero_is_never(self) -> None:
        assert Day(break_after_ms=0, notify_goal=False).look("19:00", api=block("10:00", "19:00")) == Decision()


class TestGoal:
    def test_goal_is_said_once_a_day(self) -> None:
        day = Day(break_after_ms=0)
        assert day.look("17:59", api=block("10:00", "17:59")) == Decision()

        assert shown(day.look("18:01", api=block("10:00", "18:01"))) == Notification(
            Kind.GOAL, "Goal of 8 h reached", "8 h 01 m today", (OPEN_REPORT,)
        )
        assert day.look("18:02", api=block("10:00", "18:02")) == Decision()
        # time was taken out, and made up for
        assert day.look("18:10", api=block("10:00", "17:50")).over == {Kind.GOAL}
        assert day.look("18:45", api=block("10:30", "18:45")) == Decision()

    def test_goal_is_said_again_on_the_next_day(self) -> None:
        day = Day(break_after_ms=0)
        assert day.said("18:01", api=block("10:00", "18:01"))
        day.day = TUESDAY

        assert day.said("18:01", api=block("10:00", "18:01", day=TUESDAY))

    def test_goal_that_was_reached_when_the_tray_started_is_not_said(self) -> None:
        day = Day("18:01", break_after_ms=0)

        assert day.look("18:02", api=block("10:00", "18:02")) == Decision()

    def test_what_counts_twice_reaches_it_once(self) -> None:
        one = block("10:00", "14:30")

        assert Day(break_after_ms=0).look("14:30", api=one, web=one) == Decision()

    def test_it_can_be_switched_off_and_no_goal_is_never_reached(self) -> None:
        all_day = block("09:00", "19:00")

        assert Day(break_after_ms=0, notify_goal=False).look("19:00", api=all_day) == Decision()
        assert Day(break_after_ms=0, goal_ms=0).look("19:00", api=all_day) == Decision()


class TestTrouble:
    def test_trouble_is_said_once_until_it_is_well_again(self) -> None:
        day = Day()
        first = shown(day.look("10:00", trouble="cannot write\n\x1b[31m the database"))
        assert (first.kind, first.title, first.stays) == (Kind.TROUBLE, "Something is wrong", True)
        assert first.body.isprintable()
        assert day.look("10:05", trouble="cannot write the database") == Decision()

        assert day.look("10:06").over == {Kind.TROUBLE}
        assert day.said("10:08", trouble="cannot write the database")

    def test_store_that_cannot_be_read_is_trouble_and_takes_nothing_else_back(self) -> None:
        day = Day()
        assert day.said("10:00:30", question("10:00"))

        decision = day.look_in_vain("10:02", "cannot open the database")

        assert shown(decision).kind is Kind.TROUBLE
        assert decision.over == frozenset()
        assert day.look("10:03", question("10:00")) == Decision(over=frozenset({Kind.TROUBLE}))

    def test_trouble_of_days_is_not_said_again(self) -> None:
        day = Day()
        assert day.said("10:00", trouble="full")
        day.day = MONDAY + dt.timedelta(3)

        assert not day.said("10:00", trouble="full")

    def test_it_can_be_switched_off(self) -> None:
        assert Day(notify_trouble=False).look("10:00", trouble="full") == Decision()


class TestNeverMoreThanOneAMinute:
    def test_what_is_due_meanwhile_is_said_a_minute_later(self) -> None:
        day = Day()
        assert day.said("10:00:00", trouble="full")

        assert day.look("10:00:30", question("10:00"), trouble="full") == Decision(look_at_ms=at("10:01"))
        assert day.said("10:01:00", question("10:00"), trouble="full") == "Claude waits for you in api"

    def test_what_is_over_meanwhile_is_not_said(self) -> None:
        day = Day()
        assert day.said("10:00:00", trouble="full")
        day.look("10:00:30", question("10:00"), trouble="full")

        assert day.look("10:01:00", trouble="full") == Decision()

    def test_the_more_urgent_is_said_first(self) -> None:
        day = Day()
        whole = block("10:00", "18:00")
        wait = question("17:59")

        kinds = [
            day.look(clock, wait, trouble="full", api=whole).show
            for clock in ("18:00", "18:01", "18:02", "18:03", "18:04")
        ]

        assert [found and found.kind for found in kinds] == [Kind.TROUBLE, Kind.WAITING, Kind.BREAK, Kind.GOAL, None]

    def test_clock_that_is_set_back_holds_back_no_longer_than_a_minute(self) -> None:
        day = Day()
        assert day.said("12:00", trouble="full")

        assert day.look("10:01", question("10:00"), trouble="full").look_at_ms == at("10:02")
        assert day.said("10:02", question("10:00"), trouble="full")


class TestQuietHours:
    def test_nothing_is_said_in_them(self) -> None:
        day = Day(quiet_hours=NIGHT)

        assert day.look("22:01", question("22:00")).show is None
        assert day.look("23:00", trouble="full", api=block("14:00", "23:00")).show is None

    def test_what_was_due_in_them_is_not_said_when_they_are_over(self) -> None:
        day = Day("06:00", quiet_hours=NIGHT)
        day.look("06:51", question("06:50"), api=block("05:00", "06:51"))

        assert day.look("07:00", question("06:50"), api=block("05:00", "07:00")) == Decision()

    def test_what_was_due_in_them_is_not_said_though_nobody_looked_then(self) -> None:
        day = Day("06:00", quiet_hours=NIGHT)

        assert day.look("07:00", question("06:50")) == Decision()

    def test_what_came_to_light_in_them_is_not_said_when_they_are_over(self) -> None:
        day = Day(quiet_hours=(dt.time(18), dt.time(19)), break_after_ms=0)
        assert day.look("18:03", api=block("09:58", "18:03")) == Decision()

        assert day.look("19:00", api=block("09:58", "18:03")) == Decision()

    def test_what_is_due_after_them_is_said(self) -> None:
        day = Day("06:00", quiet_hours=NIGHT)
        assert day.look("06:59:45", question("06:59:40")) == Decision(look_at_ms=at("07:00:10"))

        assert day.said("07:00:10", question("06:59:40"))

    def test_trouble_is_said_when_they_are_over_if_it_is_there_still(self) -> None:
        day = Day("23:00", quiet_hours=NIGHT)
        assert day.look("23:30", trouble="full") == Decision(look_at_ms=at("07:00", TUESDAY))
        day.day = TUESDAY

        assert day.said("07:00", trouble="full") == "Something is wrong"
        assert Day("23:00", TUESDAY, quiet_hours=NIGHT).look("07:00") == Decision()

    def test_what_is_on_the_screen_is_taken_from_it_in_them(self) -> None:
        day = Day(quiet_hours=NIGHT)
        assert day.said("21:59:50", question("21:59"))

        assert day.look("22:10").over == {Kind.WAITING}

    @pytest.mark.parametrize(
        ("hours", "clock", "quiet", "until"),
        [
            ((dt.time(13), dt.time(14)), "12:59", False, "14:00"),
            ((dt.time(13), dt.time(14)), "13:00", True, "14:00"),
            ((dt.time(13), dt.time(14)), "14:00", False, "38:00"),
            (NIGHT, "21:59:59", False, "31:00"),
            (NIGHT, "22:00", True, "31:00"),
            (NIGHT, "06:59:59", True, "07:00"),
            (NIGHT, "07:00", False, "31:00"),
        ],
    )
    def test_they_begin_with_the_first_time_and_end_with_the_second(
        self, hours: tuple[dt.time, dt.time], clock: str, quiet: bool, until: str
    ) -> None:
        config = dataclasses.replace(Config(), quiet_hours=hours)
        situation = Situation(at(clock), None, "", config, ZoneInfo(BERLIN))

        assert is_quiet(at(clock), situation) is quiet
        assert quiet_until(at(clock), situation) == at(until)

    @pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
    def test_they_end_at_the_time_of_the_settings_when_the_clocks_change(self, day: dt.date) -> None:
        config = dataclasses.replace(Config(), quiet_hours=NIGHT)
        eve = at("23:00", day - dt.timedelta(1))
        situation = Situation(eve, None, "", config, ZoneInfo(BERLIN))

        assert quiet_until(eve, situation) == at("07:00", day)


# Any day that can come, as looks at what happens: how much later, what waits since when, how much was worked, trouble.
LOOKS = st.lists(
    st.tuples(
        st.integers(0, 20 * MINUTE_MS),
        st.lists(st.tuples(st.integers(0, 70 * MINUTE_MS), st.booleans(), st.sampled_from("abc")), max_size=3),
        st.integers(0, 9 * HOUR_MS),
        st.booleans(),
    ),
    max_size=40,
)


def live_through(
    day: Day, looks: Iterable[tuple[int, Any, int, bool]], begin_ms: int
) -> Iterable[tuple[int, Decision]]:
    now_ms = begin_ms
    for later_ms, waits, worked_ms, is_trouble in looks:
        now_ms += later_ms
        day.day = dt.datetime.fromtimestamp(now_ms / 1_000, ZoneInfo(BERLIN)).date()
        made = block("00:00", "00:00", day=day.day)
        own = msgspec.structs.replace(made, start_ms=max(made.start_ms, now_ms - worked_ms), end_ms=now_ms)
        streams = [
            StreamNow(name, "", name, StreamState.BLOCKED if asks else StreamState.USERS_TURN, now_ms - ago_ms)
            for ago_ms, asks, name in waits
        ]
        found = msgspec.structs.replace(day.report("00:00", streams, api=own), now_ms=now_ms)
        yield now_ms, day.decide(found, "full" if is_trouble else "")


@given(LOOKS)
def test_never_two_within_a_minute(looks: list[tuple[int, Any, int, bool]]) -> None:
    day = Day("08:00")
    times = [now_ms for now_ms, decision in live_through(day, looks, at("08:00")) if decision.show]

    assert all(later - earlier >= APART_MS for earlier, later in itertools.pairwise(times))


@given(LOOKS, st.times(), st.times())
def test_nothing_is_said_in_quiet_hours(looks: list[tuple[int, Any, int, bool]], begin: dt.time, end: dt.time) -> None:
    hours = (begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0))
    day = Day("08:00", quiet_hours=hours if hours[0] != hours[1] else None)
    for now_ms, decision in live_through(day, looks, at("08:00")):
        situation = Situation(now_ms, None, "", day.config, ZoneInfo(BERLIN))
        assert not (decision.show and is_quiet(now_ms, situation))


@given(LOOKS)
def test_next_look_lies_ahead_and_is_never_wanted_where_there_is_nothing(
    looks: list[tuple[int, Any, int, bool]],
) -> None:
    for now_ms, decision in live_through(Day("08:00"), looks, at("08:00")):
        assert decision.look_at_ms is None or decision.look_at_ms > now_ms

    assert Day("08:00").look("09:00") == Decision()
