"""The menu as com.canonical.dbusmenu sends it: numbered nodes, what changed between two menus, and the answers.

`ExportedMenu.replace` is for one thread, the one that runs the callbacks. Everything else only reads a `_Shown`,
which is replaced as a whole, so that the bus thread needs no lock.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from monitor_tray.icon._objects import CallError, Variant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

ROOT = 0
#: So many entries of earlier menus still do what they said, for a click that comes late.
REMEMBERED = 200

Properties: TypeAlias = "dict[str, Variant]"
_Shape: TypeAlias = "tuple[str, tuple[_Shape, ...]]"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the panel gets it. ``clicked`` is None for what cannot be clicked, and for a menu of its own."""

    properties: Properties
    clicked: Callable[[], None] | None = None
    children: tuple[Line, ...] = ()

    @property
    def shape(self) -> _Shape:
        """Two lines of one shape may be turned into one another while people look at them."""
        return str(self.properties.get("type", ("s", "standard"))[1]), tuple(line.shape for line in self.children)


@dataclass(frozen=True, slots=True)
class Change:
    """What the panel is to be told: properties set and removed by id, and whether the layout is another."""

    updated: list[tuple[int, Properties]] = field(default_factory=list)
    removed: list[tuple[int, list[str]]] = field(default_factory=list)
    new_layout: bool = False

    def __bool__(self) -> bool:
        return bool(self.updated or self.removed or self.new_layout)


@dataclass(frozen=True, slots=True)
class _Shown:
    """``lines`` are all of them, each before its children; ``children`` are the numbers below each that has some."""

    lines: Mapping[int, Line] = field(default_factory=dict)
    children: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    earlier: Mapping[int, Line] = field(default_factory=dict)
    revision: int = 1


_ROOT_PROPERTIES: Properties = {"children-display": ("s", "submenu")}


class ExportedMenu:
    """A menu, with menus in it."""

    def __init__(self) -> None:
        self._shown = _Shown()
        self._numbers = itertools.count(ROOT + 1)

    @property
    def revision(self) -> int:
        """Grows with every new layout."""
        return self._shown.revision

    def replace(self, lines: list[Line]) -> Change:
        """Shows ``lines`` from now on.

        The same shape keeps its ids, and a menu that is open changes in place. Another shape gets ids that were never
        used before: GNOME puts entries that are kept in the wrong place.
        """
        old = self._shown
        top = [old.lines[number] for number in old.children.get(ROOT, ())]
        if [line.shape for line in lines] == [line.shape for line in top]:
            new = dict(zip(old.lines, _flat(lines), strict=True))
            self._shown = _Shown(new, old.children, old.earlier, old.revision)
            return _difference(old.lines, new)
        remembered = list({**old.earlier, **old.lines}.items())[-REMEMBERED:]
        numbered: dict[int, Line] = {}
        children: dict[int, tuple[int, ...]] = {}
        self._number(ROOT, lines, numbered, children)
        self._shown = _Shown(numbered, children, dict(remembered), old.revision + 1)
        return Change(new_layout=True)

    def _number(
        self, parent: int, lines: Iterable[Line], numbered: dict[int, Line], children: dict[int, tuple[int, ...]]
    ) -> None:
        """Gives the lines below ``parent`` new numbers, in the order of `_flat`."""
        own = []
        for line in lines:
            number = next(self._numbers)
            own.append(number)
            numbered[number] = line
            if line.children:
                self._number(number, line.children, numbered, children)
        children[parent] = tuple(own)

    def layout(self, parent: int, depth: int, names: list[str]) -> tuple[int, Any]:
        """The reply to GetLayout: revision and the node ``parent`` with those below it, to a ``depth``.

        0 is ``parent`` alone, and -1 all there are.
        """
        shown = self._shown
        return shown.revision, _node(shown, parent, depth, names)

    def properties(self, numbers: list[int], names: list[str]) -> list[tuple[int, Properties]]:
        """The reply to GetGroupProperties; no numbers are all of them, and unknown ones are left out."""
        shown = self._shown
        wanted = numbers or [ROOT, *shown.lines]
        return [
            (number, _only(names, _find(shown, number))) for number in wanted if number == ROOT or number in shown.lines
        ]

    def property(self, number: int, name: str) -> Variant:
        """The reply to GetProperty."""
        properties = _find(self._shown, number)
        if name not in properties:
            raise CallError("InvalidArgs", f"entry {number} has no {name}")
        return properties[name]

    def click(self, number: int) -> Callable[[], None] | None:
        """What a click on ``number`` does, also where it is of an earlier menu; None where it does nothing."""
        shown = self._shown
        line = shown.lines.get(number) or shown.earlier.get(number)
        if line is None:
            raise _unknown(number)
        return line.clicked

    def knows(self, number: int) -> bool:
        """Whether ``number`` is in the menu now, or was a short while ago."""
        shown = self._shown
        return number == ROOT or number in shown.lines or number in shown.earlier


def _flat(lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        yield line
        yield from _flat(line.children)


def _node(shown: _Shown, number: int, depth: int, names: list[str]) -> tuple[int, Properties, list[Any]]:
    below = shown.children.get(number, ()) if depth else ()
    children = [("(ia{sv}av)", _node(shown, child, depth - 1, names)) for child in below]
    return number, _only(names, _find(shown, number)), children


def _difference(old: Mapping[int, Line], new: Mapping[int, Line]) -> Change:
    change = Change()
    for number, line in new.items():
        before, after = old[number].properties, line.properties
        changed = {name: value for name, value in after.items() if before.get(name) != value}
        gone = [name for name in before if name not in after]
        if changed:
            change.updated.append((number, changed))
        if gone:
            change.removed.append((number, gone))
    return change


def _find(shown: _Shown, number: int) -> Properties:
    if number == ROOT:
        return _ROOT_PROPERTIES
    if number not in shown.lines:
        raise _unknown(number)
    return shown.lines[number].properties


def _only(names: list[str], properties: Properties) -> Properties:
    return {name: value for name, value in properties.items() if not names or name in names}


def _unknown(number: int) -> CallError:
    return CallError("InvalidArgs", f"there is no entry {number}")
