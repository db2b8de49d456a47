"""What the hook in Python needs of Linux, macOS and their kin. See hook/os_posix.c."""

from __future__ import annotations

import os
import select
import signal
import socket
import stat
import sys
import time

from monitor_tray._home_posix import find_home

assert sys.platform != "win32"  # noqa: S101  for the type checker: what follows is POSIX

if sys.platform == "darwin":
    _AWAKE_CLOCK = time.CLOCK_UPTIME_RAW
else:
    _AWAKE_CLOCK = time.CLOCK_MONOTONIC

__all__ = ["awake_ms", "create", "deliver", "enter", "find_home", "make_folder", "read_stdin", "shield"]

_RETRY_S = 0.0003
_ACCEPTED = b'{"ok":true'


def awake_ms() -> int:
    """Does not advance while the machine sleeps."""
    return time.clock_gettime_ns(_AWAKE_CLOCK) // 1_000_000


def shield() -> None:
    """From here on no signal stops the hook half-way; it is done in a second anyway."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def read_stdin(room: int, deadline: float) -> bytes | None:
    """What is there, nothing at the end, None at the deadline (of `time.monotonic`)."""
    poll = select.poll()
    poll.register(0, select.POLLIN)
    while (left := deadline - time.monotonic()) > 0 and poll.poll(left * 1000):
        try:
            return os.read(0, room)
        except BlockingIOError:
            continue
    return None


def enter(home: str) -> bool:
    """Makes ``home`` where it is missing and goes there, so that no name is too long for a socket."""
    try:
        os.chdir(home)
    except FileNotFoundError:
        parts = home.split("/")
        for count in range(2, len(parts) + 1):
            make_folder("/".join(parts[:count]))
        os.chdir(home)
    here = os.stat(".")  # noqa: PTH116  pathlib costs milliseconds to import
    return stat.S_ISDIR(here.st_mode) and here.st_uid == os.geteuid()


def make_folder(path: str) -> None:
    """Makes one folder for nobody else, unless there is something already or it cannot be."""
    try:
        os.mkdir(path, 0o700)  # noqa: PTH102
    except OSError:
        return


def deliver(line: bytes, deadline: float) -> bool:
    """Whether the listener has taken the line by the deadline."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        try:
            _connect(listener, deadline)
            while line:
                line = line[_until(listener, deadline).send(line) :]
            _say_that_is_all(listener)
            reply = b""
            while len(reply) < len(_ACCEPTED):
                chunk = _until(listener, deadline).recv(len(_ACCEPTED) - len(reply))
                if not chunk:
                    return False
                reply += chunk
        except OSError:
            return False
        return reply == _ACCEPTED


def create(path: str) -> int:
    """The descriptor of a new file. Raises `FileNotFoundError` where its folder is missing."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _until(listener: socket.socket, deadline: float) -> socket.socket:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    listener.settimeout(left)
    return listener


def _say_that_is_all(listener: socket.socket) -> None:
    try:
        listener.shutdown(socket.SHUT_WR)
    except OSError:
        return  # it has answered and closed already


def _connect(listener: socket.socket, deadline: float) -> None:
    listener.setblocking(False)
    while True:
        try:
            return listener.connect("hook.sock")
        except BlockingIOError:
            # The listener's queue is full, and nothing tells when it has room again.
            if time.monotonic() + _RETRY_S >= deadline:
                raise
            time.sleep(_RETRY_S)
