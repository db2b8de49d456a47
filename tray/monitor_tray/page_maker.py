"""The process that makes the tray's pages, one after the other: ``python -m monitor_tray.page_maker HOME [SECONDS]``.

A page of a year takes half a second of Python and 60 MB, which a process hardly ever gives back. So it is not the tray
that has them (docs/decisions/0026-pages-from-a-process-of-their-own.md). Orders come on stdin, a line each, and what
was made goes to stdout. It ends when stdin does, and after so many SECONDS without an order.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from monitor_core.analytics import analytics_of
from monitor_core.days import day_of
from monitor_core.errors import MonitorError
from monitor_core.one_project import of_project
from monitor_core.paths import Paths
from monitor_core.periods import Kind, period_of
from monitor_core.reporting import build_report
from monitor_core.settled import SettledParts
from monitor_core.standing import books_are_current, rules_of
from monitor_core.store import Store
from monitor_core.tries import Tries
from monitor_tray.clock import now_ms
from monitor_tray.page_orders import Made, Order, Said, decode_order, encode
from monitor_tray.reasons import reasons_of
from monitor_tray.render import html
from monitor_tray.render.insight_words import most_telling
from monitor_tray.settings import SettingsFile, zone_of
from monitor_tray.today import report_today

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from monitor_core.analytics import Sums
    from monitor_core.config import Config
    from monitor_core.parts import Part
    from monitor_core.report import Report

log = logging.getLogger(__name__)

#: For so long it stays, for the next page: that takes a tenth of the time of the first.
KEEP_S = 120.0
#: Hooks, and whatever a person does, come first.
_NICE = 5
#: How long a page waits for the books; they are behind for longer where they are made anew.
_FOR_THE_BOOKS_S = 0.5


class PageMaker:
    """Makes pages in the folder for reports of ``paths``; what is settled of one is kept for the next."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._settings = SettingsFile(paths.config)
        self._queries: list[tuple[str, float]] = []
        self._tries = {"settled_parts": Tries(), "settled_sums": Tries()}
        self._settled: SettledParts[Part] = SettledParts(time.monotonic, self._tries["settled_parts"])
        self._analysed: SettledParts[Sums] = SettledParts(time.monotonic, self._tries["settled_sums"])

    def make(self, order: Order) -> Made:
        """Whatever goes wrong is told in what it returns."""
        page = error = ""
        self._queries.clear()
        for tries in self._tries.values():
            tries.hits = tries.misses = 0
        with _listening() as said:
            try:
                page = str(self._write(order))
            except MonitorError as refused:
                error = str(refused)
            except Exception as unforeseen:
                log.exception("cannot make the report")
                error = repr(unforeseen)
        return Made(page, error, tuple(self._queries), self._tries, tuple(said))

    def _write(self, order: Order) -> Path:
        config, project = self._settings.current(), order.project
        with (
            contextlib.closing(Store(self._paths.database, lambda *query: self._queries.append(query))) as store,
            _with_books_of_all_events(store, config),
        ):
            report = self._report(store, order.kind, config)
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

    def _report(self, store: Store, kind: Kind, config: Config) -> Report:
        at_ms = now_ms()
        if kind is Kind.DAY:
            return report_today(store, config, at_ms)
        zone = zone_of(config)
        days = period_of(kind, day_of(at_ms, zone, config.day_starts_at), config.week_starts_on)
        return build_report(store, days.first, days.last, zone, config, at_ms, settled=self._settled)


def main() -> None:
    """Obeys until there is nothing to do."""
    home, *rest = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the tray, which ends this one
    if os.name == "posix":
        os.nice(_NICE)
    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    # A pipe cannot be waited for with an end on every platform; the thread dies with the process.
    threading.Thread(target=_hear, args=(sys.stdin.buffer, orders), daemon=True).start()
    maker = PageMaker(Paths(Path(home)))
    with contextlib.suppress(queue.Empty, BrokenPipeError):
        while line := orders.get(timeout=float(rest[0]) if rest else KEEP_S):
            sys.stdout.buffer.write(encode(maker.make(decode_order(line))) + b"\n")
            sys.stdout.buffer.flush()
    # Not by the usual way: that waits for the thread, which waits for stdin.
    os._exit(0)


def _hear(stdin: BinaryIO, orders: queue.SimpleQueue[bytes]) -> None:
    for line in stdin:
        orders.put(line)
    orders.put(b"")


@contextlib.contextmanager
def _listening() -> Iterator[list[Said]]:
    """What is logged meanwhile goes into the list, and nowhere else: the log file belongs to the tray."""
    heard: list[Said] = []
    handler = _Listener(heard)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield heard
    finally:
        root.removeHandler(handler)


class _Listener(logging.Handler):
    def __init__(self, heard: list[Said]) -> None:
        super().__init__()
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(Said(record.levelno, record.name, self.format(record)))


@contextlib.contextmanager
def _with_books_of_all_events(store: Store, config: Config) -> Iterator[None]:
    """All reading in the ``with`` sees one state of the store: where it can be awaited, one that the books hold whole.

    They follow some milliseconds behind what arrives. A year made of its events instead takes a second.
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


if __name__ == "__main__":
    main()
