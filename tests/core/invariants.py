"""The invariants of the time accounting, each a check of one generated case: `check_01` to `check_17`.

A check takes the product as an argument, so that the tests can give it one with a mistake in it, and raises
`AssertionError` where the product breaks the rule. What a check compares with is worked out here, from the events.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from monitor_core import accounting, books, reporting, standing
from monitor_core.accounting import FUTURE_MS, Account, Rules
from monitor_core.config import Config
from monitor_core.intervals import clip, length_ms, subtract, union
from monitor_core.model import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Block, Event, Interval
from monitor_core.turns import (
    CLOCK_SLACK_MS,
    HINT_MS,
    OPEN_CAP_MS,
    PROMPT,
    Stint,
    StreamState,
    Wait,
    is_hint,
    is_point,
    is_prompt_of_a_person,
    state_of,
)
from monitor_tray.render import figures
from tests.core.histories import RULES, EventStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from monitor_core.report import Report
    from monitor_tray.render.figures import Figures

EVER = Interval(0, 2**60)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Product:
    """What is checked: the functions as they are, or those of a mutant."""

    account: Callable[[Iterable[Event], int, Rules], Account] = accounting.account
    books: type[books.Books] = books.Books
    account_from_books: Callable[..., Account] = standing.account_from_books
    build_report: Callable[..., Report] = reporting.build_report
    figures: Callable[[Report], Figures] = figures.figures


@dataclass(frozen=True, slots=True)
class Case:
    """A history by time, the present instant, and what else a check may need: chance, a zone, the start of a day."""

    events: list[Event]
    now_ms: int
    seed: int = 0
    zone: str = "UTC"
    day_starts_at: dt.time = dt.time(0)

    @property
    def counted(self) -> list[Event]:
        """The events that are not of the future."""
        return [event for event in self.events if event.t_ms <= self.now_ms + FUTURE_MS]

    @property
    def random(self) -> random.Random:
        """The same chance each time."""
        return random.Random(self.seed)  # noqa: S311  nothing is kept secret by it


def check_01(product: Product, case: Case) -> None:
    """Any permutation gives the same result."""
    shuffled = case.random.sample(case.events, len(case.events))
    assert product.account(shuffled, case.now_ms, RULES) == product.account(case.events, case.now_ms, RULES)


def check_02(product: Product, case: Case) -> None:
    """Every duplicate gives the same result."""
    again = case.random.choices(case.events, k=len(case.events))
    expected = product.account(case.events, case.now_ms, RULES)
    assert product.account([*case.events, *again], case.now_ms, RULES) == expected


def check_03(product: Product, case: Case) -> None:
    """What is kept and grows is what all events give, whenever it is up to date with what arrives."""
    arrivals = case.random.sample(case.events, len(case.events))
    arrivals += case.random.choices(case.events, k=3)
    with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
        kept = product.books(store, RULES)
        for number, event in enumerate(arrivals, start=1):
            store.record([event])
            kept.reckon(case.now_ms - case.random.choice((0, 2 * MINUTE_MS, 30 * HOUR_MS)), 10)
            if number < len(arrivals) and case.random.random() < 0.3:
                continue  # the next one arrives between the two halves
            while kept.catch_up(case.now_ms, 10):
                pass
            grown = product.account_from_books(store, EVER, RULES, case.now_ms)
            assert grown == product.account(arrivals[:number], case.now_ms, RULES)


def check_04(product: Product, case: Case) -> None:
    """A place's blocks are disjoint and more than the idle timeout apart; before an auto prompt any gap is enough."""
    for blocks in product.account(case.events, case.now_ms, RULES).blocks.values():
        assert all(block.start_ms <= block.end_ms for block in blocks)
        for block, later in pairwise(blocks):
            assert later.start_ms - block.end_ms > (0 if later.auto else RULES.idle_ms)


def check_05(product: Product, case: Case) -> None:
    """Each point lies in exactly one block of its place, and no block is without one or without work."""
    result = product.account(case.events, case.now_ms, RULES)
    points = [event for event in case.counted if is_point(event)]
    for event in points:
        holding = [b for b in result.blocks.get(event.place, ()) if b.start_ms <= event.t_ms <= b.end_ms]
        assert len(holding) == 1
    for place, blocks in result.blocks.items():
        own = {event.t_ms for event in points if event.place == place}
        assert all(block.working or block.start_ms in own for block in blocks)


def check_06(product: Product, case: Case) -> None:
    """Active is working and attention; working lies within the blocks, and a stream's moment counts once."""
    result = product.account(case.events, case.now_ms, RULES)
    worked: dict[int, list[Interval]] = defaultdict(list)
    for stints in result.stints.values():
        for place in {stint.place for stint in stints}:
            assert all(a.end_ms <= b.start_ms for a, b in pairwise(s for s in stints if s.place == place))
        for stint in stints:
            worked[stint.place].append(Interval(stint.start_ms, stint.end_ms))
    assert worked.keys() <= result.blocks.keys()
    for place, blocks in result.blocks.items():
        working = union(worked[place])
        for block in blocks:
            assert block.working == clip(working, block.start_ms, block.end_ms)
            attention = subtract([Interval(block.start_ms, block.end_ms)], block.working)
            assert block.active_ms == block.working_ms + length_ms(attention)
        assert sum(block.working_ms for block in blocks) == length_ms(working)


def check_07(product: Product, case: Case) -> None:
    """No project has more than the total, all together no less, and less what was parallel they are the total."""
    report = report_of_all(product, case, from_books=False)
    active = [project.active_ms for project in report.projects]
    assert max(active, default=0) <= report.total_ms <= sum(active)
    assert sum(active) - report.parallel_ms == report.total_ms == total_ms(product, case)


def check_08(product: Product, case: Case) -> None:
    """The days of any zone add up to the total."""
    report = report_of_all(product, case, from_books=True)
    assert sum(day.total_ms for day in report.days) == report.total_ms == total_ms(product, case)
    for project in report.projects:
        assert sum(day.projects.get(project.name, 0) for day in report.days) == project.active_ms


def check_09(product: Product, case: Case) -> None:
    """Shifting all times shifts the result, over midnights too."""
    by_ms = case.random.choice([1, -1, HOUR_MS, 12 * HOUR_MS, DAY_MS, -3 * HOUR_MS + 7, case.random.randrange(DAY_MS)])
    shifted = [msgspec.structs.replace(event, t_ms=event.t_ms + by_ms) for event in case.events]
    result = product.account(case.events, case.now_ms, RULES)
    expected = {p: tuple(_shifted_block(b, by_ms) for b in own) for p, own in result.blocks.items()}
    later = product.account(shifted, case.now_ms + by_ms, RULES)
    assert later.blocks == expected
    assert {s: _uncut(own, 0) for s, own in later.stints.items()} == {
        s: _uncut(own, by_ms) for s, own in result.stints.items()
    }
    assert [(w.start_ms, w.end_ms, w.prompts) for w in later.windows] == [
        (w.start_ms + by_ms, w.end_ms + by_ms, w.prompts) for w in result.windows
    ]
    assert [s.since_ms - by_ms for s in later.open_streams] == [s.since_ms for s in result.open_streams]
    assert later.waits == {
        stream: tuple(Wait(w.start_ms + by_ms, w.end_ms + by_ms, w.place) for w in own)
        for stream, own in result.waits.items()
    }


def check_10(product: Product, case: Case) -> None:
    """What is closed stays as it is while time passes and nothing more happens."""
    for now_ms in (case.now_ms, case.random.choice(case.events).t_ms + case.random.randrange(2 * HOUR_MS)):
        known = [event for event in case.events if event.t_ms <= now_ms]
        result = product.account(known, now_ms, RULES)
        for passed_ms in (1, RULES.idle_ms, OPEN_CAP_MS // 2, OPEN_CAP_MS + 1, 30 * HOUR_MS):
            later = product.account(known, now_ms + passed_ms, RULES)
            assert later.windows == result.windows
            for place, blocks in result.blocks.items():
                assert {b for b in blocks if not b.open} <= {b for b in later.blocks[place] if not b.open}
            going_on = {stream.stream for stream in result.open_streams}
            for stream, stints in result.stints.items():
                assert stream in going_on or later.stints[stream] == stints
            for stream, waits in result.waits.items():
                assert {w for w in waits if w.end_ms < now_ms} <= set(later.waits[stream])


def check_11(product: Product, case: Case) -> None:
    """What nothing proves counts for an hour while it is open, and for the idle timeout in the end."""
    result = product.account(case.events, case.now_ms, RULES)
    for stream, events in streams(case.counted).items():
        stints = union((s.start_ms, s.end_ms) for s in result.stints.get(stream, ()))
        told = [event for event in events if state_of(event) is not None]
        for a, b in pairwise(told):
            if not _proves(a, b) and not any(_ran(event, a.t_ms, b.t_ms) for event in events):
                hints = [e.t_ms for e in events if is_hint(e) and a.t_ms < e.t_ms < b.t_ms]
                most_ms = max(0, hints[0] - HINT_MS - a.t_ms) if hints else RULES.idle_ms
                assert length_ms(clip(stints, a.t_ms, b.t_ms)) <= most_ms
        if not told:
            continue
        last = told[-1]
        hints = [e.t_ms for e in events if is_hint(e) and e.t_ms > last.t_ms]
        open_ms = case.now_ms - last.t_ms
        if state_of(last) is not StreamState.WORKING:
            most_ms = 0
        elif hints:
            most_ms = max(0, hints[0] - HINT_MS - last.t_ms)
        else:
            most_ms = max(0, open_ms) if open_ms <= OPEN_CAP_MS else RULES.idle_ms
        assert length_ms(clip(stints, last.t_ms, EVER.end_ms)) <= most_ms


def check_12(product: Product, case: Case) -> None:
    """A stream worked no longer between two events than the machine was awake, where both clocks tell.

    Nor between its last event with a state and the hint that follows.
    """
    result = product.account(case.events, case.now_ms, RULES)
    for stream, events in streams(case.counted).items():
        stints = union((s.start_ms, s.end_ms) for s in result.stints.get(stream, ()))
        told = [event for event in events if state_of(event) is not None]
        hint = next((e for e in events if told and is_hint(e) and e.t_ms > told[-1].t_ms), None)
        for a, b in pairwise([*told, *([hint] if hint else [])]):
            if a.awake_ms is not None and b.awake_ms is not None and b.awake_ms >= a.awake_ms:
                awake_ms = b.awake_ms - a.awake_ms
                if b.t_ms - a.t_ms - awake_ms > CLOCK_SLACK_MS:
                    assert length_ms(clip(stints, a.t_ms, b.t_ms)) <= awake_ms


def check_13(product: Product, case: Case) -> None:
    """A larger idle timeout never makes active smaller: that of no place, and not the total."""
    lengths_ms = sorted({MINUTE_MS, 60 * MINUTE_MS, *(case.random.randint(1, 60) * MINUTE_MS for _ in range(3))})
    results = [
        product.account(case.events, case.now_ms, Rules(idle_ms, RULES.usage_window_ms)) for idle_ms in lengths_ms
    ]
    for smaller, larger in pairwise(results):
        assert length_ms(union(_stretches(smaller))) <= length_ms(union(_stretches(larger)))
        for place, blocks in smaller.blocks.items():
            assert sum(b.active_ms for b in blocks) <= sum(b.active_ms for b in larger.blocks[place])


def check_14(product: Product, case: Case) -> None:
    """What is shown adds up to the total shown, and each part is off by less than a minute."""
    report = report_of_all(product, case, from_books=True)
    shown = product.figures(report)
    total = minutes(shown.total)
    parts = [*((row.time, row.project.active_ms) for row in shown.projects), (shown.parallel, -report.parallel_ms)]
    columns = [
        (total, parts),
        (total, [(shown.working, report.working_ms), (shown.attention, report.attention_ms)]),
        (total, [(day.time, day.total_ms) for day in shown.days]),
        (minutes(shown.span), [(shown.total, report.total_ms), (shown.idle, report.idle_ms)]),
        *(
            (minutes(row.time), [(row.working, row.project.working_ms), (row.attention, row.project.attention_ms)])
            for row in shown.projects
        ),
    ]
    for whole, column in columns:
        assert sum(minutes(text) for text, _ in column) == whole
        assert all(abs(minutes(text) * MINUTE_MS - exact_ms) < MINUTE_MS for text, exact_ms in column)
    if report.total_ms:
        assert sum(row.percent for row in shown.projects) == 100


def check_15(product: Product, case: Case) -> None:
    """Windows are disjoint, each begins with a person's prompt, and each such prompt lies in exactly one."""
    windows = product.account(case.events, case.now_ms, RULES).windows
    prompts = [event.t_ms for event in case.counted if is_prompt_of_a_person(event)]
    assert all(w.end_ms - w.start_ms == RULES.usage_window_ms and w.start_ms in prompts for w in windows)
    assert all(window.end_ms <= later.start_ms for window, later in pairwise(windows))
    held = [[w.start_ms for w in windows if w.start_ms <= at_ms < w.end_ms] for at_ms in prompts]
    assert all(len(holding) == 1 for holding in held)
    assert Counter(start_ms for holding in held for start_ms in holding) == {w.start_ms: w.prompts for w in windows}


def check_16(product: Product, case: Case) -> None:
    """Renaming streams changes nothing."""
    names = sorted({name for e in case.events for name in (e.session_id, e.agent_id) if name})
    renamed = dict(
        zip(names, [f"{k}-{n}" for n, k in zip(names, reversed(range(len(names))), strict=True)], strict=True)
    )
    renamed[""] = ""
    result = product.account(case.events, case.now_ms, RULES)
    others = [
        msgspec.structs.replace(e, session_id=renamed[e.session_id], agent_id=renamed[e.agent_id]) for e in case.events
    ]
    other = product.account(others, case.now_ms, RULES)
    assert other.blocks == result.blocks
    assert other.windows == result.windows
    assert other.stints == {(renamed[s], renamed[a]): own for (s, a), own in result.stints.items()}
    assert other.waits == {(renamed[s], renamed[a]): own for (s, a), own in result.waits.items()}
    assert {(renamed[s.stream[0]], renamed[s.stream[1]], *s[1:]) for s in result.open_streams} == {
        (*s.stream, *s[1:]) for s in other.open_streams
    }


def check_17(product: Product, case: Case) -> None:
    """Claude waits where its last word leaves the turn with the person: awake, not at work, and an hour at most."""
    result = product.account(case.events, case.now_ms, RULES)
    for stream, events in streams(case.counted).items():
        worked = union((s.start_ms, s.end_ms) for s in result.stints.get(stream, ()))
        told = [event for event in events if state_of(event) is not None]
        expected: list[Wait] = []
        for number, a in enumerate(told, start=1):
            b = told[number] if number < len(told) else None
            finished = stream[1] == "" and a.kind in ("Stop", "StopFailure", "Interrupted")
            if finished or state_of(a) is StreamState.BLOCKED:
                most_ms = max(0, case.now_ms - a.t_ms) if b is None else _awake_ms(a, b)
                if b is not None and _ran(b, a.t_ms, b.t_ms):
                    most_ms -= min(most_ms, b.duration_ms or 0)
                waited = [Interval(a.t_ms, a.t_ms + min(most_ms, OPEN_CAP_MS))]
                expected += [Wait(*left, a.place) for left in subtract(waited, worked)]
        assert result.waits.get(stream, ()) == tuple(expected)


def streams(events: Iterable[Event]) -> dict[tuple[str, str], list[Event]]:
    """The events of each stream by time."""
    result: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda event: (event.t_ms, event.id)):
        result[event.stream].append(event)
    return result


def total_ms(product: Product, case: Case) -> int:
    """The length of what the blocks of all places cover."""
    return length_ms(union(_stretches(product.account(case.events, case.now_ms, RULES))))


def report_of_all(product: Product, case: Case, *, from_books: bool) -> Report:
    """The report over every day that anything of the case can lie in."""
    with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
        store.record(case.events)
        if from_books:
            product.books(store, RULES).catch_up_entirely(case.now_ms)
        return report_between_days_of(product, case, store)


def report_between_days_of(product: Product, case: Case, store: EventStore) -> Report:
    """The same from a store that holds the case already."""
    first, last = (
        dt.datetime.fromtimestamp(event.t_ms // SECOND_MS, dt.UTC).date() for event in (case.events[0], case.events[-1])
    )
    config = Config(day_starts_at=case.day_starts_at)
    zone = ZoneInfo(case.zone)
    return product.build_report(store, first - 2 * DAY, last + 2 * DAY, zone, config, case.now_ms)


def minutes(shown: str) -> int:
    """The number that a person reads; less than a minute is none, nothing at all is none."""
    if not shown or "<1 m" in shown:
        return 0
    match = re.fullmatch(r"(−?)(?:(\d+) h )?(\d+) m", shown)
    assert match, shown
    sign, hours, rest = match.groups()
    return (-1 if sign else 1) * (60 * int(hours or 0) + int(rest))


def _stretches(result: Account) -> list[Interval]:
    return [Interval(b.start_ms, b.end_ms) for own in result.blocks.values() for b in own]


def _shifted_block(block: Block, by_ms: int) -> Block:
    return msgspec.structs.replace(
        block,
        start_ms=block.start_ms + by_ms,
        end_ms=block.end_ms + by_ms,
        working=tuple(Interval(i.start_ms + by_ms, i.end_ms + by_ms) for i in block.working),
    )


def _uncut(stints: Iterable[Stint], by_ms: int) -> list[tuple[int, int, int]]:
    """Stints without the cuts at midnight, shifted."""
    places = defaultdict(list)
    for stint in stints:
        places[stint.place].append((stint.start_ms + by_ms, stint.end_ms + by_ms))
    return sorted((*i, place) for place, own in places.items() for i in union(own))


def _proves(a: Event, b: Event) -> bool:
    if b.kind == PROMPT:
        return b.prompt_id is not None and b.prompt_id == a.prompt_id
    return b.kind not in ("SessionStart", "SessionEnd", "ProcessGone")


def _awake_ms(a: Event, b: Event) -> int:
    length_ms = b.t_ms - a.t_ms
    if a.awake_ms is None or b.awake_ms is None or b.awake_ms < a.awake_ms:
        return length_ms
    awake_ms = b.awake_ms - a.awake_ms
    return awake_ms if length_ms - awake_ms > CLOCK_SLACK_MS else length_ms


def _ran(event: Event, start_ms: int, end_ms: int) -> bool:
    """Whether a tool says that it ran between the two instants."""
    if event.kind not in ("PostToolUse", "PostToolUseFailure") or not event.duration_ms:
        return False
    return event.t_ms - event.duration_ms < end_ms and start_ms < event.t_ms


CHECKS: dict[int, Callable[[Product, Case], None]] = dict(
    enumerate(
        (
            check_01, check_02, check_03, check_04, check_05, check_06, check_07, check_08, check_09, check_10,
            check_11, check_12, check_13, check_14, check_15, check_16, check_17,
        ),
        start=1,
    )
)  # fmt: skip
