"""Generated histories of several streams, for the property tests, and a way to put them into a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from hypothesis import strategies as st

from monitor_core.accounting import Rules
from monitor_core.model import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Event
from monitor_core.store import EventValues, WritableStore

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

RULES = Rules(idle_ms=5 * MINUTE_MS, usage_window_ms=5 * HOUR_MS)
#: Shortly before a midnight of UTC.
BEGIN_MS = 20_000 * 24 * HOUR_MS - 10 * MINUTE_MS
STEPS_MS = [0, 1, SECOND_MS, MINUTE_MS, 4 * MINUTE_MS, 5 * MINUTE_MS, 6 * MINUTE_MS, HOUR_MS]
LONG_STEPS_MS = [*STEPS_MS, 6 * HOUR_MS, 13 * HOUR_MS, 30 * HOUR_MS, 240 * HOUR_MS]

KINDS = ["UserPromptSubmit", "UserPromptSubmit", "PreToolUse", "PostToolUse", "PostToolUseFailure", "PermissionRequest",
         "Stop", "SessionStart", "SessionEnd", "Notification", "SubagentStop", "Interrupted", "ProcessGone",
         "FromTheFuture"]  # fmt: skip


@st.composite
def histories(draw: st.DrawFn, most: int = 25, steps_ms: tuple[int, ...] = tuple(STEPS_MS)) -> list[Event]:
    """Events of up to three streams and places, at once or up to the longest step apart, by time."""
    t_ms = BEGIN_MS
    slept_ms = 0
    events = []
    for number in range(draw(st.integers(1, most))):
        t_ms += draw(st.sampled_from(steps_ms))
        slept_ms += draw(st.sampled_from([0, 0, 0, 0, 3 * MINUTE_MS]))
        kind = draw(st.sampled_from(KINDS))
        events.append(
            Event(
                id=f"{draw(st.integers(0, 9))}-{number}",
                t_ms=t_ms,
                kind=kind,
                session_id=draw(st.sampled_from(["a", "b"])),
                agent_id=draw(st.sampled_from(["", "", "x"])),
                place=draw(st.integers(1, 3)),
                awake_ms=draw(st.sampled_from([None, t_ms - slept_ms, t_ms - slept_ms])),
                prompt_id=draw(st.sampled_from([None, "p", "q"])),
                tool_use_id=draw(st.sampled_from([None, "x", "y"])),
                duration_ms=draw(st.sampled_from([None, 0, SECOND_MS, 7 * MINUTE_MS, 2 * HOUR_MS])),
                notification_type=draw(st.sampled_from(["permission_prompt", "idle_prompt", "other"])),
                auto=kind == "UserPromptSubmit" and draw(st.booleans()),
            )
        )
    return sorted(events, key=lambda event: (event.t_ms, event.id))


def worked_days(count: int) -> list[Event]:
    """A prompt, a tool and a stop in each hour from nine to five of ``count`` days."""
    events = []
    for hour in (BEGIN_MS + day * DAY_MS + h * HOUR_MS for day in range(count) for h in range(9, 18)):
        for minute, kind in ((0, "UserPromptSubmit"), (1, "PreToolUse"), (20, "PostToolUse"), (22, "Stop")):
            t_ms = hour + minute * MINUTE_MS
            events.append(Event(id=f"{t_ms}", t_ms=t_ms, kind=kind, session_id=f"s{hour}", place=hour % 3 + 1))
    return events


class EventStore(WritableStore):
    """A store that takes the accounting's own events; place 1 is the folder ``/p1``, and so on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "monitor.db", folder, 0)
        with self.transaction(durably=False):
            for number in (1, 2, 3):
                self.add_place(f"/p{number}", "", f"/p{number}", f"/p{number}", f"p{number}", "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        rows: list[tuple[Any, ...]] = self._execute(sql, ()).fetchall()
        return rows

    def record(self, events: Iterable[Event]) -> None:
        """Stores ``events`` in this order."""
        with self.transaction(durably=False):
            self.insert(
                [
                    EventValues(
                        e.id, e.t_ms, e.kind, self.stream_id(e.session_id, e.agent_id), e.place, e.awake_ms,
                        e.prompt_id, e.tool_name, e.tool_use_id, e.duration_ms, e.notification_type, e.auto, None,
                    )
                    for e in events
                ]
            )  # fmt: skip
