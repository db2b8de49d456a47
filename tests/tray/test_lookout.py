"""A tray process and a client that is killed: what becomes of it in the store. The client's hooks are ours."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from monitor_core.ingest import Ingest
from monitor_core.paths import Paths
from monitor_core.projects import Surroundings
from monitor_core.store import WritableStore
from monitor_tray.lookout import TROUBLE_S, WAITING_S, Lookout
from monitor_tray.spool import Spool
from tests.recorded.sessions import Step, call_hook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.wire import WireEvent

pytestmark = pytest.mark.timeout(300)

HOOK = [sys.executable, "-m", "monitor_tray", "hook"]


class Desk:
    """A person's machine: a home, a tray that may run, clients that run until they are killed."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder / "monitor")
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        self._environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ},
            "HOME": str(folder),
            "CLAUDE_MONITOR_HOME": str(self.paths.home),
            "PYTHONPATH": os.pathsep.join(part for part in sys.path if part),
        }

    def start_tray(self) -> subprocess.Popen[bytes]:
        tray = self._start("-m", "monitor_tray", "tray", "--headless")
        self.until(lambda: self.paths.socket.exists() or tray.poll() is not None)
        return tray

    def start_client(self, session_id: str) -> Client:
        return Client(self, self._start("-c", "import time; time.sleep(600)"), session_id)

    def call_hook(self, step: Step) -> None:
        call_hook(HOOK, step, self.paths.home, **self._environment)

    def config(self, session_id: str) -> Path:
        """Each client has a configuration of its own."""
        return self._folder / f"config-{session_id}"

    def kinds(self, session_id: str) -> list[str]:
        """What is stored of a session, by time."""
        rows = self._query(
            "SELECT kind FROM event JOIN stream ON stream.id = stream_id WHERE session_id = ? ORDER BY t, uuid",
            session_id,
        )
        return [kind for (kind,) in rows]

    def stored(self, kind: str) -> list[tuple[Any, ...]]:
        return self._query("SELECT t, json_extract(detail, '$.pid'), uuid FROM event WHERE kind = ?", kind)

    @staticmethod
    def until(condition: Callable[[], bool]) -> None:
        # A hook that missed its deadline leaves its event in the spool, which is emptied once a minute.
        for _ in range(5_000):
            if condition():
                return
            time.sleep(0.02)
        raise AssertionError("it never happened")

    def close(self) -> None:
        for process in reversed(self._started):
            end(process)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, *words], env=self._environment, stderr=subprocess.DEVNULL)
        self._started.append(process)
        return process

    def _query(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(f"{self.paths.database.as_uri()}?mode=ro", uri=True)) as database:
            return database.execute(sql, values).fetchall()


class Client:
    def __init__(self, desk: Desk, process: subprocess.Popen[bytes], session_id: str) -> None:
        self._desk = desk
        self.process = process
        self.session_id = session_id
        self.config = desk.config(session_id)
        self.transcript = self.config / "projects/-home-dev" / f"{session_id}.jsonl"
        self.transcript.parent.mkdir(parents=True)

    def tell(self, kind: str, **fields: str) -> None:
        payload = {
            "session_id": self.session_id,
            "transcript_path": str(self.transcript),
            "cwd": "/home/dev",
            "hook_event_name": kind,
            **fields,
        }
        environment = {"CLAUDE_PID": str(self.process.pid), "CLAUDE_CONFIG_DIR": str(self.config)}
        self._desk.call_hook(Step(0, environment, payload))

    def begin_to_work(self) -> None:
        self.tell("SessionStart", source="startup")
        self.tell("UserPromptSubmit", prompt="go")
        self.tell("PreToolUse", tool_name="Bash")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    process.wait(30)


def interruption(at: dt.datetime) -> str:
    """The line of a transcript."""
    line = {
        "type": "user",
        "isSidechain": False,
        "timestamp": at.isoformat(timespec="milliseconds"),
        "message": {
            "role": "user",
            "content": [{"type": "text", "text": "[Request interrupted by user for tool use]"}],
        },
    }
    return json.dumps(line) + "\n"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path)
    yield found
    found.close()


BEGUN = ["SessionStart", "UserPromptSubmit", "PreToolUse"]


def test_a_client_that_is_killed_is_gone_in_the_store(desk: Desk) -> None:
    desk.start_tray()
    killed, ended, alive = desk.start_client("killed"), desk.start_client("ended"), desk.start_client("alive")
    for client in (killed, ended, alive):
        client.begin_to_work()
    ended.tell("SessionEnd", reason="other")
    ended.kill()
    killed.kill()

    desk.until(lambda: desk.kinds("killed") == [*BEGUN, "ProcessGone"])
    assert desk.kinds("alive") == BEGUN
    assert desk.kinds("ended") == [*BEGUN, "SessionEnd"]
    ((_, pid, _),) = desk.stored("ProcessGone")
    assert pid == killed.process.pid


def test_a_client_that_was_killed_while_the_tray_was_down_is_noticed_when_it_starts(desk: Desk) -> None:
    tray = desk.start_tray()
    killed, ended, alive = desk.start_client("killed"), desk.start_client("ended"), desk.start_client("alive")
    for client in (killed, ended, alive):
        client.begin_to_work()
    desk.until(lambda: all(desk.kinds(name) == BEGUN for name in ("killed", "ended", "alive")))
    end(tray)
    killed.kill()
    ended.tell("SessionEnd", reason="other")  # goes to the spool
    ended.kill()
    assert desk.stored("ProcessGone") == []

    desk.start_tray()
    desk.until(lambda: desk.kinds("killed") == [*BEGUN, "ProcessGone"])
    assert desk.kinds("alive") == BEGUN
    assert desk.kinds("ended") == [*BEGUN, "SessionEnd"]


def test_a_tray_that_starts_again_notices_nothing_twice(desk: Desk) -> None:
    tray = desk.start_tray()
    first, second = desk.start_client("first"), desk.start_client("second")
    for client in (first, second):
        client.begin_to_work()
    first.kill()
    desk.until(lambda: desk.kinds("first") == [*BEGUN, "ProcessGone"])
    end(tray)
    desk.start_tray()
    second.kill()
    desk.until(lambda: desk.kinds("second") == [*BEGUN, "ProcessGone"])
    assert desk.kinds("first") == [*BEGUN, "ProcessGone"]


def test_esc_is_an_event_in_the_store(desk: Desk) -> None:
    desk.start_tray()
    client = desk.start_client("s")
    client.begin_to_work()
    at = dt.datetime.now(dt.UTC).replace(microsecond=123_000) + dt.timedelta(seconds=1)
    client.transcript.write_text(interruption(at))
    desk.until(lambda: desk.kinds("s") == [*BEGUN, "Interrupted"])
    ((t, _, _),) = desk.stored("Interrupted")
    assert t == round(at.timestamp() * 1_000)


@pytest.fixture
def noticed(tmp_path: Path, wire: Callable[..., WireEvent]) -> Noticed:
    return Noticed(tmp_path, wire)


class Noticed:
    """A lookout, not in a thread, and a store with turns that were interrupted."""

    def __init__(self, folder: Path, wire: Callable[..., WireEvent]) -> None:
        self.paths = Paths(folder / "monitor")
        self.paths.create()
        self._wire = wire
        self._folder = folder
        self._found: list[WireEvent] = []
        self._lookout = Lookout(self.paths, Spool(self.paths), folder, self._found.append)

    def interrupt(self, *sessions: str) -> None:
        """Stores a prompt for each session; the transcripts say that Esc followed."""
        now = dt.datetime.now(dt.UTC)
        prompts = []
        for name in sessions:
            file = self._folder / "projects/-home-dev" / f"{name}.jsonl"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(interruption(now - dt.timedelta(seconds=10)))
            at_ms = round(now.timestamp() * 1_000) - 60_000
            prompts.append(self._wire(at_ms, "UserPromptSubmit", session_id=name, transcript_path=str(file)))
        store = WritableStore(self.paths.database, self.paths.backups, now_ms=0)
        Ingest(store, Surroundings(home="/home/dev", temporary=())).take(prompts)
        store.close()

    def look(self) -> float | None:
        return self._lookout._look()  # its thread does no more than this, again and again

    def found(self) -> list[str]:
        return [f"{event.hook_event_name} {event.session_id}" for event in self._found]


def test_while_events_wait_in_the_spool_nothing_is_decided(noticed: Noticed) -> None:
    noticed.interrupt("a")
    waiting = noticed.paths.spool_new / "1-x.json"
    waiting.touch()
    assert noticed.look() == WAITING_S
    assert noticed.found() == []
    waiting.unlink()
    noticed.look()
    assert noticed.found() == ["Interrupted a"]


def test_a_store_that_was_replaced_is_read_from_its_beginning(noticed: Noticed) -> None:
    noticed.interrupt("a", "b", "c")
    noticed.look()
    for file in noticed.paths.home.glob("monitor.db*"):
        file.unlink()
    noticed.interrupt("d")
    noticed.look()
    assert noticed.found() == ["Interrupted a", "Interrupted b", "Interrupted c", "Interrupted d"]


def test_a_store_that_cannot_be_read_is_tried_again(noticed: Noticed) -> None:
    noticed.paths.database.write_bytes(b"no database" * 1_000)
    assert noticed.look() == TROUBLE_S
    noticed.paths.database.unlink()
    noticed.interrupt("a")
    noticed.look()
    assert noticed.found() == ["Interrupted a"]
