"""One instance of the Windows pipe: what is under way on it, and when its handle and its memory may go.

It knows nothing of lines or of who may connect; that is `monitor_tray._pipe_windows`.
"""

from __future__ import annotations

import ctypes
import logging
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_tray import _win32

assert sys.platform == "win32"  # noqa: S101  the type checker knows nothing of `_win32` elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

#: What one read brings at most, and what the system is asked to keep for a reader.
BUFFER_BYTES = 16 * 1024
#: The hook reads its one reply at once; a client that never reads shall not fill the memory.
MAX_UNREAD_REPLIES = 1_024


@dataclass(frozen=True, slots=True)
class Operation:
    """What has to stay in memory until the system is done with it; ``done`` gets the bytes moved, -1 for a failure."""

    instance: Instance
    overlapped: _win32.Overlapped
    done: Callable[[int], None]


class Instance:
    """One instance of the pipe and, when it is connected, its client. Replies may come from another thread.

    ``running`` is where operations are kept until they have ended; each of them says so by `finished`.
    """

    def __init__(self, handle: int, running: dict[int, Operation]) -> None:
        self.handle = handle
        self.rest = b""
        self.is_known = False
        self.buffer = ctypes.create_string_buffer(BUFFER_BYTES)
        self._running = running
        self._unfinished = 0
        self._dropped = False
        self._lock = threading.Lock()

    def listen(self, port: int, done: Callable[[int], None]) -> None:
        """Waits for a client. Raises `OSError`, and is dropped, where that fails."""
        try:
            self._start(lambda overlapped: _win32.start_connect(self.handle, port, overlapped), done)
        except OSError:
            self.drop()
            raise

    def read(self, done: Callable[[int], None]) -> None:
        """Fills the buffer. Raises `OSError` where the client is gone."""
        self._start(lambda overlapped: _win32.start_read(self.handle, self.buffer, overlapped), done)

    def reply(self, line: bytes) -> None:
        """Sends ``line``; whether the client takes it is its own affair."""
        if self._unfinished > MAX_UNREAD_REPLIES:
            return
        data = (ctypes.c_char * len(line)).from_buffer_copy(line)
        try:
            # The callback keeps the bytes alive.
            self._start(
                lambda overlapped: _win32.start_write(self.handle, data, overlapped),
                lambda count: log.debug("a reply of %d bytes ended with %d", len(data), count),
            )
        except OSError as error:
            # It hung up: the hook has the event in its spool then.
            log.debug("a reply was not taken: %s", error)

    def finished(self) -> None:
        """One of the operations has ended."""
        with self._lock:
            self._unfinished -= 1
            self._close_when_over()

    def drop(self) -> None:
        """Hangs up. What is written already can still be read."""
        with self._lock:
            if not self._dropped:
                self._dropped = True
                _win32.cancel(self.handle)
                self._close_when_over()

    def _close_when_over(self) -> None:
        if self._dropped and not self._unfinished:
            _win32.close(self.handle)

    def _start(self, start: Callable[[_win32.Overlapped], None], done: Callable[[int], None]) -> None:
        overlapped = _win32.Overlapped()
        address = ctypes.addressof(overlapped)
        with self._lock:
            if self._dropped:
                return
            # Before it starts: its end may be seen by the server's thread at once.
            self._running[address] = Operation(self, overlapped, done)
            try:
                start(overlapped)
            except OSError:
                del self._running[address]
                raise
            self._unfinished += 1
