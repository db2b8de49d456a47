"""Processes as macOS tells of them, through libproc. See `monitor_tray.processes`."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

assert sys.platform == "darwin"  # noqa: S101  for the type checker

# <sys/proc_info.h>: PROC_PIDTBSDINFO fills a proc_bsdinfo of 136 bytes, whose second number is the process's status
# and whose last two are when it started, in seconds and microseconds.
_PROC_PIDTBSDINFO = 3
_SIZE = 136
_STATUS_AT, _START_AT = 4, 120
_ZOMBIE = 5

_libproc = ctypes.CDLL("/usr/lib/libproc.dylib", use_errno=True)
_libproc.proc_pidinfo.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_int)
_libproc.proc_pidinfo.restype = ctypes.c_int


def start_of(pid: int) -> tuple[int, int] | None:
    """The mark and the start in milliseconds; see `monitor_tray.processes`."""
    if pid > 2**31 - 1:
        return None
    buffer = ctypes.create_string_buffer(_SIZE)
    if _libproc.proc_pidinfo(pid, _PROC_PIDTBSDINFO, 0, buffer, _SIZE) != _SIZE:
        error = ctypes.get_errno()
        if error == errno.ESRCH:
            return None
        raise OSError(error or errno.EIO, os.strerror(error or errno.EIO))
    (status,) = struct.unpack_from("I", buffer, _STATUS_AT)
    seconds, microseconds = struct.unpack_from("QQ", buffer, _START_AT)
    if status == _ZOMBIE:
        return None
    started_us = seconds * 1_000_000 + microseconds
    return started_us, started_us // 1_000


def namespace() -> str:
    """See `monitor_tray.processes`."""
    return ""
