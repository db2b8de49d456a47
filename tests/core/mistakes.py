"""Mistakes that the product could have, by the invariant that each breaks, with a history that shows it."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from monitor_core.model import MINUTE_MS, Event
from tests.core.histories import BEGIN_MS
from tests.core.invariants import Case, Product
from tests.core.mutants import product_with

PROMPT, PRE, POST, STOP, NOTE = "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop", "Notification"


class Mistake(NamedTuple):
    """``old`` occurs once in ``module``; with ``new`` in its place the ``invariant`` fails, for one in ``example``."""

    invariant: int
    what: str
    module: str
    old: str
    new: str
    example: Case

    @property
    def product(self) -> Product:
        """The product with this mistake."""
        return product_with(self.module, self.old, self.new)


def case(*events: Event, now: float = 600, **more: Any) -> Case:
    """A case at ``now`` minutes after 23:50 UTC; sorts and numbers its events."""
    numbered = [Event(**{**_fields(e), "id": str(n)}) for n, e in enumerate(sorted(events, key=lambda e: e.t_ms))]
    return Case(numbered, BEGIN_MS + round(now * MINUTE_MS), **more)


def a(minute: float, kind: str, *, place: int = 1, session_id: str = "a", **fields: Any) -> Event:
    """An event of the session a, at place 1, ``minute`` minutes after 23:50 UTC."""
    t_ms = BEGIN_MS + round(minute * MINUTE_MS)
    return Event(id="", t_ms=t_ms, kind=kind, session_id=session_id, place=place, **fields)


def b(minute: float, kind: str, *, place: int = 2, **fields: Any) -> Event:
    """An event of the session b, at place 2."""
    return a(minute, kind, place=place, session_id="b", **fields)


def _fields(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in Event.__struct_fields__}


#: A turn from 23:00 to 00:30 in Berlin, on and after the day on which its clocks go back.
_DAY_OF_25_HOURS = case(
    Event(id="", t_ms=round(dt.datetime(2026, 10, 25, 22, tzinfo=dt.UTC).timestamp() * 1000), kind=PROMPT,
          session_id="a", place=1),
    Event(id="", t_ms=round(dt.datetime(2026, 10, 25, 23, 30, tzinfo=dt.UTC).timestamp() * 1000), kind=STOP,
          session_id="a", place=1),
    now=(dt.datetime(2026, 10, 26, 9, tzinfo=dt.UTC).timestamp() * 1000 - BEGIN_MS) / MINUTE_MS,
    zone="Europe/Berlin",
)  # fmt: skip
_TURN = case(a(0, PROMPT), a(10, PRE), a(20, POST), a(30, STOP))
_TWO_AT_ONCE = case(a(0, PROMPT), a(30, STOP), b(10, PROMPT), b(40, STOP))
_LEFT_ALONE = case(a(0, PROMPT), now=120)
_LEFT_FOR_FORTY = case(a(0, PROMPT), b(10, STOP, place=1), now=40)
_SLEPT_THROUGH = case(
    a(0, PRE, tool_use_id="x", awake_ms=0),
    a(60, POST, tool_use_id="x", awake_ms=5 * MINUTE_MS, duration_ms=58 * MINUTE_MS),
)

_ACCOUNTING, _BLOCKS, _TURNS = "monitor_core.accounting", "monitor_core.blocks", "monitor_core.turns"
_BOOKS, _PARTS, _REPORTING = "monitor_core.books", "monitor_core.parts", "monitor_core.reporting"
_BY_TIME = "(event.t_ms, event.id)"

MISTAKES = (
    Mistake(1, "events are taken as they arrive", _ACCOUNTING,
            f"sorted(known.values(), key=lambda event: {_BY_TIME})", "list(known.values())",
            _TURN),
    Mistake(1, "events of one instant are taken as they arrive", _ACCOUNTING, _BY_TIME, "event.t_ms",
            case(a(0, PROMPT), a(0, STOP), seed=0)),
    Mistake(2, "an event counts as often as it comes", _ACCOUNTING, "{event.id: event for event in events",
            "{(event.id, number): event for number, event in enumerate(events)",
            case(a(0, PROMPT))),
    Mistake(3, "a late event is left out of its stream", _BOOKS,
            "for stream, events in self._changes.late.items():", "for stream, events in ():",
            _TURN),
    Mistake(3, "a late event changes no block that is there", _BOOKS,
            "for place, dirty in self._changes.dirty.items():", "for place, dirty in ():",
            _TURN),
    Mistake(3, "a late prompt is left out of the windows", _BOOKS,
            "if t_ms < counted_ms:", "if t_ms <= max(counted_ms, self._state.latest_ms if self._state else -1):",
            case(*(a(minute, PROMPT) for minute in range(0, 800, 100)))),
    Mistake(3, "a late event ends no wait", _BOOKS,
            "self._replace_waits(number, region, turns.take_waits())", "pass",
            case(a(0, STOP), a(10, PROMPT), a(30, STOP), a(40, PROMPT))),
    Mistake(4, "a gap as long as the idle timeout parts blocks", _BLOCKS,
            "return gap_ms <= idle_ms and", "return gap_ms < idle_ms and",
            case(a(0, STOP), a(5, STOP))),
    Mistake(4, "blocks are cut at midnight", _ACCOUNTING, "tuple(joined(own, idle_ms))",
            "tuple(sorted(own, key=lambda block: block.start_ms))",
            case(a(5, STOP), a(9, STOP), a(13, STOP))),
    Mistake(5, "points are left out", _ACCOUNTING,
            "pieces[event.place].append(Piece(event.t_ms, event.t_ms, event.auto))", "pass",
            case(a(0, STOP))),
    Mistake(5, "a notification is no point", _TURNS, "return not is_hint(event) and",
            'return event.kind != "Notification" and',
            case(a(0, NOTE, notification_type="permission_prompt"))),
    Mistake(6, "working intervals are added without union", _BLOCKS, "add(run.working, piece.start_ms, piece.end_ms)",
            "run.working.append(Interval(piece.start_ms, piece.end_ms))",
            case(a(0, PROMPT), b(2, PROMPT, place=1), a(5, STOP), b(8, STOP, place=1))),
    Mistake(6, "a stream's moment counts twice", _TURNS,
            "free = subtract((Interval(start_ms, end_ms),), held) if held else (Interval(start_ms, end_ms),)",
            "free = (Interval(start_ms, end_ms),)",
            case(a(0, PROMPT), a(1, PRE), a(3, POST, duration_ms=MINUTE_MS))),
    Mistake(7, "what was parallel is taken off twice", _REPORTING,
            "parallel_ms=sum(p.active_ms for p in projects) - part.total_ms",
            "parallel_ms=2 * (sum(p.active_ms for p in projects) - part.total_ms)",
            _TWO_AT_ONCE),
    Mistake(7, "the total is the sum", _PARTS, "total_ms=length_ms(covered)",
            "total_ms=sum(b.active_ms for own in blocks.values() for b in own)",
            _TWO_AT_ONCE),
    Mistake(8, "a day has 24 hours", "monitor_core.days",
            "return Interval(_start_ms(day, zone, day_starts_at), _start_ms(day + _DAY, zone, day_starts_at))",
            "return Interval(*(_start_ms(day, zone, day_starts_at) + ms for ms in (0, 86_400_000)))",
            _DAY_OF_25_HOURS),
    Mistake(8, "work over midnight counts on its first day", "monitor_core.intervals",
            "while k < count and spans[k][0] < end_ms:", "if k < count and spans[k][0] < end_ms:",
            _TURN),
    Mistake(9, "a gap over midnight is not joined", _BLOCKS, "return gap_ms <= idle_ms and",
            "return gap_ms <= idle_ms and start_ms // DAY_MS == end_ms // DAY_MS and",
            case(a(8, STOP), a(12, STOP))),
    Mistake(9, "work is credited up to midnight", _TURNS, "return a.t_ms + length_ms, Reason.PROVEN",
            "return min(a.t_ms + length_ms, a.t_ms - a.t_ms % DAY_MS + DAY_MS), Reason.PROVEN",
            case(a(0, PROMPT), a(30, STOP))),
    Mistake(10, "a block is open by its last part only", _BLOCKS,
            "open=any(block.open for block in group)", "open=group[-1].open",
            _LEFT_FOR_FORTY),
    Mistake(10, "a block closes before its time", _ACCOUNTING,
            "is_open = now_ms - credit.end_ms <= idle_ms",
            "is_open = now_ms - credit.end_ms > idle_ms",
            _LEFT_FOR_FORTY),
    Mistake(11, "an open turn is believed for a day", _TURNS, "OPEN_CAP_MS = 60 * MINUTE_MS", "OPEN_CAP_MS = DAY_MS",
            _LEFT_ALONE),
    Mistake(11, "what was provisional stays for good", _TURNS,
            "self.since_ms + idle_ms, Reason.UNPROVEN", "self.since_ms + OPEN_CAP_MS, Reason.UNPROVEN",
            _LEFT_ALONE),
    Mistake(11, "a new prompt proves the turn before", _TURNS,
            "return b.prompt_id is not None and b.prompt_id == a.prompt_id", "return True",
            case(a(0, PROMPT, prompt_id="p"), a(30, PROMPT, prompt_id="q"))),
    Mistake(12, "the awake clock is not looked at", _TURNS,
            "awake_ms = b.awake_ms - a.awake_ms", "awake_ms = length_ms",
            _SLEPT_THROUGH),
    Mistake(12, "a tool's own time has the sleep in it", _TURNS,
            "ran = subtract((Interval(start_ms, event.t_ms),), self._asleep)",
            "ran = (Interval(start_ms, event.t_ms),)",
            _SLEPT_THROUGH),
    Mistake(13, "the idle timeout is a part of the hour", _TURNS,
            "elif now_ms - self.since_ms <= OPEN_CAP_MS:", "elif now_ms - self.since_ms <= OPEN_CAP_MS - idle_ms:",
            case(a(0, PROMPT), now=57)),
    Mistake(13, "what is left of the hour counts", _TURNS, "self.since_ms + idle_ms, Reason.UNPROVEN",
            "self.since_ms + OPEN_CAP_MS - idle_ms, Reason.UNPROVEN",
            _LEFT_ALONE),
    Mistake(14, "each part is rounded on its own", "monitor_core.rounding", "for i in inexact[:missing]:",
            "for i in (i for i in inexact if 2 * remainders[i] >= unit):",
            case(a(0, PROMPT), a(20.6, STOP), b(30, PROMPT), b(50.6, STOP))),
    Mistake(14, "one total is rounded down and one to the nearest", "monitor_tray.render.figures",
            "MINUTE_MS, total_ms // MINUTE_MS)", "MINUTE_MS, round(total_ms / MINUTE_MS))",
            case(a(0, PROMPT), a(0.7, STOP))),
    Mistake(15, "windows lie on a grid", _ACCOUNTING, "windows.append(UsageWindow(at_ms, at_ms + length_ms, 1))",
            "windows.append(UsageWindow(at_ms - at_ms % length_ms, at_ms - at_ms % length_ms + length_ms, 1))",
            case(a(7, PROMPT))),
    Mistake(15, "a window holds its end", _ACCOUNTING, "at_ms < windows[-1].end_ms", "at_ms <= windows[-1].end_ms",
            case(a(0, PROMPT), a(300, PROMPT))),
    Mistake(16, "streams are taken one after the other", _ACCOUNTING,
            f"key=lambda event: {_BY_TIME}", f"key=lambda event: (event.stream, *{_BY_TIME})",
            case(a(200, PROMPT), b(0, PROMPT))),
    Mistake(17, "who does not come back is waited for", _TURNS,
            "min(awake_ms - ran_ms, OPEN_CAP_MS)", "awake_ms - ran_ms",
            case(a(0, STOP), a(120, PROMPT))),
    Mistake(17, "an open wait has no end", _TURNS,
            "min(now_ms, self.since_ms + OPEN_CAP_MS)", "now_ms",
            case(a(0, STOP), now=120)),
    Mistake(17, "a machine asleep waits", _TURNS,
            "length_ms = min(awake_ms - ran_ms, OPEN_CAP_MS)", "length_ms = min(b.t_ms - a.t_ms, OPEN_CAP_MS)",
            case(a(0, STOP, awake_ms=0), a(30, PROMPT, awake_ms=5 * MINUTE_MS))),
    Mistake(17, "a subagent that is done waits", _TURNS, "(not event.agent_id and event.kind in", "(event.kind in",
            case(a(0, PROMPT, agent_id="x"), a(5, STOP, agent_id="x"), a(30, PROMPT, agent_id="x"))),
    Mistake(17, "Claude waits where a tool of its own ran", _ACCOUNTING, "if first == last:", "if wait:",
            case(a(0, PRE, tool_use_id="x"), a(1, STOP), a(10, PROMPT),
                 a(20, POST, tool_use_id="x", duration_ms=20 * MINUTE_MS))),
    Mistake(17, "a wait that is over counts no more", _ACCOUNTING,
            "all_waits = {stream: tuple(own) for stream, own in waits.items()}", "all_waits = {}",
            case(a(0, NOTE, notification_type="permission_prompt"), a(10, POST))),
)  # fmt: skip
