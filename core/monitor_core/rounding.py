"""Rounding for display: by largest remainder, so that shown parts add up to the shown total, or as people ask for.

Integers only: no float ever decides what a person reads. Nothing here knows what a part is or how it is written.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What may be rounded to, in minutes: what divides an hour.
STEPS_MIN = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)


class Rounding(enum.StrEnum):
    """Which way something is rounded; nearest takes a half up."""

    UP = "up"
    NEAREST = "nearest"
    DOWN = "down"


def rounded_parts(parts: Sequence[int], unit: int, total: int | None = None) -> list[int]:
    """Each of ``parts`` in whole ``unit``, in the same order, adding up to ``total`` exactly.

    ``total`` is in units and is the sum of ``parts`` rounded down or up; down when it is not given. Each result is its
    part rounded down or up, hence off by less than one unit; the parts with the largest remainders are rounded up, the
    first of equals. Parts may be negative. Raises `ValueError` where no such result exists.

    The method is the one of seats in a parliament: https://en.wikipedia.org/wiki/Quota_method
    """
    if unit <= 0:
        raise ValueError(f"unit is {unit}; it must be positive")
    wanted = sum(parts) // unit if total is None else total
    result = [part // unit for part in parts]
    remainders = [part % unit for part in parts]
    missing = wanted - sum(result)
    inexact = [i for i, remainder in enumerate(remainders) if remainder]
    if not 0 <= missing <= len(inexact):
        raise ValueError(f"{list(parts)} cannot be shown in units of {unit} with the total {wanted}")
    inexact.sort(key=lambda i: -remainders[i])
    for i in inexact[:missing]:
        result[i] += 1
    return result
