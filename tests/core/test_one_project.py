"""Reports of one project, and finding it by what a person calls it."""

from __future__ import annotations

import pytest

from monitor_core.errors import MonitorError
from monitor_core.one_project import Named, find_project, of_project
from tests.tray.render.samples import a_day, a_week

KNOWN = [
    Named("api (oss)", "/home/dev/oss/api"),
    Named("api (team)", "/home/dev/team/api"),
    Named("Website", "/home/dev/website"),
    Named("web", "/home/dev/web"),
]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("api (oss)", "/home/dev/oss/api"),
        ("API (T", "/home/dev/team/api"),
        ("website", "/home/dev/website"),
        ("webs", "/home/dev/website"),
        ("web", "/home/dev/web"),  # a whole name comes before the beginning of another
        ("/home/dev/web", "/home/dev/web"),
        ("/home/dev/web/", "/home/dev/web"),
    ],
)
def test_a_project_is_found_by_its_name_the_beginning_of_it_or_its_path(text: str, path: str) -> None:
    assert find_project(text, KNOWN).path == path


def test_a_project_is_found_by_a_folder_that_was_given_in_part() -> None:
    assert find_project("../web", KNOWN, folder="/home/dev/website").path == "/home/dev/website"


def test_the_name_that_a_report_shows_comes_first() -> None:
    shown = [Named("api", "/home/dev/team/api")]
    assert find_project("api", KNOWN, shown).path == "/home/dev/team/api"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("api", "'api' can be api (oss), api (team); give more of the name"),
        ("wbsite", "there is no project 'wbsite'; did you mean Website?"),
        ("zzz", "there is no project 'zzz'; there are api (oss), api (team), Website, web"),
        ("", "there is no project ''; there are api (oss), "),
        ("\x1b[2J", "there is no project '\\x1b[2J'"),
    ],
)
def test_an_unknown_project_is_refused_with_the_nearest_names(text: str, message: str) -> None:
    with pytest.raises(MonitorError) as refused:
        find_project(text, KNOWN)
    assert str(refused.value).startswith(message)


def test_where_nothing_was_recorded_the_refusal_says_so() -> None:
    with pytest.raises(MonitorError, match="nothing has been recorded yet"):
        find_project("api", [])


def test_a_report_of_one_project_is_as_if_there_were_no_other() -> None:
    week = a_week()
    alone = of_project(week, "/home/dev/projects/website")
    (project,) = alone.projects
    assert (alone.total_ms, alone.parallel_ms) == (project.active_ms, 0)
    assert (alone.working_ms, project.share) == (project.working_ms, 1.0)
    assert alone.waiting_ms == project.waiting_ms == 40 * 60_000
    assert sum(day.total_ms for day in alone.days) == alone.total_ms
    assert {name for day in alone.days for name in day.projects} == {"website"}
    assert (alone.first_ms, alone.last_ms) == (project.blocks[0].start_ms, project.blocks[-1].end_ms)
    assert (alone.windows, alone.agent_ms) == (week.windows, week.agent_ms)


def test_the_parts_of_all_projects_make_the_whole_and_what_is_parallel() -> None:
    day = a_day()
    parts = [of_project(day, project.path).total_ms for project in day.projects]
    assert sum(parts) - day.parallel_ms == day.total_ms


def test_a_project_without_time_in_the_range_has_an_empty_report() -> None:
    alone = of_project(a_week(), "/home/dev/elsewhere")
    assert (alone.projects, alone.total_ms, alone.span_ms) == ((), 0, 0)
