"""The seventeen invariants of the time accounting over generated histories, and that each test sees real mistakes."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from monitor_core.model import HOUR_MS, MINUTE_MS
from tests.core.histories import LONG_STEPS_MS, EventStore, histories
from tests.core.invariants import CHECKS, Case, Product, report_between_days_of, total_ms
from tests.core.mistakes import MISTAKES, PROMPT, STOP, Mistake, a, b, case
from tests.core.realistic import BEGINNINGS_MS, sessions

if TYPE_CHECKING:
    from pathlib import Path

    from monitor_core.model import Event

ALL_ZONES = sorted(zoneinfo.available_timezones())
#: Zones whose clocks change in the generated histories.
CHANGING = ["Europe/Berlin", "Europe/London", "Pacific/Apia"]
RANDOM = st.one_of(histories(), histories(steps_ms=tuple(LONG_STEPS_MS)))
REALISTIC = sessions()
#: Checks that put each history into a store; the others cost a tenth.
_WITH_STORE = (3, 7, 8, 14)


@st.composite
def cases(draw: st.DrawFn, source: st.SearchStrategy[list[Event]]) -> Case:
    """A history of ``source`` at an instant within it or after it."""
    events = draw(source)
    seen_ms = draw(st.sampled_from([events[-1], events[-1], events[len(events) // 2]])).t_ms
    return Case(
        events=events,
        now_ms=seen_ms + draw(st.sampled_from([0, MINUTE_MS, 30 * MINUTE_MS, 50 * MINUTE_MS, 2 * HOUR_MS])),
        seed=draw(st.integers(0, 9_999)),
        zone=draw(st.one_of(st.sampled_from(CHANGING), st.sampled_from(ALL_ZONES))),
        day_starts_at=dt.time(draw(st.integers(0, 23)), draw(st.integers(0, 59))),
    )


def _rule(number: int) -> str:
    return f"{number:02} {(CHECKS[number].__doc__ or '').splitlines()[0]}"


@pytest.mark.parametrize("source", [RANDOM, REALISTIC], ids=["random", "realistic"])
@pytest.mark.parametrize("number", CHECKS, ids=_rule)
def test_the_invariant_holds(number: int, source: st.SearchStrategy[list[Event]]) -> None:
    @given(cases(source))
    @settings(max_examples=40 if number in _WITH_STORE else 100)
    def holds(found: Case) -> None:
        CHECKS[number](Product(), found)

    holds()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.invariant:02} {m.what}")
class TestControl:
    def test_the_example_tells_the_product_from_one_with_the_mistake(self, mistake: Mistake) -> None:
        check = CHECKS[mistake.invariant]
        check(Product(), mistake.example)
        with pytest.raises(AssertionError):
            check(mistake.product, mistake.example)

    def test_generated_histories_find_the_mistake(self, mistake: Mistake) -> None:
        product = mistake.product

        # Always the same histories, as many as it takes; what is found is not made smaller.
        @given(cases(st.one_of(REALISTIC, RANDOM)))
        @settings(database=None, derandomize=True, phases=[Phase.generate], max_examples=3_000)
        def holds(found: Case) -> None:
            CHECKS[mistake.invariant](product, found)

        with pytest.raises(AssertionError):
            holds()


def test_every_invariant_has_a_mistake_that_breaks_it() -> None:
    assert sorted({mistake.invariant for mistake in MISTAKES}) == list(CHECKS) == list(range(1, 18))


@pytest.mark.parametrize("begin_ms", BEGINNINGS_MS[2:])
def test_the_days_of_every_zone_add_up_to_the_same_total(tmp_path: Path, begin_ms: int) -> None:
    by_ms = begin_ms - case(a(0, STOP)).events[0].t_ms
    fixed = case(a(0, PROMPT), a(700, STOP), b(300, PROMPT), b(330, STOP), a(900, PROMPT), a(1200, STOP))
    events = [event_at(event, event.t_ms + by_ms) for event in fixed.events]
    in_utc = Case(events, events[-1].t_ms + 2 * HOUR_MS)
    expected_ms = total_ms(Product(), in_utc)
    assert expected_ms == 1_000 * MINUTE_MS
    with EventStore(tmp_path) as store:
        store.record(events)
        for zone in ALL_ZONES:
            report = report_between_days_of(Product(), Case(events, in_utc.now_ms, zone=zone), store)
            assert report.total_ms == sum(day.total_ms for day in report.days) == expected_ms, zone
            for project in report.projects:
                assert project.active_ms == sum(day.projects.get(project.name, 0) for day in report.days), zone


def event_at(event: Event, t_ms: int) -> Event:
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    return type(event)(**{**fields, "t_ms": t_ms})
