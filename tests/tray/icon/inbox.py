"""How a loop of the system waits: in foreign code, where Python hears no signal."""

from __future__ import annotations

import ctypes
import threading
import time
from collections import deque
from typing import Any

PATIENCE_S = 20
_libc = ctypes.CDLL(None)


class _Instant(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class Inbox:
    """A queue for one reader, who sits in pthread_mutex_timedlock until there is something; no signal ends that."""

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._guard = threading.Lock()
        self._open = False
        self._waits = threading.Event()
        self._gate = ctypes.create_string_buffer(64)
        _libc.pthread_mutex_init(self._gate, None)
        _libc.pthread_mutex_lock(self._gate)

    def put(self, item: Any) -> None:
        """From any thread."""
        with self._guard:
            self._items.append(item)
            if not self._open:
                self._open = True
                _libc.pthread_mutex_unlock(self._gate)

    def wait_until_somebody_waits(self) -> None:
        """Returns when the reader sits in foreign code, or is about to."""
        self._waits.wait(PATIENCE_S)
        time.sleep(0.05)  # for what is between the two; too short a time makes a test pass, never fail

    def get(self) -> Any:
        """Waits for the next item. Raises TimeoutError where none comes."""
        while not self._items:
            self._waits.set()
            if _libc.pthread_mutex_timedlock(self._gate, ctypes.byref(_Instant(int(time.time()) + PATIENCE_S, 0))):
                raise TimeoutError("nothing came that would end the loop")
            self._waits.clear()
            with self._guard:
                self._open = False
        return self._items.popleft()
