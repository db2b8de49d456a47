"""A report of settled parts is the report, whatever arrives and whatever people decide in between."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor_core.books import Books
from monitor_core.config import Config
from monitor_core.edits import AddTime, DropTime, Edit, MoveTime, PauseCounting
from monitor_core.model import DAY_MS, HOUR_MS, MINUTE_MS, Event
from monitor_core.parts import Part
from monitor_core.reporting import build_report
from monitor_core.settled import KEEP_S, PARTS, SettledParts
from monitor_core.standing import rules_of
from monitor_core.tries import Tries
from tests.core.histories import BEGIN_MS, LONG_STEPS_MS, EventStore, histories, worked_days

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from monitor_core.edits import RenameProject
    from monitor_core.store import Store
    from tests.core.correcting import TimeDecision

UTC = ZoneInfo("UTC")
#: In the last ones days begin in the middle of an hour of UTC.
ZONES = [UTC, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/St_Johns")]
FIRST = dt.datetime.fromtimestamp(BEGIN_MS / 1000, dt.UTC).date()
CONFIG = Config()
RULES = rules_of(CONFIG)


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@st.composite
def decisions(draw: st.DrawFn) -> TimeDecision:
    start_ms = BEGIN_MS + draw(st.integers(-30, 120)) * 30 * MINUTE_MS
    end_ms = start_ms + draw(st.sampled_from([MINUTE_MS, HOUR_MS, 30 * HOUR_MS]))
    project, into = draw(st.permutations(["/p1", "/p2", "/p3"]))[:2]
    choices: list[TimeDecision] = [
        AddTime(project, start_ms, end_ms),
        MoveTime(project, into, start_ms, end_ms),
        DropTime(project, start_ms, end_ms),
        DropTime(None, start_ms, end_ms),
        PauseCounting(start_ms, end_ms),
    ]
    return draw(st.sampled_from(choices))


def after_each(
    store: EventStore, events: Sequence[Event], chance: random.Random, decided: list[TimeDecision]
) -> Iterator[int]:
    """The present after each of ``events``, some of which come late, and after now and then a decision of a person."""
    now_ms = max(event.t_ms for event in events) + MINUTE_MS
    books = Books(store, RULES)
    for number, event in enumerate(sorted(events, key=lambda e: e.t_ms + chance.choice([0, 0, 0, 20 * DAY_MS]))):
        store.record([event])
        if chance.random() < 0.8:  # and now and then the books are behind
            books.catch_up(now_ms, 10)
        if decided and number % 5 == 4:
            with store.transaction(durably=False):
                store.add_edit(Edit(f"edit-{number}-of-mine", now_ms, decided.pop()))
        yield now_ms
        if chance.random() < 0.3:
            now_ms += chance.choice([MINUTE_MS, 6 * HOUR_MS, 30 * HOUR_MS])


class TenDays:
    """Ten worked days in a store whose books hold them, and what may happen to them."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._books = Books(store, RULES)
        events = worked_days(10)
        self.begin_ms, self.now_ms = events[0].t_ms, events[-1].t_ms + MINUTE_MS
        self.first, self.today = (
            dt.datetime.fromtimestamp(t_ms / 1000, UTC).date() for t_ms in (self.begin_ms, self.now_ms)
        )
        store.record(events)
        self._books.catch_up_entirely(self.now_ms)

    def happens(self, number: int, t_ms: int) -> None:
        self._store.record([Event(id=f"new-{number}", t_ms=t_ms, kind="UserPromptSubmit", session_id="new", place=1)])
        self._books.catch_up_entirely(self.now_ms)

    def decide(self, number: int, decision: DropTime | RenameProject) -> None:
        with self._store.transaction(durably=False):
            self._store.add_edit(Edit(f"edit-{number}-of-mine", self.now_ms, decision))

    def books_are_made_anew(self) -> None:
        self._books.begin_anew()
        self._books.catch_up_entirely(self.now_ms)


def check(store: Store, parts: SettledParts[Part], zone: ZoneInfo, now_ms: int) -> None:
    today = dt.datetime.fromtimestamp(now_ms / 1000, zone).date()
    for first, last in ((FIRST - dt.timedelta(1), today), (FIRST, FIRST + dt.timedelta(1)), (FIRST, today)):
        if first <= last:
            plain = build_report(store, first, last, zone, CONFIG, now_ms)
            assert build_report(store, first, last, zone, CONFIG, now_ms, settled=parts) == plain


@settings(max_examples=60, deadline=None)
@given(
    histories(steps_ms=tuple(LONG_STEPS_MS)),
    st.randoms(use_true_random=False),
    st.sampled_from(ZONES),
    st.lists(decisions(), max_size=3),
)
def test_no_part_is_stale_after_any_event_or_edit(
    events: list[Event], chance: random.Random, zone: ZoneInfo, decided: list[TimeDecision]
) -> None:
    parts: SettledParts[Part] = SettledParts(Clock())
    with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
        for now_ms in after_each(store, events, chance, decided):
            check(store, parts, zone, now_ms)


def test_what_is_settled_is_made_once_until_it_is_changed(tmp_path: Path) -> None:
    clock, tries = Clock(), Tries()
    parts: SettledParts[Part] = SettledParts(clock, tries)
    with EventStore(tmp_path) as store:
        days = TenDays(store)

        def made() -> tuple[int, int]:
            plain = build_report(store, days.first, days.today, UTC, CONFIG, days.now_ms)
            assert build_report(store, days.first, days.today, UTC, CONFIG, days.now_ms, settled=parts) == plain
            return tries.hits, tries.misses

        assert made() == (0, 1)
        assert made() == (1, 1)
        days.happens(1, days.now_ms)
        assert made() == (2, 1)
        days.happens(2, days.begin_ms)
        assert made() == (2, 2)
        days.decide(1, DropTime(None, days.begin_ms, days.begin_ms + HOUR_MS))
        assert made() == (2, 3)
        days.books_are_made_anew()
        assert made() == (2, 4)
        assert made() == (3, 4)
        clock.now_s += KEEP_S
        assert made() == (3, 5)


def test_only_the_last_few_are_kept() -> None:
    tries = Tries()
    parts: SettledParts[Part] = SettledParts(Clock(), tries)
    nothing = Part({}, (), (), 0, 0, 0, None, None)
    for days in range(PARTS + 1):
        parts.part(days, "the same", lambda: nothing)
    assert (tries.hits, tries.misses) == (0, PARTS + 1)
    parts.part(PARTS, "the same", lambda: nothing)
    assert (tries.hits, tries.misses) == (1, PARTS + 1)
    parts.part(0, "the same", lambda: nothing)
    assert (tries.hits, tries.misses) == (1, PARTS + 2)
