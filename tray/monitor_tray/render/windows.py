"""The usage windows of a report as rows of a table: one by one, or by months where they would fill the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_tray.render.local_time import month_and_year, short_date

if TYPE_CHECKING:
    from monitor_core.report import Report
    from monitor_tray.render.local_time import LocalClock

#: Of longer reports the windows are counted by months.
MOST_DAYS = 62


@dataclass(frozen=True, slots=True)
class WindowRow:
    """One window; ``day`` is empty on the page of one day."""

    day: str
    start: str
    end: str
    open: bool
    prompts: int


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows: ``rows``, or, of long reports, ``months`` with the number of windows and of prompts of each."""

    count: int
    prompts: int
    rows: tuple[WindowRow, ...] = ()
    months: tuple[tuple[str, int, int], ...] = ()


def windows_shown(report: Report, clock: LocalClock) -> Windows:
    """The windows of ``report`` as its page shows them."""
    count, prompts = len(report.windows), sum(window.prompts for window in report.windows)
    if len(report.days) > MOST_DAYS:
        months: dict[str, tuple[int, int]] = {}
        for window in report.windows:
            month = month_and_year(clock.local(window.start_ms).date())
            known = months.get(month, (0, 0))
            months[month] = known[0] + 1, known[1] + window.prompts
        return Windows(count, prompts, months=tuple((month, *sums) for month, sums in months.items()))
    one_day = report.first_day == report.last_day
    rows = []
    for window in report.windows:
        day = clock.local(window.start_ms).date()
        rows.append(
            WindowRow(
                day="" if one_day else short_date(day),
                start=clock.time_seen_from(report.first_day if one_day else day, window.start_ms),
                end=clock.time_seen_from(day, window.end_ms),
                open=window.start_ms <= report.now_ms < window.end_ms,
                prompts=window.prompts,
            )
        )
    return Windows(count, prompts, tuple(rows))
