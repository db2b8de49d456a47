"""From events in the store to the report of a day: clipping, sums, names, windows."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from monitor_core.books import Books
from monitor_core.config import Config
from monitor_core.model import HOUR_MS, MINUTE_MS, UsageWindow
from monitor_core.reporting import build_report
from monitor_core.standing import books_are_current, rules_of
from monitor_core.turns import StreamState

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.ingest import Ingest
    from monitor_core.report import Report
    from monitor_core.store import WritableStore
    from monitor_core.wire import WireEvent

BERLIN = ZoneInfo("Europe/Berlin")
DAY = dt.date(2026, 11, 23)
LONG_AFTER = dt.date(2026, 12, 24)


def at(clock: str, day: dt.date = DAY, zone: ZoneInfo = BERLIN) -> int:
    return round(dt.datetime.combine(day, dt.time.fromisoformat(clock), zone).timestamp() * 1000)


@pytest.fixture(params=["from the events", "from the books"])
def report(store: WritableStore, request: pytest.FixtureRequest) -> Callable[..., Report]:
    books = Books(store, rules_of(Config()))

    def make(
        first: dt.date = DAY, last: dt.date = DAY, zone: ZoneInfo = BERLIN, now_ms: int = at("12:00", LONG_AFTER)
    ) -> Report:
        if request.param == "from the books":
            books.catch_up_entirely(now_ms)
        of_books = request.param == "from the books" or not store.newest()
        assert books_are_current(store, rules_of(Config()), now_ms) == of_books
        return build_report(store, first, last, zone, Config(), now_ms)

    return make


API, WEB = "/home/dev/projects/api", "/home/dev/projects/web"


def test_two_projects_at_once_add_up_with_the_parallel_row(
    ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
) -> None:
    ingest.take(
        [
            wire(at("10:00"), "UserPromptSubmit", session_id="a", cwd=API),
            wire(at("10:30"), "Stop", session_id="a", cwd=API),
            wire(at("10:10"), "UserPromptSubmit", session_id="b", cwd=WEB),
            wire(at("10:40"), "Stop", session_id="b", cwd=WEB),
        ]
    )
    found = report()
    assert [(p.name, p.active_ms, p.events, p.share) for p in found.projects] == [
        ("api", 30 * MINUTE_MS, 2, 0.5),
        ("web", 30 * MINUTE_MS, 2, 0.5),
    ]
    assert (found.total_ms, found.parallel_ms, found.agent_ms) == (40 * MINUTE_MS, 20 * MINUTE_MS, 60 * MINUTE_MS)
    assert (found.working_ms, found.attention_ms) == (40 * MINUTE_MS, 0)
    assert (found.first_ms, found.last_ms, found.span_ms, found.idle_ms) == (
        at("10:00"),
        at("10:40"),
        40 * MINUTE_MS,
        0,
    )
    assert found.days[0].projects == {"api": 30 * MINUTE_MS, "web": 30 * MINUTE_MS}


def test_a_block_over_midnight_counts_on_each_day_its_part(
    ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
) -> None:
    eve = DAY - dt.timedelta(days=1)
    ingest.take([wire(at("23:40", eve), "UserPromptSubmit"), wire(at("00:10"), "Stop")])
    parts = [report(first=day, last=day).total_ms for day in (eve, DAY)]
    assert parts == [20 * MINUTE_MS, 10 * MINUTE_MS]
    both = report(first=eve, last=DAY)
    assert both.total_ms == sum(parts)
    assert [day.total_ms for day in both.days] == parts


def test_a_tool_that_runs_through_the_whole_day_is_seen_from_that_day(
    ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
) -> None:
    eve = DAY - dt.timedelta(days=1)
    ingest.take([wire(at("13:00", eve), "PreToolUse"), wire(at("12:00", DAY + dt.timedelta(days=1)), "Stop")])
    assert report(first=eve, last=eve).total_ms == 11 * HOUR_MS
    assert report().total_ms == 1 * HOUR_MS  # twelve hours are proven at most


def test_the_present_does_not_reach_into_a_day_that_is_over(
    ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
) -> None:
    ingest.take([wire(at("23:30"), "UserPromptSubmit")])
    tomorrow = DAY + dt.timedelta(days=1)
    build = report(first=DAY, last=tomorrow, now_ms=at("00:10", tomorrow))
    assert [day.total_ms for day in build.days] == [30 * MINUTE_MS, 10 * MINUTE_MS]


def test_another_zone_relabels_the_days_and_changes_no_total(
    ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
) -> None:
    ingest.take([wire(at("23:40"), "UserPromptSubmit"), wire(at("00:10", DAY + dt.timedelta(days=1)), "Stop")])
    around = {"first": DAY - dt.timedelta(days=1), "last": DAY + dt.timedelta(days=1)}
    totals = {z: report(**around, zone=ZoneInfo(z)) for z in ("Europe/Berlin", "Asia/Kolkata", "America/New_York")}
    assert {r.total_ms for r in totals.values()} == {30 * MINUTE_MS}
    assert all(sum(d.total_ms for d in r.days) == r.total_ms for r in totals.values())


def test_projects_of_one_name_are_told_apart(
    ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
) -> None:
    ingest.take(
        [
            wire(at("10:00"), "UserPromptSubmit", session_id="a", cwd="/home/dev/team/api"),
            wire(at("11:00"), "UserPromptSubmit", session_id="b", cwd="/home/dev/oss/api"),
        ]
    )
    assert [p.name for p in report().projects] == ["api (oss)", "api (team)"]


def test_events_without_a_point_are_counted_and_give_no_time(
    ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
) -> None:
    ingest.take([wire(at("10:00"), "SessionEnd")])
    found = report()
    assert [(p.name, p.active_ms, p.events) for p in found.projects] == [("api", 0, 1)]
    assert (found.first_ms, found.total_ms) == (None, 0)


class TestWindows:
    def test_a_window_that_began_the_evening_before_is_shown_with_the_prompts_of_the_day(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        eve = DAY - dt.timedelta(days=1)
        prompts = [at("22:00", eve), at("23:00", eve), at("01:00"), at("03:00"), at("09:00")]
        ingest.take([wire(t, "UserPromptSubmit") for t in prompts])
        found = report().windows
        assert [(w.start_ms, w.prompts) for w in found] == [(at("22:00", eve), 1), (at("03:00"), 1), (at("09:00"), 1)]

    def test_a_chain_of_windows_does_not_depend_on_the_day_that_is_asked_for(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        first = at("00:00", DAY - dt.timedelta(days=4))
        ingest.take([wire(first + n * 4 * HOUR_MS, "UserPromptSubmit") for n in range(30)])
        whole = report(first=DAY - dt.timedelta(days=4), last=DAY).windows
        starts = {w.start_ms for w in whole}
        assert {w.start_ms for w in report().windows} <= starts


class TestWaits:
    def test_two_sessions_of_one_project_that_wait_at_once_wait_once(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        ingest.take(
            [
                wire(at("10:00"), "Stop", session_id="a", cwd=API),
                wire(at("10:30"), "UserPromptSubmit", session_id="a", cwd=API),
                wire(at("10:10"), "Stop", session_id="b", cwd=API),
                wire(at("10:40"), "SessionEnd", session_id="b", cwd=API),
                wire(at("10:35"), "Stop", session_id="c", cwd=WEB),
                wire(at("10:55"), "SessionEnd", session_id="c", cwd=WEB),
            ]
        )
        found = report()
        assert {p.name: p.waiting_ms for p in found.projects} == {"api": 40 * MINUTE_MS, "web": 20 * MINUTE_MS}
        assert found.waiting_ms == 55 * MINUTE_MS
        assert (found.total_ms, found.span_ms) == (5 * MINUTE_MS, 35 * MINUTE_MS)

    def test_a_wait_over_midnight_counts_on_each_day_its_part(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        eve = DAY - dt.timedelta(days=1)
        ingest.take([wire(at("23:40", eve), "Stop"), wire(at("00:10"), "SessionEnd")])
        assert [report(first=day, last=day).waiting_ms for day in (eve, DAY)] == [20 * MINUTE_MS, 10 * MINUTE_MS]
        assert report(first=eve, last=DAY).waiting_ms == 30 * MINUTE_MS

    def test_a_project_that_only_waited_is_known_and_has_no_time(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        eve = DAY - dt.timedelta(days=1)
        ingest.take([wire(at("23:40", eve), "Stop", cwd=API), wire(at("09:00"), "UserPromptSubmit", cwd=WEB)])
        found = report()
        assert {p.name: (p.active_ms, p.waiting_ms) for p in found.projects} == {
            "web": (5 * MINUTE_MS, 0),
            "api": (0, 40 * MINUTE_MS),
        }

    def test_what_the_machine_slept_through_over_a_weekend_is_no_wait(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        monday = DAY + dt.timedelta(days=7)
        ingest.take([wire(at("20:00"), "Stop", awake=1), wire(at("08:00", monday), "SessionEnd", awake=60_001)])
        assert report().waiting_ms == MINUTE_MS

    def test_an_open_wait_goes_on_until_now(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        ingest.take([wire(at("10:00"), "UserPromptSubmit"), wire(at("10:01"), "Stop")])
        assert report(now_ms=at("10:21")).waiting_ms == 20 * MINUTE_MS
        assert report(now_ms=at("13:00")).waiting_ms == HOUR_MS


class TestThePresent:
    def test_a_finished_turn_is_told_with_its_project_and_is_not_open(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        ingest.take([wire(at("10:00"), "UserPromptSubmit", cwd=API), wire(at("10:04"), "Stop", cwd=API)])
        found = report(now_ms=at("10:20"))
        assert found.open_streams == ()
        assert [(s.project, s.state, s.since_ms) for s in found.finished] == [
            ("api", StreamState.USERS_TURN, at("10:04"))
        ]
        assert report(now_ms=at("11:10")).finished == ()

    def test_claude_has_been_working_since_its_turn_began_whatever_events_there_were_in_it(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        ingest.take(
            [
                wire(at("09:00"), "UserPromptSubmit"),
                wire(at("09:10"), "Stop"),
                wire(at("10:00"), "UserPromptSubmit"),
                wire(at("10:20"), "PreToolUse", tool_use_id="a"),
                wire(at("10:30"), "PostToolUse", tool_use_id="a", cwd=WEB),
            ]
        )
        found = report(now_ms=at("10:34")).open_streams
        assert [(s.session_id, s.project, s.state, s.since_ms) for s in found] == [
            ("s", "web", StreamState.WORKING, at("10:00"))
        ]
        assert report(now_ms=at("11:31")).open_streams == ()

    def test_a_turn_over_midnight_has_been_going_on_since_the_day_before(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        eve = DAY - dt.timedelta(days=1)
        ingest.take([wire(at("23:30", eve), "UserPromptSubmit"), wire(at("01:30"), "PostToolUse")])
        (found,) = report(now_ms=at("01:40")).open_streams
        assert found.since_ms == at("23:30", eve)

    def test_claude_has_been_waiting_since_it_asked(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        asked = {"notification_type": "permission_prompt"}
        ingest.take([wire(at("10:00"), "UserPromptSubmit"), wire(at("10:42"), "Notification", **asked)])
        (found,) = report(now_ms=at("10:50")).open_streams
        assert (found.project, found.state, found.since_ms) == ("api", StreamState.BLOCKED, at("10:42"))

    def test_a_stream_has_the_name_that_tells_its_project_from_others(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        ingest.take(
            [
                wire(at("10:00"), "UserPromptSubmit", session_id="a", cwd="/home/dev/team/api"),
                wire(at("10:01"), "UserPromptSubmit", session_id="b", cwd="/home/dev/oss/api"),
            ]
        )
        found = report(now_ms=at("10:05"))
        assert [s.project for s in found.open_streams] == ["api (team)", "api (oss)"]

    def test_a_question_from_before_midnight_is_open_though_the_day_has_nothing(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        eve = DAY - dt.timedelta(days=1)
        ingest.take([wire(at("23:40", eve), "Elicitation")])
        found = report(now_ms=at("00:10"))
        assert [(s.project, s.since_ms) for s in found.open_streams] == [("api", at("23:40", eve))]
        assert [(p.active_ms, p.blocks, p.waiting_ms) for p in found.projects] == [(0, (), 10 * MINUTE_MS)]

    def test_the_open_usage_window_is_whole(
        self, ingest: Ingest, wire: Callable[..., WireEvent], report: Callable[..., Report]
    ) -> None:
        eve = DAY - dt.timedelta(days=1)
        prompts = [at("22:00", eve), at("23:00", eve)]
        ingest.take([wire(t, "UserPromptSubmit") for t in prompts])
        found = report(now_ms=at("02:59"))
        assert found.windows == ()
        assert found.window == UsageWindow(at("22:00", eve), at("03:00"), 2)
        assert report(now_ms=at("03:00")).window is None
        assert report(first=eve, last=eve, now_ms=at("02:59")).window is None


def test_an_empty_store_gives_an_empty_report(report: Callable[..., Report]) -> None:
    found = report()
    assert (found.total_ms, found.span_ms, found.projects, found.windows, found.first_ms) == (0, 0, (), (), None)
    assert [day.total_ms for day in found.days] == [0]


class TestTheTwoWays:
    """A report from the books must be the one from the events, whatever arrives in whatever order."""

    @staticmethod
    def both(store: WritableStore, books: Books, now_ms: int, config: Config) -> tuple[Report, Report]:
        """From the events first: what arrived is not in the books yet."""
        from_events = build_report(store, DAY, DAY, BERLIN, config, now_ms)
        books.catch_up_entirely(now_ms)
        assert books_are_current(store, rules_of(config), now_ms)
        return from_events, build_report(store, DAY, DAY, BERLIN, config, now_ms)

    @pytest.mark.parametrize("seed", range(10))
    def test_they_agree_after_every_arrival(
        self, store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent], seed: int
    ) -> None:
        chance = random.Random(seed)  # noqa: S311  a fixed sequence, not a secret
        kinds = ["UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop", "Stop", "SessionEnd", "SubagentStart"]
        books = Books(store, rules_of(Config()))
        t_ms = at("08:00")
        for _ in range(60):
            t_ms += chance.choice([0, 1_000, 60_000, 240_000, 360_000, 3_000_000])
            late_ms = chance.choice([0, 0, 0, 0, 5, 600_000])
            event = wire(
                t_ms - late_ms,
                chance.choice(kinds),
                session_id=chance.choice("ab"),
                cwd=f"/home/dev/{chance.choice(['api', 'web', 'docs'])}",
                auto=chance.random() < 0.1,
                duration_ms=chance.choice([None, 30_000, 900_000]),
            )
            ingest.take([event])
            from_events, from_books = self.both(store, books, t_ms + chance.choice([0, 30_000, 600_000]), Config())
            assert from_events == from_books

    def test_an_event_of_the_future_waits(
        self, store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
    ) -> None:
        books = Books(store, rules_of(Config()))
        ingest.take([wire(at("10:00"), "UserPromptSubmit"), wire(at("11:00"), "Stop")])
        assert [r.total_ms for r in self.both(store, books, at("10:10"), Config())] == [10 * MINUTE_MS] * 2
        assert [r.total_ms for r in self.both(store, books, at("11:00"), Config())] == [60 * MINUTE_MS] * 2

    def test_a_clock_that_is_set_back_takes_back_what_is_of_the_future_again(
        self, store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
    ) -> None:
        books = Books(store, rules_of(Config()))
        ingest.take([wire(at("10:00"), "UserPromptSubmit"), wire(at("10:20"), "Stop")])
        assert [r.total_ms for r in self.both(store, books, at("10:20"), Config())] == [20 * MINUTE_MS] * 2
        assert [r.total_ms for r in self.both(store, books, at("10:04"), Config())] == [4 * MINUTE_MS] * 2

    def test_other_settings_begin_the_books_anew(
        self, store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
    ) -> None:
        books = Books(store, rules_of(Config()))
        ingest.take([wire(at("10:00"), "Stop"), wire(at("10:08"), "Stop")])
        assert [r.total_ms for r in self.both(store, books, at("11:00"), Config())] == [0, 0]
        patient = Config(idle_timeout_ms=10 * MINUTE_MS)
        books.follow(rules_of(patient))
        assert [r.total_ms for r in self.both(store, books, at("11:00"), patient)] == [8 * MINUTE_MS] * 2

    def test_an_alias_that_begins_to_hold_moves_what_was_counted(
        self, store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
    ) -> None:
        config = Config(project_aliases={"/home/dev/old": API})
        books = Books(store, rules_of(config))
        for cwd in ("/home/dev/old", API):
            ingest.take([wire(at("10:00"), "UserPromptSubmit", cwd=cwd, session_id=cwd)])
            from_events, from_books = self.both(store, books, at("10:05"), config)
            assert from_events == from_books
        assert [p.path for p in from_books.projects] == [API]
