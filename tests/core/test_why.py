"""Each minute of a block stands in one line, with the rule that made it count."""

from __future__ import annotations

import datetime as dt
import itertools
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor_core.config import Config
from monitor_core.edits import AddTime, DropTime, Edit, MoveTime, PauseCounting, ResumeCounting
from monitor_core.evidence import evidence_of, of_projects
from monitor_core.explaining import explain_day
from monitor_core.intervals import union
from monitor_core.model import HOUR_MS, MINUTE_MS, Event, Interval
from monitor_core.reporting import build_report
from monitor_core.turns import Doubt, Reason
from monitor_core.why import Counts, Line, Rule, explain
from tests.core.correcting import EVER, PROJECTS, blocks_of, corrected_blocks, edit, edits, of_edits
from tests.core.histories import BEGIN_MS, RULES, EventStore, histories
from tests.core.realistic import sessions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor_core.why import Explained

M = MINUTE_MS
T0 = 1_000_000 * M


def explained(
    events: Sequence[Event], now_ms: int, made: Sequence[Edit] = (), span: Interval = EVER
) -> Mapping[str, Explained]:
    evidence = of_projects(evidence_of(events, now_ms, RULES.idle_ms), PROJECTS)
    return explain(blocks_of(events, now_ms), evidence, of_edits(*made), span, RULES.idle_ms)


def check_that_the_lines_are_the_blocks(found: Mapping[str, Explained]) -> None:
    for project in found.values():
        for each in project.blocks:
            block, lines = each.block, each.lines
            assert lines
            assert (lines[0].start_ms, lines[-1].end_ms) == (block.start_ms, block.end_ms)
            assert all(a.end_ms == b.start_ms for a, b in itertools.pairwise(lines))
            assert all(line.start_ms < line.end_ms for line in lines) or len(lines) == 1
            working = union((line.start_ms, line.end_ms) for line in lines if line.counts is Counts.WORKING)
            assert working == block.working
            assert all(line.counts is not Counts.NOT for line in lines)
        counted = union((each.block.start_ms, each.block.end_ms) for each in project.blocks)
        for line in project.uncounted:
            assert line.counts is Counts.NOT
            assert all(line.end_ms <= i.start_ms or line.start_ms >= i.end_ms for i in counted)


class TestAnyHistory:
    @given(st.one_of(histories(), sessions()), edits(), st.sampled_from([0, 1, 4 * M, 30 * M, 40 * HOUR_MS]))
    def test_the_lines_of_a_block_tile_it_and_its_working_time(
        self, events: list[Event], made: list[Edit], late_ms: int
    ) -> None:
        now_ms = max(e.t_ms for e in events) + late_ms
        found = explained(events, now_ms, made)
        check_that_the_lines_are_the_blocks(found)
        blocks = corrected_blocks(events, now_ms, made)
        assert {key: [e.block for e in own.blocks] for key, own in found.items() if own.blocks} == blocks

    @given(histories(), edits(), st.integers(-30, 60), st.integers(1, 120))
    def test_so_do_those_of_a_part(self, events: list[Event], made: list[Edit], start: int, length: int) -> None:
        span = Interval(BEGIN_MS + start * M, BEGIN_MS + (start + length) * M)
        found = explained(events, BEGIN_MS + 40 * HOUR_MS, made, span)
        check_that_the_lines_are_the_blocks(found)

    @given(st.one_of(histories(), sessions()))
    def test_every_line_of_work_names_events_of_one_stream(self, events: list[Event]) -> None:
        for project in explained(events, BEGIN_MS + 40 * HOUR_MS).values():
            for line in (line for block in project.blocks for line in block.lines):
                if line.counts is Counts.WORKING:
                    assert line.events
                    assert {e.stream for e in line.events} == {line.stream}
                    assert line.stream not in line.also
                else:
                    assert line.stream is None

    @settings(max_examples=30)
    @given(histories())
    def test_the_explanation_of_a_day_is_of_the_report_of_that_day(self, events: list[Event]) -> None:
        day = dt.datetime.fromtimestamp(BEGIN_MS / 1000, dt.UTC).date()
        now_ms = BEGIN_MS + 40 * HOUR_MS
        with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
            store.record(events)
            with store.transaction(durably=False):
                store.add_edit(Edit("an-edit-of-mine", 0, DropTime("/p2", BEGIN_MS + M, BEGIN_MS + 9 * M)))
            for each in (day, day + dt.timedelta(1)):
                report = build_report(store, each, each, ZoneInfo("UTC"), Config(), now_ms)
                found = explain_day(store, each, ZoneInfo("UTC"), Config(), now_ms)
                check_that_the_lines_are_the_blocks({p.key: p.explained for p in found})
                assert {p.name: tuple(e.block for e in p.explained.blocks) for p in found if p.explained.blocks} == {
                    p.name: p.blocks for p in report.projects if p.blocks
                }


def event(minute: float, kind: str, session: str = "s", place: int = 1, **fields: Any) -> Event:
    at_ms = T0 + round(minute * M)
    return Event(f"{at_ms}-{kind}-{session}", at_ms, kind, session, place, **fields)


Row = tuple[float, float, Counts, Any, list[str]]


def rows(found: Explained) -> list[Row]:
    """All lines by time: minutes, what they count as, the rule, and the kinds of the events."""
    lines: list[Line] = [*(line for each in found.blocks for line in each.lines), *found.uncounted]
    return [
        ((a.start_ms - T0) / M, (a.end_ms - T0) / M, a.counts, a.rule, [e.kind for e in a.events])
        for a in sorted(lines, key=lambda line: line.start_ms)
    ]


LONG_AFTER = T0 + 100 * HOUR_MS
PROMPT, PRE, POST, STOP = "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop"


class TestRules:
    def test_a_turn_and_the_reading_after_it(self) -> None:
        events = [event(0, PROMPT), event(1, PRE), event(20, POST), event(21, STOP), event(24, PROMPT), event(25, STOP)]
        assert rows(explained(events, LONG_AFTER)["api"]) == [
            (0, 21, Counts.WORKING, Reason.PROVEN, [PROMPT, PRE, POST, STOP]),
            (21, 24, Counts.ATTENTION, Rule.NEAR, [STOP, PROMPT]),
            (24, 25, Counts.WORKING, Reason.PROVEN, [PROMPT, STOP]),
        ]

    def test_a_long_gap_counts_for_nobody(self) -> None:
        events = [event(0, PROMPT), event(1, STOP), event(10, PROMPT), event(11, STOP)]
        assert rows(explained(events, LONG_AFTER)["api"])[1] == (1, 10, Counts.NOT, Rule.GAP, [STOP, PROMPT])

    @pytest.mark.parametrize("kind", ["Notification", "PermissionRequest"])
    def test_a_question_that_lay_unanswered(self, kind: str) -> None:
        asked = event(2, kind, notification_type="permission_prompt")
        events = [event(0, PROMPT), asked, event(40, POST, duration_ms=3_000), event(41, STOP)]
        start, end, counts, rule, kinds = rows(explained(events, LONG_AFTER)["api"])[1]
        assert (start, end, counts, rule) == (2, 39.95, Counts.NOT, Doubt.UNANSWERED)
        assert kinds == [asked.kind, POST]

    def test_a_tool_that_ran_after_the_answer_counts_by_its_own_time(self) -> None:
        events = [
            event(0, PRE, tool_use_id="t"),
            event(40, POST, tool_use_id="t", duration_ms=3 * M),
            event(41, STOP),
        ]
        assert rows(explained(events, LONG_AFTER)["api"])[-2:] == [
            (37, 40, Counts.WORKING, Reason.TOOL, [PRE, POST]),
            (40, 41, Counts.WORKING, Reason.PROVEN, [POST, STOP]),
        ]

    def test_sleep(self) -> None:
        events = [event(0, PRE, awake_ms=0), event(600, POST, awake_ms=5 * M), event(601, STOP, awake_ms=6 * M)]
        assert rows(explained(events, LONG_AFTER)["api"])[:2] == [
            (0, 5, Counts.WORKING, Reason.PROVEN, [PRE, POST]),
            (5, 600, Counts.NOT, Doubt.ASLEEP, [PRE, POST]),
        ]

    def test_what_nothing_proves(self) -> None:
        events = [event(0, PROMPT), event(60, PROMPT), event(61, STOP)]
        assert rows(explained(events, LONG_AFTER)["api"])[:2] == [
            (0, 5, Counts.WORKING, Reason.UNPROVEN, [PROMPT, PROMPT]),
            (5, 60, Counts.NOT, Doubt.UNPROVEN, [PROMPT, PROMPT]),
        ]

    def test_a_hint_ends_what_is_not_proven(self) -> None:
        events = [event(0, PROMPT), event(12, "Notification", notification_type="idle_prompt")]
        assert rows(explained(events, LONG_AFTER)["api"]) == [
            (0, 11, Counts.WORKING, Reason.HINT, [PROMPT, "Notification"])
        ]

    def test_what_is_provisional(self) -> None:
        assert rows(explained([event(0, PROMPT)], T0 + 30 * M)["api"]) == [
            (0, 30, Counts.WORKING, Reason.PROVISIONAL, [PROMPT])
        ]

    def test_more_than_one_event_proves(self) -> None:
        events = [event(0, PRE), event(13 * 60, POST), event(13 * 60 + 1, STOP)]
        assert rows(explained(events, LONG_AFTER)["api"])[1][2:4] == (Counts.NOT, Doubt.CAPPED)

    def test_nobody_is_known_to_be_there_before_a_prompt_of_claude_code_itself(self) -> None:
        events = [event(0, PROMPT), event(1, STOP), event(4, PROMPT, auto=True), event(5, STOP)]
        assert rows(explained(events, LONG_AFTER)["api"])[1] == (1, 4, Counts.NOT, Rule.BACKGROUND, [STOP, PROMPT])

    def test_a_single_event(self) -> None:
        assert rows(explained([event(0, STOP)], LONG_AFTER)["api"]) == [(0, 0, Counts.ATTENTION, Rule.ALONE, [STOP])]

    def test_sessions_at_once_are_named_and_the_first_is_told_while_it_lasts(self) -> None:
        events = [event(0, PROMPT), event(10, STOP), event(5, PROMPT, "other"), event(15, STOP, "other")]
        (block,) = explained(events, LONG_AFTER)["api"].blocks
        told = [((a.start_ms - T0) // M, (a.end_ms - T0) // M, a.stream, a.also) for a in block.lines]
        assert told == [
            (0, 10, ("s", ""), frozenset({("other", "")})),
            (10, 15, ("other", ""), frozenset()),
        ]


class TestCorrections:
    EVENTS = (event(0, PROMPT), event(20, STOP), event(23, PROMPT), event(30, STOP))

    def found(self, *decisions: AddTime | MoveTime | DropTime) -> Mapping[str, Explained]:
        made = [edit(decision, f"edit-number-{k}") for k, decision in enumerate(decisions)]
        return explained(self.EVENTS, LONG_AFTER, made)

    def test_added_time_names_its_edit_and_leaves_what_counted_already(self) -> None:
        found = self.found(AddTime("api", T0 + 10 * M, T0 + 60 * M))["api"]
        assert [row[:4] for row in rows(found)] == [
            (0, 20, Counts.WORKING, Reason.PROVEN),
            (20, 23, Counts.ATTENTION, Rule.NEAR),
            (23, 30, Counts.WORKING, Reason.PROVEN),
            (30, 60, Counts.ATTENTION, Rule.ADDED),
        ]
        assert [e.id for e in found.blocks[0].lines[-1].edits] == ["edit-number-0"]

    def test_dropped_time_is_one_line_that_does_not_count(self) -> None:
        found = self.found(DropTime(None, T0 + 10 * M, T0 + 25 * M))["api"]
        assert [row[:4] for row in rows(found)] == [
            (0, 10, Counts.WORKING, Reason.PROVEN),
            (10, 25, Counts.NOT, Rule.DROPPED),
            (25, 30, Counts.WORKING, Reason.PROVEN),
        ]
        assert [e.id for e in found.uncounted[0].edits] == ["edit-number-0"]

    def test_moved_time_keeps_its_events_and_is_named_on_both_sides(self) -> None:
        found = self.found(MoveTime("api", "web", T0 + 10 * M, T0 + 22 * M))
        assert [row[:4] for row in rows(found["web"])] == [
            (10, 20, Counts.WORKING, Reason.PROVEN),
            (20, 22, Counts.ATTENTION, Rule.NEAR),
        ]
        assert found["web"].blocks[0].lines[0].events == self.EVENTS[:2]
        assert (10, 22, Counts.NOT, Rule.MOVED) in [row[:4] for row in rows(found["api"])]

    def test_all_edits_that_touched_a_stretch_are_named_in_their_order(self) -> None:
        both = (AddTime("web", T0 + 60 * M, T0 + 90 * M), MoveTime("web", "docs", T0, T0 + 70 * M))
        found = self.found(*both)["docs"]
        assert [e.id for e in found.blocks[0].lines[0].edits] == ["edit-number-0", "edit-number-1"]

    def test_a_gap_within_what_was_taken_out_stays_a_gap(self) -> None:
        events = (event(0, PROMPT), event(10, STOP), event(30, PROMPT), event(40, STOP), event(44, STOP))
        made = [edit(DropTime("api", T0 + 5 * M, T0 + 35 * M))]
        assert [row[:4] for row in rows(explained(events, LONG_AFTER, made)["api"])] == [
            (0, 5, Counts.WORKING, Reason.PROVEN),
            (5, 10, Counts.NOT, Rule.DROPPED),
            (10, 30, Counts.NOT, Rule.GAP),
            (30, 35, Counts.NOT, Rule.DROPPED),
            (35, 40, Counts.WORKING, Reason.PROVEN),
            (40, 44, Counts.ATTENTION, Rule.NEAR),
        ]

    def test_what_the_target_of_a_move_had_before_is_not_said_to_be_moved(self) -> None:
        found = self.found(MoveTime(None, "api", T0, T0 + 60 * M))["api"]
        assert [line.edits for line in found.blocks[0].lines] == [(), (), ()]
        assert found.uncounted == ()

    def test_a_project_that_has_lost_everything_still_says_why(self) -> None:
        found = self.found(DropTime("api", T0, T0 + 60 * M))["api"]
        assert (found.blocks, [line.rule for line in found.uncounted]) == ((), [Rule.DROPPED])

    def test_what_was_paused_is_shown_with_its_edit_and_what_was_added_to_it_later_counts(self) -> None:
        events = [event(0, PROMPT), event(60, STOP)]
        pause, resume = (
            edit(decision, name)
            for decision, name in (
                (PauseCounting(T0 + 20 * M), "the-pause"),
                (ResumeCounting(T0 + 50 * M), "the-resume"),
            )
        )
        add = edit(AddTime("api", T0 + 30 * M, T0 + 40 * M), "added-later")
        found = explained(events, LONG_AFTER, [pause, resume, add])["api"]
        assert [row[:4] for row in rows(found)] == [
            (0, 20, Counts.WORKING, Reason.PROVEN),
            (20, 30, Counts.NOT, Rule.PAUSED),
            (30, 40, Counts.ATTENTION, Rule.ADDED),
            (40, 50, Counts.NOT, Rule.PAUSED),
            (50, 60, Counts.WORKING, Reason.PROVEN),
        ]
        assert {line.edits for line in found.uncounted if line.rule is Rule.PAUSED} == {(pause,)}

    def test_a_pause_in_which_nothing_was_recorded_is_a_gap(self) -> None:
        events = [event(0, PROMPT), event(1, STOP), event(60, PROMPT), event(61, STOP)]
        found = explained(events, LONG_AFTER, [edit(PauseCounting(T0 + 10 * M, T0 + 50 * M))])["api"]
        assert [row[:4] for row in rows(found)][1] == (1, 60, Counts.NOT, Rule.GAP)


def test_events_of_the_future_show_nothing() -> None:
    by_place = defaultdict(list)
    for worked in evidence_of([event(0, PROMPT), event(10, STOP)], T0 + 5 * M, RULES.idle_ms).worked:
        by_place[worked.place].append(worked.reason)
    assert by_place == {1: [Reason.PROVISIONAL]}
