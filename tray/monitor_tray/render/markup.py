"""Elements of a page as escaped text: what a chart is made of. What a template can lay out stands in the template."""

from __future__ import annotations

from typing import TypeAlias

from markupsafe import Markup, escape

#: The attributes of an element; those that are ``None`` are left out.
Attributes: TypeAlias = dict[str, "str | int | None"]


def tag(name: str, *content: str, **attributes: str | int | None) -> Markup:
    """``<name …>content</name>``; everything is escaped but what is `Markup` already.

    In the names of attributes a ``_`` is a ``-`` and one at the end vanishes (``class_``); those that are ``None`` are
    left out. An element of a drawing without content closes itself.
    """
    own = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{value if isinstance(value, int) else escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not content and name in _EMPTY:
        return Markup(f"<{name}{own}/>")  # noqa: S704  its parts are escaped above
    return Markup(f"<{name}{own}>{''.join(map(escape, content))}</{name}>")  # noqa: S704  as above


def joined(parts: list[Markup]) -> Markup:
    """One after the other."""
    return Markup("").join(parts)


_EMPTY = frozenset({"circle", "line", "path", "polyline", "rect", "use"})
