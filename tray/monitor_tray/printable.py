"""Text from elsewhere, made safe to show: on a terminal, in a menu, on a page.

A project's name is the name of a folder, and that may hold anything but a slash.
"""

from __future__ import annotations

import re

# C0, DEL and C1 drive terminals; the bidi controls reorder what stands beside them (https://trojansource.codes);
# line and paragraph separators break lines; lone surrogates cannot be encoded. Joiners stay, emoji need them.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """``text`` with each control, bidi control, line separator and lone surrogate as U+FFFD; same length."""
    return _UNPRINTABLE.sub(REPLACEMENT, text)


def escaped(json_text: str) -> str:
    r"""JSON with what `printable` replaces written as ``\uXXXX`` instead; newlines, which lay it out, stay.

    All such characters are within strings there, so the document means the same.
    """
    return _UNPRINTABLE.sub(lambda m: m[0] if m[0] == "\n" else f"\\u{ord(m[0]):04x}", json_text)
