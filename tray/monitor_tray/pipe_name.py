"""What the Windows pipe is called. Pure, and tested on every platform; the native hook follows the same rule."""

from __future__ import annotations

import re

_PREFIX = r"\\.\pipe\claude-monitor-"
_FNV_OFFSET = 0xCBF29CE484222325
_FNV_PRIME = 0x100000001B3
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def pipe_name(sid: str, home_override: str) -> str:
    """The pipe of the user with ``sid``, and of one home folder where the environment names one (hook/PROTOCOL.md).

    ``home_override`` is the value of ``CLAUDE_MONITOR_HOME`` as it stands there, ``""`` where it is not set. Two
    spellings of one folder are two pipes: the rule has to work without asking the disk.
    """
    return _PREFIX + sid + (f"-{fnv1a_64(_utf8(home_override)):016x}" if home_override else "")


def fnv1a_64(data: bytes) -> int:
    """The hash of http://www.isthe.com/chongo/tech/comp/fnv/, 64 bits wide."""
    value = _FNV_OFFSET
    for byte in data:
        value = (value ^ byte) * _FNV_PRIME % 2**64
    return value


def _utf8(text: str) -> bytes:
    # Windows' names are any 16-bit numbers; its own conversion to UTF-8, which the hook uses, replaces what has none.
    return _LONE_SURROGATE.sub("�", text).encode()
