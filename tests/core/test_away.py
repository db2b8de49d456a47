"""What somebody who has come back is asked about, and what not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from monitor_core.away import ASKED_FOR_MS, LEAST_MS, MOST_MS, Away, away_of
from monitor_core.config import Config
from monitor_core.edits import AddTime, Decision, DropTime, Edit, MoveTime, PauseCounting, ResumeCounting, Undo
from monitor_core.model import DAY_MS, HOUR_MS, MINUTE_MS, Event
from monitor_core.reporting import build_report
from tests.core.histories import EventStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

M = MINUTE_MS
DAY = dt.date(2026, 11, 23)
T0 = round(dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC).timestamp() * 1000)
PROMPT, STOP = "UserPromptSubmit", "Stop"


class Morning(EventStore):
    """A store in which things happen at minutes after nine o'clock."""

    def at(self, minute: float, kind: str, place: int = 1, session: str = "s", *, auto: bool = False) -> None:
        at_ms = T0 + round(minute * M)
        self.record([Event(f"{at_ms}-{kind}-{session}", at_ms, kind, session, place, auto=auto)])

    def turn(self, start: float, end: float, place: int = 1, session: str = "s", *, auto: bool = False) -> None:
        self.at(start, PROMPT, place, session, auto=auto)
        self.at(end, STOP, place, session)

    def decide(self, decision: Decision) -> str:
        made = Edit(f"edit-{len(self.journal()):04}", T0, decision)
        with self.transaction(durably=False):
            self.add_edit(made)
        return made.id

    def asked(self, minute: float) -> Away | None:
        now_ms = T0 + round(minute * M)
        day = DAY + dt.timedelta((now_ms - T0 + 9 * HOUR_MS) // DAY_MS)
        return away_of(build_report(self, day, day, ZoneInfo("UTC"), Config(), now_ms))


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Morning]:
    with Morning(tmp_path) as store:
        yield store


def away(start: float, end: float, project: str = "/p1") -> Away:
    return Away(T0 + round(start * M), T0 + round(end * M), project)


class TestAsked:
    def test_who_comes_back_after_an_idle_stretch_is_asked_about_it(self, morning: Morning) -> None:
        morning.turn(0, 20)
        morning.turn(60, 61)
        assert morning.asked(62) == away(20, 60)

    def test_what_was_provisional_and_then_not_proved_is_asked_about(self, morning: Morning) -> None:
        morning.at(0, PROMPT)
        assert morning.asked(40) is None
        morning.at(40, PROMPT)
        # Five minutes count after what nothing proved.
        assert morning.asked(41) == away(5, 40)

    def test_the_project_that_was_active_last_is_the_likeliest(self, morning: Morning) -> None:
        morning.turn(0, 20, place=2, session="other")
        morning.turn(0, 15)
        morning.turn(60, 61)
        assert morning.asked(62) == away(20, 60, "/p2")

    def test_of_several_stretches_the_longest_is_asked_about(self, morning: Morning) -> None:
        for start in (0, 32, 44):
            morning.turn(start, start + 1)
        assert morning.asked(46) == away(1, 32)

    def test_the_question_about_one_is_over_after_half_an_hour_and_that_about_a_later_one_is_not(
        self, morning: Morning
    ) -> None:
        morning.turn(0, 1)
        morning.turn(60, 75)
        morning.turn(86, 90)
        assert morning.asked(90) == away(1, 60)
        assert morning.asked(91) == away(75, 86)

    def test_what_a_drop_left_elsewhere_makes_no_difference(self, morning: Morning) -> None:
        morning.turn(0, 20)
        morning.turn(60, 61)
        morning.decide(DropTime(None, T0, T0 + 5 * M))
        assert morning.asked(62) == away(20, 60)


class TestLimits:
    def test_a_stretch_of_the_least_length_is_asked_about_and_a_shorter_one_is_not(self, morning: Morning) -> None:
        least = LEAST_MS // M
        morning.turn(0, 1)
        morning.turn(1 + least, 2 + least)
        assert morning.asked(3 + least) == away(1, 1 + least)
        morning.at(1 + 1 / 60, "PostToolUse")  # ends the turn a second later
        assert morning.asked(3 + least) is None

    def test_it_is_asked_for_half_an_hour(self, morning: Morning) -> None:
        morning.turn(0, 20)
        morning.turn(60, 61)
        last = 60 + ASKED_FOR_MS // M
        assert morning.asked(last) == away(20, 60)
        assert morning.asked(last + 1 / 60) is None


class TestNotAsked:
    def test_nobody_is_asked_about_what_goes_on(self, morning: Morning) -> None:
        assert morning.asked(0) is None
        morning.turn(0, 20)
        assert morning.asked(60) is None

    def test_nobody_is_asked_where_claude_came_back_by_itself(self, morning: Morning) -> None:
        morning.turn(0, 20)
        morning.turn(60, 61, auto=True)
        assert morning.asked(62) is None
        morning.turn(75, 76)
        assert morning.asked(77) == away(61, 75)

    def test_nobody_is_asked_where_another_project_went_on(self, morning: Morning) -> None:
        morning.turn(0, 20)
        morning.turn(10, 55, place=2, session="other")
        morning.turn(60, 61)
        assert morning.asked(62) is None

    def test_nobody_is_asked_about_the_night_before_the_day(self, morning: Morning) -> None:
        morning.turn(0, 20)
        next_day = 24 * 60
        morning.turn(next_day, next_day + 1)
        assert morning.asked(next_day + 2) is None

    def test_nobody_is_asked_about_a_stretch_in_which_counting_was_paused(self, morning: Morning) -> None:
        morning.turn(0, 20)
        morning.turn(60, 61)
        morning.decide(PauseCounting(T0 + 25 * M))
        morning.decide(ResumeCounting(T0 + 59 * M))
        assert morning.asked(62) is None
        morning.decide(Undo("edit-0000"))
        assert morning.asked(62) == away(20, 60)

    def test_nobody_is_asked_about_what_they_have_taken_out(self, morning: Morning) -> None:
        morning.turn(0, 61)
        assert morning.asked(62) is None
        made = morning.decide(DropTime(None, T0 + 20 * M, T0 + 60 * M))
        assert morning.asked(62) is None
        morning.decide(Undo(made))
        assert morning.asked(62) is None

    @pytest.mark.parametrize("project", ["/p1", "/p2", "by hand/Meetings"])
    def test_nobody_is_asked_again_about_what_they_have_counted(self, morning: Morning, project: str) -> None:
        morning.turn(0, 20)
        morning.turn(60, 61)
        made = morning.decide(AddTime(project, T0 + 20 * M, T0 + 60 * M))
        assert morning.asked(62) is None
        morning.decide(Undo(made))
        assert morning.asked(62) == away(20, 60)

    def test_what_moved_to_another_project_leaves_no_stretch_to_ask_about(self, morning: Morning) -> None:
        morning.turn(0, 61)
        morning.decide(MoveTime(None, "/p2", T0 + 20 * M, T0 + 60 * M))
        assert morning.asked(62) is None


@pytest.mark.parametrize(("more_ms", "is_asked"), [(0, True), (1, False)])
def test_a_stretch_longer_than_four_hours_is_no_absence(morning: Morning, more_ms: int, is_asked: bool) -> None:
    back = 1 + (MOST_MS + more_ms) / M
    morning.turn(0, 1)
    morning.turn(back, back + 1)
    assert (morning.asked(back + 2) is not None) is is_asked
