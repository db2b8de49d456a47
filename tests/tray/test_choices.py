"""What people choose in the menu is carried out, and can be taken back."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from monitor_core.edits import AddTime, Edit, PauseCounting, ResumeCounting, Undo
from monitor_core.errors import MonitorError
from monitor_core.ingest import Ingest
from monitor_core.model import MINUTE_MS
from monitor_core.periods import Kind
from monitor_core.projects import Surroundings
from monitor_core.store import WritableStore
from monitor_tray import actions, choices
from monitor_tray.choices import Choices
from monitor_tray.clock import now_ms
from monitor_tray.glance import AwayLine, Glance, State
from monitor_tray.install._autostart_linux import DesktopEntry
from monitor_tray.install.autostart import State as Login
from monitor_tray.pages import Pages
from monitor_tray.settings import SettingsFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.paths import Paths
    from monitor_core.wire import WireEvent

HOUR_MS = 60 * MINUTE_MS
NOTHING = Glance(0, 0, State.IDLE)
AWAY = Glance(0, 0, State.IDLE, away=AwayLine(5, 5 + HOUR_MS, "10:00", "11:00", ()))


class Menu:
    """What is chosen here goes into a store at once, as it does into the tray's a moment later."""

    def __init__(self, paths: Paths, folder: Path, project: WireEvent) -> None:
        self.journal: list[Edit] = []
        self.changes = 0
        self.ended = False
        self.login = DesktopEntry(folder / "autostart")
        settings = SettingsFile(paths.config)
        self.store = WritableStore(paths.database, paths.backups, 0)
        Ingest(self.store, Surroundings(home="/home/dev")).take([project])
        self._pages = Pages(paths)
        self.choices = Choices(
            paths, settings, self._pages, self.login, self.write, self.change, quit_application=self.end
        )

    def write(self, edit: Edit) -> None:
        self.journal.append(edit)
        with self.store.transaction(durably=False):
            self.store.add_edit(edit)

    def change(self) -> None:
        self.changes += 1

    def end(self) -> None:
        self.ended = True

    def close(self) -> None:
        self._pages.close()
        self.store.close()

    def choose(self, action: actions.Action) -> None:
        self.choices.obey(action)

    def glance(self, glance: Glance = NOTHING) -> Glance:
        return self.choices.complete(glance)


@pytest.fixture
def menu(paths: Paths, tmp_path: Path, wire: Callable[..., WireEvent]) -> Iterator[Menu]:
    found = Menu(paths, tmp_path, wire(1, "UserPromptSubmit", cwd="/home/dev/api"))
    yield found
    found.close()


def test_a_pause_lasts_as_long_as_was_chosen(menu: Menu) -> None:
    menu.choose(actions.Pause(15 * MINUTE_MS))
    (edit,) = menu.journal
    assert isinstance(edit.decision, PauseCounting)
    assert edit.decision.end_ms == edit.decision.start_ms + 15 * MINUTE_MS


def test_a_pause_that_was_resumed_can_be_counted_after_all(menu: Menu) -> None:
    menu.choose(actions.Pause())
    menu.choose(actions.Resume())
    pause, resume = menu.journal
    assert isinstance(resume.decision, ResumeCounting)
    undo = menu.glance().undo
    assert undo is not None
    assert undo.words.startswith("Count the pause after all, ")
    menu.choose(actions.TakeBack(undo.edit))
    assert menu.journal[-1].decision == Undo(pause.id)
    assert menu.glance().undo is None


def test_to_resume_where_nothing_is_paused_changes_nothing(menu: Menu) -> None:
    menu.choose(actions.Resume())
    assert menu.journal == []
    assert menu.glance().undo is None


def test_an_absence_is_counted_for_the_project_that_was_chosen_and_taken_back(menu: Menu) -> None:
    menu.choose(actions.CountAway(5, 5 + HOUR_MS, "/home/dev/api"))
    (edit,) = menu.journal
    assert edit.decision == AddTime("/home/dev/api", 5, 5 + HOUR_MS)
    undo = menu.glance().undo
    assert undo is not None
    assert (undo.edit, undo.words) == (edit.id, "Take back: 1 h 00 m for api")
    menu.choose(actions.TakeBack(undo.edit))
    assert menu.journal[-1].decision == Undo(edit.id)


def test_a_project_that_is_not_there_any_more_gets_nothing(menu: Menu, caplog: pytest.LogCaptureFixture) -> None:
    menu.choose(actions.CountAway(5, 6, "/home/dev/gone"))
    assert menu.journal == []
    assert "/home/dev/gone" in caplog.text


def test_what_can_be_taken_back_goes_from_the_menu_after_a_while(menu: Menu, monkeypatch: pytest.MonkeyPatch) -> None:
    menu.choose(actions.CountAway(5, 6, "/home/dev/api"))
    later_ms = now_ms() + choices.TAKE_BACK_MS + 1
    monkeypatch.setattr(choices, "now_ms", lambda: later_ms)
    assert menu.glance().undo is None


def test_an_absence_that_was_left_out_is_not_asked_about_again(menu: Menu) -> None:
    assert menu.glance(AWAY).away == AWAY.away
    menu.choose(actions.LeaveAway(4))
    assert menu.glance(AWAY).away == AWAY.away
    menu.choose(actions.LeaveAway(5))
    assert menu.glance(AWAY).away is None
    assert (menu.journal, menu.changes) == ([], 2)


def test_start_at_login_is_switched_on_and_off(menu: Menu) -> None:
    assert menu.glance().starts_at_login is False
    menu.choose(actions.StartAtLogin(on=True))
    assert menu.login.state() is Login.ON
    assert menu.glance().starts_at_login is True
    menu.choose(actions.StartAtLogin(on=False))
    assert menu.login.state() is Login.SWITCHED_OFF  # and `install` leaves it so
    assert menu.changes == 2


def test_a_login_entry_that_cannot_be_written_is_said_and_ends_nothing(
    menu: Menu, caplog: pytest.LogCaptureFixture
) -> None:
    menu.login.folder.write_text("a file in the way")
    with caplog.at_level(logging.ERROR):
        menu.choose(actions.StartAtLogin(on=True))
    assert "login entry" in caplog.text
    assert menu.glance().starts_at_login is not True


def test_quit_ends_the_tray(menu: Menu) -> None:
    menu.choose(actions.Quit())
    assert menu.ended


def test_every_action_is_carried_out(menu: Menu, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def browser(uri: str) -> bool:
        opened.append(uri.rpartition("/")[2])
        return True

    monkeypatch.setattr("webbrowser.open", browser)
    menu.choose(actions.OpenDay())
    for kind in (Kind.WEEK, Kind.MONTH, Kind.YEAR):
        menu.choose(actions.OpenPeriod(kind))
    menu.choose(actions.OpenProject("/home/dev/api"))
    day, week, month, year, project = opened
    assert week.count("--") == month.count("--") == year.count("--") == 1
    assert day.count("--") == 0
    assert len(set(opened)) == len(opened)
    assert project.endswith("api.html")
    assert project.startswith(day.removesuffix(".html"))


def test_a_store_that_cannot_be_read_is_said(
    menu: Menu, paths: Paths, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise MonitorError("the disk is gone")

    monkeypatch.setattr(choices, "Store", broken)
    menu.choose(actions.Resume())
    assert "the disk is gone" in caplog.text
    assert paths.database.exists()
