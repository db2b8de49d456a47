"""A report as one self-contained page: no script, no request, no style from anywhere but the page itself.

The content security policy says so to the browser, and names escape through jinja's autoescape. jinja is imported when
a page is made, not before.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor_core.errors import MonitorError
from monitor_tray.duration import format_duration
from monitor_tray.printable import printable
from monitor_tray.render.figures import figures
from monitor_tray.render.hints import NOTHING_IN_RANGE
from monitor_tray.render.local_time import LocalClock, date_range, full_date
from monitor_tray.render.pause_words import pause_words
from monitor_tray.render.timeline import axis_of_day, percent

if TYPE_CHECKING:
    import jinja2

    from monitor_core.model import Block
    from monitor_core.report import Report
    from monitor_tray.render.figures import Figures
    from monitor_tray.render.timeline import DrawnBlock

_LONGEST_NAME, _LONGEST_FILE_NAME = 120, 60


@dataclass(frozen=True, slots=True)
class _Row:
    """One project's row of the timeline."""

    name: str
    blocks: tuple[DrawnBlock, ...]


@dataclass(frozen=True, slots=True)
class _BlockLine:
    """One block in the table below the timeline."""

    start: str
    end: str
    name: str
    time: str
    working: str
    open: bool


def report_html(report: Report, *, hint: str = NOTHING_IN_RANGE, of: str = "") -> str:
    """The page; ``hint`` says what to do next and is shown only where there is nothing else to show.

    ``of`` is the name of the one project that the report is of: it stands in the title, and agent time, which is known
    of all projects together only, is left out.
    """
    clock = LocalClock(report.zone)
    one_day = report.first_day == report.last_day
    shown = figures(report)
    style = _template_file("report.css")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            shown=shown,
            clock=clock,
            hint=hint,
            one_day=one_day,
            title=date_range(report.first_day, report.last_day) + (f" · {_shortened(printable(of))}" if of else ""),
            of=of,
            full_date=full_date,
            percent=percent,
            pauses=pause_words(report),
            prompts=sum(window.prompts for window in report.windows),
            longest_ms=max((p.active_ms for p in report.projects), default=0),
            longest_day_ms=max((day.total_ms for day in report.days), default=0),
            style=style,
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            **(_timeline(report, shown, clock) if one_day and shown.projects else {}),
        )
    )


def write_report(report: Report, reports_folder: Path, *, hint: str = NOTHING_IN_RANGE, of: str = "") -> Path:
    """Writes the page and returns where: ``2026-11-23.html`` or ``2026-11-23--2026-11-29.html`` in the folder.

    The page ``of`` one project has its name there too, as far as that is letters and figures. The file is 0600 and
    replaces the one of the same name in one piece. Raises `MonitorError` where that cannot be.
    """
    first, last = report.first_day.isoformat(), report.last_day.isoformat()
    name = re.sub("[^a-z0-9]+", "-", of.lower())[:_LONGEST_FILE_NAME]
    parts = [first, *([] if first == last else [last]), *([name] if of else [])]
    target = reports_folder / f"{'--'.join(parts)}.html"
    page = report_html(report, hint=hint, of=of).encode()
    try:
        reports_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(target, page)
    except OSError as error:
        raise MonitorError(
            f"cannot write the report {target}: {error.strerror}; make the folder writable and its disk less full"
        ) from error
    return target


def _replace(target: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}.", dir=target.parent)  # 0600
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        new.replace(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _timeline(report: Report, shown: Figures, clock: LocalClock) -> dict[str, Any]:
    axis = axis_of_day(report, clock)
    rows = tuple(
        _Row(row.name, tuple(axis.block(b, _words(b, report, clock)) for b in row.project.blocks))
        for row in shown.projects
    )
    blocks = sorted(
        ((block, row.name) for row in shown.projects for block in row.project.blocks), key=lambda pair: pair[0].start_ms
    )
    return {
        "axis": axis,
        "rows": rows,
        "now": axis.x(report.now_ms) if axis.start_ms <= report.now_ms < axis.end_ms else "",
        "blocks": [_line(block, name, report, clock) for block, name in blocks],
    }


def _words(block: Block, report: Report, clock: LocalClock) -> str:
    when = clock.stretch(report.first_day, block.start_ms, block.end_ms)
    return f"{when}, {format_duration(block.active_ms or 1)}" + (", still open" if block.open else "")


def _line(block: Block, name: str, report: Report, clock: LocalClock) -> _BlockLine:
    start, end = (clock.time_seen_from(report.first_day, ms) for ms in (block.start_ms, block.end_ms))
    return _BlockLine(
        start, end, name, format_duration(block.active_ms or 1), format_duration(block.working_ms), block.open
    )


def _shortened(name: str) -> str:
    """The name, cut where nobody reads on."""
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


@cache
def _environment() -> jinja2.Environment:
    import jinja2  # noqa: PLC0415  takes 70 ms, which only a page is worth

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template_file),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shortened"] = _shortened
    environment.filters["duration"] = format_duration
    return environment


def _template_file(name: str) -> str:
    return resources.files("monitor_assets").joinpath("report", name).read_text(encoding="utf-8")
