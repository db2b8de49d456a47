"""The hook as a process: when it ends, what it prints, what signals and closed files do to it."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.hook.support import Hook, event, recorded

if TYPE_CHECKING:
    from collections.abc import Callable

PAYLOAD = b'{"session_id":"s","hook_event_name":"Stop"}'


def test_hook_does_not_wait_for_the_end_of_stdin(hook: Hook) -> None:
    process = hook.start()
    assert process.stdin is not None
    process.stdin.write(PAYLOAD + b"\n")
    process.stdin.flush()

    process.wait(timeout=60)  # stdin is open all the time

    process.communicate()
    assert len(hook.lines()) == 1


def test_payload_that_arrives_byte_by_byte_is_put_together(hook: Hook) -> None:
    payload = '{"cwd":"/\u00e9\U0001f600","session_id":"s","duration_ms":12,"hook_event_name":"Stop"}'.encode()
    ours, its = socket.socketpair()
    process = hook.start(stdin=its)
    its.close()
    for byte in payload:
        ours.send(bytes([byte]))

    assert process.wait(timeout=60) == 0

    process.communicate()
    ours.close()
    (line,) = hook.lines()
    assert '"cwd":"/\u00e9\U0001f600","duration_ms":12}'.encode() in line


def test_payload_comes_through_a_socket_pair_as_the_client_has_it(hook: Hook) -> None:
    ours, its = socket.socketpair()
    process = hook.start(stdin=its)
    its.close()
    ours.sendall(recorded("PostToolUse.json"))
    ours.close()

    assert process.wait(timeout=60) == 0

    process.communicate()
    assert len(hook.lines()) == 1


def test_payload_may_come_from_a_file(hook: Hook) -> None:
    with Path(os.devnull).open("wb") as nowhere, (hook.home.parent / "payload").open("w+b") as payload:
        payload.write(PAYLOAD)
        payload.seek(0)
        process = hook.start(stdin=payload, stdout=nowhere, stderr=nowhere)
        assert process.wait(timeout=60) == 0

    assert len(hook.lines()) == 1


def test_head_that_nothing_follows_is_told_at_the_deadline(hook: Hook) -> None:
    ours, its = socket.socketpair()
    process = hook.start(stdin=its)
    its.close()
    ours.sendall(PAYLOAD[:-1] + b',"tool_input":{"content":"')

    assert process.wait(timeout=60) == 0

    process.communicate()
    ours.close()
    assert len(hook.lines()) == 1


def test_stdin_that_says_nothing_ends_without_an_event(hook: Hook) -> None:
    ours, its = socket.socketpair()
    process = hook.start(stdin=its)
    its.close()

    assert process.wait(timeout=60) == 0

    process.communicate()
    ours.close()
    assert not hook.home.exists()


def test_client_may_send_10_mb_to_a_hook_that_stops_reading(hook: Hook) -> None:
    ours, its = socket.socketpair()
    process = hook.start(stdin=its)
    its.close()
    sent = threading.Thread(
        target=send_until_refused, args=(ours, PAYLOAD[:-1] + b',"x":"' + b"y" * 10_000_000 + b'"}')
    )
    sent.start()

    assert process.wait(timeout=60) == 0

    sent.join()
    process.communicate()
    ours.close()
    assert len(hook.lines()) == 1


def send_until_refused(to: socket.socket, payload: bytes) -> None:
    with pytest.raises(OSError, match=r"Broken pipe|Connection reset"):
        to.sendall(payload)


def closing(*descriptors: int) -> Callable[[], None]:
    def close() -> None:
        for descriptor in descriptors:
            os.close(descriptor)

    return close


@pytest.mark.parametrize("descriptors", [(1,), (2,), (1, 2)])
def test_closed_output_changes_nothing(hook: Hook, descriptors: tuple[int, ...]) -> None:
    process = hook.start(preexec_fn=closing(*descriptors))
    process.communicate(PAYLOAD, timeout=60)

    assert process.returncode == 0
    assert len(hook.lines()) == 1


@pytest.mark.parametrize("descriptors", [(0,), (0, 1, 2)])
def test_closed_stdin_is_no_event(hook: Hook, descriptors: tuple[int, ...]) -> None:
    process = hook.start(stdin=subprocess.DEVNULL, preexec_fn=closing(*descriptors))
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out, err) == (0, b"", b"")
    assert not hook.home.exists()


def test_arguments_are_ignored(hook: Hook) -> None:
    process = Hook(hook.name, (*hook.command, "--help", "\udcff"), hook.home).start()
    out, err = process.communicate(PAYLOAD, timeout=60)

    assert (process.returncode, out, err) == (0, b"", b"")
    assert len(hook.lines()) == 1


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGALRM, signal.SIGUSR1, signal.SIGTSTP],
)
def test_stray_signal_does_not_stop_it_half_way(hook: Hook, number: signal.Signals) -> None:
    ours, its = socket.socketpair()
    process = hook.start(stdin=its)
    its.close()
    ours.sendall(PAYLOAD[:-1])
    wait_until_shielded(process)

    process.send_signal(number)
    ours.sendall(b"}")

    assert process.wait(timeout=60) == 0
    process.communicate()
    ours.close()
    assert len(hook.lines()) == 1


def wait_until_shielded(process: subprocess.Popen[bytes]) -> None:
    bit = 1 << (signal.SIGTERM - 1)
    while True:
        status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        blocked = next(line for line in status if line.startswith("SigBlk"))
        if int(blocked.split()[1], 16) & bit:
            return


def test_fifty_at_once_all_leave_their_event(hook: Hook) -> None:
    processes = [hook.start() for _ in range(50)]
    for number, process in enumerate(processes):
        process.communicate(b'{"session_id":"s%d","hook_event_name":"Stop"}' % number, timeout=100)

    assert {process.returncode for process in processes} == {0}
    lines = hook.lines()
    assert len(lines) == 50
    assert all(any(b'"s%d"' % number in line for line in lines) for number in range(50))


@pytest.mark.parametrize(
    "limits", [{resource.RLIMIT_FSIZE: 0}, {resource.RLIMIT_FSIZE: 10}, {resource.RLIMIT_NPROC: 0}]
)
def test_exhausted_resource_is_nobodys_trouble(hook: Hook, limits: dict[int, int]) -> None:
    def limit() -> None:
        for which, value in limits.items():
            resource.setrlimit(which, (value, value))

    process = hook.start(preexec_fn=limit)
    out, err = process.communicate(PAYLOAD, timeout=60)

    assert (process.returncode, out, err) == (0, b"", b"")
    assert all(line.endswith(b"}\n") for line in hook.lines())  # whole, or not there
    assert not list((hook.home / "spool" / "tmp").glob("*"))


def test_native_hook_runs_without_any_library(native: Hook) -> None:
    image = Path(native.command[0]).read_bytes()

    assert image.startswith(b"\x7fELF")
    assert b"/ld-" not in image
    assert len(image) < 60_000


def test_events_of_one_process_tree_name_the_client(hook: Hook) -> None:
    lines: list[dict[str, Any] | None] = [hook.tell(event()), hook.tell(event(), CLAUDE_PID="77")]

    assert [line["pid"] for line in lines if line] == [os.getpid(), 77]
