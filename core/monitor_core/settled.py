"""What was made of ranges that are settled, kept by a process that makes many reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from cachetools import TTLCache

from monitor_core.tries import Tries

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

#: How many are kept, and how long: that of a year with 10,000 blocks has some 5 MB.
PARTS, KEEP_S = 4, 600.0

_Made = TypeVar("_Made")


class SettledParts(Generic[_Made]):
    """Belongs to one thread at a time.

    ``timer`` tells seconds from any origin.
    """

    def __init__(self, timer: Callable[[], float], tries: Tries | None = None) -> None:
        self._tries = Tries() if tries is None else tries
        self._parts: TTLCache[Hashable, tuple[object, _Made]] = TTLCache(PARTS, KEEP_S, timer)

    def part(self, days: Hashable, made_of: object, make: Callable[[], _Made]) -> _Made:
        """The part of ``days``: the one that was made of the same, or else a new one.

        ``made_of`` must be another one whenever the part would be.
        """
        known = self._parts.get(days)
        if known is not None and known[0] == made_of:
            self._tries.count(found=True)
            return known[1]
        self._tries.count(found=False)
        part = make()
        self._parts[days] = made_of, part
        return part
