"""Styled lines: how they are put together, and that a terminal is told what rich would tell it."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.text import Text

from monitor_tray.render.styled import ASIDE, ATTENTION, PLAIN, TODAY, TOTAL, WORKING, Style, Styled, printed

RICH = {
    PLAIN: "",
    TOTAL: "bold",
    TODAY: "bold underline",
    WORKING: "green",
    ATTENTION: "dim green",
    ASIDE: "dim",
    TOTAL | ASIDE: "bold dim",
}


def test_neighbours_of_one_style_become_one_piece_and_what_is_empty_none() -> None:
    made = Styled.of("a", Styled.of("b", ("c", TOTAL)), ("", ASIDE), ("d", TOTAL), "")
    assert made == Styled((("ab", PLAIN), ("cd", TOTAL)))
    assert Styled.of("", Styled()) == Styled()


def test_its_length_is_in_columns() -> None:
    assert Styled.of("データ", (" é", ASIDE)).cell_len == 8


def test_white_space_at_the_end_goes_whatever_its_style() -> None:
    assert Styled.of(" a ", ("b  ", TOTAL), (" ", ASIDE), "  ").rstrip() == Styled.of(" a ", ("b", TOTAL))
    assert Styled.of("  ", (" ", TOTAL)).rstrip() == Styled()


@pytest.mark.parametrize("style", RICH)
def test_each_style_is_the_sequence_that_rich_has_for_it(style: Style) -> None:
    console = Console(force_terminal=True, color_system="standard", no_color=False, legacy_windows=False)
    with console.capture() as capture:
        console.print(Text.assemble("a ", ("b", RICH[style])), soft_wrap=True)
    assert printed([Styled.of("a ", ("b", style))], colour=True) == capture.get()


def test_without_colour_there_is_the_text_alone() -> None:
    lines = [Styled.of(("a", TOTAL), " ", ("b ", ATTENTION)), Styled(), Styled.of("c")]
    assert printed(lines, colour=False) == "a b\n\nc\n"
    assert printed(lines, colour=True) == "\x1b[1ma\x1b[0m \x1b[2;32mb\x1b[0m\n\nc\n"
