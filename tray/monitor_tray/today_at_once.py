"""`claude-monitor today` as the tray that runs tells it, without what it takes to make a report.

It imports only what it must, of the standard library: reports, settings and the command line take ten times as long to
import as to ask. The other end is `todays_text`.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time

from monitor_tray import __version__
from monitor_tray.render.columns import columns

#: What the tray must see as the asking process does, or it would tell something else.
ALIKE = ("TZ", "HOME", "UNICODE_VERSION")
#: What colours depend on.
COLOURS = ("TERM", "FORCE_COLOR", "NO_COLOR")

_PATIENCE_S = 0.25
_RECEIVE_BYTES = 64 * 1024


def ask() -> str | None:
    """The text for stdout; None where it has to be made here, for whatever reason."""
    if sys.platform == "win32" or sys.stdout is None or sys.stdout.encoding != "utf-8":
        return None
    try:
        answer = json.loads(_answer(_question()))
    except (OSError, ValueError):
        return None
    text = answer.get("text") if isinstance(answer, dict) else None
    return text if isinstance(text, str) else None


def _question() -> bytes:
    asked = {
        "version": __version__,
        "environment": {name: os.environ[name] for name in (*ALIKE, *COLOURS) if name in os.environ},
        "terminal": sys.stdout.isatty(),
        "encoding": sys.stdout.encoding,
        "columns": columns(sys.stdout, os.environ),
    }
    return json.dumps({"command": "today", "today": asked}).encode() + b"\n"


def _answer(question: bytes) -> bytes:
    """One line. Raises `OSError` where none comes in time."""
    from monitor_tray._home_posix import find_home, inside  # noqa: PLC0415  not for Windows

    deadline = time.monotonic() + _PATIENCE_S
    home = find_home()
    if home is None:
        raise FileNotFoundError
    with socket.socket(socket.AF_UNIX) as tray:
        tray.settimeout(_PATIENCE_S)
        with inside(home):
            tray.connect("hook.sock")
        tray.sendall(question)
        answer = b""
        while not answer.endswith(b"\n"):
            tray.settimeout(max(0.001, deadline - time.monotonic()))
            part = tray.recv(_RECEIVE_BYTES)
            if not part:
                raise ConnectionResetError
            answer += part
    return answer
