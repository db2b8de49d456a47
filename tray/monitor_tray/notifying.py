"""When to notify of what: the policy, without a clock, a toolkit or a thread.

Each thing is said once, after its delay, and only while it is so. Never two within a minute, whatever they are about:
what is due meanwhile is said later if it is still so, the most urgent first. Quiet hours hold back what is wrong until
they are over; all else that is due in them is not said at all, so that nothing piles up.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.model import DAY_MS, MINUTE_MS
from monitor_tray.notification import Kind
from monitor_tray.render.local_time import LocalClock
from monitor_tray.topics import (
    Topic,
    about_break,
    about_goal,
    about_trouble,
    about_waiting,
    goal_reached_ms,
    part_of,
    stretch_now,
    waiting,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from monitor_core.config import Config
    from monitor_core.report import Report
    from monitor_tray.notification import Notification
    from monitor_tray.topics import Stretch

#: The least time between two notifications.
APART_MS = MINUTE_MS
#: What began to wait longer than this before the tray started is not said.
RECENT_MS = 5 * MINUTE_MS


class Situation(NamedTuple):
    """What is known at one instant. ``report`` is that of the day, None where it cannot be made just now."""

    now_ms: int
    report: Report | None
    trouble: str
    config: Config
    zone: ZoneInfo


class Decision(NamedTuple):
    """What to do now: close those on the screen whose matter is ``over``, then ``show`` one, perhaps.

    At ``look_at_ms``, which lies ahead, there is something to decide even if nothing happens before, unless it is None.
    """

    show: Notification | None = None
    over: frozenset[Kind] = frozenset()
    look_at_ms: int | None = None


class Notifier:
    """Remembers what was said since ``started_ms``, when the tray started."""

    def __init__(self, started_ms: int) -> None:
        self._started_ms = started_ms
        self._last_ms: int | None = None
        self._done: dict[Hashable, int] = {}  # what need not be said any more, and when it was due
        self._shown: dict[Kind, frozenset[Hashable]] = {}  # what those on the screen are about
        self._trouble_since_ms: int | None = None
        self._stretch: Stretch | None = None

    def decide(self, situation: Situation) -> Decision:
        """To be asked whenever something may have changed. What it wants shown it takes for shown."""
        now_ms = situation.now_ms
        topics = list(self._topics(situation))
        over = self._take_off(topics, all_known=situation.report is not None)
        self._forget(topics, now_ms)
        self._let_go(topics, situation)
        show, due = None, self._due(topics, now_ms)
        if due and self._allowed_ms(situation) <= now_ms:
            show = self._say(due[0], now_ms)
            due = self._due(topics, now_ms)
        ahead = [due_ms for topic in topics for due_ms in topic.due_ms.values() if due_ms > now_ms]
        if due:
            ahead.append(self._allowed_ms(situation))
        return Decision(show, over, min(ahead, default=None))

    def _topics(self, situation: Situation) -> Iterator[Topic]:
        """What is so at present, the most urgent first."""
        now_ms, report, trouble, config, _ = situation
        self._trouble_since_ms = (self._trouble_since_ms or now_ms) if trouble else None
        if self._trouble_since_ms is not None and config.notify_trouble:
            part = (Kind.TROUBLE, self._trouble_since_ms)
            yield Topic(Kind.TROUBLE, {part: self._trouble_since_ms}, lambda: about_trouble(trouble))
        if report is None:
            return
        streams = [s for s in waiting(report, config) if s.since_ms >= self._started_ms - RECENT_MS]
        due_ms = {part_of(stream): stream.since_ms + config.waiting_after_ms for stream in streams}
        if streams:
            yield Topic(
                Kind.WAITING,
                due_ms,
                lambda: about_waiting([s for s in streams if due_ms[part_of(s)] <= now_ms], report),
            )
        yield from self._about_the_day(report, config)

    def _about_the_day(self, report: Report, config: Config) -> Iterator[Topic]:
        stretch = stretch_now(report, config, self._stretch)
        self._stretch = stretch or self._stretch
        if stretch and 0 < config.break_after_ms <= stretch.end_ms - stretch.start_ms:
            at_ms = stretch.start_ms + config.break_after_ms
            if at_ms >= self._started_ms:
                part = (Kind.BREAK, stretch.identity)
                yield Topic(Kind.BREAK, {part: at_ms}, lambda: about_break(stretch, report))
        reached_ms = goal_reached_ms(report, config) if config.notify_goal else None
        if reached_ms is not None and reached_ms >= self._started_ms:
            yield Topic(Kind.GOAL, {(Kind.GOAL, report.first_day): reached_ms}, lambda: about_goal(report, config))

    def _take_off(self, topics: Iterable[Topic], *, all_known: bool) -> frozenset[Kind]:
        """The kinds of those on the screen of which nothing is so any more."""
        so = {part for topic in topics for part in topic.due_ms}
        over = frozenset(
            kind for kind, parts in self._shown.items() if not parts & so and (all_known or kind is Kind.TROUBLE)
        )
        for kind in over:
            del self._shown[kind]
        return over

    def _forget(self, topics: Iterable[Topic], now_ms: int) -> None:
        so = {part for topic in topics for part in topic.due_ms}
        self._done = {part: at_ms for part, at_ms in self._done.items() if part in so or at_ms > now_ms - DAY_MS}

    def _let_go(self, topics: Iterable[Topic], situation: Situation) -> None:
        """Whatever is due in quiet hours or while counting is paused is as good as said, except what is wrong."""
        paused = situation.report is not None and situation.report.pause is not None
        for topic in topics:
            for part, due_ms in topic.due_ms.items():
                came = due_ms <= situation.now_ms and topic.kind is not Kind.TROUBLE
                if came and (paused or is_quiet(situation.now_ms, situation) or is_quiet(due_ms, situation)):
                    self._done[part] = due_ms

    def _due(self, topics: Iterable[Topic], now_ms: int) -> Sequence[Topic]:
        return [
            topic
            for topic in topics
            if any(at_ms <= now_ms and part not in self._done for part, at_ms in topic.due_ms.items())
        ]

    def _allowed_ms(self, situation: Situation) -> int:
        """The first instant from now on at which something may be shown."""
        now_ms = situation.now_ms
        if self._last_ms is not None and self._last_ms > now_ms:
            self._last_ms = now_ms  # the clock was set back
        spaced_ms = now_ms if self._last_ms is None else max(now_ms, self._last_ms + APART_MS)
        return quiet_until(spaced_ms, situation) if is_quiet(spaced_ms, situation) else spaced_ms

    def _say(self, topic: Topic, now_ms: int) -> Notification:
        said = {part: at_ms for part, at_ms in topic.due_ms.items() if at_ms <= now_ms}
        self._done |= said
        self._shown[topic.kind] = frozenset(said)
        self._last_ms = now_ms
        return topic.words()


def is_quiet(at_ms: int, situation: Situation) -> bool:
    """Whether the quiet hours hold at ``at_ms``; at the time at which they end they do not."""
    if situation.config.quiet_hours is None:
        return False
    begin, end = situation.config.quiet_hours
    time = LocalClock(situation.zone).local(at_ms).time()
    return begin <= time < end if begin < end else not end <= time < begin


def quiet_until(at_ms: int, situation: Situation) -> int:
    """When the quiet hours are over that hold at ``at_ms``; ``at_ms`` where none are set."""
    if situation.config.quiet_hours is None:
        return at_ms
    there = LocalClock(situation.zone).local(at_ms)
    end = dt.datetime.combine(there.date(), situation.config.quiet_hours[1], situation.zone)
    if end.time() <= there.time():
        end = dt.datetime.combine(there.date() + dt.timedelta(1), end.time(), situation.zone)
    # Where the clocks change the time may come twice, or not at all
    return max(at_ms + 1, round(end.timestamp() * 1_000))
