"""Processes as Windows tells of them. See `monitor_tray.processes`."""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes

assert sys.platform == "win32"  # noqa: S101  for the type checker

_QUERY_LIMITED_INFORMATION = 0x1000
_SYNCHRONIZE = 0x00100000
_WAIT_TIMEOUT = 0x102
_NO_SUCH_PROCESS = 87  # ERROR_INVALID_PARAMETER
#: A FILETIME counts tenths of microseconds since 1601.
_FROM_1601_TO_1970_MS = 11_644_473_600_000

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_open_process = _kernel32["OpenProcess"]
_open_process.restype, _open_process.argtypes = wintypes.HANDLE, (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
_wait = _kernel32["WaitForSingleObject"]
_wait.restype, _wait.argtypes = wintypes.DWORD, (wintypes.HANDLE, wintypes.DWORD)
_process_times = _kernel32["GetProcessTimes"]
_process_times.restype, _process_times.argtypes = wintypes.BOOL, (wintypes.HANDLE, *(ctypes.c_void_p,) * 4)
_close = _kernel32["CloseHandle"]
_close.restype, _close.argtypes = wintypes.BOOL, (wintypes.HANDLE,)


def start_of(pid: int) -> tuple[int, int] | None:
    """The mark and the start in milliseconds; see `monitor_tray.processes`."""
    handle = _open_process(_QUERY_LIMITED_INFORMATION | _SYNCHRONIZE, False, pid)
    if not handle:
        error = ctypes.get_last_error()
        if error == _NO_SUCH_PROCESS:
            return None
        raise ctypes.WinError(error)
    try:
        # Somebody may hold a process that has ended; it is there then, and signalled.
        if _wait(handle, 0) != _WAIT_TIMEOUT:
            return None
        created, *others = (wintypes.FILETIME() for _ in range(4))
        if not _process_times(handle, ctypes.byref(created), *map(ctypes.byref, others)):
            raise ctypes.WinError(ctypes.get_last_error())
    finally:
        _close(handle)
    mark = created.dwHighDateTime << 32 | created.dwLowDateTime
    return mark, mark // 10_000 - _FROM_1601_TO_1970_MS


def namespace() -> str:
    """See `monitor_tray.processes`."""
    return ""
