"""The words of the icon: the menu's entries, the tooltip and the label beside the icon, made from a `Glance`.

Pure text. It knows no toolkit; what a desktop needs escaped, its backend escapes.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.model import HOUR_MS, MINUTE_MS
from monitor_core.periods import Kind
from monitor_tray.actions import (
    CountAway,
    LeaveAway,
    OpenDay,
    OpenPeriod,
    OpenProject,
    Pause,
    Quit,
    Resume,
    StartAtLogin,
    TakeBack,
)
from monitor_tray.duration import format_duration, format_duration_in_a_sentence, format_duration_tight
from monitor_tray.glance import State
from monitor_tray.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor_tray.actions import Action
    from monitor_tray.glance import AwayLine, Glance, ProjectLine, SessionLine

MAX_PROJECTS = 8
#: Besides the one that the first line of the state is about.
MAX_SESSIONS = 4
#: That an absence may have been for.
MAX_CHOICES = 5
MAX_NAME = 40
MAX_TROUBLE = 90

_STATES = {
    State.WORKING: "Claude is working",
    State.WAITING: "Claude waits for you",
    State.IDLE: "Idle",
    State.PAUSED: "Paused",
    State.TROUBLE: "Something is wrong",
}
# The mark goes before: GTK takes a line's direction from the first letter, though it be isolated
_ISOLATED = "\u200e\u2068{}\u2069"


_PAUSES = (("15 minutes", 15 * MINUTE_MS), ("1 hour", HOUR_MS), ("Until I resume", None))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu, without an ``action`` where a click does nothing.

    ``default`` is what a left click on the icon does. ``checked`` is None where there is nothing to check. One with
    ``entries`` opens a menu of its own.
    """

    text: str
    action: Action | None = None
    default: bool = False
    visible: bool = True
    checked: bool | None = None
    entries: tuple[Entry, ...] = ()


SEPARATOR = Entry("")


def entries(glance: Glance) -> tuple[Entry, ...]:
    """The whole menu from top to bottom, `SEPARATOR` among it.

    What can be known leads to a report. Only the number of project lines, a usage window, a goal and an absence change
    the menu's shape; the lines that come and go, of trouble, of other sessions, are always there and hidden as a rule.
    """
    trouble = plain(glance.trouble, MAX_TROUBLE)
    sections = (
        [
            Entry(f"Today  {format_duration(glance.total_ms)}", OpenDay()),
            Entry(_state_words(glance), OpenDay()),
            Entry(trouble, OpenDay(), visible=bool(trouble)),
            *_session_entries(glance),
            *_away_entries(glance.away),
            _undo_entry(glance),
        ],
        [*_project_entries(glance.projects), *_parallel_entries(glance.parallel_ms)],
        [Entry(line, OpenDay()) for line in (_window_words(glance), _goal_words(glance)) if line],
        [
            Entry("Open report", OpenDay(), default=True),
            *(Entry(f"This {kind}", OpenPeriod(kind)) for kind in (Kind.WEEK, Kind.MONTH, Kind.YEAR)),
            Entry("Pause", visible=glance.pause is None, entries=tuple(Entry(t, Pause(ms)) for t, ms in _PAUSES)),
            Entry("Resume", Resume(), visible=glance.pause is not None),
            _login_entry(glance),
        ],
        [Entry("Quit", Quit())],
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
    if glance.pause is not None:
        return f"Paused until {glance.pause.until or 'you resume'}"
    if glance.sessions:
        return _session_words(glance.sessions[0], "Claude ")
    if glance.state is State.IDLE and glance.last:
        return f"Idle since {glance.last}"
    if glance.state is State.IDLE and not glance.projects:
        return "No work yet today"
    return _STATES[glance.state]


def _session_entries(glance: Glance) -> list[Entry]:
    """The sessions that the first line of the state is not about, and as many hidden entries as there are less."""
    if glance.state in (State.TROUBLE, State.PAUSED):
        words = [_session_words(session, "Claude " if k == 0 else "also ") for k, session in enumerate(glance.sessions)]
    else:
        words = [_session_words(session, "also ") for session in glance.sessions[1:]]
    if len(words) > MAX_SESSIONS:
        words[MAX_SESSIONS - 1 :] = [f"{len(words) - MAX_SESSIONS + 1} more sessions…"]
    shown = [Entry(line, OpenDay()) for line in words]
    return [*shown, *[Entry("", OpenDay(), visible=False)] * (MAX_SESSIONS - len(shown))]


def _away_entries(away: AwayLine | None) -> list[Entry]:
    """The question what an absence was, with its answers."""
    if away is None:
        return []
    # As the clock shows both ends
    length = format_duration((away.end_ms // MINUTE_MS - away.start_ms // MINUTE_MS) * MINUTE_MS)
    counted = [
        Entry(f"Count it for {_name(project.name)}", CountAway(away.start_ms, away.end_ms, project.path))
        for project in away.projects[:MAX_CHOICES]
    ]
    leave = Entry("Leave it out", LeaveAway(away.start_ms))
    return [Entry(f"Away {away.start} – {away.end}, {length}", entries=(*counted, SEPARATOR, leave))]


def _undo_entry(glance: Glance) -> Entry:
    if glance.undo is None:
        return Entry("", OpenDay(), visible=False)
    return Entry(glance.undo.words, TakeBack(glance.undo.edit))


def _login_entry(glance: Glance) -> Entry:
    on = bool(glance.starts_at_login)
    return Entry("Start at login", StartAtLogin(not on), visible=glance.starts_at_login is not None, checked=on)


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
    return [Entry(f"in parallel  −{format_duration(parallel_ms)}", OpenDay())]


def _project_entries(projects: Sequence[ProjectLine]) -> list[Entry]:
    shown = [
        Entry(f"{_name(project.name)}  {format_duration(project.active_ms)}", OpenProject(project.path))
        for project in projects[:MAX_PROJECTS]
    ]
    more = len(projects) - MAX_PROJECTS
    return [*shown, Entry(f"{more} more…", OpenDay())] if more > 0 else shown
