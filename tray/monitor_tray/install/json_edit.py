"""Small changes to JSON text that leave everything else as it is, byte for byte, and that can be undone so.

What is put in follows its neighbours: their line ends and indentation, or one line where they stand in one line.

Taking out again has to tell a container that had been empty before (``"Stop": []``, which stays) from one that came
with what was put into it (which goes). The text itself tells: what goes into an empty container stands after the white
space that was there and then an empty line, or two spaces where everything is in one line; a container that was
put in whole has neither.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from monitor_tray.install.json_text import Child, Node

Pair = tuple[str | None, object]  # a member of an object, or with None an item of an array

_BREAK = re.compile(r"\r\n|\n|\r")
_LAST_BREAK = re.compile(r"(\r\n|\n|\r)([ \t]*)\Z")
_FILLED = re.compile(r"(\r\n|\n|\r)\1[ \t]*\Z")
_FILLED_IN_LINE = re.compile(r"  \Z")
_DEFAULT_UNIT = "  "


@dataclass(frozen=True, slots=True)
class Edit:
    """``[start, end)`` of the text becomes ``new``."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How values are written at one place: ``line_break`` is empty where everything stands in one line."""

    line_break: str
    indent: str
    unit: str
    colon: str

    def render(self, pair: Pair) -> str:
        """One item or member, without what separates it from others; its first line is not indented."""
        key, value = pair
        if self.line_break:
            text = json.dumps(value, ensure_ascii=False, indent=self.unit, separators=(",", self.colon))
            text = text.replace("\n", self.line_break + self.indent)
        else:
            text = json.dumps(value, ensure_ascii=False, separators=(self.comma, self.colon))
        return text if key is None else json.dumps(key, ensure_ascii=False) + self.colon + text

    @property
    def comma(self) -> str:
        """What separates two neighbours."""
        if self.line_break:
            return "," + self.line_break + self.indent
        return ", " if self.colon.endswith(" ") else ","


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits, which must not overlap, made."""
    parts, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += [text[at : edit.start], edit.new]
        at = edit.end
    return "".join([*parts, text[at:]])


def append(text: str, root: Node, container: Node, pairs: Sequence[Pair]) -> Edit:
    """Puts ``pairs`` behind everything that is in ``container``."""
    if container.children:
        layout = _beside(text, root, container)
        return Edit(
            container.children[-1].end,
            container.children[-1].end,
            "".join(layout.comma + layout.render(pair) for pair in pairs),
        )
    line_break, unit = _line_break(text, root), _unit(text, root)
    outer = _line_indent(text, container.start)
    layout = Layout(line_break, outer + unit, unit, _colon(text, root))
    before, after = (line_break * 2 + layout.indent, line_break + outer) if line_break else ("  ", "")
    inside = layout.comma.join(layout.render(pair) for pair in pairs)
    # Zero width, in front of the closing bracket: the white space that is there stays where it is.
    return Edit(container.end - 1, container.end - 1, before + inside + after)


def replace(text: str, root: Node, child: Child, value: object) -> Edit:
    """Writes another value for an item of an array, in one line if the old one is."""
    old = text[child.start : child.end]
    line_break = _first_break(old)
    layout = Layout(line_break, _line_indent(text, child.start), _unit(text, root), _colon(text, root))
    return Edit(child.start, child.end, layout.render((None, value)))


def cut(text: str, container: Node, gone: Collection[Child]) -> list[Edit]:
    """Takes children out, with the commas and the white space that `append` would have put there with them."""
    if len(gone) == len(container.children):
        return [Edit(container.start + 1, container.end - 1, _white_space_before(text, container))]
    edits = []
    kept_end: int | None = None
    start: int | None = None
    for child in container.children:
        if child in gone:
            if kept_end is not None:
                edits.append(Edit(kept_end, child.end, ""))
                kept_end = child.end
            elif start is None:
                start = child.start
        else:
            if start is not None:
                edits.append(Edit(start, child.start, ""))
                start = None
            kept_end = child.end
    return edits


def was_empty(text: str, container: Node) -> bool:
    """Whether `append` found the container empty. False for one that has nothing in it now."""
    return bool(container.children) and _filled(_lead(text, container, 0)) is not None


def _white_space_before(text: str, container: Node) -> str:
    lead = _lead(text, container, 0)
    filled = _filled(lead)
    return lead[: filled.start()] if filled else ""


def _filled(lead: str) -> re.Match[str] | None:
    return (_FILLED if _BREAK.search(lead) else _FILLED_IN_LINE).search(lead)


def _lead(text: str, container: Node, index: int) -> str:
    """The white space in front of a child."""
    if index == 0:
        return text[container.start + 1 : container.children[0].start]
    return text[container.children[index - 1].end : container.children[index].start].partition(",")[2]


def _beside(text: str, root: Node, container: Node) -> Layout:
    """The layout of the container's last child, for one more of its kind."""
    found = _LAST_BREAK.search(_lead(text, container, len(container.children) - 1))
    line_break, indent = found.groups() if found else ("", "")
    return Layout(line_break, indent, _unit(text, root), _colon(text, root))


def _line_break(text: str, root: Node) -> str:
    if root.children:
        return _first_break(text[root.start : root.end])
    return _first_break(text) or "\n"


def _first_break(text: str) -> str:
    found = _BREAK.search(text)
    return found.group() if found else ""


def _unit(text: str, root: Node) -> str:
    """One level of indentation: how far the document's first member stands in from the document itself."""
    found = _LAST_BREAK.search(_lead(text, root, 0)) if root.children else None
    if found is None:
        return _DEFAULT_UNIT
    return found.group(2).removeprefix(_line_indent(text, root.start))


def _colon(text: str, root: Node) -> str:
    """What stands between a key and its value in the document's first member."""
    if not root.children:
        return ": "
    member = root.children[0]
    between = text[_key_end(text, member) : member.node.start]
    return ": " if _BREAK.search(between) else between


def _key_end(text: str, member: Child) -> int:
    """A key is followed by white space and a colon only, so the last quote before the value closes it."""
    return text.rindex('"', member.start, member.node.start) + 1


def _line_indent(text: str, offset: int) -> str:
    """The white space at the start of the line in which ``offset`` is."""
    line = _BREAK.split(text[:offset])[-1] + "x"
    return line[: len(line) - len(line.lstrip(" \t"))]
