"""Profiles of the running tray, as its command line asks for them: one at a time, in a thread of its own.

Nothing of it is imported before somebody asks, and while no profile is made nothing is counted or hooked. Whoever asked
looks again and again: a pipe cuts off who waits in silence, and where nobody looks any more the profile ends by itself.
Its lines are handed out in portions, each once: an answer of the pipe is sent in one piece.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import msgspec

from monitor_core.errors import MonitorError
from monitor_core.wire import refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

LEAST_S, MOST_S = 1, 300
#: Who has not looked for so long has gone.
PATIENCE_S = 5.0
#: The pipe cuts off who waits for more than a second.
_ENDING_S = 0.5
#: Characters of the lines in one answer; of the pipe's buffer they fill a part, whatever letters they have.
_PORTION = 30_000

What: TypeAlias = Literal["cpu", "memory"]


class Begin(msgspec.Struct, frozen=True, tag="begin", tag_field="do"):
    """Begins a profile. It is answered with a `Look`, which asks for what it has found."""

    what: What
    seconds: Annotated[int, msgspec.Meta(ge=LEAST_S, le=MOST_S)]


class Look(msgspec.Struct, frozen=True, tag="look", tag_field="do"):
    """Asks how far the profile with this number is, and, when it is over, for the next of its lines."""

    number: int


class End(msgspec.Struct, frozen=True, tag="end", tag_field="do"):
    """Ends the profile with this number; what it found is dropped."""

    number: int


class Found(msgspec.Struct, frozen=True):
    """``left_s`` until it is over. Then come ``lines``, folded stacks, as long as there is ``more``."""

    left_s: float
    lines: tuple[str, ...] = ()
    more: bool = True


Asked: TypeAlias = Begin | Look | End


class Profiling:
    """Its one method is for one caller at a time."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._running: _Profile | None = None

    def answer(self, document: bytes) -> bytes:
        """The line that answers a document `Begin`, `Look` or `End`."""
        try:
            match msgspec.json.decode(document, type=Asked):
                case Begin(what, seconds):
                    answer: Look | Found = self._begin(what, seconds)
                case Look(number):
                    answer = self._of(number).look()
                case End(number):
                    self._of(number).end()
                    answer = Found(0.0, more=False)
        except (MonitorError, msgspec.DecodeError) as error:
            return refusal(str(error))
        return msgspec.json.encode(answer) + b"\n"

    def _begin(self, what: What, seconds: int) -> Look:
        if self._running is not None and self._running.is_alive():
            raise MonitorError("a profile is being made already; there is one at a time, so try again when it is over")
        number = next(self._numbers)
        self._running = _Profile(number, what, seconds)
        self._running.start()
        log.info("making a profile of %s for %d s", what, seconds)
        return Look(number)

    def _of(self, number: int) -> _Profile:
        if self._running is None or self._running.number != number or not self._running.is_alive():
            raise MonitorError(f"there is no profile {number} any more; ask for a new one")
        return self._running


class _Profile(threading.Thread):
    """Lives until its lines were taken, or nobody looks any more."""

    def __init__(self, number: int, what: What, seconds: int) -> None:
        super().__init__(name="profile", daemon=True)
        self.number = number
        self._what = what
        self._ends_at = time.monotonic() + seconds
        self._looked_at = time.monotonic()
        self._ended = threading.Event()
        self._lines: deque[str] | None = None
        self._failed = ""

    def run(self) -> None:
        try:
            self._lines = deque(self._measured())
        except Exception as error:
            self._failed = f"the profile failed: {error}"
            log.exception("%s", self._failed)
        while not self._is_unwanted():
            self._ended.wait(PATIENCE_S / 10)
        self._lines = None
        log.info("the profile is over")

    def look(self) -> Found:
        self._looked_at = time.monotonic()
        if self._failed:
            self.end()
            raise MonitorError(self._failed)
        lines = self._lines
        if lines is None:
            return Found(max(0.0, self._ends_at - time.monotonic()))
        portion: list[str] = []
        size = 0
        while lines and size < _PORTION:
            portion.append(lines.popleft())
            size += len(portion[-1])
        if not lines:
            self.end()
        return Found(0.0, tuple(portion), more=bool(lines))

    def end(self) -> None:
        self._ended.set()
        self.join(_ENDING_S)  # so that another one may begin

    def _measured(self) -> Sequence[str]:
        if self._what == "cpu":
            from monitor_tray.sampling import folded_time  # noqa: PLC0415  only while it is wanted

            return folded_time(self._goes_on, self._ended.wait)
        from monitor_tray.allocations import folded_bytes  # noqa: PLC0415  only while it is wanted

        return folded_bytes(self._goes_on, self._ended.wait)

    def _goes_on(self) -> bool:
        return time.monotonic() < self._ends_at and not self._is_unwanted()

    def _is_unwanted(self) -> bool:
        return self._ended.is_set() or time.monotonic() > self._looked_at + PATIENCE_S
