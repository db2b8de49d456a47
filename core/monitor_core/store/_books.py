"""The tables of the books: what accounting has settled, kept so that no report needs to read the events again.

They are a cache: `monitor_core.books` writes them, and can make them anew from the events at any time. No row crosses a
midnight of UTC but a wait, which lasts an hour at most, so whatever reaches into a range begins less than a day before
it.
"""

from __future__ import annotations

import os
import struct
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import json

from monitor_core.blocks import Run
from monitor_core.model import DAY_MS, NEVER_MS, Event, Interval, UsageWindow
from monitor_core.store._timing import timed
from monitor_core.turns import BEGIN_OF_A_TOOL, ENDS_OF_A_TOOL, OPEN_CAP_MS, PROMPT, Stint, StreamState, Tail, Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from monitor_core.accounting import Rules, StreamKey
    from monitor_core.store._timing import Timing

#: Goes up whenever the rules give other results: books of another version are made anew.
VERSION = 3

EVENT_COLUMNS = (
    "event.uuid, event.t, event.kind, stream.session_id, event.place_id, stream.agent_id, event.awake,"
    " event.prompt_id, event.tool_name, event.tool_use_id, event.duration_ms, event.notification_type, event.auto"
)
_pairs = struct.Struct("<II").iter_unpack
# To make a named tuple by its name takes twice as long, and a year has tens of thousands.
_interval, _stint, _wait = Interval._make, Stint._make, Wait._make
_EVENTS = f"SELECT {EVENT_COLUMNS}, event.stream_id, event.id FROM event JOIN stream ON stream.id = event.stream_id"  # noqa: S608


class State(NamedTuple):
    """What the books hold: all events up to the number ``seen``, by the rules; ``latest_ms`` is the last one's time.

    ``version`` is that of the rules themselves.
    """

    version: int
    idle_ms: int
    usage_window_ms: int
    seen: int
    latest_ms: int
    complete: bool

    def is_by(self, rules: Rules) -> bool:
        """Whether the books are made by these rules, as this version has them."""
        return self[:3] == (VERSION, rules.idle_ms, rules.usage_window_ms)


class Entry(NamedTuple):
    """An event with the numbers of its stream and of its own row."""

    event: Event
    stream: int
    number: int


class BookTables:
    """The tables, through ``execute(sql, parameters)`` of whoever has the connection. No method commits."""

    def __init__(
        self,
        execute: Callable[..., Any],
        execute_many: Callable[[str, Sequence[Any]], Any],
        timing: Timing | None = None,
    ) -> None:
        self.timing = timing
        self._execute = execute
        self._execute_many = execute_many
        self._touched_ms = NEVER_MS  # since the state was set
        self._last_streams: Mapping[int, StreamKey] = {}

    # -- the events, as the books need them --

    @timed
    def arrived(self, after: int, at_most: int) -> list[Entry]:
        """The first events that arrived after the number ``after``, in that order."""
        return self._entries("WHERE event.id > ? ORDER BY event.id LIMIT ?", after, at_most)

    @timed
    def by_time(self, after_ms: int, up_to: int, at_most: int) -> list[Entry]:
        """The first events later than ``after_ms``, by time, of those that arrived up to the number ``up_to``.

        All events of an instant come together, if necessary more than ``at_most``.
        """
        while True:
            found = self._entries(
                "WHERE event.t > ? AND event.id <= ? ORDER BY event.t LIMIT ?", after_ms, up_to, at_most
            )
            if len(found) < at_most:
                break
            whole = [entry for entry in found if entry.event.t_ms < found[-1].event.t_ms]
            if whole:
                found = whole
                break
            at_most *= 2
        return sorted(found, key=lambda entry: (entry.event.t_ms, entry.event.id))

    @timed
    def between(self, start_ms: int, end_ms: int, up_to: int) -> list[Entry]:
        """All events with ``start_ms ≤ t < end_ms`` that arrived up to the number ``up_to``, by time."""
        return self._entries(
            "WHERE event.t >= ? AND event.t < ? AND event.id <= ? ORDER BY event.t, event.uuid", start_ms, end_ms, up_to
        )

    @timed
    def of_stream(self, stream: int, start_ms: int, end_ms: int, up_to: int) -> list[Event]:
        """A stream's events with ``start_ms ≤ t ≤ end_ms`` that arrived up to the number ``up_to``, in their order."""
        found = self._entries(
            "WHERE event.stream_id = ? AND event.t BETWEEN ? AND ? AND event.id <= ? ORDER BY event.t, event.uuid",
            stream, start_ms, end_ms, up_to,
        )  # fmt: skip
        return [entry.event for entry in found]

    def before(self, stream: int, instant_ms: int, up_to: int) -> Iterator[Event]:
        """A stream's events before ``instant_ms``, latest first."""
        for row in self._execute(
            f"{_EVENTS} WHERE event.stream_id = ? AND event.t < ? AND event.id <= ? ORDER BY event.t DESC, event.uuid DESC",  # noqa: E501
            (stream, instant_ms, up_to),
        ):
            yield _entry(row).event

    def after(self, stream: int, instant_ms: int, up_to: int) -> Iterator[Event]:
        """A stream's events after ``instant_ms``, first first."""
        for row in self._execute(
            f"{_EVENTS} WHERE event.stream_id = ? AND event.t > ? AND event.id <= ? ORDER BY event.t, event.uuid",
            (stream, instant_ms, up_to),
        ):
            yield _entry(row).event

    @timed
    def has_later(self, stream: int, event: Event, up_to: int) -> bool:
        """Whether the stream has an event after ``event`` that arrived up to the number ``up_to``."""
        found = self._execute(
            "SELECT 1 FROM event WHERE stream_id = ? AND id <= ? AND t >= ? AND (t > ? OR uuid > ?) LIMIT 1",
            (stream, up_to, event.t_ms, event.t_ms, event.id),
        )
        return found.fetchone() is not None

    @timed
    def longest_tool(self, stream: int, start_ms: int, end_ms: int, up_to: int) -> int:
        """The longest duration of a stream's events with ``start_ms ≤ t ≤ end_ms``; 0 where none has one."""
        found = self._execute(
            "SELECT MAX(duration_ms) FROM event WHERE stream_id = ? AND t BETWEEN ? AND ? AND id <= ?",
            (stream, start_ms, end_ms, up_to),
        )
        return found.fetchone()[0] or 0

    @timed
    def last_end_of(self, stream: int, tool_use_ids: Collection[str], start_ms: int, end_ms: int, up_to: int) -> int:
        """When the last of these tool calls ended, with ``start_ms ≤ t ≤ end_ms``; 0 where none did."""
        if not tool_use_ids:
            return 0
        marks = ", ".join("?" * len(tool_use_ids))
        found = self._execute(
            "SELECT MAX(t) FROM event WHERE stream_id = ? AND t BETWEEN ? AND ? AND id <= ?"  # noqa: S608  only question marks are put in
            f" AND kind IN ({', '.join('?' * len(ENDS_OF_A_TOOL))}) AND tool_use_id IN ({marks})",
            (stream, start_ms, end_ms, up_to, *ENDS_OF_A_TOOL, *tool_use_ids),
        )
        return found.fetchone()[0] or 0

    @timed
    def begins_of(
        self, stream: int, tool_use_ids: Collection[str], start_ms: int, end_ms: int, up_to: int
    ) -> list[Event]:
        """The PreToolUse events of these tool calls with ``start_ms ≤ t < end_ms``, in their order."""
        if not tool_use_ids:
            return []
        marks = ", ".join("?" * len(tool_use_ids))
        found = self._entries(
            "WHERE event.stream_id = ? AND event.t >= ? AND event.t < ? AND event.id <= ?"
            f" AND event.kind = ? AND event.tool_use_id IN ({marks}) ORDER BY event.t, event.uuid",
            stream, start_ms, end_ms, up_to, BEGIN_OF_A_TOOL, *tool_use_ids,
        )  # fmt: skip
        return [entry.event for entry in found]

    @timed
    def at_place(self, place: int, start_ms: int, end_ms: int, up_to: int) -> list[Event]:
        """The events at a place with ``start_ms ≤ t ≤ end_ms``, by time."""
        found = self._entries(
            "WHERE event.t BETWEEN ? AND ? AND event.place_id = ? AND event.id <= ? ORDER BY event.t",
            start_ms, end_ms, place, up_to,
        )  # fmt: skip
        return [entry.event for entry in found]

    def prompts(self, start_ms: int, end_ms: int, up_to: int) -> Iterator[int]:
        """Instants of people's prompts with ``start_ms ≤ t < end_ms``, by time."""
        rows = self._execute(
            f"SELECT t FROM event WHERE kind = '{PROMPT}' AND auto = 0 AND t >= ? AND t < ? AND id <= ? ORDER BY t",  # noqa: S608
            (start_ms, end_ms, up_to),
        )
        for (t_ms,) in rows:
            yield t_ms

    def _entries(self, conditions: str, *parameters: int | str) -> list[Entry]:
        return [_entry(row) for row in self._execute(f"{_EVENTS} {conditions}", parameters)]

    # -- the state, and what waits for its time --

    @timed
    def state(self) -> State | None:
        """What the books hold; None where there are none yet."""
        row = self._execute(
            "SELECT version, idle_ms, usage_window_ms, seen, latest_ms, complete FROM books", ()
        ).fetchone()
        if row is None:
            return None
        version, idle_ms, usage_window_ms, seen, latest_ms, complete = row
        return State(version, idle_ms, usage_window_ms, seen, latest_ms, bool(complete))

    def set_state(self, state: State) -> None:
        """Says what the books hold from now on."""
        self._execute("INSERT OR REPLACE INTO books VALUES (1, ?, ?, ?, ?, ?, ?)", tuple(state))
        if self._touched_ms < NEVER_MS:
            day = self._touched_ms // DAY_MS
            self._touched_ms = NEVER_MS
            self._execute("DELETE FROM touched WHERE day >= ?", (day,))
            # No number in a row: the books of another file, or those from before it was restored, may have the same.
            self._execute("INSERT INTO touched VALUES (?, ?)", (day, int.from_bytes(os.urandom(7))))

    @timed
    def token(self, end_ms: int) -> int | None:
        """Another one after every write to what lies before ``end_ms``; None where nothing does."""
        row = self._execute(
            "SELECT token FROM touched WHERE day <= ? ORDER BY day DESC LIMIT 1", (end_ms // DAY_MS,)
        ).fetchone()
        return None if row is None else int(row[0])

    def _touch(self, instants_ms: Iterable[int]) -> None:
        self._touched_ms = min(self._touched_ms, min(instants_ms, default=NEVER_MS))

    def put_ahead(self, entries: Iterable[Entry]) -> None:
        """Sets events of the future aside."""
        self._execute_many(
            "INSERT OR REPLACE INTO ahead VALUES (?, ?)", [(entry.number, entry.event.t_ms) for entry in entries]
        )

    @timed
    def due(self, horizon_ms: int) -> list[Entry]:
        """The events set aside whose time has come."""
        if self._execute("SELECT 1 FROM ahead WHERE t <= ? LIMIT 1", (horizon_ms,)).fetchone() is None:
            return []
        return self._entries("JOIN ahead ON ahead.event_id = event.id WHERE ahead.t <= ?", horizon_ms)

    def drop_due(self, horizon_ms: int) -> None:
        """Those are not set aside any more."""
        self._execute("DELETE FROM ahead WHERE t <= ?", (horizon_ms,))

    @timed
    def first_ahead(self) -> int | None:
        """When the first event that was set aside happens."""
        first: int | None = self._execute("SELECT MIN(t) FROM ahead", ()).fetchone()[0]
        return first

    def clear(self) -> None:
        """Empties everything but the journal of edits."""
        for table in ("books", "work_block", "stint", "wait", "tail", "usage_window", "tally", "touched", "ahead"):
            self._execute(f"DELETE FROM {table}", ())  # noqa: S608  one of the names above

    # -- runs --

    @timed
    def runs_of(self, place: int, start_ms: int, end_ms: int) -> list[Run]:
        """A place's runs that begin in ``[start_ms, end_ms]``, by start."""
        rows = self._execute(
            "SELECT start_ms, end_ms, auto, working FROM work_block"
            " WHERE start_ms BETWEEN ? AND ? AND place_id = ? ORDER BY start_ms",
            (start_ms, end_ms, place),
        )
        return [_run(*row) for row in rows]

    @timed
    def runs(self, start_ms: int, end_ms: int) -> dict[int, list[Run]]:
        """All places' runs that reach into ``[start_ms, end_ms]``, each place's by start."""
        rows = self._execute(
            "SELECT place_id, start_ms, end_ms, auto, working FROM work_block"
            " WHERE start_ms > ? AND start_ms <= ? AND end_ms >= ? ORDER BY start_ms",
            (start_ms - DAY_MS, end_ms, start_ms),
        )
        result: dict[int, list[Run]] = {}
        for row in rows:
            result.setdefault(row[0], []).append(_run(*row[1:]))
        return result

    def replace_runs(self, place: int, gone: Iterable[int], runs: Iterable[Run]) -> None:
        """Removes a place's runs that begin at ``gone``, and writes ``runs``."""
        gone, runs = list(gone), list(runs)
        self._touch([*gone, *(run.start_ms for run in runs)])
        self._execute_many(
            "DELETE FROM work_block WHERE start_ms = ? AND place_id = ?", [(start_ms, place) for start_ms in gone]
        )
        self._execute_many(
            "INSERT OR REPLACE INTO work_block VALUES (?, ?, ?, ?, ?)",
            [(run.start_ms, place, run.end_ms, run.auto, _packed(run)) for run in runs],
        )

    # -- stints, waits and tails --

    @timed
    def stints_of(self, stream: int, start_ms: int, end_ms: int) -> list[Stint]:
        """A stream's stints that reach into ``[start_ms, end_ms]``, by start."""
        return self._stints("stream_id", stream, start_ms, end_ms)

    @timed
    def stints_at(self, place: int, start_ms: int, end_ms: int) -> list[Stint]:
        """All stints at a place that reach into ``[start_ms, end_ms]``, by start."""
        return self._stints("place_id", place, start_ms, end_ms)

    def _stints(self, column: str, number: int, start_ms: int, end_ms: int) -> list[Stint]:
        rows = self._execute(
            "SELECT start_ms, end_ms, place_id, auto FROM stint"  # noqa: S608  one of the columns above
            f" WHERE start_ms > ? AND start_ms <= ? AND {column} = ? AND end_ms >= ? ORDER BY start_ms",
            (start_ms - DAY_MS, end_ms, number, start_ms),
        )
        return [Stint(start, end, place, bool(auto)) for start, end, place, auto in rows]

    @timed
    def stints(self, start_ms: int, end_ms: int, *, of_agents: bool = False) -> dict[StreamKey, list[Stint]]:
        """All streams' stints that reach into ``[start_ms, end_ms]``, each stream's by start and place.

        Or only those ``of_agents``: of subagents.
        """
        rows = self._execute(
            "SELECT stream_id, start_ms, end_ms, place_id, auto FROM stint"
            " WHERE start_ms > ? AND start_ms <= ? AND end_ms >= ? ORDER BY start_ms, end_ms, place_id",
            (start_ms - DAY_MS, end_ms, start_ms),
        )
        found: dict[int, list[Stint]] = defaultdict(list)
        for stream, start, end, place, auto in rows:
            found[stream].append(_stint((start, end, place, auto == 1)))
        keys = self._streams(found)
        return {keys[stream]: own for stream, own in found.items() if keys[stream][1] or not of_agents}

    def replace_stints(self, stream: int, gone: Iterable[Stint], new: Iterable[Stint]) -> None:
        """Removes a stream's stints ``gone``, and writes ``new``."""
        gone, new = list(gone), list(new)
        self._touch(stint.start_ms for stint in (*gone, *new))
        self._execute_many(
            "DELETE FROM stint WHERE start_ms = ? AND stream_id = ? AND place_id = ?",
            [(stint.start_ms, stream, stint.place) for stint in gone],
        )
        self._execute_many(
            "INSERT OR REPLACE INTO stint VALUES (?, ?, ?, ?, ?)",
            [(stint.start_ms, stream, stint.place, stint.end_ms, stint.auto) for stint in new],
        )

    @timed
    def waits_of(self, stream: int, start_ms: int, end_ms: int) -> list[Wait]:
        """A stream's waits that begin in ``[start_ms, end_ms)``, by start."""
        rows = self._execute(
            "SELECT start_ms, end_ms, place_id FROM wait"
            " WHERE start_ms >= ? AND start_ms < ? AND stream_id = ? ORDER BY start_ms",
            (start_ms, end_ms, stream),
        )
        return [Wait(*row) for row in rows]

    @timed
    def waits(self, start_ms: int, end_ms: int) -> dict[StreamKey, list[Wait]]:
        """All streams' waits that reach into ``[start_ms, end_ms]``, each stream's by start."""
        rows = self._execute(
            "SELECT stream_id, start_ms, end_ms, place_id FROM wait"
            " WHERE start_ms >= ? AND start_ms <= ? AND end_ms >= ? ORDER BY start_ms",
            (start_ms - OPEN_CAP_MS, end_ms, start_ms),
        )
        found: dict[int, list[Wait]] = defaultdict(list)
        for stream, start, end, place in rows:
            found[stream].append(_wait((start, end, place)))
        keys = self._streams(found)
        return {keys[stream]: own for stream, own in found.items()}

    def _streams(self, numbers: Collection[int]) -> Mapping[int, StreamKey]:
        """What the streams of these numbers are called. Asked for once: in a join each row has the names made anew."""
        known = self._last_streams
        # Those with waits are as a rule among those with stints, and today's the same as a moment ago.
        if not all(number in known for number in numbers):
            rows = self._execute(
                "SELECT id, session_id, agent_id FROM stream WHERE id IN (SELECT value FROM json_each(?))",
                (json.encode(list(numbers)).decode(),),
            )
            known = {number: (session_id, agent_id) for number, session_id, agent_id in rows}
            self._last_streams = known
        return known

    def replace_waits(self, stream: int, gone: Iterable[Wait], new: Iterable[Wait]) -> None:
        """Removes a stream's waits ``gone``, and writes ``new``."""
        gone, new = list(gone), list(new)
        self._touch(wait.start_ms for wait in (*gone, *new))
        self._execute_many(
            "DELETE FROM wait WHERE start_ms = ? AND stream_id = ?", [(wait.start_ms, stream) for wait in gone]
        )
        self._execute_many(
            "INSERT OR REPLACE INTO wait VALUES (?, ?, ?, ?)",
            [(wait.start_ms, stream, wait.place, wait.end_ms) for wait in new],
        )

    # -- how many events there are --

    def count(self, more: Mapping[tuple[int, int], int]) -> None:
        """Adds to the number of events on a day of UTC since 1970, at a place."""
        self._touch(day * DAY_MS for day, _ in more)
        self._execute_many(
            "INSERT INTO tally VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET events = events + excluded.events",
            [(day, place, events) for (day, place), events in more.items()],
        )

    @timed
    def counts(self, first_day: int, end_day: int) -> dict[int, int]:
        """How many events there are at each place on days of UTC since 1970, ``end_day`` not included."""
        return dict(
            self._execute(
                "SELECT place_id, SUM(events) FROM tally WHERE day >= ? AND day < ? GROUP BY place_id",
                (first_day, end_day),
            )
        )

    def set_tail(self, stream: int, tail: Tail | None) -> None:
        """Says what the stream leaves open."""
        before = self._execute("SELECT since_ms FROM tail WHERE stream_id = ?", (stream,)).fetchone() or ()
        self._touch([*before, *([] if tail is None else [tail.since_ms])])
        if tail is None:
            self._execute("DELETE FROM tail WHERE stream_id = ?", (stream,))
        else:
            self._execute(
                "INSERT OR REPLACE INTO tail VALUES (?, ?, ?, ?, ?, ?)",
                (stream, tail.since_ms, tail.place, tail.state.value, tail.auto, tail.hinted_ms),
            )

    @timed
    def tails(self, start_ms: int, end_ms: int) -> dict[StreamKey, Tail]:
        """The tails that begin in ``[start_ms, end_ms]``."""
        rows = self._execute(
            "SELECT session_id, agent_id, since_ms, place_id, state, auto, hinted_ms FROM tail"
            " JOIN stream ON stream.id = tail.stream_id WHERE since_ms BETWEEN ? AND ?",
            (start_ms, end_ms),
        )
        return {
            (session_id, agent_id): Tail(since_ms, place, StreamState(state), bool(auto), hinted_ms)
            for session_id, agent_id, since_ms, place, state, auto, hinted_ms in rows
        }

    # -- usage windows --

    @timed
    def windows(self, start_ms: int, end_ms: int) -> list[UsageWindow]:
        """The windows that begin in ``[start_ms, end_ms)``."""
        rows = self._execute(
            "SELECT start_ms, end_ms, prompts FROM usage_window WHERE start_ms >= ? AND start_ms < ? ORDER BY start_ms",
            (start_ms, end_ms),
        )
        return [UsageWindow(*row) for row in rows]

    @timed
    def last_window(self, at_ms: int) -> UsageWindow | None:
        """The last window that begins at or before ``at_ms``."""
        row = self._execute(
            "SELECT start_ms, end_ms, prompts FROM usage_window WHERE start_ms <= ? ORDER BY start_ms DESC LIMIT 1",
            (at_ms,),
        ).fetchone()
        return None if row is None else UsageWindow(*row)

    @timed
    def is_window(self, start_ms: int) -> bool:
        """Whether a window begins at ``start_ms``."""
        return self._execute("SELECT 1 FROM usage_window WHERE start_ms = ?", (start_ms,)).fetchone() is not None

    def replace_windows(self, gone: Iterable[int], new: Iterable[UsageWindow]) -> None:
        """Removes the windows that begin at ``gone``, and writes ``new``."""
        gone, new = list(gone), list(new)
        self._touch([*gone, *(window.start_ms for window in new)])
        self._execute_many("DELETE FROM usage_window WHERE start_ms = ?", [(start_ms,) for start_ms in gone])
        self._execute_many(
            "INSERT OR REPLACE INTO usage_window VALUES (?, ?, ?)", [(w.start_ms, w.end_ms, w.prompts) for w in new]
        )


def _entry(row: Sequence[Any]) -> Entry:
    return Entry(Event(*row[:-2]), row[-2], row[-1])


def _run(start_ms: int, end_ms: int, auto: int, working: bytes) -> Run:
    return Run(start_ms, end_ms, bool(auto), [_interval((start_ms + a, start_ms + b)) for a, b in _pairs(working)])


def _packed(run: Run) -> bytes:
    """Working time as pairs of milliseconds from the run's start, 32 bits each: a day has 86 million."""
    offsets = [instant_ms - run.start_ms for interval in run.working for instant_ms in interval]
    return struct.pack(f"<{len(offsets)}I", *offsets)
