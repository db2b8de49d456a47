"""Why the blocks of a day count, as text for a terminal: line by line, with the rule and the events."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from monitor_core.model import SECOND_MS
from monitor_core.why import Counts
from monitor_tray.printable import printable
from monitor_tray.render.ascii import in_ascii
from monitor_tray.render.local_time import LocalClock, full_date
from monitor_tray.render.styled import ASIDE, ATTENTION, PLAIN, TOTAL, WORKING, Style, Styled, printed
from monitor_tray.render.text import MAX_WIDTH, MIN_WIDTH
from monitor_tray.render.why_words import COUNTS, rule_words, stream_words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from monitor_core.explaining import ExplainedProject
    from monitor_core.model import Event
    from monitor_core.why import ExplainedBlock, Line
    from monitor_tray.render.edit_words import EditWords
    from monitor_tray.render.text import Look

_INDENT = "  "
_STYLES = {Counts.WORKING: WORKING, Counts.ATTENTION: ATTENTION, Counts.NOT: ASIDE}
#: Of more events than these, the first and the last are shown.
_MOST_EVENTS, _AT_EACH_END = 8, 3
_SESSION = 8


def why_text(
    projects: Sequence[ExplainedProject],
    day: dt.date,
    words: EditWords,
    clock: LocalClock,
    look: Look,
    *,
    every: bool,
    idle_ms: int,
    hint: str,
) -> str:
    """The explanation in lines of at most ``look.width`` columns (40 to 88).

    With ``every`` all events are listed, else of many the first and the last. ``hint`` is shown where there is nothing
    to explain.
    """
    width = min(max(look.width, MIN_WIDTH), MAX_WIDTH)
    page = _Page(words, clock, width, every=every, idle_ms=idle_ms)
    lines = [Styled.of((full_date(day), TOTAL))]
    for project in projects:
        lines += page.project(project)
    if not projects:
        lines += [Styled(), *map(Styled.of, textwrap.wrap(hint, width))]
    text = printed(lines, colour=look.colour)
    return text if look.unicode else in_ascii(text)


class _Page:
    def __init__(self, words: EditWords, clock: LocalClock, width: int, *, every: bool, idle_ms: int) -> None:
        self._words = words
        self._clock = clock
        self._width = width
        self._every = every
        self._idle_ms = idle_ms

    def project(self, project: ExplainedProject) -> list[Styled]:
        """Its blocks and what lies between them, by time."""
        found = project.explained
        parts: list[tuple[int, list[Styled]]] = [
            (each.block.start_ms, self._block(printable(project.name), each)) for each in found.blocks
        ]
        parts += [(line.start_ms, [Styled(), *self._line(line, printable(project.name))]) for line in found.uncounted]
        return [line for _, lines in sorted(parts, key=lambda part: part[0]) for line in lines]

    def _block(self, name: str, each: ExplainedBlock) -> list[Styled]:
        block = each.block
        active_s = _seconds(block.start_ms, block.end_ms)
        working_s = sum(_seconds(line.start_ms, line.end_ms) for line in each.lines if line.counts is Counts.WORKING)
        head = f"{name} · {self._stretch(block.start_ms, block.end_ms)} · {_length(active_s)}"
        split = f"Claude working {_length(working_s)}, your attention {_length(active_s - working_s)}"
        if block.open:
            split += ", still running"
        lines = [Styled(), *_wrapped(head, self._width, "", TOTAL), *_wrapped(split, self._width, "", PLAIN)]
        for line in each.lines:
            lines += self._line(line, "")
        return lines

    def _line(self, line: Line, project: str) -> list[Styled]:
        parts = [self._stretch(line.start_ms, line.end_ms)]
        if line.start_ms < line.end_ms:
            parts.append(_length(_seconds(line.start_ms, line.end_ms)))
        parts.append(COUNTS[line.counts] + (f" for {project}" if project else ""))
        if line.stream:
            parts.append(stream_words(line.stream))
        if line.also:
            parts.append(f"at once with {', '.join(map(stream_words, sorted(line.also)))}")
        reasons = [rule_words(line, self._idle_ms)]
        reasons += [
            f"edit {edit.id[:_SESSION]}: {self._words.what(edit)} {self._words.note(edit)}" for edit in line.edits
        ]
        deep = 2 * _INDENT
        return [
            *_wrapped(" · ".join(parts), self._width, _INDENT, _STYLES[line.counts]),
            *(text for reason in reasons for text in _wrapped(reason.rstrip(), self._width, deep, PLAIN)),
            *_wrapped(" · ".join(self._events(line.events)), self._width, deep, ASIDE),
        ]

    def _events(self, events: Sequence[Event]) -> Iterable[str]:
        if self._every or len(events) <= _MOST_EVENTS:
            return map(self._event, events)
        left_out = len(events) - 2 * _AT_EACH_END
        first, last = map(self._event, events[:_AT_EACH_END]), map(self._event, events[-_AT_EACH_END:])
        return [*first, f"… {left_out} more (--all) …", *last]

    def _event(self, event: Event) -> str:
        kind = event.notification_type or event.kind if event.kind == "Notification" else event.kind
        tool = f" {event.tool_name}" if event.tool_name else ""
        auto = " (by Claude Code itself)" if event.auto else ""
        return printable(f"{self._clock.local(event.t_ms):%H:%M:%S} {kind}{tool}{auto}")

    def _stretch(self, start_ms: int, end_ms: int) -> str:
        start, end = (f"{self._clock.local(at_ms):%H:%M:%S}" for at_ms in (start_ms, end_ms))
        return start if start_ms == end_ms else f"{start} – {end}"


def _seconds(start_ms: int, end_ms: int) -> int:
    """The length as the clock shows both ends, so that the lines add up to what stands above them."""
    return end_ms // SECOND_MS - start_ms // SECOND_MS


def _length(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} m {rest:02} s"
    return f"{minutes} m {rest:02} s" if minutes else f"{rest} s"


def _wrapped(text: str, width: int, indent: str, style: Style) -> list[Styled]:
    lines = textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent)
    return [Styled.of((line, style)) for line in lines]
