"""The books: the account of all events, kept in the store and brought up to date with what arrives.

Events are the truth; the books are what `monitor_core.accounting.account` makes of them, in so far as it no longer
depends on the present. An event in order costs the same however many there were. A late one changes the gap of its
stream that it lies in, and what tools say of their own time there; and of the runs only what lies within the idle
timeout of what came out differently.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cachetools import LRUCache

from monitor_core.accounting import FUTURE_MS, covered, usage_windows
from monitor_core.blocks import Blocks, Piece, stitched
from monitor_core.intervals import subtract, union
from monitor_core.model import DAY_MS, NEVER_MS, Interval, UsageWindow
from monitor_core.store import BOOKS_VERSION, BooksState
from monitor_core.tries import uncounted
from monitor_core.turns import (
    BEGIN_OF_A_TOOL,
    PROVEN_CAP_MS,
    Stint,
    Turns,
    is_point,
    is_prompt_of_a_person,
    merged_stints,
    state_of,
    until_a_state,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from monitor_core.accounting import Rules
    from monitor_core.blocks import Run
    from monitor_core.model import Event
    from monitor_core.store import BookTables, Entry, WritableStore
    from monitor_core.store.shadow import ShadowStore
    from monitor_core.tries import TriesOf
    from monitor_core.turns import Wait

#: Streams whose last events are kept in memory, those that were heard of last: more than are ever at work at once.
_STREAMS = 64
#: Runs and stints that ended longer ago than this are left to the store; work in order reaches back 12 hours.
_REACH_MS = DAY_MS + PROVEN_CAP_MS
#: How many runs or stints are kept before the older ones are dropped.
_KEPT = 64
#: When so many events arrive at once, and they are this part of all, the books are made anew, by time.
_MANY, _LARGE_PART = 20_000, 4


@dataclass(slots=True)
class _Stream:
    """A stream at its end: ``stored`` are those of its stints that the store has as they are."""

    turns: Turns
    stored: set[Stint]


class _Portion(NamedTuple):
    """Events that are accounted for in memory: what the store is to know of them.

    ``ahead`` are those that lie after ``horizon_ms``, ``state`` is that of the books with all of this in them. Where
    some ``were_ahead`` before, they are that no more.
    """

    entries: Sequence[Entry]
    ahead: Sequence[Entry]
    state: BooksState
    horizon_ms: int
    were_ahead: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing has arrived and nothing has come of age."""
        return not self.entries and not self.ahead


@dataclass(slots=True)
class _Changes:
    """What a portion of events has touched and the store does not know yet."""

    streams: set[int] = field(default_factory=set)
    places: set[int] = field(default_factory=set)
    late: dict[int, list[Event]] = field(default_factory=lambda: defaultdict(list))
    dirty: dict[int, list[Interval]] = field(default_factory=lambda: defaultdict(list))
    prompts: list[int] = field(default_factory=list)


class Books:
    """Belongs to the thread of its store. Where a method raises, the store is as before, and it may be called again."""

    def __init__(self, store: WritableStore | ShadowStore, rules: Rules, tries_of: TriesOf = uncounted) -> None:
        self._stream_tries, self._block_tries = tries_of("open_streams"), tries_of("open_blocks")
        self._store = store
        self._tables: BookTables = store.books
        self._rules = rules
        self._state: BooksState | None = None
        self._cursor_ms, self._made = -1, 0  # how far new books have come
        # Without a bound of its own: what a portion has touched stays until it is written.
        self._streams: LRUCache[int, _Stream] = LRUCache(math.inf)
        self._blocks: dict[int, Blocks] = {}
        self._changes = _Changes()
        self._portion: _Portion | None = None

    def follow(self, rules: Rules) -> None:
        """Goes by other rules from now on; the next `catch_up` begins the books anew."""
        if rules != self._rules:
            self._rules = rules
            self._forget()

    @property
    def are_being_made(self) -> bool:
        """Whether they do not hold yet what had arrived when they were begun."""
        return self._state is None or not self._state.complete

    @property
    def has_reckoned(self) -> bool:
        """Whether the next `catch_up` is a second half, after `reckon`."""
        return self._portion is not None

    def catch_up(self, now_ms: int, at_most: int) -> int:
        """Accounts for about ``at_most`` more events. Returns how many are left. Raises `StoreError`."""
        with self._all_or_nothing(), self._store.transaction(durably=False):
            portion = self._portion or self._next_portion(now_ms, at_most)
            self._write(portion)
            return self._left(portion.state, now_ms)

    def reckon(self, now_ms: int, at_most: int) -> bool:
        """Does the first half of `catch_up`, in memory, for whoever has others to serve between the two.

        Returns whether there is anything for the second half, which is `catch_up` itself; that does both where books
        are made anew. Raises `StoreError`.
        """
        with self._all_or_nothing(), self._store.snapshot():
            state = self._state
            if self._portion or state is None or not state.complete or not self._goes_on(state, now_ms):
                return True
            portion = self._arrived_portion(state, now_ms, at_most)
            self._portion = None if portion.is_empty else portion
            return not portion.is_empty

    def catch_up_entirely(self, now_ms: int, told: Callable[[int, int], None] = lambda _done, _of: None) -> None:
        """Accounts for every event there is; ``told(done, of)`` hears how far it is. Raises `StoreError`."""
        of = None
        while True:
            left = self.catch_up(now_ms, 5_000)
            of = left + 5_000 if of is None else of
            told(max(0, of - left), of)
            if not left:
                return

    def begin_anew(self) -> None:
        """Drops the books, so that the next `catch_up` makes them from the events. Raises `StoreError`."""
        self._forget()
        with self._store.transaction(durably=False):
            self._tables.clear()

    # -- which events come next --

    def _next_portion(self, now_ms: int, at_most: int) -> _Portion:
        state = self._usable_state(now_ms)
        if state.complete:
            return self._arrived_portion(state, now_ms, at_most)
        entries = self._tables.by_time(self._cursor_ms, state.seen, at_most)
        if entries:
            self._cursor_ms = entries[-1].event.t_ms
            self._made += len(entries)
        state = state._replace(complete=not entries or self._made >= state.seen)
        # By time, no event has later ones of its stream before it.
        return self._accounted(entries, (), state, now_ms + FUTURE_MS, known=0)

    def _arrived_portion(self, state: BooksState, now_ms: int, at_most: int) -> _Portion:
        arrived = self._tables.arrived(state.seen, at_most)
        due = self._tables.due(now_ms + FUTURE_MS)
        seen = arrived[-1].number if arrived else state.seen
        return self._accounted(arrived, due, state._replace(seen=seen), now_ms + FUTURE_MS, known=state.seen)

    def _left(self, state: BooksState, now_ms: int) -> int:
        """How many events there are that the books do not hold, though they could."""
        newest = self._store.newest()
        if not state.complete:
            return max(1, newest - self._made)
        if newest > state.seen:
            return newest - state.seen
        due_ms = self._tables.first_ahead()
        return int(due_ms is not None and due_ms <= now_ms + FUTURE_MS)

    def _usable_state(self, now_ms: int) -> BooksState:
        """The state to go on from; of new books where those there are cannot be gone on with."""
        state = self._state
        if state is None:
            state = self._tables.state()
            # Where the making was interrupted, how far it had come is not known.
            if state is not None and not (state.complete and state.is_by(self._rules)):
                state = None
        if state is not None and self._goes_on(state, now_ms):
            return state
        self._forget()
        self._tables.clear()
        rules, newest = self._rules, self._store.newest()
        return BooksState(BOOKS_VERSION, rules.idle_ms, rules.usage_window_ms, newest, -1, complete=False)

    def _goes_on(self, state: BooksState, now_ms: int) -> bool:
        """Whether the books can go on from the state."""
        many = state.complete and self._store.newest() - state.seen > max(_MANY, state.seen // _LARGE_PART)
        # Where the clock was set back, what was accounted for may be of the future again.
        return not many and state.latest_ms <= now_ms + FUTURE_MS

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._forget()
            raise

    def _forget(self) -> None:
        self._state = None
        self._cursor_ms, self._made = -1, 0
        self._streams.clear()
        self._blocks.clear()
        self._changes = _Changes()
        self._portion = None

    # -- what they change --

    def _accounted(
        self, arrived: Sequence[Entry], due: Sequence[Entry], state: BooksState, horizon_ms: int, known: int
    ) -> _Portion:
        """Accounts for the entries in memory, after those that arrived up to the number ``known``."""
        entries = sorted(
            (entry for entry in (*arrived, *due) if entry.event.t_ms <= horizon_ms),
            key=lambda entry: (entry.event.t_ms, entry.event.id),
        )
        latest_ms = state.latest_ms
        self._changes = _Changes()
        for entry in entries:
            # What lies far back is not kept in memory: its surroundings are read.
            old = entry.event.t_ms < latest_ms - DAY_MS
            latest_ms = max(latest_ms, entry.event.t_ms)
            self._take_one(entry, state.seen, known, latest_ms, old=old)
        ahead = [entry for entry in arrived if entry.event.t_ms > horizon_ms]
        return _Portion(entries, ahead, state._replace(latest_ms=latest_ms), horizon_ms, were_ahead=bool(due))

    def _write(self, portion: _Portion) -> None:
        state, horizon_ms = portion.state, portion.horizon_ms
        if portion.is_empty and state == self._state:
            return
        if portion.were_ahead:
            self._tables.drop_due(horizon_ms)
        self._tables.put_ahead(portion.ahead)
        if not state.complete:
            horizon_ms = min(horizon_ms, self._cursor_ms)
        self._tables.count(Counter((e.event.t_ms // DAY_MS, e.event.place) for e in portion.entries))
        for stream, events in self._changes.late.items():
            self._insert_late(stream, events, state.seen, horizon_ms)
        self._write_streams()
        self._write_blocks()
        for place, dirty in self._changes.dirty.items():
            self._mend(place, dirty, state.seen, horizon_ms)
        self._account_for_prompts(state.seen, horizon_ms)
        self._drop_what_is_not_needed(state.latest_ms)
        self._tables.set_state(state)
        self._state, self._portion = state, None

    def _take_one(self, entry: Entry, up_to: int, known: int, latest_ms: int, *, old: bool) -> None:
        event, changes = entry.event, self._changes
        if is_prompt_of_a_person(event):
            changes.prompts.append(event.t_ms)
        stream = None if entry.stream in changes.late else self._stream(entry, up_to, known)
        if stream is None or (event.t_ms, event.id) <= stream.turns.latest:
            changes.late[entry.stream].append(event)
            credits_ = []
        else:
            changes.streams.add(entry.stream)
            credits_ = stream.turns.add(event)
        pieces = [(c.place, Piece(c.start_ms, c.end_ms, c.auto, working=True)) for c in credits_]
        if is_point(event):
            pieces.insert(0, (event.place, Piece(event.t_ms, event.t_ms, event.auto)))
        for place, piece in pieces:
            if old or piece.start_ms < latest_ms - _REACH_MS:
                changes.dirty[place].append(Interval(piece.start_ms, piece.end_ms))
            else:
                self._add(place, piece, latest_ms)

    def _add(self, place: int, piece: Piece, latest_ms: int) -> None:
        blocks = self._blocks.get(place)
        self._block_tries.count(found=blocks is not None)
        if blocks is None:
            found = self._tables.runs_of(place, latest_ms - _REACH_MS - 2 * DAY_MS, latest_ms + DAY_MS)
            blocks = self._blocks[place] = Blocks(self._rules.idle_ms, found)
        if piece.auto and not piece.working and blocks.runs and piece.start_ms < blocks.runs[-1].end_ms:
            # It may part what was joined before.
            self._changes.dirty[place].append(Interval(piece.start_ms, piece.end_ms))
        else:
            blocks.add(piece)
            self._changes.places.add(place)

    # -- streams --

    def _stream(self, entry: Entry, up_to: int, known: int) -> _Stream | None:
        """The stream at its end, ready for the event; None where it has later events already."""
        found = self._streams.get(entry.stream)
        self._stream_tries.count(found=found is not None)
        if found is None:
            if known and self._tables.has_later(entry.stream, entry.event, known):
                return None
            found = self._streams[entry.stream] = self._loaded(entry.stream, entry.event, up_to)
        return found

    def _loaded(self, stream: int, event: Event, up_to: int) -> _Stream:
        """The stream as it is before ``event``."""
        turns = Turns(self._rules.idle_ms)
        before = [
            e
            for e in self._with_context(stream, event.t_ms - PROVEN_CAP_MS, event.t_ms, up_to)
            if (e.t_ms, e.id) < (event.t_ms, event.id)
        ]
        for earlier in before:
            turns.add(earlier)
        found = _Stream(turns, set())
        turns.take_waits()  # the store has them
        if before:
            # A tool may say that it ran before the first event that is known.
            self._read_stints(stream, found, before[0].t_ms - PROVEN_CAP_MS)
        return found

    def _read_stints(self, number: int, stream: _Stream, start_ms: int) -> None:
        stored = self._tables.stints_of(number, start_ms, NEVER_MS)
        stream.stored, stream.turns.stints = set(stored), {}
        for stint in stored:
            stream.turns.stints.setdefault(stint.place, []).append(stint)

    def _with_context(self, stream: int, start_ms: int, end_ms: int, up_to: int) -> list[Event]:
        """A stream's events with ``start_ms ≤ t ≤ end_ms``, and before them what follows the last one with a state."""
        return [
            *self._since_a_state(stream, start_ms, up_to),
            *self._tables.of_stream(stream, start_ms, end_ms, up_to),
        ]

    def _since_a_state(self, stream: int, instant_ms: int, up_to: int) -> list[Event]:
        """A stream's last event with a state before an instant, and what follows it until then."""
        return [*until_a_state(self._tables.before(stream, instant_ms, up_to))][::-1]

    def _write_streams(self) -> None:
        for number in self._changes.streams:
            stream = self._streams[number]
            now = set(stream.turns.all_stints())
            self._tables.replace_stints(number, stream.stored - now, now - stream.stored)
            self._tables.replace_waits(number, (), stream.turns.take_waits())
            self._tables.set_tail(number, stream.turns.tail())
            if len(now) > _KEPT or stream.turns.is_large():
                stream.turns.forget_before(stream.turns.goes_on_from_ms() - _REACH_MS)
                now = set(stream.turns.all_stints())
            stream.stored = now

    def _insert_late(self, number: int, events: Sequence[Event], up_to: int, horizon_ms: int) -> None:
        """Accounts anew for a stream around events that came after later ones."""
        region = self._changed_by(number, events, up_to, horizon_ms)
        # A tool that ends later may say that it ran at the end of that.
        longest_ms = self._longest_tool(number, region.start_ms, region.end_ms, up_to)
        known = self._with_context(number, region.start_ms, min(region.end_ms + longest_ms, horizon_ms), up_to)
        turns = Turns(self._rules.idle_ms)
        for begin in self._begins_before(number, known, region.start_ms, up_to):
            turns.remember_begin(begin)
        for event in known:
            turns.add(event)
        self._replace_within(number, region, turns.all_stints())
        self._replace_waits(number, region, turns.take_waits())
        ending = Turns(self._rules.idle_ms)
        for event in self._since_a_state(number, horizon_ms + 1, up_to):
            ending.add(event)
        self._tables.set_tail(number, ending.tail())
        if kept := self._streams.get(number):
            kept.turns.adopt(turns, region, ending)
            self._read_stints(number, kept, kept.turns.goes_on_from_ms() - _REACH_MS)

    def _changed_by(self, number: int, events: Sequence[Event], up_to: int, horizon_ms: int) -> Interval:
        """What late ``events`` may change of a stream: from one event with a state to another.

        The gaps that they lie in; what tools say that they ran, where that lies in these or ended with them; and tools
        that began with them.
        """
        first_ms, last_ms = events[0].t_ms, events[-1].t_ms
        start_ms = first_ms - self._longest_tool(number, first_ms, last_ms, up_to)
        before = self._since_a_state(number, start_ms, up_to)
        if before and state_of(before[0]) is not None:
            start_ms = before[0].t_ms
        begun = {e.tool_use_id for e in events if e.kind == BEGIN_OF_A_TOOL and e.tool_use_id is not None}
        end_ms = self._tables.last_end_of(number, begun, first_ms, last_ms + PROVEN_CAP_MS, up_to) or last_ms
        end_ms = max(end_ms, self._next_state(number, last_ms, up_to, horizon_ms))
        # A stint that goes on is taken whole: with what it begins where it would be cut is not known.
        while crossing := [s for s in self._tables.stints_of(number, end_ms, end_ms) if s.start_ms < end_ms < s.end_ms]:
            end_ms = self._next_state(number, max(s.end_ms for s in crossing) - 1, up_to, horizon_ms)
        return Interval(start_ms, end_ms)

    def _next_state(self, number: int, after_ms: int, up_to: int, horizon_ms: int) -> int:
        """When the stream's first event with a state after an instant is; just after that where there is none."""
        for event in self._tables.after(number, after_ms, up_to):
            if event.t_ms > horizon_ms:
                break
            if state_of(event) is not None:
                return event.t_ms
        return after_ms + 1

    def _longest_tool(self, number: int, start_ms: int, end_ms: int, up_to: int) -> int:
        """The longest own time of a tool that ended in the stretch, or so soon after it that it may have run in it."""
        return min(PROVEN_CAP_MS, self._tables.longest_tool(number, start_ms, end_ms + PROVEN_CAP_MS, up_to))

    def _begins_before(self, number: int, events: Iterable[Event], start_ms: int, up_to: int) -> list[Event]:
        """The beginnings of tools that end among ``events``, as far as they lie before ``start_ms``."""
        ended = {e.tool_use_id for e in events if e.duration_ms and e.tool_use_id is not None}
        return self._tables.begins_of(number, ended, start_ms - PROVEN_CAP_MS, start_ms, up_to)

    def _replace_within(self, number: int, region: Interval, stints: Iterable[Stint]) -> None:
        """Puts ``stints`` in the place of what the store has of them within ``region``."""
        old = self._tables.stints_of(number, *region)
        kept = [*_cut(old, 0, region.start_ms), *_cut(old, region.end_ms, NEVER_MS)]
        new = merged_stints([*kept, *_cut(stints, *region)])
        self._tables.replace_stints(number, set(old) - set(new), set(new) - set(old))
        for place in {stint.place for stint in (*old, *new)}:
            before, after = ([s for s in all_ if s.place == place] for all_ in (old, new))
            intervals = [union((s.start_ms, s.end_ms) for s in own) for own in (before, after)]
            self._changes.dirty[place] += [*subtract(*intervals), *subtract(*reversed(intervals))]
            begins = ({(s.start_ms, bool(s.auto)) for s in own} for own in (before, after))
            self._changes.dirty[place] += [Interval(ms, ms) for ms, _ in set.symmetric_difference(*begins)]

    def _replace_waits(self, number: int, region: Interval, waits: Iterable[Wait]) -> None:
        """Puts ``waits`` in the place of what the store has of them, as far as they begin within ``region``."""
        old = set(self._tables.waits_of(number, *region))
        new = {wait for wait in waits if region.start_ms <= wait.start_ms < region.end_ms}
        self._tables.replace_waits(number, old - new, new - old)

    # -- blocks --

    def _write_blocks(self) -> None:
        for place in self._changes.places:
            blocks = self._blocks[place]
            changed = [run for run in blocks.runs if run.start_ms in blocks.changed]
            self._tables.replace_runs(place, blocks.gone - {run.start_ms for run in changed}, changed)
            blocks.settled()

    def _mend(self, place: int, dirty: Sequence[Interval], up_to: int, horizon_ms: int) -> None:
        """Makes a place's runs anew within the idle timeout of what came out differently."""
        self._blocks.pop(place, None)
        near_ms = self._rules.idle_ms + 1
        for start_ms, end_ms in _near_together(dirty, 4 * near_ms):
            window = Interval(start_ms - near_ms, end_ms + near_ms)
            new = covered(self._pieces(place, window.start_ms - near_ms, window.end_ms + near_ms, up_to, horizon_ms),
                          self._rules.idle_ms)  # fmt: skip
            old = self._tables.runs_of(place, window.start_ms - DAY_MS, window.end_ms + near_ms)
            self._replace_runs(place, old, stitched(old, new, *window))

    def _pieces(self, place: int, start_ms: int, end_ms: int, up_to: int, horizon_ms: int) -> list[Piece]:
        events = self._tables.at_place(place, start_ms, min(end_ms, horizon_ms), up_to)
        points = [Piece(e.t_ms, e.t_ms, e.auto) for e in events if is_point(e)]
        stints = self._tables.stints_at(place, start_ms, end_ms)
        return [*points, *(Piece(s.start_ms, s.end_ms, s.auto, working=True) for s in stints)]

    def _replace_runs(self, place: int, old: Sequence[Run], new: Sequence[Run]) -> None:
        known = {run.start_ms: run for run in old}
        changed = [run for run in new if known.get(run.start_ms) != run]
        self._tables.replace_runs(place, known.keys() - {run.start_ms for run in new}, changed)

    # -- usage windows --

    def _account_for_prompts(self, up_to: int, horizon_ms: int) -> None:
        counted_ms = -1
        for t_ms in self._changes.prompts:
            if t_ms < counted_ms:
                continue
            last = self._tables.last_window(t_ms)
            if last is not None and t_ms < last.end_ms:
                self._tables.replace_windows((), [UsageWindow(last.start_ms, last.end_ms, last.prompts + 1)])
            else:
                counted_ms = self._open_windows(t_ms, up_to, horizon_ms)

    def _open_windows(self, start_ms: int, up_to: int, horizon_ms: int) -> int:
        """Makes the windows anew from a prompt that opens one, up to the next that stays; returns where that is."""
        prompts: list[int] = []
        end_ms, stays_ms = start_ms, horizon_ms + 1
        for t_ms in self._tables.prompts(start_ms, horizon_ms + 1, up_to):
            if t_ms >= end_ms:
                if prompts and self._tables.is_window(t_ms):
                    stays_ms = t_ms
                    break
                end_ms = t_ms + self._rules.usage_window_ms
            prompts.append(t_ms)
        gone = [window.start_ms for window in self._tables.windows(start_ms, stays_ms)]
        self._tables.replace_windows(gone, usage_windows(prompts, self._rules.usage_window_ms))
        return stays_ms

    def _drop_what_is_not_needed(self, latest_ms: int) -> None:
        while len(self._streams) > _STREAMS:
            self._streams.popitem()
        for place, blocks in list(self._blocks.items()):
            if not blocks.runs or blocks.runs[-1].end_ms < latest_ms - _REACH_MS:
                del self._blocks[place]
            elif len(blocks.runs) > _KEPT:
                blocks.forget_before(latest_ms - _REACH_MS - DAY_MS)


def _cut(stints: Iterable[Stint], start_ms: int, end_ms: int) -> list[Stint]:
    """The parts of ``stints`` within ``[start_ms, end_ms)``."""
    cut = ((s, max(s.start_ms, start_ms), min(s.end_ms, end_ms)) for s in stints)
    return [Stint(start, end, s.place, s.auto and start == s.start_ms) for s, start, end in cut if start < end]


def _near_together(intervals: Iterable[Interval], near_ms: int) -> list[Interval]:
    """``intervals``, those that are at most ``near_ms`` apart as one; also ones without length."""
    result: list[Interval] = []
    for start_ms, end_ms in sorted(intervals):
        if result and start_ms - result[-1].end_ms <= near_ms:
            result[-1] = Interval(result[-1].start_ms, max(end_ms, result[-1].end_ms))
        else:
            result.append(Interval(start_ms, end_ms))
    return result
