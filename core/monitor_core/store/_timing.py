"""The time that each read of the store takes, told by the read's name to whoever wants to know."""

from __future__ import annotations

import functools
import logging
import time
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)

#: A read that takes longer is logged, with the plan of its statement.
SLOW_S = 0.1

#: Is told a name and seconds, after each read, in the thread that has read.
Observe: TypeAlias = "Callable[[str, float], None]"


class Timing:
    """``plan`` gives SQLite's plan for a statement with its parameters."""

    def __init__(self, observe: Observe, plan: Callable[[str, Sequence[Any]], str]) -> None:
        self._observe = observe
        self._plan = plan
        #: The one that was sent last, and its parameters. Two threads may be mistaken for one another in the log.
        self.statement: tuple[str, Sequence[Any]] = ("", ())

    def took(self, name: str, seconds: float) -> None:
        """A read has ended."""
        self._observe(name, seconds)
        if seconds > SLOW_S and self.statement[0]:
            sql, parameters = self.statement
            # Parameters are left out: they may name a person's folders.
            log.warning("%s took %.0f ms: %s\n%s", name, seconds * 1000, sql, self._plan(sql, parameters))


class _Timed(Protocol):
    timing: Timing | None


_Self = TypeVar("_Self", bound=_Timed)
_P = ParamSpec("_P")
_R = TypeVar("_R")


def timed(method: Callable[Concatenate[_Self, _P], _R]) -> Callable[Concatenate[_Self, _P], _R]:
    """The method, timed where its object has a `Timing`, by the names of its class and itself."""
    name = method.__qualname__

    @functools.wraps(method)
    def wrapper(self: _Self, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        timing = self.timing
        if timing is None:
            return method(self, *args, **kwargs)
        began = time.perf_counter()
        try:
            return method(self, *args, **kwargs)
        finally:
            timing.took(name, time.perf_counter() - began)

    return wrapper
