from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_tray.duration import format_duration, format_duration_in_a_sentence, format_duration_tight

MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("ms", "text", "tight"),
    [
        (0, "0 m", "0m"),
        (1, "<1 m", "<1m"),
        (59_999, "<1 m", "<1m"),
        (60_000, "1 m", "1m"),
        (119_999, "1 m", "1m"),
        (59 * MINUTE_MS, "59 m", "59m"),
        (60 * MINUTE_MS, "1 h 00 m", "1h 00m"),
        (185 * MINUTE_MS, "3 h 05 m", "3h 05m"),
        (6000 * MINUTE_MS, "100 h 00 m", "100h 00m"),
    ],
)
def test_duration_is_hours_and_cut_minutes(ms: int, text: str, tight: str) -> None:
    assert format_duration(ms) == text
    assert format_duration_tight(ms) == tight


@pytest.mark.parametrize(("minutes", "text"), [(0, "0 min"), (0.5, "<1 min"), (4, "4 min"), (65, "1 h 05 min")])
def test_duration_in_a_sentence_has_the_long_unit(minutes: float, text: str) -> None:
    assert format_duration_in_a_sentence(round(minutes * MINUTE_MS)) == text


@given(st.integers(MINUTE_MS, 10**12))
def test_what_is_shown_is_never_more_than_what_was_and_less_than_a_minute_off(ms: int) -> None:
    parts = format_duration(ms).split()
    shown = sum(int(number) * {"h": 60, "m": 1}[unit] for number, unit in zip(parts[::2], parts[1::2], strict=True))
    assert 0 <= ms - shown * MINUTE_MS < MINUTE_MS


def test_negative_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 ms"):
        format_duration(-1)
