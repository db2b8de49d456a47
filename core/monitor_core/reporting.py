"""Makes `monitor_core.report.Report` from the events in the store. The only way from events to what people see."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from monitor_core.accounting import FUTURE_MS, PROVEN_CAP_MS, Account, Rules, account, clip_block, usage_windows
from monitor_core.days import day_bounds, days_between
from monitor_core.grouping import Grouping
from monitor_core.intervals import clip, length_ms, union
from monitor_core.model import Block, Interval, UsageWindow
from monitor_core.projects import distinct_names
from monitor_core.report import DayTime, ProjectTime, Report

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from monitor_core.config import Config
    from monitor_core.model import Event
    from monitor_core.store import Store


def rules_of(config: Config) -> Rules:
    """The accounting rules that a person's settings ask for."""
    return Rules(idle_ms=config.idle_timeout_ms, usage_window_ms=config.usage_window_ms)


def account_range(
    store: Store, span: Interval, grouping: Grouping, config: Config, now_ms: int
) -> tuple[Account, list[Event]]:
    """The account of everything that can reach into ``span``, not clipped; and the events within it."""
    reach_ms = PROVEN_CAP_MS + config.idle_timeout_ms
    events = grouping.apply(store.events(span.start_ms - reach_ms, span.end_ms + reach_ms))
    result = account(events, now_ms, rules_of(config))
    latest_ms = min(span.end_ms - 1, now_ms + FUTURE_MS)
    return result, [event for event in events if span.start_ms <= event.t_ms <= latest_ms]


def build_report(
    store: Store, first_day: dt.date, last_day: dt.date, zone: ZoneInfo, config: Config, now_ms: int
) -> Report:
    """The report over ``first_day`` to ``last_day``, both included. Raises `StoreError`."""
    days = [(day, day_bounds(day, zone, config.day_starts_at)) for day in days_between(first_day, last_day)]
    span = Interval(days[0][1].start_ms, days[-1][1].end_ms)
    grouping = Grouping.of(store.projects(), config)
    result, events = account_range(store, span, grouping, config, now_ms)
    blocks = [b for block in result.blocks if (b := clip_block(block, *span)) is not None]
    projects = _projects(blocks, events, grouping.known)
    covered = union((b.start_ms, b.end_ms) for b in blocks)
    total_ms = length_ms(covered)
    return Report(
        first_day=first_day,
        last_day=last_day,
        zone=zone,
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
        days=tuple(_day(day, bounds, projects, covered) for day, bounds in days),
        open_streams=result.open_streams,
    )


def _projects(
    blocks: Sequence[Block], events: Iterable[Event], known: Mapping[int, tuple[str, str]]
) -> tuple[ProjectTime, ...]:
    own: dict[int, list[Block]] = defaultdict(list)
    for block in blocks:
        own[block.project].append(block)
    counts = Counter(event.project for event in events)
    ids = sorted(own.keys() | counts.keys())
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
