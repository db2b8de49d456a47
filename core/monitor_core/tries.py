"""How often something was found in a cache: each cache counts it, and whoever made the cache may read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(slots=True)
class Tries:
    """``hits`` found what they looked for, ``misses`` had to make it. Written by the cache's own thread."""

    hits: int = 0
    misses: int = 0

    def count(self, *, found: bool) -> bool:
        """Counts one, and says ``found`` again."""
        if found:
            self.hits += 1
        else:
            self.misses += 1
        return found


#: Gives the tries of the cache of a name.
TriesOf: TypeAlias = Callable[[str], Tries]


def uncounted(_name: str) -> Tries:
    """Tries that nobody reads."""
    return Tries()
