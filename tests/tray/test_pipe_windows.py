"""The Windows pipe: who may speak, how much, how long; and that a bad client hurts nobody else."""

from __future__ import annotations

import ctypes
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO

import pytest

from monitor_core.errors import PipeError
from monitor_core.paths import HOME_VARIABLE, Paths
from monitor_core.wire import MAX_LINE_BYTES
from monitor_tray.pipe import PipeServer, exchange

if sys.platform != "win32":
    pytest.skip("named pipes are Windows'", allow_module_level=True)

from monitor_tray import _pipe_windows, _win32
from monitor_tray.pipe_name import pipe_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_tray.pipe import Handler, Reply

    Serve = Callable[[Handler], PipeServer]

#: Wine implements the pipe, and leaves out some of its security.
on_windows_itself = pytest.mark.skipif(
    hasattr(ctypes.WinDLL("ntdll"), "wine_get_version"), reason="Wine does not implement this"
)


@pytest.fixture(autouse=True)
def name(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(HOME_VARIABLE, str(paths.home))
    return pipe_name(_win32.user_sid(), str(paths.home))


def echo(line: bytes, reply: Reply) -> None:
    reply(b"got " + line + b"\n")


def connected(name: str) -> BinaryIO:
    _win32.wait_for_pipe(name, 10_000)
    return open(name, "r+b", buffering=0)  # noqa: PTH123  a pipe has no path, and callers close it


def received(client: BinaryIO) -> bytes:
    """Everything until the server hangs up."""
    data = b""
    try:
        while chunk := client.read(65536):
            data += chunk
    except OSError:  # Python's word for a pipe whose other end was cut off
        pass
    return data


def test_each_line_is_answered_in_its_order(paths: Paths, serve: Serve) -> None:
    serve(echo)
    assert exchange(paths, [b"a\n", b"b\n"], 5) == [b"got a\n", b"got b\n"]
    assert exchange(paths, [b"c\n"], 5) == [b"got c\n"]


def test_more_lines_than_the_pipe_holds_are_all_answered(paths: Paths, serve: Serve) -> None:
    serve(echo)
    lines = [b"%05d" % number + b"x" * 1000 + b"\n" for number in range(500)]
    assert exchange(paths, lines, 60) == [b"got " + line for line in lines]


def test_a_line_may_come_in_pieces(name: str, serve: Serve) -> None:
    serve(echo)
    with connected(name) as client:
        for piece in (b"on", b"e\ntw", b"o\n"):
            client.write(piece)
        answer = b""
        while answer.count(b"\n") < 2:
            answer += client.read(100)
        assert answer == b"got one\ngot two\n"


def test_a_reply_may_come_later_from_another_thread(paths: Paths, serve: Serve) -> None:
    serve(lambda line, reply: threading.Timer(0.05, echo, (line, reply)).start())
    assert exchange(paths, [b"late\n"], 5) == [b"got late\n"]


def test_a_reply_to_a_client_that_hung_up_is_dropped_quietly(paths: Paths, name: str, serve: Serve) -> None:
    waiting: list[Reply] = []
    heard = threading.Event()

    def handle(line: bytes, reply: Reply) -> None:
        if line != b"impatient":
            echo(line, reply)
            return
        waiting.append(reply)
        heard.set()

    serve(handle)
    with connected(name) as client:
        client.write(b"impatient\n")
        assert heard.wait(10)
    waiting[0](b"too late\n")
    assert exchange(paths, [b"next\n"], 5) == [b"got next\n"]


def test_a_client_that_never_reads_blocks_neither_the_server_nor_who_replies(
    paths: Paths, name: str, serve: Serve
) -> None:
    def handle(line: bytes, reply: Reply) -> None:
        reply(line * 100 + b"\n")

    serve(handle)
    with connected(name) as client:
        for _ in range(50):
            client.write(b"0123456789\n" * 100)
        assert exchange(paths, [b"x\n"], 10) == [b"x" * 100 + b"\n"]


def test_a_line_that_is_too_long_is_refused_and_hurts_nobody_else(paths: Paths, name: str, serve: Serve) -> None:
    serve(echo)
    with connected(name) as client:
        client.write(b"x" * MAX_LINE_BYTES)
        assert received(client) == b'{"error":"a line has at most 16384 bytes"}\n'
    longest = b"x" * (MAX_LINE_BYTES - 1) + b"\n"
    assert exchange(paths, [longest], 5) == [b"got " + longest]


def test_a_client_that_sends_no_whole_line_is_cut_off_and_the_others_are_not(
    paths: Paths, name: str, serve: Serve
) -> None:
    serve(echo)
    with connected(name) as silent, connected(name) as half:
        half.write(b"half a li")
        assert exchange(paths, [b"x\n"], 5) == [b"got x\n"]
        assert received(silent) == b""
        assert received(half) == b""
    assert exchange(paths, [b"y\n"], 5) == [b"got y\n"]


def test_clients_beyond_the_limit_wait_until_others_are_gone(paths: Paths, name: str, serve: Serve) -> None:
    serve(echo)
    clients = [connected(name) for _ in range(_pipe_windows.MAX_CONNECTIONS)]
    try:
        with pytest.raises(OSError, match=r"WinError 231|Errno 22"):
            open(name, "r+b", buffering=0).close()  # noqa: PTH123  as above
        # The silent ones are cut off; then there is room.
        assert exchange(paths, [b"x\n"], 30) == [b"got x\n"]
    finally:
        for client in clients:
            client.close()


def test_what_was_handled_is_answered_after_close_until_disconnect(name: str, paths: Paths) -> None:
    waiting: list[Reply] = []
    heard = threading.Event()

    def handle(_line: bytes, reply: Reply) -> None:
        waiting.append(reply)
        heard.set()

    server = PipeServer(paths, handle)
    thread = threading.Thread(target=server.serve)
    thread.start()
    with connected(name) as client:
        client.write(b"x\n")
        assert heard.wait(10)
        server.close()
        thread.join(10)
        assert not thread.is_alive()
        waiting[0](b"committed\n")
        assert client.read(100) == b"committed\n"
        server.disconnect()
        assert received(client) == b""


def test_after_close_nobody_can_connect_and_the_name_is_free_again(paths: Paths, serve: Serve) -> None:
    for _ in range(3):
        server = PipeServer(paths, echo)
        thread = threading.Thread(target=server.serve)
        thread.start()
        assert exchange(paths, [b"x\n"], 5) == [b"got x\n"]
        server.close()
        thread.join(10)
        server.disconnect()
        with pytest.raises(PipeError, match=r"is `claude-monitor tray` running\?"):
            exchange(paths, [b"x\n"], 1)
    serve(echo)
    assert exchange(paths, [b"x\n"], 5) == [b"got x\n"]


def test_a_server_that_does_not_answer_is_an_error_after_the_time(paths: Paths, serve: Serve) -> None:
    serve(lambda _line, _reply: None)
    with pytest.raises(PipeError, match="no answer in time"):
        exchange(paths, [b"x\n"], 0.1)


def test_the_pipe_is_open_to_its_user_and_nobody_else(name: str, serve: Serve) -> None:
    serve(echo)
    descriptor, text = ctypes.c_void_p(), ctypes.c_wchar_p()
    advapi32 = ctypes.WinDLL("advapi32")
    pipe = _win32.open_pipe(name)
    try:
        # SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION
        found = advapi32.GetSecurityInfo(ctypes.c_void_p(pipe), 6, 4, None, None, None, None, ctypes.byref(descriptor))
    finally:
        _win32.close(pipe)
    assert found == 0
    assert advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, 1, 4, ctypes.byref(text), None)
    # Everything that can be done with a file is what "everything" becomes; Wine leaves the word as it is.
    assert text.value in {f"D:P(A;;{everything};;;{_win32.user_sid()})" for everything in ("FA", "GA")}


@on_windows_itself
def test_a_second_server_of_the_same_home_is_refused(paths: Paths, serve: Serve) -> None:
    serve(echo)
    with pytest.raises(PipeError, match="another process answers"):
        PipeServer(paths, echo)


@on_windows_itself
def test_a_client_that_stays_anonymous_is_cut_off(paths: Paths, name: str, serve: Serve) -> None:
    serve(echo)
    kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel32.CreateFileW.restype = ctypes.c_void_p
    # GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS
    pipe = kernel32.CreateFileW(name, 0xC0000000, 0, None, 3, 0x00100000, None)
    count, answer = ctypes.c_ulong(), ctypes.create_string_buffer(100)
    assert kernel32.WriteFile(ctypes.c_void_p(pipe), b"x\n", 2, ctypes.byref(count), None)
    assert not kernel32.ReadFile(ctypes.c_void_p(pipe), answer, 100, ctypes.byref(count), None)
    _win32.close(pipe)
    assert exchange(paths, [b"y\n"], 5) == [b"got y\n"]
