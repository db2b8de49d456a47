"""`claude-monitor status`: is it running, is Claude Code connected, what has arrived."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from typing import TYPE_CHECKING, Any

import click
import msgspec

from monitor_core import paths
from monitor_core.edits import in_force
from monitor_core.errors import MonitorError
from monitor_core.pauses import pause_at
from monitor_core.store import Store
from monitor_tray import __version__
from monitor_tray.asking_the_tray import status_of_the_tray, why_no_tray
from monitor_tray.clock import now_ms
from monitor_tray.install import at_login, claude_settings, hook_command
from monitor_tray.printable import printable
from monitor_tray.render.local_time import LocalClock
from monitor_tray.render.pause_words import words_of_pause
from monitor_tray.settings import SettingsFile, zone_of
from monitor_tray.spool import Spool

if TYPE_CHECKING:
    from monitor_core.paths import Paths
    from monitor_core.pauses import Pause


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same for programs.")
def status(*, as_json: bool) -> None:
    """Tell whether Claude Monitor runs, is connected to Claude Code, and stores what arrives.

    The exit status is 1 where there is trouble to report.

    \b
      claude-monitor status
      claude-monitor status --json
    """
    found = collect(paths.find(os.environ))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        for name, text in _lines(found):
            click.echo(f"{click.style(f'{name:<12}', bold=True)} {text}")
    if found["trouble"]:
        raise click.exceptions.Exit(1)


def collect(place: Paths) -> dict[str, Any]:
    """What there is to tell, as the JSON has it."""
    settings = SettingsFile(place.config)
    zone = zone_of(settings.current())
    running = status_of_the_tray(place)
    trouble = [text for text in ((running or {}).get("trouble"), settings.problem) if text]
    found: dict[str, Any] = {
        "version": __version__,
        "home": str(place.home),
        "tray": running,
        "no_tray": None if running else why_no_tray(place),
        "hook": None,
        "claude_code": {"settings": None, "events": []},
        "store": None,
        "pause": None,
        "spool": {"waiting": Spool(place).count(), "bad": _files_in(place)},
    }
    command = hook_command.find()
    if command is None:
        trouble.append("the command claude-monitor-hook is missing; install claude-monitor-tray again")
    else:
        found["hook"] = {"command": str(command), "kind": hook_command.kind(command)}
    try:
        settings_file = claude_settings.settings_path(os.environ)
        connection = claude_settings.connection(settings_file)
        found["claude_code"] = {"settings": str(settings_file), "events": list(connection.events)}
        trouble += connection.troubles
    except MonitorError as error:
        trouble.append(str(error))
    try:
        starts = at_login.look(os.environ)
        found["start_at_login"] = {
            "tray": starts.entry.value,
            "service": starts.service and starts.service.value,
            "words": starts.words,
        }
    except MonitorError as error:
        trouble.append(str(error))
    try:
        with contextlib.closing(Store(place.database)) as store:
            count, last_ms = store.summary()
            paused = pause_at(in_force(store.journal()), now_ms())
        last = None if last_ms is None else dt.datetime.fromtimestamp(last_ms / 1_000, zone).isoformat(" ", "seconds")
        found["store"] = {"events": count, "last": last, "last_ms": last_ms}
        found["pause"] = None if paused is None else _pause(paused, LocalClock(zone))
    except MonitorError as error:
        trouble.append(str(error))
    found["trouble"] = list(dict.fromkeys(trouble))  # the tray and this program read the same settings
    return found


def _pause(pause: Pause, clock: LocalClock) -> dict[str, Any]:
    end = None if pause.is_open_ended else clock.rfc3339(pause.end_ms)
    return {"start": clock.rfc3339(pause.start_ms), "end": end, "words": words_of_pause(pause, now_ms(), clock)}


def _files_in(place: Paths) -> int:
    with contextlib.suppress(OSError):
        return sum(1 for _ in place.spool_bad.iterdir())
    return 0


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    running, hook, client, store, spool = (found[k] for k in ("tray", "hook", "claude_code", "store", "spool"))
    starts = found["start_at_login"]
    lines = [
        ("Tray", f"running, pid {running['pid']}" if running else found["no_tray"]),
        *([("Icon", running["tray"])] if running else []),
        ("Hook", f"{hook['kind']}, {hook['command']}" if hook else "missing"),
        (
            "Claude Code",
            f"connected, {len(client['events'])} events in {client['settings']}"
            if client["events"]
            else "not connected: claude-monitor install",
        ),
        *([("Counting", found["pause"]["words"])] if found["pause"] else []),
        ("At login", starts["words"] if starts else "cannot be told"),
        ("Stored", f"{store['events']} events, the last at {store['last'] or '–'}" if store else "cannot be read"),
        ("Spool", f"{spool['waiting']} waiting" + (f", {spool['bad']} that are no events" if spool["bad"] else "")),
        ("Home", found["home"]),
    ]
    lines += [("Trouble", text) for text in found["trouble"]]
    return [(name, printable(text)) for name, text in lines]
