"""What there is to notify of at one instant, in words: pure functions of the day's report and the settings.

What of it was said already, and whether now is the time to say it, is decided in `monitor_tray.notifying`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.blocks import joined
from monitor_core.intervals import union
from monitor_core.model import MINUTE_MS
from monitor_core.turns import StreamState
from monitor_tray.actions import OpenDay, Pause
from monitor_tray.duration import format_duration, format_duration_in_a_sentence
from monitor_tray.icon.menu import plain
from monitor_tray.notification import Button, Kind, Notification
from monitor_tray.render.local_time import LocalClock

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from monitor_core.config import Config
    from monitor_core.report import Report, StreamNow

MAX_NAMED = 3
MAX_LINES = 4
MAX_NAME = 30
MAX_BODY = 240
_SHORT_BREAK_MS = 15 * MINUTE_MS
_OPEN_REPORT = Button("Open report", OpenDay())


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that is so at present. ``due_ms`` has its parts, and from when on each of them is to be said.

    ``words`` makes the notification of those parts that are due.
    """

    kind: Kind
    due_ms: Mapping[Hashable, int]
    words: Callable[[], Notification]


class Stretch(NamedTuple):
    """Time by the clock on the wall without a break. ``identity`` stays as it is while the stretch lasts."""

    identity: int
    start_ms: int
    end_ms: int


def waiting(report: Report, config: Config) -> tuple[StreamNow, ...]:
    """The streams in which Claude waits for the person, of the kinds that are to be told; questions first.

    A turn that is over waits for nobody while its session works on in the background, or asks.
    """
    questions = [stream for stream in report.open_streams if stream.state is StreamState.BLOCKED]
    going_on = {stream.session_id for stream in report.open_streams}
    finished = [stream for stream in report.finished if stream.session_id not in going_on]
    told = (*(questions if config.notify_question else ()), *(finished if config.notify_finished else ()))
    return tuple(sorted(told, key=lambda stream: (stream.state is not StreamState.BLOCKED, stream.since_ms)))


def part_of(stream: StreamNow) -> Hashable:
    """What a wait is known by in a `Topic`."""
    return stream.session_id, stream.agent_id, stream.since_ms


def stretch_now(report: Report, config: Config, before: Stretch | None) -> Stretch | None:
    """The stretch that goes on at present; ``before`` is what this said when it was asked last.

    It ends with a gap longer than the idle timeout. One that reaches back over the beginning of the day is known as far
    as it was seen.
    """
    blocks = joined((b for p in report.projects for b in p.blocks), config.idle_timeout_ms)
    current = [b for b in blocks if b.start_ms <= report.now_ms <= b.end_ms + config.idle_timeout_ms]
    if not current:
        return None
    start_ms, end_ms = current[-1].start_ms, min(current[-1].end_ms, report.now_ms)
    if before is None or start_ms - before.end_ms > config.idle_timeout_ms:
        return Stretch(start_ms, start_ms, end_ms)
    is_cut = start_ms - report.start_ms <= config.idle_timeout_ms
    return Stretch(before.identity, min(before.start_ms, start_ms) if is_cut else start_ms, end_ms)


def goal_reached_ms(report: Report, config: Config) -> int | None:
    """When the day's total reached the goal; None where it has not."""
    left_ms = config.goal_ms
    if left_ms <= 0:
        return None
    for start_ms, end_ms in union((b.start_ms, b.end_ms) for p in report.projects for b in p.blocks):
        if end_ms - start_ms >= left_ms:
            return start_ms + left_ms
        left_ms -= end_ms - start_ms
    return None


def about_trouble(trouble: str) -> Notification:
    """``trouble`` is the sentence that the menu shows, too."""
    return Notification(
        Kind.TROUBLE, "Something is wrong", plain(trouble, MAX_BODY) or "(no words)", (_OPEN_REPORT,), stays=True
    )


def about_waiting(streams: Sequence[StreamNow], report: Report) -> Notification:
    """``streams`` as `waiting` gives them, at least one."""
    names = list(dict.fromkeys(_name(stream) for stream in streams))
    clock = LocalClock(report.zone)
    today = clock.local(report.now_ms).date()
    lines = [_words(stream, clock.time_seen_from(today, stream.since_ms)) for stream in streams]
    if len(streams) > 1:
        lines = [f"{_name(stream)}: {line}" for stream, line in zip(streams, lines, strict=True)]
    else:
        lines = [lines[0][0].upper() + lines[0][1:]]
    if len(lines) > MAX_LINES:
        lines[MAX_LINES - 1 :] = [f"{len(lines) - MAX_LINES + 1} more sessions…"]
    asks = streams[0].state is StreamState.BLOCKED
    return Notification(
        Kind.WAITING, f"Claude waits for you in {_listed(names)}", "\n".join(lines), (_OPEN_REPORT,), stays=asks
    )


def about_break(stretch: Stretch, report: Report) -> Notification:
    """``stretch`` as `stretch_now` gives it."""
    clock = LocalClock(report.zone)
    since = clock.time_seen_from(clock.local(report.now_ms).date(), stretch.start_ms)
    return Notification(
        Kind.BREAK,
        f"{format_duration_in_a_sentence(stretch.end_ms - stretch.start_ms)} without a break",
        f"You have been at it since {since}",
        (_OPEN_REPORT, Button("Pause 15 min", Pause(_SHORT_BREAK_MS))),
    )


def about_goal(report: Report, config: Config) -> Notification:
    """The total has reached the goal."""
    goal = format_duration(config.goal_ms).removesuffix(" 00 m")
    return Notification(
        Kind.GOAL, f"Goal of {goal} reached", f"{format_duration(report.total_ms)} today", (_OPEN_REPORT,)
    )


def _words(stream: StreamNow, since: str) -> str:
    return f"a question since {since}" if stream.state is StreamState.BLOCKED else f"its turn ended at {since}"


def _name(stream: StreamNow) -> str:
    return plain(stream.project, MAX_NAME) or "(no name)"


def _listed(names: Sequence[str]) -> str:
    """``api``, ``api and web``, ``api, web and docs``, ``api, web and 2 more``."""
    shown = [*names]
    if len(shown) > MAX_NAMED:
        shown[MAX_NAMED - 1 :] = [f"{len(shown) - MAX_NAMED + 1} more"]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
