"""The local pipe, whichever the platform has: a Unix socket or a Windows named pipe. Never a network port.

Both modules offer the same two names:

``PipeServer(paths, handle, dropped)``
    Binds at once, so that no event is missed while the rest starts. ``serve(settle)`` runs until ``close()`` from
    another thread. ``handle(line, reply)`` is called in the server's thread for each complete line, without its
    newline; ``reply(bytes)`` is to be called once, maybe later and from any thread, and never raises or blocks. A
    client that waits for it for more than a second is cut off. When all that had arrived is handled, ``settle()`` is
    called in the same thread; it returns after how many seconds it wants to be called again even if nothing arrives,
    or None. ``wake()`` makes that happen soon, from any thread.
    What is turned away is counted in ``dropped``. Raises `PipeError` where the pipe cannot be opened.
``exchange(paths, lines, timeout_s)``
    Sends whole lines, newlines included, and returns as many reply lines in their order. Raises `PipeError` where
    nobody answers in time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

if sys.platform == "win32":
    from monitor_tray._pipe_windows import PipeServer, exchange
else:
    from monitor_tray._pipe_posix import PipeServer, exchange

__all__ = ["Handler", "PipeServer", "Reply", "Settle", "exchange"]

Reply = Callable[[bytes], None]
Handler = Callable[[bytes, Reply], None]
Settle = Callable[[], float | None]
