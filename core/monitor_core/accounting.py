"""Time accounting: which minutes count, for which project, as work of Claude or as attention of a person.

`account` is one pure function of the *set* of events and of the present instant. It does not depend on the order of
arrival or on how often an event arrives, and it knows no store, no zone and no clock. The rules and their reasons:
docs/time-accounting.md.
"""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.intervals import clip, subtract, union
from monitor_core.model import HOUR_MS, MINUTE_MS, SECOND_MS, Block, Event, Interval, UsageWindow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: How long a stream that says nothing more is believed to be at work.
OPEN_CAP_MS = 60 * MINUTE_MS
#: The longest stretch that one later event can prove to have been work.
PROVEN_CAP_MS = 12 * HOUR_MS
#: Claude Code's idle notification comes this long after the turn ended.
HINT_MS = 60 * SECOND_MS
#: Events further in the future than this wait until the clock has passed them.
FUTURE_MS = MINUTE_MS
#: The wall clock and the awake clock are read one after the other and are slewed: less than this apart is no sleep.
CLOCK_SLACK_MS = SECOND_MS

PROMPT = "UserPromptSubmit"
IDLE_HINT = "idle_prompt"


class StreamState(enum.Enum):
    """What an event says about its stream from then on."""

    WORKING = "working"
    BLOCKED = "blocked"  # on the person: a question or a permission
    USERS_TURN = "user's turn"
    OVER = "over"


_STATES = {
    **dict.fromkeys(
        (
            PROMPT, "PreToolUse", "PostToolUse", "PostToolUseFailure", "PostToolBatch", "PermissionRequest",
            "PermissionDenied", "SubagentStart", "PreCompact", "PostCompact", "ElicitationResult",
        ),
        StreamState.WORKING,
    ),
    "Elicitation": StreamState.BLOCKED,
    **dict.fromkeys(
        ("Stop", "StopFailure", "SubagentStop", "SessionStart", "Interrupted"), StreamState.USERS_TURN
    ),
    **dict.fromkeys(("SessionEnd", "ProcessGone"), StreamState.OVER),
}  # fmt: skip
_BLOCKING_NOTIFICATIONS = frozenset({"permission_prompt", "agent_needs_input"})
_ENDS_OF_A_TURN = frozenset({"Stop", "StopFailure", "SubagentStop", "Interrupted"})
_ENDS_OF_A_TOOL = frozenset({"PostToolUse", "PostToolUseFailure"})


@dataclass(frozen=True, slots=True)
class Rules:
    """The two lengths that a person may choose."""

    idle_ms: int
    usage_window_ms: int


class OpenStream(NamedTuple):
    """A stream whose last word leaves something open at present: Claude works in it, or waits for the person."""

    stream: tuple[str, str]
    project: int
    state: StreamState
    since_ms: int


@dataclass(frozen=True, slots=True)
class Account:
    """The result: ``blocks`` by start, then project; ``working`` is the set of working intervals of each stream."""

    blocks: tuple[Block, ...]
    working: Mapping[tuple[str, str], tuple[Interval, ...]]
    windows: tuple[UsageWindow, ...]
    open_streams: tuple[OpenStream, ...]


def state_of(event: Event) -> StreamState | None:
    """The state that ``event`` puts its stream in; None for what tells nothing about it."""
    if event.kind == "Notification" and event.notification_type in _BLOCKING_NOTIFICATIONS:
        return StreamState.BLOCKED
    return _STATES.get(event.kind)


def is_hint(event: Event) -> bool:
    """Whether this is the notification that nothing has happened for a while."""
    return event.kind == "Notification" and event.notification_type == IDLE_HINT


def is_point(event: Event) -> bool:
    """Whether something happened at this instant that belongs into a block."""
    return not is_hint(event) and _STATES.get(event.kind) is not StreamState.OVER


def is_prompt_of_a_person(event: Event) -> bool:
    """Whether a person sent this prompt, and not Claude Code itself."""
    return event.kind == PROMPT and not event.auto


def account(events: Iterable[Event], now_ms: int, rules: Rules) -> Account:
    """Accounts for ``events``, in any order and with duplicates, as things stand at ``now_ms``."""
    known = {event.id: event for event in events if event.t_ms <= now_ms + FUTURE_MS}
    ordered = sorted(known.values(), key=_by_time)
    streams: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in ordered:
        streams[event.stream].append(event)

    pieces: dict[int, list[_Piece]] = defaultdict(list)
    for event in ordered:
        if is_point(event):
            pieces[event.project].append(_Piece(event.t_ms, event.auto, event.t_ms, working=False))
    working: dict[tuple[str, str], tuple[Interval, ...]] = {}
    open_streams: list[OpenStream] = []
    for stream, own in streams.items():
        credits_ = _credits(own, now_ms, rules.idle_ms)
        working[stream] = union((c.start_ms, c.end_ms) for c in credits_)
        for credit in credits_:
            pieces[credit.project].append(
                _Piece(credit.start_ms, credit.auto, credit.end_ms, working=True, provisional=credit.provisional)
            )
        if tail := _open_stream(stream, own, now_ms):
            open_streams.append(tail)

    blocks = [b for project, own in pieces.items() for b in _blocks(project, own, now_ms, rules.idle_ms)]
    return Account(
        blocks=tuple(sorted(blocks, key=lambda b: (b.start_ms, b.project))),
        working=working,
        windows=usage_windows((e.t_ms for e in ordered if is_prompt_of_a_person(e)), rules.usage_window_ms),
        open_streams=tuple(sorted(open_streams, key=lambda s: (s.since_ms, s.stream))),
    )


def usage_windows(prompts_ms: Iterable[int], length_ms: int) -> tuple[UsageWindow, ...]:
    """The windows that ascending ``prompts_ms`` open, each with the first prompt at or after the end of the last."""
    windows: list[UsageWindow] = []
    for at_ms in prompts_ms:
        if windows and at_ms < windows[-1].end_ms:
            last = windows[-1]
            windows[-1] = UsageWindow(last.start_ms, last.end_ms, last.prompts + 1)
        else:
            windows.append(UsageWindow(at_ms, at_ms + length_ms, 1))
    return tuple(windows)


def _by_time(event: Event) -> tuple[int, str]:
    return event.t_ms, event.id


class _Credit(NamedTuple):
    """Working time of one stream. ``auto``: it begins with a prompt that no person sent."""

    start_ms: int
    end_ms: int
    project: int
    auto: bool = False
    provisional: bool = False


class _Piece(NamedTuple):
    """A point or a working interval. They sort by start; at one instant a person's comes before an auto one."""

    start_ms: int
    auto: bool
    end_ms: int
    working: bool
    provisional: bool = False


# -- one stream ---------------------------------------------------------------------------------------------------


def _credits(stream: Sequence[Event], now_ms: int, idle_ms: int) -> list[_Credit]:
    """The working time of one stream, its events given by time. Credits may overlap one another."""
    stateful = [e for e in stream if state_of(e) is not None]
    hints = [e.t_ms for e in stream if is_hint(e)]
    credits_: list[_Credit] = []
    asleep: list[tuple[int, int]] = []
    for a, b in pairwise(stateful):
        end_ms = _end_of_work(a, b, _hint_between(hints, a.t_ms, b.t_ms), idle_ms)
        if end_ms > a.t_ms:
            credits_.append(_Credit(a.t_ms, end_ms, a.project, a.auto))
        awake_ms = _awake_between(a, b)
        if awake_ms < b.t_ms - a.t_ms:
            # When in a gap the machine slept is not known: after the work that the gap is credited with, or, where
            # it is credited with none, before the tool whose end closes it.
            asleep.append((a.t_ms + awake_ms, b.t_ms) if end_ms > a.t_ms else (a.t_ms, b.t_ms - awake_ms))
    credits_ += _own_time_of_tools(stream, union(asleep))
    if stateful and state_of(stateful[-1]) is StreamState.WORKING:
        last = stateful[-1]
        end_ms, provisional = _end_of_tail(last.t_ms, _hint_between(hints, last.t_ms, None), now_ms, idle_ms)
        if end_ms > last.t_ms:
            credits_.append(_Credit(last.t_ms, end_ms, last.project, last.auto, provisional))
    return credits_


def _end_of_work(a: Event, b: Event, hint_ms: int | None, idle_ms: int) -> int:
    """Until when Claude worked in the gap between ``a`` and the next event with a state; ``a.t_ms`` if not at all."""
    if state_of(a) is not StreamState.WORKING or _waited_for_a_person(a, b, idle_ms):
        return a.t_ms
    length_ms = _awake_between(a, b)
    if _proves_work(a, b):
        return a.t_ms + min(length_ms, PROVEN_CAP_MS)
    if hint_ms is not None:
        return max(a.t_ms, min(hint_ms - HINT_MS, a.t_ms + length_ms))
    return a.t_ms + min(length_ms, idle_ms)


def _end_of_tail(at_ms: int, hint_ms: int | None, now_ms: int, idle_ms: int) -> tuple[int, bool]:
    """Until when a stream worked whose last event, at ``at_ms``, left it working; and whether that is provisional."""
    if hint_ms is not None:
        return max(at_ms, hint_ms - HINT_MS), False
    if now_ms - at_ms <= OPEN_CAP_MS:
        return max(at_ms, now_ms), True
    return at_ms + idle_ms, False


def _proves_work(a: Event, b: Event) -> bool:
    """Whether ``b`` shows that the turn which ``a`` belongs to was still going on."""
    if b.kind == PROMPT:
        # Typed and queued while Claude worked: it carries the running turn's prompt_id.
        return b.prompt_id is not None and b.prompt_id == a.prompt_id
    return b.kind in _ENDS_OF_A_TURN or state_of(b) in (StreamState.WORKING, StreamState.BLOCKED)


def _waited_for_a_person(a: Event, b: Event, idle_ms: int) -> bool:
    """Whether the gap is a question that lay unanswered: the tool itself ran for much less than the gap."""
    if b.kind not in _ENDS_OF_A_TOOL or b.duration_ms is None:
        return False
    asked = a.kind == "PermissionRequest" and (a.tool_name is None or a.tool_name == b.tool_name)
    began = a.kind == "PreToolUse" and a.tool_use_id is not None and a.tool_use_id == b.tool_use_id
    return (asked or began) and (b.t_ms - a.t_ms) - b.duration_ms > idle_ms


def _awake_between(a: Event, b: Event) -> int:
    """How long the machine was awake in the gap; the whole gap where the clocks tell nothing."""
    length_ms = b.t_ms - a.t_ms
    if a.awake_ms is None or b.awake_ms is None or b.awake_ms < a.awake_ms:
        return length_ms
    awake_ms = b.awake_ms - a.awake_ms
    return awake_ms if length_ms - awake_ms > CLOCK_SLACK_MS else length_ms


def _own_time_of_tools(stream: Sequence[Event], asleep: Sequence[Interval]) -> list[_Credit]:
    """What each finished tool says that it took, without the time that the machine slept."""
    begun: dict[str, Event] = {}
    credits_: list[_Credit] = []
    for event in stream:
        if event.kind == "PreToolUse" and event.tool_use_id is not None:
            begun[event.tool_use_id] = event
        elif event.kind in _ENDS_OF_A_TOOL and event.duration_ms:
            start_ms = event.t_ms - min(event.duration_ms, PROVEN_CAP_MS)
            begin = begun.get(event.tool_use_id or "")
            # A gap belongs to the project of its first event, and so does a tool that ran `cd`.
            known = begin is not None and event.t_ms - begin.t_ms <= PROVEN_CAP_MS
            project = begin.project if known and begin is not None else event.project
            ran = subtract((Interval(start_ms, event.t_ms),), asleep)
            credits_ += [_Credit(i.start_ms, i.end_ms, project) for i in ran]
    return credits_


def _hint_between(hints: Sequence[int], after_ms: int, before_ms: int | None) -> int | None:
    """The first of the ascending ``hints`` after one instant and, where given, before another."""
    k = bisect_right(hints, after_ms)
    if k == len(hints) or (before_ms is not None and hints[k] >= before_ms):
        return None
    return hints[k]


def _open_stream(stream: tuple[str, str], own: Sequence[Event], now_ms: int) -> OpenStream | None:
    last = next((e for e in reversed(own) if state_of(e) is not None), None)
    if last is None or now_ms - last.t_ms > OPEN_CAP_MS:
        return None
    state = state_of(last)
    hinted = any(is_hint(e) and e.t_ms > last.t_ms for e in own)
    if state is StreamState.BLOCKED or (state is StreamState.WORKING and not hinted):
        return OpenStream(stream, last.project, state, last.t_ms)
    return None


# -- one project --------------------------------------------------------------------------------------------------


def _blocks(project: int, pieces: list[_Piece], now_ms: int, idle_ms: int) -> list[Block]:
    """Joins points and working intervals of one project where the gap between them is at most the idle timeout.

    ::

        idle timeout |---|      .  .   ====  .         .
                                |----------|  (gap)  |

    A gap that an auto prompt ends is not joined: nobody's attention is known in it.
    """
    blocks: list[Block] = []
    inside: list[_Piece] = []
    end_ms = 0
    for piece in sorted(pieces):
        gap_ms = piece.start_ms - end_ms
        if inside and (gap_ms > idle_ms or (piece.auto and gap_ms > 0)):
            blocks.append(_block(project, inside, end_ms, now_ms, idle_ms))
            inside = []
        end_ms = max(end_ms, piece.end_ms) if inside else piece.end_ms
        inside.append(piece)
    if inside:
        blocks.append(_block(project, inside, end_ms, now_ms, idle_ms))
    return blocks


def _block(project: int, inside: Sequence[_Piece], end_ms: int, now_ms: int, idle_ms: int) -> Block:
    return Block(
        project=project,
        start_ms=inside[0].start_ms,
        end_ms=end_ms,
        working=union((p.start_ms, p.end_ms) for p in inside if p.working),
        open=now_ms - end_ms <= idle_ms or any(p.provisional for p in inside),
    )


def clip_block(block: Block, start_ms: int, end_ms: int) -> Block | None:
    """The part of ``block`` within ``[start_ms, end_ms)``.

    None where there is none. A block without length, a lone point, stays where its point is.
    """
    if block.start_ms == block.end_ms:
        return block if start_ms <= block.start_ms < end_ms else None
    start, end = max(block.start_ms, start_ms), min(block.end_ms, end_ms)
    if start >= end:
        return None
    return Block(
        project=block.project,
        start_ms=start,
        end_ms=end,
        working=clip(block.working, start, end),
        open=block.open and block.end_ms <= end_ms,
    )
