"""The reports of today, of this week, month and year, and of one project today, as pages in the browser."""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
import time
from typing import TYPE_CHECKING

from monitor_core.days import day_of
from monitor_core.errors import MonitorError
from monitor_core.one_project import of_project
from monitor_core.periods import period_of
from monitor_core.reporting import build_report
from monitor_core.settled import SettledParts
from monitor_core.standing import books_are_current, rules_of
from monitor_core.store import Store
from monitor_tray.metrics import Metrics
from monitor_tray.settings import zone_of
from monitor_tray.today import now_ms, report_today

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.analytics import Sums
    from monitor_core.config import Config
    from monitor_core.parts import Part
    from monitor_core.paths import Paths
    from monitor_core.periods import Kind
    from monitor_core.report import Report
    from monitor_tray.settings import SettingsFile

log = logging.getLogger(__name__)

#: How long a page waits for the books; they are behind for longer where they are made anew.
_FOR_THE_BOOKS_S = 0.5


class Pages:
    """Each method writes a page and opens it; what goes wrong is logged. To be called from any thread."""

    def __init__(self, paths: Paths, settings: SettingsFile, metrics: Metrics | None = None) -> None:
        self._metrics = metrics or Metrics()
        self._paths = paths
        self._settings = settings
        self._settled: SettledParts[Part] = SettledParts(time.monotonic, self._metrics.tries("settled_parts"))
        self._analysed: SettledParts[Sums] = SettledParts(time.monotonic, self._metrics.tries("settled_sums"))
        self._lock = threading.Lock()

    def open_day(self) -> None:
        """Today's report."""
        self._open(self._today)

    def open_period(self, kind: Kind) -> None:
        """The report of the week, the month or the year that today lies in."""
        self._open(functools.partial(self._period, kind))

    def open_project(self, path: str) -> None:
        """Today's report of the project at ``path`` alone."""
        self._open(self._today, path)

    def let_go(self) -> None:
        """Gives back the memory of what nobody has asked for of late. Cheap; skipped while a page is being made."""
        if self._lock.acquire(blocking=False):
            try:
                self._settled.let_go()
                self._analysed.let_go()
            finally:
                self._lock.release()

    def _open(self, report_of: Callable[[Store], Report], project: str | None = None) -> None:
        import webbrowser  # noqa: PLC0415  only when somebody clicks

        try:
            page = self._write(report_of, project)
        except MonitorError as error:
            log.error("cannot make the report: %s", error)  # noqa: TRY400  the sentence says it all
            return
        except Exception:
            log.exception("cannot make the report")
            return
        if not webbrowser.open(page.as_uri()):
            log.warning("no browser was found to open %s", page)

    def _write(self, report_of: Callable[[Store], Report], project: str | None) -> Path:
        from monitor_core.analytics import analytics_of  # noqa: PLC0415  as the page itself
        from monitor_tray.reasons import reasons_of  # noqa: PLC0415
        from monitor_tray.render import html  # noqa: PLC0415  jinja2 is paid for by the first report
        from monitor_tray.render.insight_words import most_telling  # noqa: PLC0415

        config = self._settings.current()
        with (
            contextlib.closing(Store(self._paths.database, self._metrics.query)) as store,
            _with_books_of_all_events(store, config),
        ):
            with self._lock:
                report = report_of(store)
                # What is said of all projects is not said of one.
                analytics = analytics_of(store, report, config, settled=self._analysed) if project is None else None
            insights = most_telling(analytics, report) if analytics else []
            reasons = reasons_of(store, report, config)
        of = ""
        if project is not None:
            of = next((each.name for each in report.projects if each.path == project), project)
            report = of_project(report, project)
        return html.write_report(
            report,
            self._paths.reports,
            of=of,
            week_starts_on=config.week_starts_on,
            reasons=reasons,
            insights=insights,
        )

    def _today(self, store: Store) -> Report:
        return report_today(store, self._settings.current(), now_ms())

    def _period(self, kind: Kind, store: Store) -> Report:
        config, at_ms = self._settings.current(), now_ms()
        zone = zone_of(config)
        days = period_of(kind, day_of(at_ms, zone, config.day_starts_at), config.week_starts_on)
        return build_report(store, days.first, days.last, zone, config, at_ms, settled=self._settled)


@contextlib.contextmanager
def _with_books_of_all_events(store: Store, config: Config) -> Iterator[None]:
    """All reading in the ``with`` sees one state of the store: where it can be awaited, one that the books hold whole.

    They follow some milliseconds behind what arrives. A year made of its events instead takes a second, and memory that
    the process keeps.
    """
    give_up_at = time.monotonic() + _FOR_THE_BOOKS_S
    while time.monotonic() < give_up_at:
        with store.snapshot():
            if books_are_current(store, rules_of(config), now_ms()):
                yield
                return
        time.sleep(_FOR_THE_BOOKS_S / 50)
    with store.snapshot():
        yield
