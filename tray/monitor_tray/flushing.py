"""When what is committed is made to survive a power cut as well (docs/decisions/0005-durability.md).

In the quiet second after events the room that they took is given back, too: of the log, and of memory.

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
from monitor_tray.memory import give_back
from monitor_tray.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor_core.store import Moved, WritableStore

log = logging.getLogger(__name__)

#: It happens when nothing was written for the first, or at the latest after the second.
QUIET_S, LONGEST_S = 1.0, 5.0
#: The log begins anew when all of it has been moved, and while events keep coming it never is: there is more by then.
#: One of so many pages, some 100 MB, is waited for.
TOO_MANY_PAGES = 25_000
#: The file of the log keeps the largest size that it had, which costs nothing but room. In a quiet second a larger one
#: is given back.
ROOM_BYTES = 4 * 1024 * 1024


class Flushing:
    """Belongs to the thread of its store. Instants are `time.monotonic`.

    ``emptied`` is called when the log has been emptied: whoever looks at the store every now and then reads all of it
    again the next time, and does so better now than minutes later, from a disk that sleeps.
    """

    def __init__(
        self,
        store: WritableStore,
        database: Path,
        emptied: Callable[[], None],
        metrics: Metrics | None = None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._emptied = emptied
        self._store = store
        self._database = database
        self._at = self._by = math.inf
        self._thread: threading.Thread | None = None
        self._moved: Moved | None = None
        self._error: StoreError | None = None

    def written(self, now: float) -> None:
        """Something was committed that the disk may not have yet."""
        self._at = now + QUIET_S
        self._by = min(self._by, now + LONGEST_S)

    def cannot_wait(self, now: float) -> bool:
        """Whether it is due even while more arrives."""
        return self._by <= now

    def work(self, now: float) -> float:
        """Begins it where it is due. Returns after how many seconds to ask again; infinity where nothing is to do."""
        if self._thread is not None:
            if self._thread.is_alive():
                return QUIET_S
            self._end(now)
        due = min(self._at, self._by)
        if due > now:
            return due - now
        if self._database.exists() and not self._store.is_in_place():
            # It would be another file that is written to. Whoever sees that this one was moved brings it up to date.
            self._at = self._by = math.inf
            return math.inf
        cut_above = None
        # After one that could not wait the quiet second is still to come.
        if self._at <= now:
            cut_above, self._at = ROOM_BYTES, math.inf
        self._by = math.inf
        self._thread = threading.Thread(target=self._flush, args=(cut_above,), name="flush")
        self._thread.start()
        return QUIET_S

    def finish(self) -> None:
        """Returns when all that was written is on the disk. Raises `StoreError`."""
        if self._thread is not None:
            self._thread.join()
        self._store.checkpoint()

    def _flush(self, cut_above: int | None) -> None:
        began = time.perf_counter()
        try:
            self._moved = checkpoint(self._database, cut_above=cut_above)
        except StoreError as error:
            self._metrics.checkpoint_failures += 1
            self._error = error
        else:
            self._metrics.checkpoint.observe(time.perf_counter() - began)
        if cut_above is not None:
            give_back()

    def _end(self, now: float) -> None:
        """Sees how it went, and moves the rest of a log that is too large: what was written since it began."""
        error, moved = self._error, self._moved
        self._thread = self._moved = self._error = None
        if moved is not None and moved.emptied:
            self._emptied()
            # Once more, for the memory that reading all of it takes.
            self._at = now + QUIET_S
        if moved is not None and moved.pages > TOO_MANY_PAGES:
            try:
                self._store.checkpoint()
            except StoreError as found:
                error = found
        if error is not None:
            log.warning("%s; trying again", error)
            self.written(now)
