"""Why the blocks of a day's page count, read for the page where there is a day to explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_core.explaining import explain_day
from monitor_tray.render.block_lines import Reasons

if TYPE_CHECKING:
    from monitor_core.config import Config
    from monitor_core.report import Report
    from monitor_core.store import Store

#: A day with more blocks than these is not explained: nobody reads it, and it would take long.
MOST_BLOCKS = 2_000


def reasons_of(store: Store, report: Report, config: Config) -> Reasons | None:
    """The reasons for the one day that ``report`` is of; None for several, and for none or too many blocks.

    What arrived since the report was made may be in them. Raises `StoreError`.
    """
    count = sum(len(project.blocks) for project in report.projects)
    if report.first_day != report.last_day or not 0 < count <= MOST_BLOCKS:
        return None
    found = explain_day(store, report.first_day, report.zone, config, report.now_ms)
    return Reasons(found, config.idle_timeout_ms)
