"""`claude-monitor today` as the running tray tells it: the same bytes, and the usual way wherever it cannot be."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from monitor_core.wire import Command, encode, refusal
from monitor_tray import __version__, pipe
from monitor_tray.clock import now_ms
from monitor_tray.render import hints
from tests.recorded.day import zone_where_it_is_five
from tests.tray.command_line import MINUTE_MS, CommandLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.paths import Paths
    from monitor_core.wire import WireEvent
    from monitor_tray.pipe import Handler, PipeServer

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there the usual way is the only one")

DEAR = {"click", "msgspec", "peewee", "platformdirs", "rich", "dataclasses", "typing", "monitor_core"}
LOOKS: list[dict[str, str]] = [
    {},
    {"COLUMNS": "40"},
    {"FORCE_COLOR": "1"},
    {"FORCE_COLOR": "1", "COLUMNS": "60", "TERM": "dumb"},
    {"FORCE_COLOR": "1", "NO_COLOR": "1"},
]


@pytest.fixture
def monitor(tmp_path: Path) -> Iterator[CommandLine]:
    """Somewhere it is past five, so that what was hours ago was today."""
    line = CommandLine(tmp_path)
    line.paths.create()
    line.paths.config.write_text(f'timezone = "{zone_where_it_is_five(dt.datetime.now(dt.UTC))}"\n')
    yield line
    line.close()


def modules(said: str) -> set[str]:
    """What a process with ``PYTHONPROFILEIMPORTTIME`` says it imported."""
    return {line.rpartition("|")[2].strip() for line in said.splitlines() if line.startswith("import time:")}


def run(monitor: CommandLine, **environment: str) -> tuple[str, bool]:
    """What `today` prints, and whether it made that itself."""
    done = monitor.run("today", stdin=b"", PYTHONPROFILEIMPORTTIME="1", **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout, "click" in modules(done.stderr)


def told(monitor: CommandLine, **environment: str) -> str:
    text, made_itself = run(monitor, **environment)
    assert not made_itself
    return text


def made(monitor: CommandLine, **environment: str) -> str:
    text, made_itself = run(monitor, **environment)
    assert made_itself
    return text


def usual(monitor: CommandLine, **environment: str) -> str:
    """No options are what is asked for at once."""
    return monitor.ok("today", "--date", "today", stdin=b"", **environment)


def wrapped(sentence: str) -> str:
    return "\n".join(textwrap.wrap(sentence, 88)) + "\n"


def document(**changes: Any) -> dict[str, Any]:
    environment = {name: os.environ[name] for name in ("TZ", "UNICODE_VERSION") if name in os.environ}
    asked = {"version": __version__, "environment": environment, "terminal": False, "encoding": "utf-8", "columns": 80}
    return {**asked, **changes}


class TestTheSameBytes:
    def test_before_anything_is_recorded(self, monitor: CommandLine) -> None:
        monitor.start_tray()
        for look in LOOKS:
            assert told(monitor, **look) == usual(monitor, **look)
        assert told(monitor, COLUMNS="88").endswith(wrapped(hints.NOTHING_RECORDED))

    def test_where_there_is_nothing_today(self, monitor: CommandLine, wire: Callable[..., WireEvent]) -> None:
        monitor.ok("replay", "-", stdin=encode(wire(now_ms() - 48 * 60 * MINUTE_MS, "UserPromptSubmit")))
        monitor.start_tray()
        for look in LOOKS:
            assert told(monitor, **look) == usual(monitor, **look)
        assert told(monitor, COLUMNS="88").endswith(wrapped(hints.NOTHING_IN_RANGE))

    def test_with_hours_of_projects_of_any_name(self, monitor: CommandLine, turn: Callable[..., bytes]) -> None:
        names = ("api", "データ分析", "Überbau", "a\u202eb\x1b[31m", "e\u0301 👩\u200d💻 " + "long " * 20)
        lines = [turn(session_id=f"s{n}", cwd=f"/home/dev/{name}") for n, name in enumerate(names)]
        monitor.ok("replay", "-", stdin=b"".join(lines))
        monitor.start_tray()
        texts = [told(monitor, **look) for look in LOOKS]
        assert texts == [usual(monitor, **look) for look in LOOKS]
        assert len(set(texts)) == 4  # with NO_COLOR it looks as it does by itself
        assert "データ分析" in texts[0]
        assert "\x1b[" not in texts[0] + texts[4]
        assert "\x1b[2;32m" in texts[2]

    def test_on_a_terminal(self, monitor: CommandLine, turn: Callable[..., bytes]) -> None:
        import fcntl  # noqa: PLC0415  POSIX only
        import struct  # noqa: PLC0415
        import termios  # noqa: PLC0415

        def shown(*words: str) -> bytes:
            ours, theirs = os.openpty()
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 63, 0, 0))
            command = [sys.executable, "-m", "monitor_tray", *words]
            subprocess.run(command, env={**monitor.environment, "TERM": "xterm"}, stdout=theirs, check=True)
            os.close(theirs)
            text = b""
            with open(ours, "rb", buffering=0) as terminal, contextlib.suppress(OSError):  # noqa: PTH123  EIO is its end
                while chunk := terminal.read(4096):
                    text += chunk
            return text

        monitor.ok("replay", "-", stdin=turn())
        monitor.start_tray()
        assert shown("today") == shown("today", "--date", "today")
        assert b"\x1b[1m" in shown("today")


def test_it_imports_nothing_that_takes_long(monitor: CommandLine) -> None:
    monitor.start_tray()
    done = monitor.run("today", PYTHONPROFILEIMPORTTIME="1")
    imported = modules(done.stderr)
    assert "monitor_tray.today_at_once" in imported
    assert not DEAR & {name.partition(".")[0] for name in imported}


def test_the_tray_lays_the_text_out_without_rich(monitor: CommandLine, turn: Callable[..., bytes]) -> None:
    monitor.ok("replay", "-", stdin=turn())
    tray = monitor.start_tray(PYTHONPROFILEIMPORTTIME="1")
    told(monitor, FORCE_COLOR="1")
    tray.terminate()
    imported = modules(tray.communicate(timeout=30)[1])
    assert "rich.cells" in imported
    assert not {"rich.console", "rich.text", "rich.style"} & imported


def test_what_was_just_acknowledged_is_in_it(monitor: CommandLine, wire: Callable[..., WireEvent]) -> None:
    monitor.start_tray()
    for number in range(5):
        session = {"session_id": f"s{number}", "cwd": f"/home/dev/project-{number}"}
        begin = now_ms() - 60 * MINUTE_MS
        for at, kind in ((begin, "UserPromptSubmit"), (begin + 9 * MINUTE_MS, "Stop")):
            assert pipe.exchange(monitor.paths, [encode(wire(at, kind, **session))], 10) == [b'{"ok":true}\n']
        assert f"project-{number} " in told(monitor)


class TestTheUsualWay:
    def test_without_a_tray(self, monitor: CommandLine, turn: Callable[..., bytes]) -> None:
        monitor.ok("replay", "-", stdin=turn())
        assert made(monitor) == usual(monitor)

    def test_of_a_tray_that_was_killed(self, monitor: CommandLine, turn: Callable[..., bytes]) -> None:
        monitor.ok("replay", "-", stdin=turn())
        tray = monitor.start_tray()
        tray.kill()
        tray.wait(30)
        assert monitor.paths.socket.exists()
        assert made(monitor) == usual(monitor)

    @pytest.mark.parametrize("other", [{"TZ": "Pacific/Auckland"}, {"UNICODE_VERSION": "9.0.0"}])
    def test_in_an_environment_that_may_tell_something_else(
        self, monitor: CommandLine, turn: Callable[..., bytes], other: dict[str, str]
    ) -> None:
        monitor.paths.config.unlink()
        monitor.ok("replay", "-", stdin=turn())
        monitor.start_tray(TZ="Europe/Berlin")
        told(monitor, TZ="Europe/Berlin")
        environment = {"TZ": "Europe/Berlin", **other}
        assert made(monitor, **environment) == usual(monitor, **environment)

    def test_of_another_home_of_the_person(self, monitor: CommandLine, tmp_path: Path) -> None:
        monitor.start_tray()
        made(monitor, HOME=str(tmp_path / "elsewhere"))

    def test_in_a_zone_that_is_a_guess_because_that_is_said(self, monitor: CommandLine) -> None:
        monitor.paths.config.unlink()
        monitor.start_tray(TZ="Nowhere/Town")
        assert "Nowhere/Town" in monitor.run("today", TZ="Nowhere/Town").stderr

    def test_of_bad_settings_which_are_named(self, monitor: CommandLine) -> None:
        monitor.start_tray()
        told(monitor)
        monitor.paths.config.write_text("idle_timeout = []\n")
        assert monitor.fails("today") == monitor.fails("today", "--date", "today")
        monitor.paths.config.unlink()
        told(monitor)

    def test_into_what_is_not_utf_8(self, monitor: CommandLine, turn: Callable[..., bytes]) -> None:
        monitor.ok("replay", "-", stdin=turn())
        monitor.start_tray()
        text = made(monitor, PYTHONIOENCODING="ascii")
        assert text.isascii()
        assert text == usual(monitor, PYTHONIOENCODING="ascii")

    @pytest.mark.parametrize(
        "answer", [refusal("there is no command 'today'; there are status"), b"[]\n", b'{"ok":true}\n', b"what?\n"]
    )
    def test_of_a_tray_that_knows_of_no_text(
        self, monitor: CommandLine, paths: Paths, serve: Callable[[Handler], PipeServer], answer: bytes
    ) -> None:
        asked = []

        def handle(line: bytes, reply: Callable[[bytes], None]) -> None:
            asked.append(line)
            reply(answer)

        serve(handle)
        made(monitor, CLAUDE_MONITOR_HOME=str(paths.home))
        assert msgspec.json.decode(asked[0])["today"]["version"] == __version__

    @pytest.mark.parametrize("part", [b"", b"{"])
    def test_of_a_tray_that_never_comes_to_an_end(self, monitor: CommandLine, tmp_path: Path, part: bytes) -> None:
        """It would take minutes."""
        home = tmp_path / "silent"
        home.mkdir(mode=0o700)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(home / "hook.sock"))
            listener.listen()
            answering = threading.Thread(target=slowly, args=(listener, part))
            answering.start()
            made(monitor, CLAUDE_MONITOR_HOME=str(home))
            answering.join()

    def test_of_a_tray_with_a_long_queue(self, monitor: CommandLine, tmp_path: Path) -> None:
        home = tmp_path / "busy"
        home.mkdir(mode=0o700)
        with socket.socket(socket.AF_UNIX) as listener, contextlib.ExitStack() as queue:
            listener.bind(str(home / "hook.sock"))
            listener.listen(0)
            with contextlib.suppress(BlockingIOError):
                for _ in range(10):
                    client = queue.enter_context(socket.socket(socket.AF_UNIX))
                    client.setblocking(False)
                    client.connect(str(home / "hook.sock"))
            made(monitor, CLAUDE_MONITOR_HOME=str(home))


def slowly(listener: socket.socket, part: bytes) -> None:
    client, _ = listener.accept()
    with client, contextlib.suppress(ConnectionError):
        client.settimeout(0.1)
        for _ in range(1_000):
            client.sendall(part)
            with contextlib.suppress(TimeoutError):
                if not client.recv(65_536):
                    return


class TestRefusals:
    @pytest.fixture
    def ask(self, monitor: CommandLine) -> Callable[[object], dict[str, Any]]:
        monitor.environment["HOME"] = os.environ.get("HOME", "")
        monitor.start_tray(**{name: os.environ[name] for name in ("TZ", "UNICODE_VERSION") if name in os.environ})

        def exchange(asked: object) -> dict[str, Any]:
            line = encode(Command("today", today=msgspec.Raw(msgspec.json.encode(asked))))
            (answer,) = pipe.exchange(monitor.paths, [line], 10)
            decoded = msgspec.json.decode(answer)
            assert isinstance(decoded, dict)
            return decoded

        return exchange

    def test_who_is_of_another_version_gets_no_text(self, ask: Callable[[object], dict[str, Any]]) -> None:
        asked = document()
        asked["environment"]["HOME"] = os.environ.get("HOME", "")
        assert ask(asked)["text"]
        assert __version__ in ask({**asked, "version": "0.0.1"})["error"]
        assert "HOME" in ask({**asked, "environment": {**asked["environment"], "HOME": "/elsewhere"}})["error"]

    @pytest.mark.parametrize("asked", [None, {}, [], {"version": __version__}, document(columns="80")])
    def test_what_is_no_question_gets_no_text(self, ask: Callable[[object], dict[str, Any]], asked: object) -> None:
        assert ask(asked).keys() == {"error"}


class TestStdout:
    def test_whoever_has_read_enough_is_no_failure(self, monitor: CommandLine) -> None:
        monitor.start_tray()
        read, write = os.pipe()
        os.close(read)
        done = self.into(monitor, write)
        assert done.returncode == 0
        assert not [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
        assert "peewee" not in modules(done.stderr)

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a disk that is always full")
    def test_a_full_disk_is_one_sentence(self, monitor: CommandLine) -> None:
        monitor.start_tray()
        done = self.into(monitor, os.open("/dev/full", os.O_WRONLY))
        assert done.returncode == 1
        (sentence,) = (line for line in done.stderr.splitlines() if not line.startswith("import time:"))
        assert sentence == "claude-monitor: No space left on device; `claude-monitor status` may tell more"
        assert "peewee" not in modules(done.stderr)

    def test_none_is_none_of_our_business(self, monitor: CommandLine) -> None:
        monitor.start_tray()
        command = ["sh", "-c", f"exec '{sys.executable}' -m monitor_tray today >&-"]
        done = subprocess.run(command, env=monitor.environment, stderr=subprocess.PIPE, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")

    def into(self, monitor: CommandLine, stdout: int) -> subprocess.CompletedProcess[str]:
        environment = {**monitor.environment, "PYTHONPROFILEIMPORTTIME": "1"}
        command = [sys.executable, "-m", "monitor_tray", "today"]
        try:
            return subprocess.run(
                command, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
            )
        finally:
            os.close(stdout)
