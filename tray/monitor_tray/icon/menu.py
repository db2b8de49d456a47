"""The words of the icon: the menu's entries, the tooltip and the label beside the icon, made from a `Glance`.

Pure text. It knows no toolkit; what a desktop needs escaped, its backend escapes.
"""

from __future__ import annotations

import enum
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_tray.duration import format_duration, format_duration_in_a_sentence, format_duration_tight
from monitor_tray.glance import State
from monitor_tray.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor_tray.glance import Glance, ProjectLine, SessionLine

MAX_PROJECTS = 8
#: Besides the one that the first line of the state is about.
MAX_SESSIONS = 4
MAX_NAME = 40
MAX_TROUBLE = 90

_STATES = {
    State.WORKING: "Claude is working",
    State.WAITING: "Claude waits for you",
    State.IDLE: "Idle",
    State.TROUBLE: "Something is wrong",
}
# The mark goes before: GTK takes a line's direction from the first letter, though it be isolated
_ISOLATED = "\u200e\u2068{}\u2069"


class Action(enum.Enum):
    """What a click on an entry does."""

    NOTHING = "nothing"
    OPEN_REPORT = "open report"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu. ``default`` is what a left click on the icon does."""

    text: str
    action: Action
    default: bool = False
    visible: bool = True


SEPARATOR = Entry("", Action.NOTHING)


def entries(glance: Glance) -> tuple[Entry, ...]:
    """The whole menu from top to bottom, `SEPARATOR` among it.

    What can be known leads to the report. Only the number of project lines, a usage window and a goal change the menu's
    shape; the lines of trouble and of other sessions, which come and go, are there always and hidden as a rule.
    """
    trouble = plain(glance.trouble, MAX_TROUBLE)
    sections = (
        [
            Entry(f"Today  {format_duration(glance.total_ms)}", Action.OPEN_REPORT),
            Entry(_state_words(glance), Action.OPEN_REPORT),
            Entry(trouble, Action.OPEN_REPORT, visible=bool(trouble)),
            *_session_entries(glance),
        ],
        [*_project_entries(glance.projects), *_parallel_entries(glance.parallel_ms)],
        [Entry(line, Action.OPEN_REPORT) for line in (_window_words(glance), _goal_words(glance)) if line],
        [Entry("Open report", Action.OPEN_REPORT, default=True), Entry("Quit", Action.QUIT)],
    )
    first, *others = (section for section in sections if section)
    return (*first, *(entry for section in others for entry in (SEPARATOR, *section)))


def tooltip(glance: Glance) -> str:
    """One line or two. The first carries the time, because some desktops show no other."""
    head = f"{format_duration(glance.total_ms)} today · {_STATES[glance.state]}"
    return f"{head}\n{plain(glance.trouble, MAX_TROUBLE)}" if glance.trouble else head


def label(glance: Glance) -> str:
    """The text beside the icon, where the desktop shows one."""
    return format_duration_tight(glance.total_ms)


def plain(text: str, limit: int) -> str:
    """``text`` as one line that cannot harm what stands around it, at most ``limit`` characters.

    What is not `printable` is replaced, and runs of spaces are one space. What is too long loses its middle: two long
    names often differ at the end only. Text of a right-to-left script is isolated (three characters more), so that it
    does not turn its neighbours around.
    """
    # A few times the limit is enough to fill the line; the whole of a huge text is not worth looking at
    if len(text) > 4 * limit:
        text = f"{text[: 2 * limit]}…{text[-2 * limit :]}"
    kept = " ".join(printable(text).split())
    if len(kept) > limit:
        tail = limit // 3
        kept = f"{kept[: limit - tail - 1].rstrip()}…{kept[-tail:].lstrip()}"
    if any(unicodedata.bidirectional(character) in {"R", "AL"} for character in kept):
        return _ISOLATED.format(kept)
    return kept


def _state_words(glance: Glance) -> str:
    if glance.state is State.TROUBLE:
        return _STATES[State.TROUBLE]
    if glance.sessions:
        return _session_words(glance.sessions[0], "Claude ")
    if glance.state is State.IDLE and glance.last:
        return f"Idle since {glance.last}"
    if glance.state is State.IDLE and not glance.projects:
        return "No work yet today"
    return _STATES[glance.state]


def _session_entries(glance: Glance) -> list[Entry]:
    """The sessions that the first line of the state is not about, and as many hidden entries as there are less."""
    if glance.state is State.TROUBLE:
        words = [_session_words(session, "Claude " if k == 0 else "also ") for k, session in enumerate(glance.sessions)]
    else:
        words = [_session_words(session, "also ") for session in glance.sessions[1:]]
    if len(words) > MAX_SESSIONS:
        words[MAX_SESSIONS - 1 :] = [f"{len(words) - MAX_SESSIONS + 1} more sessions…"]
    shown = [Entry(line, Action.OPEN_REPORT) for line in words]
    return [*shown, *[Entry("", Action.OPEN_REPORT, visible=False)] * (MAX_SESSIONS - len(shown))]


def _session_words(session: SessionLine, who: str) -> str:
    project = _name(session.project)
    if session.state is State.WAITING:
        return f"{who}waiting for you in {project} since {session.since}"
    return f"{who}working in {project} for {format_duration_in_a_sentence(session.lasting_ms)}"


def _window_words(glance: Glance) -> str:
    if glance.window is None:
        return ""
    count = glance.window.prompts
    return f"Usage window until {glance.window.until} · {count} {'prompt' if count == 1 else 'prompts'}"


def _goal_words(glance: Glance) -> str:
    if glance.goal_ms <= 0:
        return ""
    goal = format_duration(glance.goal_ms).removesuffix(" 00 m")
    if glance.total_ms >= glance.goal_ms:
        return f"Goal of {goal} reached"
    return f"Goal  {format_duration(glance.total_ms)} of {goal}, {100 * glance.total_ms // glance.goal_ms} %"


def _name(project: str) -> str:
    return plain(project, MAX_NAME) or "(no name)"


def _parallel_entries(parallel_ms: int) -> list[Entry]:
    if not parallel_ms:
        return []
    return [Entry(f"in parallel  −{format_duration(parallel_ms)}", Action.OPEN_REPORT)]


def _project_entries(projects: Sequence[ProjectLine]) -> list[Entry]:
    shown = [
        Entry(f"{_name(project.name)}  {format_duration(project.active_ms)}", Action.OPEN_REPORT)
        for project in projects[:MAX_PROJECTS]
    ]
    more = len(projects) - MAX_PROJECTS
    return [*shown, Entry(f"{more} more…", Action.OPEN_REPORT)] if more > 0 else shown
