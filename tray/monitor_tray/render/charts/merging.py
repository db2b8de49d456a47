"""Stretches made few enough to be drawn: what lies closer together than an eye can see becomes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_core.model import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable

#: About as many as a screen has columns of pixels for it.
COLUMNS = 1200


def merged(intervals: Iterable[tuple[int, int]], apart_ms: int) -> list[Interval]:
    """``intervals``, by start, in which those less than ``apart_ms`` apart are one; 0 leaves those apart that are.

    Those without a length stay, where nothing else covers them.
    """
    result: list[Interval] = []
    for start_ms, end_ms in intervals:
        if result and start_ms - result[-1].end_ms < apart_ms:
            result[-1] = Interval(result[-1].start_ms, max(result[-1].end_ms, end_ms))
        else:
            result.append(Interval(start_ms, end_ms))
    return result
