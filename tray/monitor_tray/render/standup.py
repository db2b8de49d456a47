"""What was worked on last and today, as Markdown to paste into a channel. Nothing but projects and times is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor_core.model import MINUTE_MS
from monitor_core.turns import StreamState
from monitor_tray.duration import format_duration_in_a_sentence
from monitor_tray.printable import printable
from monitor_tray.render.figures import minutes_of_projects
from monitor_tray.render.local_time import date_range

if TYPE_CHECKING:
    from monitor_core.report import Report

_BACKTICKS = re.compile("`+")


def standup_markdown(before: Report | None, today: Report) -> str:
    """A paragraph and a list for each day, in whole minutes that add up; ``before`` is None where there was none.

    They are called yesterday and today where they are; else they have their date alone.
    """
    is_now = today.start_ms <= today.now_ms < today.end_ms
    parts = []
    if before is not None:
        is_eve = is_now and (today.first_day - before.first_day).days == 1
        parts.append(_day(before, "Yesterday, " if is_eve else ""))
    parts.append(_day(today, "Today, " if is_now else ""))
    return "\n".join(parts)


def _day(report: Report, name: str) -> str:
    date = date_range(report.first_day, report.first_day, year=False)
    projects, minutes, parallel = minutes_of_projects(report)
    running = _running(report)
    total = _words(report.total_ms // MINUTE_MS) if projects else "nothing yet" if name == "Today, " else "nothing"
    lines = [f"**{name}{date}: {total}**", ""]
    for project, own in zip(projects, minutes, strict=True):
        count = len(project.blocks)
        blocks = "1 block" if count == 1 else f"{count} blocks"
        parts = [f"{code(project.name)}: {_words(own)} in {blocks}", *running.pop(project.name, [])]
        lines.append(f"- {', '.join(parts)}")
    lines += [f"- {code(project)}: {', '.join(words)}" for project, words in running.items()]
    if parallel:
        lines.append(f"- counted once, because in parallel: −{_words(-parallel)}")
    return "\n".join([*lines, ""]) if lines[2:] else "\n".join(lines)


def code(name: str) -> str:
    """``name`` as a code span, in which nothing of it is Markdown: https://spec.commonmark.org/0.31.2/#code-spans."""
    shown = printable(name)
    longest = max(map(len, _BACKTICKS.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _running(report: Report) -> dict[str, list[str]]:
    """What Claude does now, by project; nothing for a day that is not today."""
    states: dict[str, set[StreamState]] = {}
    for stream in report.open_streams:
        states.setdefault(stream.project, set()).add(stream.state)
    words = {StreamState.WORKING: "Claude is working", StreamState.BLOCKED: "Claude waits for an answer"}
    return {project: [said for state, said in words.items() if state in own] for project, own in states.items()}


def _words(minutes: int) -> str:
    return format_duration_in_a_sentence(minutes * MINUTE_MS or 1)
