"""JSON as text: a strict scanner that tells where every value stands.

It builds no Python values beyond strings, recurses nowhere and keeps every span, so that a document can be changed in
one place and stay as it was, byte for byte, in all others. Changing it is the business of `json_edit`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Literal, NoReturn

Kind = Literal["object", "array", "string", "number", "word"]

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING_PART = r'[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*'
_TOKEN = re.compile(
    rf'(?P<mark>[{{}}\[\],:])|(?P<string>"{_STRING_PART}")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(?P<word>true|false|null)"
)
_GOOD_START = re.compile(f'"{_STRING_PART}')
_BAD_WORD = re.compile(r"[\w.+-]{1,20}")
_LINE_BREAK = re.compile(r"\r\n|\n|\r")


class JsonTextError(ValueError):
    """The text is not strict JSON, or says one thing twice: ``reason`` in words, ``offset`` in characters."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value; its text is ``[start, end)``.

    ``value`` is a string's text with its escapes resolved and the text itself for numbers and words. Only objects and
    arrays have ``children``, in the order of the text.
    """

    kind: Kind
    start: int
    end: int
    value: str = ""
    children: tuple[Child, ...] = ()

    def get(self, key: str) -> Node | None:
        """The value of an object's key; `None` where there is none, and for everything but objects."""
        return next((child.node for child in self.children if child.key == key), None)


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """An array's item (``key`` is `None`) or an object's member, whose text starts with the key."""

    key: str | None
    start: int
    node: Node

    @property
    def end(self) -> int:
        """Where the value's text ends, exclusive."""
        return self.node.end


def parse(text: str) -> Node:
    """The document's one value.

    Stricter than RFC 8259 in one thing: an object with one key twice is refused, because nobody can tell which of them
    is meant. Raises `JsonTextError`.
    """
    return _Scanner(text).document()


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Where ``offset`` is for a person: both count from 1, columns in characters; CR, LF and CRLF end a line."""
    line, start = 1, 0
    for found in _LINE_BREAK.finditer(text, 0, offset):
        line, start = line + 1, found.end()
    return line, offset - start + 1


@dataclass(slots=True)
class _Open:
    """An object or array whose end has not been seen."""

    kind: Literal["object", "array"]
    start: int
    children: list[Child] = field(default_factory=list)
    key_starts: dict[str, int] = field(default_factory=dict)
    key: str | None = None
    child_start: int = 0

    @property
    def closing(self) -> str:
        return "}" if self.kind == "object" else "]"

    def closed(self, end: int) -> Node:
        return Node(self.kind, self.start, end, children=tuple(self.children))


class _Scanner:
    """Reads one document from left to right; the stack of open containers is a list, so depth cannot hurt."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = self._after_space(0)
        self._open: list[_Open] = []

    def document(self) -> Node:
        while True:
            node = self._value()
            while node is not None:
                if not self._open:
                    if self._at < len(self._text):
                        raise JsonTextError("the document is complete, but something follows it", self._at)
                    return node
                node = self._attach(node)

    def _value(self) -> Node | None:
        """The next value if it is complete; `None` when it is the start of a container with something in it."""
        kind, start, end = self._take("a value")
        if kind != "mark":
            return Node(kind, start, end, self._resolved(start, end) if kind == "string" else self._text[start:end])
        if self._text[start] not in "{[":
            raise JsonTextError(f"{self._text[start]} stands where a value was expected", start)
        container = _Open("object" if self._text[start] == "{" else "array", start)
        if self._next_is(container.closing):
            return container.closed(self._take("")[2])
        self._open.append(container)
        self._start_child(container)
        return None

    def _attach(self, node: Node) -> Node | None:
        """Puts a complete value into its container, and returns that if it is complete now."""
        container = self._open[-1]
        container.children.append(Child(container.key, container.child_start, node))
        _kind, start, end = self._take(f", or {container.closing}")
        mark = self._text[start:end]
        if mark == ",":
            if self._next_is(container.closing):
                raise JsonTextError(f"a comma with nothing between it and the closing {container.closing}", start)
            self._start_child(container)
            return None
        if mark != container.closing:
            raise JsonTextError(f"{_shown(mark)} stands where , or {container.closing} was expected", start)
        self._open.pop()
        return container.closed(end)

    def _start_child(self, container: _Open) -> None:
        container.child_start = self._at
        if container.kind == "array":
            return
        kind, start, end = self._take("a key in double quotes")
        if kind != "string":
            shown = _shown(self._text[start:end])
            raise JsonTextError(f"{shown} stands where a key in double quotes was expected", start)
        key = self._resolved(start, end)
        if key in container.key_starts:
            line, column = line_and_column(self._text, container.key_starts[key])
            raise JsonTextError(
                f"the key {_shown(key)} is there twice, the first time in line {line}, column {column}", start
            )
        container.key_starts[key] = start
        container.key = key
        _kind, start, end = self._take("a colon")
        if self._text[start:end] != ":":
            raise JsonTextError(f"{_shown(self._text[start:end])} stands where a colon was expected", start)

    def _take(self, expected: str) -> tuple[Literal["mark", "string", "number", "word"], int, int]:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            self._refuse(expected)
        self._at = self._after_space(found.end())
        kind: Literal["mark", "string", "number", "word"] = found.lastgroup  # type: ignore[assignment]
        return kind, found.start(), found.end()

    def _refuse(self, expected: str) -> NoReturn:
        text, at = self._text, self._at
        if at == len(text):
            what = f"the file ends where {expected} was expected" if text.strip(" \t\r\n") else "the file is empty"
            raise JsonTextError(what, at)
        if text[at] == '"':
            _refuse_string(text, at)
        if text[at] == "#" or text.startswith(("//", "/*"), at):
            raise JsonTextError("a comment, which JSON does not have", at)
        word = _BAD_WORD.match(text, at)
        raise JsonTextError(f"{_shown(word.group() if word else text[at])} is not JSON; expected {expected}", at)

    def _resolved(self, start: int, end: int) -> str:
        raw = self._text[start:end]
        resolved: str = json.loads(raw) if "\\" in raw else raw[1:-1]
        return resolved

    def _next_is(self, mark: str) -> bool:
        return self._text.startswith(mark, self._at)

    def _after_space(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at


def _refuse_string(text: str, at: int) -> NoReturn:
    found = _GOOD_START.match(text, at)
    broken = found.end() if found else at
    if broken == len(text):
        raise JsonTextError("a string that begins here has no end", at)
    if text[broken] == "\\":
        raise JsonTextError(f"{_shown(text[broken : broken + 2])} is no escape that JSON knows", broken)
    if text[broken] in "\r\n":
        raise JsonTextError("a string that is not closed on its line", at)
    raise JsonTextError(f"the control character U+{ord(text[broken]):04X} in a string", broken)


def _shown(text: str) -> str:
    """At most 40 characters of the document, safe for a terminal."""
    return ascii(text if len(text) <= 40 else text[:39] + "…") if not text.isascii() else repr(text[:40])
