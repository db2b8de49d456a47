"""The pipe as a Windows named pipe: one thread with a completion port, no timers while nothing is connected.

Only the user may open it, and who is at the other end is asked once more of each client. A few instances always wait
for clients, so that hooks which come at once need not wait for each other, and the name is never free for somebody
else. Nothing here reads or writes but through overlapped calls, whose memory is kept until they have ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import math
import os
import sys
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from monitor_core.errors import PipeError
from monitor_core.paths import HOME_VARIABLE
from monitor_core.wire import MAX_LINE_BYTES, refusal
from monitor_tray import _win32
from monitor_tray.dropped import Dropped
from monitor_tray.pipe_name import pipe_name

assert sys.platform == "win32"  # noqa: S101  the type checker knows nothing of the two modules elsewhere

from monitor_tray._pipe_windows_instance import BUFFER_BYTES, Instance  # noqa: E402  after what it depends on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor_core.paths import Paths
    from monitor_tray._pipe_windows_instance import Operation
    from monitor_tray.pipe import Handler, Settle

log = logging.getLogger(__name__)

#: Instances of the pipe, those that wait for a client included.
MAX_CONNECTIONS = 256
#: Instances that wait for a client.
LISTENING = 16
#: A client that has not sent a whole line by then is cut off.
SLOW_CLIENT_S = 1.0


class PipeServer:
    """See `monitor_tray.pipe`."""

    def __init__(self, paths: Paths, handle: Handler, dropped: Dropped | None = None) -> None:
        del paths  # the name is the environment's, see `pipe_name`
        self._handle = handle
        self._dropped = dropped or Dropped()
        self._running: dict[int, Operation] = {}
        self._listening: set[Instance] = set()
        # In the order of their deadlines: each new line moves its connection to the end.
        self._connections: OrderedDict[Instance, float] = OrderedDict()
        self._stopping = threading.Event()
        try:
            self._sid = _win32.user_sid()
            self._name = _name(self._sid)
            self._security = _win32.OwnerOnly(self._sid)
            self._port = _win32.create_port()
            self._listen(first=True)
        except PermissionError as error:
            raise PipeError(f"another process answers on {self._name}; stop it and start again") from error
        except OSError as error:
            raise PipeError(f"cannot open the pipe of this user: {error}; sign in again and start again") from error
        self._keep_listening()

    def serve(self, settle: Settle = lambda: None) -> None:
        """Answers clients until `close`."""
        patience = settle()
        while not self._stopping.is_set():
            completion = _win32.next_completion(self._port, self._until_next_deadline_ms(patience))
            while completion is not None:
                self._finish(completion)
                completion = _win32.next_completion(self._port, 0)
            patience = settle()
            self._cut_off_slow_clients()
        for instance in self._listening:
            instance.drop()

    def close(self) -> None:
        """Makes `serve` return; replies to what was already handled still go out until `disconnect`."""
        self._stopping.set()
        self.wake()

    def wake(self) -> None:
        """Makes `serve` settle soon."""
        _win32.wake(self._port)

    def disconnect(self) -> None:
        """Drops all clients, after `serve` has returned."""
        for instance in list(self._connections):
            self._drop(instance)
        while self._running:
            completion = _win32.next_completion(self._port, None)
            if completion is not None:
                self._finish(completion)
        _win32.close(self._port)
        self._security.close()

    def _until_next_deadline_ms(self, patience: float | None) -> int | None:
        deadlines = [] if patience is None else [time.monotonic() + patience]
        deadlines += list(self._connections.values())[:1]
        return _ms_until(min(deadlines)) if deadlines else None

    def _finish(self, completion: _win32.Completion) -> None:
        operation = self._running.pop(completion.address)
        operation.done(-1 if completion.error else completion.count)
        operation.instance.finished()

    def _keep_listening(self) -> None:
        while (
            not self._stopping.is_set()
            and len(self._listening) < LISTENING
            and len(self._listening) + len(self._connections) < MAX_CONNECTIONS
        ):
            try:
                self._listen(first=False)
            except OSError as error:
                # The next client that comes or goes makes it try again.
                log.warning("cannot wait for one more client: %s", error)
                return

    def _listen(self, *, first: bool) -> None:
        handle = _win32.create_pipe(self._name, self._security, first=first, buffer_bytes=BUFFER_BYTES)
        _win32.attach(self._port, handle)
        instance = Instance(handle, self._running)
        instance.listen(self._port, lambda count: self._connected(instance, count))
        self._listening.add(instance)

    def _connected(self, instance: Instance, count: int) -> None:
        self._listening.discard(instance)
        if count < 0:
            instance.drop()
        else:
            self._connections[instance] = time.monotonic() + SLOW_CLIENT_S
            self._read(instance)
        self._keep_listening()

    def _read(self, instance: Instance) -> None:
        try:
            instance.read(lambda count: self._received(instance, count))
        except OSError:
            self._drop(instance)

    def _received(self, instance: Instance, count: int) -> None:
        if instance not in self._connections:
            return
        if count <= 0:
            self._drop(instance)
            return
        if not self._is_ours(instance):
            self._dropped.connections += 1
            self._drop(instance)
            return
        *lines, instance.rest = (instance.rest + instance.buffer.raw[:count]).split(b"\n")
        for line in lines:
            self._handle(line, instance.reply)
        if lines:
            self._connections[instance] = time.monotonic() + SLOW_CLIENT_S
            self._connections.move_to_end(instance)
        if len(instance.rest) >= MAX_LINE_BYTES:
            self._dropped.long_lines += 1
            instance.reply(refusal(f"a line has at most {MAX_LINE_BYTES} bytes"))
            self._drop(instance)
            return
        self._read(instance)

    def _is_ours(self, instance: Instance) -> bool:
        """Asked once of each client. Only when something was read does the system know who wrote it."""
        if not instance.is_known:
            try:
                instance.is_known = _win32.client_sid(instance.handle) == self._sid
            except OSError as error:
                log.warning("a client of the pipe does not say who it is: %s", error)
        return instance.is_known

    def _cut_off_slow_clients(self) -> None:
        now = time.monotonic()
        while self._connections:
            instance, deadline = next(iter(self._connections.items()))
            if deadline > now:
                return
            self._dropped.slow_clients += 1
            self._drop(instance)

    def _drop(self, instance: Instance) -> None:
        del self._connections[instance]
        instance.drop()
        self._keep_listening()


def exchange(paths: Paths, lines: Sequence[bytes], timeout_s: float) -> list[bytes]:
    """See `monitor_tray.pipe`."""
    deadline = time.monotonic() + timeout_s
    received = b""
    name = ""
    try:
        name = _name(_win32.user_sid())
        with contextlib.closing(_Client(name, deadline)) as client:
            client.send(b"".join(lines))
            while received.count(b"\n") < len(lines):
                data = client.receive()
                if not data:
                    break
                received += data
    except OSError as error:
        raise PipeError(f"nobody answers on {name}: {error}; is `claude-monitor tray` running?") from error
    replies = received.splitlines(keepends=True)
    if len(replies) < len(lines) or not received.endswith(b"\n"):
        raise PipeError(f"the process behind {name} hung up without an answer; see its log in {paths.logs}")
    return replies


class _Client:
    """The other end, for one thread. Raises `OSError` for failures and `TimeoutError` after ``deadline``."""

    def __init__(self, name: str, deadline: float) -> None:
        self._deadline = deadline
        self._pipe = _open(name, deadline)
        self._port = _win32.create_port()
        _win32.attach(self._port, self._pipe)

    def send(self, data: bytes) -> None:
        """Returns when all of it is in the pipe."""
        block = (ctypes.c_char * len(data)).from_buffer_copy(data)
        self._run(lambda overlapped: _win32.start_write(self._pipe, block, overlapped))

    def receive(self) -> bytes:
        """Some bytes; none where the server hung up."""
        buffer = ctypes.create_string_buffer(BUFFER_BYTES)
        try:
            count = self._run(lambda overlapped: _win32.start_read(self._pipe, buffer, overlapped))
        except BrokenPipeError:
            return b""
        return buffer.raw[:count]

    def close(self) -> None:
        """Hangs up."""
        _win32.close(self._pipe)
        _win32.close(self._port)

    def _run(self, start: Callable[[_win32.Overlapped], None]) -> int:
        overlapped = _win32.Overlapped()
        start(overlapped)
        completion = _win32.next_completion(self._port, _ms_until(self._deadline))
        while completion is None:
            _win32.cancel(self._pipe)
            completion = _win32.next_completion(self._port, None)
        if completion.error == _win32.ERROR_OPERATION_ABORTED:
            raise TimeoutError("no answer in time")
        if completion.error:
            raise ctypes.WinError(completion.error)
        return completion.count


def _open(name: str, deadline: float) -> int:
    while True:
        try:
            return _win32.open_pipe(name)
        except OSError as error:
            if error.winerror != _win32.ERROR_PIPE_BUSY or time.monotonic() >= deadline:
                raise
        _win32.wait_for_pipe(name, _ms_until(deadline))


def _name(sid: str) -> str:
    return pipe_name(sid, os.environ.get(HOME_VARIABLE, ""))


def _ms_until(deadline: float) -> int:
    return max(0, math.ceil((deadline - time.monotonic()) * 1000))
