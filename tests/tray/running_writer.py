"""A writer on its own, in the thread of a test."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from monitor_core.config import Config
from monitor_core.projects import Surroundings
from monitor_core.standing import rules_of
from monitor_tray.spool import Spool
from monitor_tray.writer import Arrival, Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.paths import Paths
    from monitor_core.wire import WireEvent
    from monitor_tray.metrics import Metrics


class Running:
    """A writer with what it said. The test is the thread that it belongs to."""

    def __init__(
        self, paths: Paths, be_alone: Callable[[], None] = lambda: None, metrics: Metrics | None = None
    ) -> None:
        self.changes: list[str] = []
        self.replies: list[bytes] = []
        self.writer = Writer(
            paths,
            Spool(paths),
            Surroundings(home="/home/dev"),
            lambda: rules_of(Config()),
            lambda: self.changes.append(self.writer.trouble),
            metrics,
            be_alone,
        )
        self.writer.open()

    def put(self, *events: WireEvent) -> None:
        for event in events:
            self.writer.put(Arrival(event, self.replies.append))

    def settle(self, within_s: float = 0.0) -> None:
        """Until there is nothing left to do within that time."""
        while (patience := self.writer.settle()) is not None and patience <= within_s:
            time.sleep(patience)
