"""What the settings and the journal make of projects: aliases, names, ignored folders, splits, sub-projects."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.config import Config
from monitor_core.edits import (
    AddTime,
    CountProject,
    Edit,
    IgnoreProject,
    MergeProject,
    MoveTime,
    RenameProject,
    SplitFolder,
    key_by_hand,
)
from monitor_core.grouping import Grouping, KnownProject, LastGrouping
from monitor_core.model import NO_PROJECT
from monitor_core.projects import distinct_names, text_key
from monitor_core.store import Place, StoredProject

if TYPE_CHECKING:
    from monitor_core.edits import Decision

API, OLD, PLAN, MONO = "/home/dev/api", "/home/dev/api-old", "/home/dev/secret/plan", "/home/dev/mono"


class Folders:
    """Places as the store has them: each folder with the project that it was found to belong to."""

    def __init__(self, *projects: str) -> None:
        self.places: dict[int, Place] = {}
        self.projects: dict[int, StoredProject] = {}
        for path in projects:
            self.add(path, path)

    def add(self, cwd: str, project: str, label: str = "", key: str = "") -> int:
        """A place; the project is at the path ``project``, or `NO_PROJECT` where that is empty."""
        stored = StoredProject(
            key or (text_key(project) if project else NO_PROJECT), project, project.rpartition("/")[2] or NO_PROJECT
        )
        number = next((n for n, known in self.projects.items() if known == stored), len(self.projects) + 1)
        self.projects[number] = stored
        self.places[len(self.places) + 1] = Place(cwd, "", number, label)
        return len(self.places)

    def grouped(self, *decisions: Decision, **settings: object) -> Grouping:
        edits = [Edit(f"edit-{number:04}", number, decision) for number, decision in enumerate(decisions)]
        return Grouping.of(self.places, self.projects, Config(**settings), edits)  # type: ignore[arg-type]

    def paths(self, *decisions: Decision, **settings: object) -> list[str | None]:
        """The path of the project that each place counts for, None for none."""
        found = self.grouped(*decisions, **settings)
        return [found.known[found.project_of[n]].path if n in found.project_of else None for n in self.places]


def split(folder: str) -> SplitFolder:
    return SplitFolder(folder, text_key(folder))


@pytest.fixture
def three() -> Folders:
    return Folders(API, OLD, PLAN)


def test_without_settings_and_edits_each_place_counts_for_the_project_that_was_found(three: Folders) -> None:
    grouping = three.grouped()
    assert grouping.project_of == {1: API, 2: OLD, 3: PLAN}
    assert grouping.known == {API: (API, "api"), OLD: (OLD, "api-old"), PLAN: (PLAN, "plan")}
    assert grouping.counted == {API, OLD, PLAN}


# The settings.


def test_an_alias_counts_as_the_other_folders_project(three: Folders) -> None:
    assert three.paths(project_aliases={OLD: API}) == [API, API, PLAN]


def test_an_alias_of_a_folder_that_never_had_an_event_takes_its_name(three: Folders) -> None:
    grouping = three.grouped(project_aliases={OLD: "/x/new", API: "/x/new"})
    assert grouping.project_of == {1: "/x/new", 2: "/x/new", 3: PLAN}
    assert grouping.known["/x/new"] == ("/x/new", "new")


@pytest.mark.parametrize("aliases", [{API: OLD, OLD: PLAN}, {OLD: PLAN, API: OLD}])
def test_a_chain_of_aliases_is_followed_to_its_end(three: Folders, aliases: dict[str, str]) -> None:
    assert three.paths(project_aliases=aliases) == [PLAN, PLAN, PLAN]


def test_a_chain_of_aliases_leads_through_a_folder_that_never_had_an_event(three: Folders) -> None:
    assert three.paths(project_aliases={API: "/x/new", "/x/new": OLD}) == [OLD, OLD, PLAN]


def test_in_a_circle_of_aliases_the_last_one_wins_and_nothing_is_lost(three: Folders) -> None:
    assert three.paths(project_aliases={API: OLD, OLD: API}) == [API, API, PLAN]
    assert len(set(three.paths(project_aliases={API: OLD, OLD: PLAN, PLAN: API}))) == 1


def test_an_alias_of_a_folder_within_another_comes_before_it(three: Folders) -> None:
    aliases = {API: "/x/mine", "/home/dev": "/x/all"}
    assert three.paths(project_aliases=aliases) == ["/x/mine", "/x/all", "/x/all"]


def test_a_folder_may_be_an_alias_of_a_project_within_it(three: Folders) -> None:
    assert three.paths(project_aliases={"/home/dev": API}) == [API, API, API]


@pytest.mark.parametrize("folder", ["/home/dev/secret", "/home/dev/secret/", PLAN])
def test_an_ignored_folder_counts_for_nothing_with_all_below_it(three: Folders, folder: str) -> None:
    assert three.paths(ignored_projects=(folder,)) == [API, OLD, None]


def test_a_folder_is_not_within_one_whose_name_it_only_begins_with(three: Folders) -> None:
    assert three.paths(ignored_projects=(API,)) == [None, OLD, PLAN]


def test_a_name_of_the_settings_is_shown_in_place_of_the_folders(three: Folders) -> None:
    assert three.grouped(project_names={API: "Customer A"}).known[API] == (API, "Customer A")


def test_settings_and_folders_may_spell_a_path_in_two_ways() -> None:
    folders = Folders("C:\\code\\api")
    for spelling in ("C:\\code\\api\\", "c:/code/api", "/mnt/c/code/api"):
        assert folders.paths(ignored_projects=(spelling,)) == [None]
        assert folders.grouped(project_names={spelling: "A"}).known["/mnt/c/code/api"].name == "A"


# The journal.


def test_a_renamed_project_is_shown_by_its_new_name_and_the_last_one_wins(three: Folders) -> None:
    grouping = three.grouped(RenameProject(API, "One"), RenameProject(API, "Two"), project_names={API: "Zero"})
    assert grouping.known[API] == (API, "Two")


def test_a_merged_project_counts_for_the_other_also_over_several_steps(three: Folders) -> None:
    grouping = three.grouped(MergeProject(API, OLD), MergeProject(OLD, PLAN))
    assert set(grouping.project_of.values()) == {PLAN}
    assert grouping.counts_for(API) == PLAN
    assert grouping.merged == {API: OLD, OLD: PLAN}


def test_settings_and_journal_make_one_chain(three: Folders) -> None:
    assert three.paths(MergeProject(OLD, PLAN), project_aliases={API: OLD}) == [PLAN, PLAN, PLAN]


def test_a_merge_comes_before_an_alias_of_the_same_project(three: Folders) -> None:
    assert three.paths(MergeProject(API, PLAN), project_aliases={API: OLD}) == [PLAN, OLD, PLAN]


def test_two_merges_that_close_a_circle_count_for_the_last_target(three: Folders) -> None:
    assert three.paths(MergeProject(API, OLD), MergeProject(OLD, API)) == [API, API, PLAN]


def test_a_project_merged_into_itself_stays_what_it_is(three: Folders) -> None:
    assert three.paths(MergeProject(API, API)) == [API, OLD, PLAN]


def test_an_ignored_project_counts_for_nothing_and_what_is_merged_into_it_neither(three: Folders) -> None:
    grouping = three.grouped(IgnoreProject(OLD), MergeProject(API, OLD))
    assert grouping.project_of == {3: PLAN}
    assert grouping.counted == {PLAN}
    assert grouping.counts_for(API) is None


def test_an_ignored_project_that_was_merged_counts_for_the_other(three: Folders) -> None:
    assert three.paths(IgnoreProject(API), MergeProject(API, OLD)) == [OLD, OLD, PLAN]


def test_a_project_counts_again_whoever_ignored_it(three: Folders) -> None:
    assert three.paths(IgnoreProject(API), CountProject(API)) == [API, OLD, PLAN]
    assert three.paths(CountProject(PLAN), ignored_projects=("/home/dev/secret",)) == [API, OLD, PLAN]
    assert three.paths(CountProject(API), IgnoreProject(API)) == [None, OLD, PLAN]


def test_a_project_that_edits_name_is_known_without_a_place(three: Folders) -> None:
    meetings, calls = key_by_hand("Meetings"), key_by_hand("Calls")
    grouping = three.grouped(AddTime(meetings, 0, 1), MoveTime(None, calls, 0, 1), AddTime("/srv/x", 0, 1))
    assert grouping.known[meetings] == KnownProject(meetings, "Meetings")
    assert grouping.known["/srv/x"] == ("/srv/x", "x")
    assert grouping.counted == {API, OLD, PLAN, meetings, calls, "/srv/x"}


def test_a_project_made_by_hand_can_be_renamed_merged_and_ignored(three: Folders) -> None:
    meetings = key_by_hand("Meetings")
    added = AddTime(meetings, 0, 1)
    assert three.grouped(added, RenameProject(meetings, "Talks")).known[meetings].name == "Talks"
    assert three.grouped(added, MergeProject(meetings, API)).counts_for(meetings) == API
    assert meetings not in three.grouped(added, IgnoreProject(meetings)).counted


def test_projects_made_by_hand_have_distinct_names_whatever_they_were_renamed_to() -> None:
    one, other = key_by_hand("Meetings"), key_by_hand("Calls")
    grouping = Folders("/code/Talks").grouped(
        AddTime(one, 0, 1), AddTime(other, 0, 1), RenameProject(one, "Talks"), RenameProject(other, "Talks")
    )
    shown = distinct_names(list(grouping.known.values()))
    assert len(set(shown)) == 3


@pytest.mark.parametrize("name", ["Meetings", " Meetings\t"])
def test_spaces_around_a_name_do_not_make_another_project(name: str) -> None:
    assert key_by_hand(name) == key_by_hand("Meetings")


# Splits.


def test_what_happened_in_a_split_folder_is_a_project_of_its_own_and_the_rest_stays() -> None:
    folders = Folders(MONO)
    folders.add(f"{MONO}/web", MONO)
    folders.add(f"{MONO}/web/src", MONO)
    folders.add(f"{MONO}/website", MONO)
    grouping = folders.grouped(split(f"{MONO}/web"))
    assert folders.paths(split(f"{MONO}/web")) == [MONO, f"{MONO}/web", f"{MONO}/web", MONO]
    assert grouping.known[f"{MONO}/web"] == (f"{MONO}/web", "web")
    assert grouping.parents == {f"{MONO}/web": MONO}


def test_of_two_split_folders_the_deeper_one_has_what_lies_in_both() -> None:
    folders = Folders()
    for below in ("web/src", "web/admin/src"):
        folders.add(f"{MONO}/{below}", MONO)
    for splits in itertools.permutations([split(f"{MONO}/web"), split(f"{MONO}/web/admin")]):
        assert folders.paths(*splits) == [f"{MONO}/web", f"{MONO}/web/admin"]


def test_a_repository_within_a_split_folder_stays_a_project_of_its_own() -> None:
    folders = Folders(f"{MONO}/web/vendor/lib")
    folders.add(f"{MONO}/web", MONO)
    assert folders.paths(split(f"{MONO}/web")) == [f"{MONO}/web/vendor/lib", f"{MONO}/web"]


def test_a_split_project_is_the_one_that_a_folder_of_its_own_would_be() -> None:
    folders = Folders(f"{MONO}/web")  # it has become a repository
    folders.add(f"{MONO}/web", MONO)
    grouping = folders.grouped(split(f"{MONO}/web"))
    assert set(grouping.project_of.values()) == {f"{MONO}/web"}
    assert grouping.parents == {}


def test_a_split_project_can_be_renamed_merged_and_ignored_like_any_other() -> None:
    folders = Folders(API)
    folders.add(f"{MONO}/web", MONO)
    web = f"{MONO}/web"
    assert folders.grouped(split(web), RenameProject(web, "Shop")).known[web].name == "Shop"
    assert folders.paths(split(web), MergeProject(web, API)) == [API, API]
    assert folders.paths(split(web), IgnoreProject(web)) == [API, None]
    assert folders.paths(split(web), IgnoreProject(MONO)) == [API, web]


def test_a_folder_without_a_project_can_be_split_off() -> None:
    folders = Folders()
    folders.add("/home/dev", "")
    folders.add("/tmp/trial/x", "")
    assert folders.paths(split("/tmp/trial")) == ["", "/tmp/trial"]
    assert folders.grouped(split("/tmp/trial")).parents == {}


def test_a_split_takes_a_merge_of_the_same_project_back(three: Folders) -> None:
    assert three.paths(MergeProject(API, OLD), split(API)) == [API, OLD, PLAN]
    assert three.paths(split(API), project_aliases={API: OLD}) == [API, OLD, PLAN]


@pytest.mark.parametrize("worktree", ["/home/dev/bold-fox", f"{MONO}/.claude/worktrees/bold-fox"])
def test_a_worktree_is_split_like_its_repository(worktree: str) -> None:
    folders = Folders()
    folders.add(f"{worktree}/web/src", MONO, label="bold-fox")
    folders.add(f"{worktree}/lib", MONO, label="bold-fox")
    assert folders.paths(split(f"{MONO}/web")) == [f"{MONO}/web", MONO]


def test_where_letter_case_does_not_matter_to_a_project_it_does_not_to_its_parts() -> None:
    folders = Folders()
    folders.add("/users/Dev/MONO/Packages/API", "/Users/dev/Mono", key="/users/dev/mono")
    part = SplitFolder("/Users/dev/Mono/packages/api", "/users/dev/mono/packages/api")
    assert folders.grouped(part).project_of == {1: part.project}
    subprojects = {"/Users/dev/Mono": ("packages/*",)}
    assert folders.grouped(subprojects=subprojects).project_of == {1: part.project}


def test_where_letter_case_matters_it_does_so_in_splits() -> None:
    folders = Folders()
    folders.add(f"{MONO}/Web", MONO)
    assert folders.paths(split(f"{MONO}/web")) == [MONO]


# Sub-projects.


PATTERNS = {MONO: ("packages/*", "services/*/*", "tools")}


@pytest.mark.parametrize(
    ("below", "part"),
    [
        ("packages/api", "packages/api"),
        ("packages/api/src/deep", "packages/api"),
        ("packages", ""),
        ("packages/.cache/x", ""),
        ("services/a", ""),
        ("services/a/b/c", "services/a/b"),
        ("tools/x", "tools"),
        ("toolshed", ""),
        ("other/packages/api", ""),
    ],
)
def test_a_place_counts_for_the_sub_project_that_it_lies_in_else_for_the_repository(below: str, part: str) -> None:
    folders = Folders()
    folders.add(f"{MONO}/{below}", MONO)
    assert folders.paths(subprojects=PATTERNS) == [f"{MONO}/{part}".rstrip("/")]


def test_a_sub_project_is_called_by_its_repository_and_its_folder() -> None:
    folders = Folders()
    folders.add(f"{MONO}/packages/api", MONO)
    api = f"{MONO}/packages/api"
    grouping = folders.grouped(subprojects=PATTERNS)
    assert (grouping.known[api].name, grouping.parents) == ("mono/packages/api", {api: MONO})
    renamed = folders.grouped(RenameProject(MONO, "Shop"), subprojects=PATTERNS)
    assert renamed.known[api].name == "Shop/packages/api"
    assert folders.grouped(RenameProject(api, "API"), subprojects=PATTERNS).known[api].name == "API"


def test_patterns_may_begin_at_a_folder_within_the_repository() -> None:
    folders = Folders()
    folders.add(f"{MONO}/apps/web/src", MONO)
    folders.add(f"{MONO}/lib/web/src", MONO)
    assert folders.paths(subprojects={f"{MONO}/apps": ("*",)}) == [f"{MONO}/apps/web", MONO]


def test_of_two_patterns_the_deeper_one_has_what_lies_in_both() -> None:
    folders = Folders()
    folders.add(f"{MONO}/a/b/c", MONO)
    for patterns in (("*", "a/*"), ("a/*", "*")):
        assert folders.paths(subprojects={MONO: patterns}) == [f"{MONO}/a/b"]


def test_a_star_stands_within_one_name() -> None:
    folders = Folders()
    folders.add(f"{MONO}/svc-pay/x", MONO)
    folders.add(f"{MONO}/svc/x", MONO)
    assert folders.paths(subprojects={MONO: ("svc-*",)}) == [f"{MONO}/svc-pay", MONO]


def test_a_worktree_has_the_sub_projects_of_its_repository() -> None:
    folders = Folders()
    folders.add("/home/dev/mono-fix/packages/api", MONO, label="mono-fix")
    assert folders.paths(subprojects=PATTERNS) == [f"{MONO}/packages/api"]


def test_a_repository_within_a_sub_project_stays_a_project_of_its_own() -> None:
    inner = f"{MONO}/packages/api/vendor/lib"
    assert Folders(inner).paths(subprojects=PATTERNS) == [inner]


def test_a_sub_project_of_windows_is_spelled_like_its_repository() -> None:
    folders = Folders()
    folders.add("C:\\work\\mono\\packages\\api\\src", "C:\\work\\mono")
    assert folders.paths(subprojects={"C:\\work\\mono": ("packages/*",)}) == ["C:\\work\\mono\\packages\\api"]


def test_a_split_comes_before_the_sub_projects_of_the_settings() -> None:
    folders = Folders()
    folders.add(f"{MONO}/packages/api", MONO)
    assert folders.paths(split(f"{MONO}/packages"), subprojects=PATTERNS) == [f"{MONO}/packages"]


# What holds for all.

keys = st.sampled_from([API, OLD, PLAN, "/home/dev/secret", key_by_hand("Meetings")])
decisions = st.one_of(
    st.builds(MergeProject, keys, keys),
    st.builds(IgnoreProject, keys),
    st.builds(CountProject, keys),
    st.builds(RenameProject, keys, st.sampled_from(["A", "B"])),
    st.builds(split, st.sampled_from([API, "/home/dev/secret", "/home/dev"])),
)
aliases = st.dictionaries(keys, keys, max_size=4)


@given(st.lists(decisions, max_size=12), aliases)
def test_whatever_was_decided_each_place_counts_for_one_known_project_that_counts_for_itself(
    some: list[Decision], settings: dict[str, str]
) -> None:
    grouping = Folders(API, OLD, PLAN).grouped(*some, project_aliases=settings)
    for number, key in grouping.project_of.items():
        assert grouping.counts_for(grouping.origin_of[number]) == key
        assert grouping.counts_for(key) == key
        assert key in grouping.known
    assert set(grouping.project_of.values()) <= grouping.counted <= grouping.known.keys()


@given(st.lists(decisions, max_size=6), aliases, keys, keys)
def test_the_last_merge_always_holds(some: list[Decision], settings: dict[str, str], project: str, into: str) -> None:
    grouping = Folders(API, OLD, PLAN).grouped(*some, MergeProject(project, into), project_aliases=settings)
    assert grouping.counts_for(project) == grouping.counts_for(into)


def test_the_last_grouping_is_remembered_until_anything_that_it_depends_on_changes(three: Folders) -> None:
    last = LastGrouping()
    edits = [Edit("edit-0001", 1, RenameProject(API, "interface"))]

    def asked(config: Config | None = None, journal: tuple[Edit, ...] = ()) -> Grouping:
        found = last.of(three.places, three.projects, config or Config(), journal)
        assert found == Grouping.of(three.places, three.projects, config or Config(), journal)
        return found

    first = asked()
    assert asked() is first
    assert asked(journal=tuple(edits)) != first
    assert asked(Config(ignored_projects=(OLD,))) != first
    assert asked() == first
    three.add("/home/dev/new", "/home/dev/new")
    assert asked() != first


folders = st.sampled_from([API, f"{API}/src", OLD, PLAN, f"{MONO}/packages/a", f"{MONO}/packages/b"])
configs = st.builds(
    Config,
    project_aliases=aliases,
    ignored_projects=st.lists(keys, max_size=2).map(tuple),
    project_names=st.dictionaries(keys, st.sampled_from(["A", "B"]), max_size=2),
    subprojects=st.sampled_from([{}, {MONO: ("packages/*",)}]),
)
steps = st.one_of(st.tuples(folders, folders), decisions, st.lists(decisions, max_size=1), configs)


@given(st.lists(steps, max_size=12))
def test_a_grouping_that_is_remembered_is_the_one_that_would_be_made(some: list[object]) -> None:
    last = LastGrouping()
    known = Folders(API)
    config = Config()
    journal: list[Edit] = []
    for number, step in enumerate(some):
        match step:
            case (str(cwd), str(project)):
                known.add(cwd, project)
            case Config():
                config = step
            case list():
                # The last is undone, and another one perhaps made, before anybody asks.
                journal = [*journal[:-1], *(Edit(f"edit-{number:04}", number, decision) for decision in step)]
            case decision:
                journal = [*journal, Edit(f"edit-{number:04}", number, decision)]  # type: ignore[arg-type]
        made = Grouping.of(known.places, known.projects, config, journal)
        assert last.of(known.places, known.projects, config, journal) == made
        # Asked again, it remembers.
        assert last.of(known.places, known.projects, config, journal) == made
