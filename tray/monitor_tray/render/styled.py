"""A line of terminal text: pieces of plain text, each with its style, and how they become what a terminal reads.

rich can do this and much more, and brings 30 ms and 3 MB along. What it knows of columns is used: some characters take
two.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterable


class Style(enum.Flag):
    """How text looks; several of them together, or none."""

    PLAIN = 0
    BOLD = enum.auto()
    DIM = enum.auto()
    UNDERLINE = enum.auto()
    GREEN = enum.auto()


PLAIN = Style.PLAIN
TOTAL = Style.BOLD
TODAY = Style.BOLD | Style.UNDERLINE
WORKING = Style.GREEN
ATTENTION = Style.DIM | Style.GREEN
ASIDE = Style.DIM

#: Select Graphic Rendition, ECMA-48 8.3.117.
_SGR = {Style.BOLD: "1", Style.DIM: "2", Style.UNDERLINE: "4", Style.GREEN: "32"}


#: Text and how it looks.
Piece = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class Styled:
    """A line, or a part of one. No two neighbours among its pieces have one style, and none is without text."""

    pieces: tuple[Piece, ...] = ()

    @classmethod
    def of(cls, *parts: str | Piece | Styled) -> Styled:
        """The parts one after another: plain text, text with its style, or another of these."""
        pieces: list[Piece] = []
        for part in parts:
            for text, style in _pieces(part):
                if text and pieces and pieces[-1][1] == style:
                    pieces[-1] = (pieces[-1][0] + text, style)
                elif text:
                    pieces.append((text, style))
        return cls(tuple(pieces))

    @property
    def cell_len(self) -> int:
        """The columns that it takes."""
        return sum(cell_len(text) for text, _ in self.pieces)

    def rstrip(self) -> Styled:
        """Without the white space at its end."""
        pieces = list(self.pieces)
        while pieces:
            text, style = pieces.pop()
            if kept := text.rstrip():
                return Styled((*pieces, (kept, style)))
        return Styled()


def printed(lines: Iterable[Styled], *, colour: bool) -> str:
    """The lines, each ended by a newline and without white space before it; with ANSI sequences for ``colour``."""
    return "".join(
        "".join(_coloured(text, style) if colour else text for text, style in line.rstrip().pieces) + "\n"
        for line in lines
    )


def _pieces(part: str | Piece | Styled) -> tuple[Piece, ...]:
    if isinstance(part, Styled):
        return part.pieces
    return ((part, PLAIN),) if isinstance(part, str) else (part,)


def _coloured(text: str, style: Style) -> str:
    return f"\x1b[{';'.join(_SGR[each] for each in style)}m{text}\x1b[0m" if style else text
