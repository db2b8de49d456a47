"""The journal of edits: what is in force, and documents that are no edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.edits import (
    AddTime,
    CountProject,
    Decision,
    DropTime,
    Edit,
    IgnoreProject,
    MergeProject,
    MoveTime,
    PauseCounting,
    RenameProject,
    ResumeCounting,
    SplitFolder,
    Undo,
    decode_edit,
    encode_edit,
    in_force,
    key_by_hand,
    name_by_hand,
)
from monitor_core.errors import MonitorError

if TYPE_CHECKING:
    from monitor_core.store import WritableStore

DECISIONS: list[Decision] = [
    RenameProject("/a", "A"),
    MergeProject("/a", "/b"),
    SplitFolder("/A/x", "/a/x"),
    IgnoreProject("/a"),
    CountProject("/a"),
    AddTime(key_by_hand("Meetings"), 0, 1),
    MoveTime(None, "/a", 0, 1),
    DropTime("/a", 0, 1),
    PauseCounting(0, 1),
    PauseCounting(0),
    ResumeCounting(1),
    Undo("edit-0001"),
]


def edit(number: int, decision: Decision) -> Edit:
    return Edit(f"edit-{number:04}", number, decision)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: type(decision).__name__)
def test_an_edit_survives_being_written_down(decision: Decision) -> None:
    written = Edit("edit-0001", 5, decision, "a note")
    assert decode_edit(encode_edit(written)) == written


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{}",
        b'{"id":"edit-0001","at_ms":0,"decision":{"type":"rename","project":"/a"}}',
        b'{"id":"edit-0001","at_ms":0,"decision":{"type":"rename","project":"/a","name":""}}',
        b'{"id":"edit-0001","at_ms":0,"decision":{"type":"split","folder":"/a"}}',
        b'{"id":"edit-0001","at_ms":0,"decision":{"type":"explode","project":"/a"}}',
        b'{"id":"edit-0001","at_ms":-1,"decision":{"type":"ignore","project":"/a"}}',
        b'{"id":"short","at_ms":0,"decision":{"type":"ignore","project":"/a"}}',
        b'{"id":"edit-0001","at_ms":0,"decision":{"type":"ignore","project":"\xff"}}',
    ],
)
def test_what_is_no_edit_is_refused_with_one_sentence(document: bytes) -> None:
    with pytest.raises(MonitorError, match=r"^this is no edit: "):
        decode_edit(document)


@pytest.mark.parametrize(
    "decision",
    [
        AddTime("/a", 5, 5),
        MoveTime("/a", "/b", 5, 4),
        DropTime(None, 5, 5),
        PauseCounting(5, 5),
        PauseCounting(5, 4),
    ],
    ids=lambda decision: type(decision).__name__,
)
def test_an_edit_of_a_stretch_without_length_is_refused(decision: Decision) -> None:
    with pytest.raises(MonitorError, match=r"^an edit from 5 to [45] has no length; end it after it begins$"):
        decode_edit(encode_edit(edit(1, decision)))


def test_a_pause_that_names_no_end_goes_on_until_somebody_resumes() -> None:
    document = b'{"id":"edit-0001","at_ms":1,"decision":{"type":"pause","start_ms":7}}'
    assert decode_edit(document) == edit(1, PauseCounting(7, None))


def test_the_store_gives_the_journal_back_in_the_order_of_the_edits_each_once(store: WritableStore) -> None:
    journal = [edit(number, decision) for number, decision in enumerate(DECISIONS)]
    with store.transaction(durably=True):
        for entry in [*journal, *journal]:
            store.add_edit(entry)
    assert store.journal() == journal


def test_what_was_undone_is_not_in_force_and_no_undo_is() -> None:
    first, second = edit(1, IgnoreProject("/a")), edit(2, IgnoreProject("/b"))
    assert in_force([first, second, edit(3, Undo(first.id))]) == (second,)


def test_an_undo_that_was_undone_leaves_the_edit_in_force_at_its_old_place() -> None:
    first, second = edit(1, RenameProject("/a", "One")), edit(2, RenameProject("/a", "Two"))
    journal = [first, second, edit(3, Undo(first.id)), edit(4, Undo("edit-0003"))]
    assert in_force(journal) == (first, second)


def test_an_undo_of_something_unknown_changes_nothing() -> None:
    first = edit(1, IgnoreProject("/a"))
    assert in_force([first, edit(2, Undo("no-such-edit"))]) == (first,)


@given(st.lists(st.integers(0, 11), max_size=12))
def test_whether_an_edit_is_in_force_follows_from_the_undoings_after_it_alone(targets: list[int]) -> None:
    journal = [edit(number, IgnoreProject(f"/{number}")) for number in range(4)]
    journal += [edit(4 + k, Undo(f"edit-{target:04}")) for k, target in enumerate(targets)]

    def holds(entry: Edit) -> bool:
        # By the words of the rule: not undone by a later undo that itself holds.
        return not any(
            isinstance(later.decision, Undo) and later.decision.edit == entry.id and holds(later)
            for later in journal
            if later.at_ms > entry.at_ms
        )

    assert in_force(journal) == tuple(e for e in journal if not isinstance(e.decision, Undo) and holds(e))


@pytest.mark.parametrize("name", ["Meetings", "a/b", "B\u00fcro", "(no project)"])
def test_the_key_of_a_project_made_by_hand_tells_its_name_and_is_no_folders(name: str) -> None:
    assert name_by_hand(key_by_hand(name)) == name
    assert not key_by_hand(name).startswith(("/", "("))


def test_the_key_of_a_folder_tells_no_name_made_by_hand() -> None:
    assert name_by_hand("/by hand/x") == ""
