"""From the report of today to what the tray shows of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from monitor_core.config import Config
from monitor_core.edits import Edit, PauseCounting
from monitor_core.model import MINUTE_MS, NEVER_MS, UsageWindow
from monitor_core.pauses import Pause
from monitor_core.report import StreamNow
from monitor_core.turns import StreamState
from monitor_tray.glance import AwayLine, PauseLine, ProjectLine, SessionLine, State, WindowLine
from monitor_tray.today import glance_of
from tests.tray.render.samples import MONDAY, block, instant, report

if TYPE_CHECKING:
    from monitor_core.report import Report
    from monitor_tray.glance import Glance

NOON = instant(MONDAY, "12:00")


def stream(session: str, since: str, *, waits: bool = False, agent: str = "", day: dt.date = MONDAY) -> StreamNow:
    state = StreamState.BLOCKED if waits else StreamState.WORKING
    return StreamNow(session, agent, f"project of {session}", state, instant(day, since))


def today(*streams: StreamNow, window: UsageWindow | None = None, until: str = "11:30") -> Report:
    made = report({"api": [block("10:00", until)]}, now=NOON)
    return msgspec.structs.replace(made, open_streams=streams, window=window)


def glance(of: Report, trouble: str = "") -> Glance:
    return glance_of(of, Config(), trouble)


def test_idle_since_the_end_of_the_last_block() -> None:
    found = glance(today())

    assert (found.state, found.sessions, found.last) == (State.IDLE, (), "11:30")


def test_time_added_by_hand_that_lies_ahead_is_no_end() -> None:
    assert glance(today(until="12:30")).last == ""


def test_empty_day_has_no_end() -> None:
    assert glance(report({}, now=NOON)).last == ""


def test_who_waits_comes_before_who_works_and_then_who_has_done_so_for_longest() -> None:
    found = glance(
        today(
            stream("a", "11:50"),
            stream("b", "11:40"),
            stream("c", "11:58", waits=True),
            stream("d", "11:57", waits=True),
        )
    )

    assert found.state is State.WAITING
    assert [session.project[-1] for session in found.sessions] == ["d", "c", "b", "a"]
    assert found.sessions[0] == SessionLine("project of d", State.WAITING, "11:57", 3 * MINUTE_MS)


def test_session_with_subagents_is_one_line() -> None:
    found = glance(today(stream("a", "11:40"), stream("a", "11:50", agent="x"), stream("b", "11:45")))

    assert found.state is State.WORKING
    assert found.sessions == (
        SessionLine("project of a", State.WORKING, "11:40", 20 * MINUTE_MS),
        SessionLine("project of b", State.WORKING, "11:45", 15 * MINUTE_MS),
    )


def test_session_waits_when_one_of_its_subagents_does() -> None:
    found = glance(today(stream("a", "11:40"), stream("a", "11:50", agent="x", waits=True)))

    assert found.sessions == (SessionLine("project of a", State.WAITING, "11:50", 10 * MINUTE_MS),)


def test_trouble_is_the_state_and_the_sessions_are_known_all_the_same() -> None:
    found = glance(today(stream("a", "11:40")), trouble="disk full")

    assert found.state is State.TROUBLE
    assert len(found.sessions) == 1


def test_other_day_is_named() -> None:
    window = UsageWindow(instant(MONDAY, "20:00"), instant(MONDAY, "25:00"), 12)
    found = glance(today(stream("a", "23:50", day=MONDAY - dt.timedelta(days=1)), window=window))

    assert found.sessions[0].since == "23:50 (Sun)"
    assert found.window == WindowLine("01:00 (Tue)", 12)


def test_event_of_a_clock_that_is_ahead_lasts_for_nothing_and_never_less() -> None:
    assert glance(today(stream("a", "12:01"))).sessions[0].lasting_ms == 0


def paused(of: Report, since: str, end_ms: int) -> Report:
    start_ms = instant(MONDAY, since)
    pause = Pause(start_ms, end_ms, Edit("a-pause-of-mine", start_ms, PauseCounting(start_ms)))
    return msgspec.structs.replace(of, pauses=(pause,))


def test_a_pause_comes_before_whatever_claude_does_and_after_trouble() -> None:
    of = paused(today(stream("a", "11:58", waits=True)), "11:50", NEVER_MS)

    assert glance(of).state is State.PAUSED
    assert glance(of).pause == PauseLine("")
    assert glance(of, trouble="disk full").state is State.TROUBLE


def test_a_pause_says_until_when_and_nothing_when_it_is_over() -> None:
    assert glance(paused(today(), "11:50", instant(MONDAY, "12:05"))).pause == PauseLine("12:05")
    assert glance(paused(today(), "11:50", NOON)).pause is None


def test_an_absence_is_asked_about_with_the_project_that_was_active_before_first() -> None:
    made = report({"web": [block("11:50", "11:58")], "api": [block("10:00", "11:00")]}, now=NOON)

    found = glance(made).away

    assert found is not None
    assert (found.start, found.end) == ("11:00", "11:50")
    assert [project.name for project in found.projects] == ["api", "web"]
    assert isinstance(found, AwayLine)
    assert isinstance(found.projects[0], ProjectLine)
