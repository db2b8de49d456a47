"""The pauses of a report in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_tray.render.local_time import LocalClock

if TYPE_CHECKING:
    import datetime as dt

    from monitor_core.pauses import Pause
    from monitor_core.report import Report

_WEEK_DAYS = 7


def pause_words(report: Report) -> list[str]:
    """When counting was paused on the day of the report, by start, and last the pause that holds at present.

    ``Paused 12:00 – 12:45``, ``Paused since 14:02 until 14:17: “claude-monitor resume” goes on``. Of several days there
    is the latter alone, and neither of days to come.
    """
    is_of_now = report.start_ms <= report.now_ms < report.end_ms
    now = report.pause if is_of_now else None
    over = [pause for pause in report.pauses if pause is not now and _has_begun(pause, report)]
    words = [_over(pause, report) for pause in over] if report.first_day == report.last_day else []
    if now:
        present = words_of_pause(now, report.now_ms, LocalClock(report.zone))
        words.append(f"{present[0].upper()}{present[1:]}: “claude-monitor resume” goes on")
    return words


def words_of_pause(pause: Pause, now_ms: int, clock: LocalClock) -> str:
    """The pause that holds at ``now_ms``: ``paused since 14:02 until 14:17``."""
    today = clock.local(now_ms).date()
    until = "you resume" if pause.is_open_ended else _near(today, pause.end_ms, clock)
    return f"paused since {_near(today, pause.start_ms, clock)} until {until}"


def _near(day: dt.date, at_ms: int, clock: LocalClock) -> str:
    """``14:02``, with the weekday where that is not ``day``, and with the date where it is a week away or more."""
    there = clock.local(at_ms)
    if abs((there.date() - day).days) < _WEEK_DAYS:
        return clock.time_seen_from(day, at_ms)
    return f"{there:%Y-%m-%d %H:%M}"


def _has_begun(pause: Pause, report: Report) -> bool:
    """Whether anything of the pause lies in the part of the range that has passed."""
    return max(pause.start_ms, report.start_ms) < min(pause.end_ms, report.end_ms, report.now_ms)


def _over(pause: Pause, report: Report) -> str:
    clock = LocalClock(report.zone)
    begins, ends = pause.start_ms > report.start_ms, pause.end_ms < report.end_ms
    if begins and ends:
        return f"Paused {clock.stretch(report.first_day, pause.start_ms, pause.end_ms)}"
    if begins:
        return f"Paused from {clock.time_seen_from(report.first_day, pause.start_ms)}"
    return f"Paused until {clock.time_seen_from(report.first_day, pause.end_ms)}" if ends else "Paused all day"
