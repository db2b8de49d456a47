"""What the terminal texts have in common: bars, project rows, and lines that wrap between their parts.

Solid is Claude working, shaded is a person's attention, in colour or not.
"""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from monitor_core.rounding import rounded_parts
from monitor_tray.render.ascii import in_ascii
from monitor_tray.render.styled import ASIDE, ATTENTION, PLAIN, TOTAL, WORKING, Style, Styled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor_core.model import UsageWindow
    from monitor_tray.render.figures import Figures

GAP = 2
IN_PARALLEL = "in parallel"

_PERCENT_WIDTH = len("100 %")
_COUNTED_ONCE = "counted once"


def project_rows(shown: Figures, width: int) -> list[Styled]:
    """Name, bar, time, percent; then what is counted once, so that the column adds up to the total below it."""
    times = [shown.total, shown.parallel, *(project.time for project in shown.projects)]
    time_width = max(map(len, times))
    name_width = min(max([cell_len(p.name) for p in shown.projects] + [len(IN_PARALLEL)]), int(width * 0.35))
    bar_width = width - name_width - time_width - _PERCENT_WIDTH - 3 * GAP
    longest = max(project.project.active_ms for project in shown.projects)
    gap = " " * GAP
    rows = []
    for row in shown.projects:
        bar = _split_bar(row.project.working_ms, row.project.attention_ms, longest, bar_width)
        percent = (f"{row.percent} %".rjust(_PERCENT_WIDTH), ASIDE)
        rows.append(Styled.of(fitted(row.name, name_width), gap, bar, gap, row.time.rjust(time_width), gap, percent))
    if shown.parallel:
        note = _COUNTED_ONCE if len(_COUNTED_ONCE) <= bar_width else ""
        label = fitted(IN_PARALLEL, name_width) + gap + note.ljust(bar_width) + gap
        rows.append(Styled.of((label + shown.parallel.rjust(time_width), ASIDE)))
    if len(rows) > 1:
        rows.append(Styled.of((" " * (name_width + bar_width + 2 * GAP) + shown.total.rjust(time_width), TOTAL)))
    return rows


def time_rows(rows: Sequence[tuple[str, int, str]], width: int) -> list[Styled]:
    """Label, bar and time for each ``(label, ms, time)``."""
    label_width = max(len(label) for label, _, _ in rows)
    time_width = max(len(time) for _, _, time in rows)
    bar_width = width - label_width - time_width - 2 * GAP
    longest = max(ms for _, ms, _ in rows)
    gap = " " * GAP
    return [
        Styled.of(
            label.ljust(label_width),
            gap,
            ("━" * _cells(ms, longest, bar_width)).ljust(bar_width),
            gap,
            time.rjust(time_width),
        )
        for label, ms, time in rows
    ]


def split_line(shown: Figures, width: int) -> list[Styled]:
    """What the solid and the shaded parts of the bars stand for, and how much of each there is."""
    parts = [
        Styled.of(("██", WORKING), f" Claude working {shown.working}"),
        Styled.of(("░░", ATTENTION), f" your attention {shown.attention}"),
    ]
    return wrapped(parts, width)


def waited_line(shown: Figures, width: int) -> list[Styled]:
    """How long Claude waited for the person; it is a part of no other figure and stands alone."""
    return aside([f"Claude waited for you {shown.waited}"] if shown.waited else [], width)


def windows_counted(windows: Sequence[UsageWindow], of: str) -> list[str]:
    """How many usage windows, and how many prompts were in them; nothing where there are none.

    In the report ``of`` one project it says that they are not the project's.
    """
    if not windows:
        return []
    count = "1 usage window" if len(windows) == 1 else f"{len(windows)} usage windows"
    return [count, prompts(sum(window.prompts for window in windows)), *not_of_one(of)]


def not_of_one(project: str) -> list[str]:
    """A remark beside what is of all projects, in the report of one ``project``; none where that is ``""``."""
    return ["of all projects"] if project else []


def prompts(count: int) -> str:
    """``1 prompt``, ``12 prompts``."""
    return "1 prompt" if count == 1 else f"{count} prompts"


def worded(parts: Iterable[str], width: int, style: Style = PLAIN) -> list[Styled]:
    """``parts`` as `wrapped`; one that is longer than a line goes on in the next."""
    pieces = [piece for part in parts for piece in textwrap.wrap(part, width, break_on_hyphens=False)]
    return wrapped([Styled.of((piece, style)) for piece in pieces], width)


def aside(parts: Iterable[str], width: int) -> list[Styled]:
    """``parts`` as `worded`, in the background."""
    return worded(parts, width, ASIDE)


def fitted(text: str, width: int) -> str:
    """``text`` in exactly ``width`` columns, cut with an ellipsis where it is longer."""
    if cell_len(text) > width:
        text = set_cell_size(text, width - 1).rstrip() + "…"
    return set_cell_size(text, width)


def wrapped(parts: Iterable[Styled], width: int) -> list[Styled]:
    """``parts`` joined by middle dots, with a new line in place of a dot wherever one would not fit."""
    lines: list[Styled] = []
    for part in parts:
        if lines and lines[-1].cell_len + 3 + part.cell_len <= width:
            lines[-1] = Styled.of(lines[-1], (" · ", ASIDE), part)
        else:
            lines.append(part)
    return lines


def with_ascii_names(shown: Figures) -> Figures:
    """``shown`` for a text in ASCII."""
    # Before the layout, because what replaces a character may be narrower than it.
    return replace(shown, projects=tuple(replace(row, name=in_ascii(row.name)) for row in shown.projects))


def _split_bar(working_ms: int, attention_ms: int, longest_ms: int, width: int) -> Styled:
    length_ms = working_ms + attention_ms
    cells = _cells(length_ms, longest_ms, width)
    working = rounded_parts([working_ms * cells, attention_ms * cells], length_ms)[0] if cells else 0
    return Styled.of(("█" * working, WORKING), ("░" * (cells - working), ATTENTION), " " * (width - cells))


def _cells(length_ms: int, longest_ms: int, width: int) -> int:
    """Columns of a bar that has ``width`` for the longest; whatever is not nothing has at least one."""
    return max(1, round(width * length_ms / longest_ms)) if length_ms else 0
