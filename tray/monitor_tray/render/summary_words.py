"""Averages, comparison and streaks in the words of the terminal texts of weeks and months."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_tray.duration import format_duration
from monitor_tray.render.figures import MINUS, days_words, days_worked
from monitor_tray.render.local_time import LocalClock, date_range
from monitor_tray.render.styled import TOTAL, Styled
from monitor_tray.render.text_lines import worded, wrapped

if TYPE_CHECKING:
    from monitor_core.report import Report
    from monitor_core.summary import Comparison, Streak, Summary
    from monitor_tray.render.figures import Figures


def opening(report: Report, shown: Figures, summary: Summary, width: int) -> list[Styled]:
    """The lines below the title: the total and its days, what that is a day, and how it was the time before."""
    parts = [days_worked(report)]
    if shown.running:
        parts.append("still running")
    average = []
    if summary.days_worked:
        average = [f"{format_duration(summary.average_worked_ms)} per day worked"]
        if summary.days_worked < summary.days:
            average.append(f"{format_duration(summary.average_ms)} per day")
    return [
        *wrapped([Styled.of((shown.total, TOTAL)), *map(Styled.of, parts)], width),
        *worded(average, width),
        *worded([_against(summary.comparison, LocalClock(report.zone))] if summary.comparison else [], width),
    ]


def streak_words(summary: Summary) -> list[str]:
    """``longest streak 5 days, 16 – 20 November`` and, where it is another one, ``current streak 2 days``."""
    if summary.longest is None:
        return []
    if summary.current == summary.longest:
        return [f"current streak {days_words(summary.longest.days)}, the longest"]
    parts = [f"longest streak {_streak(summary.longest)}"]
    return parts + ([f"current streak {days_words(summary.current.days)}"] if summary.current else [])


def _streak(streak: Streak) -> str:
    if streak.days == 1:
        return "1 day"
    return f"{days_words(streak.days)}, {date_range(streak.first_day, streak.last_day, year=False)}"


def _against(comparison: Comparison, clock: LocalClock) -> str:
    when = date_range(comparison.first_day, comparison.last_day, year=False)
    if comparison.until_ms is not None:
        when += f" up to {clock.time(comparison.until_ms)}"
    if comparison.percent is None:
        return f"no time to compare with on {when}"
    if not comparison.difference_ms:
        return f"as much as on {when}"
    sign = "+" if comparison.difference_ms > 0 else MINUS
    percent = f" ({sign}{abs(comparison.percent)} %)" if comparison.percent else ""
    return f"{sign}{format_duration(abs(comparison.difference_ms))}{percent} against {when}"
