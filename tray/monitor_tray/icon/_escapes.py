"""What a desktop needs changed in a text so that people read what was meant. Pure functions."""

from __future__ import annotations


def for_dbusmenu(text: str, desktop: str) -> str:
    """``text`` with its underscores literal; ``desktop`` is XDG_CURRENT_DESKTOP.

    com.canonical.dbusmenu takes ``_`` for a mnemonic and ``__`` for an underscore. GNOME's AppIndicator extension
    undoes the first of them only.
    """
    return text.replace("_", "__", 1 if "GNOME" in desktop.upper() else -1)


def for_tooltip_body(text: str) -> str:
    """``text`` as StatusNotifierItem's tooltip body, which is markup; the title above it is not."""
    # html.escape comes with a table of two thousand names, which is half a megabyte.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def for_windows_menu(text: str) -> str:
    """``text`` with its ampersands literal; Windows takes a single one for a mnemonic."""
    return text.replace("&", "&&")


def clipped_utf16(text: str, units: int) -> str:
    """``text``, or its beginning and an ellipsis, in at most ``units`` UTF-16 units, as Windows counts.

    No character is cut in two.
    """
    if _utf16_units(text) <= units:
        return text
    while _utf16_units(text) > units - 1:
        text = text[:-1]
    return f"{text}…"


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
