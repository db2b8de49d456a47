"""Where a day's blocks lie on an axis of hours, in percent of its length. Geometry only; the template draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.model import HOUR_MS, MINUTE_MS, SECOND_MS

if TYPE_CHECKING:
    from monitor_core.report import Report
    from monitor_tray.render.local_time import LocalClock

_SHORTEST_MS = 6 * HOUR_MS  # of a day with one short block, the axis still shows where in the day that was
_MOST_LABELS = 7  # as many as fit on a telephone
_QUARTER_MS = 15 * MINUTE_MS  # every zone's hours begin on a quarter of UTC's


@dataclass(frozen=True, slots=True)
class Tick:
    """A whole hour on the axis; ``label`` is empty where there is no room for one."""

    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the axis; both values are percents."""

    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of time, ``[start_ms, end_ms)``, on whole hours of the local clock."""

    start_ms: int
    end_ms: int
    ticks: tuple[Tick, ...]

    def x(self, at_ms: int) -> str:
        """The place of an instant, within the axis: ``12.5%``."""
        return percent(min(max(at_ms, self.start_ms), self.end_ms) - self.start_ms, self.end_ms - self.start_ms)

    def bar(self, start_ms: int, end_ms: int) -> Bar:
        """The stretch from ``start_ms`` to ``end_ms``, which lie on the axis."""
        length_ms = max(end_ms - start_ms, SECOND_MS)  # an instant needs some width to be drawn at all
        return Bar(self.x(start_ms), percent(length_ms, self.end_ms - self.start_ms))


def axis_between(start_ms: int, end_ms: int, clock: LocalClock) -> Axis:
    """The axis from ``start_ms`` to ``end_ms``, whole days mostly, with the whole hours in between."""
    hours = _whole_hours(start_ms, end_ms, clock)
    return Axis(start_ms, end_ms, _ticks(hours, start_ms, end_ms, clock))


def percent(part: int, whole: int) -> str:
    """``part`` of ``whole`` as SVG writes it; 0 of 0 is nothing."""
    return f"{100 * part / whole:.3f}".rstrip("0").rstrip(".") + "%" if whole else "0%"


def axis_of_day(report: Report, clock: LocalClock) -> Axis:
    """The axis for a report of one day on which something happened: its span, widened to whole hours.

    At least six hours, unless the day has fewer; never beyond the day, which may have 23 or 25 hours and start at any
    hour. A local hour that comes twice has two ticks.
    """
    first_ms = report.start_ms if report.first_ms is None else report.first_ms
    last_ms = report.end_ms if report.last_ms is None else report.last_ms
    hours = _whole_hours(report.start_ms, report.end_ms, clock)
    start_ms = max((h for h in hours if h <= first_ms), default=report.start_ms)
    end_ms = min((h for h in hours if h >= max(last_ms, start_ms + _SHORTEST_MS)), default=report.end_ms)
    start_ms = max((h for h in hours if h <= min(start_ms, end_ms - _SHORTEST_MS)), default=start_ms)
    return Axis(start_ms, end_ms, _ticks([h for h in hours if start_ms <= h <= end_ms], start_ms, end_ms, clock))


def _whole_hours(start_ms: int, end_ms: int, clock: LocalClock) -> list[int]:
    first = -(-start_ms // _QUARTER_MS) * _QUARTER_MS
    return [at for at in range(first, end_ms + 1, _QUARTER_MS) if clock.local(at).minute == 0]


def _ticks(hours: list[int], start_ms: int, end_ms: int, clock: LocalClock) -> tuple[Tick, ...]:
    step = next((s for s in (1, 2, 3, 4) if len(hours) <= s * _MOST_LABELS), 6)
    return tuple(
        Tick(percent(at - start_ms, end_ms - start_ms), "" if clock.local(at).hour % step else clock.time(at))
        for at in hours
    )
