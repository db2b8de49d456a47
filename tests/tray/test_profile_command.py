"""`claude-monitor profile`: what a running tray is seen to spend its time and memory on, and that it ends."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import msgspec
import pytest

from monitor_core.wire import Command, encode
from monitor_tray import pipe
from monitor_tray.clock import now_ms
from monitor_tray.profiling import Begin
from tests.tray.command_line import CommandLine, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.wire import WireEvent

    Fed = Callable[[], contextlib.AbstractContextManager[None]]

MODULE = re.compile(r"[\w.<>]+:[\w.<>?]+")


@pytest.fixture
def fed(monitor: CommandLine, wire: Callable[..., WireEvent]) -> Fed:
    """Within it events of ever new sessions keep arriving at the tray."""
    numbers = itertools.count()

    @contextlib.contextmanager
    def feeding() -> Iterator[None]:
        over = threading.Event()

        def feed() -> None:
            while not over.is_set():
                at = now_ms()
                pipe.exchange(
                    monitor.paths, [encode(wire(at, session_id=f"s-{next(numbers)}")) for _ in range(20)], 5.0
                )

        # The socket is there a moment before anybody listens on it.
        wait_until(lambda: monitor.run("metrics").returncode == 0)
        feeder = threading.Thread(target=feed)
        feeder.start()
        try:
            yield
        finally:
            over.set()
            feeder.join()

    return feeding


def stacks(folded: str) -> dict[str, int]:
    found = dict(line.rsplit(" ", 1) for line in folded.splitlines())
    assert len(found) == len(folded.splitlines())
    return {stack: int(count) for stack, count in found.items()}


def threads(monitor: CommandLine) -> int:
    found = json.loads(monitor.ok("metrics", "--json"))["process"]["threads"]
    assert isinstance(found, int)
    return found


def ask(monitor: CommandLine, document: object) -> bytes:
    line = encode(Command("profile", profile=msgspec.Raw(msgspec.json.encode(document))))
    return pipe.exchange(monitor.paths, [line], 5.0)[0]


def start(monitor: CommandLine, *words: str) -> subprocess.Popen[str]:
    """The command while it runs: the tray has begun to make its profile."""
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor_tray", "profile", *words],
        env=monitor.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    log = monitor.paths.logs / "tray.log"
    wait_until(lambda: "making a profile" in log.read_text() or process.poll() is not None)
    return process


def test_the_recorders_work_is_found_by_function_and_in_microseconds(monitor: CommandLine, fed: Fed) -> None:
    monitor.start_tray()
    with fed():
        found = stacks(monitor.ok("profile", "cpu", "--seconds", "3"))
    commits = [stack for stack in found if "monitor_core.ingest:Ingest.take" in stack.split(";")]
    assert commits
    assert {stack.split(";")[0] for stack in commits} == {"recorder"}
    # It is the only one at work, with less than one processor.
    assert 100_000 < sum(us for stack, us in found.items() if stack.startswith("recorder;")) < 4_000_000
    assert all(MODULE.fullmatch(part) for stack in commits for part in stack.split(";")[1:])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell what a thread took")
def test_a_tray_that_waits_takes_next_to_no_time(monitor: CommandLine) -> None:
    monitor.start_tray()
    found = stacks(monitor.ok("profile", "cpu", "--seconds", "2"))
    assert sum(found.values()) < 500_000


def test_memory_that_was_kept_is_found_where_it_was_taken(monitor: CommandLine, fed: Fed) -> None:
    monitor.start_tray()
    with fed():
        found = stacks(monitor.ok("profile", "memory", "--seconds", "2"))
    # The rows of sessions are remembered.
    kept = {stack: size for stack, size in found.items() if "monitor_core.ingest:Ingest.take" in stack}
    assert sum(kept.values()) > 10_000
    # What a named tuple takes is taken by code that stands in no module.
    assert all(re.search(r"(:\d+|\?)$", stack) for stack in kept)


@pytest.mark.parametrize("what", ["cpu", "memory"])
def test_no_path_and_no_name_of_a_person_is_in_it(monitor: CommandLine, fed: Fed, what: str) -> None:
    monitor.start_tray()
    with fed():
        found = monitor.ok("profile", what, "--seconds", "1")
    assert found
    assert "/" not in found


def test_it_goes_into_a_file_of_its_own(monitor: CommandLine, fed: Fed, tmp_path: Path) -> None:
    monitor.start_tray()
    file = tmp_path / "tray.folded"
    with fed():
        assert monitor.ok("profile", "cpu", "--seconds", "1", "-o", str(file)) == ""
    assert stacks(file.read_text())
    assert [path.name for path in tmp_path.iterdir() if path.suffix in {".folded", ".new"}] == ["tray.folded"]


@pytest.mark.parametrize("what", ["cpu", "memory"])
def test_it_is_off_afterwards_and_can_be_made_again(monitor: CommandLine, fed: Fed, what: str) -> None:
    monitor.start_tray()
    before = threads(monitor)
    for _ in range(2):
        with fed():
            assert monitor.ok("profile", what, "--seconds", "1")
        wait_until(lambda: threads(monitor) == before)


def test_hooks_are_answered_meanwhile(monitor: CommandLine, turn: Callable[..., bytes]) -> None:
    monitor.start_tray()
    process = start(monitor, "memory", "--seconds", "300")
    assert "Handed 2 events" in monitor.ok("replay", "-", stdin=turn())
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)


def test_a_second_one_at_the_same_time_is_refused(monitor: CommandLine) -> None:
    monitor.start_tray()
    process = start(monitor, "cpu", "--seconds", "300")
    assert "there is one at a time" in monitor.fails("profile", "memory", "--seconds", "1")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)


@pytest.mark.skipif(os.name == "nt", reason="there Ctrl-C goes to a whole console")
def test_ctrl_c_ends_it_in_the_tray_too(monitor: CommandLine) -> None:
    monitor.start_tray()
    before = threads(monitor)
    process = start(monitor, "memory", "--seconds", "300")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err.strip()) == (1, "", "Aborted!")
    # At once, and not because nobody looks any more.
    assert threads(monitor) == before
    assert monitor.run("profile", "memory", "--seconds", "1").returncode == 0


def test_it_ends_by_itself_where_the_command_was_killed(monitor: CommandLine) -> None:
    monitor.start_tray()
    before = threads(monitor)
    process = start(monitor, "cpu", "--seconds", "300")
    assert threads(monitor) == before + 1
    process.kill()
    process.communicate(timeout=10)
    wait_until(lambda: threads(monitor) == before)


class TestErrors:
    def test_without_a_tray_it_says_how_to_start_one(self, monitor: CommandLine) -> None:
        assert "not running: claude-monitor tray" in monitor.fails("profile", "cpu")

    @pytest.mark.parametrize("seconds", ["0", "301", "x"])
    def test_its_length_has_limits(self, monitor: CommandLine, seconds: str) -> None:
        assert "--seconds" in monitor.fails("profile", "cpu", "--seconds", seconds, status=2)

    def test_a_folder_that_is_not_there_is_named_before_anything_is_made(self, monitor: CommandLine) -> None:
        assert "there is no folder /nowhere" in monitor.fails("profile", "cpu", "-o", "/nowhere/x.folded")

    @pytest.mark.parametrize(
        "document", [{"do": "begin", "what": "cpu", "seconds": 301}, {"do": "look", "number": 1}, {"do": "x"}, None]
    )
    def test_the_tray_refuses_what_it_does_not_understand(self, monitor: CommandLine, document: object) -> None:
        monitor.start_tray()
        assert b'"error"' in ask(monitor, document)

    def test_the_tray_goes_by_the_limits_that_the_command_has(self, monitor: CommandLine) -> None:
        monitor.start_tray()
        assert b'"number"' in ask(monitor, Begin("cpu", 300))


def test_nothing_of_it_is_there_before_somebody_asks() -> None:
    modules = {"tracemalloc", "monitor_tray.profiling", "monitor_tray.sampling", "monitor_tray.allocations"}
    script = f"import sys, monitor_tray.app, monitor_tray.commands.tray; print({modules!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
