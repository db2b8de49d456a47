"""What the tests of the hook share: the two hooks, a listener, and a look at what was left on disk."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).resolve().parent.parent.parent
PAYLOADS = ROOT / "tests" / "recorded" / "payloads"
OK = b'{"ok":true}\n'
LINE_LIMIT = 16 * 1024

#: What every hook stamps on an event, in the order of the line.
STAMPS = ("v", "id", "t", "awake", "took_us", "pid", "project_dir", "config_dir", "attended", "auto")
FIELDS = (
    "hook_event_name", "session_id", "prompt_id", "agent_id", "agent_type", "cwd", "transcript_path", "permission_mode",
    "source", "reason", "notification_type", "tool_name", "tool_use_id", "duration_ms", "model", "is_interrupt",
    "error",
)  # fmt: skip


def compile_hook(*arguments: str) -> Path:
    """The executable that packaging/compile_hook.py makes, or has made before."""
    command: list[str | Path] = [sys.executable, ROOT / "packaging" / "compile_hook.py", "--strict", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().partition(": ")[2])


@dataclass(frozen=True)
class Hook:
    """One of the hooks, with a home of its own."""

    name: str
    command: tuple[str, ...]
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of the real environment gets in."""
        return {
            "CLAUDE_MONITOR_HOME": str(self.home),
            "HOME": str(self.home.parent / "real-home-of-nobody"),
            "PYTHONPATH": str(ROOT / "tray"),
            "PATH": os.defpath,
            **more,
        }

    def start(self, environment: Mapping[str, str] | None = None, **options: Any) -> subprocess.Popen[bytes]:
        """The process, with pipes for stdin, stdout and stderr unless ``options`` say otherwise."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            self.command, env=self.environment() if environment is None else environment, **{**pipes, **options}
        )

    def run(self, payload: bytes | dict[str, object], **environment: str) -> None:
        """Runs to the end. It prints nothing and exits 0, always."""
        self.run_in(payload, self.environment(**environment))

    def run_in(self, payload: bytes | dict[str, object], environment: Mapping[str, str]) -> None:
        """The same with exactly this environment."""
        text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        process = self.start(environment)
        out, err = process.communicate(text, timeout=60)
        assert (out, err, process.returncode) == (b"", b"", 0)

    def lines(self) -> list[bytes]:
        """The spooled lines, by time."""
        return [path.read_bytes() for path in sorted((self.home / "spool" / "new").glob("*.json"))]

    def tell(self, payload: bytes | dict[str, object], **environment: str) -> dict[str, Any] | None:
        """The one line that ``payload`` becomes while nobody listens, decoded; None for no event."""
        before = set(self.lines())
        self.run(payload, **environment)
        fresh = [line for line in self.lines() if line not in before]
        assert len(fresh) <= 1
        if not fresh:
            return None
        assert len(fresh[0]) <= LINE_LIMIT
        assert fresh[0].endswith(b"}\n")
        assert fresh[0].count(b"\n") == 1
        decoded = json.loads(fresh[0])
        assert isinstance(decoded, dict)
        return decoded

    def tell_fields(self, payload: bytes | dict[str, object], **environment: str) -> dict[str, Any] | None:
        """The same without the stamps."""
        line = self.tell(payload, **environment)
        return None if line is None else {key: value for key, value in line.items() if key not in STAMPS}


class Listener:
    """Listens in ``home`` and lets ``answer`` do what it likes with each connection and the line that came over it."""

    def __init__(self, home: Path, answer: Callable[[socket.socket, bytes], None], backlog: int = 64) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.lines: list[bytes] = []
        self._answer = answer
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
        self._server.bind(f"/proc/self/fd/{folder}/hook.sock")  # the whole name may be too long
        os.close(folder)
        self._server.listen(backlog)
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()
        for connection in self._open:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._open.append(connection)
            line = b""
            while not line.endswith(b"\n") and (chunk := connection.recv(65536)):
                line += chunk
            self.lines.append(line)
            try:
                self._answer(connection, line)
            except OSError:
                continue  # the hook's deadline was over


def recorded(name: str) -> bytes:
    """A payload of the real client."""
    return (PAYLOADS / name).read_bytes()


def event(**more: object) -> dict[str, object]:
    """The least that is an event, and ``more``."""
    return {"session_id": "s", "hook_event_name": "PostToolUse", **more}
