"""Durations as people read them. Every place that shows one comes here, so that all of them agree."""

from __future__ import annotations

_MINUTE_MS = 60_000


def format_duration(ms: int) -> str:
    """``ms`` milliseconds as hours and minutes: ``0 m``, ``<1 m``, ``12 m``, ``3 h 05 m``, ``100 h 00 m``.

    Minutes are cut, not rounded: 59 s of a minute are not yet a minute. Less than one minute is ``<1 m``, and only
    zero is ``0 m``. Hours are not split into days. Raises `ValueError` for less than zero.
    """
    if ms < 0:
        raise ValueError(f"a duration is never negative, and this is {ms} ms")
    if 0 < ms < _MINUTE_MS:
        return "<1 m"
    hours, minutes = divmod(ms // _MINUTE_MS, 60)
    return f"{hours} h {minutes:02} m" if hours else f"{minutes} m"


def format_duration_in_a_sentence(ms: int) -> str:
    """The same with the unit that words go with: ``4 min``, ``1 h 04 min``."""
    return format_duration(ms).replace(" m", " min")


def format_duration_tight(ms: int) -> str:
    """The same without the space before the unit, for where there is little room: ``12m``, ``3h 05m``."""
    return format_duration(ms).replace(" h", "h").replace(" m", "m")
