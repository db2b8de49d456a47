from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_tray.icon._escapes import clipped_utf16, for_dbusmenu, for_tooltip_body, for_windows_menu


def test_underscores_are_doubled_for_dbusmenu() -> None:
    assert for_dbusmenu("my_old_api", "XFCE") == "my__old__api"


def test_gnome_undoes_only_the_first_underscore() -> None:
    assert for_dbusmenu("my_old_api", "ubuntu:GNOME") == "my__old_api"


def test_tooltip_body_is_markup() -> None:
    assert for_tooltip_body("<b>R&D</b>") == "&lt;b&gt;R&amp;D&lt;/b&gt;"


def test_ampersands_are_doubled_for_windows() -> None:
    assert for_windows_menu("R&D && more") == "R&&D &&&& more"


@pytest.mark.parametrize(
    ("text", "units", "clipped"),
    [("short", 5, "short"), ("longer", 5, "long…"), ("ab🙂", 4, "ab🙂"), ("ab🙂c", 4, "ab…"), ("🙂🙂", 4, "🙂🙂")],
)
def test_clipping_counts_as_windows_does_and_cuts_no_character(text: str, units: int, clipped: str) -> None:
    assert clipped_utf16(text, units) == clipped


@given(st.text(max_size=300))
def test_clipped_text_always_fits(text: str) -> None:
    assert len(clipped_utf16(text, 127).encode("utf-16-le")) <= 2 * 127
