"""Picks the fields that may leave out of what Claude Code tells a hook, as hook/pick.c does.

It knows where a JSON object ends, and does not mind depth or size. Nothing below the top level is looked at.
"""

from __future__ import annotations

import enum
import re

#: In the order of the line.
FIELDS = (
    "hook_event_name", "session_id", "prompt_id", "agent_id", "agent_type", "cwd", "transcript_path", "permission_mode",
    "source", "reason", "notification_type", "tool_name", "tool_use_id", "duration_ms", "model", "is_interrupt",
    "error",
)  # fmt: skip

#: Looked at, and never among the fields.
PROMPT = "prompt"

_TOKEN = re.compile(
    rb"""[ \t\n\r]*(?:
        ([{}\[\]:,])
      | ("[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*")
      | (-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![0-9.eE])
      | (true|false|null)
    )""",
    re.VERBOSE,
)
_START_OF_TOKEN = re.compile(
    rb"""[ \t\n\r]*(?:
        ("[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*(?:\\(?:u[0-9a-fA-F]{0,3})?)?)
      | -(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*|(?:\.[0-9]+)?[eE][+-]?[0-9]*)?)?
      | (?:0|[1-9][0-9]*)(?:\.[0-9]*|(?:\.[0-9]+)?[eE][+-]?[0-9]*)?
      | t(?:ru?)? | f(?:a(?:ls?)?)? | n(?:ul?)?
    )?\Z""",
    re.VERBOSE,
)
_ESCAPE = re.compile(
    r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\(.)", re.DOTALL
)
_SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_UNWANTED = re.compile("[\0\ud800-\udfff]")


class Progress(enum.Enum):
    """How far the payload has come."""

    MORE = "more"  # valid so far
    DONE = "done"
    NO_JSON = "no JSON"  # nor any other object


class Picker:
    """One pass over ``payload`` from its beginning.

    ``texts``, ``numbers`` (as written) and ``flags`` hold the fields of these types by name, and the prompt, as far as
    it was read. Of two keys of one name the first counts.
    """

    def __init__(self, payload: bytes) -> None:
        self.texts: dict[str, str] = {}
        self.numbers: dict[str, bytes] = {}
        self.flags: dict[str, bool] = {}
        self._seen: set[str] = set()
        self._stack = bytearray()
        self._wanted: str | None = None
        self._expected = "start"
        self.progress = self._scan(payload)

    def _scan(self, payload: bytes) -> Progress:
        at = 0
        while token := _TOKEN.match(payload, at):
            at = token.end()
            if token[3] and at == len(payload):
                return Progress.MORE if self._may_begin() else Progress.NO_JSON  # a number may go on
            if not self._take(token):
                return Progress.NO_JSON
            if not self._stack:
                return Progress.DONE
        return self._scan_start_of_token(payload, at)

    def _scan_start_of_token(self, payload: bytes, at: int) -> Progress:
        rest = _START_OF_TOKEN.match(payload, at)
        if rest is None or not payload[at:].strip(b" \t\n\r"):
            return Progress.NO_JSON if rest is None else Progress.MORE
        if rest[1] and self._wanted == PROMPT and self._may_begin():
            self.texts[PROMPT] = clean(_unescape(rest[1][1:]))
        if rest[1] and self._expected in ("key", "first key"):
            return Progress.MORE
        return Progress.MORE if self._may_begin() else Progress.NO_JSON

    def _may_begin(self) -> bool:
        return self._expected in ("value", "first value")

    def _take(self, token: re.Match[bytes]) -> bool:
        mark, string = token[1], token[2]
        if self._expected in ("key", "first key") and string:
            self._begin_member(_unescape(string[1:-1]))
        elif self._expected == "colon" and mark == b":":
            self._expected = "value"
        elif self._expected == "after value" and mark == b",":
            self._expected = "key" if self._stack.endswith(b"{") else "value"
        elif mark is not None and mark in b"}]":
            return self._close(mark)
        elif mark is not None and mark in b"{[":
            return self._open(mark)
        elif mark is None and self._may_begin():
            self._keep(token)
            self._expected = "after value"
        else:
            return False
        return True

    def _begin_member(self, key: str) -> None:
        self._wanted = None
        if len(self._stack) == 1 and key not in self._seen and (key in FIELDS or key == PROMPT):
            self._seen.add(key)
            self._wanted = key
        self._expected = "colon"

    def _open(self, mark: bytes) -> bool:
        if not self._may_begin() and not (self._expected == "start" and mark == b"{"):
            return False
        self._stack += mark
        self._wanted = None
        self._expected = "first key" if mark == b"{" else "first value"
        return True

    def _close(self, mark: bytes) -> bool:
        empty = "first key" if mark == b"}" else "first value"
        opened = b"{" if mark == b"}" else b"["
        if self._expected not in ("after value", empty) or not self._stack.endswith(opened):
            return False
        self._stack.pop()
        self._expected = "after value"
        return True

    def _keep(self, token: re.Match[bytes]) -> None:
        if self._wanted is None:
            return
        if token[2]:
            self.texts[self._wanted] = clean(_unescape(token[2][1:-1]))
        elif token[3]:
            self.numbers[self._wanted] = token[3]
        elif token[4] != b"null":
            self.flags[self._wanted] = token[4] == b"true"


def clean(text: str) -> str:
    """``text`` without NUL and without surrogates, some of which stand for bytes that are no UTF-8."""
    return _UNWANTED.sub("\ufffd", text)


def _unescape(inside: bytes) -> str:
    text = inside.decode("utf-8", "surrogateescape")
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    high, low, unit, short = escape.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    return chr(int(unit, 16)) if unit else _SHORT_ESCAPES.get(short, short)
