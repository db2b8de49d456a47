"""What this process takes, as macOS tells it through libproc. See `monitor_tray.resources`."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from pathlib import Path

assert sys.platform == "darwin"  # noqa: S101  for the type checker

# <sys/resource.h>: rusage_info_v0 has a UUID of 16 bytes, then numbers of 64 bits, of which the seventh is what is
# resident and the eighth the footprint: what Activity Monitor calls the memory of a process. All in bytes.
_RUSAGE_INFO_V0 = 0
_SIZE = 96
_RESIDENT_AT = 16 + 6 * 8

_libproc = ctypes.CDLL("/usr/lib/libproc.dylib", use_errno=True)
_libproc.proc_pid_rusage.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
_libproc.proc_pid_rusage.restype = ctypes.c_int


def memory() -> tuple[int | None, int | None]:
    """Resident and private bytes."""
    buffer = ctypes.create_string_buffer(_SIZE)
    if _libproc.proc_pid_rusage(os.getpid(), _RUSAGE_INFO_V0, buffer):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    resident, footprint = struct.unpack_from("QQ", buffer, _RESIDENT_AT)
    return resident, footprint


def open_files() -> int | None:
    """File descriptors, without the one that lists them."""
    return sum(1 for _ in Path("/dev/fd").iterdir()) - 1
