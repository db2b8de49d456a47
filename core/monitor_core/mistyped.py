"""What somebody may have meant who mistyped it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def meant_by(wanted: str, known: Iterable[str], *, most: int = 3, alike: float = 0.6) -> list[str]:
    """Those of ``known`` that are like ``wanted``, the likest first; ``alike`` is from 0, any, to 1, the same."""
    import difflib  # noqa: PLC0415  takes milliseconds, and next to nobody mistypes

    return difflib.get_close_matches(wanted, list(known), n=most, cutoff=alike)
