"""From what a person says of projects to an edit, or to the sentence that tells why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from monitor_core.config import Config
from monitor_core.edits import (
    AddTime,
    CountProject,
    DropTime,
    Edit,
    IgnoreProject,
    MergeProject,
    RenameProject,
    SplitFolder,
    Undo,
    key_by_hand,
)
from monitor_core.errors import MonitorError
from monitor_core.model import NO_PROJECT
from monitor_core.project_edits import Record, find_key, ignore, merge, names_of, rename, split, undo, unignore
from monitor_core.store import Place, StoredProject

if TYPE_CHECKING:
    from monitor_core.edits import Decision

API, WEB, OSS = "/srv/team/api", "/srv/team/web", "/srv/oss/api"
MEETINGS = key_by_hand("Meetings")


def record(*decisions: Decision, **settings: object) -> Record:
    """Three projects with a place in each, one of them in a folder within; edits have the ids ``00000000…`` and on."""
    projects = {n: StoredProject(path, path, path.rpartition("/")[2]) for n, path in enumerate((API, WEB, OSS))}
    places = {n: Place(path, "", n, "") for n, path in enumerate((API, WEB, OSS))}
    places[3] = Place(f"{WEB}/admin/src", "", 1, "")
    journal = tuple(Edit(f"{number:08}-edit", number, decision) for number, decision in enumerate(decisions))
    return Record(places, projects, Config(**settings), journal)  # type: ignore[arg-type]


def refused(call: object, *arguments: object) -> str:
    assert callable(call)
    with pytest.raises(MonitorError) as error:
        call(*arguments)
    return str(error.value)


# Finding.


@pytest.mark.parametrize(
    ("text", "key"),
    [("web", WEB), ("WEB", WEB), ("w", WEB), ("api (oss)", OSS), ("api (t", API), (API, API), (f"{API}/", API)],
)
def test_a_project_is_found_by_its_name_the_beginning_of_it_or_its_path(text: str, key: str) -> None:
    assert find_key(text, record().grouping()) == key


def test_a_name_that_reports_show_comes_before_that_of_a_merged_or_ignored_project() -> None:
    for decision in (MergeProject(OSS, WEB), IgnoreProject(OSS)):
        grouping = record(decision).grouping()
        assert find_key("api", grouping) == API
        assert find_key("api (oss)", grouping) == OSS
        assert find_key(OSS, grouping) == OSS


def test_an_ignored_project_is_found_by_its_name_also_where_a_counted_one_begins_with_it() -> None:
    grouping = record(RenameProject(API, "website"), IgnoreProject(WEB)).grouping()
    assert find_key("web", grouping) == WEB


def test_a_project_made_by_hand_is_found() -> None:
    grouping = record(AddTime(MEETINGS, 0, 1)).grouping()
    assert find_key("meetings", grouping) == MEETINGS


def test_an_ambiguous_or_unknown_name_is_refused_with_the_candidates() -> None:
    grouping = record().grouping()
    assert refused(find_key, "api", grouping) == "'api' can be api (oss), api (team); give more of the name"
    assert refused(find_key, "wbe", grouping) == "there is no project 'wbe'; did you mean web?"


# Renaming.


def test_a_new_name_is_taken_without_the_spaces_around_it() -> None:
    assert rename(record(), API, " Billing API ") == RenameProject(API, "Billing API")


@pytest.mark.parametrize("name", ["", "  ", "\x1b[2J", "a\nb", "\u202eapi", "a\x00"])
def test_a_name_that_cannot_be_seen_is_refused(name: str) -> None:
    message = refused(rename, record(), API, name)
    assert "is no name" in message
    assert message.isprintable()


def test_a_name_of_unreasonable_length_is_refused() -> None:
    assert rename(record(), API, "x" * 200)
    assert refused(rename, record(), API, "x" * 201) == "the name has 201 characters; give one with at most 200"


def test_a_name_that_the_project_has_already_is_refused() -> None:
    assert refused(rename, record(), WEB, "web") == "web is called that already; nothing was changed"
    assert rename(record(RenameProject(WEB, "Shop")), WEB, "web") == RenameProject(WEB, "web")


def test_a_name_that_another_project_has_is_taken_and_reports_tell_them_apart() -> None:
    decision = rename(record(), API, "web")
    assert names_of(record(decision).grouping()) == {API: "web (api)", OSS: "api", WEB: "web (team)"}


@pytest.mark.parametrize(
    "change", [lambda r: rename(r, API, "x"), lambda r: ignore(r, API), lambda r: unignore(r, API)]
)
def test_a_merged_project_is_refused_with_what_it_counts_for_and_how_to_take_it_out(change: object) -> None:
    message = refused(change, record(MergeProject(API, WEB)))
    assert "counts for web; " in message
    assert message.endswith("with “claude-monitor projects split /srv/team/api” first")


# Merging.


def test_two_projects_are_merged_also_where_one_was_merged_elsewhere() -> None:
    assert merge(record(), API, WEB) == MergeProject(API, WEB)
    assert merge(record(MergeProject(API, OSS)), API, WEB) == MergeProject(API, WEB)
    assert merge(record(MergeProject(API, OSS)), WEB, API) == MergeProject(WEB, API)


def test_a_project_cannot_be_merged_into_itself() -> None:
    assert refused(merge, record(), WEB, WEB) == "web cannot be merged into itself; name two projects"


def test_a_merge_that_would_close_a_circle_is_refused() -> None:
    for journal in ([MergeProject(WEB, API)], [MergeProject(WEB, OSS), MergeProject(OSS, API)]):
        message = refused(merge, record(*journal), API, WEB)
        assert message.startswith("web counts for api")
        assert message.endswith(f" already; take web out with “claude-monitor projects split {WEB}” first")


def test_a_merge_that_holds_already_is_refused_whoever_made_it() -> None:
    expected = "api (team) counts for web already; nothing was changed"
    assert refused(merge, record(MergeProject(API, WEB)), API, WEB) == expected
    assert refused(merge, record(project_aliases={API: WEB}), API, WEB) == expected


def test_a_merge_into_an_ignored_project_is_refused() -> None:
    message = refused(merge, record(IgnoreProject(WEB)), API, WEB)
    assert message.startswith("web is ignored, so api (team) would count for nothing; ")


# Splitting.


def test_a_folder_within_a_project_that_has_events_is_split_off() -> None:
    assert split(record(), f"{WEB}/admin") == SplitFolder(f"{WEB}/admin", f"{WEB}/admin")
    assert split(record(), f"{WEB}/admin/../admin/") == SplitFolder(f"{WEB}/admin", f"{WEB}/admin")


def test_the_folder_of_a_merged_project_takes_it_out_again() -> None:
    assert split(record(MergeProject(API, WEB)), API) == SplitFolder(API, API)
    assert split(record(project_aliases={API: WEB}), API) == SplitFolder(API, API)


def test_a_folder_in_which_nothing_happened_is_refused_with_the_nearest_ones() -> None:
    message = refused(split, record(), f"{WEB}/admni/src")
    assert message.startswith(f"nothing was recorded in {WEB}/admni/src; did you mean {WEB}/admin/src")
    assert refused(split, record(), "/elsewhere").endswith("name a folder that Claude Code worked in")


def test_the_folder_of_a_project_or_one_above_it_is_refused() -> None:
    assert refused(split, record(), WEB) == f"{WEB} is a project of its own already; nothing was changed"
    again = record(SplitFolder(f"{WEB}/admin", f"{WEB}/admin"))
    assert refused(split, again, f"{WEB}/admin").endswith("is a project of its own already; nothing was changed")
    assert refused(split, record(), "/srv").endswith("to join them, merge them")


# Ignoring.


def test_a_project_is_ignored_once_and_counted_again_once() -> None:
    assert ignore(record(), WEB) == IgnoreProject(WEB)
    assert refused(ignore, record(IgnoreProject(WEB)), WEB) == "web is ignored already; nothing was changed"
    assert unignore(record(IgnoreProject(WEB)), WEB) == CountProject(WEB)
    assert refused(unignore, record(), WEB) == "web is not ignored; nothing was changed"


def test_what_the_settings_ignore_is_ignored_already_and_can_be_counted() -> None:
    settings = {"ignored_projects": ("/srv/team",)}
    assert "ignored already" in refused(ignore, record(**settings), WEB)
    assert unignore(record(**settings), WEB) == CountProject(WEB)


# Taking back.

RENAMED, IGNORED = RenameProject(WEB, "Shop"), IgnoreProject(API)


def test_without_an_id_the_last_edit_of_a_project_that_is_in_force_is_taken_back() -> None:
    journal: list[Decision] = [RENAMED, IGNORED, AddTime(MEETINGS, 0, 1), Undo("00000001-edit")]
    assert undo(record(*journal[:3])) == (Undo("00000001-edit"), "api (team) is ignored")
    assert undo(record(*journal)) == (Undo("00000000-edit"), "web is called Shop")


def test_the_beginning_of_an_id_names_an_edit() -> None:
    assert undo(record(RENAMED, IGNORED), "00000000")[0] == Undo("00000000-edit")
    assert refused(undo, record(RENAMED, IGNORED), "0000000").startswith("'0000000' can be 00000000-edi, 00000001-edi")


def test_an_undo_is_taken_back_by_its_id() -> None:
    undone = record(RENAMED, Undo("00000000-edit"))
    assert undo(undone, "00000001") == (Undo("00000001-edit"), "the undoing of: web is called Shop")
    assert undone.grouping().known[WEB].name == "web"
    assert undone.with_edit(Edit("00000002-edit", 2, Undo("00000001-edit"))).grouping().known[WEB].name == "Shop"


def test_what_is_undone_already_or_unknown_or_no_edit_of_a_project_is_refused() -> None:
    assert refused(undo, record(RENAMED, Undo("00000000-edit")), "00000000").startswith("00000000 is undone already")
    assert refused(undo, record(RENAMED), "ffff") == (
        "there is no edit 'ffff'; the latest edits of projects are 00000000"
    )
    assert refused(undo, record(), "ffff") == "there is no edit 'ffff'; no project was edited"
    assert refused(undo, record(DropTime(None, 0, 1)), "0000").startswith("00000000 is no edit of a project")
    assert refused(undo, record(DropTime(None, 0, 1))) == (
        "no edit of a project is in force, so there is nothing to undo"
    )


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (MergeProject(API, WEB), "api (team) counts for web"),
        (SplitFolder(f"{WEB}/admin", f"{WEB}/admin"), f"{WEB}/admin is a project of its own"),
        (CountProject(API), "api (team) counts"),
        (IgnoreProject("/gone/\x1b"), "'\\x1b' is ignored"),
    ],
)
def test_an_edit_is_described_in_words_that_cannot_drive_a_terminal(decision: Decision, words: str) -> None:
    assert undo(record(decision))[1] == words


def test_no_project_can_be_renamed() -> None:
    assert rename(record(AddTime(NO_PROJECT, 0, 1)), NO_PROJECT, "Misc") == RenameProject(NO_PROJECT, "Misc")
