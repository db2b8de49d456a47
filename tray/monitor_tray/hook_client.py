"""The hook in Python, where there is no native one: the same wire, the same promises, slower. See hook/PROTOCOL.md.

It imports only what it must, of the standard library, because a process is started for every tool call.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from typing import NoReturn

from monitor_tray.hook_payload import FIELDS, PROMPT, Picker, Progress, clean

if sys.platform == "win32":
    from monitor_tray import _hook_windows as system
else:
    from monitor_tray import _hook_posix as system

PAYLOAD_LIMIT = 256 * 1024
LINE_LIMIT = 16 * 1024
TEXT_LIMIT = 4096
STDIN_S = 1.0
DELIVERY_S = 0.004

_ESCAPES = {**{code: f"\\u{code:04x}" for code in range(32)}, ord('"'): '\\"', ord("\\"): "\\\\"}
_CODE = r"[A-Za-z0-9_.-]{1,64}"
_CODE_WITH_COLON = r"[A-Za-z0-9_.:-]{1,64}"
#: Where these fields are anything but a short word of a fixed set, a person or a program is speaking.
_CODES = {
    "error": _CODE,
    "reason": _CODE,
    "source": _CODE_WITH_COLON,
    "notification_type": _CODE_WITH_COLON,
    "permission_mode": _CODE_WITH_COLON,
}
_ONLY_WITH = {"error": "StopFailure", "reason": "SessionEnd"}
_REQUIRED = frozenset({"v", "id", "t", "awake", "took_us", "pid", "hook_event_name", "session_id", "cwd"})


def main() -> NoReturn:
    """Reads one event from stdin and hands it on. Exits 0 and prints nothing, whatever happens."""
    with contextlib.suppress(Exception):  # the host must not notice, and there is nowhere to tell
        _record(time.time_ns() // 1_000, system.awake_ms(), time.perf_counter_ns())
    # Not sys.exit: a stdout that somebody closed would make the interpreter complain.
    os._exit(0)


def _record(wall_us: int, awake_ms: int, began_ns: int) -> None:
    wall_ms = wall_us // 1_000
    system.shield()
    picker = _read_payload()
    if picker is None or not picker.texts.get("hook_event_name") or not picker.texts.get("session_id"):
        return
    event_id = _make_id(wall_us)
    took_us = (time.perf_counter_ns() - began_ns) // 1_000
    line = _build_line(picker, event_id, wall_ms, awake_ms, took_us)
    home = system.find_home()
    if home is None or not system.enter(home):
        return
    if not system.deliver(line, time.monotonic() + DELIVERY_S):
        _spool(home, line, event_id, f"{wall_ms}-{event_id}.json")


def _read_payload() -> Picker | None:
    """None for what is no JSON object. What the limit or the deadline cuts off is still an event."""
    deadline = time.monotonic() + STDIN_S
    payload = bytearray()
    while len(payload) < PAYLOAD_LIMIT:
        chunk = system.read_stdin(PAYLOAD_LIMIT - len(payload), deadline)
        if chunk is None:
            break
        payload += chunk
        # Only then is it worth a look.
        if not chunk or payload.rstrip(b" \t\n\r").endswith(b"}"):
            picker = Picker(bytes(payload))
            if picker.progress is not Progress.MORE or not chunk:
                return picker if picker.progress is Progress.DONE else None
    picker = Picker(bytes(payload))
    return None if picker.progress is Progress.NO_JSON else picker


def _make_id(wall_us: int) -> str:
    """A UUIDv7. Ids of one millisecond are in the order of its parts."""
    wall_ms, rest_us = divmod(wall_us, 1_000)
    random = int.from_bytes(os.urandom(8), "big")
    number = wall_ms << 80 | 7 << 76 | (rest_us * 4096 // 1_000) << 64 | 2 << 62 | random & (1 << 62) - 1
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _build_line(picker: Picker, event_id: str, wall_ms: int, awake_ms: int, took_us: int) -> bytes:
    numbers = {"t": wall_ms, "awake": awake_ms, "took_us": took_us, "pid": _client_pid()}
    members = {"v": "1", "id": _quote(event_id), **{key: str(number) for key, number in numbers.items()}}
    for key, variable in (("project_dir", "CLAUDE_PROJECT_DIR"), ("config_dir", "CLAUDE_CONFIG_DIR")):
        if value := os.environ.get(variable):
            members[key] = _quote(clean(value))
    if attended := {"0": "false", "1": "true"}.get(os.environ.get("CLAUDE_CODE_SESSION_ATTENDED", "")):
        members["attended"] = attended
    prompt = picker.texts.get(PROMPT, "") if picker.texts["hook_event_name"] == "UserPromptSubmit" else ""
    if prompt.startswith("<task-notification>"):
        members["auto"] = "true"
    for field in FIELDS:
        if (value := _field(picker, field)) is not None:
            members[field] = value
    return _fit({key: f'"{key}":{value}'.encode() for key, value in members.items()})


def _field(picker: Picker, field: str) -> str | None:
    """The value of ``field`` as it goes on the line."""
    if field == "duration_ms":
        # A fraction is cut off; what is negative, has an exponent or is absurdly large is left out.
        number = re.fullmatch(rb"([0-9]{1,15})(?:\.[0-9]+)?", picker.numbers.get(field, b""))
        return number[1].decode() if number else None
    if field == "is_interrupt":
        return {True: "true", False: "false", None: None}[picker.flags.get(field)]
    text = picker.texts.get(field)
    if text is None or (field in _CODES and not re.fullmatch(_CODES[field], text)):
        return None
    if field in _ONLY_WITH and picker.texts["hook_event_name"] != _ONLY_WITH[field]:
        return None
    return _quote(text)


def _quote(text: str) -> str:
    """``text`` as a JSON string, of which at most `TEXT_LIMIT` bytes stand between the quotes."""
    escaped = text.translate(_ESCAPES)
    if len(escaped.encode()) <= TEXT_LIMIT:
        return f'"{escaped}"'
    kept, size = [], 0
    for character in text:
        escaped = character.translate(_ESCAPES)
        size += len(escaped.encode())
        if size > TEXT_LIMIT:
            break
        kept.append(escaped)
    return f'"{"".join(kept)}"'


def _client_pid() -> int:
    variable = os.environ.get("CLAUDE_PID", "")
    pid = int(variable) if re.fullmatch(r"0*[0-9]{1,10}", variable) else 0
    return pid if 0 < pid < 2**32 else os.getppid()


def _fit(members: dict[str, bytes]) -> bytes:
    """The line, without the longest optional members if it would be too long with them."""
    kept = dict(members)
    while sum(len(member) + 1 for member in kept.values()) + 2 > LINE_LIMIT:
        del kept[max((key for key in kept if key not in _REQUIRED), key=lambda key: len(kept[key]))]
    return b"{" + b",".join(kept.values()) + b"}\n"


def _spool(home: str, line: bytes, event_id: str, name: str) -> None:
    written = os.path.join(home, "spool", "tmp", event_id)  # noqa: PTH118  pathlib costs milliseconds to import
    complete = os.path.join(home, "spool", "new", name)  # noqa: PTH118
    try:
        file = system.create(written)
    except FileNotFoundError:
        _make_spool(home)
        file = system.create(written)
    try:
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(file, rest) :]
        finally:
            os.close(file)
        try:
            os.rename(written, complete)  # noqa: PTH104
        except FileNotFoundError:
            _make_spool(home)
            os.rename(written, complete)  # noqa: PTH104
    except OSError:
        os.unlink(written)  # noqa: PTH108


def _make_spool(home: str) -> None:
    for folder in ("spool", os.path.join("spool", "tmp"), os.path.join("spool", "new")):  # noqa: PTH118
        system.make_folder(os.path.join(home, folder))  # noqa: PTH118
