"""One stream: which time between its events was work of Claude, as far as they prove it, and in which Claude waited.

A stream is fed its events by time and gives the working time and the waits that each of them settles. The rules and
their reasons: docs/time-accounting.md.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.intervals import add, clip, days_of, subtract, union
from monitor_core.model import DAY_MS, HOUR_MS, MINUTE_MS, NEVER_MS, SECOND_MS, Event, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: How long a stream that says nothing more is believed to be at work, or to wait for somebody who comes back.
OPEN_CAP_MS = 60 * MINUTE_MS
#: The longest stretch that one later event can prove to have been work.
PROVEN_CAP_MS = 12 * HOUR_MS
#: Claude Code's idle notification comes this long after the turn ended.
HINT_MS = 60 * SECOND_MS
#: The wall clock and the awake clock are read one after the other and are slewed: less than this apart is no sleep.
CLOCK_SLACK_MS = SECOND_MS

_MANY_TOOLS = 1_000
PROMPT = "UserPromptSubmit"
BEGIN_OF_A_TOOL = "PreToolUse"
ENDS_OF_A_TOOL = frozenset({"PostToolUse", "PostToolUseFailure"})
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
            PROMPT, BEGIN_OF_A_TOOL, *ENDS_OF_A_TOOL, "PostToolBatch", "PermissionRequest",
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
_ENDS_OF_THE_MAIN_TURN = _ENDS_OF_A_TURN - {"SubagentStop"}


def state_of(event: Event) -> StreamState | None:
    """The state that ``event`` puts its stream in; None for what tells nothing about it."""
    if event.kind == "Notification" and event.notification_type in _BLOCKING_NOTIFICATIONS:
        return StreamState.BLOCKED
    return _STATES.get(event.kind)


def until_a_state(events: Iterable[Event]) -> Iterator[Event]:
    """The first ``events`` up to one with a state, which is the last."""
    for event in events:
        yield event
        if state_of(event) is not None:
            return


def is_hint(event: Event) -> bool:
    """Whether this is the notification that nothing has happened for a while."""
    return event.kind == "Notification" and event.notification_type == IDLE_HINT


def is_point(event: Event) -> bool:
    """Whether something happened at this instant that belongs into a block."""
    return not is_hint(event) and _STATES.get(event.kind) is not StreamState.OVER


def awaits_the_person(event: Event) -> bool:
    """Whether Claude waits for the person from then on: it has asked, or the turn of the main stream is over."""
    return state_of(event) is StreamState.BLOCKED or (not event.agent_id and event.kind in _ENDS_OF_THE_MAIN_TURN)


def is_prompt_of_a_person(event: Event) -> bool:
    """Whether a person sent this prompt, and not Claude Code itself."""
    return event.kind == PROMPT and not event.auto


class Reason(enum.Enum):
    """Why a stretch counts as Claude's work, in words for people."""

    PROVEN = "the event after it shows that the turn went on"
    HINT = "until a minute before the notification that nothing happens"
    UNPROVEN = "nothing shows that the turn went on: the idle timeout at most"
    TOOL = "the time that the tool itself took"
    PROVISIONAL = "the turn is believed to go on"


class Doubt(enum.Enum):
    """Why a stretch between two events of a stream counts for nothing, in words for people."""

    UNANSWERED = "a question lay unanswered"
    ASLEEP = "the machine slept"
    CAPPED = "one event proves 12 hours at most"
    UNPROVEN = "nothing shows that the turn went on"


class Credit(NamedTuple):
    """Working time of one stream, as one event settles it. ``auto``: it begins with a prompt that no person sent."""

    start_ms: int
    end_ms: int
    place: int
    auto: bool
    reason: Reason


class Stint(NamedTuple):
    """A stretch of one stream's working time at one place. No stint crosses a midnight of UTC.

    At two places a stream's stints may overlap: a tool that began at the one may end while the other has the gap.
    """

    start_ms: int
    end_ms: int
    place: int
    auto: bool


class Wait(NamedTuple):
    """A stretch in which Claude waited for the person, at the place where it began; not longer than `OPEN_CAP_MS`."""

    start_ms: int
    end_ms: int
    place: int


class Tail(NamedTuple):
    """What a stream's last word leaves open: Claude works on from there, or waits for the person.

    It waits in every state but working. ``hinted_ms`` is when the work ended that a hint has followed.
    """

    since_ms: int
    place: int
    state: StreamState
    auto: bool = False
    hinted_ms: int | None = None

    def credit(self, now_ms: int, idle_ms: int) -> Credit | None:
        """The work that follows the last event, as things stand."""
        if self.state is not StreamState.WORKING:
            return None
        if self.hinted_ms is not None:
            end_ms, reason = self.hinted_ms, Reason.HINT
        elif now_ms - self.since_ms <= OPEN_CAP_MS:
            end_ms, reason = now_ms, Reason.PROVISIONAL
        else:
            end_ms, reason = self.since_ms + idle_ms, Reason.UNPROVEN
        return Credit(self.since_ms, end_ms, self.place, self.auto, reason) if end_ms > self.since_ms else None

    def wait(self, now_ms: int) -> Wait | None:
        """The wait that follows the last event, as things stand."""
        end_ms = min(now_ms, self.since_ms + OPEN_CAP_MS)
        if self.state is StreamState.WORKING or end_ms <= self.since_ms:
            return None
        return Wait(self.since_ms, end_ms, self.place)

    def is_open(self, now_ms: int) -> bool:
        """Whether Claude is believed to be at work still, or to wait for an answer; a finished turn is not open."""
        if now_ms - self.since_ms > OPEN_CAP_MS:
            return False
        return self.state is StreamState.BLOCKED or (self.state is StreamState.WORKING and self.hinted_ms is None)

    def is_finished(self, now_ms: int) -> bool:
        """Whether the turn is over, and somebody is believed to come back for the next prompt."""
        return self.state is StreamState.USERS_TURN and now_ms - self.since_ms <= OPEN_CAP_MS


class _Begin(NamedTuple):
    """All that is needed of a tool's PreToolUse: a stream at work keeps hundreds of them."""

    t_ms: int
    place: int


class Turns:
    """The working time and the waits of one stream, fed with its events in the order of ``(t_ms, id)``.

    ``stints`` has for each place what the stream worked there, sorted and disjoint.
    """

    def __init__(self, idle_ms: int) -> None:
        self._idle_ms = idle_ms
        self._last: Event | None = None  # the last one with a state
        self._hint: Event | None = None  # the first one after it
        self._begun: dict[str, _Begin] = {}
        self._asleep: list[Interval] = []
        self._waits: list[Wait] = []
        self.stints: dict[int, list[Stint]] = {}
        self.latest = (-1, "")

    def add(self, event: Event) -> list[Credit]:
        """What ``event`` adds to the stints: at each place disjoint, each within one day of UTC."""
        self.latest = event.t_ms, event.id
        settled: list[Credit] = []
        if state_of(event) is not None:
            if self._last is not None:
                settled += self._close_gap(self._last, event)
            self._last, self._hint = event, None
        elif self._last is not None and self._hint is None and is_hint(event) and event.t_ms > self._last.t_ms:
            self._hint = event
        if event.kind == BEGIN_OF_A_TOOL and event.tool_use_id is not None:
            self._begun[event.tool_use_id] = _Begin(event.t_ms, event.place)
        elif event.kind in ENDS_OF_A_TOOL and event.duration_ms:
            settled += self._own_time_of_tool(event, event.duration_ms)
        return [part for credit in settled for part in _claim(self.stints.setdefault(credit.place, []), credit)]

    def remember_begin(self, event: Event) -> None:
        """A tool's PreToolUse from before the first event that is added."""
        if event.tool_use_id is not None:
            self._begun[event.tool_use_id] = _Begin(event.t_ms, event.place)

    def adopt(self, anew: Turns, region: Interval, ending: Turns) -> None:
        """Takes over what ``anew`` has within ``region`` of sleep and begun tools, and how the stream ends now."""
        outside = (*clip(self._asleep, 0, region.start_ms), *clip(self._asleep, region.end_ms, NEVER_MS))
        self._asleep = list(union([*outside, *clip(anew._asleep, *region)]))
        for id_, begin in anew._begun.items():
            # Of two that say the same id the later one counts, whichever arrived first.
            if id_ not in self._begun or self._begun[id_].t_ms <= begin.t_ms:
                self._begun[id_] = begin
        self._last, self._hint = ending._last, ending._hint
        self.latest = max(self.latest, ending.latest)

    def take_waits(self) -> list[Wait]:
        """The waits that were settled since they were last taken, by start."""
        taken, self._waits = self._waits, []
        return taken

    def tail(self) -> Tail | None:
        """What is open after the last event; None where Claude neither works nor waits."""
        last = self._last
        state = None if last is None else state_of(last)
        if last is None or state is None or not (state is StreamState.WORKING or awaits_the_person(last)):
            return None
        hinted_ms = None if self._hint is None else _hinted(last, self._hint)
        return Tail(last.t_ms, last.place, state, last.auto, hinted_ms)

    def goes_on_from_ms(self) -> int:
        """The instant of the last event with a state: what the next one settles begins there, however long ago."""
        return self.latest[0] if self._last is None else self._last.t_ms

    def all_stints(self) -> list[Stint]:
        """The stints at all places, by start."""
        return sorted(stint for own in self.stints.values() for stint in own)

    def is_large(self) -> bool:
        """Whether it would be worth to forget what is old."""
        return len(self._begun) > _MANY_TOOLS or len(self._asleep) > _MANY_TOOLS

    def forget_before(self, instant_ms: int) -> None:
        """Drops what ended before ``instant_ms``, for a caller who has kept it elsewhere."""
        kept = {place: [s for s in own if s.end_ms >= instant_ms] for place, own in self.stints.items()}
        self.stints = {place: own for place, own in kept.items() if own}
        self._asleep = [i for i in self._asleep if i.end_ms >= instant_ms]
        self._begun = {id_: begin for id_, begin in self._begun.items() if begin.t_ms >= instant_ms}

    def _close_gap(self, a: Event, b: Event) -> list[Credit]:
        hint = self._hint if self._hint is not None and self._hint.t_ms < b.t_ms else None
        end_ms, reason = _end_of_work(a, b, hint, self._idle_ms)
        awake_ms = _awake_between(a, b)
        if awake_ms < b.t_ms - a.t_ms:
            # When in a gap the machine slept is not known: after the work that the gap is credited with, or, where
            # it is credited with none, before the tool whose end closes it.
            asleep = (a.t_ms + awake_ms, b.t_ms) if end_ms > a.t_ms else (a.t_ms, b.t_ms - awake_ms)
            add(self._asleep, *asleep)
        if wait := _wait_between(a, b):
            self._waits.append(wait)
        return [Credit(a.t_ms, end_ms, a.place, a.auto, reason)] if end_ms > a.t_ms else []

    def _own_time_of_tool(self, event: Event, duration_ms: int) -> list[Credit]:
        """What a finished tool says that it took, without the time that the machine slept."""
        start_ms = event.t_ms - min(duration_ms, PROVEN_CAP_MS)
        begin = self._begun.get(event.tool_use_id or "")
        # A gap belongs to the place of its first event, and so does a tool that ran `cd`.
        place = begin.place if begin and event.t_ms - begin.t_ms <= PROVEN_CAP_MS else event.place
        ran = subtract((Interval(start_ms, event.t_ms),), self._asleep)
        return [Credit(i.start_ms, i.end_ms, place, auto=False, reason=Reason.TOOL) for i in ran]


def doubt_about(a: Event, b: Event, idle_ms: int) -> Doubt | None:
    """Why what is not credited of the gap between ``a`` and the next event with a state is not.

    None where Claude was not at work in it, nor asked anything.
    """
    state = state_of(a)
    if state not in (StreamState.WORKING, StreamState.BLOCKED):
        return None
    if state is StreamState.BLOCKED or _waited_for_a_person(a, b, idle_ms):
        return Doubt.UNANSWERED
    if not _proves_work(a, b):
        return Doubt.UNPROVEN
    return Doubt.ASLEEP if _awake_between(a, b) < b.t_ms - a.t_ms else Doubt.CAPPED


def merged_stints(parts: Iterable[Stint]) -> list[Stint]:
    """``parts``, disjoint at each place, by start; those that touch within one day and one place made one."""
    result: list[Stint] = []
    for part in sorted(parts, key=lambda part: (part.place, part.start_ms)):
        last = result[-1] if result else None
        touches = last is not None and (last.place, last.end_ms) == (part.place, part.start_ms)
        if last is not None and touches and part.start_ms % DAY_MS:
            result[-1] = Stint(last.start_ms, part.end_ms, last.place, last.auto)
        else:
            result.append(part)
    return sorted(result)


def _claim(stints: list[Stint], credit: Credit) -> list[Credit]:
    """Adds to ``stints`` of its place what of ``credit`` they do not hold yet, and returns that."""
    start_ms, end_ms, place, auto, reason = credit
    last = stints[-1] if stints else None
    if last is not None and last.end_ms == start_ms:
        midnight_ms = last.start_ms - last.start_ms % DAY_MS + DAY_MS
        if end_ms <= midnight_ms:
            # What happens nearly always: it goes on where the last one ended.
            stints[-1] = Stint(last.start_ms, end_ms, place, last.auto)
            return [credit]
    k = len(stints)
    while k and stints[k - 1].end_ms > start_ms:
        k -= 1
    held = [Interval(s.start_ms, s.end_ms) for s in stints[k:]]
    free = subtract((Interval(start_ms, end_ms),), held) if held else (Interval(start_ms, end_ms),)
    parts = [
        Credit(part.start_ms, part.end_ms, place, auto and part.start_ms == start_ms, reason)
        for interval in free
        for part in days_of(interval)
    ]
    k = max(0, k - 1)
    stints[k:] = merged_stints([*stints[k:], *(Stint(*part[:4]) for part in parts)])
    return parts


def _wait_between(a: Event, b: Event) -> Wait | None:
    """How Claude waited in the gap between ``a`` and the next event with a state: from ``a`` on, without sleep."""
    if not awaits_the_person(a):
        return None
    awake_ms = _awake_between(a, b)
    # A tool that was asked about ran after the answer.
    ran_ms = min(b.duration_ms or 0, awake_ms) if b.kind in ENDS_OF_A_TOOL else 0
    length_ms = min(awake_ms - ran_ms, OPEN_CAP_MS)
    return Wait(a.t_ms, a.t_ms + length_ms, a.place) if length_ms else None


def _hinted(a: Event, hint: Event) -> int:
    """When the work that began with ``a`` ended, a while before ``hint``; before ``a.t_ms`` if it did not begin."""
    return min(hint.t_ms - HINT_MS, a.t_ms + min(_awake_between(a, hint), PROVEN_CAP_MS))


def _end_of_work(a: Event, b: Event, hint: Event | None, idle_ms: int) -> tuple[int, Reason]:
    """Until when Claude worked in the gap between ``a`` and the next event with a state, and why.

    At or before ``a.t_ms`` where it did not at all.
    """
    if state_of(a) is not StreamState.WORKING or _waited_for_a_person(a, b, idle_ms):
        return a.t_ms, Reason.UNPROVEN
    length_ms = min(_awake_between(a, b), PROVEN_CAP_MS)
    if _proves_work(a, b):
        return a.t_ms + length_ms, Reason.PROVEN
    if hint is not None:
        return min(_hinted(a, hint), a.t_ms + length_ms), Reason.HINT
    return a.t_ms + min(length_ms, idle_ms), Reason.UNPROVEN


def _proves_work(a: Event, b: Event) -> bool:
    """Whether ``b`` shows that the turn which ``a`` belongs to was still going on."""
    if b.kind == PROMPT:
        # Typed and queued while Claude worked: it carries the running turn's prompt_id.
        return b.prompt_id is not None and b.prompt_id == a.prompt_id
    return b.kind in _ENDS_OF_A_TURN or state_of(b) in (StreamState.WORKING, StreamState.BLOCKED)


def _waited_for_a_person(a: Event, b: Event, idle_ms: int) -> bool:
    """Whether the gap is a question that lay unanswered: the tool itself ran for much less than the gap."""
    if b.kind not in ENDS_OF_A_TOOL or b.duration_ms is None:
        return False
    asked = a.kind == "PermissionRequest" and (a.tool_name is None or a.tool_name == b.tool_name)
    began = a.kind == BEGIN_OF_A_TOOL and a.tool_use_id is not None and a.tool_use_id == b.tool_use_id
    # A tool's own time may be by a clock that went on while the machine slept.
    ran_ms = min(b.duration_ms, _awake_between(a, b))
    return (asked or began) and (b.t_ms - a.t_ms) - ran_ms > idle_ms


def _awake_between(a: Event, b: Event) -> int:
    """How long the machine was awake in the gap; the whole gap where the clocks tell nothing."""
    length_ms = b.t_ms - a.t_ms
    if a.awake_ms is None or b.awake_ms is None or b.awake_ms < a.awake_ms:
        return length_ms
    awake_ms = b.awake_ms - a.awake_ms
    return awake_ms if length_ms - awake_ms > CLOCK_SLACK_MS else length_ms
