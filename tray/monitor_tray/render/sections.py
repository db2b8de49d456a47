"""A longer report cut into parts to step through: days, or weeks or months where there are many of those.

The minutes of the parts add up to the report's, those within a part to the part's.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.blocks import clip_block
from monitor_core.intervals import clip
from monitor_core.model import MINUTE_MS, Block, Interval
from monitor_core.periods import Kind, week_number, week_of
from monitor_core.rounding import rounded_parts
from monitor_tray.render.figures import MINUS, shown_minutes
from monitor_tray.render.local_time import LocalClock, date_range, full_date, month_and_year, short_date

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from monitor_core.report import DayTime, ProjectTime, Report

#: Of longer reports the parts are weeks, and of those that are longer still, months.
MOST_DAYS, MOST_DAYS_IN_WEEKS = 62, 400
#: Of parts longer than a day, so many projects are named.
MOST_PROJECTS = 6
#: Of one project's blocks in a day, so many are told by their times.
MOST_TIMES = 12

#: No line ends within a stretch.
_DASH = "\N{NO-BREAK SPACE}–\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class PartOfProject:
    """One project's time within a part; ``number`` is its place in the report, or -1 for several small ones.

    ``when`` are the times of its blocks, of days only.
    """

    number: int
    name: str
    time: str
    minutes: int
    when: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One day, week or month. ``group`` is alike for parts that are stepped over together, such as a week's days.

    The times of ``projects`` and ``parallel``, which is empty where there is none, add up to ``time``; so do those of
    ``days``, which are the days of a week that have time, with what each is called. ``blocks`` and ``waits``, of days
    only, are by project, as far as they lie in the part.
    """

    id: str
    label: str
    group: str
    start_ms: int
    end_ms: int
    total_ms: int
    minutes: int
    time: str
    projects: tuple[PartOfProject, ...]
    parallel: str
    days: tuple[tuple[str, str], ...] = ()
    blocks: tuple[tuple[int, str, tuple[Block, ...], tuple[Interval, ...]], ...] = ()


def unit_of(report: Report) -> Kind:
    """What the parts of ``report`` are."""
    if len(report.days) <= MOST_DAYS:
        return Kind.DAY
    return Kind.WEEK if len(report.days) <= MOST_DAYS_IN_WEEKS else Kind.MONTH


def part_id(day: dt.date, unit: Kind, week_starts_on: int) -> str:
    """The name of the part that ``day`` lies in."""
    if unit is Kind.DAY:
        return day.isoformat()
    if unit is Kind.MONTH:
        return f"{day:%Y-%m}"
    return "{}-W{:02}".format(*week_number(week_of(day, week_starts_on)))


def parts(report: Report, names: Sequence[str], week_starts_on: int) -> tuple[Part, ...]:
    """The parts that have begun; ``names`` are those to show of the projects that have blocks, in their order.

    Of weeks and months only those from the first to the last that have time: who asks for years may have begun lately.
    """
    unit = unit_of(report)
    groups: dict[str, list[DayTime]] = {}
    for day in report.days:
        if day.start_ms <= report.now_ms:
            groups.setdefault(part_id(day.date, unit, week_starts_on), []).append(day)
    if unit is not Kind.DAY:
        groups = _from_first_to_last_with_time(groups)
    sums = [sum(day.total_ms for day in own) for own in groups.values()]
    minutes = rounded_parts(sums, MINUTE_MS)
    shown = {project.name: (n, name) for n, (project, name) in enumerate(zip(_with_blocks(report), names, strict=True))}
    made = []
    blocks = _blocks_of_days(report, names) if unit is Kind.DAY else {}
    clock = LocalClock(report.zone)
    for (id_, days), total_ms, whole in zip(groups.items(), sums, minutes, strict=True):
        when = {number: _times(own, clock) for number, _, own, _ in blocks.get(id_, ())}
        projects, parallel = _projects(days, total_ms, whole, shown, unit, when)
        made.append(
            Part(
                id=id_,
                label=_label(days, unit, week_starts_on),
                group=_group(days[0].date, unit, week_starts_on),
                start_ms=days[0].start_ms,
                end_ms=days[-1].end_ms,
                total_ms=total_ms,
                minutes=whole,
                time=shown_minutes(whole, total_ms),
                projects=projects,
                parallel=parallel,
                days=_days(days, whole) if unit is Kind.WEEK else (),
                blocks=tuple(blocks.get(id_, ())),
            )
        )
    return tuple(made)


def _from_first_to_last_with_time(groups: dict[str, list[DayTime]]) -> dict[str, list[DayTime]]:
    known = list(groups.items())
    # An event alone is a project of its day, though it takes no time.
    having = [n for n, (_, days) in enumerate(known) if any(day.projects for day in days)]
    return dict(known[having[0] : having[-1] + 1]) if having else groups


def _with_blocks(report: Report) -> list[ProjectTime]:
    return [project for project in report.projects if project.blocks]


def _label(days: Sequence[DayTime], unit: Kind, week_starts_on: int) -> str:
    first, last = days[0].date, days[-1].date
    if unit is Kind.DAY:
        return full_date(first)
    if unit is Kind.MONTH:
        return month_and_year(first)
    return f"Week {week_number(week_of(first, week_starts_on))[1]}, {date_range(first, last)}"


def _group(day: dt.date, unit: Kind, week_starts_on: int) -> str:
    if unit is Kind.DAY:
        return part_id(day, Kind.WEEK, week_starts_on)
    return f"{day:%Y-%m}" if unit is Kind.WEEK else f"{day:%Y}"


def _days(days: Sequence[DayTime], minutes: int) -> tuple[tuple[str, str], ...]:
    made = rounded_parts([day.total_ms for day in days], MINUTE_MS, minutes)
    return tuple(
        (short_date(day.date), shown_minutes(whole, day.total_ms))
        for day, whole in zip(days, made, strict=True)
        if day.total_ms
    )


def _projects(
    days: Iterable[DayTime],
    total_ms: int,
    minutes: int,
    shown: dict[str, tuple[int, str]],
    unit: Kind,
    when: dict[int, str],
) -> tuple[tuple[PartOfProject, ...], str]:
    sums: dict[str, int] = {}
    for day in days:
        for name, ms in day.projects.items():
            sums[name] = sums.get(name, 0) + ms
    order = sorted(sums, key=lambda name: (-sums[name], name))
    *made, parallel = rounded_parts([*(sums[n] for n in order), total_ms - sum(sums.values())], MINUTE_MS, minutes)
    rows = [
        PartOfProject(*shown[n], shown_minutes(m, sums[n]), m, when.get(shown[n][0], ""))
        for n, m in zip(order, made, strict=True)
    ]
    if unit is not Kind.DAY and len(rows) > MOST_PROJECTS:
        kept = MOST_PROJECTS - 1
        rest, rest_ms = sum(made[kept:]), sum(sums[n] for n in order[kept:])
        more = f"{len(rows) - kept} more projects"
        rows = [*rows[:kept], PartOfProject(-1, more, shown_minutes(rest, rest_ms), rest)]
    return tuple(rows), MINUS + shown_minutes(-parallel, 0) if parallel else ""


def _blocks_of_days(
    report: Report, names: Sequence[str]
) -> dict[str, list[tuple[int, str, tuple[Block, ...], tuple[Interval, ...]]]]:
    """What each project has of each day, by the day's name: its number, its name, its blocks and its waits, cut."""
    found: dict[str, list[tuple[int, str, tuple[Block, ...], tuple[Interval, ...]]]] = {}
    for number, (project, name) in enumerate(zip(_with_blocks(report), names, strict=True)):
        for day in report.days:
            start_ms, end_ms = day.start_ms, day.end_ms
            blocks = tuple(
                cut for b in _reaching(project.blocks, start_ms, end_ms) if (cut := clip_block(b, start_ms, end_ms))
            )
            waits = clip(project.waits, start_ms, end_ms)
            if blocks:
                found.setdefault(day.date.isoformat(), []).append((number, name, blocks, waits))
    return found


def _times(blocks: Sequence[Block], clock: LocalClock) -> str:
    """``09:05 – 10:40, 11:02``; of many blocks the first, and how many there are besides."""
    times = [
        start if start == end else f"{start}{_DASH}{end}"
        for start, end in ((clock.time(b.start_ms), clock.time(b.end_ms)) for b in blocks[:MOST_TIMES])
    ]
    more = len(blocks) - len(times)
    return ", ".join([*times, f"{more} more"] if more else times)


def _reaching(blocks: Sequence[Block], start_ms: int, end_ms: int) -> Sequence[Block]:
    first = bisect_left(blocks, start_ms, key=lambda block: block.end_ms)
    return blocks[first : bisect_left(blocks, end_ms, key=lambda block: block.start_ms)]
