"""Reports to render, built by hand from clock times, consistent like those that the store makes.

The top level is computed from the blocks with the arithmetic of intervals, so that a sample cannot contradict itself.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor_core.intervals import clip, length_ms, union
from monitor_core.model import HOUR_MS, Block, Interval, UsageWindow
from monitor_core.report import DayTime, ProjectTime, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BERLIN = "Europe/Berlin"
MONDAY = dt.date(2026, 11, 23)

#: A name that is a page's end, a script, a terminal's command, a change of direction and two lines at once.
HOSTILE = "</style><script>alert(1)</script>\x1b[2J\x9b31m\u202egnp.exe\x00\n&amp;\"'{{ 7*7 }}[bold]x[/bold]\ud800"


def instant(day: dt.date, clock: str, zone: str = BERLIN) -> int:
    """Milliseconds of "10:00" or "10:00:30" on ``day``; "24:00" and later are of the next day."""
    hours, minutes, seconds = ([*map(int, clock.split(":")), 0])[:3]
    days, hours = divmod(hours, 24)
    local = dt.datetime.combine(day + dt.timedelta(days), dt.time(hours, minutes, seconds), ZoneInfo(zone))
    return int(local.timestamp()) * 1000


def block(
    start: str, end: str, *working: str, day: dt.date = MONDAY, running: bool = False, zone: str = BERLIN
) -> Block:
    """A block from ``start`` to ``end`` with working intervals like "10:00-10:20"."""
    intervals = [w.split("-") for w in working]
    return Block(
        start_ms=instant(day, start, zone),
        end_ms=instant(day, end, zone),
        working=tuple(Interval(instant(day, a, zone), instant(day, b, zone)) for a, b in intervals),
        open=running,
    )


def report(
    blocks: Mapping[str, Sequence[Block]],
    *,
    first: dt.date = MONDAY,
    last: dt.date | None = None,
    zone: str = BERLIN,
    day_starts_at: str = "00:00",
    now: int | None = None,
    windows: Sequence[UsageWindow] = (),
    events: int = 12,
    waits: Mapping[str, Sequence[Interval]] | None = None,
) -> Report:
    """The report of ``blocks`` and ``waits`` by project name, over whole days."""
    last = last or first
    all_blocks = [b for of_one in blocks.values() for b in of_one]
    total = length_ms(union((b.start_ms, b.end_ms) for b in all_blocks))
    active = {name: sum(b.active_ms for b in of_one) for name, of_one in blocks.items()}
    names = sorted(blocks, key=lambda name: (-active[name], name))
    ends = [b.end_ms for b in all_blocks]
    days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
    stretches = {name: sorted(Interval(b.start_ms, b.end_ms) for b in of_one) for name, of_one in blocks.items()}
    longest_ms = max((b.active_ms for b in all_blocks), default=0)
    end_ms = instant(last + dt.timedelta(1), day_starts_at, zone)
    return Report(
        first_day=first,
        last_day=last,
        zone=ZoneInfo(zone),
        start_ms=instant(first, day_starts_at, zone),
        end_ms=end_ms,
        now_ms=end_ms + 8 * HOUR_MS if now is None else now,
        total_ms=total,
        parallel_ms=sum(active.values()) - total,
        working_ms=length_ms(union(i for b in all_blocks for i in b.working)),
        first_ms=min((b.start_ms for b in all_blocks), default=None),
        last_ms=max(ends, default=None),
        agent_ms=sum(b.working_ms for b in all_blocks),
        projects=tuple(
            _project(name, blocks[name], sum(active.values()), events, (waits or {}).get(name, ())) for name in names
        ),
        windows=tuple(windows),
        days=tuple(_day(day, stretches, longest_ms, day_starts_at, zone) for day in days),
    )


def _project(
    name: str, blocks: Sequence[Block], all_active: int, events: int, waits: Sequence[Interval]
) -> ProjectTime:
    active = sum(b.active_ms for b in blocks)
    return ProjectTime(
        name=name,
        path=f"/home/dev/projects/{name}",
        active_ms=active,
        working_ms=sum(b.working_ms for b in blocks),
        events=events,
        share=active / all_active if all_active else 0.0,
        blocks=tuple(blocks),
        waits=tuple(waits),
    )


def _day(
    day: dt.date, stretches: Mapping[str, Sequence[Interval]], longest_ms: int, day_starts_at: str, zone: str
) -> DayTime:
    start = instant(day, day_starts_at, zone)
    end = instant(day + dt.timedelta(1), day_starts_at, zone)
    parts = {name: clip(_near(own, start - longest_ms, end), start, end) for name, own in stretches.items()}
    active = {name: length_ms(part) for name, part in parts.items() if part}
    return DayTime(
        date=day,
        start_ms=start,
        end_ms=end,
        total_ms=length_ms(union(i for part in parts.values() for i in part)),
        projects=dict(sorted(active.items(), key=lambda item: -item[1])),
    )


def _near(stretches: Sequence[Interval], start_ms: int, end_ms: int) -> Sequence[Interval]:
    """Those, of many by start, that begin between the two."""
    first = bisect_left(stretches, start_ms, key=lambda i: i.start_ms)
    return stretches[first : bisect_left(stretches, end_ms, key=lambda i: i.start_ms)]


def wait(start: str, end: str, day: dt.date = MONDAY) -> Interval:
    """A stretch in which Claude waited for the person."""
    return Interval(instant(day, start), instant(day, end))


def window(start: str, prompts: int, day: dt.date = MONDAY) -> UsageWindow:
    """The five hours that a prompt at ``start`` opened."""
    at = instant(day, start)
    return UsageWindow(at, at + 5 * HOUR_MS, prompts)


def a_day() -> Report:
    """Four projects, two at once in the morning, one still running at 18:32, seconds that need rounding."""
    return report(
        {
            "api": [
                block("09:58:20", "11:42:50", "09:58:20-10:21:10", "10:25:00-10:58:40", "11:05:30-11:40:00"),
                block(
                    "16:20:10", "18:32:00", "16:20:10-16:55:00", "17:03:00-17:40:00", "18:20:00-18:32:00", running=True
                ),
            ],
            "website (oss)": [
                block("11:10:40", "12:31:20", "11:12:00-11:50:10", "12:02:00-12:25:00"),
                block("14:02:10", "14:37:30", "14:04:00-14:30:00"),
            ],
            "データ分析": [block("13:20:00", "13:58:45", "13:21:00-13:40:00", "13:44:00-13:55:30")],
            "(no project)": [block("15:10:00", "15:10:00"), block("15:30:10", "15:34:30", "15:30:10-15:34:00")],
        },
        now=instant(MONDAY, "18:32"),
        windows=[window("09:58:20", 31), window("16:20:10", 12)],
        waits={
            "api": [wait("10:21:10", "10:25:00"), wait("11:40:00", "12:10:00"), wait("17:40:00", "18:20:00")],
            "website (oss)": [wait("11:50:10", "12:02:00"), wait("12:25:00", "13:25:00")],
        },
    )


def a_week() -> Report:
    """Monday to Sunday, worked on five days of it, over midnight on Wednesday."""
    days = [MONDAY + dt.timedelta(n) for n in range(7)]
    return report(
        {
            "api": [block("09:10", "12:40", "09:10-11:00", day=day) for day in days[:5]],
            "website": [block("22:30", "25:15", "22:30-24:40", day=days[2]), block("12:00", "13:20", day=days[4])],
        },
        last=days[-1],
        windows=[window("09:10", 20, day) for day in days[:5]],
        waits={"api": [wait("11:00", "11:40", day) for day in days[:5]], "website": [wait("24:40", "25:20", days[2])]},
    )


def an_empty_day() -> Report:
    """Nothing happened."""
    return report({})


def a_lone_stop() -> Report:
    """One event that lasted no time at all."""
    return report({"api": [block("10:00", "10:00")]}, events=1)


def a_day_that_only_ended() -> Report:
    """Nothing but the end of yesterday's session: an event, and no block."""
    return report({"api": []}, events=1)


def a_hostile_day() -> Report:
    """Names made to break out, and one of ten thousand characters."""
    return report(
        {
            HOSTILE: [block("10:00", "10:30", "10:00-10:20")],
            "מערכת-שעות": [block("10:40", "11:00")],
            "x" * 10_000: [block("11:10", "11:20")],
            "👩‍👩‍👧‍👦🇩🇪 família é": [block("11:30", "11:41")],
        }
    )


def a_crowded_day() -> Report:
    """Sixty projects with 400 blocks between them, many at once."""
    blocks: dict[str, list[Block]] = {f"project-{n:02}": [] for n in range(60)}
    for n in range(400):
        minute = 6 * 60 + n * 2
        start, end = f"{minute // 60}:{minute % 60:02}", f"{(minute + 9) // 60}:{(minute + 9) % 60:02}"
        blocks[f"project-{n % 60:02}"].append(block(start, end, f"{start}-{end}"))
    return report(blocks)


def many_days(first: dt.date, last: dt.date, projects: int = 8) -> Report:
    """Work on four days of five, in one of many projects in the morning and in another, overlapping, until evening."""
    blocks: dict[str, list[Block]] = {f"project-{n:02}": [] for n in range(projects)}
    day, count = first, 0
    while day <= last:
        if day.weekday() < 5 and count % 5 < 4:
            long = 40 + 7 * count % 83
            own = blocks[f"project-{count % projects:02}"]
            own.append(block("09:05", f"{10 + count % 3}:{count % 60:02}", "09:10-09:40", day=day))
            own.append(block("13:30:20", f"14:{long % 60:02}", "13:31-13:50", day=day))
            other = blocks[f"project-{(count * 3 + 1) % projects:02}"]
            if other is not own:
                other.append(block("10:00", f"{11 + count % 2}:20", "10:00-10:50", day=day))
                other.append(block("15:00", f"16:{long % 60:02}:30", "15:10-15:30", "15:40-15:55", day=day))
        day, count = day + dt.timedelta(1), count + 1
    used = {name: own for name, own in blocks.items() if own}
    windows = [window("09:05", 12, first + dt.timedelta(n)) for n in range(0, (last - first).days, 3)]
    return report(used, first=first, last=last, windows=windows)


def a_month() -> Report:
    """November 2026."""
    return many_days(dt.date(2026, 11, 1), dt.date(2026, 11, 30), 5)


def a_year() -> Report:
    """2026, with both its changes of the clock."""
    return many_days(dt.date(2026, 1, 1), dt.date(2026, 12, 31))


def ten_years() -> Report:
    """2017 to 2026."""
    return many_days(dt.date(2017, 1, 1), dt.date(2026, 12, 31))


def a_day_of_ten_thousand_blocks() -> Report:
    """One project with a block every eight seconds."""
    start = instant(MONDAY, "00:10")
    blocks = [Block(at, at + 4_000, (Interval(at, at + 2_000),)) for at in range(start, start + 80_000_000, 8_000)]
    return report({"api": blocks, "web": [block("10:00", "11:00")]})


def a_day_in_every_plane() -> Report:
    """Names with a letter of every plane of Unicode, of both directions, and with letters put together."""
    planes = "".join(chr(plane << 16 | 0x41) for plane in range(17))
    return report(
        {
            planes: [block("10:00", "10:30")],
            "שלום עולם": [block("10:40", "11:00")],
            "e\u0301\u200d🏳️‍🌈": [block("12:00", "12:30")],
        }
    )
