"""How much a cell of a map has, in few steps: what an eye can tell apart."""

from __future__ import annotations

LEVELS = 4


def level(part_ms: int, most_ms: int) -> int:
    """0 for nothing, else which quarter of ``most_ms`` is reached: 1 to 4."""
    if part_ms <= 0:
        return 0
    return min(LEVELS, -(-LEVELS * part_ms // most_ms))
