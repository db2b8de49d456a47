"""When the books are brought up to date: after hooks have been answered, in portions, while none waits.

An error in the accounting never keeps an event from being recorded: it is logged, and reports are made from the events
until the next start.
"""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.books import Books
from monitor_core.errors import StoreError
from monitor_tray.clock import now_ms
from monitor_tray.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.accounting import Rules
    from monitor_core.store import WritableStore

log = logging.getLogger(__name__)

#: After the first pause this long, or after the second whenever nothing waits for an answer, what has arrived is
#: accounted for; after the third a portion of it even while more arrives all the time.
QUIET_S, LONGEST_S, LATEST_S = 0.004, 0.05, 0.25
#: When it is tried again after the store could not be used.
RETRY_S = 30.0
#: Events of one portion, half a millisecond's work in two halves, for one of which a hook may have to wait; and of one
#: while the books are made anew, where what a commit costs would else be most of it.
PORTION, PORTION_ANEW = 4, 100


class _Done(NamedTuple):
    """What half a portion has come to."""

    is_written: bool
    is_more: bool


class Bookkeeping:
    """Belongs to the thread of its store.

    ``written`` is called after each commit, with about when that was; ``changed`` when the books have changed and are
    up to date. ``trouble`` is a sentence for people while accounting fails, else empty.
    """

    def __init__(
        self,
        store: WritableStore,
        rules: Callable[[], Rules],
        written: Callable[[float], None],
        changed: Callable[[], None],
        metrics: Metrics | None = None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._store = store
        self._rules = rules
        self._written = written
        self._changed = changed
        self._books: Books | None = Books(store, rules(), self._metrics.tries)
        self.trouble = ""
        # After a pause; when it has been put off for long; when it cannot wait at all.
        self._at, self._by, self._latest = 0.0, math.inf, math.inf
        self._news = True  # what the books do not hold yet, or what nobody was told of
        self._took_s = 0.0

    def arrived(self, now: float) -> None:
        """There is something new, since ``now`` (`time.monotonic`)."""
        self._at = now + QUIET_S
        self._by = min(self._by, now + LONGEST_S)
        self._latest = min(self._latest, now + LATEST_S)
        self._news = True

    def look(self, now: float) -> None:
        """Settings may have changed, and an event of the future come of age, though nothing arrived."""
        self._at = min(self._at, now)

    def cannot_wait(self, now: float) -> bool:
        """Whether a portion is due even while more arrives."""
        return self._latest <= now

    def begin_anew(self) -> None:
        """Makes the books anew from the events, from the next `work` on. Raises `StoreError`."""
        self._books = Books(self._store, self._rules(), self._metrics.tries)
        self.trouble = ""
        self._books.begin_anew()
        self._at, self._news = 0.0, True

    def work(self, now: float) -> float:
        """Does half a portion where one is due. Returns after how many seconds to ask again.

        That is infinity until something `arrived`.
        """
        if min(self._at, self._by) > now:
            return min(self._at, self._by) - now
        began = time.perf_counter()
        try:
            done = self._half()
        except StoreError as error:
            log.warning("%s; accounting for it later", error)
            return self._rest(now, RETRY_S)
        except Exception:
            # Recording must go on whatever the accounting runs into.
            self.trouble = "accounting failed, so reports take longer; try `claude-monitor verify --repair`"
            log.exception("%s", self.trouble)
            self._books = None
            self._changed()
            return self._rest(now, math.inf)
        self._took_s += time.perf_counter() - began
        if done.is_written:
            self._metrics.accounting.observe(self._took_s)
            self._took_s = 0.0
            self._news = True
            self._written(now)
        if done.is_more:
            self._at = now
            if done.is_written and self._latest <= now:
                self._latest = now + LATEST_S
            return 0.0
        # Nobody is woken for a look at what has not changed: a machine that sleeps is to sleep on.
        if self._news:
            self._changed()
        self._news = False
        return self._rest(now, math.inf)

    def _rest(self, now: float, patience: float) -> float:
        self._at, self._by, self._latest = now + patience, math.inf, math.inf
        self._took_s = 0.0
        return patience

    def _half(self) -> _Done:
        """Does the next half of a portion, or, where books are made anew, all of one."""
        books = self._books
        if books is None:
            return _Done(is_written=False, is_more=False)
        if not books.has_reckoned:
            books.follow(self._rules())
            is_more = books.reckon(now_ms(), PORTION)
            if books.has_reckoned or not is_more:
                return _Done(is_written=False, is_more=is_more)
        left = books.catch_up(now_ms(), PORTION_ANEW if books.are_being_made else PORTION)
        return _Done(is_written=True, is_more=left > 0)
