"""What keeps Claude Code from running our hooks although its settings are JSON and our entries are in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor_tray.install.json_text import Node

#: A bad entry of one of these makes the client ignore the whole file, and ours with it.
_FATAL_EVENTS = ("PreToolUse", "PermissionRequest")
_ENTRY_TYPES = ("command", "http", "prompt", "agent", "mcp_tool")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One of them, and what to do about it; ``offset`` in characters."""

    reason: str
    offset: int


def find(root: Node) -> list[Flaw]:
    """All that are seen, in the order of the text; foreign entries that concern themselves alone are not looked at."""
    flaws = []
    switch = root.get("disableAllHooks")
    if switch is not None and (switch.kind, switch.value) == ("word", "true"):
        flaws.append(Flaw('"disableAllHooks" is true, so Claude Code runs no hook; set it to false', switch.start))
    hooks = root.get("hooks")
    for event in hooks.children if hooks is not None else ():
        if event.key in _FATAL_EVENTS:
            flaws += [
                Flaw(f"{event.key}: {reason}; Claude Code then ignores the whole file, so mend it", node.start)
                for group in event.node.children
                for reason, node in _faults(group.node)
            ]
    return flaws


def _faults(group: Node) -> list[tuple[str, Node]]:
    """What is wrong with one group of one event, and where."""
    entries = group.get("hooks")
    if group.kind != "object" or entries is None or entries.kind != "array":
        return [('a group must be an object with an array "hooks"', group)]
    matcher = group.get("matcher")
    faults = [] if matcher is None or matcher.kind == "string" else [("a matcher must be a string", matcher)]
    for child in entries.children:
        kind, command = child.node.get("type"), child.node.get("command")
        if kind is None or kind.kind != "string" or kind.value not in _ENTRY_TYPES:
            faults.append((f'an entry needs a "type" of {", ".join(_ENTRY_TYPES)}', child.node))
        elif kind.value == "command" and (command is None or command.kind != "string"):
            faults.append(('an entry of type "command" needs a "command" that is a string', child.node))
    return faults
