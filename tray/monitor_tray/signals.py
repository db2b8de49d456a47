"""Wakes the main thread when a signal comes: Python runs its handlers only when that takes its next step.

A signal that comes just before it waits is lost till then, and the loops of AppKit and Windows take none:
https://github.com/moses-palmer/pystray/issues/177.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def waking(wake: Callable[[], None]) -> Iterator[None]:
    """Within, each signal that Python handles calls ``wake`` in another thread. For the main thread.

    ``wake`` has the loop run anything of Python's; the signal's handler runs before that.
    """
    heard, told = socket.socketpair()
    with heard, told:
        told.setblocking(False)  # as set_wakeup_fd demands
        earlier = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        listener = threading.Thread(target=_listen, args=(heard, wake), name="signals", daemon=True)
        listener.start()
        try:
            yield
        finally:
            signal.set_wakeup_fd(earlier)
            told.shutdown(socket.SHUT_WR)
            listener.join()


def _listen(heard: socket.socket, wake: Callable[[], None]) -> None:
    while heard.recv(64):
        wake()
