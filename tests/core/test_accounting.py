"""The worked examples of docs/time-accounting.md, and the rules one by one.

Instants are written as times of one day in UTC; the accounting knows no days.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from monitor_core.accounting import Account, Rules, account, usage_windows
from monitor_core.blocks import clip_block
from monitor_core.intervals import length_ms, union
from monitor_core.model import HOUR_MS, MINUTE_MS, SECOND_MS, Block, Event, Interval
from monitor_core.turns import Stint, StreamState, Wait

if TYPE_CHECKING:
    from collections.abc import Iterable

RULES = Rules(idle_ms=5 * MINUTE_MS, usage_window_ms=5 * HOUR_MS)
_numbers = itertools.count()


def at(clock: str) -> int:
    """Milliseconds of "10:00", "10:00:10" or "34:00" (the next day at ten)."""
    hours, minutes, seconds = ([*map(int, clock.split(":")), 0])[:3]
    return hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS


def event(clock: str, kind: str, project: int = 1, session: str = "main", **fields: Any) -> Event:
    return Event(id=f"{next(_numbers):06}", t_ms=at(clock), kind=kind, session_id=session, place=project, **fields)


def notification(clock: str, kind: str, **fields: Any) -> Event:
    return event(clock, "Notification", notification_type=kind, **fields)


def awake(clock: str, kind: str, awake_clock: str, **fields: Any) -> Event:
    return event(clock, kind, awake_ms=at(awake_clock), **fields)


def done(events: Iterable[Event], now: str = "96:00") -> Account:
    """The account long after everything is over."""
    return account(events, at(now), RULES)


def blocks(result: Account) -> list[Block]:
    return [block for own in result.blocks.values() for block in own]


def active(result: Account, project: int = 1) -> str:
    return clock(sum(b.active_ms for b in result.blocks.get(project, ())))


def working(result: Account) -> str:
    return clock(length_ms(union(i for b in blocks(result) for i in b.working)))


def total(result: Account) -> str:
    return clock(length_ms(union((b.start_ms, b.end_ms) for b in blocks(result))))


def waited(events: Iterable[Event], now: str = "96:00") -> str:
    result = done(events, now)
    return clock(length_ms(union(wait[:2] for own in result.waits.values() for wait in own)))


def clock(duration_ms: int) -> str:
    minutes, ms = divmod(duration_ms, MINUTE_MS)
    seconds, rest = divmod(ms, SECOND_MS)
    assert rest == 0
    return f"{minutes}:{seconds:02}"


class TestWorkedExamples:
    def test_a_turn_with_a_long_tool_is_one_block_of_work(self) -> None:
        result = done(
            [
                event("10:00:00", "UserPromptSubmit"),
                event("10:00:10", "PreToolUse"),
                event("10:22:10", "PostToolUse"),
                event("10:23:00", "Stop"),
            ]
        )
        assert (active(result), working(result), len(blocks(result))) == ("23:00", "23:00", 1)

    def test_a_killed_session_counts_provisionally_for_an_hour_and_then_five_minutes(self) -> None:
        events = [event("10:00:00", "UserPromptSubmit"), event("10:00:10", "PreToolUse")]
        assert active(done(events, now="11:00:10")) == "60:10"
        assert blocks(done(events, now="11:00:10"))[0].open
        assert active(done(events, now="11:00:11")) == "5:10"
        assert not blocks(done(events, now="11:00:11"))[0].open

    @pytest.mark.parametrize(("notified", "expected"), [(True, "2:08"), (False, "2:00")])
    def test_a_permission_question_that_lay_for_forty_minutes_does_not_count(
        self, *, notified: bool, expected: str
    ) -> None:
        asked = [notification("10:01:08", "permission_prompt")] if notified else []
        result = done(
            [
                event("10:00", "UserPromptSubmit"),
                event("10:01", "PreToolUse", tool_use_id="a"),
                *asked,
                event("10:41:03", "PostToolUse", tool_use_id="a", duration_ms=3 * SECOND_MS),
                event("10:42", "Stop"),
            ]
        )
        assert (active(result), working(result)) == (expected, expected)

    def test_a_twenty_minute_tool_that_was_allowed_without_asking_counts_in_full(self) -> None:
        result = done(
            [
                event("10:00", "UserPromptSubmit"),
                event("10:01", "PreToolUse", tool_use_id="a", tool_name="Bash"),
                event("10:01", "PermissionRequest", tool_name="Bash"),
                event("10:21", "PostToolUse", tool_use_id="a", tool_name="Bash", duration_ms=20 * MINUTE_MS),
                event("10:22", "Stop"),
            ]
        )
        assert working(result) == "22:00"

    def test_an_interrupted_turn_counts_to_the_interruption_where_it_was_seen(self) -> None:
        events = [
            event("10:00", "UserPromptSubmit", prompt_id="p"),
            event("11:00", "UserPromptSubmit", prompt_id="q"),
            event("11:01", "Stop", prompt_id="q"),
        ]
        assert active(done(events)) == "6:00"
        assert active(done([*events, event("10:12", "Interrupted")])) == "13:00"

    def test_a_prompt_queued_while_claude_works_proves_that_it_worked(self) -> None:
        events = [
            event("10:00", "UserPromptSubmit", prompt_id="p"),
            event("10:20", "UserPromptSubmit", prompt_id="p"),
            event("10:30", "Stop", prompt_id="p"),
        ]
        assert working(done(events)) == "30:00"

    def test_a_background_agent_works_on_after_the_stop_of_the_main_stream(self) -> None:
        result = done(
            [
                event("10:00", "UserPromptSubmit"),
                event("10:05", "SubagentStart", agent_id="a1"),
                event("10:10", "Stop"),
                event("10:40", "SubagentStop", agent_id="a1"),
            ]
        )
        assert working(result) == "40:00"
        assert result.stints["main", "a1"] == (Stint(at("10:05"), at("10:40"), 1, auto=False),)
        assert result.stints["main", ""] == (Stint(at("10:00"), at("10:10"), 1, auto=False),)

    def test_two_projects_at_once_are_counted_once_in_the_total(self) -> None:
        result = done(
            [
                event("10:00", "UserPromptSubmit", 1, "a"),
                event("10:30", "Stop", 1, "a"),
                event("10:10", "UserPromptSubmit", 2, "b"),
                event("10:40", "Stop", 2, "b"),
            ]
        )
        assert (active(result, 1), active(result, 2), total(result)) == ("30:00", "30:00", "40:00")

    def test_two_sessions_of_one_project_are_counted_once(self) -> None:
        result = done(
            [
                event("10:00", "UserPromptSubmit", 1, "a"),
                event("10:30", "Stop", 1, "a"),
                event("10:10", "UserPromptSubmit", 1, "b"),
                event("10:40", "Stop", 1, "b"),
            ]
        )
        assert (active(result), len(blocks(result))) == ("40:00", 1)

    def test_a_late_point_joins_two_blocks(self) -> None:
        events = [event("10:00", "Stop"), event("10:08", "Stop")]
        assert (active(done(events)), len(blocks(done(events)))) == ("0:00", 2)
        late = [*events, event("10:04", "Stop")]
        assert (active(done(late)), len(blocks(done(late)))) == ("8:00", 1)

    def test_late_events_take_back_what_was_believed_to_be_work(self) -> None:
        events = [event("10:00", "UserPromptSubmit"), event("10:30", "PostToolUse")]
        assert active(done(events, now="10:30")) == "30:00"
        late = done([*events, event("10:02", "Stop"), event("10:29", "UserPromptSubmit")], now="10:30")
        assert (active(late), len(blocks(late))) == ("3:00", 2)

    @pytest.mark.parametrize("duration_ms", [None, 9 * HOUR_MS])
    def test_a_machine_asleep_does_no_work(self, duration_ms: int | None) -> None:
        result = done(
            [
                awake("10:00", "PreToolUse", "1:00", tool_use_id="a"),
                awake("19:00", "PostToolUse", "1:05", tool_use_id="a", duration_ms=duration_ms),
                awake("19:00", "Stop", "1:05"),
            ]
        )
        assert working(result) == "5:00"

    def test_a_lone_stop_is_a_block_without_length(self) -> None:
        result = done([event("10:00", "Stop")])
        assert (active(result), len(blocks(result))) == ("0:00", 1)

    def test_a_lone_prompt_counts_for_the_idle_timeout(self) -> None:
        assert active(done([event("10:00", "UserPromptSubmit")])) == "5:00"

    def test_a_question_is_waited_for_until_it_is_answered(self) -> None:
        asked = [event("10:00", "PreToolUse"), notification("10:01", "permission_prompt")]
        assert waited([*asked, event("10:41", "PostToolUse"), event("10:42", "UserPromptSubmit")]) == "40:00"

    def test_the_tool_that_was_asked_about_is_no_wait(self) -> None:
        result = done(
            [
                event("10:00", "PreToolUse", tool_use_id="a"),
                notification("10:01", "permission_prompt"),
                event("10:31", "PostToolUse", tool_use_id="a", duration_ms=20 * MINUTE_MS),
                event("10:32", "UserPromptSubmit"),
            ]
        )
        assert result.waits["main", ""] == (Wait(at("10:01"), at("10:11"), 1),)

    @pytest.mark.parametrize("kind", ["Stop", "StopFailure", "Interrupted"])
    def test_a_finished_turn_is_waited_for_at_most_an_hour(self, kind: str) -> None:
        finished = [event("10:00", "UserPromptSubmit"), event("10:10", kind)]
        assert waited([*finished, event("10:15", "UserPromptSubmit")]) == "5:00"
        assert waited([*finished, event("13:10", "UserPromptSubmit")]) == "60:00"

    def test_a_machine_asleep_is_not_waiting(self) -> None:
        assert waited([awake("18:00", "Stop", "1:00"), awake("33:00", "UserPromptSubmit", "1:12")]) == "12:00"

    def test_a_subagent_waits_for_an_answer_but_not_when_it_is_done(self) -> None:
        events = [event("10:00", "SubagentStart", agent_id="x"), event("10:10", "SubagentStop", agent_id="x")]
        assert waited([*events, event("10:20", "SubagentStop")]) == "0:00"
        asked = notification("10:05", "permission_prompt", agent_id="x")
        assert done([*events, asked]).waits == {("main", "x"): (Wait(at("10:05"), at("10:10"), 1),)}

    @pytest.mark.parametrize("last", [event("10:10", "Stop"), notification("10:10", "permission_prompt")])
    def test_an_open_wait_lasts_until_now_and_an_hour_at_most(self, last: Event) -> None:
        for now, expected in [("10:10", "0:00"), ("10:30", "20:00"), ("11:10", "60:00"), ("20:00", "60:00")]:
            assert waited([last], now=now) == expected


class TestBlocks:
    def test_gap_equal_to_idle_timeout_continues_the_block(self) -> None:
        assert len(blocks(done([event("10:00", "Stop"), event("10:05", "Stop")]))) == 1

    def test_gap_above_idle_timeout_ends_the_block(self) -> None:
        assert len(blocks(done([event("10:00", "Stop"), event("10:05:01", "Stop")]))) == 2

    def test_reading_after_a_stop_is_attention_and_not_work(self) -> None:
        result = done([event("10:00", "UserPromptSubmit"), event("10:10", "Stop"), event("10:14", "UserPromptSubmit"),
                       event("10:15", "Stop")])  # fmt: skip
        assert (active(result), working(result)) == ("15:00", "11:00")

    def test_what_happens_after_the_last_point_is_not_credited(self) -> None:
        assert blocks(done([event("10:00", "UserPromptSubmit"), event("10:10", "Stop")]))[0].end_ms == at("10:10")

    def test_the_end_of_a_session_is_no_point(self) -> None:
        assert done([event("10:00", "SessionEnd"), event("10:01", "ProcessGone")]).blocks == {}

    def test_an_unknown_kind_is_a_point_and_changes_no_state(self) -> None:
        result = done([event("10:00", "UserPromptSubmit"), event("10:04", "FromTheFuture"), event("10:30", "Stop")])
        assert working(result) == "30:00"
        assert len(blocks(done([event("10:00", "FromTheFuture")]))) == 1

    def test_a_gap_belongs_to_the_project_of_its_first_event(self) -> None:
        result = done(
            [
                event("10:00", "PreToolUse", 1, tool_use_id="cd"),
                event("10:20", "PostToolUse", 2, tool_use_id="cd", duration_ms=20 * MINUTE_MS),
                event("10:21", "Stop", 2),
            ]
        )
        assert (active(result, 1), active(result, 2)) == ("20:00", "1:00")

    def test_a_block_is_open_while_a_new_event_would_still_join_it(self) -> None:
        assert blocks(done([event("10:00", "Stop")], now="10:05"))[0].open
        assert not blocks(done([event("10:00", "Stop")], now="10:06"))[0].open

    def test_an_event_of_the_future_waits_until_the_clock_has_passed_it(self) -> None:
        events = [event("10:00", "Stop"), event("10:03", "Stop")]
        assert active(done(events, now="10:01")) == "0:00"
        assert active(done(events, now="10:02")) == "3:00"


class TestProof:
    def test_one_event_proves_at_most_twelve_hours(self) -> None:
        assert working(done([event("10:00", "UserPromptSubmit"), event("40:00", "Stop")])) == "720:00"

    def test_an_idle_hint_ends_the_work_a_minute_before_it(self) -> None:
        events = [event("10:00", "UserPromptSubmit"), notification("10:31", "idle_prompt")]
        assert working(done(events)) == "30:00"
        assert working(done([*events, event("12:00", "SessionEnd")])) == "30:00"

    def test_an_idle_hint_does_not_take_back_what_a_later_event_proves(self) -> None:
        events = [event("10:00", "UserPromptSubmit"), notification("10:31", "idle_prompt"), event("10:50", "Stop")]
        assert working(done(events)) == "50:00"

    def test_an_idle_hint_right_after_an_event_never_makes_a_negative_interval(self) -> None:
        assert active(done([event("10:00", "UserPromptSubmit"), notification("10:00:20", "idle_prompt")])) == "0:00"

    @pytest.mark.parametrize("kind", ["SessionStart", "SessionEnd", "ProcessGone", "UserPromptSubmit"])
    def test_what_proves_nothing_leaves_the_idle_timeout(self, kind: str) -> None:
        result = done([event("10:00", "PreToolUse"), event("11:00", kind), event("11:00", "Stop")])
        assert working(result) == "5:00"

    def test_a_tools_own_duration_counts_where_its_beginning_was_lost(self) -> None:
        assert (
            working(done([event("10:30", "PostToolUse", duration_ms=30 * MINUTE_MS), event("10:30", "Stop")]))
            == "30:00"
        )

    def test_an_absurd_duration_is_capped(self) -> None:
        assert working(done([event("20:00", "PostToolUse", duration_ms=10**15), event("20:00", "Stop")])) == "720:00"

    def test_a_clock_that_steps_back_gives_no_negative_time(self) -> None:
        result = done(
            [
                awake("10:10", "UserPromptSubmit", "1:00"),
                awake("10:05", "PreToolUse", "1:01"),
                awake("10:07", "Stop", "1:03"),
            ]
        )
        assert all(b.active_ms >= 0 for b in blocks(result))

    def test_an_awake_clock_that_was_reset_by_a_reboot_is_not_used(self) -> None:
        assert working(done([awake("10:00", "UserPromptSubmit", "30:00"), awake("10:20", "Stop", "0:01")])) == "20:00"

    def test_a_tool_allowed_after_a_night_asleep_counts_with_its_own_time(self) -> None:
        result = done(
            [
                awake("22:00", "PreToolUse", "1:00", tool_use_id="a"),
                awake("32:21", "PostToolUse", "1:23", tool_use_id="a", duration_ms=20 * MINUTE_MS),
                awake("32:21", "Stop", "1:23"),
            ]
        )
        assert working(result) == "20:00"

    def test_two_clocks_a_few_milliseconds_apart_tear_no_hole_into_the_work(self) -> None:
        events = [
            Event(id=str(i), t_ms=i * 10_001, kind="PreToolUse", session_id="s", place=1, awake_ms=i * 10_000)
            for i in range(20)
        ]
        result = account(events, 19 * 10_001, RULES)
        assert [len(b.working) for b in blocks(result)] == [1]


class TestAutoPrompts:
    def test_an_auto_prompt_starts_work(self) -> None:
        assert working(done([event("10:00", "UserPromptSubmit", auto=True), event("10:10", "Stop")])) == "10:00"

    def test_the_gap_before_an_auto_prompt_is_nobodys_attention(self) -> None:
        result = done(
            [
                event("10:00", "UserPromptSubmit"),
                event("10:01", "Stop"),
                event("10:05", "UserPromptSubmit", auto=True),
                event("10:06", "Stop"),
            ]
        )
        assert (active(result), working(result), len(blocks(result))) == ("2:00", "2:00", 2)

    def test_an_auto_prompt_within_work_does_not_split_it(self) -> None:
        result = done(
            [
                event("10:00", "UserPromptSubmit", prompt_id="p"),
                event("10:05", "UserPromptSubmit", prompt_id="p", auto=True),
                event("10:06", "Stop"),
            ]
        )
        assert (active(result), len(blocks(result))) == ("6:00", 1)

    def test_an_auto_prompt_opens_no_usage_window(self) -> None:
        assert done([event("10:00", "UserPromptSubmit", auto=True)]).windows == ()


class TestUsageWindows:
    def test_a_prompt_at_the_end_of_a_window_opens_the_next(self) -> None:
        windows = usage_windows([at("10:00"), at("14:59"), at("15:00")], 5 * HOUR_MS)
        assert [(w.start_ms, w.prompts) for w in windows] == [(at("10:00"), 2), (at("15:00"), 1)]


class TestOpenStreams:
    def test_a_working_stream_is_open_until_the_cap(self) -> None:
        events = [event("10:00", "UserPromptSubmit")]
        assert [s.state for s in done(events, now="10:59").open_streams] == [StreamState.WORKING]
        assert done(events, now="11:01").open_streams == ()

    def test_a_permission_notification_makes_the_stream_wait(self) -> None:
        result = done([event("10:00", "PreToolUse"), notification("10:01", "permission_prompt")], now="10:02")
        assert [(s.state, s.since_ms) for s in result.open_streams] == [(StreamState.BLOCKED, at("10:01"))]

    def test_a_stopped_stream_is_not_open(self) -> None:
        assert done([event("10:00", "UserPromptSubmit"), event("10:01", "Stop")], now="10:02").open_streams == ()

    def test_a_turn_of_a_main_stream_that_is_over_is_finished_until_the_next_word_or_the_cap(self) -> None:
        turn = [
            event("10:00", "UserPromptSubmit"),
            event("10:01", "Stop"),
            event("10:02", "SubagentStop", agent_id="helper"),
        ]
        found = done(turn, now="11:01").finished
        assert [(s.stream, s.state, s.since_ms) for s in found] == [(("main", ""), StreamState.USERS_TURN, at("10:01"))]
        assert done(turn, now="11:02").finished == ()
        for kind in ("UserPromptSubmit", "SessionStart", "SessionEnd"):
            assert done([*turn, event("10:10", kind)], now="10:11").finished == ()


class TestWaits:
    def test_a_tool_that_ran_beside_the_question_takes_its_time_out_of_the_wait(self) -> None:
        result = done(
            [
                event("10:00", "PreToolUse", tool_use_id="a"),
                notification("10:01", "permission_prompt"),
                event("10:31", "PermissionDenied"),
                event("10:32", "PostToolUse", tool_use_id="a", duration_ms=30 * MINUTE_MS),
            ]
        )
        assert result.waits["main", ""] == (Wait(at("10:01"), at("10:02"), 1),)

    @pytest.mark.parametrize(("by", "expected"), [("10:30", "20:00"), ("18:00", "60:00")])
    @pytest.mark.parametrize("kind", ["SessionEnd", "ProcessGone", "SessionStart"])
    def test_whatever_the_session_does_next_ends_the_wait(self, kind: str, by: str, expected: str) -> None:
        assert waited([event("10:10", "Stop"), event(by, kind)]) == expected

    def test_what_has_no_state_ends_no_wait(self) -> None:
        hinted = [event("10:10", "Stop"), notification("10:11", "idle_prompt"), event("10:12", "FromTheFuture")]
        assert waited([*hinted, event("10:40", "UserPromptSubmit")]) == "30:00"

    def test_after_a_sleep_a_tool_is_believed_no_longer_than_the_machine_was_awake(self) -> None:
        asked = awake("10:01", "Notification", "1:01", notification_type="permission_prompt")
        answered = awake("15:01", "PostToolUse", "1:11", duration_ms=6 * MINUTE_MS)
        assert waited([asked, answered, awake("15:01", "UserPromptSubmit", "1:11")]) == "4:00"

    def test_while_a_prompt_is_queued_nothing_is_waited_for(self) -> None:
        events = [
            event("10:00", "UserPromptSubmit", prompt_id="p"),
            event("10:20", "UserPromptSubmit", prompt_id="p"),
            event("10:30", "Stop", prompt_id="p"),
            event("10:30", "UserPromptSubmit", prompt_id="p"),
            event("10:40", "SessionEnd"),
        ]
        assert waited(events) == "0:00"

    def test_a_session_that_only_started_waits_for_nobody(self) -> None:
        assert waited([event("10:00", "SessionStart")]) == "0:00"

    def test_a_wait_belongs_to_the_place_where_it_begins(self) -> None:
        result = done([event("10:00", "Stop", 1), event("10:20", "UserPromptSubmit", 2)])
        assert result.waits == {("main", ""): (Wait(at("10:00"), at("10:20"), 1),)}

    def test_a_wait_changes_no_other_figure(self) -> None:
        asked = [event("10:00", "UserPromptSubmit"), notification("10:01", "permission_prompt")]
        result = done([*asked, event("10:04", "PermissionDenied"), event("10:05", "Stop")])
        assert (active(result), working(result)) == ("5:00", "2:00")
        assert result.waits["main", ""][0] == Wait(at("10:01"), at("10:04"), 1)


class TestSetOfEvents:
    def test_order_and_repetition_of_arrival_change_nothing(self) -> None:
        events = [
            event("10:00", "UserPromptSubmit", 1, "a"),
            event("10:02", "PreToolUse", 1, "a", tool_use_id="x"),
            event("10:30", "PostToolUse", 2, "a", tool_use_id="x", duration_ms=60_000),
            event("10:10", "UserPromptSubmit", 2, "b"),
            event("10:31", "Stop", 2, "a"),
        ]
        expected = done(events)
        for order in itertools.permutations(events):
            assert done(order) == expected
        assert done(events * 3) == expected


class TestClipping:
    def test_a_block_over_midnight_counts_on_both_days_each_its_part(self) -> None:
        block = Block(at("23:50"), at("24:10"), (Interval(at("23:55"), at("24:05")),))
        before, after = clip_block(block, 0, at("24:00")), clip_block(block, at("24:00"), at("48:00"))
        assert before is not None
        assert after is not None
        assert (before.active_ms, before.working_ms) == (10 * MINUTE_MS, 5 * MINUTE_MS)
        assert (after.active_ms, after.working_ms) == (10 * MINUTE_MS, 5 * MINUTE_MS)

    def test_a_lone_point_lies_on_one_day_only(self) -> None:
        block = Block(at("24:00"), at("24:00"))
        assert clip_block(block, 0, at("24:00")) is None
        assert clip_block(block, at("24:00"), at("48:00")) == block
