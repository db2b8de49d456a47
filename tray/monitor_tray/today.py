"""Today, from the store to the glance: the one thing that the tray keeps up to date."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from monitor_core.days import day_of
from monitor_core.model import MINUTE_MS
from monitor_core.reporting import build_report
from monitor_core.turns import StreamState
from monitor_tray.glance import Glance, ProjectLine, State
from monitor_tray.render.figures import minutes_of_projects
from monitor_tray.settings import zone_of

if TYPE_CHECKING:
    from monitor_core.config import Config
    from monitor_core.grouping import LastGrouping
    from monitor_core.report import Report
    from monitor_core.store import Store


def now_ms() -> int:
    """The present instant."""
    return time.time_ns() // 1_000_000


def report_today(store: Store, config: Config, at_ms: int, last: LastGrouping | None = None) -> Report:
    """The report of the day that ``at_ms`` lies in. Raises `StoreError`, `ConfigError`."""
    zone = zone_of(config)
    day = day_of(at_ms, zone, config.day_starts_at)
    return build_report(store, day, day, zone, config, at_ms, last)


def glance_of(report: Report, config: Config, trouble: str) -> Glance:
    """What the tray shows of ``report``; ``trouble`` is empty while all is well."""
    projects, minutes, parallel = minutes_of_projects(report)
    return Glance(
        total_ms=report.total_ms,
        goal_ms=config.goal_ms,
        state=State.TROUBLE if trouble else _state(report),
        # The very minutes that the reports show; less than one of them, but not nothing, is a millisecond.
        projects=tuple(ProjectLine(p.name, m * MINUTE_MS or 1) for p, m in zip(projects, minutes, strict=True)),
        parallel_ms=-parallel * MINUTE_MS,
        trouble=trouble,
    )


def _state(report: Report) -> State:
    states = {stream.state for stream in report.open_streams}
    if StreamState.BLOCKED in states:
        return State.WAITING
    return State.WORKING if StreamState.WORKING in states else State.IDLE
