"""Reports as pages in files: `monitor_tray.render.page` makes them, this writes them and clears old ones away."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from monitor_core.errors import MonitorError
from monitor_tray.render.page import report_html
from monitor_tray.replacing import beside

if TYPE_CHECKING:
    from pathlib import Path

    from monitor_core.report import Report

__all__ = ["KEPT", "report_html", "write_report"]

#: So many pages stay in the folder: the newest.
KEPT = 50

_LONGEST_FILE_NAME = 60
_DAY = r"\d{4}-\d\d-\d\d"
#: What `write_report` calls its files. Others are not ours to delete.
_OURS = re.compile(rf"{_DAY}(--{_DAY})?(--[a-z0-9-]{{0,{_LONGEST_FILE_NAME}}})?\.html")


def write_report(report: Report, reports_folder: Path, *, of: str = "", **how: Any) -> Path:
    """Writes the page and returns where: ``2026-11-23.html`` or ``2026-11-23--2026-11-29.html`` in the folder.

    The page ``of`` one project has its name there too, as far as that is letters and figures. ``how`` is what
    `report_html` takes. The file is 0600 and replaces the one of the same name in one piece; of those that were written
    before the newest stay, `KEPT` with this one. Raises `MonitorError` where that cannot be.
    """
    first, last = report.first_day.isoformat(), report.last_day.isoformat()
    name = re.sub("[^a-z0-9]+", "-", of.lower())[:_LONGEST_FILE_NAME]
    parts = [first, *([] if first == last else [last]), *([name] if of else [])]
    target = reports_folder / f"{'--'.join(parts)}.html"
    page = report_html(report, of=of, compiled_in=reports_folder, **how).encode()
    try:
        reports_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with beside(target, page, durably=False) as new:
            new.replace(target)
    except OSError as error:
        raise MonitorError(
            f"cannot write the report {target}: {error.strerror}; make the folder writable and its disk less full"
        ) from error
    _clear(reports_folder, target)
    return target


def _clear(folder: Path, newest: Path) -> None:
    """Deletes the oldest pages but for `KEPT`. One that cannot be looked at or deleted stays: it does no harm."""
    written: list[tuple[float, Path]] = []
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path != newest and _OURS.fullmatch(path.name):
                with contextlib.suppress(OSError):
                    written.append((path.lstat().st_mtime, path))
    for _, path in sorted(written, reverse=True)[KEPT - 1 :]:
        with contextlib.suppress(OSError):
            path.unlink()
