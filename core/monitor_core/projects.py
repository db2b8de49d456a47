"""Which project a folder belongs to, and what to call projects so that no two look alike.

Reads the file system (``.git`` folders and files, never a git process) and nothing else: home and temporary folders
come in as arguments. It never raises for what it finds there, or for a path that this machine has not: then the text
of the path decides. Renames, merges and ignored folders are applied elsewhere.
"""

# Paths are text here, some of them another system's, which pathlib would bend to this one's rules:
# ruff: noqa: PTH110, PTH112, PTH116, PTH118, PTH120, PTH206

from __future__ import annotations

import ntpath
import os
import posixpath
import re
import stat
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from monitor_core.model import NO_PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MAX_LEVELS = 64
_MAX_POINTER_BYTES = 8192  # a path has at most 4,096
_WINDOWS = re.compile(r"([A-Za-z]):(?=[\\/]|$)|\\\\")
_MOUNTED_DRIVE = re.compile(r"/mnt/([A-Za-z])(?=/|$)")
# What Windows calls WSL's own file systems, which of both the version of WSL decides; the share is the distribution.
_WSL = re.compile(r"//wsl(?:\$|\.localhost)/([^/]+)", re.IGNORECASE)
_WORKTREE = re.compile(r"(?P<common>.+\.git)/worktrees/[^/]+")
_SUBMODULE = re.compile(r"(?P<root>.+)/\.git/(?:worktrees/(?P<worktree>[^/]+)/)?modules/")


@dataclass(frozen=True, slots=True)
class Identity:
    """A project, as one folder shows it.

    Two folders are of one project if and only if their ``key`` is the same. ``path`` is the project's root as this
    machine spells it (``""`` for `NO_PROJECT`), ``name`` its last part, and ``label`` the name of the git worktree that
    the folder is in, or ``""``. Names come from the file system and may hold any character.
    """

    key: str
    path: str
    name: str
    label: str = ""


NOWHERE = Identity(NO_PROJECT, "", NO_PROJECT)


@dataclass(frozen=True)
class Surroundings:
    """The folders that are no projects: ``home`` (``""`` where there is none) and the ``temporary`` ones."""

    home: str
    temporary: tuple[str, ...] = ()

    @cached_property
    def home_key(self) -> str:
        """What `Identity.key` would be for the home folder; ``""`` where there is none."""
        return _key(_resolve(self.home)) if self.home else ""

    @cached_property
    def temporary_keys(self) -> tuple[str, ...]:
        """What `Identity.key` would be for the temporary folders."""
        return tuple(_key(_resolve(folder)) for folder in self.temporary if folder)

    def is_no_root(self, key: str) -> bool:
        """Whether ``key`` is the home folder, one of its ancestors, or a temporary folder itself."""
        return key in self.temporary_keys or (bool(self.home_key) and _is_within(self.home_key, key))

    def is_no_project(self, key: str) -> bool:
        """`is_no_root`, or below a temporary folder with no home folder in between."""
        around = [folder for folder in (self.home_key, *self.temporary_keys) if folder and _is_within(key, folder)]
        return self.is_no_root(key) or max(around, key=len, default=self.home_key) != self.home_key


def identify(cwd: str, project_dir: str | None, surroundings: Surroundings) -> Identity:
    """The project of an event that happened in ``cwd`` in a session that was started in ``project_dir``.

    The git repository around ``cwd``, else the one around ``project_dir``, else ``project_dir`` itself, else ``cwd``
    itself. Home, its ancestors and temporary folders are `NOWHERE`, and so is what lies below a temporary folder,
    unless it is in a repository of its own; a ``.git`` in home (dotfiles) or above it makes nothing a project.
    """
    folders = [_resolve(folder) for folder in (cwd, project_dir) if folder and _is_absolute(folder)]
    for folder in folders:
        if found := _repository(folder, surroundings):
            return found
    if not folders or surroundings.is_no_project(_key(folders[-1])):
        return NOWHERE
    return _identity(folders[-1])


def at(folder: str) -> Identity:
    """The project that would be at ``folder``, an absolute path, whatever is or is not there."""
    return _identity(_resolve(folder))


def text_key(path: str) -> str:
    """`Identity.key` of the folder ``path`` as far as text tells it: slashes, drives as WSL mounts them, NFC.

    The file system is not asked: ``path`` is taken to have no symlinks in it, and letter case to matter.
    """
    path = _slashed(path)
    windows = _WINDOWS.match(path)
    if windows and windows[1]:
        path = f"/mnt/{windows[1].lower()}{path[2:]}"
    elif wsl := _WSL.match(path):
        path = f"//wsl.localhost/{wsl[1].lower()}{path[wsl.end() :]}"
    return _readable(_nfc(path.rstrip("/") or "/"))


def distinct_names(projects: Sequence[tuple[str, str]]) -> list[str]:
    """What to call each ``(path, name)``, in the same order: the name alone, or with as much of the path as it takes.

    ``api (work)`` and ``api (oss)``; where the folders above have one name too, ``api (dev/work)``. All results differ
    when all paths do, and none depends on the order of ``projects``.
    """
    names = [name for _, name in projects]
    if len({*names}) == len(names):
        return names
    longest = max(len(_parts(path)) for path, _ in projects)
    choices = [_names(path, name, longest) for path, name in projects]
    depths = [0] * len(projects)
    while True:
        shown = [names[depth] for names, depth in zip(choices, depths, strict=True)]
        times = Counter(shown)
        # All that share a name go on to their next one together, so that which of them came first does not matter.
        deeper = [i for i, name in enumerate(shown) if times[name] > 1 and depths[i] + 1 < len(choices[i])]
        if not deeper:
            return shown
        for i in deeper:
            depths[i] += 1


def _names(path: str, name: str, longest: int) -> list[str]:
    """From the shortest to the path itself, which no other project has."""
    if not path:
        return [name]
    above = _parts(path)
    if above and _nfc(above[-1]) == name:
        above.pop()
    # A short path repeats its whole, so that it keeps that while longer ones that end like it go on.
    tails = ["/".join(above[-count:]) for count in range(1, longest + 1)] if above else []
    return [name, *(f"{name} ({tail})" for tail in tails), f"{name} ({path})", path]


def _parts(path: str) -> list[str]:
    return [part for part in _slashed(path).split("/") if part]


def _repository(folder: str, surroundings: Surroundings) -> Identity | None:
    """The project of the nearest ``.git`` at or above ``folder`` that has something to say."""
    for here, key in _upwards(folder):
        if surroundings.is_no_root(key):
            return None
        try:
            mode = os.stat(os.path.join(here, ".git")).st_mode
        except (OSError, ValueError):
            continue
        if stat.S_ISDIR(mode):
            return _identity(here)
        if stat.S_ISREG(mode) and (git_dir := _pointer(here, ".git", "gitdir: ")):
            root, label = _follow(git_dir)
            if root and not surroundings.is_no_root(_key(root)):
                return _identity(root, label)
            return _identity(here)
    return None


def _follow(git_dir: str) -> tuple[str, str]:
    """Root of the project that the target of a ``.git`` file belongs to, and the worktree's name; both may be ``""``.

    Where the target is gone (a moved repository, another machine's) its path still tells what it was.
    """
    common = _slashed(_pointer(git_dir, "commondir", ""))
    git_dir = _slashed(git_dir)
    if not common and not os.path.exists(git_dir) and (worktree := _WORKTREE.fullmatch(git_dir)):
        common = worktree["common"]
    label = posixpath.basename(git_dir) if common else ""
    if submodule := _SUBMODULE.match(f"{common or git_dir}/"):
        return _resolve(submodule["root"]), label or submodule["worktree"] or ""
    if not common:
        return "", ""
    # A hidden repository (.git, .bare) lies within its project; any other is a bare one, and the project itself.
    hidden = posixpath.basename(common).startswith(".")
    return _resolve(posixpath.dirname(common) if hidden else common), label


def _pointer(folder: str, name: str, prefix: str) -> str:
    """The resolved path that the file ``name`` in ``folder`` holds after ``prefix``; ``""`` where it holds none."""
    try:
        with open(os.path.join(folder, name), "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return ""
            line = os.fsdecode(file.read(_MAX_POINTER_BYTES + 1)).rstrip("\r\n")
    except (OSError, ValueError):
        return ""
    target = line.removeprefix(prefix)
    if not target or not line.startswith(prefix) or len(line) > _MAX_POINTER_BYTES or re.search(r"[\0\r\n]", line):
        return ""
    return _resolve(target if _is_absolute(target) else os.path.join(folder, target))


def _without_waiting(path: str, flags: int) -> int:
    """Opens a pipe that nobody writes to as well, instead of waiting for somebody."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))


def _identity(root: str, label: str = "") -> Identity:
    name = posixpath.basename(_slashed(root).rstrip("/")) or root
    return Identity(_key(root), _readable(root), _readable(_nfc(name)), _readable(_nfc(label)))


def _upwards(folder: str) -> Iterator[tuple[str, str]]:
    """A resolved folder and its ancestors with their keys, nearest first; none for a folder of another system."""
    if not _is_ours(folder):
        return
    key = _key(folder)
    for _ in range(_MAX_LEVELS):
        yield folder, key
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder, key = parent, posixpath.dirname(key)


def _resolve(path: str) -> str:
    """The absolute ``path`` in this system's form and without symlinks; where it has no such form, tidied as text."""
    ours = _ours(path)
    try:
        if ours:
            return os.path.realpath(ours)
    except (OSError, ValueError, RecursionError):  # unencodable text, or more symlinks than Python's stack is high
        return os.path.normpath(ours)
    return ntpath.normpath(path) if _WINDOWS.match(path) else posixpath.normpath(path)


def _ours(path: str) -> str:
    """The absolute ``path`` as this system writes it, also where it is the other side of WSL's; ``""`` if it cannot."""
    windows = _WINDOWS.match(path)
    if os.name == "nt":
        if mounted := _MOUNTED_DRIVE.match(path):
            return f"{mounted[1]}:\\{path[mounted.end() + 1 :]}"
        return path if windows else ""
    if not windows:
        return path
    drive = f"/mnt/{windows[1].lower()}" if windows[1] else ""
    return drive + _slashed(path)[2:] if drive and os.path.isdir(drive) else ""


def _is_ours(resolved: str) -> bool:
    return bool(_WINDOWS.match(resolved)) == (os.name == "nt")


def _is_absolute(path: str) -> bool:
    return "\0" not in path and (path.startswith("/") or bool(_WINDOWS.match(path)))


def _key(resolved: str) -> str:
    """What decides whether two paths are one: their text, and case only where it matters."""
    return text_key(_fold(resolved) if _is_ours(resolved) else resolved)


def _fold(path: str) -> str:
    """``path`` with each part case-folded that the file system also finds in the other case.

    A part that is not there, or has no ASCII letter to try with, goes the way of the part before it.
    """
    drive, tail = os.path.splitdrive(path)
    here, result, folds = drive + os.sep, [], False
    for part in filter(None, tail.split(os.sep)):
        other = os.path.join(here, "".join(c.swapcase() if c.isascii() else c for c in part))
        here = os.path.join(here, part)
        if other != here and (entry := _entry(here)):
            folds = _entry(other) == entry
        result.append(part.casefold() if folds else part)
    return drive + os.sep + os.sep.join(result)


def _entry(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)  # not stat: a symlink in the other case is another entry
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def _is_within(key: str, folder_key: str) -> bool:
    return key == folder_key or key.startswith(folder_key.rstrip("/") + "/")


def _slashed(path: str) -> str:
    return path.replace("\\", "/") if _WINDOWS.match(path) else path


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _readable(text: str) -> str:
    """``text`` that can be stored: a file name that is no UTF-8 reaches Python as surrogates, which SQLite refuses."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
