"""Generated histories as the real client makes them: whole sessions with turns, tools, questions, agents and crashes.

Beside `tests.core.histories`, which throws kinds together at random, this keeps to what was recorded in
`tests/recorded/sequences`: which events follow one another, which carry which fields, and what fires no event at all.
Everything happens on the awake time of one machine; its sleep, its steps of the clock and its restarts are put in last.
"""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from hypothesis import strategies as st

from monitor_core.model import HOUR_MS, MINUTE_MS, SECOND_MS, Event
from tests.core.histories import BEGIN_MS, RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

#: Shortly before a midnight of UTC, before both changes of Europe's clocks, and before the day that Samoa left out.
BEGINNINGS_MS = (
    BEGIN_MS,
    *(
        round(dt.datetime.fromisoformat(instant).timestamp() * 1000)
        for instant in ("2026-03-28T22:30:00Z", "2026-10-24T22:30:00Z", "2011-12-30T08:30:00Z")
    ),
)
MOMENTS_MS = (0, 40, 900, 20 * SECOND_MS, MINUTE_MS)
DURATIONS_MS = (0, 62, 3 * SECOND_MS, 2 * MINUTE_MS, 6 * MINUTE_MS, 25 * MINUTE_MS, 3 * HOUR_MS)
ANSWERS_MS = (SECOND_MS, 8 * SECOND_MS, 4 * MINUTE_MS, 6 * MINUTE_MS, 40 * MINUTE_MS, 10 * HOUR_MS)
PAUSES_MS = (2 * SECOND_MS, MINUTE_MS, 4 * MINUTE_MS, 5 * MINUTE_MS, 5 * MINUTE_MS + 1, 40 * MINUTE_MS, 3 * HOUR_MS,
             14 * HOUR_MS)  # fmt: skip
STEPS_MS = (-2 * HOUR_MS, -4 * MINUTE_MS, -300, 300, 4 * MINUTE_MS, HOUR_MS)
SLEEPS_MS = (500, 3 * MINUTE_MS, 45 * MINUTE_MS, 9 * HOUR_MS)
#: The question's notification comes this long after the question, the idle notification after the turn.
QUESTION_MS, HINT_MS = 6 * SECOND_MS, MINUTE_MS

STEPS = ("text", "tool", "tool", "question", "question", "two tools", "failing tool", "queued prompt", "agent",
         "agent behind", "form", "compaction", "folder")  # fmt: skip
ENDINGS = ("stop", "stop", "stop", "stop and hint", "hint alone", "failure", "escape", "escape seen", "terminated",
           "killed", "killed and seen")  # fmt: skip
ENDS_OF_A_PROCESS = ("terminated", "killed", "killed and seen")


class Told(NamedTuple):
    """An event on the machine's awake time. ``took_ms``: how long a tool ran, by a clock that stands still in sleep."""

    at_ms: int
    took_ms: int | None
    fields: dict[str, Any]


class Machine(NamedTuple):
    """What lies between the awake time and the two clocks that events carry; each list is by awake time."""

    begin_ms: int
    sleeps: list[tuple[int, int]]
    steps: list[tuple[int, int]]
    restarts_ms: list[int]
    awake_clock: str
    tools_count_sleep: bool

    def seen(self, told: Told, number: int) -> Event:
        """The event as a hook on this machine writes it."""
        fields = dict(told.fields)
        if told.took_ms is not None:
            took_ms = self._real(told.at_ms) - self._real(told.at_ms - told.took_ms)
            fields["duration_ms"] = took_ms if self.tools_count_sleep else told.took_ms
        if self.awake_clock == "always" or (self.awake_clock == "sometimes" and number % 3):
            fields["awake_ms"] = told.at_ms - max((r for r in self.restarts_ms if r <= told.at_ms), default=-HOUR_MS)
        wall_ms = self.begin_ms + self._real(told.at_ms) + sum(by for when, by in self.steps if when <= told.at_ms)
        return Event(t_ms=wall_ms, **fields)

    def _real(self, awake_ms: int) -> int:
        return awake_ms + sum(length for when, length in self.sleeps if when < awake_ms)


class Session:
    """One session: what it told, in ``told``. Every method moves the session's own time forward, or leaves it."""

    def __init__(self, draw: st.DrawFn, name: str) -> None:
        self._draw = draw
        self._name = name
        self._at_ms = self._one_of((0, 30 * SECOND_MS, 7 * MINUTE_MS, 2 * HOUR_MS))
        self._place = draw(st.integers(1, 3))
        self._prompt: str | None = None
        self._behind_ms = -1  # when the last agent in the background ends
        self._numbers = itertools.count(1)
        self.told: list[Told] = []

    def live(self) -> None:
        """From the start of the process to its end, with what comes between."""
        self._tell("SessionStart")
        for _ in range(self._draw(st.integers(1, 3))):
            self._wait_for_the_person()
            if self._turn() in ENDS_OF_A_PROCESS:
                if not self._draw(st.booleans()):
                    return
                self._wait(PAUSES_MS)
                self._tell("SessionStart")  # resumed: the same session in another process
        if self._draw(st.booleans()):
            self._wait(PAUSES_MS)
            self._tell("SessionEnd")

    def _wait_for_the_person(self) -> None:
        """A pause, or until a usage window that the session's first prompt opened is over, to the millisecond."""
        self._wait(PAUSES_MS)
        prompts_ms = [told.at_ms for told in self.told if told.fields["kind"] == "UserPromptSubmit"]
        if prompts_ms and self._at_ms < prompts_ms[0] + RULES.usage_window_ms and not self._draw(st.integers(0, 4)):
            self._at_ms = prompts_ms[0] + RULES.usage_window_ms

    def _turn(self, *, auto: bool = False) -> str:
        """A prompt and what it leads to; returns how it ended."""
        self._prompt = f"{self._name}-p{next(self._numbers)}"
        self._tell("UserPromptSubmit", auto=auto)
        for _ in range(self._draw(st.integers(0, 1 if auto else 3))):
            self._wait(MOMENTS_MS)
            if not self._step(self._one_of(STEPS)):
                return "refused"
        self._wait(MOMENTS_MS)
        ending = self._one_of(ENDINGS)
        self._end(ending)
        if ending == "stop" and self._at_ms <= self._behind_ms and not auto:
            # The client tells the model that its background work has ended.
            self._at_ms = self._behind_ms + 900
            return self._turn(auto=True)
        return ending

    def _step(self, step: str) -> bool:
        """One thing that Claude does; False where it was refused, which fires nothing and ends the turn."""
        match step:
            case "tool" | "failing tool":
                self._tool("PostToolUse" if step == "tool" else "PostToolUseFailure")
            case "two tools":
                self._two_tools()
            case "question":
                return self._question()
            case "queued prompt":
                self._tell("UserPromptSubmit")
            case "agent" | "agent behind":
                self._agent(behind=step == "agent behind")
            case "form":
                self._tell("Elicitation")
                self._wait(ANSWERS_MS)
                self._tell("ElicitationResult")
            case "compaction":
                for kind in ("PreCompact", "SubagentStop", "SessionStart", "PostCompact"):
                    self._tell(kind)
                    self._wait(MOMENTS_MS)
            case "folder":
                self._tool("PostToolUse", into=self._draw(st.integers(1, 3)))
            case _:
                self._tell("MessageDisplay")
        return True

    def _end(self, ending: str) -> None:
        match ending:
            case "stop" | "stop and hint":
                self._tell("Stop")
            case "failure":
                self._tell("StopFailure")
            case "escape seen":
                self._tell("Interrupted")
            case "terminated":
                self._tell("SessionEnd")
            case "killed and seen":
                self._at_ms += self._one_of(MOMENTS_MS)
                self._tell("ProcessGone")
        if ending in ("stop and hint", "hint alone"):
            self._at_ms += HINT_MS
            self._tell("Notification", notification_type="idle_prompt")

    def _tool(self, end: str, agent: str = "", into: int | None = None) -> None:
        call = f"{self._name}-t{next(self._numbers)}"
        self._tell("PreToolUse", agent, tool_name="Bash", tool_use_id=call)
        took_ms = self._wait(DURATIONS_MS)
        self._place = into or self._place
        self._tell(end, agent, took_ms, tool_name="Bash", tool_use_id=call)
        if self._draw(st.booleans()):
            self._tell("PostToolBatch", agent)

    def _two_tools(self) -> None:
        calls = [f"{self._name}-t{next(self._numbers)}" for _ in range(2)]
        for call in calls:
            self._tell("PreToolUse", tool_name="Read", tool_use_id=call)
        took_ms = 0
        for call in calls:
            took_ms += self._wait(DURATIONS_MS)
            self._tell("PostToolUse", "", took_ms, tool_name="Read", tool_use_id=call)
        self._tell("PostToolBatch")

    def _question(self) -> bool:
        call = f"{self._name}-t{next(self._numbers)}"
        self._tell("PreToolUse", tool_name="Edit", tool_use_id=call)
        self._tell("PermissionRequest", tool_name="Edit")
        answer_ms = self._one_of(ANSWERS_MS)
        if answer_ms > QUESTION_MS:
            self._at_ms += QUESTION_MS
            self._tell("Notification", notification_type="permission_prompt")
            answer_ms -= QUESTION_MS
        self._at_ms += answer_ms
        answer = self._one_of(("yes", "yes", "yes", "no", "by rule"))
        if answer == "yes":
            took_ms = self._wait(DURATIONS_MS)
            self._tell("PostToolUse", "", took_ms, tool_name="Edit", tool_use_id=call)
        elif answer == "by rule":
            self._tell("PermissionDenied", tool_name="Edit", tool_use_id=call)
        return answer != "no"

    def _agent(self, *, behind: bool) -> None:
        agent = f"{self._name}-a{next(self._numbers)}"
        call = f"{agent}-t"
        self._tell("PreToolUse", tool_name="Agent", tool_use_id=call)
        began_ms = self._at_ms
        if behind:
            self._tell("PostToolUse", "", 0, tool_name="Agent", tool_use_id=call)
        self._tell("SubagentStart", agent)
        for _ in range(self._draw(st.integers(0, 2))):
            self._wait(MOMENTS_MS)
            self._tool("PostToolUse", agent)
        if self._draw(st.integers(0, 4)):
            self._wait(MOMENTS_MS)
            self._tell("SubagentStop", agent)
        if behind:
            # Claude went on at once; the agent's events lie beside what follows.
            self._behind_ms, self._at_ms = max(self._behind_ms, self._at_ms), began_ms
        else:
            self._tell("PostToolUse", "", self._at_ms - began_ms, tool_name="Agent", tool_use_id=call)

    def _tell(self, kind: str, agent: str = "", took_ms: int | None = None, **fields: Any) -> None:
        fields |= {
            "id": f"{self._name}-{len(self.told):03}",
            "kind": kind,
            "session_id": self._name,
            "agent_id": agent,
            "place": self._place,
            "prompt_id": self._prompt,
        }
        self.told.append(Told(self._at_ms, took_ms, fields))

    def _wait(self, lengths_ms: Sequence[int]) -> int:
        length_ms = self._one_of(lengths_ms)
        self._at_ms += length_ms
        return length_ms

    def _one_of(self, values: Sequence[T]) -> T:
        return self._draw(st.sampled_from(values))


@st.composite
def sessions(draw: st.DrawFn) -> list[Event]:
    """What one machine told about one to three sessions at up to three places, by wall time."""
    told: list[Told] = []
    for name in "abc"[: draw(st.integers(1, 3))]:
        session = Session(draw, name)
        session.live()
        told += session.told
    instants = st.sampled_from(sorted({t.at_ms for t in told}))
    machine = Machine(
        begin_ms=draw(st.sampled_from(BEGINNINGS_MS)),
        sleeps=draw(st.lists(st.tuples(instants, st.sampled_from(SLEEPS_MS)), max_size=2)),
        steps=draw(st.lists(st.tuples(instants, st.sampled_from(STEPS_MS)), max_size=2)),
        restarts_ms=draw(st.lists(instants, max_size=1)),
        awake_clock=draw(st.sampled_from(["always", "always", "sometimes", "never"])),
        tools_count_sleep=draw(st.booleans()),
    )
    events = (machine.seen(each, number) for number, each in enumerate(told))
    return sorted(events, key=lambda event: (event.t_ms, event.id))
