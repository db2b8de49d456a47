"""When what is committed is made to survive a power cut as well (docs/decisions/0005-durability.md).

It waits for the disk, up to tens of milliseconds, so it happens in a thread of its own, over a connection of its own,
while events go on being committed; and only every now and then.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from typing import TYPE_CHECKING

from monitor_core.errors import StoreError
from monitor_core.store import checkpoint
from monitor_tray.metrics import Metrics

if TYPE_CHECKING:
    from pathlib import Path

    from monitor_core.store import WritableStore

log = logging.getLogger(__name__)

#: It happens when nothing was written for the first, or at the latest after the second.
QUIET_S, LONGEST_S = 1.0, 5.0
#: Or when the write-ahead log is as large as this. Past the second size nothing is written meanwhile: else the log
#: would not be begun anew, and grow, for as long as events keep coming.
LARGE_BYTES, TOO_LARGE_BYTES = 16 * 1024 * 1024, 128 * 1024 * 1024
_LOOK_EVERY_S = 0.1


class Flushing:
    """Belongs to the thread of its store. Instants are `time.monotonic`."""

    def __init__(self, store: WritableStore, database: Path, metrics: Metrics | None = None) -> None:
        self._metrics = metrics or Metrics()
        self._store = store
        self._database = database
        self._at = self._by = math.inf
        self._look_at = 0.0
        self._thread: threading.Thread | None = None
        self._error: StoreError | None = None

    def written(self, now: float) -> None:
        """Something was committed that the disk may not have yet."""
        self._at = now + QUIET_S
        self._by = min(self._by, now + LONGEST_S)
        if self._look_at <= now:
            self._look_at = now + _LOOK_EVERY_S
            if self._store.wal_bytes() > LARGE_BYTES:
                self._by = now

    def cannot_wait(self, now: float) -> bool:
        """Whether it is due even while more arrives."""
        return self._by <= now

    def work(self, now: float) -> float:
        """Begins it where it is due. Returns after how many seconds to ask again; infinity where nothing is to do."""
        too_large = self._by <= now and self._store.wal_bytes() > TOO_LARGE_BYTES
        if self._thread is not None:
            if self._thread.is_alive() and not too_large:
                return QUIET_S
            self._wait(now)
        due = min(self._at, self._by)
        if due > now:
            return due - now
        self._at = self._by = math.inf
        # A reader may hold it up, so that the log stays large for a while.
        self._look_at = now + QUIET_S
        self._thread = threading.Thread(target=self._flush, name="flush")
        self._thread.start()
        if too_large:
            self._wait(now)
        return QUIET_S

    def finish(self) -> None:
        """Returns when all that was written is on the disk. Raises `StoreError`."""
        if self._thread is not None:
            self._thread.join()
        self._store.checkpoint()

    def _flush(self) -> None:
        began = time.perf_counter()
        try:
            checkpoint(self._database)
        except StoreError as error:
            self._metrics.checkpoint_failures += 1
            self._error = error
        else:
            self._metrics.checkpoint.observe(time.perf_counter() - began)

    def _wait(self, now: float) -> None:
        """Until it has ended, and sees how it went."""
        if self._thread is not None:
            self._thread.join()
        if self._error is not None:
            log.warning("%s; trying again", self._error)
            self.written(now)
        self._thread = self._error = None
