"""The parts of ranges that are settled, kept by a process that makes many reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetools import TTLCache

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from monitor_core.parts import Part

#: How many are kept, and how long: that of a year with 10,000 blocks has some 5 MB.
PARTS, KEEP_S = 4, 600.0


class SettledParts:
    """Belongs to one thread at a time.

    ``timer`` tells seconds from any origin. ``hits`` and ``misses`` count how often a part was there already.
    """

    def __init__(self, timer: Callable[[], float]) -> None:
        self.hits = self.misses = 0
        self._parts: TTLCache[Hashable, tuple[object, Part]] = TTLCache(PARTS, KEEP_S, timer)

    def part(self, days: Hashable, made_of: object, make: Callable[[], Part]) -> Part:
        """The part of ``days``: the one that was made of the same, or else a new one.

        ``made_of`` must be another one whenever the part would be.
        """
        known = self._parts.get(days)
        if known is not None and known[0] == made_of:
            self.hits += 1
            return known[1]
        self.misses += 1
        part = make()
        self._parts[days] = made_of, part
        return part
