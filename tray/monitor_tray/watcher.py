"""Keeps what people see of today up to date: one thread that looks at the store when something has changed.

While nothing changes and no stream is open it does not wake at all, but for the beginning of the next day.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from monitor_core.errors import MonitorError
from monitor_core.store import Store
from monitor_tray.glance import Glance, State
from monitor_tray.today import glance_of, now_ms, report_today

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.paths import Paths
    from monitor_core.report import Report
    from monitor_tray.settings import SettingsFile

log = logging.getLogger(__name__)

#: Many events at once are shown together, at most this often.
SETTLE_S = 0.2
#: While Claude works the time grows without events.
GROWING_S = 20.0


class Watcher:
    """Start `run` in a thread of its own, after the store has been made.

    ``show`` gets each new glance, in that thread. ``trouble`` says what is wrong with recording at present, or nothing.
    """

    def __init__(
        self, paths: Paths, settings: SettingsFile, trouble: Callable[[], str], show: Callable[[Glance], None]
    ) -> None:
        self._paths = paths
        self._settings = settings
        self._trouble = trouble
        self._show = show
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
        store = Store(self._paths.database)
        try:
            while not self._stop.is_set():
                self._wake.clear()
                self._wake.wait(self._look(store))
                self._stop.wait(SETTLE_S)
        finally:
            store.close()

    def look(self, store: Store) -> tuple[Glance, Report | None]:
        """The glance as things stand, and what it was made from; None where the store cannot be read."""
        config = self._settings.current()
        trouble = self._trouble() or self._settings.problem
        try:
            report = report_today(store, config, now_ms())
        except MonitorError as error:
            return Glance(0, config.goal_ms, State.TROUBLE, trouble=trouble or str(error)), None
        return glance_of(report, config, trouble), report

    def _look(self, store: Store) -> float | None:
        """Shows once; returns after how many seconds there is something new even if nothing happens."""
        glance, report = self.look(store)
        try:
            self._show(glance)
        except Exception:
            log.exception("the icon could not be brought up to date")
        if report is None or report.open_streams:
            return GROWING_S
        return max(0.0, (report.end_ms - now_ms()) / 1_000)
