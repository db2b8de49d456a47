"""Where the home is on Linux, macOS and their kin, and being there.

For what must start quickly, too: it imports next to nothing.
"""

from __future__ import annotations

import contextlib
import os
import sys

TYPE_CHECKING = False  # typing takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Iterator

_DATA_FOLDER = "/Library/Application Support" if sys.platform == "darwin" else "/.local/share"


def find_home() -> str | None:
    """The rule is platformdirs'; it is written out in hook/PROTOCOL.md."""
    if chosen := os.environ.get("CLAUDE_MONITOR_HOME"):
        return chosen if chosen.startswith("/") else None
    data = os.environ.get("XDG_DATA_HOME", "")
    if data.startswith("/"):
        return f"{data}/claude-monitor"
    home = os.environ.get("HOME", "")
    if not home.startswith("/"):
        import pwd  # noqa: PLC0415  next to nobody has no HOME

        home = pwd.getpwuid(os.getuid()).pw_dir
    return f"{home}{_DATA_FOLDER}/claude-monitor" if home.startswith("/") else None


@contextlib.contextmanager
def inside(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Makes ``folder`` the working directory meanwhile. Only for places where no other thread needs it."""
    # With O_PATH also a folder that may be entered and not read.
    before = os.open(".", getattr(os, "O_PATH", os.O_RDONLY))
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(before)
        os.close(before)
