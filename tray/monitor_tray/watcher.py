"""Keeps what people see of today up to date: one thread that looks at the store when something has changed.

While nothing changes and no stream is open it looks every two and a half minutes.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from monitor_core.errors import MonitorError
from monitor_core.grouping import LastGrouping
from monitor_core.store import Store
from monitor_tray.clock import now_ms
from monitor_tray.glance import Glance, State
from monitor_tray.metrics import Metrics
from monitor_tray.today import glance_of, report_today

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.config import Config
    from monitor_core.paths import Paths
    from monitor_core.report import Report
    from monitor_tray.settings import SettingsFile

log = logging.getLogger(__name__)

#: What changes is shown at once. Of many changes in a row so many are; then what comes in this time is shown together.
AT_ONCE, SETTLE_S = 4, 0.7
#: Between two of those at once: several hooks may be on their way together.
LEAST_S = 0.05
#: While Claude works the time grows without events.
GROWING_S = 20.0
#: Settings change without an event, and midnight may pass while the machine sleeps. Not a multiple of what the writer
#: waits, so that they seldom wake at the same instant and wait for one another.
IDLE_S = 150.0


class Watcher:
    """Start `run` in a thread of its own, after the store has been made.

    ``show`` gets each new glance, in that thread. ``trouble`` says what is wrong with recording at present, or nothing.
    ``notify`` gets the report of each, None where it could not be made, with the trouble, and returns at which instant
    it wants to be asked again even if nothing happens, or None.
    """

    def __init__(
        self,
        paths: Paths,
        settings: SettingsFile,
        trouble: Callable[[], str],
        show: Callable[[Glance], None],
        notify: Callable[[Report | None, str], int | None] = lambda _report, _trouble: None,
        metrics: Metrics | None = None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._settings = settings
        self._trouble = trouble
        self._show, self._notify = show, notify
        self._database = paths.database
        self._store: Store | None = None
        self._grouping = LastGrouping(self._metrics.tries)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._afforded_s = 0.0

    def changed(self) -> None:
        """There may be something new to show. Cheap, from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Makes `run` return."""
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        """Shows until `stop`."""
        try:
            changed = False
            while not self._stop.is_set():
                self._wake.clear()
                patience = self._show_once()
                if changed:  # and not merely time that passed: a change that comes now is the first
                    self._stop.wait(self._settle_s(time.monotonic()))
                changed = self._wake.wait(max(patience, SETTLE_S))
        finally:
            self._forget()

    def _settle_s(self, now_s: float) -> float:
        """How long not to look again, after a change was shown at ``now_s``."""
        self._afforded_s = max(self._afforded_s, now_s) + SETTLE_S
        return max(LEAST_S, self._afforded_s - AT_ONCE * SETTLE_S - now_s)

    def look(self) -> Glance:
        """The glance as things stand; from any thread."""
        return self._look()[0]

    def _look(self) -> tuple[Glance, Report | None]:
        """The glance, and what it was made from; None where the store cannot be read."""
        with self._lock:
            config = self._settings.current()
            trouble = self._trouble() or self._settings.problem
            try:
                report = self._report(config)
            except MonitorError as error:
                self._forget()
                return Glance(0, config.goal_ms, State.TROUBLE, trouble=trouble or str(error)), None
            return glance_of(report, config, trouble), report

    def _report(self, config: Config) -> Report:
        if self._store is not None and not self._store.is_in_place():
            self._forget()
        if self._store is None:
            self._store = Store(self._database, self._metrics.query)
        return report_today(self._store, config, now_ms(), self._grouping, may_lag=True)

    def _forget(self) -> None:
        if self._store is not None:
            self._store.close()
        self._store, self._grouping = None, LastGrouping(self._metrics.tries)

    def _show_once(self) -> float:
        """Returns after how many seconds there is something new even if nothing happens."""
        glance, report = self._look()
        wanted_ms = None
        try:
            self._show(glance)
            wanted_ms = self._notify(report, glance.trouble)
        except Exception:
            log.exception("the icon could not be brought up to date")
        if report is None:
            return GROWING_S
        ends_ms = (report.end_ms, report.pause.end_ms if report.pause else None, wanted_ms)
        patience_s = GROWING_S if report.open_streams else IDLE_S
        return min([patience_s, *(max(0.0, (at_ms - now_ms()) / 1_000) for at_ms in ends_ms if at_ms is not None)])
