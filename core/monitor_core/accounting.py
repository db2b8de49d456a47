"""Time accounting: which minutes count, for which place, as work of Claude or as attention of a person.

`account` is one pure function of the *set* of events and of the present instant. It does not depend on the order of
arrival or on how often an event arrives, and it knows no store, no zone and no clock. The store keeps what of it no
longer changes (`monitor_core.books`). The rules and their reasons: docs/time-accounting.md.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.blocks import Blocks, Piece, joined
from monitor_core.intervals import days_of, subtract, union
from monitor_core.model import MINUTE_MS, Block, Event, Interval, UsageWindow
from monitor_core.turns import Stint, StreamState, Turns, Wait, is_point, is_prompt_of_a_person, merged_stints

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor_core.blocks import Run
    from monitor_core.turns import Tail

#: Events further in the future than this wait until the clock has passed them.
FUTURE_MS = MINUTE_MS

#: ``(session_id, agent_id)``
StreamKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """The two lengths that a person may choose."""

    idle_ms: int
    usage_window_ms: int


class OpenStream(NamedTuple):
    """A stream in which Claude works at present, or waits for the person."""

    stream: StreamKey
    place: int
    state: StreamState
    since_ms: int


@dataclass(frozen=True, slots=True)
class Account:
    """The result: the blocks of each place by start, and the stints and waits of each stream by start.

    Places without a block, and streams without working time or without waits, are left out. A stream's waits are
    disjoint, and so are its waits and its stints. ``finished`` are the main streams whose turn is over and that wait
    for the next prompt, up to `monitor_core.turns.OPEN_CAP_MS`.
    """

    blocks: Mapping[int, tuple[Block, ...]]
    stints: Mapping[StreamKey, tuple[Stint, ...]]
    windows: tuple[UsageWindow, ...]
    open_streams: tuple[OpenStream, ...]
    finished: tuple[OpenStream, ...]
    waits: Mapping[StreamKey, tuple[Wait, ...]]


def account(events: Iterable[Event], now_ms: int, rules: Rules) -> Account:
    """Accounts for ``events``, in any order and with duplicates, as things stand at ``now_ms``."""
    known = {event.id: event for event in events if event.t_ms <= now_ms + FUTURE_MS}
    streams: dict[StreamKey, Turns] = defaultdict(lambda: Turns(rules.idle_ms))
    pieces: dict[int, list[Piece]] = defaultdict(list)
    prompts: list[int] = []
    for event in sorted(known.values(), key=lambda event: (event.t_ms, event.id)):
        streams[event.stream].add(event)
        if is_point(event):
            pieces[event.place].append(Piece(event.t_ms, event.t_ms, event.auto))
        if is_prompt_of_a_person(event):
            prompts.append(event.t_ms)
    for turns in streams.values():
        for stint in turns.all_stints():
            pieces[stint.place].append(Piece(stint.start_ms, stint.end_ms, stint.auto, working=True))
    runs = {place: covered(own, rules.idle_ms) for place, own in pieces.items()}
    stints = {stream: turns.all_stints() for stream, turns in streams.items()}
    tails = {stream: tail for stream, turns in streams.items() if (tail := turns.tail()) is not None}
    waits = {stream: turns.take_waits() for stream, turns in streams.items()}
    windows = usage_windows(prompts, rules.usage_window_ms)
    return as_things_stand(runs, stints, tails, waits, windows, now_ms, rules.idle_ms)


def covered(pieces: Iterable[Piece], idle_ms: int) -> list[Run]:
    """The runs that ``pieces`` of one place make, in any order."""
    blocks = Blocks(idle_ms)
    for piece in sorted(pieces, key=lambda piece: (piece.start_ms, piece.auto)):
        blocks.add(piece)
    return blocks.runs


def as_things_stand(
    runs: Mapping[int, Sequence[Run]],
    stints: Mapping[StreamKey, Sequence[Stint]],
    tails: Mapping[StreamKey, Tail],
    waits: Mapping[StreamKey, Sequence[Wait]],
    windows: tuple[UsageWindow, ...],
    now_ms: int,
    idle_ms: int,
) -> Account:
    """The account at ``now_ms``, at or after the last event: what is settled, and what the open tails add for now.

    ``stints`` and ``waits`` are by start, and no two of a stream's stints at one place touch within a day.
    """
    blocks = {place: [_block(run, now_ms, idle_ms) for run in own] for place, own in runs.items()}
    all_stints = {stream: tuple(own) for stream, own in stints.items()}
    all_waits = {stream: tuple(own) for stream, own in waits.items()}
    for stream, tail in tails.items():
        if wait := tail.wait(now_ms):
            all_waits[stream] = (*all_waits.get(stream, ()), wait)
        if credit := tail.credit(now_ms, idle_ms):
            credited = Interval(credit.start_ms, credit.end_ms)
            auto_ms = tail.since_ms if credit.auto else None
            days = (Stint(*day, credit.place, day.start_ms == auto_ms) for day in days_of(credited))
            all_stints[stream] = tuple(merged_stints([*all_stints.get(stream, ()), *days]))
            is_open = now_ms - credit.end_ms <= idle_ms
            blocks.setdefault(tail.place, []).append(Block(*credited, (credited,), is_open, credit.auto))
    unworked = {stream: _unworked(own, all_stints.get(stream, ())) for stream, own in sorted(all_waits.items())}
    return Account(
        blocks={place: tuple(joined(own, idle_ms)) for place, own in sorted(blocks.items())},
        stints={stream: own for stream, own in sorted(all_stints.items()) if own},
        windows=windows,
        open_streams=_streams({stream: tail for stream, tail in tails.items() if tail.is_open(now_ms)}),
        finished=_streams({stream: tail for stream, tail in tails.items() if tail.is_finished(now_ms)}),
        waits={stream: own for stream, own in unworked.items() if own},
    )


def _streams(tails: Mapping[StreamKey, Tail]) -> tuple[OpenStream, ...]:
    found = (OpenStream(stream, tail.place, tail.state, tail.since_ms) for stream, tail in tails.items())
    return tuple(sorted(found, key=lambda s: (s.since_ms, s.stream)))


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


def _unworked(waits: Sequence[Wait], stints: Sequence[Stint]) -> tuple[Wait, ...]:
    """What of one stream's ``waits``, which are disjoint and by start, no tool says that it ran in."""
    everything = sorted([*waits, *stints])
    if all(before[1] <= after[0] for before, after in pairwise(everything)):
        return tuple(waits)  # as nearly always
    worked = union((s.start_ms, s.end_ms) for s in stints)
    result: list[Wait] = []
    first = 0
    for wait in waits:
        while first < len(worked) and worked[first].end_ms <= wait.start_ms:
            first += 1
        last = first
        while last < len(worked) and worked[last].start_ms < wait.end_ms:
            last += 1
        if first == last:
            result.append(wait)
        else:
            left = subtract((Interval(wait.start_ms, wait.end_ms),), worked[first:last])
            result += (Wait(*part, wait.place) for part in left)
    return tuple(result)


def _block(run: Run, now_ms: int, idle_ms: int) -> Block:
    return Block(run.start_ms, run.end_ms, tuple(run.working), now_ms - run.end_ms <= idle_ms, run.auto)
