"""Which part of its project a place lies in: a folder that people split off, or a sub-project that the settings name.

By the text of paths alone, so that a folder which is gone counts as it did. Nothing here knows names, merges or what is
ignored.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.projects import text_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor_core.edits import SplitFolder
    from monitor_core.store import Place, StoredProject


class Part(NamedTuple):
    """A project that is a folder of another. ``below`` is the folder as seen from that project's, with slashes."""

    key: str
    path: str
    below: str


class _Folder(NamedTuple):
    """A folder's path in parts; ``folds`` where letter case is known not to matter."""

    parts: tuple[str, ...]
    folds: bool

    def inside(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        """The parts of ``path`` below the folder; None where it is not in it."""
        mine, its = self.parts, path[: len(self.parts)]
        if self.folds:
            mine, its = _folded(mine), _folded(its)
        return path[len(self.parts) :] if mine == its else None


class Parts:
    """Looks for the parts that places lie in: first the folders that were split off, then the sub-projects."""

    def __init__(self, splits: Iterable[SplitFolder], subprojects: Mapping[str, Sequence[str]]) -> None:
        # The deepest folder comes first.
        self._splits = sorted(
            ((_Folder(_parts(s.folder), text_key(s.folder) != s.project), s) for s in splits),
            key=lambda split: -len(split[0].parts),
        )
        self._patterns = [(_parts(root), pattern) for root, patterns in subprojects.items() for pattern in patterns]

    def of(self, place: Place, project: StoredProject) -> Part | None:
        """The part of ``project`` that ``place``, which is of that project, lies in; None where it is in none."""
        if not self._splits and not self._patterns:
            return None
        root = _Folder(_parts(project.path), text_key(project.path) != project.key) if project.path else None
        cwd = _parts(place.cwd)
        inside = _inside_of_project(cwd, root, place.label) if root else None
        for folder, split in self._splits:
            if root and folder.inside(root.parts) is not None:
                continue  # The project itself lies in that folder: nothing of it is split off.
            below = root.inside(folder.parts) if root else None
            if below and inside is not None:
                found = _Folder(below, folder.folds or (root is not None and root.folds)).inside(inside) is not None
            else:
                found = folder.inside(cwd) is not None
            if found:
                return Part(split.project, split.folder, "/".join(below or ()))
        return self._subproject(inside, root, project) if root and inside else None

    def _subproject(self, inside: tuple[str, ...], root: _Folder, project: StoredProject) -> Part | None:
        longest = 0
        for folder, pattern in self._patterns:
            base = root.inside(folder)
            if base is None:
                continue
            count = len(base) + pattern.count("/") + 1
            head = inside[:count]
            if (
                count > longest
                and len(head) == count
                and _Folder(base, root.folds).inside(head) is not None
                and _matcher(pattern, root.folds).fullmatch("/".join(head[len(base) :]))
            ):
                longest = count
        if not longest:
            return None
        below = inside[:longest]
        key = "/".join((project.key.rstrip("/"), *(_folded(below) if root.folds else below)))
        separator = "\\" if "\\" in project.path and "/" not in project.path else "/"
        return Part(key, separator.join((project.path.rstrip("/\\"), *below)), "/".join(below))


def is_within(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or below it, by their text."""
    return _Folder(_parts(folder), folds=False).inside(_parts(path)) is not None


def _inside_of_project(cwd: tuple[str, ...], root: _Folder, label: str) -> tuple[str, ...] | None:
    """The parts of a working directory below its project's folder, or below the git worktree called ``label``.

    Where a worktree begins is not stored: it is taken to be in the folder of its name, as git has it unless told else.
    """
    # The folder is the project's by identity, so where only the case differs, case does not matter there.
    inside = root.inside(cwd) or root._replace(folds=True).inside(cwd)
    if label:
        rest = cwd if inside is None else inside
        if label in rest:
            return rest[rest.index(label) + 1 :]
    return inside


@lru_cache(maxsize=8_192)
def _parts(path: str) -> tuple[str, ...]:
    key = text_key(path)
    # An empty part for the root, so that nothing lies above it.
    return ("",) if key == "/" else tuple(key.split("/"))


def _folded(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.casefold() for part in parts)


@lru_cache(maxsize=256)
def _matcher(pattern: str, folds: bool) -> re.Pattern[str]:
    """``*`` is anything within one part; hidden folders have to be asked for by their dot, as in a shell."""
    parts = []
    for part in pattern.split("/"):
        hidden = "" if part.startswith(".") else r"(?!\.)"
        parts.append(hidden + r"[^/]*".join(map(re.escape, part.split("*"))))
    return re.compile("/".join(parts), re.IGNORECASE if folds else 0)
