"""Our hook entries within the text of Claude Code's settings: which are ours, which are wanted, put in, taken out.

An entry is ours when it is a command whose program is named ``claude-monitor-hook``, wherever that program lies: an
older installation is updated where it stands and not added a second time. In exec form (``args`` is there) the program
is the whole command, else the first word that a shell would make of it; so a command that merely mentions ours, such
as ``nice /opt/claude-monitor-hook``, is somebody else's. Works on text alone; files are the business of
`claude_settings`.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from monitor_tray.install import json_edit
from monitor_tray.install.claude_version import Version
from monitor_tray.install.hook_command import NAME
from monitor_tray.install.json_text import Child, JsonTextError, Node, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Known to every client since 1.0.85. PreCompact is too, but its hooks are shown to the person.
EVENTS_OF_EVERY_CLIENT = (
    "SessionStart",
    "SessionEnd",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "Notification",
    "Stop",
    "SubagentStop",
)
EVENTS = (
    "SessionStart",
    "SessionEnd",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PermissionRequest",
    "PermissionDenied",
    "Notification",
    "Stop",
    "StopFailure",
    "SubagentStart",
    "SubagentStop",
    "Elicitation",
    "ElicitationResult",
)
#: Before this one, a client that meets a single unknown event name runs no hook of the whole file.
SKIPS_UNKNOWN_EVENTS = Version(2, 1, 101)

_TIMEOUT_S = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """New settings: ``text`` is `None` where nothing but our own file would be left. The tuples name events."""

    text: str | None
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of ours. ``restricted`` is one that a matcher keeps from seeing all events of its name.

    ``program`` is what of ``command`` is run, as it is written there.
    """

    event: str
    command: str
    program: str
    group: Child
    entry: Child
    restricted: bool


def wanted(version: Version | None, present: Sequence[str] = ()) -> tuple[str, ...]:
    """The events to register with a client of this version.

    With an unknown version these are the ones that every client knows, and of the others those that are ``present``: an
    installation that knew the version chose them.
    """
    if version is None:
        return tuple(event for event in EVENTS if event in EVENTS_OF_EVERY_CLIENT or event in present)
    return EVENTS if version >= SKIPS_UNKNOWN_EVENTS else EVENTS_OF_EVERY_CLIENT


def find(root: Node) -> list[Found]:
    """All entries of ours, in the order of the text. What has an unexpected shape is not ours."""
    hooks = root.get("hooks")
    return [
        Found(event.key or "", *ours, group, entry, _restricted(group.node))
        for event in (hooks.children if hooks is not None and hooks.kind == "object" else ())
        for group in _items(event.node)
        for entry in _items(group.node.get("hooks"))
        if (ours := _ours(entry.node)) is not None
    ]


def put_in(text: str | None, command: str, events: Sequence[str]) -> Outcome:
    """Exactly one current entry of ours for each of ``events`` and none elsewhere; `None` is a file that is not there.

    What is current stays as it is, so that a second time changes nothing. Raises `JsonTextError` for text that is not
    JSON, and where there is something else than an object or an array on the way to our entries.
    """
    if text is None:
        return Outcome(_new_file(command, events), added=tuple(events))
    root = parse(text)
    _require_shape(root, events)
    current, stale, misplaced = _sorted_out(find(root), command, events)
    edits = [json_edit.replace(text, root, found.entry, _entry(command)) for found in stale]
    tidied = _without(text, root, misplaced, edits)
    kept = {found.event for found in (*current, *stale)}
    missing = [event for event in events if event not in kept]
    return Outcome(
        _new_file(command, events) if tidied is None else _with_groups(tidied, command, missing),
        added=tuple(event for event in missing if event not in {found.event for found in misplaced}),
        updated=tuple(event for event in events if event in {found.event for found in (*stale, *misplaced)}),
        removed=_names(found for found in misplaced if found.event not in events),
    )


def take_out(text: str) -> Outcome:
    """No entry of ours, and nothing that came with one. Raises `JsonTextError` for text that is not JSON."""
    root = parse(text)
    ours = find(root)
    return Outcome(_without(text, root, ours, []), removed=_names(ours))


def _sorted_out(
    ours: Sequence[Found], command: str, events: Sequence[str]
) -> tuple[list[Found], list[Found], list[Found]]:
    """Ours that are as they should be, that are to be rewritten where they are, and that are to go."""
    current: list[Found] = []
    stale: list[Found] = []
    misplaced: list[Found] = []
    seen: set[str] = set()
    for found in ours:
        if found.restricted or found.event not in events or found.event in seen:
            misplaced.append(found)
            continue
        seen.add(found.event)
        (current if _is_current(found.entry.node, command) else stale).append(found)
    return current, stale, misplaced


def _with_groups(text: str, command: str, events: Sequence[str]) -> str:
    """A group of ours behind all others of each event."""
    if not events:
        return text
    root = parse(text)
    hooks = root.get("hooks")
    if hooks is None:
        new = {event: [_group(command)] for event in events}
        return json_edit.edited(text, [json_edit.append(text, root, root, [("hooks", new)])])
    known = {child.key: child.node for child in hooks.children}
    edits = [
        json_edit.append(text, root, known[event], [(None, _group(command))]) for event in events if event in known
    ]
    pairs: list[json_edit.Pair] = [(event, [_group(command)]) for event in events if event not in known]
    if pairs:
        edits.append(json_edit.append(text, root, hooks, pairs))
    return json_edit.edited(text, edits)


def _without(text: str, root: Node, gone: Sequence[Found], edits: list[json_edit.Edit]) -> str | None:
    """The text with ``edits`` made and ``gone`` taken out, and with them each container that came with them."""
    hooks = root.get("hooks")
    if not gone or hooks is None:
        return json_edit.edited(text, edits)
    entries = {found.entry for found in gone}
    empty_events = []
    for event in hooks.children:
        groups = [found.group for found in gone if found.group in event.node.children]
        empty_groups = []
        for group in dict.fromkeys(groups):
            inner = group.node.get("hooks")
            if inner is None or all(child in entries for child in inner.children):
                empty_groups.append(group)
            else:
                edits += json_edit.cut(text, inner, [child for child in inner.children if child in entries])
        if _goes(text, event.node, empty_groups):
            empty_events.append(event)
        elif empty_groups:
            edits += json_edit.cut(text, event.node, empty_groups)
    if not _goes(text, hooks, empty_events):
        edits += json_edit.cut(text, hooks, empty_events) if empty_events else []
        return json_edit.edited(text, edits)
    member = [child for child in root.children if child.node is hooks]
    if _goes(text, root, member):
        return None
    return json_edit.edited(text, [*edits, *json_edit.cut(text, root, member)])


def _goes(text: str, container: Node, gone: Sequence[Child]) -> bool:
    """Whether a container is left with nothing and had not been there, empty, before."""
    return bool(gone) and len(gone) == len(container.children) and not json_edit.was_empty(text, container)


def _require_shape(root: Node, events: Sequence[str]) -> None:
    if root.kind != "object":
        raise JsonTextError(f"the settings are {_a(root)}, but must be an object", root.start)
    hooks = root.get("hooks")
    if hooks is None:
        return
    if hooks.kind != "object":
        raise JsonTextError(f'"hooks" is {_a(hooks)}, but must be an object', hooks.start)
    for event in hooks.children:
        if event.key in events and event.node.kind != "array":
            raise JsonTextError(
                f'"hooks" has {_a(event.node)} for {event.key}, but must have an array', event.node.start
            )


def _ours(entry: Node) -> tuple[str, str] | None:
    """Command and program of an entry that is ours."""
    kind, command = entry.get("type"), entry.get("command")
    if kind is None or kind.value != "command" or command is None or command.kind != "string":
        return None
    program = command.value
    if entry.get("args") is None:
        try:
            program = next(iter(shlex.split(command.value)), "")
        except ValueError:
            return None
    name = PurePosixPath(program.replace("\\", "/")).name
    return (command.value, program) if name in {NAME, f"{NAME}.exe"} else None


def _is_current(entry: Node, command: str) -> bool:
    args, timeout = entry.get("args"), entry.get("timeout")
    ours = _ours(entry)
    return (
        {child.key for child in entry.children} == {"type", "command", "args", "timeout"}
        and (ours is not None and ours[0] == command)
        and (args is not None and args.kind == "array" and not args.children)
        and (timeout is not None and timeout.kind == "number" and timeout.value == str(_TIMEOUT_S))
    )


def _restricted(group: Node) -> bool:
    matcher = group.get("matcher")
    return matcher is not None and (matcher.kind != "string" or matcher.value not in {"", "*"})


def _items(node: Node | None) -> tuple[Child, ...]:
    return node.children if node is not None and node.kind == "array" else ()


def _entry(command: str) -> dict[str, object]:
    return {"type": "command", "command": command, "args": [], "timeout": _TIMEOUT_S}


def _group(command: str) -> dict[str, object]:
    return {"hooks": [_entry(command)]}


def _new_file(command: str, events: Sequence[str]) -> str:
    layout = json_edit.Layout("\n", "", "  ", ": ")
    return layout.render((None, {"hooks": {event: [_group(command)] for event in events}})) + "\n"


def _names(ours: Iterable[Found]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.event for found in ours))


def _a(node: Node) -> str:
    if node.kind == "word":
        return node.value
    return f"{'an' if node.kind in {'array', 'object'} else 'a'} {node.kind}"
