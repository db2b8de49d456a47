"""What Claude Code leaves on the disk about a session that runs: its entry in the registry, its transcript.

Both are optional: the registry is undocumented, and either may be missing, old, or of another form in the next version.
Then nothing is known. Of a transcript only the instant of an interruption is used: no text of it leaves this module,
is logged or kept.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import stat
from pathlib import Path

import msgspec

_REGISTRY_BYTES = 64 * 1024
_INTERRUPTED = re.compile(r"\s*\[Request interrupted by user[^\]\n]*\]\s*")
_MARK = b"[Request interrupted by user"
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)


class Entry(msgspec.Struct, frozen=True, rename="camel"):
    """What `<config>/sessions/<pid>.json` says; the names are Claude Code's."""

    session_id: str
    status: str = ""
    status_updated_at: int = 0
    #: On Linux the `mark` of the process (see `monitor_tray.processes`).
    proc_start: str | int | float | None = None
    #: On Linux it ends with the namespace of the process.
    pid_domain: str | int | float | None = None

    @property
    def idle_since_ms(self) -> int | None:
        """Since when nothing has been going on in the session, if that is so."""
        return self.status_updated_at if self.status == "idle" and self.status_updated_at > 0 else None


class _Part(msgspec.Struct, frozen=True):
    type: str = ""
    text: str = ""


class _Message(msgspec.Struct, frozen=True):
    content: str | list[_Part] = ""


class _Line(msgspec.Struct, frozen=True, rename="camel"):
    timestamp: dt.datetime
    message: _Message
    type: str
    is_sidechain: bool = False


_decode_entry = msgspec.json.Decoder(Entry).decode
_decode_line = msgspec.json.Decoder(_Line).decode


def registered(config: Path, pid: int) -> Entry | None:
    """The entry of the process ``pid`` below the configuration folder; None where none can be read."""
    with contextlib.suppress(OSError, ValueError):
        return _decode_entry(_end_of(config / "sessions" / f"{pid}.json", _REGISTRY_BYTES))
    return None


def interrupted_at(transcript: str, agent_id: str, after_ms: int, before_ms: int, at_most: int) -> int | None:
    """When a stream was first interrupted between the two instants, both excluded.

    ``transcript`` is that of the session; a subagent's is beside it. Only the last ``at_most`` bytes are looked at.
    """
    try:
        file = Path(transcript)
        if agent_id:
            file = file.with_suffix("") / "subagents" / f"agent-{Path(agent_id).name}.jsonl"
        end = _end_of(file, at_most)
    except (OSError, ValueError):
        return None
    found = (_instant_of_interruption(line, sidechain=bool(agent_id)) for line in end.splitlines() if _MARK in line)
    return min((at_ms for at_ms in found if at_ms is not None and after_ms < at_ms < before_ms), default=None)


def _instant_of_interruption(line: bytes, *, sidechain: bool) -> int | None:
    """None for a line that only quotes the words, for one of another stream, and for one that was cut."""
    try:
        read = _decode_line(line)
    except ValueError:
        return None
    content = read.message.content
    texts = [content] if isinstance(content, str) else [part.text for part in content if part.type == "text"]
    if read.type != "user" or read.is_sidechain != sidechain or read.timestamp.tzinfo is None:
        return None
    if len(texts) != 1 or not _INTERRUPTED.fullmatch(texts[0]):
        return None
    return (read.timestamp - _EPOCH) // _MILLISECOND


def _end_of(file: Path, at_most: int) -> bytes:
    """The last bytes of a regular file. Raises `OSError`, and `ValueError` for a name that no file can have."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(file, flags), "rb") as stream:  # noqa: PTH123  a descriptor, not a path
        found = os.fstat(stream.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError("it is not a regular file")
        stream.seek(max(0, found.st_size - at_most))
        return stream.read(at_most)
