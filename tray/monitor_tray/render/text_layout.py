"""The lines of the terminal text. Solid is Claude working, shaded is a person's attention, in colour or not."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from monitor_core.model import HOUR_MS
from monitor_core.rounding import rounded_parts
from monitor_tray.render.ascii import in_ascii
from monitor_tray.render.figures import figures
from monitor_tray.render.local_time import LocalClock, date_range, short_date

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor_core.model import UsageWindow
    from monitor_core.report import Report
    from monitor_tray.render.figures import Figures

_GAP = 2
_PERCENT_WIDTH = len("100 %")
_IN_PARALLEL = "in parallel"
_COUNTED_ONCE = "counted once"

_TOTAL = "bold"
_WORKING = "green"
_ATTENTION = "dim green"
_ASIDE = "dim"


def laid_out(report: Report, width: int, *, colour: bool, unicode: bool, hint: str) -> str:
    """What `monitor_tray.render.text.report_text` promises, for a ``width`` that is within its limits."""
    lines = [Text(date_range(report.first_day, report.last_day), style=_TOTAL)]
    shown = figures(report)
    if shown.projects:
        lines += _body(report, shown if unicode else _with_ascii_names(shown), width)
    else:
        lines += [Text(), *map(Text, textwrap.wrap(hint, width))]
    text = _printed(lines, colour=colour)
    return text if unicode else in_ascii(text)


def _body(report: Report, shown: Figures, width: int) -> list[Text]:
    clock = LocalClock(report.zone)
    one_day = report.first_day == report.last_day
    when = _when(report, shown, clock) if one_day else _days_worked(report)
    split = [
        Text.assemble(("██", _WORKING), f" Claude working {shown.working}"),
        Text.assemble(("░░", _ATTENTION), f" your attention {shown.attention}"),
    ]
    windows = _windows(report, clock) if one_day else _windows_counted(report.windows)
    return [
        *_wrapped([Text(shown.total, style=_TOTAL), *(Text(part) for part in when)], width),
        Text(),
        *_project_rows(shown, width),
        *([] if one_day else [Text(), *_day_rows(shown, width)]),
        Text(),
        *_wrapped(split, width),
        *(line for parts in windows for line in _wrapped([Text(part, style=_ASIDE) for part in parts], width)),
    ]


def _when(report: Report, shown: Figures, clock: LocalClock) -> list[str]:
    if report.first_ms is None or report.last_ms is None:
        return []
    parts = [clock.stretch(report.first_day, report.first_ms, report.last_ms)]
    if report.idle_ms:
        parts.append(f"{shown.idle} idle")
    if shown.running:
        parts.append("still running")
    return parts


def _days_worked(report: Report) -> list[str]:
    return [f"on {sum(1 for day in report.days if day.projects)} of {len(report.days)} days"]


def _windows(report: Report, clock: LocalClock) -> list[list[str]]:
    lines = []
    for window in report.windows:
        hours, rest = divmod(window.end_ms - window.start_ms, HOUR_MS)
        name = "Usage window" if rest else f"{hours}-hour window"
        if window.start_ms <= report.now_ms < window.end_ms:
            when = f"until {clock.time_seen_from(report.first_day, window.end_ms)}"
        else:
            when = clock.stretch(report.first_day, window.start_ms, window.end_ms)
        lines.append([f"{name} {when}", _prompts(window.prompts)])
    return lines


def _windows_counted(windows: tuple[UsageWindow, ...]) -> list[list[str]]:
    if not windows:
        return []
    count = "1 usage window" if len(windows) == 1 else f"{len(windows)} usage windows"
    return [[count, _prompts(sum(window.prompts for window in windows))]]


def _prompts(count: int) -> str:
    return "1 prompt" if count == 1 else f"{count} prompts"


def _project_rows(shown: Figures, width: int) -> list[Text]:
    """Name, bar, time, percent; then what is counted once, so that the column adds up to the total below it."""
    times = [shown.total, shown.parallel, *(project.time for project in shown.projects)]
    time_width = max(map(len, times))
    name_width = min(max([cell_len(p.name) for p in shown.projects] + [len(_IN_PARALLEL)]), int(width * 0.35))
    bar_width = width - name_width - time_width - _PERCENT_WIDTH - 3 * _GAP
    longest = max(project.project.active_ms for project in shown.projects)
    gap = " " * _GAP
    rows = []
    for row in shown.projects:
        bar = _bar(row.project.working_ms, row.project.attention_ms, longest, bar_width)
        percent = (f"{row.percent} %".rjust(_PERCENT_WIDTH), _ASIDE)
        rows.append(
            Text.assemble(_fitted(row.name, name_width), gap, bar, gap, row.time.rjust(time_width), gap, percent)
        )
    if shown.parallel:
        note = _COUNTED_ONCE if len(_COUNTED_ONCE) <= bar_width else ""
        label = _fitted(_IN_PARALLEL, name_width) + gap + note.ljust(bar_width) + gap
        rows.append(Text(label + shown.parallel.rjust(time_width), style=_ASIDE))
    if len(rows) > 1:
        rows.append(Text(" " * (name_width + bar_width + 2 * _GAP) + shown.total.rjust(time_width), style=_TOTAL))
    return rows


def _day_rows(shown: Figures, width: int) -> list[Text]:
    time_width = max(len(day.time) for day in shown.days)
    bar_width = width - len(short_date(shown.days[0].date)) - time_width - 2 * _GAP
    longest = max(day.total_ms for day in shown.days)
    gap = " " * _GAP
    rows = []
    for day in shown.days:
        bar = "━" * _cells(day.total_ms, longest, bar_width)
        rows.append(Text.assemble(short_date(day.date), gap, bar.ljust(bar_width), gap, day.time.rjust(time_width)))
    return rows


def _bar(working_ms: int, attention_ms: int, longest_ms: int, width: int) -> Text:
    length_ms = working_ms + attention_ms
    cells = _cells(length_ms, longest_ms, width)
    working = rounded_parts([working_ms * cells, attention_ms * cells], length_ms)[0] if cells else 0
    return Text.assemble(("█" * working, _WORKING), ("░" * (cells - working), _ATTENTION), " " * (width - cells))


def _cells(length_ms: int, longest_ms: int, width: int) -> int:
    """Columns of a bar that has ``width`` for the longest; whatever is not nothing has at least one."""
    return max(1, round(width * length_ms / longest_ms)) if length_ms else 0


def _fitted(text: str, width: int) -> str:
    """``text`` in exactly ``width`` columns, cut with an ellipsis where it is longer."""
    if cell_len(text) > width:
        text = set_cell_size(text, width - 1).rstrip() + "…"
    return set_cell_size(text, width)


def _wrapped(parts: Iterable[Text], width: int) -> list[Text]:
    """``parts`` joined by middle dots, with a new line in place of a dot wherever one would not fit."""
    lines: list[Text] = []
    for part in parts:
        if lines and lines[-1].cell_len + 3 + part.cell_len <= width:
            lines[-1] = Text.assemble(lines[-1], (" · ", _ASIDE), part)
        else:
            lines.append(part)
    return lines


def _with_ascii_names(shown: Figures) -> Figures:
    # Before the layout, because what replaces a character may be narrower than it.
    return replace(shown, projects=tuple(replace(row, name=in_ascii(row.name)) for row in shown.projects))


def _printed(lines: list[Text], *, colour: bool) -> str:
    console = Console(
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        legacy_windows=False,
        highlight=False,
    )
    with console.capture() as capture:
        for line in lines:
            line.rstrip()
            console.print(line, soft_wrap=True)
    return capture.get()
