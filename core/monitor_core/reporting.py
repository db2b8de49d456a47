"""Makes `monitor_core.report.Report` from what is in the store. The only way from there to what people see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from monitor_core.accounting import FUTURE_MS, Account
from monitor_core.corrections import corrections_within
from monitor_core.days import day_bounds, days_between
from monitor_core.edits import DropTime, in_force
from monitor_core.grouping import LastGrouping
from monitor_core.model import Interval, UsageWindow
from monitor_core.parts import part_of
from monitor_core.pauses import pauses_of
from monitor_core.projects import distinct_names
from monitor_core.report import DayTime, ProjectTime, Report, StreamNow
from monitor_core.standing import account_between, books_are_current, counts_between, rules_of, settled_before_ms
from monitor_core.turns import StreamState

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from monitor_core.accounting import OpenStream
    from monitor_core.config import Config
    from monitor_core.edits import Edit
    from monitor_core.grouping import Grouping
    from monitor_core.parts import Part, PartOfDay
    from monitor_core.pauses import Pause
    from monitor_core.settled import SettledParts
    from monitor_core.store import Store


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
    settled: SettledParts[Part] | None = None,
) -> Report:
    """The report over ``first_day`` to ``last_day``, both included. Raises `StoreError`.

    Where it ``may_lag`` the books are taken as they are, though the last events may not be in them yet: for one who
    looks again when they are. ``settled`` has parts of reports that were made before; it is the same report, sooner.
    """
    days = Days.between(first_day, last_day, zone, config)
    with store.snapshot():
        edits = in_force(store.journal())
        grouping = (last or LastGrouping()).of(store.places(), store.projects(), config, edits)
        reading = _Reading(store, config, now_ms, edits, grouping, may_lag)
        part, result = _settled_and_rest(reading, days, settled) or reading.part(days)
    names = dict(
        zip(sorted(part.projects), distinct_names([grouping.known[key] for key in sorted(part.projects)]), strict=True)
    )
    span = days.span
    projects = _projects(part, names, grouping)
    dropped = (c for c in corrections_within(edits, span, grouping.counts_for) if isinstance(c.edit.decision, DropTime))
    return Report(
        first_day=first_day,
        last_day=last_day,
        zone=zone,
        start_ms=span.start_ms,
        end_ms=span.end_ms,
        now_ms=now_ms,
        total_ms=part.total_ms,
        parallel_ms=sum(p.active_ms for p in projects) - part.total_ms,
        working_ms=part.working_ms,
        first_ms=part.first_ms,
        last_ms=part.last_ms,
        agent_ms=part.agent_ms,
        projects=projects,
        windows=part.windows,
        days=tuple(_day(day, names) for day in part.days),
        open_streams=tuple(_streams_now(result.open_streams, result, names, grouping, span)),
        finished=tuple(_streams_now(result.finished, result, names, grouping, span)),
        window=_window_now(result.windows, span, now_ms),
        pauses=tuple(_pauses_within(edits, span, now_ms)),
        dropped=tuple(Interval(c.start_ms, c.end_ms) for c in dropped),
    )


def grouping_of(store: Store, config: Config, last: LastGrouping | None = None) -> Grouping:
    """What the settings and the journal make of the places in the store. Raises `StoreError`."""
    with store.snapshot():
        edits = in_force(store.journal())
        return (last or LastGrouping()).of(store.places(), store.projects(), config, edits)


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
        return cls.of(days, zone)

    @classmethod
    def of(cls, days: tuple[tuple[dt.date, Interval], ...], zone: ZoneInfo) -> Self:
        """These ``days``, of which there is at least one."""
        return cls(days, Interval(days[0][1].start_ms, days[-1][1].end_ms), zone)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What parts are made from, within one snapshot of the store."""

    store: Store
    config: Config
    now_ms: int
    edits: Sequence[Edit]
    grouping: Grouping
    may_lag: bool

    def part(self, days: Days) -> tuple[Part, Account]:
        """The part of ``days``, and the account that it was made of."""
        store, now_ms, span, rules = self.store, self.now_ms, days.span, rules_of(self.config)
        result = account_between(store, span, rules, now_ms, may_lag=self.may_lag)
        counts = counts_between(store, span, rules, now_ms, may_lag=self.may_lag)
        windows = _windows(store, result.windows, span, now_ms)
        corrections = corrections_within(self.edits, span, self.grouping.counts_for)
        return part_of(result, counts, windows, self.grouping, corrections, days.days, rules.idle_ms), result


def _settled_and_rest(reading: _Reading, days: Days, known: SettledParts[Part] | None) -> tuple[Part, Account] | None:
    """The part of ``days``, of which the settled ones are remembered, and the account of the rest.

    None where there is nothing to remember: no day is settled, or the books do not hold everything.
    """
    rules, store, now_ms = rules_of(reading.config), reading.store, reading.now_ms
    horizon_ms = settled_before_ms(now_ms)
    settled = tuple(day for day in days.days if day[1].end_ms + rules.idle_ms < horizon_ms)
    if known is None or not settled or not books_are_current(store, rules, now_ms, may_lag=reading.may_lag):
        return None
    over = Days.of(settled, days.zone)
    token = store.books.token(over.span.end_ms + rules.idle_ms)
    made_of = (token, days.zone, reading.config, tuple(reading.edits), reading.grouping)
    part = known.part((settled[0][0], settled[-1][0]), made_of, lambda: reading.part(over)[0])
    rest = days.days[len(settled) :]
    if not rest:
        return part, Account({}, {}, (), (), (), {})
    later, result = reading.part(Days.of(rest, days.zone))
    # Since when Claude has been working must be known, too.
    if any(stream.since_ms <= rest[0][1].start_ms for stream in result.open_streams):
        return None
    return part.followed_by(later), result


def _projects(part: Part, names: Mapping[str, str], grouping: Grouping) -> tuple[ProjectTime, ...]:
    everything_ms = sum(own.active_ms for own in part.projects.values())
    projects = (
        ProjectTime(
            name=names[key],
            path=grouping.known[key].path,
            active_ms=own.active_ms,
            working_ms=own.working_ms,
            events=own.events,
            share=own.active_ms / everything_ms if everything_ms else 0.0,
            blocks=own.blocks,
            waits=own.waits,
        )
        for key, own in part.projects.items()
    )
    return tuple(sorted(projects, key=lambda p: (-p.active_ms, p.name)))


def _day(day: PartOfDay, names: Mapping[str, str]) -> DayTime:
    most_first = sorted(((names[key], ms) for key, ms in day.active_ms.items()), key=lambda part: (-part[1], part[0]))
    return DayTime(day.date, day.bounds.start_ms, day.bounds.end_ms, day.total_ms, dict(most_first))


def _pauses_within(edits: Iterable[Edit], span: Interval, now_ms: int) -> Iterator[Pause]:
    for pause in pauses_of(edits):
        reaches = pause.start_ms < span.end_ms and span.start_ms < pause.end_ms
        if reaches or pause.start_ms <= now_ms < pause.end_ms:
            yield pause


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
