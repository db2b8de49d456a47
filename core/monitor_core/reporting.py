"""Makes `monitor_core.report.Report` from the events in the store. The only way from events to what people see."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.accounting import FUTURE_MS, Account, Ledger, Rules, account, usage_windows
from monitor_core.blocks import clip_block
from monitor_core.days import day_bounds, days_between
from monitor_core.grouping import Grouping
from monitor_core.intervals import clip, length_ms, union
from monitor_core.model import Block, Interval, UsageWindow
from monitor_core.projects import distinct_names
from monitor_core.report import DayTime, ProjectTime, Report
from monitor_core.store import NEWEST, Store
from monitor_core.turns import PROVEN_CAP_MS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from monitor_core.config import Config
    from monitor_core.model import Event


#: Events that are read into memory together, and events that are accounted for in one go: half a millisecond's work.
_AT_ONCE, _BETWEEN_BREATHS = 1_000, 30


def rules_of(config: Config) -> Rules:
    """The accounting rules that a person's settings ask for."""
    return Rules(idle_ms=config.idle_timeout_ms, usage_window_ms=config.usage_window_ms)


def build_report(
    store: Store, first_day: dt.date, last_day: dt.date, zone: ZoneInfo, config: Config, now_ms: int
) -> Report:
    """The report over ``first_day`` to ``last_day``, both included. Raises `StoreError`."""
    days = Days.between(first_day, last_day, zone, config)
    grouping = Grouping.of(store.projects(), config)
    events = grouping.apply(_reaching(store, days.span, config))
    counts = Counter(e.project for e in events if days.span.start_ms <= e.t_ms < _end_of_known(days.span, now_ms))
    return _report(store, days, grouping, account(events, now_ms, rules_of(config)), counts, config, now_ms)


class RunningDay:
    """The report of one day that goes on: each look costs as much as has arrived since the last one.

    One thread at a time may ask. ``store`` may be written by another process or connection meanwhile.
    """

    def __init__(self, store: Store, day: dt.date, zone: ZoneInfo, config: Config) -> None:
        self._store = store
        self._config = config
        self._days = Days.between(day, day, zone, config)
        self._grouping = Grouping.of(store.projects(), config)
        self._ledger = Ledger(rules_of(config))
        self._counts: Counter[int] = Counter()
        self._waiting: list[Event] = []
        self._seen = 0
        self._now_ms = 0
        self._begin()

    def is_of(self, day: dt.date, zone: ZoneInfo, config: Config) -> bool:
        """Whether this is that day, cut and counted in that way."""
        return (self._days.days[0][0], self._days.zone, self._config) == (day, zone, config)

    def report(self, now_ms: int, breathe: Callable[[], None] = lambda: None) -> Report:
        """The day as it stands; the same as `build_report` makes. Raises `StoreError`.

        ``breathe`` is called after every few events, for a caller whose other threads have more urgent work.
        """
        while arrived := self._store.arrived_after(self._seen, _AT_ONCE):
            self._seen = arrived[-1][0]
            self._waiting += self._grouping.apply(event for _, event in arrived)
            breathe()
        grouping = Grouping.of(self._store.projects(), self._config)
        regrouped = (grouping.merged, grouping.ignored) != (self._grouping.merged, self._grouping.ignored)
        self._grouping = grouping
        # Where the clock was set back, what was accounted for may be of the future again.
        stepped_back, self._now_ms = now_ms < self._now_ms, now_ms
        if regrouped or stepped_back or not self._take_in(now_ms, breathe):
            self._begin()
            self._take_in(now_ms, breathe)
        breathe()
        return _report(self._store, self._days, grouping, self._ledger.at(now_ms), self._counts, self._config, now_ms)

    def _begin(self) -> None:
        self._seen = self._store.newest()
        self._ledger = Ledger(rules_of(self._config))
        self._counts.clear()
        found = self._grouping.apply(_reaching(self._store, self._days.span, self._config, self._seen))
        self._waiting = list({e.id: e for e in found}.values())

    def _take_in(self, now_ms: int, breathe: Callable[[], None]) -> bool:
        """Accounts for what waits and is not of the future. False where something came too late for that."""
        span = self._days.span
        come = sorted((e for e in self._waiting if e.t_ms <= now_ms + FUTURE_MS), key=lambda e: (e.t_ms, e.id))
        self._waiting = [e for e in self._waiting if e.t_ms > now_ms + FUTURE_MS]
        for number, event in enumerate(come):
            if number % _BETWEEN_BREATHS == 0:
                breathe()
            if not self._ledger.add(event):
                return False
            self._counts[event.project] += span.start_ms <= event.t_ms < span.end_ms
        return True


@dataclass(frozen=True, slots=True)
class Days:
    """Days in a row as a report cuts them; ``days`` has each with its ``[start, end)``."""

    days: tuple[tuple[dt.date, Interval], ...]
    span: Interval
    zone: ZoneInfo

    @classmethod
    def between(cls, first_day: dt.date, last_day: dt.date, zone: ZoneInfo, config: Config) -> Days:
        """``first_day`` to ``last_day``, both included."""
        days = tuple((day, day_bounds(day, zone, config.day_starts_at)) for day in days_between(first_day, last_day))
        return cls(days, Interval(days[0][1].start_ms, days[-1][1].end_ms), zone)


def _reaching(store: Store, span: Interval, config: Config, up_to: int = NEWEST) -> list[Event]:
    """All events that decide anything about ``span``."""
    reach_ms = PROVEN_CAP_MS + config.idle_timeout_ms
    return store.events(span.start_ms - reach_ms, span.end_ms + reach_ms, up_to)


def _end_of_known(span: Interval, now_ms: int) -> int:
    return min(span.end_ms, now_ms + FUTURE_MS + 1)


def _report(
    store: Store,
    days: Days,
    grouping: Grouping,
    result: Account,
    counts: Counter[int],
    config: Config,
    now_ms: int,
) -> Report:
    span = days.span
    blocks = [b for block in result.blocks if (b := clip_block(block, *span)) is not None]
    projects = _projects(blocks, counts, grouping.known)
    covered = union((b.start_ms, b.end_ms) for b in blocks)
    total_ms = length_ms(covered)
    return Report(
        first_day=days.days[0][0],
        last_day=days.days[-1][0],
        zone=days.zone,
        start_ms=span.start_ms,
        end_ms=span.end_ms,
        now_ms=now_ms,
        total_ms=total_ms,
        parallel_ms=sum(p.active_ms for p in projects) - total_ms,
        working_ms=length_ms(union(i for b in blocks for i in b.working)),
        first_ms=min((b.start_ms for b in blocks), default=None),
        last_ms=max((b.end_ms for b in blocks), default=None),
        agent_ms=sum(length_ms(clip(own, *span)) for own in result.working.values()),
        projects=projects,
        windows=_windows(store, span, config, now_ms),
        days=tuple(_day(day, bounds, projects, covered) for day, bounds in days.days),
        open_streams=result.open_streams,
    )


def _projects(
    blocks: Sequence[Block], counts: Counter[int], known: Mapping[int, tuple[str, str]]
) -> tuple[ProjectTime, ...]:
    own: dict[int, list[Block]] = defaultdict(list)
    for block in blocks:
        own[block.project].append(block)
    ids = sorted(own.keys() | (+counts).keys())
    active = {id_: sum(b.active_ms for b in own[id_]) for id_ in ids}
    everything_ms = sum(active.values())
    names = dict(zip(ids, distinct_names([known[id_] for id_ in ids]), strict=True))
    projects = [
        ProjectTime(
            name=names[id_],
            path=known[id_][0],
            active_ms=active[id_],
            working_ms=sum(b.working_ms for b in own[id_]),
            events=counts[id_],
            share=active[id_] / everything_ms if everything_ms else 0.0,
            blocks=tuple(own[id_]),
        )
        for id_ in ids
    ]
    return tuple(sorted(projects, key=lambda p: (-p.active_ms, p.name)))


def _day(day: dt.date, bounds: Interval, projects: Iterable[ProjectTime], covered: Iterable[Interval]) -> DayTime:
    parts = {p.name: length_ms(clip((Interval(b.start_ms, b.end_ms) for b in p.blocks), *bounds)) for p in projects}
    most_first = sorted(parts.items(), key=lambda part: (-part[1], part[0]))
    return DayTime(
        date=day,
        start_ms=bounds.start_ms,
        end_ms=bounds.end_ms,
        total_ms=length_ms(clip(covered, *bounds)),
        projects={name: ms for name, ms in most_first if ms},
    )


def _windows(store: Store, span: Interval, config: Config, now_ms: int) -> tuple[UsageWindow, ...]:
    """The usage windows with prompts within ``span``: whole, and each with the number of those prompts.

    Where a window begins depends on the one before it, so prompts are read backwards until one comes after such a
    pause that it opened a window whatever was before.
    """
    length = config.usage_window_ms
    chain: list[int] = []
    for t_ms in store.prompts_before(min(span.end_ms, now_ms + FUTURE_MS)):
        if chain and chain[-1] < span.start_ms and chain[-1] - t_ms >= length:
            break
        chain.append(t_ms)
    windows = usage_windows(reversed(chain), length)
    within = [t for t in chain if span.start_ms <= t]
    clipped = [UsageWindow(w.start_ms, w.end_ms, sum(w.start_ms <= t < w.end_ms for t in within)) for w in windows]
    return tuple(w for w in clipped if w.prompts)
