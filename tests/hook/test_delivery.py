"""An event is either acknowledged or in the spool. What is acknowledged is what the listener says `ok` to in time."""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING

import pytest

from tests.hook.support import OK, Hook, Listener, event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def say(reply: bytes) -> Callable[[socket.socket, bytes], None]:
    return lambda connection, _line: connection.sendall(reply)


def hang_up(connection: socket.socket, _line: bytes) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def stay_silent(connection: socket.socket, _line: bytes) -> None:
    del connection


def run_until_acknowledged(hook: Hook, listener: Listener, payload: dict[str, object]) -> bytes:
    """The line that was acknowledged. On a busy machine the listener may be late: then the line is in the spool."""
    for _ in range(200):
        spooled = hook.lines()
        hook.run(payload)
        if hook.lines() == spooled:
            assert listener.lines[-1] not in spooled
            return listener.lines[-1]
    pytest.fail("the listener was never in time")


@pytest.mark.parametrize("reply", [OK, b'{"ok":true,"more":1}\n', b'{"ok":true'])
def test_acknowledged_event_is_not_spooled(hook: Hook, reply: bytes) -> None:
    with Listener(hook.home, say(reply)) as listener:
        line = run_until_acknowledged(hook, listener, event())

    assert json.loads(line)["session_id"] == "s"


def test_acknowledgement_may_come_in_pieces(hook: Hook) -> None:
    def answer(connection: socket.socket, _line: bytes) -> None:
        for byte in OK:
            connection.sendall(bytes([byte]))

    with Listener(hook.home, answer) as listener:
        run_until_acknowledged(hook, listener, event())


@pytest.mark.parametrize(
    "answer",
    [
        stay_silent,
        hang_up,
        say(b'{"error":"disk full"}\n'),
        say(b'{"ok":tr'),
        say(b'{"ok":false}\n'),
        say(b'{"ok": true}\n'),
        say(b"\n" + OK),
        say(b"ok\n"),
        say(b"\0" * 100_000),
    ],
    ids=["silent", "hangs up", "error", "half a line", "not ok", "with a space", "empty line", "no JSON", "zeros"],
)
def test_event_that_is_not_acknowledged_is_spooled(hook: Hook, answer: Callable[[socket.socket, bytes], None]) -> None:
    with Listener(hook.home, answer) as listener:
        hook.run(event())

    (line,) = hook.lines()
    assert set(listener.lines) <= {line, b""}  # the same line, with the same id; nothing, if it came too late


def test_longest_line_arrives_whole(hook: Hook) -> None:
    long: dict[str, object] = dict.fromkeys(("session_id", "cwd", "hook_event_name"), "x" * 4096)
    with Listener(hook.home, say(OK)) as listener:
        line = run_until_acknowledged(hook, listener, {**long, "transcript_path": "y" * 3000})

    assert len(line) > 15_000
    assert json.loads(line)["transcript_path"] == "y" * 3000


def test_nobody_listening_means_the_spool(hook: Hook) -> None:
    hook.run(event())

    assert len(hook.lines()) == 1


def test_stale_socket_means_the_spool(hook: Hook) -> None:
    hook.home.mkdir(mode=0o700)
    bind(hook.home, "hook.sock").close()

    hook.run(event())

    assert len(hook.lines()) == 1


def test_plain_file_in_place_of_the_socket_means_the_spool(hook: Hook) -> None:
    hook.home.mkdir(mode=0o700)
    (hook.home / "hook.sock").write_bytes(b"")

    hook.run(event())

    assert len(hook.lines()) == 1


def test_full_backlog_means_the_spool(hook: Hook) -> None:
    hook.home.mkdir(mode=0o700)
    server = bind(hook.home, "hook.sock")
    server.listen(0)
    waiting = fill_backlog(hook.home)

    hook.run(event())

    assert len(hook.lines()) == 1
    for connection in [*waiting, server]:
        connection.close()


def test_events_at_once_are_each_delivered_or_spooled_once_at_least(hook: Hook) -> None:
    with Listener(hook.home, say(OK)) as listener:
        processes = [hook.start() for _ in range(30)]
        for number, process in enumerate(processes):
            process.communicate(b'{"session_id":"s%d","hook_event_name":"Stop"}' % number, timeout=100)

    known = {
        json.loads(line)["id"]: json.loads(line)["session_id"] for line in [*listener.lines, *hook.lines()] if line
    }
    assert sorted(known.values()) == sorted(f"s{number}" for number in range(30))


def test_home_with_a_name_longer_than_a_socket_address_is_connected_to(hook: Hook, tmp_path: Path) -> None:
    deep = Hook(hook.name, hook.command, tmp_path / ("x" * 200) / ("y" * 200))
    with Listener(deep.home, say(OK)) as listener:
        run_until_acknowledged(deep, listener, event())


def bind(home: Path, name: str) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    server.bind(f"/proc/self/fd/{folder}/{name}")
    os.close(folder)
    return server


def fill_backlog(home: Path) -> list[socket.socket]:
    waiting = []
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    while True:
        waiting.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        waiting[-1].setblocking(False)
        try:
            waiting[-1].connect(f"/proc/self/fd/{folder}/hook.sock")
        except BlockingIOError:
            os.close(folder)
            return waiting
