"""The time that each read of the store takes, told by the read's name to whoever wants to know."""

from __future__ import annotations

import functools
import logging
import time
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeAlias, TypeVar

from monitor_core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)

#: A read that takes longer is logged, with the plan of its statement.
SLOW_S = 0.1

#: Is told a name and seconds, after each read, in the thread that has read.
Observe: TypeAlias = "Callable[[str, float], None]"

_NONE: tuple[str, Sequence[Any]] = ("", ())


class Timing:
    """``plan`` gives SQLite's plan for a statement with its parameters, or raises `StoreError`."""

    def __init__(self, observe: Observe, plan: Callable[[str, Sequence[Any]], str]) -> None:
        self._observe = observe
        self._plan = plan
        #: The one that was sent last, and its parameters; and what the reads took that the present one consists of.
        #: Two threads may be mistaken for one another, in the log alone.
        self.statement = _NONE
        self._parts_s = 0.0

    def begin(self) -> float:
        """A read begins. Returns what `end` has to be told."""
        parts_s, self._parts_s = self._parts_s, 0.0
        self.statement = _NONE
        return parts_s

    def end(self, name: str, seconds: float, begun: float) -> None:
        """It has ended. What it consists of has told of itself, and is not what it is slow by."""
        self._observe(name, seconds)
        own_s, self._parts_s = seconds - self._parts_s, begun + seconds
        sql, parameters = self.statement
        self.statement = _NONE
        if own_s > SLOW_S and sql:
            # Parameters are left out: they may name a person's folders.
            log.warning("%s took %.0f ms: %s\n%s", name, own_s * 1000, sql, self._plan_of(sql, parameters))

    def _plan_of(self, sql: str, parameters: Sequence[Any]) -> str:
        try:
            return self._plan(sql, parameters)
        except StoreError as error:
            return f"(its plan cannot be told: {error})"


class _Timed(Protocol):
    timing: Timing | None


_Self = TypeVar("_Self", bound=_Timed)
_P = ParamSpec("_P")
_R = TypeVar("_R")


def timed(method: Callable[Concatenate[_Self, _P], _R]) -> Callable[Concatenate[_Self, _P], _R]:
    """The method, timed where its object has a `Timing` and it succeeds, by the names of its class and itself."""
    name = method.__qualname__

    @functools.wraps(method)
    def wrapper(self: _Self, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        timing = self.timing
        if timing is None:
            return method(self, *args, **kwargs)
        begun = timing.begin()
        began_s = time.perf_counter()
        found = method(self, *args, **kwargs)
        timing.end(name, time.perf_counter() - began_s, begun)
        return found

    return wrapper
