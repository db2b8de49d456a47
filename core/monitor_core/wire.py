"""The wire format between hook, spool, replay and tray: one JSON object a line. The document is hook/PROTOCOL.md.

This module only turns bytes into checked values and back. It never sees anything that a person typed: the hook leaves
all of that behind, and unknown fields are dropped here.
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from monitor_core.errors import WireError

VERSION = 1
#: The longest line, its newline included.
MAX_LINE_BYTES = 16 * 1024
#: The last millisecond of the year 9998: in every zone a date that `datetime` can hold.
MAX_T_MS = 253_370_764_799_999

_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z"
# A quoted run directly before a colon is a key: within a string every quote has a backslash before it.
_KEY = re.compile(rb'"([^"\\]*)"\s*:')

Text = Annotated[str, msgspec.Meta(max_length=4096)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
Instant = Annotated[int, msgspec.Meta(ge=0, le=MAX_T_MS)]
#: What a JSON number carries exactly everywhere.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class WireEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An event as the hook wrote it; the fields' meaning and source are in hook/PROTOCOL.md."""

    v: int
    id: Annotated[str, msgspec.Meta(pattern=_UUID)]
    t: Instant
    awake: Count | None = None
    took_us: Count | None = None
    pid: Count | None = None
    project_dir: Text | None = None
    config_dir: Text | None = None
    attended: bool | None = None
    auto: bool = False
    hook_event_name: Name
    session_id: Name
    prompt_id: Text | None = None
    agent_id: Text | None = None
    agent_type: Text | None = None
    cwd: Text | None = None
    transcript_path: Text | None = None
    permission_mode: Text | None = None
    source: Text | None = None
    reason: Text | None = None
    notification_type: Text | None = None
    tool_name: Text | None = None
    tool_use_id: Text | None = None
    duration_ms: Count | None = None
    model: Text | None = None
    is_interrupt: bool | None = None
    error: Text | None = None


class Command(msgspec.Struct, frozen=True):
    """A question or a wish of our own command line; the other fields are documents of the commands so named."""

    command: Name
    edit: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    profile: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    today: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Envelope(msgspec.Struct, frozen=True):
    v: int | None = None
    command: str | None = None


_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_decode_event = msgspec.json.Decoder(WireEvent).decode
_decode_command = msgspec.json.Decoder(Command).decode
_encode = msgspec.json.Encoder().encode


def decode(line: bytes) -> WireEvent | Command:
    """The event or command in ``line``, with or without its newline. Raises `WireError` for anything else."""
    if len(line) > MAX_LINE_BYTES:
        raise WireError(f"the line has {len(line)} bytes; an event has at most {MAX_LINE_BYTES}")
    try:
        envelope = _decode_envelope(line)
        if envelope.v is None and envelope.command is not None:
            return _decode_command(line)
        if envelope.v != VERSION:
            raise WireError(f"the line says version {envelope.v}; this program speaks version {VERSION}")
        event = _decode_event(line)
    except RecursionError:
        raise WireError("the line is nested too deeply for an event") from None
    except UnicodeDecodeError as error:
        raise WireError(f"the line is not UTF-8: {error.reason} at byte {error.start}") from None
    except msgspec.MsgspecError as error:
        raise WireError(f"the line is no event: {error}") from None
    _refuse_duplicate_keys(line)
    if b"\\u0000" in line:
        _refuse_nul(event)
    return event


def decode_event(line: bytes) -> WireEvent:
    """Like `decode`, for places where a command has no business. Raises `WireError`."""
    message = decode(line)
    if isinstance(message, Command):
        raise WireError(f"the line is the command {message.command!r}, not an event")
    return message


def encode(message: WireEvent | Command) -> bytes:
    """The line for ``message``, its newline included."""
    return _encode(message) + b"\n"


OK = b'{"ok":true}\n'


def refusal(reason: str) -> bytes:
    """The reply line that tells why a line was not taken."""
    return _encode({"error": reason}) + b"\n"


def is_ok(reply: bytes) -> bool:
    """Whether a reply says that the event is committed."""
    return reply.startswith(b'{"ok":true')


def _refuse_duplicate_keys(line: bytes) -> None:
    keys = _KEY.findall(line)
    if len(keys) != len(set(keys)):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise WireError(f"the line has the key {twice.decode(errors='replace')!r} twice")


def _refuse_nul(event: WireEvent) -> None:
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, str) and "\0" in value:
            raise WireError(f"{name} contains a NUL character")
