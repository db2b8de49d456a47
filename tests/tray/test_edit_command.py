"""`claude-monitor edit` and `why`: each command in a process of its own, with and without a running tray."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from monitor_core.edits import AddTime, DropTime, Edit, MoveTime, Undo
from monitor_core.store import Store
from monitor_core.wire import encode
from tests.tray.command_line import BERLIN, MINUTE_MS, CommandLine, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor_core.wire import WireEvent

API, WEB = "/srv/projects/api", "/srv/projects/web"
DAY = "2025-03-03"
ON = ("--date", DAY)


def at(clock: str, day: str = DAY) -> int:
    local = dt.datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    return round(local.timestamp() * 1000)


@pytest.fixture
def recorded(monitor: CommandLine, wire: Callable[..., WireEvent]) -> CommandLine:
    """A home with one day: api 10:00–10:42, web 10:30–11:00, and api once more over midnight."""
    events = [
        wire(at("10:00"), "UserPromptSubmit", session_id="first", cwd=API),
        wire(at("10:31"), "Stop", session_id="first", cwd=API),
        wire(at("10:35"), "UserPromptSubmit", session_id="first", cwd=API),
        wire(at("10:42"), "Stop", session_id="first", cwd=API),
        wire(at("10:30"), "UserPromptSubmit", session_id="second", cwd=WEB),
        wire(at("11:00"), "Stop", session_id="second", cwd=WEB),
        wire(at("23:50"), "UserPromptSubmit", session_id="third", cwd=API),
        wire(at("00:20", "2025-03-04"), "Stop", session_id="third", cwd=API),
    ]
    monitor.paths.create()
    monitor.paths.config.write_text(BERLIN)
    monitor.ok("replay", "-", stdin=b"".join(map(encode, events)))
    return monitor


def journal(monitor: CommandLine) -> list[Edit]:
    with contextlib.closing(Store(monitor.paths.database)) as store:
        return store.journal()


def report(monitor: CommandLine, day: str = DAY) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(monitor.ok("today", "--date", day, "--json"))
    return made


def minutes(monitor: CommandLine, day: str = DAY) -> dict[str, int]:
    found = report(monitor, day)
    return {p["name"]: p["active_ms"] // MINUTE_MS for p in found["projects"]} | {
        "total": found["total_ms"] // MINUTE_MS
    }


def id_in(text: str) -> str:
    found = re.search(r"claude-monitor edit undo ([0-9a-f]{8})$", text, re.MULTILINE)
    assert found, text
    return found[1]


BEFORE = {"api": 52, "web": 30, "total": 70}


class TestAdd:
    def test_a_project_made_by_hand_gets_time_and_the_answer_says_what_changed(self, recorded: CommandLine) -> None:
        before = report(recorded)
        said = recorded.ok(
            "edit",
            "add",
            "--project",
            "Meetings",
            "--new",
            "--from",
            "14:00",
            "--to",
            "15:30",
            *ON,
            "--note",
            "stand up",
        )
        assert said.splitlines()[:2] == [
            f"Added to Meetings: {DAY} 14:00 – 15:30 (1 h 30 m).",
            f"{DAY}: total 2 h 40 m (was 1 h 10 m), Meetings 1 h 30 m (was 0 m)",
        ]
        assert minutes(recorded) == BEFORE | {"Meetings": 90, "total": 160}
        assert [report(recorded)[key] for key in ("windows", "agent_ms")] == [before["windows"], before["agent_ms"]]
        (made,) = journal(recorded)
        assert made.note == "stand up"
        assert made.decision == AddTime("by hand/Meetings", at("14:00"), at("15:30"))

    def test_it_is_known_by_its_name_from_then_on(self, recorded: CommandLine) -> None:
        recorded.ok("edit", "add", "--project", "Meetings", "--new", "--from", "14:00", "--to", "15:00", *ON)
        recorded.ok("edit", "add", "--project", "meet", "--from", "16:00", "--to", "16:30", *ON)
        assert minutes(recorded)["Meetings"] == 90
        assert "there is a project Meetings already; leave out --new" in recorded.fails(
            "edit", "add", "--project", "meetings", "--new", "--from", "17:00", "--to", "18:00", *ON
        )

    def test_time_over_midnight_is_shown_on_both_days(self, recorded: CommandLine) -> None:
        said = recorded.ok("edit", "add", "--project", "web", "--from", "23:30", "--to", "0:30", *ON)
        assert "It ends on the next day: Tue 4 Mar, 00:30.\n" in said
        assert f"{DAY}: total 1 h 30 m (was 1 h 10 m), web 1 h 00 m (was 30 m)" in said
        assert "2025-03-04: total 30 m (was 20 m), web 30 m (was 0 m)" in said

    def test_minutes_are_rounded_as_the_day_s_report_rounds_them(self, recorded: CommandLine) -> None:
        words = ("--from", "14:00:00", "--to", "14:00:40", *ON)
        recorded.ok("edit", "add", "--project", "web", *words)
        said = recorded.ok("edit", "add", "--project", "api", "--from", "15:00:00", "--to", "15:00:50", *ON)
        assert f"{DAY}: total 1 h 11 m (was 1 h 10 m), api 53 m (was 52 m)" in said
        assert re.search("^api .* 53 m ", recorded.ok("today", *ON), re.MULTILINE)


class TestMove:
    def test_a_stretch_goes_to_another_project(self, recorded: CommandLine) -> None:
        said = recorded.ok(
            "edit", "move", "--project", "api", "--to-project", "web", "--from", "10:00", "--to", "10:10", *ON
        )
        assert f"{DAY}: total 1 h 10 m as before, api 42 m (was 52 m), web 40 m (was 30 m)" in said
        assert minutes(recorded) == {"api": 42, "web": 40, "total": 70}

    def test_a_whole_block_goes_by_a_time_in_it(self, recorded: CommandLine) -> None:
        recorded.ok("edit", "move", "--to-project", "Docs", "--new", "--block", "10:15", *ON)
        (made,) = journal(recorded)
        assert made.decision == MoveTime(API, "by hand/Docs", at("10:00"), at("10:42"))
        assert minutes(recorded) == {"api": 10, "Docs": 42, "web": 30, "total": 70}


class TestDrop:
    def test_what_all_projects_have_is_taken_out(self, recorded: CommandLine) -> None:
        recorded.ok("edit", "drop", "--from", "10:20", "--to", "10:40", *ON, "--note", "lunch")
        found = report(recorded)
        assert minutes(recorded) == {"api": 32, "web": 20, "total": 50}
        # Of 78 minutes 10:20–10:31, 10:35–10:40 and, in the other session, 10:30–10:40.
        assert found["agent_ms"] == (78 - 11 - 5 - 10) * MINUTE_MS
        assert [w["prompts"] for w in found["windows"]] == [3, 1]

    def test_a_day_that_was_taken_out_says_so_and_how_to_see_it(self, recorded: CommandLine, tmp_path: Path) -> None:
        recorded.ok("edit", "drop", "--from", "9:00", "--to", "2025-03-04 9:00", *ON)
        why = f"What was recorded was taken out by hand: “claude-monitor why --date {DAY}” tells how."
        assert why in " ".join(recorded.ok("today", *ON).split())
        assert "taken out of all projects" in recorded.ok("why", *ON)
        recorded.ok("report", "daily", *ON, "--format", "html", "-o", str(tmp_path / "page.html"))
        assert why in (tmp_path / "page.html").read_text(encoding="utf-8")
        assert "“claude-monitor edit list” tells how" in " ".join(recorded.ok("week", *ON).split())
        of_one = recorded.ok("today", *ON, "--project", "web")
        assert why in " ".join(of_one.split())
        assert "Nothing was recorded" in recorded.ok("today", "--date", "2025-03-05")

    def test_a_day_without_anything_is_not_taken_out_by_an_edit_of_the_day_before(self, recorded: CommandLine) -> None:
        recorded.ok("edit", "drop", "--from", "2025-03-04 0:10", "--to", "2025-03-05 0:10")
        assert "Nothing was recorded" in recorded.ok("today", "--date", "2025-03-05")

    def test_a_block_over_midnight_is_taken_out_as_its_day_has_it(self, recorded: CommandLine) -> None:
        recorded.ok("edit", "drop", "--block", "23:55", *ON)
        assert minutes(recorded) == {"api": 42, "web": 30, "total": 60}
        assert minutes(recorded, "2025-03-04")["total"] == 20

    def test_several_projects_at_the_time_of_a_block_have_to_be_told_apart(self, recorded: CommandLine) -> None:
        message = recorded.fails("edit", "drop", "--block", "10:35", *ON)
        assert "at 10:35 there are blocks of api and web; say which with --project" in message
        recorded.ok("edit", "drop", "--block", "10:35", "--project", "web", *ON)
        assert minutes(recorded) == {"api": 52, "web": 0, "total": 52}


class TestUndo:
    def test_an_undo_gives_all_back_and_can_be_undone_by_its_id(self, recorded: CommandLine) -> None:
        recorded.ok("edit", "drop", "--from", "10:00", "--to", "11:00", *ON)
        after = minutes(recorded)
        undone = recorded.ok("edit", "undo")
        assert f"Undone: taken out of all projects: {DAY} 10:00 – 11:00 (1 h 00 m)." in undone
        assert f"{DAY}: total 1 h 10 m (was 10 m)" in undone
        assert minutes(recorded) == BEFORE
        again = recorded.ok("edit", "undo", id_in(undone))
        assert "Had again: taken out of all projects" in again
        assert minutes(recorded) == after
        recorded.ok("edit", "undo", id_in(again))
        assert minutes(recorded) == BEFORE
        assert [type(edit.decision) for edit in journal(recorded)] == [DropTime, Undo, Undo, Undo]

    def test_without_an_id_the_last_edit_of_time_that_is_in_force_is_undone(self, recorded: CommandLine) -> None:
        recorded.ok("edit", "drop", "--from", "10:00", "--to", "10:10", *ON)
        recorded.ok("edit", "drop", "--from", "10:10", "--to", "10:20", *ON)
        recorded.ok("projects", "rename", "web", "Site")
        recorded.ok("edit", "undo")
        recorded.ok("edit", "undo")
        assert minutes(recorded) == {"api": 52, "Site": 30, "total": 70}
        assert "no edit of time is in force, so there is nothing to undo" in recorded.fails("edit", "undo")

    def test_a_project_made_by_hand_goes_with_its_last_edit_and_keeps_its_name_in_the_list(
        self, recorded: CommandLine
    ) -> None:
        recorded.ok("edit", "add", "--project", "Meetings", "--new", "--from", "14:00", "--to", "15:00", *ON)
        assert recorded.ok("edit", "undo").startswith("Undone: added to Meetings:")
        assert minutes(recorded) == BEFORE
        assert "  added to Meetings:" in recorded.ok("edit", "list", "--all")
        assert '"name": "Meetings"' in recorded.ok("edit", "list", "--all", "--json")

    def test_an_edit_of_projects_can_be_undone_by_its_id(self, recorded: CommandLine) -> None:
        recorded.ok("projects", "rename", "web", "Site")
        said = recorded.ok("edit", "undo", journal(recorded)[0].id[:8])
        assert said.startswith("Undone: web is called Site.")
        assert "web" in minutes(recorded)

    @pytest.mark.parametrize("empty", ["", " "])
    def test_an_empty_id_undoes_nothing(self, recorded: CommandLine, empty: str) -> None:
        recorded.ok("projects", "rename", "web", "Site")
        made = id_in(recorded.ok("edit", "drop", "--from", "10:00", "--to", "10:10", *ON))
        advice = "the id is empty; leave it out to undo the last edit, or give one (the latest"
        assert f"{advice} are {made}, " in recorded.fails("edit", "undo", empty)
        assert f"{advice} edits of projects are " in recorded.fails("projects", "undo", empty)
        assert len(journal(recorded)) == 2

    def test_what_is_undone_already_says_how_to_have_it_again(self, recorded: CommandLine) -> None:
        made = id_in(recorded.ok("edit", "drop", "--from", "10:00", "--to", "10:10", *ON))
        undo = id_in(recorded.ok("edit", "undo"))
        assert f"{made} is undone already; to have it again, undo {undo}" in recorded.fails("edit", "undo", made)


class TestList:
    def test_without_edits_it_says_how_to_make_one_and_writes_nothing(self, monitor: CommandLine) -> None:
        assert "claude-monitor edit add" in monitor.ok("edit", "list")
        assert json.loads(monitor.ok("edit", "list", "--json")) == {"version": 1, "edits": []}
        assert not monitor.paths.home.exists()

    def test_edits_are_listed_newest_first_with_id_time_and_note(self, recorded: CommandLine) -> None:
        first = id_in(recorded.ok("edit", "drop", "--from", "10:00", "--to", "10:10", *ON, "--note", "a  call\x1b[2J"))
        second = id_in(recorded.ok("edit", "add", "--project", "web", "--from", "12:00", "--to", "13:00", *ON))
        lines = recorded.ok("edit", "list").splitlines()
        assert lines[0] == f"{second}  added to web: {DAY} 12:00 – 13:00 (1 h 00 m)"
        assert lines[2] == f"{first}  taken out of all projects: {DAY} 10:00 – 10:10 (10 m)"
        assert lines[3].startswith("          “a call\N{REPLACEMENT CHARACTER}[2J” · made 20")

    def test_what_was_undone_is_listed_on_request(self, recorded: CommandLine) -> None:
        recorded.ok("edit", "drop", "--from", "10:00", "--to", "10:10", *ON)
        undo = id_in(recorded.ok("edit", "undo"))
        assert "“claude-monitor edit list --all”" in recorded.ok("edit", "list")
        assert f"undone by {undo}" in recorded.ok("edit", "list", "--all")
        found = json.loads(recorded.ok("edit", "list", "--all", "--json"))["edits"]
        assert [(e["kind"], e["in_force"]) for e in found] == [("undo", True), ("drop", False)]
        assert found[1]["undone_by"] == found[0]["id"]
        assert found[0]["undoes"] == found[1]["id"]
        assert found[1]["start"] == f"{DAY}T10:00:00+01:00"


class TestBadInput:
    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["add", "--project", "wbe", "--from", "9:00", "--to", "9:30"], "did you mean web? --new makes a project"),
            (["add", "--project", "x\x1b", "--new", "--from", "9:00", "--to", "9:30"], "is no name"),
            (["add", "--project", "api", "--from", "10:00", "--to", "10:42"], "api has all of that time already"),
            (["add", "--project", "api", "--from", "9", "--to", "9:30"], "'9' is no time; did you mean 9:00?"),
            (["move", "--to-project", "zzz", "--from", "9:00", "--to", "11:00"], "there are api, web; --new makes"),
            (["move", "--project", "api", "--to-project", "api", "--from", "10:00", "--to", "11:00"], "to itself"),
            (["move", "--to-project", "web", "--from", "10:45", "--to", "10:50"], "nothing counts in that time"),
            (["drop", "--from", "12:00", "--to", "13:00"], "nothing counts in that time, so there is nothing to take"),
            (["drop", "--project", "web", "--from", "10:00", "--to", "10:30"], "nothing counts in that time"),
            (["drop", "--block", "12:00"], "there is no block of any project at 12:00"),
            (["drop", "--project", "wbe", "--block", "10:00"], "there is no project 'wbe'; did you mean web?"),
            (["drop", "--from", "10:00", "--to", "10:10", "--note", "x" * 501], "the note has 501 characters"),
            (["undo", "zzz"], "there is no edit 'zzz'; none is in force"),
        ],
    )
    def test_what_cannot_be_is_said_with_the_nearest_and_nothing_is_changed(
        self, recorded: CommandLine, words: list[str], message: str
    ) -> None:
        day = [] if words[0] == "undo" else ON
        assert message in recorded.fails("edit", *words, *day)
        assert journal(recorded) == []

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["drop"], "--from TIME --to TIME, or --block TIME"),
            (["drop", "--from", "9:00"], "say which stretch"),
            (["drop", "--block", "9:00", "--to", "10:00"], "leave out --from and --to"),
            (["add", "--project", "api", "--to", "9:00"], "say which stretch"),
        ],
    )
    def test_a_stretch_that_is_not_said_is_a_usage_error(
        self, monitor: CommandLine, words: list[str], message: str
    ) -> None:
        assert message in monitor.fails("edit", *words, status=2)

    def test_an_unknown_date_or_zone_is_named_with_the_nearest(self, recorded: CommandLine) -> None:
        words = ("edit", "drop", "--from", "10:00", "--to", "10:10", "--date")
        assert "did you mean yesterday" in recorded.fails(*words, "yestreday")
        recorded.paths.config.write_text('timezone = "Europe/Berln"\n')
        assert "did you mean Europe/Berlin" in recorded.fails(*words, DAY)
        assert journal(recorded) == []

    def test_time_to_come_is_refused(self, recorded: CommandLine) -> None:
        message = recorded.fails("edit", "add", "--project", "api", "--from", "2999-01-01 9:00", "--to", "10:00")
        assert "is not over yet" in message
        assert journal(recorded) == []

    def test_an_ignored_project_gets_no_time(self, recorded: CommandLine) -> None:
        recorded.ok("projects", "ignore", "web")
        message = recorded.fails("edit", "add", "--project", "web", "--from", "9:00", "--to", "9:30", *ON)
        assert "web is ignored and counts for nothing" in message

    def test_a_merged_project_is_what_it_counts_for(self, recorded: CommandLine) -> None:
        recorded.ok("projects", "merge", "web", "api")
        recorded.ok("edit", "add", "--project", "web", "--from", "9:00", "--to", "9:30", *ON)
        assert minutes(recorded) == {"api": 100, "total": 100}


class TestWithATray:
    def test_an_edit_through_the_running_tray_is_in_the_next_report(self, recorded: CommandLine) -> None:
        tray = recorded.start_tray()
        wait_until(lambda: recorded.run("status").returncode in (0, 1) and tray.poll() is None)
        said = recorded.ok("edit", "drop", "--from", "10:00", "--to", "10:10", *ON)
        assert f"{DAY}: total 1 h 00 m (was 1 h 10 m)" in said
        assert minutes(recorded)["total"] == 60
        recorded.ok("edit", "undo", id_in(said))
        assert minutes(recorded) == BEFORE

    def test_edits_survive_a_rebuild(self, recorded: CommandLine) -> None:
        recorded.ok("edit", "drop", "--from", "10:00", "--to", "10:10", *ON)
        before = report(recorded)
        recorded.ok("verify", "--repair")
        assert report(recorded) == before
        assert before["total_ms"] == 60 * MINUTE_MS


class TestWhy:
    def test_without_events_it_says_what_to_do_next_and_writes_nothing(self, monitor: CommandLine) -> None:
        assert "claude-monitor install" in monitor.ok("why")
        assert not monitor.paths.home.exists()

    def test_a_block_is_explained_line_by_line(self, recorded: CommandLine) -> None:
        assert recorded.ok("why", *ON, "--at", "10:15").splitlines() == [
            "Monday, 3 March 2025",
            "",
            "api · 10:00:00 – 10:42:00 · 42 m 00 s",
            "Claude working 38 m 00 s, your attention 4 m 00 s",
            "  10:00:00 – 10:31:00 · 31 m 00 s · Claude working · session first",
            "    the event after it shows that the turn went on",
            "    10:00:00 UserPromptSubmit · 10:31:00 Stop",
            "  10:31:00 – 10:35:00 · 4 m 00 s · your attention",
            "    no gap is longer than the idle timeout of 5 m",
            "    10:31:00 Stop · 10:35:00 UserPromptSubmit",
            "  10:35:00 – 10:42:00 · 7 m 00 s · Claude working · session first",
            "    the event after it shows that the turn went on",
            "    10:35:00 UserPromptSubmit · 10:42:00 Stop",
        ]

    def test_a_pause_and_what_was_taken_out_are_explained_with_the_edit_and_its_note(
        self, recorded: CommandLine
    ) -> None:
        made = id_in(recorded.ok("edit", "drop", "--from", "10:10", "--to", "10:20", *ON, "--note", "a call"))
        found = recorded.ok("why", *ON, "--project", "api")
        assert f"edit {made}: taken out of all projects: {DAY} 10:10 – 10:20 (10 m) “a call”" in found
        assert "10:42:00 – 23:50:00 · 13 h 08 m 00 s · not counted for api" in found
        assert "nothing happened for longer than the idle timeout of 5 m" in found
        assert "taken out by hand" in recorded.ok("why", *ON, "--at", "10:15")

    def test_as_json_the_lines_of_each_block_add_up_to_the_report(self, recorded: CommandLine) -> None:
        recorded.ok("edit", "move", "--project", "api", "--to-project", "web", "--from", "10:20", "--to", "10:33", *ON)
        found = json.loads(recorded.ok("why", *ON, "--json"))
        lines = {p["name"]: [line for block in p["blocks"] for line in block["lines"]] for p in found["projects"]}
        shown = {p["name"]: p for p in report(recorded)["projects"]}
        assert {name: sum(line["length_ms"] for line in own) for name, own in lines.items()} == {
            name: project["active_ms"] for name, project in shown.items()
        }
        for name, own in lines.items():
            working = sum(line["length_ms"] for line in own if line["counts_as"] == "working")
            assert working == shown[name]["working_ms"]
        moved = [line for line in lines["web"] if line["edits"]]
        assert [(line["start"], line["rule"]) for line in moved][:1] == [(f"{DAY}T10:20:00+01:00", "proven")]

    def test_where_nothing_is_it_says_so(self, recorded: CommandLine) -> None:
        assert "Nothing counts at 9:00" in recorded.ok("why", *ON, "--at", "9:00")
        assert "there is no project 'wbe'; did you mean web?" in recorded.fails("why", *ON, "--project", "wbe")
        assert "yet to come" in recorded.ok("why", "--date", "2999-01-01")
