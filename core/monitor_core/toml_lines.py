"""On which line of a TOML text a key is: `tomllib` keeps values, and forgets where it read them."""

from __future__ import annotations

import tomllib
from typing import Any

_MAX_STATEMENT_LINES = 200  # each line of one costs a look at all before it


def line_of(text: str, key: tuple[str, ...]) -> int | None:
    """The line on which the statement begins that gives ``key``, in ``text`` that is known to be TOML.

    It takes the text apart: a statement is the fewest whole lines that are TOML by themselves. ``None`` where nothing
    gives the key, or a statement before it has more than 200 lines; an entry of a list or of a table in braces is
    found at the line on which that begins.
    """
    lines, start = text.replace("\r\n", "\n").split("\n"), 0
    table: tuple[str, ...] = ()
    while start < len(lines):
        parsed, count = _statement(lines[start : start + _MAX_STATEMENT_LINES])
        if parsed is None:
            return None
        if lines[start].lstrip().startswith("["):
            table = _header(parsed)
            found = table[: len(key)] == key
        else:
            found = key[: len(table)] == table and _gives(parsed, key[len(table) :])
        if found:
            return start + 1
        start += count
    return None


def _statement(lines: list[str]) -> tuple[dict[str, Any] | None, int]:
    for count in range(1, len(lines) + 1):
        try:
            return tomllib.loads("\n".join(lines[:count])), count
        except tomllib.TOMLDecodeError:
            continue
    return None, 0


def _header(parsed: dict[str, Any]) -> tuple[str, ...]:
    """``[a.b]``, parsed by itself, as ``("a", "b")``."""
    names = []
    inner: Any = parsed
    while inner:
        [(name, inner)] = inner.items()
        names.append(name)
        if isinstance(inner, list):
            inner = inner[0]
    return tuple(names)


def _gives(parsed: Any, key: tuple[str, ...]) -> bool:
    for name in key:
        if not isinstance(parsed, dict) or name not in parsed:
            return False
        parsed = parsed[name]
    return True
