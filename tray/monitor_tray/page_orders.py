"""What the tray and the process that makes its pages say to each other: one line of JSON there, one back."""

from __future__ import annotations

import msgspec

from monitor_core.periods import Kind
from monitor_core.tries import Tries


class Order(msgspec.Struct, frozen=True):
    """The report of the day, the week, the month or the year that it is; or today's of the ``project`` at a path."""

    kind: Kind = Kind.DAY
    project: str | None = None


class Said(msgspec.Struct, frozen=True):
    """A line for the log."""

    level: int
    logger: str
    message: str


class Made(msgspec.Struct, frozen=True):
    """The ``page``, a path; or why there is none, where ``error`` is not empty.

    ``queries`` are the named ones with the seconds that each took, ``tries`` those of each cache, and ``said`` what is
    to be logged: all of this page alone.
    """

    page: str = ""
    error: str = ""
    queries: tuple[tuple[str, float], ...] = ()
    tries: dict[str, Tries] = {}
    said: tuple[Said, ...] = ()


encode = msgspec.json.encode
decode_order = msgspec.json.Decoder(Order).decode
decode_made = msgspec.json.Decoder(Made).decode
