"""What shows that time counts: the events behind each stretch of Claude's work, and what speaks against the others.

The same events go through the same `monitor_core.turns.Turns` as in the accounting; here it is only written down what
each of them settled.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.accounting import FUTURE_MS
from monitor_core.turns import BEGIN_OF_A_TOOL, Doubt, Reason, Turns, doubt_about, is_hint, is_point, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor_core.model import Event
    from monitor_core.turns import Credit


class Worked(NamedTuple):
    """Working time of one stream at one place; ``events`` are what shows it, at least one, by time."""

    start_ms: int
    end_ms: int
    place: int
    reason: Reason
    events: tuple[Event, ...]


class Doubted(NamedTuple):
    """A stretch of one stream that counts for nothing although Claude was at work before it, or had asked something."""

    start_ms: int
    end_ms: int
    place: int
    doubt: Doubt
    events: tuple[Event, ...]


@dataclass(slots=True)
class Evidence:
    """``worked`` and ``doubted`` by start, ``points`` by time."""

    worked: list[Worked] = field(default_factory=list)
    doubted: list[Doubted] = field(default_factory=list)
    points: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class _Stream:
    turns: Turns
    last: Event | None = None  # the last one with a state
    hint: Event | None = None  # the first one after it
    begun: dict[str, Event] = field(default_factory=dict)


def evidence_of(events: Iterable[Event], now_ms: int, idle_ms: int) -> Evidence:
    """The evidence in ``events``, in any order and with duplicates, as things stand at ``now_ms``."""
    known = {event.id: event for event in events if event.t_ms <= now_ms + FUTURE_MS}
    streams: dict[tuple[str, str], _Stream] = defaultdict(lambda: _Stream(Turns(idle_ms)))
    found = Evidence()
    for event in sorted(known.values(), key=lambda event: (event.t_ms, event.id)):
        if is_point(event):
            found.points.append(event)
        _settle(streams[event.stream], event, found, idle_ms)
    for stream in streams.values():
        tail = stream.turns.tail()
        credit = tail.credit(now_ms, idle_ms) if tail else None
        if credit is not None and stream.last is not None:
            found.worked.append(_worked(credit, stream, stream.last, None))
    found.worked.sort(key=lambda w: (w.start_ms, w.end_ms, w.place))
    found.doubted.sort(key=lambda d: (d.start_ms, d.end_ms, d.place))
    return found


def of_projects(evidence: Evidence, project_of: Mapping[int, str]) -> Mapping[str, Evidence]:
    """The evidence of each project; that of places which count for nothing is left out."""
    result: dict[str, Evidence] = defaultdict(Evidence)
    for worked in evidence.worked:
        if worked.place in project_of:
            result[project_of[worked.place]].worked.append(worked)
    for doubted in evidence.doubted:
        if doubted.place in project_of:
            result[project_of[doubted.place]].doubted.append(doubted)
    for point in evidence.points:
        if point.place in project_of:
            result[project_of[point.place]].points.append(point)
    return result


def _settle(stream: _Stream, event: Event, found: Evidence, idle_ms: int) -> None:
    """Notes what ``event`` settles in its stream."""
    last = stream.last
    end_ms = last.t_ms if last else event.t_ms
    for credit in stream.turns.add(event):
        found.worked.append(_worked(credit, stream, last or event, event))
        if credit.reason is not Reason.TOOL:
            end_ms = max(end_ms, credit.end_ms)
    if event.kind == BEGIN_OF_A_TOOL and event.tool_use_id is not None:
        stream.begun[event.tool_use_id] = event
    if state_of(event) is not None:
        doubt = doubt_about(last, event, idle_ms) if last else None
        if doubt and last and end_ms < event.t_ms:
            found.doubted.append(Doubted(end_ms, event.t_ms, last.place, doubt, (last, event)))
        stream.last, stream.hint = event, None
    elif stream.hint is None and last and is_hint(event) and event.t_ms > last.t_ms:
        stream.hint = event


def _worked(credit: Credit, stream: _Stream, last: Event, event: Event | None) -> Worked:
    """``credit`` with its events: those around the gap, a tool's begin and end, or a hint where that decided."""
    if credit.reason is Reason.TOOL and event is not None:
        begun = stream.begun.get(event.tool_use_id or "")
        events = (begun, event) if begun else (event,)
    elif credit.reason is Reason.HINT and stream.hint is not None:
        events = (last, stream.hint)
    else:
        events = (last, event) if event is not None else (last,)
    return Worked(credit.start_ms, credit.end_ms, credit.place, credit.reason, events)
