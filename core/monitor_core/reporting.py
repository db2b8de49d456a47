"""Makes `monitor_core.report.Report` from what is in the store. The only way from there to what people see."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.accounting import FUTURE_MS, Account, Rules, account, as_things_stand, usage_windows
from monitor_core.blocks import clip_block, joined
from monitor_core.corrections import Share, agent_time_ms, corrected, corrections_within
from monitor_core.days import day_bounds, days_between
from monitor_core.edits import DropTime, in_force
from monitor_core.grouping import LastGrouping
from monitor_core.intervals import length_ms, lengths_within, union
from monitor_core.model import Block, Interval, UsageWindow
from monitor_core.pauses import pauses_of
from monitor_core.projects import distinct_names
from monitor_core.report import DayTime, ProjectTime, Report, StreamNow
from monitor_core.turns import PROVEN_CAP_MS, StreamState
from monitor_core.waiting import waits_of_projects

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from monitor_core.accounting import OpenStream
    from monitor_core.config import Config
    from monitor_core.edits import Edit
    from monitor_core.grouping import Grouping, KnownProject
    from monitor_core.model import Event
    from monitor_core.pauses import Pause
    from monitor_core.store import Store


def rules_of(config: Config) -> Rules:
    """The accounting rules that a person's settings ask for."""
    return Rules(idle_ms=config.idle_timeout_ms, usage_window_ms=config.usage_window_ms)


def build_report(
    store: Store,
    first_day: dt.date,
    last_day: dt.date,
    zone: ZoneInfo,
    config: Config,
    now_ms: int,
    last: LastGrouping | None = None,
    *,
    may_lag: bool = False,
) -> Report:
    """The report over ``first_day`` to ``last_day``, both included. Raises `StoreError`.

    Where it ``may_lag`` the books are taken as they are, though the last events may not be in them yet: for one who
    looks again when they are.
    """
    days = Days.between(first_day, last_day, zone, config)
    span = days.span
    with store.snapshot():
        edits = in_force(store.journal())
        grouping = (last or LastGrouping()).of(store.places(), store.projects(), config, edits)
        result = account_between(store, span, rules_of(config), now_ms, may_lag=may_lag)
        counts = store.counts(span.start_ms, min(span.end_ms, now_ms + FUTURE_MS + 1))
        windows = _windows(store, result.windows, span, now_ms)
    corrections = corrections_within(edits, span, grouping.counts_for)
    blocks = _within(corrected(blocks_of_projects(result, grouping, config.idle_timeout_ms), corrections), span)
    waits = waits_of_projects(result, grouping, corrections, span)
    names = _names({*blocks, *waits}, counts, grouping)
    projects = _projects(blocks, waits, counts, names, grouping)
    covered = union((b.start_ms, b.end_ms) for own in blocks.values() for b in own)
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
        working_ms=length_ms(union(i for own in blocks.values() for b in own for i in b.working)),
        first_ms=min((b.start_ms for own in blocks.values() for b in own), default=None),
        last_ms=max((b.end_ms for own in blocks.values() for b in own), default=None),
        agent_ms=agent_time_ms(_shares(result, grouping), corrections, span),
        projects=projects,
        windows=windows,
        days=_days(days, projects, covered),
        open_streams=tuple(_streams_now(result.open_streams, result, names, grouping, span)),
        finished=tuple(_streams_now(result.finished, result, names, grouping, span)),
        window=_window_now(result.windows, span, now_ms),
        pauses=tuple(_pauses_within(edits, span, now_ms)),
        dropped=tuple(Interval(c.start_ms, c.end_ms) for c in corrections if isinstance(c.edit.decision, DropTime)),
    )


def grouping_of(store: Store, config: Config, last: LastGrouping | None = None) -> Grouping:
    """What the settings and the journal make of the places in the store. Raises `StoreError`."""
    with store.snapshot():
        edits = in_force(store.journal())
        return (last or LastGrouping()).of(store.places(), store.projects(), config, edits)


def account_between(store: Store, span: Interval, rules: Rules, now_ms: int, *, may_lag: bool = False) -> Account:
    """The account, as far as anything of it reaches into ``span``: from the books, or from the events.

    The latter where the books are not up to date: the tray has not yet read what arrived last, or the settings have
    changed since it did.
    """
    with store.snapshot():
        if books_are_current(store, rules, now_ms, may_lag=may_lag):
            return account_from_books(store, span, rules, now_ms)
        found = account(events_reaching(store, span, rules), now_ms, rules)
        return Account(
            blocks=found.blocks,
            stints=found.stints,
            windows=_windows_from_prompts(store, span, rules, now_ms),
            open_streams=found.open_streams,
            finished=found.finished,
            waits=found.waits,
        )


def events_reaching(store: Store, span: Interval, rules: Rules) -> list[Event]:
    """All events that decide anything about ``span``."""
    reach_ms = PROVEN_CAP_MS + rules.idle_ms
    return store.events(span.start_ms - reach_ms, span.end_ms + reach_ms)


def books_are_current(store: Store, rules: Rules, now_ms: int, *, may_lag: bool = False) -> bool:
    """Whether the books hold all that there is at ``now_ms``, by these rules. To be asked within a snapshot.

    Where they ``may_lag``, all but what arrived last.
    """
    state = store.books.state()
    horizon_ms = now_ms + FUTURE_MS
    if state is None or not state.complete or state.latest_ms > horizon_ms:
        return False
    if not may_lag and state.seen != store.newest():
        return False
    ahead_ms = store.books.first_ahead()
    return state.is_by(rules) and (ahead_ms is None or ahead_ms > horizon_ms)


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


def account_from_books(store: Store, span: Interval, rules: Rules, now_ms: int) -> Account:
    """The account, as far as anything of it reaches into ``span``, from books that are current."""
    start_ms, end_ms = span.start_ms - rules.idle_ms, span.end_ms + rules.idle_ms
    books = store.books
    return as_things_stand(
        books.runs(start_ms, end_ms),
        books.stints(start_ms, end_ms),
        books.tails(start_ms - PROVEN_CAP_MS, end_ms),
        books.waits(start_ms, end_ms),
        tuple(books.windows(span.start_ms - rules.usage_window_ms, span.end_ms)),
        now_ms,
        rules.idle_ms,
    )


def blocks_of_projects(result: Account, grouping: Grouping, idle_ms: int) -> Mapping[str, list[Block]]:
    """The blocks of each project, those of its places together, as the events alone have them."""
    runs: dict[str, list[Block]] = defaultdict(list)
    for place, own in result.blocks.items():
        if place in grouping.project_of:
            runs[grouping.project_of[place]] += own
    return {key: joined(own, idle_ms) for key, own in runs.items()}


def _pauses_within(edits: Iterable[Edit], span: Interval, now_ms: int) -> Iterator[Pause]:
    for pause in pauses_of(edits):
        reaches = pause.start_ms < span.end_ms and span.start_ms < pause.end_ms
        if reaches or pause.start_ms <= now_ms < pause.end_ms:
            yield pause


def _within(blocks: Mapping[str, Iterable[Block]], span: Interval) -> Mapping[str, tuple[Block, ...]]:
    cut = {key: (clip_block(block, *span) for block in own) for key, own in blocks.items()}
    found = {key: tuple(block for block in own if block is not None) for key, own in cut.items()}
    return {key: own for key, own in found.items() if own}


def _names(found: Iterable[str], places: Iterable[int], grouping: Grouping) -> dict[str, str]:
    """What to call each project that has blocks or waits, or places that have events."""
    keys = sorted({*found, *(grouping.project_of[place] for place in places if place in grouping.project_of)})
    known: list[KnownProject] = [grouping.known[key] for key in keys]
    return dict(zip(keys, distinct_names(known), strict=True))


def _projects(
    blocks: Mapping[str, tuple[Block, ...]],
    waits: Mapping[str, tuple[Interval, ...]],
    counts_of_places: Mapping[int, int],
    names: Mapping[str, str],
    grouping: Grouping,
) -> tuple[ProjectTime, ...]:
    counts: Counter[str] = Counter()
    for place, count in counts_of_places.items():
        if place in grouping.project_of:
            counts[grouping.project_of[place]] += count
    active = {key: sum(b.active_ms for b in blocks.get(key, ())) for key in names}
    everything_ms = sum(active.values())
    projects = [
        ProjectTime(
            name=name,
            path=grouping.known[key].path,
            active_ms=active[key],
            working_ms=sum(b.working_ms for b in blocks.get(key, ())),
            events=counts[key],
            share=active[key] / everything_ms if everything_ms else 0.0,
            blocks=blocks.get(key, ()),
            waits=waits.get(key, ()),
        )
        for key, name in names.items()
    ]
    return tuple(sorted(projects, key=lambda p: (-p.active_ms, p.name)))


def _shares(result: Account, grouping: Grouping) -> Iterator[Share]:
    """Claude's working time of each stream, a moment once: where two places have it, for the one that began first."""
    for own in result.stints.values():
        told_ms = 0
        for stint in own:
            if stint.place in grouping.project_of and stint.end_ms > told_ms:
                yield Share(max(stint.start_ms, told_ms), stint.end_ms, grouping.project_of[stint.place])
                told_ms = stint.end_ms


def _streams_now(
    streams: Iterable[OpenStream], result: Account, names: Mapping[str, str], grouping: Grouping, span: Interval
) -> Iterator[StreamNow]:
    for stream in streams:
        if (key := grouping.project_of.get(stream.place)) is not None:
            # One that waits since the day before may have nothing in the range
            name = names.get(key, grouping.known[key].name)
            yield StreamNow(*stream.stream, name, stream.state, _since(stream, result, span))


def _since(stream: OpenStream, result: Account, span: Interval) -> int:
    if stream.state is not StreamState.WORKING:
        return stream.since_ms
    since_ms = stream.since_ms
    # The latest end first: they are cut at midnights of UTC and where the stream went to another place
    for stint in sorted(result.stints.get(stream.stream, ()), key=lambda stint: -stint.end_ms):
        if stint.end_ms >= since_ms and stint.end_ms > span.start_ms:
            since_ms = min(since_ms, stint.start_ms)
    return since_ms


def _window_now(windows: Iterable[UsageWindow], span: Interval, now_ms: int) -> UsageWindow | None:
    if not span.start_ms <= now_ms < span.end_ms:
        return None
    return next((window for window in windows if window.start_ms <= now_ms < window.end_ms), None)


def _days(days: Days, projects: Iterable[ProjectTime], covered: Sequence[Interval]) -> tuple[DayTime, ...]:
    bounds = [interval for _, interval in days.days]
    totals = lengths_within(covered, bounds)
    parts = {p.name: lengths_within([Interval(b.start_ms, b.end_ms) for b in p.blocks], bounds) for p in projects}
    result = []
    for k, (day, (start_ms, end_ms)) in enumerate(days.days):
        own = {name: lengths[k] for name, lengths in parts.items() if lengths[k]}
        most_first = dict(sorted(own.items(), key=lambda part: (-part[1], part[0])))
        result.append(DayTime(day, start_ms, end_ms, totals[k], most_first))
    return tuple(result)


def _windows(store: Store, windows: Iterable[UsageWindow], span: Interval, now_ms: int) -> tuple[UsageWindow, ...]:
    """The usage windows with prompts within ``span``: whole, and each with the number of those prompts."""
    end_ms = min(span.end_ms, now_ms + FUTURE_MS + 1)
    result = []
    for window in windows:
        if window.start_ms >= span.start_ms and window.end_ms <= end_ms:
            result.append(window)
        elif prompts := store.prompts_between(max(window.start_ms, span.start_ms), min(window.end_ms, end_ms)):
            result.append(UsageWindow(window.start_ms, window.end_ms, prompts))
    return tuple(result)


def _windows_from_prompts(store: Store, span: Interval, rules: Rules, now_ms: int) -> tuple[UsageWindow, ...]:
    """The usage windows that reach into ``span``.

    Where a window begins depends on the one before it, so prompts are read backwards until one comes after such a
    pause that it opened a window whatever was before.
    """
    window_ms = rules.usage_window_ms
    chain: list[int] = []
    for t_ms in store.prompts_before(min(span.end_ms, now_ms + FUTURE_MS + 1)):
        if chain and chain[-1] < span.start_ms and chain[-1] - t_ms >= window_ms:
            break
        chain.append(t_ms)
    return tuple(w for w in usage_windows(reversed(chain), window_ms) if w.end_ms > span.start_ms)
