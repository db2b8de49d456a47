"""Ten years of somebody's work with Claude Code, made up: the same lines for the same numbers."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from monitor_core.model import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from monitor_core.wire import WireEvent, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

#: 2016-11-21, a Monday.
BEGIN_MS = 1_479_686_400_000
YEARS = 10
PROJECTS = 60


def lines(count: int, seed: int = 1) -> list[bytes]:
    """About ``count`` events in the wire format, by time: sessions of some turns of prompts and tools, on workdays."""
    chance = random.Random(seed)  # noqa: S311  a fixed sequence, not a secret
    result: list[tuple[int, bytes]] = []
    sessions = 0
    days = YEARS * 365
    day = 0
    while len(result) < count:
        # Spread so that all days together have the wanted count.
        if len(result) >= count * (day % days + 1) / days:
            day += 1
        if day % 7 in (5, 6) and chance.random() < 0.8:
            day += 1
        start_ms = BEGIN_MS + (day % days) * DAY_MS + round(chance.uniform(8, 19) * HOUR_MS)
        sessions += 1
        result += _session(chance, f"session-{sessions:06}", start_ms, chance.randrange(PROJECTS))
    return [line for _, line in sorted(result[:count])]


def _session(chance: random.Random, session: str, t_ms: int, project: int) -> Iterator[tuple[int, bytes]]:
    awake_ms = t_ms - BEGIN_MS
    cwd = f"/home/dev/projects/project-{project:02}"
    number = 0

    def event(kind: str, **fields: object) -> tuple[int, bytes]:
        nonlocal number
        number += 1
        id_ = f"{t_ms >> 16:08x}-{t_ms & 0xFFFF:04x}-7{number & 0xFFF:03x}-8000-{int(session[-6:]):06d}{number:06x}"
        return t_ms, encode(
            WireEvent(v=1, id=id_, t=t_ms, awake=t_ms - BEGIN_MS, hook_event_name=kind, session_id=session, cwd=cwd,
                      project_dir=cwd, **fields)  # type: ignore[arg-type]
        )  # fmt: skip

    assert awake_ms >= 0
    yield event("SessionStart", source="startup")
    for turn in range(chance.randint(1, 8)):
        # So that there is a block for each dozen of events: 1,200,000 of them make 100,000.
        t_ms += round(chance.expovariate(1 / (15 * MINUTE_MS)))
        prompt = f"{session}-{turn}"
        yield event("UserPromptSubmit", prompt_id=prompt)
        for tool in range(chance.randint(0, 7)):
            t_ms += round(chance.uniform(1, 20) * SECOND_MS)
            use = f"{prompt}-{tool}"
            yield event("PreToolUse", prompt_id=prompt, tool_name="Bash", tool_use_id=use)
            ran_ms = round(chance.expovariate(1 / (10 * SECOND_MS)))
            t_ms += ran_ms
            yield event("PostToolUse", prompt_id=prompt, tool_name="Bash", tool_use_id=use, duration_ms=ran_ms)
        t_ms += round(chance.uniform(1, 30) * SECOND_MS)
        yield event("Stop", prompt_id=prompt)
    if chance.random() < 0.9:
        t_ms += round(chance.uniform(1, 600) * SECOND_MS)
        yield event("SessionEnd", reason="other")
