"""What the pauses in the journal come to: stretches in which nothing counts.

A pause ends at its time, when somebody resumes, or when another one begins, which holds in its place. To take such a
decision back is as if it had never been made. Pauses are disjoint, unless the clock was set back.

::

    pause for an hour     |---------------|
    pause, until resumed          |----------------------->
    resume                                          |
    what they come to     |-------|-----------------|
"""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.edits import Edit, PauseCounting, ResumeCounting, in_force
from monitor_core.errors import MonitorError
from monitor_core.model import NEVER_MS, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Pause(NamedTuple):
    """Nothing counts in ``[start_ms, end_ms)``; ``end_ms`` is `NEVER_MS` until somebody resumes."""

    start_ms: int
    end_ms: int
    edit: Edit

    @property
    def is_open_ended(self) -> bool:
        """Whether it goes on until somebody resumes."""
        return self.end_ms == NEVER_MS


def pauses_of(edits: Iterable[Edit]) -> tuple[Pause, ...]:
    """The pauses that ``edits``, which are in force and in the order in which they were made, come to; by start."""
    by_end: list[Pause] = []
    for edit in edits:
        decision = edit.decision
        if isinstance(decision, PauseCounting):
            _end(by_end, decision.start_ms)
            end_ms = NEVER_MS if decision.end_ms is None else decision.end_ms
            insort(by_end, Pause(decision.start_ms, end_ms, edit), key=_end_of)
        elif isinstance(decision, ResumeCounting):
            _end(by_end, decision.at_ms)
    return tuple(sorted(by_end, key=lambda pause: pause.start_ms))


def pause_at(edits: Iterable[Edit], at_ms: int) -> Pause | None:
    """The pause that holds at an instant."""
    return next((pause for pause in pauses_of(edits) if pause.start_ms <= at_ms < pause.end_ms), None)


def stretch_of_pause(journal: Sequence[Edit], edit_id: str) -> Interval | None:
    """What the pause that was made by an edit comes to, or would if it was in force.

    None where it comes to nothing: another one took its place at once.
    """
    held = {edit_id, *(edit.id for edit in in_force(journal))}
    found = pauses_of(edit for edit in journal if edit.id in held)
    return next((Interval(p.start_ms, p.end_ms) for p in found if p.edit.id == edit_id), None)


def stretch_of_resume(journal: Sequence[Edit], edit_id: str) -> Interval | None:
    """What counts because of the resume that was made by an edit, or would if it was in force: the rest of a pause."""
    resumed = next(edit.decision for edit in journal if edit.id == edit_id)
    if not isinstance(resumed, ResumeCounting):
        return None
    without = pause_at((edit for edit in in_force(journal) if edit.id != edit_id), resumed.at_ms)
    return None if without is None else Interval(resumed.at_ms, without.end_ms)


def pause(edits: Iterable[Edit], now_ms: int, end_ms: int | None) -> PauseCounting:
    """The decision to pause from now until ``end_ms``, None: until somebody resumes.

    Raises `MonitorError` where that would change nothing.
    """
    held = pause_at(edits, now_ms)
    if held is not None and held.end_ms == (NEVER_MS if end_ms is None else end_ms):
        raise MonitorError("counting is paused until then already; nothing was changed")
    return PauseCounting(now_ms, end_ms)


def resume(edits: Iterable[Edit], now_ms: int) -> tuple[ResumeCounting, Pause]:
    """What ends the pause that holds now, and that pause. Raises `MonitorError` where none does."""
    # One that has not begun was made before the clock was set back, and holds for the person.
    going_on = [pause for pause in pauses_of(edits) if _is_ended_by_a_decision_at(now_ms, pause)]
    if not going_on:
        raise MonitorError("counting is not paused, so there is nothing to resume; nothing was changed")
    return ResumeCounting(now_ms), going_on[0]


def _end(by_end: list[Pause], at_ms: int) -> None:
    """Ends the pauses that a decision at ``at_ms`` ends; one that would have no length goes."""
    first = bisect_right(by_end, at_ms, key=_end_of)
    ended = [pause for pause in by_end[first:] if _is_ended_by_a_decision_at(at_ms, pause)]
    left = [pause for pause in by_end[first:] if not _is_ended_by_a_decision_at(at_ms, pause)]
    by_end[first:] = [*(pause._replace(end_ms=at_ms) for pause in ended if pause.start_ms < at_ms), *left]


def _is_ended_by_a_decision_at(at_ms: int, pause: Pause) -> bool:
    # What was over when the clock was set back stays; what would go on for ever does not wait until its time comes.
    return pause.is_open_ended if at_ms < pause.start_ms else at_ms < pause.end_ms


def _end_of(pause: Pause) -> int:
    return pause.end_ms
