"""Text for encodings that cannot show our bars and dashes: ``LANG=C``, the code pages of Windows."""

from __future__ import annotations

# Everything beyond ASCII that the terminal text itself uses, and what stands in for it, column for column.
_ASCII_FOR = dict(zip("█▓▒░━–−·…“”", '#+=-=--|~""', strict=True))
_TABLE = str.maketrans("".join(_ASCII_FOR), "".join(_ASCII_FOR.values()))


def shows_bars(encoding: str | None) -> bool:
    """Whether a stream of this encoding can show everything that the terminal text uses; not for ``None``."""
    try:
        "".join(_ASCII_FOR).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def in_ascii(text: str) -> str:
    """``text`` in ASCII: our own characters by their stand-ins, any other by a question mark."""
    return text.translate(_TABLE).encode("ascii", "replace").decode()
