"""What the process asks of the C library's memory, where that is glibc."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import sys

#: <malloc.h>
_M_ARENA_MAX = -8


def allocate_in_one_place() -> None:
    """Lets all threads share one arena. To be called before there is a second thread.

    Else each thread takes from one of its own, and what it gives back is of use to no other: 2 MB, in a process whose
    threads wait for Python's lock rather than for this one.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # musl has neither arenas nor the function
            _c_library().mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Returns to the system what lies free between what is in use. Whoever allocates meanwhile waits for a moment."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            _c_library().malloc_trim(0)


@functools.cache
def _c_library() -> ctypes.CDLL:
    """Looked up once: each time makes a class that only the garbage collector ends."""
    return ctypes.CDLL(None)
