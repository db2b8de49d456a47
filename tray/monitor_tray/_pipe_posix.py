"""The pipe as a Unix stream socket: one thread with `selectors`, no timers while nothing is connected.

The socket is always bound and connected by its short name from within the home folder: ``sun_path`` holds 104 bytes on
macOS and 108 on Linux, and homes may be longer (hook/PROTOCOL.md).
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import selectors
import socket
import stat
import struct
import sys
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from monitor_core.errors import PipeError
from monitor_core.file_identity import identity
from monitor_core.wire import MAX_LINE_BYTES, refusal
from monitor_tray._home_posix import inside
from monitor_tray.dropped import Dropped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from monitor_core.paths import Paths
    from monitor_tray.pipe import Handler, Settle

assert sys.platform != "win32"  # noqa: S101  for the type checker: what follows is POSIX

log = logging.getLogger(__name__)

BACKLOG = 1_024
MAX_CONNECTIONS = 256
#: A client that has not sent a whole line by then is cut off.
SLOW_CLIENT_S = 1.0

_RECEIVE_BYTES = 64 * 1024
#: An answer is sent in one piece, and those to people's questions are longer than what macOS keeps by itself, 8 KiB.
_SEND_BYTES = 256 * 1024
_NO_ACCEPT_S = 0.1


class PipeServer:
    """See `monitor_tray.pipe`."""

    def __init__(self, paths: Paths, handle: Handler, dropped: Dropped | None = None) -> None:
        self._handle = handle
        self._dropped = dropped or Dropped()
        self._listener = _listen(paths)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._wake_read, self._wake_write = socket.socketpair()
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        # In the order of their deadlines: each new line moves its connection to the end.
        self._connections: OrderedDict[_Connection, float] = OrderedDict()
        # Those of them that send nothing more: they only wait for replies, and the selector does not know them.
        self._leaving: set[_Connection] = set()
        self._uid = os.geteuid()
        self._accept_again_at = 0.0  # 0 while new clients are accepted
        self._stopping = threading.Event()
        self._name = paths.socket
        self._own = identity(paths.socket)

    def serve(self, settle: Settle = lambda: None) -> None:
        """Answers clients until `close`."""
        patience = settle()
        while not self._stopping.is_set():
            for key, _ in self._selector.select(self._until_next_deadline(patience)):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._wake_read:
                    self._wake_read.recv(_RECEIVE_BYTES)
                elif isinstance(key.data, _Connection) and not self._read(key.data):
                    self._selector.unregister(key.data.socket)
                    self._leaving.add(key.data)
            patience = settle()
            self._let_go()
            self._cut_off_slow_clients()
            if self._accept_again_at:
                patience = self._accept_again(patience)
        if not self._accept_again_at:
            self._selector.unregister(self._listener)
        self._listener.close()
        with contextlib.suppress(OSError):
            if identity(self._name) == self._own:  # and not that of another tray, where the folder was made anew
                self._name.unlink()

    def close(self) -> None:
        """Makes `serve` return; replies to what was already handled still go out until `disconnect`."""
        self._stopping.set()
        self.wake()

    def wake(self) -> None:
        """Makes `serve` settle soon."""
        with contextlib.suppress(OSError):  # after `disconnect` there is nobody to wake
            self._wake_write.send(b"\0")

    def disconnect(self) -> None:
        """Drops all clients, after `serve` has returned."""
        for connection in list(self._connections):
            self._drop(connection)
        self._selector.close()
        self._wake_read.close()
        self._wake_write.close()

    def _accept_again(self, patience: float | None) -> float | None:
        left = self._accept_again_at - time.monotonic()
        if left > 0:
            return left if patience is None else min(left, patience)
        self._accept_again_at = 0.0
        self._selector.register(self._listener, selectors.EVENT_READ)
        return patience

    def _until_next_deadline(self, patience: float | None) -> float | None:
        if not self._connections:
            return patience
        left = max(0.0, next(iter(self._connections.values())) - time.monotonic())
        return left if patience is None else min(left, patience)

    def _accept(self) -> None:
        while True:
            if len(self._connections) >= MAX_CONNECTIONS and self._leaving:
                return  # Some are gone in a moment, and the queue keeps whoever comes meanwhile.
            try:
                client, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno not in (errno.ECONNABORTED, errno.EINTR):
                    log.warning("cannot accept a connection, trying again in a moment: %s", error)
                    # It would be ready again at once: out of descriptors, say.
                    self._selector.unregister(self._listener)
                    self._accept_again_at = time.monotonic() + _NO_ACCEPT_S
                return
            if len(self._connections) >= MAX_CONNECTIONS or _peer_uid(client) != self._uid:
                self._dropped.connections += 1
                client.close()
                continue
            client.setblocking(False)
            connection = _Connection(client)
            self._connections[connection] = time.monotonic() + SLOW_CLIENT_S
            # Hooks send their line right after connecting, and say right after it that there is no other. Where both
            # are here already nothing is to be waited for.
            if self._read(connection) and self._read(connection):
                self._selector.register(client, selectors.EVENT_READ, connection)
            else:
                self._leaving.add(connection)

    def _read(self, connection: _Connection) -> bool:
        """Handles the lines that are there. Whether more may come."""
        try:
            data = connection.socket.recv(_RECEIVE_BYTES)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            data = b""
        if not data:
            return False
        *lines, connection.rest = (connection.rest + data).split(b"\n")
        connection.owe(len(lines))
        for line in lines:
            self._handle(line, connection.reply)
        if lines:
            self._connections[connection] = time.monotonic() + SLOW_CLIENT_S
            self._connections.move_to_end(connection)
        if len(connection.rest) >= MAX_LINE_BYTES:
            self._dropped.long_lines += 1
            connection.owe(1)
            connection.reply(refusal(f"a line has at most {MAX_LINE_BYTES} bytes"))
            return False
        return True

    def _let_go(self) -> None:
        """Closes those that have all of their replies: not before the others have theirs, too."""
        for connection in list(self._leaving):
            if connection.end():
                self._leaving.remove(connection)
                del self._connections[connection]

    def _cut_off_slow_clients(self) -> None:
        now = time.monotonic()
        while self._connections:
            connection, deadline = next(iter(self._connections.items()))
            if deadline > now:
                return
            self._dropped.slow_clients += 1
            self._drop(connection)

    def _drop(self, connection: _Connection) -> None:
        del self._connections[connection]
        if connection in self._leaving:
            self._leaving.remove(connection)
        else:
            self._selector.unregister(connection.socket)
        connection.close()


class _Connection:
    """One client. Replies may come from another thread while the server's thread closes it."""

    def __init__(self, client: socket.socket) -> None:
        self.socket = client
        self.rest = b""
        self._owed = 0
        self._ended = self._closed = False
        self._lock = threading.Lock()

    def owe(self, replies: int) -> None:
        """So many more replies are to come."""
        with self._lock:
            self._owed += replies

    def reply(self, line: bytes) -> None:
        with self._lock:
            if self._closed:
                return
            try:
                self.socket.send(line)
            except OSError as error:
                # It hung up, or reads nothing: the hook has the event in its spool then.
                log.debug("a reply was not taken: %s", error)
            self._owed -= 1
            self._close_when_done()

    def end(self) -> bool:
        """Nothing more comes from the client: it is closed when it has all of its replies. Whether it has."""
        with self._lock:
            self._ended = True
            self._close_when_done()
            return self._closed

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self.socket.close()

    def _close_when_done(self) -> None:
        if self._ended and self._owed <= 0:
            self._closed = True
            self.socket.close()


def exchange(paths: Paths, lines: Sequence[bytes], timeout_s: float) -> list[bytes]:
    """See `monitor_tray.pipe`."""
    deadline = time.monotonic() + timeout_s
    received = b""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(timeout_s)
        try:
            with inside(paths.home):
                client.connect(paths.socket.name)
            client.sendall(b"".join(lines))
            while received.count(b"\n") < len(lines):
                client.settimeout(max(0.001, deadline - time.monotonic()))
                data = client.recv(_RECEIVE_BYTES)
                if not data:
                    break
                received += data
        except OSError as error:
            raise PipeError(f"nobody answers on {paths.socket}: {error}; is `claude-monitor tray` running?") from error
    replies = received.splitlines(keepends=True)
    if len(replies) < len(lines) or not received.endswith(b"\n"):
        raise PipeError(f"the process behind {paths.socket} hung up without an answer; see its log in {paths.logs}")
    return replies


def _listen(paths: Paths) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    try:
        with inside(paths.home):
            _check_folder(paths.home)
            _clear_stale(paths.socket)
            before = os.umask(0o177)
            try:
                listener.bind(paths.socket.name)
            finally:
                os.umask(before)
        # Clients that are accepted inherit it where the default is small.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise PipeError(
            f"cannot open the pipe {paths.socket}: {error.strerror}; make the folder writable and start again"
        ) from error
    except PipeError:
        listener.close()
        raise
    return listener


def _check_folder(home: Path) -> None:
    """Nobody else may be able to put a socket of theirs where ours is expected."""
    found = home.stat()
    if found.st_uid != os.geteuid():
        raise PipeError(f"the folder {home} belongs to another user; choose one of yours with CLAUDE_MONITOR_HOME")
    if found.st_mode & 0o077:
        raise PipeError(f"others may enter the folder {home}; run `chmod 700 '{home}'` and start again")


def _clear_stale(name: Path) -> None:
    """Removes the socket that a killed process left behind: one that refuses connections."""
    try:
        found = os.lstat(name.name)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise PipeError(f"{name} is in the way and is no socket; move it away and start again")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(name.name)
        except ConnectionRefusedError:
            name.unlink()
            return
    raise PipeError(f"another process answers on {name}; stop it and start again")


def _peer_uid(client: socket.socket) -> int:
    if sys.platform == "linux":
        # struct ucred { pid, uid, gid }
        _, uid, _ = struct.unpack("iII", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    else:
        # struct xucred { u_int version; uid_t uid; … }; SOL_LOCAL is 0, LOCAL_PEERCRED is 1.
        _, uid = struct.unpack_from("II", client.getsockopt(0, 1, 76))
    return int(uid)
