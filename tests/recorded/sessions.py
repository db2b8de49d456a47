"""Whole sessions of the real client, as it told them to a hook: `sequences/*.jsonl`, one call of the hook a line.

The tool calls and answers were scripted; the events, their order and their timing are the client's.
"""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from monitor_core.wire import WireEvent
from monitor_tray.install import hook_entries
from monitor_tray.install.claude_version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FOLDER = Path(__file__).parent / "sequences"
RECORDED_PROJECT = "/home/dev/projects/demo"
CLIENT = Version(2, 1, 330)


class Step(NamedTuple):
    """One call of a hook: when, in milliseconds after the first; the client's variables; what it wrote to stdin."""

    t_ms: float
    environment: Mapping[str, str]
    payload: Mapping[str, Any]


def names() -> list[str]:
    """The recordings there are."""
    return sorted(file.stem for file in FOLDER.glob("*.jsonl"))


def load(name: str, project: str = RECORDED_PROJECT) -> list[Step]:
    """The calls of one recording that our hook would get, as if they had happened in the folder ``project``."""
    registered = set(hook_entries.wanted(CLIENT))
    text = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").replace(RECORDED_PROJECT, project)
    lines = [json.loads(line) for line in text.splitlines()]
    return [
        Step(line["t_ms"], line["env"], line["payload"])
        for line in lines
        if line["payload"]["hook_event_name"] in registered
    ]


def call_hook(command: Sequence[str | Path], step: Step, home: Path, **environment: str) -> None:
    """Runs the hook as the client does, and holds it to its promise: exit 0, silent."""
    done = subprocess.run(
        [*map(str, command)],
        input=json.dumps(step.payload, ensure_ascii=False, separators=(",", ":")).encode() + b"\n",
        env={"PATH": os.defpath, "CLAUDE_MONITOR_HOME": str(home), **step.environment, **environment},
        cwd="/",
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def as_wire(steps: Iterable[Step], begin_ms: int, stretch: float = 1.0, session: str = "") -> list[WireEvent]:
    """The events that a hook would have made of ``steps``, the first at ``begin_ms``, ``stretch`` times as slow.

    ``session`` is added to the session's name, so that one recording can stand for several sessions.
    """
    return [_as_wire(step, begin_ms, stretch, session) for step in steps]


def _as_wire(step: Step, begin_ms: int, stretch: float, session: str) -> WireEvent:
    payload = step.payload
    kind = payload["hook_event_name"]
    fields = {name: payload[name] for name in _FIELDS if isinstance(payload.get(name), str)}
    if kind == "SessionEnd":
        fields["reason"] = payload["reason"]
    if kind == "StopFailure":
        fields["error"] = payload["error"]
    if "duration_ms" in payload:
        fields["duration_ms"] = round(payload["duration_ms"] * stretch)
    return WireEvent(
        v=1,
        id=str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([begin_ms, session, step.t_ms, payload], sort_keys=True))),
        t=round(begin_ms + step.t_ms * stretch),
        hook_event_name=kind,
        session_id=payload["session_id"] + session,
        project_dir=step.environment.get("CLAUDE_PROJECT_DIR"),
        auto=kind == "UserPromptSubmit" and payload["prompt"].startswith("<task-notification>"),
        **fields,
    )


_FIELDS = (
    "prompt_id", "agent_id", "agent_type", "cwd", "transcript_path", "permission_mode", "source", "notification_type",
    "tool_name", "tool_use_id", "model",
)  # fmt: skip
