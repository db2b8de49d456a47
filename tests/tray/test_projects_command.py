"""`claude-monitor projects`: each command in a process of its own, with and without a running tray."""

from __future__ import annotations

import contextlib
import json
import queue
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest

from monitor_core.config import Config
from monitor_core.edits import AddTime, Edit, RenameProject, key_by_hand
from monitor_core.ingest import Ingest
from monitor_core.projects import Surroundings
from monitor_core.standing import rules_of
from monitor_core.store import Store, WritableStore
from monitor_core.wire import encode
from monitor_tray.clock import now_ms
from monitor_tray.settings import SettingsFile
from monitor_tray.spool import Spool
from monitor_tray.watcher import Watcher
from monitor_tray.writer import Writer
from tests.tray.command_line import MINUTE_MS, CommandLine, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor_core.paths import Paths
    from monitor_core.wire import WireEvent
    from monitor_tray.glance import Glance

API, WEB, MONO = "/srv/projects/api", "/srv/projects/web", "/srv/projects/mono"
DAY_MS = 24 * 60 * MINUTE_MS


@pytest.fixture
def turn_at(wire: Callable[..., WireEvent]) -> Callable[..., bytes]:
    """Lines of one turn of ten minutes in a folder, which ended some days and an hour ago."""

    def make(cwd: str, days_ago: int = 0) -> bytes:
        end = now_ms() - 60 * MINUTE_MS - days_ago * DAY_MS
        fields = {"cwd": cwd, "session_id": cwd}
        return encode(wire(end - 10 * MINUTE_MS, "UserPromptSubmit", **fields)) + encode(wire(end, "Stop", **fields))

    return make


@pytest.fixture
def recorded(monitor: CommandLine, turn_at: Callable[..., bytes]) -> CommandLine:
    """A home in which two projects were worked on lately, and one of two parts long ago."""
    folders = [(WEB, 0), (API, 3), (API, 10), (f"{MONO}/packages/ui", 300), (MONO, 200)]
    monitor.ok("replay", "-", stdin=b"".join(turn_at(*folder) for folder in folders))
    return monitor


def listed(monitor: CommandLine, *words: str) -> dict[str, dict[str, Any]]:
    made = json.loads(monitor.ok("projects", "list", "--json", *words))
    return {project["name"]: project for project in made["projects"]}


def journal(monitor: CommandLine) -> list[Edit]:
    with contextlib.closing(Store(monitor.paths.database)) as store:
        return store.journal()


def reported(monitor: CommandLine) -> set[str]:
    made = json.loads(monitor.ok("report", "range", "--date", "last 30 days", "--format", "json"))
    return {project["name"] for project in made["projects"]}


@contextlib.contextmanager
def written(monitor: CommandLine) -> Iterator[WritableStore]:
    """The store, to be changed in one transaction while no tray runs."""
    store = WritableStore(monitor.paths.database, monitor.paths.backups, 0)
    with contextlib.closing(store), store.transaction(durably=True):
        yield store


def id_in(text: str) -> str:
    found = re.search(r"claude-monitor projects undo ([0-9a-f]{8})$", text, re.MULTILINE)
    assert found, text
    return found[1]


class TestList:
    def test_without_events_it_says_what_to_do_next_and_writes_nothing(self, monitor: CommandLine) -> None:
        assert "claude-monitor install" in monitor.ok("projects", "list")
        assert json.loads(monitor.ok("projects", "list", "--json")) == {"version": 1, "projects": []}
        assert not monitor.paths.home.exists()

    def test_projects_have_their_time_of_the_last_days_and_the_latest_comes_first(self, recorded: CommandLine) -> None:
        found = listed(recorded)
        assert list(found) == ["web", "api", "mono", "ui"]
        assert [(p["last_7_days_ms"], p["last_30_days_ms"], p["events"]) for p in found.values()] == [
            (10 * MINUTE_MS, 10 * MINUTE_MS, 2),
            (10 * MINUTE_MS, 20 * MINUTE_MS, 4),
            (0, 0, 2),
            (0, 0, 2),
        ]

    def test_the_text_has_the_same_and_fits_the_width(self, recorded: CommandLine) -> None:
        for width in (40, 60, 80, 200):
            text = recorded.ok("projects", "list", COLUMNS=str(width))
            assert all(len(line) <= width for line in text.splitlines())
            assert re.search(r"^api +20 m ", text, re.MULTILINE)
        assert API in text

    def test_minutes_are_rounded_as_reports_round_them(
        self, monitor: CommandLine, wire: Callable[..., WireEvent]
    ) -> None:
        end, events = now_ms() - 60 * MINUTE_MS, []
        for cwd, begin in ((API, end - 20 * MINUTE_MS - 40_000), (WEB, end - 20 * MINUTE_MS - 30_000)):
            events += [wire(begin, "UserPromptSubmit", cwd=cwd, session_id=cwd)]
            events += [wire(end, "Stop", cwd=cwd, session_id=cwd)]
        monitor.ok("replay", "-", stdin=b"".join(map(encode, events)))
        row = re.compile(r"^(api|web) .*?([0-9]+) m", re.MULTILINE)
        assert dict(row.findall(monitor.ok("projects", "list"))) == {"api": "21", "web": "20"}
        for days in ("last 30 days", "last 7 days"):
            shown = dict(row.findall(monitor.ok("report", "range", "--date", days)))
            assert shown == {"api": "21", "web": "20"}, days
        assert re.search("^api .* 21 m .* 21 m ", monitor.ok("projects", "list"), re.MULTILINE)

    def test_what_settings_and_journal_made_of_projects_is_told(self, recorded: CommandLine) -> None:
        recorded.ok("projects", "merge", "api", "web")
        recorded.ok("projects", "rename", "web", "Shop")
        recorded.paths.config.write_text(f'[projects]\nignored = ["{MONO}"]\n')
        shown, everything = listed(recorded), listed(recorded, "--all")
        assert list(shown) == ["Shop"]
        assert (shown["Shop"]["renamed_from"], shown["Shop"]["includes"]) == ("web", ["api"])
        assert (shown["Shop"]["last_30_days_ms"], shown["Shop"]["events"]) == (30 * MINUTE_MS, 6)
        assert everything["api"]["merged_into"] == "Shop"
        assert everything["api"]["last_30_days_ms"] is None
        assert [name for name, project in everything.items() if project["ignored"]] == ["mono", "ui"]
        text = recorded.ok("projects", "list", "--all")
        assert all(note in text for note in ("renamed from web", "with api", "merged into Shop", "ignored"))
        assert "3 more, merged or ignored: claude-monitor projects list --all" in recorded.ok("projects", "list")

    def test_sub_projects_stand_below_what_they_are_parts_of(self, recorded: CommandLine) -> None:
        with written(recorded) as store:
            # A repository is what a folder is found to be, and there is none on this disk.
            store.add_place(f"{MONO}/packages/x/src", MONO, MONO, MONO, "mono", "")
        recorded.paths.config.write_text(f'[projects.subprojects]\n"{MONO}" = ["packages/*"]\n')
        found = listed(recorded)
        assert found["mono/packages/x"]["parent"] == MONO
        names = list(found)
        assert names[names.index("mono") + 1] == "mono/packages/x"
        assert re.search(r"^  mono/packages/x ", recorded.ok("projects", "list"), re.MULTILINE)

    def test_a_hostile_name_drives_no_terminal_and_a_long_one_is_cut(
        self, monitor: CommandLine, turn_at: Callable[..., bytes]
    ) -> None:
        folders = ["/srv/\x1b[31mred\u202e", "/srv/" + "long" * 100]
        monitor.ok("replay", "-", stdin=b"".join(map(turn_at, folders)))
        for words in (["list"], ["list", "--json"], ["rename", "lon", "Long"], ["ignore", "/srv/\x1b[31mred\u202e"]):
            text = monitor.ok("projects", *words, COLUMNS="80")
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text), words
        assert all(len(line) <= 80 for line in monitor.ok("projects", "list", "--all", COLUMNS="80").splitlines())


class TestDecisions:
    def test_a_renamed_project_has_its_new_name_in_all_reports_until_it_is_taken_back(
        self, recorded: CommandLine
    ) -> None:
        said = recorded.ok("projects", "rename", "api", "Billing API")
        assert said.startswith("api is called Billing API now.\n")
        assert reported(recorded) == {"Billing API", "web"}
        assert "Billing API" in recorded.ok("report", "range", "--date", "last 30 days", "--project", "billing")
        again = recorded.ok("projects", "undo", id_in(said))
        assert again.startswith("Taken back: api is called Billing API.\n")
        assert reported(recorded) == {"api", "web"}
        recorded.ok("projects", "undo", id_in(again))
        assert reported(recorded) == {"Billing API", "web"}

    def test_merge_split_ignore_and_unignore_are_undone_one_after_the_other(self, recorded: CommandLine) -> None:
        before = recorded.ok("projects", "list", "--all", "--json")
        said = [
            recorded.ok("projects", *words).splitlines()[0]
            for words in (["ignore", "web"], ["unignore", "web"], ["merge", "api", "web"], ["split", API])
        ]
        assert said == [
            "web counts for nothing now.",
            "web counts again.",
            "What api has counts for web now.",
            f"What happened in {API} counts for the project api now.",
        ]
        for _ in said:
            recorded.ok("projects", "undo")
        assert recorded.ok("projects", "list", "--all", "--json") == before
        assert "nothing to undo" in recorded.fails("projects", "undo")

    def test_a_name_of_another_project_is_taken_and_said(self, recorded: CommandLine) -> None:
        said = recorded.ok("projects", "rename", "api", "web")
        assert said.startswith("api is called web (api) now.\n")
        assert said.endswith("Another project is called web, too: reports tell them apart.\n")
        assert reported(recorded) == {"web (api)", "web (projects)"}

    def test_a_relative_folder_and_one_in_home_can_be_split_off(
        self, recorded: CommandLine, turn_at: Callable[..., bytes]
    ) -> None:
        home = recorded.environment["HOME"]
        with written(recorded) as store:
            store.add_place(f"{home}/shop/admin/src", "", f"{home}/shop", f"{home}/shop", "shop", "")
        recorded.ok("replay", "-", stdin=turn_at(f"{home}/shop/admin/src"))
        recorded.ok("projects", "split", "~/shop/admin")
        assert "admin" in reported(recorded)

    def test_an_ignored_project_says_that_its_parts_still_count(self, recorded: CommandLine) -> None:
        with written(recorded) as store:
            store.add_place(f"{MONO}/packages/x/src", MONO, MONO, MONO, "mono", "")
        recorded.ok("projects", "split", f"{MONO}/packages/x")
        assert "still counts" in recorded.ok("projects", "ignore", "mono")

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["rename", "wbe", "x"], "there is no project 'wbe'; did you mean web?"),
            (["rename", "web", "\x1b[2J"], r"'\x1b[2J' is no name"),
            (["merge", "web", "wbe"], "there is no project 'wbe'; did you mean web?"),
            (["merge", "web", "web"], "web cannot be merged into itself"),
            (
                ["split", "/srv/projects/apu"],
                "nothing was recorded in /srv/projects/apu; did you mean /srv/projects/api",
            ),
            (["split", WEB], "is a project of its own already"),
            (["ignore", "zzzzz"], "there is no project 'zzzzz'; there are api, mono, ui, web"),
            (["unignore", "web"], "web is not ignored; nothing was changed"),
            (["undo", "nothing"], "there is no edit 'nothing'; no project was edited"),
        ],
    )
    def test_what_was_not_understood_is_said_with_the_nearest_and_nothing_is_changed(
        self, recorded: CommandLine, words: list[str], message: str
    ) -> None:
        assert message in recorded.fails("projects", *words)
        assert journal(recorded) == []

    def test_without_anything_recorded_nothing_is_made(self, monitor: CommandLine) -> None:
        assert "nothing has been recorded yet" in monitor.fails("projects", "rename", "api", "x")
        assert not monitor.paths.home.exists()

    def test_bad_settings_are_named_and_nothing_is_changed(self, recorded: CommandLine) -> None:
        recorded.paths.config.write_text("[projects.subprojects]\n'/srv' = ['../x']\n")
        message = recorded.fails("projects", "rename", "api", "x")
        assert 'line 2: projects.subprojects."/srv" is "../x"; it takes a whole path' in message
        assert journal(recorded) == []

    def test_a_project_made_by_hand_is_listed_and_found_and_renamed(self, recorded: CommandLine) -> None:
        end_ms = now_ms() - 2 * DAY_MS
        added = AddTime(key_by_hand("Meetings"), end_ms - 30 * MINUTE_MS, end_ms)
        with written(recorded) as store:
            store.add_edit(Edit("00000000-edit", 0, added))
        assert listed(recorded)["Meetings"]["last_30_days_ms"] == 30 * MINUTE_MS
        recorded.ok("projects", "rename", "meetings", "Talks")
        assert reported(recorded) == {"Talks", "api", "web"}


class TestWithATray:
    def test_a_running_tray_takes_the_edit_and_reports_show_it_at_once(self, recorded: CommandLine) -> None:
        recorded.start_tray()
        recorded.ok("projects", "rename", "web", "Shop")
        assert reported(recorded) == {"Shop", "api"}
        recorded.ok("projects", "undo")
        assert reported(recorded) == {"web", "api"}
        assert [type(edit.decision).__name__ for edit in journal(recorded)] == ["RenameProject", "Undo"]

    def test_an_edit_survives_the_end_of_the_tray_by_a_kill(self, recorded: CommandLine) -> None:
        tray = recorded.start_tray()
        recorded.ok("projects", "ignore", "web")
        tray.kill()
        tray.wait(30)
        assert reported(recorded) == {"api"}


@pytest.fixture
def shown(paths: Paths, wire: Callable[..., WireEvent]) -> Iterator[tuple[Writer, queue.Queue[Glance]]]:
    """A writer, and what a menu gets to show of a turn that has just ended."""
    with contextlib.closing(WritableStore(paths.database, paths.backups, 0)) as store:
        Ingest(store, Surroundings("/home/dev")).take([wire(now_ms() - 1, "Stop", cwd=API)])
    glances: queue.Queue[Glance] = queue.Queue()
    watcher = Watcher(paths, SettingsFile(paths.config), lambda: "", glances.put)
    writer = Writer(paths, Spool(paths), Surroundings("/home/dev"), lambda: rules_of(Config()), watcher.changed)
    writer.open()
    thread = threading.Thread(target=watcher.run)
    thread.start()
    yield writer, glances
    watcher.stop()
    thread.join()
    writer.close()


def test_the_menu_shows_a_new_name_at_once(shown: tuple[Writer, queue.Queue[Glance]]) -> None:
    writer, glances = shown
    names: list[str] = []

    def shows(name: str) -> bool:
        with contextlib.suppress(queue.Empty):
            while True:
                names[:] = [project.name for project in glances.get_nowait().projects]
        return names == [name]

    wait_until(lambda: shows("api"))
    # Nothing else happens: without being told, the watcher would look again in a minute.
    writer.edit(Edit("00000000-edit", 0, RenameProject(API, "Billing API")))
    wait_until(lambda: shows("Billing API"))
