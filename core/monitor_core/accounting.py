"""Time accounting: which minutes count, for which project, as work of Claude or as attention of a person.

`account` is one pure function of the *set* of events and of the present instant. It does not depend on the order of
arrival or on how often an event arrives, and it knows no store, no zone and no clock. `Ledger` is the same, kept up to
date event by event. The rules and their reasons: docs/time-accounting.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.blocks import Blocks, Piece
from monitor_core.model import MINUTE_MS, Block, Event, Interval, UsageWindow
from monitor_core.turns import OpenStream, Turns, is_point, is_prompt_of_a_person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Events further in the future than this wait until the clock has passed them.
FUTURE_MS = MINUTE_MS


@dataclass(frozen=True, slots=True)
class Rules:
    """The two lengths that a person may choose."""

    idle_ms: int
    usage_window_ms: int


@dataclass(frozen=True, slots=True)
class Account:
    """The result: ``blocks`` by start, then project; ``working`` is the set of working intervals of each stream."""

    blocks: tuple[Block, ...]
    working: Mapping[tuple[str, str], tuple[Interval, ...]]
    windows: tuple[UsageWindow, ...]
    open_streams: tuple[OpenStream, ...]


def account(events: Iterable[Event], now_ms: int, rules: Rules) -> Account:
    """Accounts for ``events``, in any order and with duplicates, as things stand at ``now_ms``."""
    known = {event.id: event for event in events if event.t_ms <= now_ms + FUTURE_MS}
    ledger = Ledger(rules)
    for event in sorted(known.values(), key=lambda event: (event.t_ms, event.id)):
        ledger.add(event)
    return ledger.at(now_ms)


class Ledger:
    """An account that grows with each event, at a cost that does not depend on how many there were."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._streams: dict[tuple[str, str], Turns] = {}
        self._projects: dict[int, Blocks] = {}
        self._prompts: list[int] = []
        self._latest_ms = -1

    def add(self, event: Event) -> bool:
        """Takes ``event`` in, once. False, and nothing changed, where it comes too late for that: then begin anew."""
        turns = self._streams.get(event.stream) or Turns(self._rules.idle_ms)
        # A gap may only be closed once; and the prompts, like what an auto prompt ends, must come by time.
        late = event.t_ms < self._latest_ms and (event.auto or is_prompt_of_a_person(event))
        if late or (event.t_ms, event.id) <= turns.latest:
            return False
        self._streams[event.stream] = turns
        self._latest_ms = max(self._latest_ms, event.t_ms)
        if is_prompt_of_a_person(event):
            self._prompts.append(event.t_ms)
        if is_point(event):
            self._blocks(event.project).add(Piece(event.t_ms, event.t_ms, event.auto))
        for credit in turns.add(event):
            self._blocks(credit.project).add(Piece(credit.start_ms, credit.end_ms, credit.auto, working=True))
        return True

    def at(self, now_ms: int) -> Account:
        """The account as things stand at ``now_ms``, at or after the last event."""
        tails: dict[int, list[Piece]] = {}
        working: dict[tuple[str, str], tuple[Interval, ...]] = {}
        for stream, turns in self._streams.items():
            tail = turns.tail(now_ms)
            working[stream] = turns.working(tail)
            if tail is not None:
                piece = Piece(tail.start_ms, tail.end_ms, tail.auto, working=True, provisional=tail.provisional)
                tails.setdefault(tail.project, []).append(piece)
        blocks = [b for project, own in self._projects.items() for b in own.at(now_ms, tails.get(project, ()))]
        open_streams = [found for turns in self._streams.values() if (found := turns.open_at(now_ms))]
        return Account(
            blocks=tuple(sorted(blocks, key=lambda b: (b.start_ms, b.project))),
            working=working,
            windows=usage_windows(self._prompts, self._rules.usage_window_ms),
            open_streams=tuple(sorted(open_streams, key=lambda s: (s.since_ms, s.stream))),
        )

    def _blocks(self, project: int) -> Blocks:
        if project not in self._projects:
            self._projects[project] = Blocks(project, self._rules.idle_ms)
        return self._projects[project]


def usage_windows(prompts_ms: Iterable[int], length_ms: int) -> tuple[UsageWindow, ...]:
    """The windows that ascending ``prompts_ms`` open, each with the first prompt at or after the end of the last."""
    windows: list[UsageWindow] = []
    for at_ms in prompts_ms:
        if windows and at_ms < windows[-1].end_ms:
            last = windows[-1]
            windows[-1] = UsageWindow(last.start_ms, last.end_ms, last.prompts + 1)
        else:
            windows.append(UsageWindow(at_ms, at_ms + length_ms, 1))
    return tuple(windows)
