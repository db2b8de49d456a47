"""The reports of today, of this week, month and year, and of one project today, as pages in the browser.

Another process makes them (`monitor_tray.page_maker`), started for the first, which ends when nobody has asked for a
while.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from monitor_core.errors import MonitorError
from monitor_tray.metrics import Metrics
from monitor_tray.page_orders import Made, Order, decode_made, encode

if TYPE_CHECKING:
    from monitor_core.paths import Paths
    from monitor_core.periods import Kind

log = logging.getLogger(__name__)

#: The page of a year made from its events, on a slow machine with a full disk, still comes in this time.
_PATIENCE_S = 60.0
#: Windows would open a console for it.
_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class Pages:
    """What goes wrong is logged. To be called from any thread; pages are made one after the other."""

    def __init__(self, paths: Paths, metrics: Metrics | None = None) -> None:
        self._metrics = metrics or Metrics()
        self._home = paths.home
        self._maker: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False

    def open_day(self) -> None:
        """Today's report."""
        self._open(Order())

    def open_period(self, kind: Kind) -> None:
        """The report of the day, the week, the month or the year that it is."""
        self._open(Order(kind))

    def open_project(self, path: str) -> None:
        """Today's report of the project at ``path`` alone."""
        self._open(Order(project=path))

    def write(self, order: Order) -> Path:
        """Has the page made, and returns where it is. Raises `MonitorError`."""
        with self._lock:
            made = self._have_made(order)
        for said in made.said:
            logging.getLogger(said.logger).log(said.level, "%s", said.message)
        for name, seconds in made.queries:
            self._metrics.query(name, seconds)
        for name, found in made.tries.items():
            tries = self._metrics.tries(name)
            tries.hits += found.hits
            tries.misses += found.misses
        if made.error:
            raise MonitorError(made.error)
        return Path(made.page)

    def clear_away(self) -> None:
        """Takes leave of a process that has ended. Cheap; skipped while a page is being made."""
        if self._maker is not None and self._lock.acquire(blocking=False):
            try:
                if self._maker is not None and self._maker.poll() is not None:
                    self._end()
            finally:
                self._lock.release()

    def close(self) -> None:
        """Ends the process; a page that is being made is not waited for."""
        self._closed = True
        maker = self._maker
        if maker is not None:
            maker.kill()
        with self._lock:
            self._end()

    def _open(self, order: Order) -> None:
        import webbrowser  # noqa: PLC0415  only when somebody clicks

        try:
            page = self.write(order)
        except MonitorError as error:
            log.error("cannot make the report: %s", error)  # noqa: TRY400  the sentence says it all
            return
        if not webbrowser.open(page.as_uri()):
            log.warning("no browser was found to open %s", page)

    def _have_made(self, order: Order) -> Made:
        """It may have ended since the page before, so that this order was not heard: then it is begun anew."""
        if self._maker is not None:
            try:
                return self._exchange(self._maker, order)
            except MonitorError:
                self._end()
        if self._closed:
            raise MonitorError("Claude Monitor is ending")
        try:
            self._maker = _start(self._home)
            return self._exchange(self._maker, order)
        except OSError as error:
            raise MonitorError(f"no process for it could be started: {error}; try again") from error
        except MonitorError:
            self._end()
            raise

    def _end(self) -> None:
        maker, self._maker = self._maker, None
        if maker is not None:
            maker.kill()
            with contextlib.suppress(OSError):  # what it has not heard is not to be said any more
                maker.communicate()

    def _exchange(self, maker: subprocess.Popen[bytes], order: Order) -> Made:
        assert maker.stdin is not None  # noqa: S101  `_start` sees to both
        assert maker.stdout is not None  # noqa: S101
        hurry = threading.Timer(_PATIENCE_S, maker.kill)
        hurry.start()
        try:
            maker.stdin.write(encode(order) + b"\n")
            maker.stdin.flush()
            return decode_made(maker.stdout.readline())
        except (OSError, ValueError, msgspec.DecodeError) as error:
            raise MonitorError("the process that makes it ended before it had; try again") from error
        finally:
            hurry.cancel()


def _start(home: Path) -> subprocess.Popen[bytes]:
    # Without -P modules of whatever folder this is would be taken for Python's own.
    command = [sys.executable, "-P", "-m", "monitor_tray.page_maker", str(home)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, creationflags=_NO_WINDOW)
