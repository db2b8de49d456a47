"""Keeps what people see of today up to date: one thread that looks at the store when something has changed.

While nothing changes and no stream is open it looks once a minute.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from monitor_core.errors import MonitorError
from monitor_core.grouping import LastGrouping
from monitor_core.store import Store
from monitor_tray.glance import Glance, State
from monitor_tray.today import glance_of, now_ms, report_today

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.config import Config
    from monitor_core.paths import Paths
    from monitor_core.report import Report
    from monitor_tray.settings import SettingsFile

log = logging.getLogger(__name__)

#: Many events at once are shown together, at most this often.
SETTLE_S = 0.7
#: While Claude works the time grows without events.
GROWING_S = 20.0
#: Settings change without an event, and midnight may pass while the machine sleeps.
IDLE_S = 60.0


class Watcher:
    """Start `run` in a thread of its own, after the store has been made.

    ``show`` gets each new glance, in that thread. ``trouble`` says what is wrong with recording at present, or nothing.
    """

    def __init__(
        self, paths: Paths, settings: SettingsFile, trouble: Callable[[], str], show: Callable[[Glance], None]
    ) -> None:
        self._settings = settings
        self._trouble = trouble
        self._show = show
        self._database = paths.database
        self._store: Store | None = None
        self._grouping = LastGrouping()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()

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
            while not self._stop.is_set():
                self._wake.clear()
                patience = self._show_once()
                # What comes in a row is shown together; what comes after a pause, at once.
                self._stop.wait(SETTLE_S)
                self._wake.wait(patience)
        finally:
            self._forget()

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
        if self._store is None:
            self._store = Store(self._database)
        report = report_today(self._store, config, now_ms(), self._grouping, may_lag=True)
        if not report.projects:
            self._forget()  # It may read as empty because it was not there yet: then it must be opened again.
        return report

    def _forget(self) -> None:
        if self._store is not None:
            self._store.close()
        self._store, self._grouping = None, LastGrouping()

    def _show_once(self) -> float:
        """Returns after how many seconds there is something new even if nothing happens."""
        glance, report = self._look()
        try:
            self._show(glance)
        except Exception:
            log.exception("the icon could not be brought up to date")
        if report is None or report.open_streams:
            return GROWING_S
        return min(IDLE_S, max(0.0, (report.end_ms - now_ms()) / 1_000))
