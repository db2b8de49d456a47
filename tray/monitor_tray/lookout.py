"""One thread that keeps an eye on the sessions, for what no hook tells of them (see `monitor_tray.sessions`).

While no session is open it sleeps until something is stored.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from typing import TYPE_CHECKING

from monitor_core.errors import MonitorError
from monitor_core.store import Store
from monitor_tray.clock import now_ms
from monitor_tray.sessions import LOOKBACK_MS, Sessions

if sys.platform == "win32":
    from monitor_tray._hook_windows import awake_ms
else:
    from monitor_tray._hook_posix import awake_ms

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor_core.paths import Paths
    from monitor_core.wire import WireEvent
    from monitor_tray.spool import Spool

log = logging.getLogger(__name__)

#: Many events at once are read together, at most this often.
SETTLE_S = 2.0
#: While events wait in the spool, and while the store cannot be read.
WAITING_S, TROUBLE_S = 10.0, 60.0
#: Of a whole spool of events, too, few are in memory at a time.
_BATCH = 200


class Lookout:
    """Start `run` in a thread of its own, after the store has been made.

    ``record`` gets each event that was made, in that thread, until it is stored. ``config`` is the folder of a Claude
    Code that was not told another.
    """

    def __init__(self, paths: Paths, spool: Spool, config: Path, record: Callable[[WireEvent], None]) -> None:
        self._database = paths.database
        self._spool = spool
        self._config = config
        self._record = record
        self._sessions = Sessions(config)
        self._read_up_to: int | None = None
        self._wake = threading.Event()
        self._stop = threading.Event()

    def changed(self) -> None:
        """Something was stored. Cheap, from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Makes `run` return."""
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        """Looks until `stop`."""
        while not self._stop.is_set():
            self._wake.clear()
            try:
                patience = self._look()
            except Exception:
                log.exception("cannot look after the sessions")
                patience = TROUBLE_S
            self._stop.wait(SETTLE_S)
            self._wake.wait(patience)

    def _look(self) -> float | None:
        """Returns after how many seconds to look again even if nothing is stored."""
        if self._spool.count():
            return WAITING_S  # What waits there happened before, and may be the end of a session.
        try:
            self._read_on()
        except MonitorError as error:
            log.warning("cannot look after the sessions: %s", error)
            self._sessions, self._read_up_to = Sessions(self._config), None
            return TROUBLE_S
        for event in self._sessions.look(now_ms(), awake_ms()):
            log.debug("%s of session %s at %d", event.hook_event_name, ascii(event.session_id), event.t)
            self._record(event)
        return self._sessions.next_look_s(now_ms())

    def _read_on(self) -> None:
        # Opened anew each time, so that it does not matter if the file is replaced.
        with contextlib.closing(Store(self._database)) as store:
            since_ms = now_ms() - LOOKBACK_MS
            if self._read_up_to is None or store.newest() < self._read_up_to:  # it was replaced
                self._sessions = Sessions(self._config)
                self._read_up_to = store.before_first_since(since_ms)
            while found := store.wire_after(self._read_up_to, since_ms, _BATCH):
                for number, event in found:
                    self._read_up_to = number
                    self._sessions.note(event)
