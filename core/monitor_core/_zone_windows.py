"""Which time zone Windows is set to, by its name in the time zone database. Imported on Windows only.

Windows' own name for it ("W. Europe Standard Time") is translated by the ICU library that comes with Windows 10 1703
and later: https://learn.microsoft.com/windows/win32/intl/international-components-for-unicode--icu-
"""

from __future__ import annotations

import ctypes
import sys

assert sys.platform == "win32"  # noqa: S101  tells the type checker which platform's ctypes this is

_LIBRARIES = ("icu.dll", "icuin.dll")  # since 1903, since 1703
_SYSTEM32_ONLY = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32: never a DLL that lies about in the current folder


def zone_name() -> str:
    """A name such as ``Europe/Berlin``, or ``""`` where there is no ICU or it does not know."""
    for library in _LIBRARIES:
        try:
            default_zone = ctypes.WinDLL(library, winmode=_SYSTEM32_ONLY).ucal_getDefaultTimeZone
        except (OSError, AttributeError):
            continue
        name, status = ctypes.create_unicode_buffer(128), ctypes.c_int(0)
        default_zone(name, len(name), ctypes.byref(status))
        if status.value <= 0:  # ICU counts warnings below zero and errors above
            return name.value
    return ""
