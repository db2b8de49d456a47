"""What the settings make of projects: aliases, names, ignored folders."""

from __future__ import annotations

import pytest

from monitor_core.config import Config
from monitor_core.grouping import Grouping
from monitor_core.model import Event

STORED = {1: ("/home/dev/api", "api"), 2: ("/home/dev/api-old", "api-old"), 3: ("/home/dev/secret/plan", "plan")}


def event(project: int) -> Event:
    return Event(id="0", t_ms=0, kind="Stop", session_id="s", project=project)


def projects(grouping: Grouping, *of: int) -> list[int]:
    return [e.project for e in grouping.apply(map(event, of))]


def test_without_settings_nothing_changes() -> None:
    grouping = Grouping.of(STORED, Config())
    assert (projects(grouping, 1, 2, 3), grouping.known) == ([1, 2, 3], STORED)


def test_an_alias_counts_as_the_other_folders_project() -> None:
    grouping = Grouping.of(STORED, Config(project_aliases={"/home/dev/api-old": "/home/dev/api"}))
    assert projects(grouping, 1, 2, 3) == [1, 1, 3]


def test_an_alias_of_a_folder_that_never_had_an_event_takes_its_name() -> None:
    grouping = Grouping.of(STORED, Config(project_aliases={"/home/dev/api-old": "/x/new", "/home/dev/api": "/x/new"}))
    assert projects(grouping, 1, 2) == [2, 2]
    assert grouping.known[2] == ("/x/new", "new")


@pytest.mark.parametrize("folder", ["/home/dev/secret", "/home/dev/secret/", "/home/dev/secret/plan"])
def test_an_ignored_folder_counts_for_nothing_with_all_below_it(folder: str) -> None:
    assert projects(Grouping.of(STORED, Config(ignored_projects=(folder,))), 1, 3) == [1]


def test_a_folder_is_not_within_one_whose_name_it_only_begins_with() -> None:
    assert projects(Grouping.of(STORED, Config(ignored_projects=("/home/dev/api",))), 1, 2) == [2]


def test_a_name_of_the_settings_is_shown_in_place_of_the_folders() -> None:
    grouping = Grouping.of(STORED, Config(project_names={"/home/dev/api": "Customer A"}))
    assert grouping.known[1] == ("/home/dev/api", "Customer A")
