"""The Unix socket: who may speak, how much, how long; and that a bad client hurts nobody else."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import stat
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from monitor_core.errors import PipeError
from monitor_core.paths import Paths
from monitor_core.wire import MAX_LINE_BYTES
from monitor_tray.pipe import PipeServer, exchange

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor_tray.pipe import Handler, Reply

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the Unix socket is POSIX")


def echo(line: bytes, reply: Reply) -> None:
    reply(b"got " + line + b"\n")


def connected(paths: Paths) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
    client.connect(str(paths.socket))
    return client


def received(client: socket.socket) -> bytes:
    """Everything until the server hangs up."""
    data = b""
    while chunk := client.recv(65536):
        data += chunk
    return data


def test_each_line_is_answered_on_its_connection(paths: Paths, serve: Callable[[Handler], PipeServer]) -> None:
    serve(echo)
    assert exchange(paths, [b"a\n", b"b\n"], 5) == [b"got a\n", b"got b\n"]
    assert exchange(paths, [b"c\n"], 5) == [b"got c\n"]


def test_waking_makes_it_settle_each_time_and_not_for_ever(paths: Paths) -> None:
    settled: queue.SimpleQueue[None] = queue.SimpleQueue()
    server = PipeServer(paths, echo)
    thread = threading.Thread(target=server.serve, args=(lambda: settled.put(None),))
    thread.start()
    settled.get(timeout=10)
    for _ in range(3):
        server.wake()
        settled.get(timeout=10)
    with pytest.raises(queue.Empty):
        settled.get(timeout=0.2)
    server.close()
    thread.join()
    server.disconnect()
    server.wake()  # when nobody listens any more nothing happens


def test_a_line_may_come_in_pieces(paths: Paths, serve: Callable[[Handler], PipeServer]) -> None:
    serve(echo)
    with connected(paths) as client:
        for piece in (b"on", b"e\ntw", b"o\n"):
            client.sendall(piece)
        answer = b""
        while answer.count(b"\n") < 2:
            answer += client.recv(100)
        assert answer == b"got one\ngot two\n"


def test_a_reply_may_come_later_from_another_thread(paths: Paths, serve: Callable[[Handler], PipeServer]) -> None:
    serve(lambda line, reply: threading.Timer(0.05, echo, (line, reply)).start())
    assert exchange(paths, [b"late\n"], 5) == [b"got late\n"]


def test_a_reply_to_a_client_that_hung_up_is_dropped_quietly(
    paths: Paths, serve: Callable[[Handler], PipeServer]
) -> None:
    waiting: list[Reply] = []
    heard = threading.Event()

    def handle(line: bytes, reply: Reply) -> None:
        if line == b"impatient":
            waiting.append(reply)
            heard.set()
        else:
            echo(line, reply)

    serve(handle)
    with connected(paths) as client:
        client.sendall(b"impatient\n")
        assert heard.wait(10)
    assert exchange(paths, [b"next\n"], 5) == [b"got next\n"]
    waiting[0](b"too late\n")


@pytest.mark.parametrize("pause_s", [0.0, 0.1])
def test_a_client_that_says_it_has_no_more_gets_its_replies_and_then_the_end(
    paths: Paths, serve: Callable[[Handler], PipeServer], pause_s: float
) -> None:
    def handle(line: bytes, reply: Reply) -> None:
        if line == b"at once":
            echo(line, reply)
        else:
            threading.Timer(0.2, echo, (line, reply)).start()

    serve(handle)
    with connected(paths) as client:
        client.sendall(b"at once\nlater\nhalf a li")
        time.sleep(pause_s)
        client.shutdown(socket.SHUT_WR)
        assert received(client) == b"got at once\ngot later\n"
    with connected(paths) as client:
        client.shutdown(socket.SHUT_WR)
        assert received(client) == b""


def test_whoever_comes_while_too_many_wait_for_their_replies_waits_until_they_have_them(
    paths: Paths, serve: Callable[[Handler], PipeServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor_tray._pipe_posix.MAX_CONNECTIONS", 2)
    monkeypatch.setattr("monitor_tray._pipe_posix.SLOW_CLIENT_S", 30.0)
    questions: queue.SimpleQueue[tuple[bytes, Reply]] = queue.SimpleQueue()
    serve(lambda line, reply: questions.put((line, reply)))
    with contextlib.ExitStack() as open_ones:
        clients, asked = [], []
        for number in range(3):
            client = open_ones.enter_context(connected(paths))
            client.sendall(b"%d\n" % number)
            client.shutdown(socket.SHUT_WR)
            clients.append(client)
            if number < 2:  # only when these wait for their replies the third one comes
                asked.append(questions.get(timeout=10))
                time.sleep(0.1)
        with pytest.raises(queue.Empty):
            questions.get(timeout=0.2)
        for line, reply in asked:
            reply(b"got " + line + b"\n")
        line, reply = questions.get(timeout=10)
        reply(b"got " + line + b"\n")
        assert [received(client) for client in clients] == [b"got 0\n", b"got 1\n", b"got 2\n"]


def test_a_client_that_has_no_more_to_say_is_cut_off_where_its_reply_does_not_come(
    paths: Paths, serve: Callable[[Handler], PipeServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor_tray._pipe_posix.MAX_CONNECTIONS", 2)
    monkeypatch.setattr("monitor_tray._pipe_posix.SLOW_CLIENT_S", 0.2)
    serve(lambda line, reply: None if line == b"forgotten" else echo(line, reply))
    for _ in range(3):
        with connected(paths) as client:
            client.sendall(b"forgotten\n")
            client.shutdown(socket.SHUT_WR)
            assert received(client) == b""
    assert exchange(paths, [b"others\n"], 5) == [b"got others\n"]


def test_only_the_owner_may_speak(paths: Paths, serve: Callable[[Handler], PipeServer]) -> None:
    serve(echo)
    assert stat.S_IMODE(paths.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(paths.home.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can become another user")
def test_another_user_is_turned_away_even_where_the_folder_lets_him_in(
    paths: Paths, serve: Callable[[Handler], PipeServer]
) -> None:
    serve(echo)
    folder = paths.home
    while folder != folder.parent:
        folder.chmod(0o755)
        folder = folder.parent
        if folder.name.startswith("pytest-of") or folder.parent == folder.parent.parent:
            break
    folder.chmod(folder.stat().st_mode | 0o755)
    paths.socket.chmod(0o777)
    child = os.fork()
    if child == 0:
        # The exit status is the verdict: 0 turned away, 1 answered, 2 could not even connect.
        status = 2
        try:
            os.setuid(65534)
            client = connected(paths)
            status = 1
            client.sendall(b"hello\n")
            status = 1 if client.recv(100) else 0
        except (BrokenPipeError, ConnectionResetError):
            status = 0
        finally:
            os._exit(status)
    _, result = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(result) == 0


def test_a_line_that_never_ends_is_cut_off(paths: Paths, serve: Callable[[Handler], PipeServer]) -> None:
    serve(echo)
    with connected(paths) as client:
        client.sendall(b"x" * MAX_LINE_BYTES)
        assert b"at most 16384 bytes" in received(client)
    assert exchange(paths, [b"others\n"], 5) == [b"got others\n"]


def test_a_client_that_sends_nothing_is_cut_off(paths: Paths, serve: Callable[[Handler], PipeServer]) -> None:
    serve(echo)
    with connected(paths) as silent, connected(paths) as half:
        half.sendall(b"half a line")
        assert exchange(paths, [b"others\n"], 5) == [b"got others\n"]
        assert received(silent) == b""
        assert received(half) == b""


def test_too_many_clients_are_turned_away_and_the_first_ones_stay(
    paths: Paths, serve: Callable[[Handler], PipeServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor_tray._pipe_posix.MAX_CONNECTIONS", 3)
    monkeypatch.setattr("monitor_tray._pipe_posix.SLOW_CLIENT_S", 30.0)
    serve(echo)
    clients = [connected(paths) for _ in range(5)]
    assert [received(client) for client in clients[3:]] == [b"", b""]
    clients[0].sendall(b"first\n")
    assert clients[0].recv(100) == b"got first\n"
    for client in clients:
        client.close()


def test_a_stale_socket_of_a_killed_process_is_replaced(paths: Paths, serve: Callable[[Handler], PipeServer]) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(paths.socket))
    serve(echo)
    assert exchange(paths, [b"a\n"], 5) == [b"got a\n"]


def test_a_socket_that_answers_is_not_replaced(paths: Paths, serve: Callable[[Handler], PipeServer]) -> None:
    serve(echo)
    with pytest.raises(PipeError, match="another process answers"):
        PipeServer(paths, echo)
    assert exchange(paths, [b"a\n"], 5) == [b"got a\n"]


@pytest.mark.parametrize("kind", ["file", "symlink"])
def test_something_else_in_the_sockets_place_is_refused_and_kept(paths: Paths, kind: str) -> None:
    if kind == "file":
        paths.socket.write_text("precious")
    else:
        paths.socket.symlink_to("elsewhere")
    with pytest.raises(PipeError, match="in the way and is no socket; move it away"):
        PipeServer(paths, echo)
    assert paths.socket.is_symlink() or paths.socket.read_text() == "precious"


def test_a_folder_that_others_may_enter_is_refused(paths: Paths) -> None:
    paths.home.chmod(0o755)
    with pytest.raises(PipeError, match="chmod 700"):
        PipeServer(paths, echo)


def test_a_home_with_a_long_name_works(tmp_path: Path) -> None:
    paths = Paths(tmp_path / ("x" * 120) / ("y" * 120))
    paths.create()
    before = os.getcwd()  # noqa: PTH109  compared as text
    server = PipeServer(paths, echo)
    thread = threading.Thread(target=server.serve)
    thread.start()
    assert exchange(paths, [b"a\n"], 5) == [b"got a\n"]
    assert os.getcwd() == before  # noqa: PTH109  compared as text
    server.close()
    thread.join()
    server.disconnect()


def test_nobody_behind_the_pipe_is_said_in_a_sentence(paths: Paths) -> None:
    with pytest.raises(PipeError, match="is `claude-monitor tray` running"):
        exchange(paths, [b"a\n"], 1)


def test_the_socket_is_gone_after_the_end(paths: Paths, serve: Callable[[Handler], PipeServer]) -> None:
    server = serve(echo)
    exchange(paths, [b"a\n"], 5)
    server.close()
    while paths.socket.exists():
        pass
    with pytest.raises(PipeError):
        exchange(paths, [b"a\n"], 1)
