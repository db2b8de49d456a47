"""Claude Code's settings file: our hook entries in, and out again.

Changing it takes two steps, so that the change can be shown first: `plan` and `plan_removal` read, `apply` writes. The
file belongs to the person and to the client, which rewrites it whenever it likes; so what is replaced is the target of
a symbolic link, in one rename, with the mode and the owner it had, after a copy into the backups, and only if it is
still what the plan was made from.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from monitor_core.errors import SettingsError
from monitor_tray.install import foreign_file, hook_entries, settings_flaws
from monitor_tray.install.claude_version import Version
from monitor_tray.install.hook_command import NAME
from monitor_tray.install.json_text import JsonTextError, line_and_column, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CONFIG_VARIABLE = "CLAUDE_CONFIG_DIR"

#: Before this one, a client ignores ``args`` and hands the command to a shell.
RUNS_WITHOUT_SHELL = Version(2, 1, 139)

_ATTEMPTS = 5
_UNKNOWN_CLIENT = (
    "the version of Claude Code is not known, so only the events that every version knows are registered; "
    "install again when claude is on the PATH"
)
_MEANS_SOMETHING_TO_A_SHELL = re.compile(r"""[\s|&;<>()$`\\"'*?\[\]{}!#]""")


@dataclass(frozen=True, slots=True)
class Change:
    """What would become of the file at ``path``; `None` is a file that is not there. The tuples name events."""

    path: Path
    before: bytes | None
    after: bytes | None
    again: Callable[[], Change] = field(repr=False, compare=False)  # plans the same anew, from the file as it is then
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after

    def diff(self) -> str:
        """A unified diff for people, empty where nothing changes; line ends are shown as plain ones."""
        import difflib  # noqa: PLC0415  the tray, too, reads these settings, and changes none

        name_before, name_after = (
            os.devnull if content is None else str(self.path) for content in (self.before, self.after)
        )
        lines = difflib.unified_diff(_lines(self.before), _lines(self.after), name_before, name_after, lineterm="")
        return "\n".join(lines)


def settings_path(environment: Mapping[str, str]) -> Path:
    """Where the client that runs in ``environment`` has its user settings.

    Only ``CLAUDE_CONFIG_DIR`` is read from the argument, the home folder is the process's. Raises `SettingsError` for
    a relative ``CLAUDE_CONFIG_DIR``, which means another folder in every project, and where there is no home folder.
    """
    folder = environment.get(CONFIG_VARIABLE, "")
    if not folder:
        try:
            return Path.home() / ".claude" / "settings.json"
        except RuntimeError as error:
            raise SettingsError(f"there is no home folder for this user; set HOME or {CONFIG_VARIABLE}") from error
    if not Path(folder).is_absolute():
        raise SettingsError(f"{CONFIG_VARIABLE} is {folder!r}, which is not an absolute path; give the whole path")
    return Path(folder) / "settings.json"


def plan(path: Path, hook: Path, version: Version | None) -> Change:
    """One entry that runs ``hook`` for every event that a client of ``version`` knows and we want.

    Raises `SettingsError` where the file cannot be read or changed safely, or where the client could not run ``hook``.
    """
    command = _command(hook, version)
    before = foreign_file.read(path)
    text = _decoded(path, before)
    with _located(path, text):
        root = parse(text) if text is not None else None
        present = [found.event for found in hook_entries.find(root)] if root else []
        events = hook_entries.wanted(version, present)
        outcome = hook_entries.put_in(text, command, events)
        flaws = settings_flaws.find(root) if root else []
    warnings = [_at(path, text or "", flaw.offset, flaw.reason) for flaw in flaws]
    if version is None and events != hook_entries.EVENTS:
        warnings.append(_UNKNOWN_CLIENT)
    return Change(
        path=path,
        before=before,
        after=_encoded(before, outcome.text),
        again=lambda: plan(path, hook, version),
        added=outcome.added,
        updated=outcome.updated,
        removed=outcome.removed,
        warnings=tuple(warnings),
    )


def plan_removal(path: Path) -> Change:
    """No entry of ours. A file that `plan` made is removed when nothing else is in it. Raises `SettingsError`."""
    before = foreign_file.read(path)
    text = _decoded(path, before)
    outcome = hook_entries.Outcome(None)
    if text is not None:
        with _located(path, text):
            outcome = hook_entries.take_out(text)
    return Change(
        path=path,
        before=before,
        after=_encoded(before, outcome.text),
        again=lambda: plan_removal(path),
        removed=outcome.removed,
    )


def apply(change: Change, backups: Path) -> Change:
    """Writes the change and returns what was done: another one than planned where somebody wrote the file meanwhile.

    What the file held is kept in ``backups``, the last ten times. Raises `SettingsError`, and then the file is what it
    was.
    """
    for _attempt in range(_ATTEMPTS):
        if not change.changed:
            return change
        if foreign_file.replace(change.path, change.before, change.after, backups):
            return change
        change = change.again()
    raise SettingsError(
        f"{change.path} was changed by another program {_ATTEMPTS} times while it was to be edited; "
        "nothing was changed; try again when nothing else writes it"
    )


@dataclass(frozen=True, slots=True)
class Connection:
    """The events for which Claude Code was told to run our hook, by the file, and what keeps it from doing so."""

    events: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()


def connection(path: Path) -> Connection:
    """What the file at ``path`` makes Claude Code do. Raises `SettingsError` where it cannot be read."""
    text = _decoded(path, foreign_file.read(path))
    if text is None:
        return Connection()
    with _located(path, text):
        root = parse(text)
        ours = hook_entries.find(root)
    if not ours:
        return Connection()
    troubles = [_at(path, text, flaw.offset, flaw.reason) for flaw in settings_flaws.find(root)]
    gone = dict.fromkeys(found.program for found in ours if _is_gone(found.program))
    troubles += [
        f"Claude Code is to run {program}, and there is no program that can be run; run: claude-monitor install"
        for program in gone
    ]
    seen = {found.event for found in ours if not found.restricted}
    missing = [event for event in hook_entries.EVENTS_OF_EVERY_CLIENT if event not in seen]
    if missing:
        troubles.append(f"Claude Code does not tell of every {', '.join(missing)}; run: claude-monitor install")
    return Connection(tuple(found.event for found in ours), tuple(troubles))


def _is_gone(program: str) -> bool:
    """Whether Claude Code will not find it; what goes by a shell's variables or by some folder cannot be told."""
    path = Path(program)
    return (path.is_absolute() or path.name == program) and shutil.which(path) is None


def _command(hook: Path, version: Version | None) -> str:
    """The command for ``hook``, with ``/`` also on Windows: old clients hand it to a shell there too."""
    command = hook.as_posix()
    if hook.name not in {NAME, f"{NAME}.exe"} or not hook.is_absolute():
        raise SettingsError(f"{command} is not the absolute path of a {NAME}; nothing was changed")
    if not (hook.is_file() and os.access(hook, os.X_OK)):
        raise SettingsError(
            f"there is no program that can be run at {command}; install Claude Monitor anew; nothing was changed"
        )
    try:
        command.encode()
    except UnicodeEncodeError as error:
        raise SettingsError(f"the path {command!r} is not UTF-8, which settings must be; move the program") from error
    runs_anything = version is not None and version >= RUNS_WITHOUT_SHELL
    if not runs_anything and _MEANS_SOMETHING_TO_A_SHELL.search(command):
        client = f"Claude Code {version}" if version else "a Claude Code of unknown version"
        raise SettingsError(
            f"{client} hands the path {command!r} to a shell, which would not find the program; move it to a path "
            f"without spaces and special characters, or update Claude Code to {RUNS_WITHOUT_SHELL}; nothing was changed"
        )
    return command


def _decoded(path: Path, content: bytes | None) -> str | None:
    """The text without its byte order mark."""
    if content is None:
        return None
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()
        raise SettingsError(_at(path, before, len(before), _advice("this is not UTF-8"))) from error


def _encoded(before: bytes | None, text: str | None) -> bytes | None:
    if text is None:
        return None
    return (codecs.BOM_UTF8 if before and before.startswith(codecs.BOM_UTF8) else b"") + text.encode()


@contextlib.contextmanager
def _located(path: Path, text: str | None) -> Iterator[None]:
    """Tells a person where in the file the fault is."""
    try:
        yield
    except JsonTextError as error:
        raise SettingsError(_at(path, text or "", error.offset, _advice(error.reason))) from error


def _at(path: Path, text: str, offset: int, what: str) -> str:
    line, column = line_and_column(text, offset)
    return f"{path}, line {line}, column {column}: {what}"


def _advice(reason: str) -> str:
    return f"{reason}; nothing was changed; mend the file and try again"


def _lines(content: bytes | None) -> list[str]:
    """Lines without their ends; only what ends a line in JSON ends one here."""
    text = (content or b"").removeprefix(codecs.BOM_UTF8).decode()
    return re.split(r"\r\n|\n|\r", text.rstrip("\r\n")) if text else []
