"""What the tray answers who asks for `claude-monitor today` at once: the text that the command itself would print.

It is made by the command's own code. Where the command might print something else, as in another zone, or something
beside it, as of bad settings, the tray says so instead, and the command goes its usual way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from monitor_core.days import system_zone
from monitor_core.errors import MonitorError
from monitor_core.periods import Kind
from monitor_core.wire import refusal
from monitor_tray import __version__
from monitor_tray.asking import Asked, answer, text_of
from monitor_tray.render.text import Look
from monitor_tray.today_at_once import ALIKE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor_core.paths import Paths


class _Asking(msgspec.Struct, frozen=True):
    """Who asks, and where it is going to be read; see `today_at_once`."""

    version: str
    environment: dict[str, str]
    terminal: bool
    encoding: str
    columns: int | None


def answered(place: Paths, document: bytes, environment: Mapping[str, str]) -> bytes:
    """The line that answers ``document``; ``environment`` is this process's own."""
    try:
        asking = msgspec.json.decode(document, type=_Asking)
        if otherwise := _otherwise(asking, environment):
            return refusal(otherwise)
        look = Look.of_facts(asking.terminal, asking.encoding, asking.columns, asking.environment)
        text = text_of(answer(place, Asked(Kind.DAY, "today")), look)
        return msgspec.json.encode({"ok": True, "text": text}) + b"\n"
    except (MonitorError, msgspec.DecodeError, UnicodeError) as error:
        return refusal(str(error))


def _otherwise(asking: _Asking, environment: Mapping[str, str]) -> str:
    """Why it would be another text; ``""`` where it would not."""
    if asking.version != __version__:
        return f"this is version {__version__}, not {asking.version}"
    for name in ALIKE:
        if asking.environment.get(name) != environment.get(name):
            return f"{name} is another one here"
    return system_zone(environment).doubt
