"""One stream: which time between its events was work of Claude, as far as they prove it.

A stream is fed its events by time and gives the working time that each of them settles. The rules and their reasons:
docs/time-accounting.md.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from monitor_core.intervals import add, subtract, union
from monitor_core.model import HOUR_MS, MINUTE_MS, SECOND_MS, Event, Interval

#: How long a stream that says nothing more is believed to be at work.
OPEN_CAP_MS = 60 * MINUTE_MS
#: The longest stretch that one later event can prove to have been work.
PROVEN_CAP_MS = 12 * HOUR_MS
#: Claude Code's idle notification comes this long after the turn ended.
HINT_MS = 60 * SECOND_MS
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


class Credit(NamedTuple):
    """Working time of one stream. ``auto``: it begins with a prompt that no person sent."""

    start_ms: int
    end_ms: int
    project: int
    auto: bool = False
    provisional: bool = False


class OpenStream(NamedTuple):
    """A stream whose last word leaves something open at present: Claude works in it, or waits for the person."""

    stream: tuple[str, str]
    project: int
    state: StreamState
    since_ms: int


class Turns:
    """The working time of one stream, fed with its events in the order of ``(t_ms, id)``."""

    def __init__(self, idle_ms: int) -> None:
        self._idle_ms = idle_ms
        self._last: Event | None = None  # the last one with a state
        self._hint_ms: int | None = None  # the first hint after it
        self._begun: dict[str, Event] = {}
        self._asleep: list[Interval] = []
        self._working: list[Interval] = []
        self.latest = (-1, "")

    def add(self, event: Event) -> list[Credit]:
        """The credits that ``event`` settles; they may overlap one another and earlier ones."""
        self.latest = event.t_ms, event.id
        settled: list[Credit] = []
        if state_of(event) is not None:
            if self._last is not None:
                settled += self._close_gap(self._last, event)
            self._last, self._hint_ms = event, None
        elif self._last is not None and self._hint_ms is None and is_hint(event) and event.t_ms > self._last.t_ms:
            self._hint_ms = event.t_ms
        if event.kind == "PreToolUse" and event.tool_use_id is not None:
            self._begun[event.tool_use_id] = event
        elif event.kind in _ENDS_OF_A_TOOL and event.duration_ms:
            settled += self._own_time_of_tool(event, event.duration_ms)
        for credit in settled:
            add(self._working, credit.start_ms, credit.end_ms)
        return settled

    def tail(self, now_ms: int) -> Credit | None:
        """What follows the last event, as things stand; provisional while it is only believed."""
        last = self._last
        if last is None or state_of(last) is not StreamState.WORKING:
            return None
        provisional = self._hint_ms is None and now_ms - last.t_ms <= OPEN_CAP_MS
        if self._hint_ms is not None:
            end_ms = self._hint_ms - HINT_MS
        else:
            end_ms = now_ms if provisional else last.t_ms + self._idle_ms
        return Credit(last.t_ms, end_ms, last.project, last.auto, provisional) if end_ms > last.t_ms else None

    def working(self, tail: Credit | None) -> tuple[Interval, ...]:
        """The set of all working time, with ``tail``."""
        if tail is None:
            return tuple(self._working)
        return union([*self._working, (tail.start_ms, tail.end_ms)])

    def open_at(self, now_ms: int) -> OpenStream | None:
        """What this stream leaves open at present."""
        last = self._last
        if last is None or now_ms - last.t_ms > OPEN_CAP_MS:
            return None
        state = state_of(last)
        if state is StreamState.BLOCKED or (state is StreamState.WORKING and self._hint_ms is None):
            return OpenStream(last.stream, last.project, state, last.t_ms)
        return None

    def _close_gap(self, a: Event, b: Event) -> list[Credit]:
        hint_ms = self._hint_ms if self._hint_ms is not None and self._hint_ms < b.t_ms else None
        end_ms = _end_of_work(a, b, hint_ms, self._idle_ms)
        awake_ms = _awake_between(a, b)
        if awake_ms < b.t_ms - a.t_ms:
            # When in a gap the machine slept is not known: after the work that the gap is credited with, or, where
            # it is credited with none, before the tool whose end closes it.
            asleep = (a.t_ms + awake_ms, b.t_ms) if end_ms > a.t_ms else (a.t_ms, b.t_ms - awake_ms)
            add(self._asleep, *asleep)
        return [Credit(a.t_ms, end_ms, a.project, a.auto)] if end_ms > a.t_ms else []

    def _own_time_of_tool(self, event: Event, duration_ms: int) -> list[Credit]:
        """What a finished tool says that it took, without the time that the machine slept."""
        start_ms = event.t_ms - min(duration_ms, PROVEN_CAP_MS)
        begin = self._begun.get(event.tool_use_id or "", event)
        # A gap belongs to the project of its first event, and so does a tool that ran `cd`.
        project = begin.project if event.t_ms - begin.t_ms <= PROVEN_CAP_MS else event.project
        ran = subtract((Interval(start_ms, event.t_ms),), self._asleep)
        return [Credit(i.start_ms, i.end_ms, project) for i in ran]


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
