"""The journal of what people have decided about the record: names and groups of projects, corrections, pauses.

An edit never changes an event. It is an entry of its own that is never changed either: to take one back is an `Undo`,
and to take that back is an `Undo` of it. Reports apply what is in force each time they are made, so an edit holds for
all that was ever recorded, and survives whatever is made anew from the events.

Projects are named by their key (`monitor_core.projects.Identity`), which stays the same in every store. A project that
people made by hand has no folder; its key is `key_by_hand`.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Annotated

import msgspec

from monitor_core.errors import MonitorError
from monitor_core.wire import Instant, Name, Text

if TYPE_CHECKING:
    from collections.abc import Sequence


class RenameProject(msgspec.Struct, frozen=True, tag="rename"):
    """``project`` is shown as ``name``."""

    project: Name
    name: Name


class MergeProject(msgspec.Struct, frozen=True, tag="merge"):
    """What ``project`` has counts for ``into``."""

    project: Name
    into: Name


class SplitFolder(msgspec.Struct, frozen=True, tag="split"):
    """What happened in ``folder`` and below is a project of its own, with the key ``project``.

    Both are as `monitor_core.projects.at` has them. Of a project that was merged into another it takes that back.
    """

    folder: Name
    project: Name


class IgnoreProject(msgspec.Struct, frozen=True, tag="ignore"):
    """``project`` counts for nothing."""

    project: Name


class CountProject(msgspec.Struct, frozen=True, tag="count"):
    """``project`` counts, whatever the settings and earlier edits say."""

    project: Name


class AddTime(msgspec.Struct, frozen=True, tag="add"):
    """``[start_ms, end_ms)`` was attention for ``project``, which no event shows."""

    project: Name
    start_ms: Instant
    end_ms: Instant


class MoveTime(msgspec.Struct, frozen=True, tag="move"):
    """What ``project`` (None: any) has in ``[start_ms, end_ms)`` counts for ``into``."""

    project: Name | None
    into: Name
    start_ms: Instant
    end_ms: Instant


class DropTime(msgspec.Struct, frozen=True, tag="drop"):
    """What ``project`` (None: any) has in ``[start_ms, end_ms)`` was not work."""

    project: Name | None
    start_ms: Instant
    end_ms: Instant


class PauseCounting(msgspec.Struct, frozen=True, tag="pause"):
    """Nothing counts in ``[start_ms, end_ms)``, None for ``end_ms``: until a `ResumeCounting`.

    What it comes to beside other pauses is in `monitor_core.pauses`.
    """

    start_ms: Instant
    end_ms: Instant | None = None


class ResumeCounting(msgspec.Struct, frozen=True, tag="resume"):
    """The pause that holds at ``at_ms`` ends then."""

    at_ms: Instant


class Undo(msgspec.Struct, frozen=True, tag="undo"):
    """The edit with the id ``edit`` is not in force."""

    edit: Name


ProjectDecision = RenameProject | MergeProject | SplitFolder | IgnoreProject | CountProject
Decision = ProjectDecision | AddTime | MoveTime | DropTime | PauseCounting | ResumeCounting | Undo

# No folder's key begins like this. It reads as a path, because that is what tells projects of one name apart.
_BY_HAND = "by hand/"


class Edit(msgspec.Struct, frozen=True):
    """One entry: ``id`` is a UUID, ``at_ms`` when it was decided, ``note`` the person's own words or empty."""

    id: Annotated[str, msgspec.Meta(min_length=8, max_length=64)]
    at_ms: Instant
    decision: Decision
    note: Text = ""


def key_by_hand(name: str) -> str:
    """The key of the project that people made by hand and call ``name``; it is the project's path as well."""
    return _BY_HAND + unicodedata.normalize("NFC", " ".join(name.split()))


def name_by_hand(key: str) -> str:
    """The name of the project made by hand that has the ``key``; ``""`` where it is another's."""
    return key.removeprefix(_BY_HAND) if key.startswith(_BY_HAND) else ""


_decode = msgspec.json.Decoder(Edit).decode


def decode_edit(document: bytes) -> Edit:
    """The edit in a JSON document. Raises `MonitorError` for anything else."""
    try:
        edit = _decode(document)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MonitorError(f"this is no edit: {error}") from None
    decision = edit.decision
    if not isinstance(decision, AddTime | MoveTime | DropTime | PauseCounting) or decision.end_ms is None:
        return edit
    if decision.start_ms >= decision.end_ms:
        raise MonitorError(
            f"an edit from {decision.start_ms} to {decision.end_ms} has no length; end it after it begins"
        )
    return edit


def encode_edit(edit: Edit) -> bytes:
    """The JSON document for ``edit``."""
    return msgspec.json.encode(edit)


def holding(journal: Sequence[Edit]) -> frozenset[str]:
    """The ids of all entries that nothing has taken back, those that are an undo among them."""
    undone: set[str] = set()
    held = set()
    for edit in reversed(journal):
        if edit.id not in undone:
            held.add(edit.id)
            if isinstance(edit.decision, Undo):
                undone.add(edit.decision.edit)
    return frozenset(held)


def in_force(journal: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits of a ``journal`` that nothing has taken back, without the undoing itself, in their order."""
    held = holding(journal)
    return tuple(edit for edit in journal if edit.id in held and not isinstance(edit.decision, Undo))
