"""The insights below a report's text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_tray.render.ascii import in_ascii
from monitor_tray.render.insight_words import most_telling
from monitor_tray.render.styled import TOTAL, Styled, printed
from monitor_tray.render.text import MAX_WIDTH, MIN_WIDTH
from monitor_tray.render.text_lines import worded

if TYPE_CHECKING:
    from monitor_core.analytics import Analytics
    from monitor_core.report import Report
    from monitor_tray.render.text import Look

_NONE = "There is too little time here to say more of it."


def insights_text(analytics: Analytics, report: Report, look: Look) -> str:
    """An empty line, the title and the most telling sentences, in lines of the look's width, each with a newline.

    Where nothing can be said, that is said; below a report without time nothing is.
    """
    if not report.total_ms:
        return ""
    width = min(max(look.width, MIN_WIDTH), MAX_WIDTH)
    sentences = most_telling(analytics, report) or [_NONE]
    lines = [Styled(), Styled.of(("Insights", TOTAL))]
    for words in sentences:
        lines += worded([words if look.unicode else in_ascii(words)], width)
    text = printed(lines, colour=look.colour)
    return text if look.unicode else in_ascii(text)
