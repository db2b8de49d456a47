"""The command line in processes of their own, with a home of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from monitor_core.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MINUTE_MS = 60_000
BERLIN = 'timezone = "Europe/Berlin"\n'


class CommandLine:
    def __init__(self, home: Path) -> None:
        self.paths = Paths(home / "monitor")
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG", "COVERAGE_PROCESS_START") if name in os.environ},
            "HOME": str(home),
            "CLAUDE_MONITOR_HOME": str(self.paths.home),
            "XDG_RUNTIME_DIR": str(home),
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        }
        self._started: list[subprocess.Popen[str]] = []

    def run(self, *words: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "monitor_tray", *words],
            env={**self.environment, **environment},
            input=stdin,
            capture_output=True,
            check=False,
            timeout=60,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def ok(self, *words: str, stdin: bytes = b"", **environment: str) -> str:
        done = self.run(*words, stdin=stdin, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fails(self, *words: str, status: int = 1, stdin: bytes = b"", **environment: str) -> str:
        done = self.run(*words, stdin=stdin, **environment)
        assert done.returncode == status, (done.stdout, done.stderr)
        return done.stderr

    def start_tray(self, **environment: str) -> subprocess.Popen[str]:
        tray = subprocess.Popen(
            [sys.executable, "-m", "monitor_tray", "tray", "--headless"],
            env={**self.environment, **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(tray)
        wait_until(lambda: self.paths.socket.exists() or tray.poll() is not None)
        return tray

    def close(self) -> None:
        for tray in self._started:
            if tray.poll() is None:
                tray.terminate()
            tray.wait(30)
            assert tray.stderr is not None
            tray.stderr.close()


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it never happened")
