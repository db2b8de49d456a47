"""What is measured, as processes: the product's tray in a home of its own, and the C programs that drive it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from monitor_core.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0


@contextlib.contextmanager
def folder_on_disk() -> Iterator[Path]:
    """As homes are: not in memory, and not where other programs leave and delete files by the thousand."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "build") as folder:
        yield Path(folder)


def new_home(folder: Path, name: str) -> Path:
    """An empty home in ``folder``."""
    home = folder / name
    home.mkdir(mode=0o700)
    return home


def environment_of(home: Path) -> dict[str, str]:
    """One in which nothing but ``home`` and Python's compiled modules are written to, as where people install it."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "CLAUDE_MONITOR_HOME": str(home), "HOME": str(home)}


def product(home: Path, *words: str, check: bool = True) -> str:
    """What a command of the product prints; it has to succeed, unless ``check`` is false."""
    command = [sys.executable, "-m", "monitor_tray", *words]
    return subprocess.run(command, env=environment_of(home), check=check, capture_output=True, text=True).stdout


@contextlib.contextmanager
def tray(home: Path) -> Iterator[int]:
    """The product's own tray, which commits each event before it answers; its process id. Without an icon."""
    command = [sys.executable, "-m", "monitor_tray", "tray", "--headless"]
    with subprocess.Popen(command, env=environment_of(home), stderr=subprocess.DEVNULL) as process:
        try:
            until((home / "hook.sock").exists, "the tray did not start")
            yield process.pid
        finally:
            process.terminate()


def connected(home: Path, patience_s: float) -> socket.socket:
    """A connection to the tray of ``home``, whose name is short enough.

    `monitor_tray.pipe` makes one for any, by changing the folder of the process: other threads here need theirs.
    """
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(patience_s)
    client.connect(str(Paths(home).socket))
    return client


def until(condition: Callable[[], bool], otherwise: str, patience_s: float = PATIENCE_S) -> None:
    """Returns when ``condition()`` is true."""
    give_up_at = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > give_up_at:
            raise SystemExit(f"within {patience_s:g} s: {otherwise}")
        time.sleep(0.02)


def memory_mb(pid: int) -> dict[str, float]:
    """What the kernel says of the memory of a process, by its names (``Rss``, ``Pss``, …), in MB of a million bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) * 1_024 / 1e6 for name, _, rest in (line.partition(":") for line in lines)}


def compiled(folder: Path, name: str) -> Path:
    """The C program ``name`` of this folder, static as the hook is."""
    path = folder / name
    compiler = [sys.executable, "-m", "ziglang", "cc", "-target", f"{os.uname().machine}-linux-musl"]
    subprocess.run([*compiler, "-std=c11", "-O2", "-o", path, Path(__file__).with_name(f"{name}.c")], check=True)
    return path
