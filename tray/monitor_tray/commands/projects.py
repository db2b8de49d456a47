"""`claude-monitor projects`: list them, and decide how they are called and grouped."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor_core import paths, project_edits
from monitor_core.days import day_of
from monitor_core.project_edits import Record, find_key, names_of, shown
from monitor_core.project_list import every_key, list_projects
from monitor_core.projects import text_key
from monitor_core.store import Store
from monitor_core.undoing import SHORT_ID
from monitor_tray import settings
from monitor_tray.clock import now_ms
from monitor_tray.journal import decide
from monitor_tray.render import hints

if TYPE_CHECKING:
    from monitor_core.edits import Decision, Edit
    from monitor_core.grouping import Grouping
    from monitor_core.paths import Paths


@click.group()
def projects() -> None:
    """List projects, and rename, merge, split or ignore them.

    A project is named by its name, the beginning of it, or its folder. Each decision holds for all that was ever
    recorded, and can be taken back.

    \b
      claude-monitor projects list
      claude-monitor projects rename api "Billing API"
      claude-monitor projects undo
    """


@projects.command(name="list")
@click.option("--all", "every", is_flag=True, help="Merged and ignored projects, too.")
@click.option("--json", "as_json", is_flag=True, help="The same for programs.")
def list_(*, every: bool, as_json: bool) -> None:
    """List all projects with their time in the last 7 and 30 days, the latest active first.

    \b
      claude-monitor projects list
      claude-monitor projects list --all --json
    """
    place = paths.find(os.environ)
    config = settings.read(place.config)
    zone, at_ms = settings.zone_of(config), now_ms()
    today = day_of(at_ms, zone, config.day_starts_at)
    with contextlib.closing(Store(place.database)) as store:
        found = list_projects(store, today, zone, config, at_ms, every=every)
        grouping = Record.of(store, config).grouping()
    if as_json:
        from monitor_tray.render.projects_json import projects_json  # noqa: PLC0415  only for those who ask for it

        click.echo(projects_json(found.projects, zone), nl=False)
        return
    from monitor_tray.render.projects_text import projects_text  # noqa: PLC0415  only for those who read it as text
    from monitor_tray.render.text import Look  # noqa: PLC0415  as above

    hidden = len(every_key(grouping)) - len(found.projects)
    hint = f"{hidden} more, merged or ignored: claude-monitor projects list --all" if hidden else ""
    look = Look.of(sys.stdout, os.environ)
    text = projects_text(found, today, zone, look, hint or ("" if found.projects else hints.NOTHING_RECORDED))
    click.echo(text, nl=False, color=look.colour)


@projects.command()
@click.argument("name")
@click.argument("new")
def rename(*, name: str, new: str) -> None:
    """Show the project NAME as NEW.

    \b
      claude-monitor projects rename api "Billing API"
      claude-monitor projects rename ~/projects/web Website
    """
    desk = Desk.open()
    key = desk.key(name)
    before = desk.name(key)
    edit = desk.decide(project_edits.rename(desk.record, key, new))
    after, wanted = desk.name(key), shown(new.strip())
    _say(f"{before} is called {after} now.", edit)
    if after != wanted:
        click.echo(f"Another project is called {wanted}, too: reports tell them apart.")


@projects.command()
@click.argument("name")
@click.argument("into")
def merge(*, name: str, into: str) -> None:
    """Let what the project NAME has count for the project INTO.

    \b
      claude-monitor projects merge api-old api
    """
    desk = Desk.open()
    key, target = desk.key(name), desk.key(into)
    before = desk.name(key)
    edit = desk.decide(project_edits.merge(desk.record, key, target))
    _say(f"What {before} has counts for {desk.name(desk.grouping.final(target))} now.", edit)


@projects.command()
@click.argument("folder")
def split(*, folder: str) -> None:
    """Make what happened in FOLDER and below a project of its own.

    The folder of a project that was merged takes it out again.

    \b
      claude-monitor projects split ~/projects/shop/admin
    """
    desk = Desk.open()
    decision = project_edits.split(desk.record, _whole(folder))
    edit = desk.decide(decision)
    _say(f"What happened in {shown(decision.folder)} counts for the project {desk.name(decision.project)} now.", edit)


@projects.command()
@click.argument("name")
def ignore(*, name: str) -> None:
    """Let the project NAME count for nothing.

    \b
      claude-monitor projects ignore scratch
    """
    desk = Desk.open()
    key = desk.key(name)
    before = desk.name(key)
    edit = desk.decide(project_edits.ignore(desk.record, key))
    _say(f"{before} counts for nothing now.", edit)
    if any(parent == key and part in desk.grouping.counted for part, parent in desk.grouping.parents.items()):
        click.echo("What is a project of its own in it still counts: claude-monitor projects list")


@projects.command()
@click.argument("name")
def unignore(*, name: str) -> None:
    """Let the project NAME count again, also where the settings ignore it.

    \b
      claude-monitor projects unignore scratch
    """
    desk = Desk.open()
    key = desk.key(name)
    edit = desk.decide(project_edits.unignore(desk.record, key))
    _say(f"{desk.name(key)} counts again.", edit)


@projects.command()
@click.argument("edit_id", metavar="[ID]", required=False)
def undo(*, edit_id: str | None) -> None:
    """Take back the last edit of a project, or the one with that ID.

    \b
      claude-monitor projects undo
      claude-monitor projects undo 1a2b3c4d
    """
    desk = Desk.open()
    decision, words = project_edits.undo(desk.record, edit_id)
    edit = desk.decide(decision)
    click.echo(f"Taken back: {words}.")
    click.echo(f"To have it again: claude-monitor projects undo {edit.id[:SHORT_ID]}")


@dataclass(slots=True)
class Desk:
    """The record on which a decision is made, and the grouping that follows from it."""

    place: Paths
    record: Record
    grouping: Grouping

    @classmethod
    def open(cls) -> Desk:
        """The record as it is in the store. Raises `MonitorError`."""
        place = paths.find(os.environ)
        config = settings.read(place.config)
        with contextlib.closing(Store(place.database)) as store:
            record = Record.of(store, config)
        return cls(place, record, record.grouping())

    def key(self, text: str) -> str:
        """The project that a person calls ``text``. Raises `MonitorError` with the nearest names."""
        return find_key(text, self.grouping, folder=os.path.realpath(Path(text).expanduser()))

    def name(self, key: str) -> str:
        """What the project is called, told from all others."""
        keys = every_key(self.grouping) if key not in self.grouping.counted else self.grouping.counted
        return shown(names_of(self.grouping, keys | {key})[key])

    def decide(self, decision: Decision) -> Edit:
        """Writes the decision into the journal. Raises `MonitorError`; then nothing has changed."""
        edit = decide(self.place, decision)
        self.record = self.record.with_edit(edit)
        self.grouping = self.record.grouping()
        return edit


def _whole(folder: str) -> str:
    """``folder`` as an absolute path; one in another system's spelling stays as it is."""
    expanded = os.path.expanduser(folder)  # noqa: PTH111  pathlib would change another system's path
    return expanded if text_key(expanded).startswith("/") else os.path.abspath(expanded)  # noqa: PTH100  as above


def _say(what: str, edit: Edit) -> None:
    click.echo(what)
    click.echo(f"To take it back: claude-monitor projects undo {edit.id[:SHORT_ID]}")
