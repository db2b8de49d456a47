"""Why a stretch of a day counts, in words: what the text of the terminal and the page have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor_core.turns import Reason
from monitor_core.why import Counts, Rule
from monitor_tray.duration import format_duration
from monitor_tray.printable import printable

if TYPE_CHECKING:
    from monitor_core.why import Line

#: What a stretch counts as.
COUNTS = {Counts.WORKING: "Claude working", Counts.ATTENTION: "your attention", Counts.NOT: "not counted"}
_SESSION = 8


def rule_words(line: Line, idle_ms: int) -> str:
    """The rule in words, with the length of the idle timeout where it is about that."""
    text = str(line.rule.value)
    if line.rule in (Rule.NEAR, Rule.GAP, Reason.UNPROVEN):
        return text.replace("the idle timeout", f"the idle timeout of {format_duration(idle_ms)}")
    return text


def stream_words(stream: tuple[str, str]) -> str:
    """Which session, or which subagent of it, by the beginnings of their identifiers."""
    session_id, agent_id = stream
    name = f"session {printable(session_id[:_SESSION])}"
    return f"{name}, subagent {printable(agent_id[:_SESSION])}" if agent_id else name
