"""A report as text for a terminal: what somebody reads in passing, or posts in a channel.

This is the door: what a stream can show, and the texts themselves. How they are laid out stands in `text_layout`,
`text_week` and `text_month`, and is imported when something is rendered, not before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_tray.printable import printable
from monitor_tray.render.ascii import shows_bars
from monitor_tray.render.columns import columns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from monitor_core.report import Report
    from monitor_core.summary import Summary

MIN_WIDTH = 40
MAX_WIDTH = 88  # a longer bar says no more, and the eye loses the row


@dataclass(frozen=True, slots=True)
class Look:
    """What a stream can show: columns, colours, and characters beyond ASCII."""

    width: int
    colour: bool
    unicode: bool

    @classmethod
    def of(cls, stream: TextIO, environment: Mapping[str, str]) -> Look:
        """The look of ``stream``: colours on a terminal, unless https://no-color.org or FORCE_COLOR say otherwise.

        A ``FORCE_COLOR`` of 0 asks for none, as the programs that invented it have it.
        """
        return cls.of_facts(stream.isatty(), stream.encoding, columns(stream, environment), environment)

    @classmethod
    def of_facts(cls, terminal: bool, encoding: str | None, width: int | None, environment: Mapping[str, str]) -> Look:
        """The same for a stream that another process has. Of its ``environment`` TERM, FORCE_COLOR and NO_COLOR matter.

        Where it has no ``width`` that is as much as we use: a file has room.
        """
        colour = terminal and environment.get("TERM") != "dumb"
        if force := environment.get("FORCE_COLOR", ""):
            colour = force != "0"
        if environment.get("NO_COLOR", ""):
            colour = False
        return cls(width=MAX_WIDTH if width is None else width, colour=colour, unicode=shows_bars(encoding))


def report_text(
    report: Report, *, width: int, colour: bool, unicode: bool, hint: str, of: str = "", week_starts_on: int = 0
) -> str:
    """The report in lines of at most ``width`` columns (never taken as less than 40), each ended by a newline.

    ``colour`` adds ANSI sequences; without ``unicode`` the text is ASCII. ``hint`` says what to do next and is shown
    only where there is nothing else to show. ``of`` is the name of the one project that the report is of. Names never
    put control characters into the text. ``week_starts_on`` cuts the weeks that stand in place of very many days.
    """
    from monitor_tray.render.text_layout import laid_out  # noqa: PLC0415  the look alone is asked for, too

    return laid_out(
        report,
        _within_limits(width),
        colour=colour,
        unicode=unicode,
        hint=hint,
        of=printable(of),
        week_starts_on=week_starts_on,
    )


def week_text(
    report: Report, summary: Summary, *, width: int, colour: bool, unicode: bool, hint: str, of: str = ""
) -> str:
    """The report of one week: its days by projects, averages, and the week before. Otherwise as `report_text`."""
    from monitor_tray.render.text_week import week_laid_out  # noqa: PLC0415  the look alone is asked for, too

    return week_laid_out(
        report, summary, _within_limits(width), colour=colour, unicode=unicode, hint=hint, of=printable(of)
    )


def month_text(
    report: Report,
    summary: Summary,
    *,
    width: int,
    colour: bool,
    unicode: bool,
    hint: str,
    of: str = "",
    week_starts_on: int = 0,
) -> str:
    """The report of one month: its calendar, best day, streak, and the month before. Otherwise as `report_text`."""
    from monitor_tray.render.text_month import month_laid_out  # noqa: PLC0415  the look alone is asked for, too

    return month_laid_out(
        report,
        summary,
        _within_limits(width),
        colour=colour,
        unicode=unicode,
        hint=hint,
        of=printable(of),
        week_starts_on=week_starts_on,
    )


def _within_limits(width: int) -> int:
    return min(max(width, MIN_WIDTH), MAX_WIDTH)
