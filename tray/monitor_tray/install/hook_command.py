"""The installed command `claude-monitor-hook`: where it is, and whether it is the native one."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

NAME = "claude-monitor-hook"


def find() -> Path | None:
    """The hook that came with this installation, else one on PATH; None where there is none."""
    name = f"{NAME}.exe" if sys.platform == "win32" else NAME
    own = Path(sysconfig.get_path("scripts")) / name
    if own.is_file():
        return own
    on_path = shutil.which(NAME)
    return Path(on_path).absolute() if on_path else None


def kind(command: Path) -> str:
    """``native``, or ``Python`` where no compiler was there when it was installed."""
    with command.open("rb") as file:
        return "Python" if file.read(2) == b"#!" else "native"
