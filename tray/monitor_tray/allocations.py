"""What this process keeps of the memory that it took meanwhile, by where it took it.

Python's own blocks only: what C libraries such as SQLite take is not traced.
"""

from __future__ import annotations

import importlib.util
import sys
import tracemalloc
from collections import Counter
from types import CodeType
from typing import TYPE_CHECKING

from monitor_core.errors import MonitorError

if TYPE_CHECKING:
    from collections.abc import Callable

#: Calls that are kept of a stack, the innermost. Those of the tray's threads have about twenty.
_DEEPEST = 40
_PAUSE_S = 0.05
#: Stacks with the most bytes; the rest is told together.
_MOST = 2_000


def folded_bytes(goes_on: Callable[[], bool], pause: Callable[[float], object]) -> list[str]:
    """Folded stacks with the bytes that were taken from now on while ``goes_on``, and not given back by then.

    ``pause`` waits for that many seconds. Raises `MonitorError` where memory is being traced already.
    """
    if tracemalloc.is_tracing():
        raise MonitorError("memory is being traced already; start the tray without PYTHONTRACEMALLOC")
    tracemalloc.start(_DEEPEST)
    try:
        while goes_on():
            pause(_PAUSE_S)
        snapshot = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    sizes: Counter[tracemalloc.Traceback] = Counter()
    for trace in snapshot.traces:
        sizes[trace.traceback] += trace.size
    names = _Names()
    lines: Counter[str] = Counter()
    for number, (traceback, size) in enumerate(sizes.most_common()):
        lines["(smaller ones)" if number >= _MOST else names.stack(traceback)] += size
    return [f"{stack} {size}" for stack, size in lines.most_common()]


class _Names:
    """Modules and functions of the places in files that tracemalloc tells of."""

    def __init__(self) -> None:
        # A module that is being imported by another thread may come meanwhile.
        modules = list(sys.modules.items())
        self._modules = {file: name for name, module in modules if (file := getattr(module, "__file__", None))}
        self._functions: dict[str, dict[int, str]] = {}

    def stack(self, traceback: tracemalloc.Traceback) -> str:
        """From the outermost in: no paths, in which people's names are."""
        return ";".join(map(self._place, traceback))

    def _place(self, frame: tracemalloc.Frame) -> str:
        module = self._modules.get(frame.filename)
        if module is None:
            return "?"
        if module not in self._functions:
            self._functions[module] = _functions_by_line(module)
        return f"{module}:{self._functions[module].get(frame.lineno, '?')}:{frame.lineno}"


def _functions_by_line(module: str) -> dict[int, str]:
    """The innermost function at each line; nothing where the module has no code of Python to look at."""
    try:
        spec = importlib.util.find_spec(module)
        get_code = getattr(spec.loader, "get_code", None) if spec else None
        code = get_code(module) if get_code else None
    except (ImportError, ValueError):  # ``__main__`` has a name of its own that its loader does not know
        return {}
    found: dict[int, str] = {}
    rest = [code] if code else []
    while rest:
        outer = rest.pop(0)
        found |= {line: outer.co_qualname for _, _, line in outer.co_lines() if line is not None}
        rest += [constant for constant in outer.co_consts if isinstance(constant, CodeType)]
    return found
