"""Arithmetic of half-open intervals. A *set* here is a sorted tuple of disjoint, non-empty, non-touching intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_core.model import DAY_MS, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: Takes half as long as `Interval` itself: there may be tens of thousands in a report.
_interval = Interval._make
_EVER = 2**63


def union(intervals: Iterable[tuple[int, int]]) -> tuple[Interval, ...]:
    """The set that covers exactly what ``intervals`` cover, in any order, overlapping or not; empty ones vanish.

    ::

        |--|   |---|              |--| |-----|
            |-|  |-----|     →
    """
    result: list[Interval] = []
    first_ms = until_ms = -_EVER
    for start_ms, end_ms in sorted(intervals):
        if end_ms <= start_ms:
            continue
        if start_ms > until_ms:
            if first_ms < until_ms:
                result.append(_interval((first_ms, until_ms)))
            first_ms, until_ms = start_ms, end_ms
        elif end_ms > until_ms:
            until_ms = end_ms
    if first_ms < until_ms:
        result.append(_interval((first_ms, until_ms)))
    return tuple(result)


def covered_ms(intervals: Iterable[tuple[int, int]]) -> int:
    """How much ``intervals`` cover, in any order: the length of their `union`, which is not made."""
    total_ms, until_ms = 0, -_EVER
    for start_ms, end_ms in sorted(intervals):
        if end_ms > until_ms:
            total_ms += end_ms - max(start_ms, until_ms)
            until_ms = end_ms
    return total_ms


def add(intervals: list[Interval], start_ms: int, end_ms: int) -> None:
    """Makes the set in the list ``intervals`` cover ``[start_ms, end_ms)`` too; O(1) at its end, amortised."""
    if end_ms <= start_ms:
        return
    last = len(intervals)
    while last and intervals[last - 1].start_ms > end_ms:
        last -= 1
    first = last
    while first and intervals[first - 1].end_ms >= start_ms:
        first -= 1
    if first < last:
        start_ms = min(start_ms, intervals[first].start_ms)
        end_ms = max(end_ms, intervals[last - 1].end_ms)
    intervals[first:last] = [Interval(start_ms, end_ms)]


def subtract(left: Sequence[Interval], right: Sequence[Interval]) -> tuple[Interval, ...]:
    """What of the set ``left`` no interval of the set ``right`` covers.

    ::

        |-----------|
           |--|        →   |--|  |-----|
    """
    result: list[Interval] = []
    i = 0
    for start, end in left:
        at = start
        while i < len(right) and right[i].end_ms <= at:
            i += 1
        k = i
        while k < len(right) and right[k].start_ms < end:
            if right[k].start_ms > at:
                result.append(Interval(at, right[k].start_ms))
            at = max(at, right[k].end_ms)
            k += 1
        if at < end:
            result.append(Interval(at, end))
    return tuple(result)


def common(left: Sequence[Interval], right: Sequence[Interval]) -> tuple[Interval, ...]:
    """What both of two sets cover.

    ::

        |-----------|  |--|
           |--|   |-----|   →   |--|   |-|  |-|
    """
    result: list[Interval] = []
    k = 0
    for start, end in left:
        while k < len(right) and right[k].end_ms <= start:
            k += 1
        n = k
        while n < len(right) and right[n].start_ms < end:
            result.append(Interval(max(start, right[n].start_ms), min(end, right[n].end_ms)))
            n += 1
    return tuple(result)


def common_ms(left: Sequence[tuple[int, int]], right: Sequence[tuple[int, int]]) -> int:
    """How much both of two sets cover: the length of what is `common` to them, which is not made."""
    return sum(lengths_within(left, right).values())


def clip(intervals: Iterable[Interval], start_ms: int, end_ms: int) -> tuple[Interval, ...]:
    """The parts of ``intervals`` within ``[start_ms, end_ms)``, in their order."""
    # All but those at the ends are taken as they are: there may be tens of thousands.
    return tuple(
        i if start_ms <= i[0] and i[1] <= end_ms else Interval(max(i[0], start_ms), min(i[1], end_ms))
        for i in intervals
        if start_ms < i[1] and i[0] < end_ms and i[0] < i[1]
    )


def length_ms(intervals: Iterable[Interval]) -> int:
    """Sum of the lengths."""
    return sum(i.end_ms - i.start_ms for i in intervals)


def days_of(interval: Interval) -> Iterator[Interval]:
    """``interval`` cut at every midnight of UTC."""
    start_ms = interval.start_ms
    while start_ms < interval.end_ms:
        end_ms = min(interval.end_ms, start_ms - start_ms % DAY_MS + DAY_MS)
        yield Interval(start_ms, end_ms)
        start_ms = end_ms


def lengths_within(intervals: Iterable[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> dict[int, int]:
    """How much of ``intervals`` lies within each of ``spans``, by its place there; those without any are left out.

    Both are sorted and disjoint.
    """
    result: dict[int, int] = {}
    for k, start_ms, end_ms in parts_within(intervals, spans):
        result[k] = result.get(k, 0) + end_ms - start_ms
    return result


def parts_within(
    intervals: Iterable[tuple[int, int]], spans: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, int]]:
    """``intervals`` cut to each of ``spans``: the place of the span, start and end of the part; empty ones vanish.

    Both are sorted and disjoint.
    """
    first, count = 0, len(spans)
    for start_ms, end_ms in intervals:
        while first < count and spans[first][1] <= start_ms:
            first += 1
        k = first
        while k < count and spans[k][0] < end_ms:
            from_ms, until_ms = spans[k]
            # Not by min and max: there may be tens of thousands.
            from_ms = start_ms if start_ms > from_ms else from_ms  # noqa: FURB136
            until_ms = end_ms if end_ms < until_ms else until_ms  # noqa: FURB136
            if from_ms < until_ms:
                yield k, from_ms, until_ms
            k += 1
