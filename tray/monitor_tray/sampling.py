"""Where the processor time of this process goes, by function: its threads are looked at many times a second.

How much time a thread took is what the system says of it, where it does (Linux). How that is spread over its stacks is
what the looks found: those at which it was at work, and not waiting. Elsewhere each look counts for the time between
two of them, so that waiting within a function of ours counts too. A look needs Python's lock, and so comes as soon as
the thread at work gives that away: what goes on in C, such as SQLite, gets a little more than its share.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

#: Not a divisor of what the tray does by the clock, so that it is not always seen at the same point.
INTERVAL_S = 0.0047
#: Functions in which a thread waits for something to happen.
_WAITING = {
    "selectors": "select",
    "threading": "wait",
    "queue": "get",
    "socket": "accept",
    "jeepney.io.common": "receive",
    "jeepney.io.threading": "receive",
}
#: For the time of a thread that was never seen at work.
_BETWEEN = "(between two looks)"


class _Thread(NamedTuple):
    ident: int
    name: str
    native_id: int | None


def folded_time(goes_on: Callable[[], bool], pause: Callable[[float], object]) -> list[str]:
    """Folded stacks with microseconds, from now on while ``goes_on``; the root of each is the name of its thread.

    The calling thread is left out. ``pause`` waits for that many seconds.
    """
    seen: defaultdict[_Thread, Counter[str]] = defaultdict(Counter)
    first_us = {thread: _processor_us(thread) for thread in _others()}
    last_us = dict(first_us)
    while goes_on():
        pause(INTERVAL_S)
        frames = sys._current_frames()  # noqa: SLF001  documented, in spite of its name
        for thread in _others():
            frame = frames.get(thread.ident)
            now_us = _processor_us(thread)
            if frame is not None and (now_us is None or now_us != last_us.get(thread)) and not _waits(frame):
                seen[thread][_stack(frame)] += 1
            first_us.setdefault(thread, 0)  # it began meanwhile
            last_us[thread] = now_us or last_us.get(thread)
        # A frame keeps alive what its function has let go.
        frame = None
        frames.clear()
    taken_us = {thread: us - (first_us[thread] or 0) for thread, us in last_us.items() if us is not None}
    return _folded(seen, taken_us)


def _folded(seen: Mapping[_Thread, Counter[str]], taken_us: Mapping[_Thread, int]) -> list[str]:
    """The time that each thread has taken, spread over the stacks that it was seen with at work."""
    lines: Counter[str] = Counter()
    for thread in {**taken_us, **seen}:
        stacks = seen.get(thread) or Counter({_BETWEEN: 1})
        us = taken_us.get(thread, stacks.total() * round(INTERVAL_S * 1e6))
        for stack, count in stacks.items():
            lines[f"{thread.name};{stack}"] += round(us * count / stacks.total())
    return [f"{stack} {us}" for stack, us in lines.most_common() if us]


def _others() -> list[_Thread]:
    own = threading.get_ident()
    return [
        _Thread(thread.ident, thread.name.replace(";", ","), thread.native_id)
        for thread in threading.enumerate()
        if thread.ident is not None and thread.ident != own
    ]


def _processor_us(thread: _Thread) -> int | None:
    """What a thread has taken so far; None where the system does not tell."""
    if sys.platform != "linux" or thread.native_id is None:
        return None
    try:
        # The number that pthread_getcpuclockid makes of a thread, which is told about one that has ended and crashes:
        # CPUCLOCK_PERTHREAD and CPUCLOCK_SCHED of the kernel's include/linux/posix-timers_types.h.
        return time.clock_gettime_ns((~thread.native_id << 3) | 4 | 2) // 1_000
    except OSError:
        return None


def _waits(frame: FrameType) -> bool:
    return _WAITING.get(frame.f_globals.get("__name__", "")) == frame.f_code.co_name


def _stack(innermost: FrameType) -> str:
    """Modules and functions, from the outermost in; no paths, in which people's names are."""
    names = []
    frame: FrameType | None = innermost
    while frame is not None:
        names.append(f"{frame.f_globals.get('__name__', '?')}:{frame.f_code.co_qualname}")
        frame = frame.f_back
    return ";".join(reversed(names))
