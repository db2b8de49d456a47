"""`claude-monitor health`: one screen that says whether all is well, and if not, what is wrong and what to do."""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from typing import TYPE_CHECKING, Any

import click
import msgspec

from monitor_core import paths
from monitor_core.errors import MonitorError
from monitor_core.model import DAY_MS
from monitor_core.standing import books_are_current, rules_of
from monitor_core.store import Store
from monitor_tray import __version__
from monitor_tray.asking_the_tray import metrics_of_the_tray
from monitor_tray.clock import now_ms
from monitor_tray.commands.status import collect
from monitor_tray.duration import format_duration_in_a_sentence
from monitor_tray.gathering import schema_of, size_of, spool_of
from monitor_tray.printable import printable
from monitor_tray.settings import SettingsFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from monitor_core.paths import Paths
    from monitor_tray.snapshot import Snapshot

#: The hook promises to take less, of a hundred times ninety-nine.
HOOK_LIMIT_MS = 10.0
#: Of fewer, one that was slow is no sign of anything.
ENOUGH_HOOKS = 100
#: The tray looks into the spool every minute; what is older is stuck.
STUCK_S = 180.0
#: The newest are looked at.
_MOST_EVENTS = 20_000
_LOOKING_S = 0.5
_MB = 1_000_000


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same for programs.")
@click.option("--thorough", is_flag=True, help="Check every page of the database too; that may take seconds.")
def health(*, as_json: bool, thorough: bool) -> None:
    """Tell whether all is well: hook, tray, spool, database, caches, versions.

    The exit status is 1 where something is wrong; what, and what to do, comes first.

    \b
      claude-monitor health
      claude-monitor health --thorough
      claude-monitor health --json
    """
    found = _examine(paths.find(os.environ), thorough=thorough)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        for problem in found["problems"]:
            click.echo(f"{click.style('Problem     ', bold=True, fg='red')} {printable(problem)}")
        for name, text in _lines(found):
            click.echo(f"{click.style(f'{name:<12}', bold=True)} {printable(text)}")
    if found["problems"]:
        raise click.exceptions.Exit(1)


def _examine(place: Paths, *, thorough: bool) -> dict[str, Any]:
    status = collect(place)
    tray, of_tray = _ask(place)
    hook, database, of_database = _read(place, thorough=thorough)
    client = status["claude_code"]
    is_read_and_without = client["settings"] and not client["events"]
    others = (
        "Claude Code is not connected; run: claude-monitor install" if is_read_and_without else "",
        of_tray,
        _of_the_spool(place, tray),
        _of_the_database(place, tray, database),
        of_database,
        _of_the_hook(hook),
    )
    problems = list(dict.fromkeys([*status["trouble"], *filter(None, others)]))
    stored = status["store"] or {"events": None, "last": None, "last_ms": None}
    return {
        "ok": not problems,
        "problems": problems,
        "versions": {
            "client": __version__,
            "tray": tray.version if tray else None,
            "schema": schema_of(place.database),
        },
        "tray": _of_the_tray(tray) if tray else None,
        "hook": {**(status["hook"] or {}), "last_day": hook},
        "claude_code": client,
        "last_event": stored["last"],
        "last_event_ms": stored["last_ms"],
        "spool": {name: {"files": f.files, "bytes": f.bytes} for name, f in spool_of(place, _LOOKING_S).items()},
        "database": {**database, "bytes": size_of(place.database), "events": stored["events"]},
        "home": str(place.home),
    }


def _ask(place: Paths) -> tuple[Snapshot | None, str]:
    """The tray's numbers, and what is wrong with it; empty where nothing is, as of all that follow."""
    try:
        tray = metrics_of_the_tray(place)
    except MonitorError as error:
        return None, str(error)
    if tray.version != __version__:
        return tray, (
            f"the tray that runs is version {tray.version}, this is {__version__}; quit it and start it again"
        )
    return tray, ""


def _read(place: Paths, *, thorough: bool) -> tuple[dict[str, Any] | None, dict[str, Any], str]:
    """What hooks took in the last day, how the database is, and why that cannot be read."""
    hook, database = None, {"books": "cannot be read"}
    try:
        with contextlib.closing(Store(place.database)) as store:
            hook = _hook_times(store)
            database["books"] = "up to date" if _are_current(store, place) else "catching up"
            if thorough:
                database["check"] = store.check()
    except MonitorError as error:
        return hook, database, str(error)
    return hook, database, ""


def _of_the_spool(place: Paths, tray: Snapshot | None) -> str:
    """Without a tray events wait there rightly."""
    stuck_s = _oldest_s(place.spool_new)
    if tray is None or stuck_s <= STUCK_S:
        return ""
    waited = format_duration_in_a_sentence(round(stuck_s * 1_000))
    return f"events have been waiting in the spool for {waited}; see {place.logs / 'tray.log'}"


def _of_the_database(place: Paths, tray: Snapshot | None, database: dict[str, Any]) -> str:
    if tray is not None and not place.database.exists():
        return (
            f"the database {place.database} is gone while the tray runs; put it back with its -wal and -shm; else a"
            " new one is made within a minute"
        )
    if database.get("check", "ok") != "ok":
        return (
            f"the database is damaged: {database['check']}; quit the tray, move {place.database} away with its -wal and"
            f" -shm, and start again: a new one is made. Copies from before are in {place.backups}"
        )
    return ""


def _of_the_hook(times: dict[str, Any] | None) -> str:
    if times is None or times["events"] < ENOUGH_HOOKS or times["p99_ms"] <= HOOK_LIMIT_MS:
        return ""
    return (
        f"one hook in a hundred took more than {times['p99_ms']:.1f} ms in the last day; less than"
        f" {HOOK_LIMIT_MS:.0f} ms is usual, so see what keeps the machine or its disk busy"
    )


def _of_the_tray(tray: Snapshot) -> dict[str, Any]:
    tries = {name: each.hits + each.misses for name, each in tray.caches.items()}
    answers = tray.acknowledgement
    return {
        "since_ms": tray.started_ms,
        "icon": tray.icon,
        "resident_bytes": tray.process.resident_bytes,
        "stored": tray.stored,
        "duplicates": tray.duplicates,
        "dropped": tray.dropped,
        "answers_p50_ms": _in_ms(answers.quantile(0.5)),
        "answers_p99_ms": _in_ms(answers.quantile(0.99)),
        "cache_hit_ratio": {name: each.hits / tries[name] for name, each in tray.caches.items() if tries[name]},
    }


def _hook_times(store: Store) -> dict[str, Any] | None:
    end_ms = now_ms()
    took_us = store.hook_times(end_ms - DAY_MS, end_ms, _MOST_EVENTS)
    if not took_us:
        return None
    return {"events": len(took_us), "p50_ms": _quantile(took_us, 50) / 1_000, "p99_ms": _quantile(took_us, 99) / 1_000}


def _quantile(values: Sequence[int], percent: int) -> float:
    """The value that ``percent`` of all do not exceed; between two it is interpolated."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def _are_current(store: Store, place: Paths) -> bool:
    with store.snapshot():
        return books_are_current(store, rules_of(SettingsFile(place.config).current()), now_ms())


def _oldest_s(folder: Path) -> float:
    """How long the oldest file has been waiting; their names begin with their time."""
    with contextlib.suppress(OSError, ValueError):
        first = min((file.name for file in folder.iterdir()), default=None)
        return time.time() - int(first.partition("-")[0]) / 1_000 if first else 0.0
    return 0.0


def _in_ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1_000


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    tray, hook, spool, database = (found[key] for key in ("tray", "hook", "spool", "database"))
    times, last_ms, events = hook["last_day"], found["last_event_ms"], database["events"]
    bad = spool["bad"]["files"]
    lines = [("Health", "all is well" if found["ok"] else f"{len(found['problems'])} to look at")]
    if tray:
        memory = f", {tray['resident_bytes'] / _MB:.0f} MB" if tray["resident_bytes"] else ""
        lines.append(("Tray", f"started {_ago((now_ms() - tray['since_ms']) / 1_000)}{memory}"))
    if times:
        read = f"{_pair(times['p50_ms'], times['p99_ms'])}, until its line is made; {times['events']:,} of the last day"
        lines.append(("Hook", read))
    elif hook.get("kind"):
        lines.append(("Hook", f"{hook['kind']}; nothing heard in the last day"))
    if tray and tray["answers_p50_ms"] is not None:
        lines.append(("Answers", f"{_pair(tray['answers_p50_ms'], tray['answers_p99_ms'])}, since the tray started"))
    lines.append(
        ("Last event", f"{found['last_event']}, {_ago((now_ms() - last_ms) / 1_000)}" if last_ms else "none yet")
    )
    lines.append(("Spool", f"{spool['new']['files']} waiting" + (f", {bad} that are no events" if bad else "")))
    if events is not None and database["bytes"]:
        checked = f", {database['check']}" if "check" in database else ""
        lines.append(
            ("Database", f"{events:,} events, {database['bytes'] / _MB:.1f} MB, books {database['books']}{checked}")
        )
    if tray and tray["cache_hit_ratio"]:
        ratios = (f"{name.replace('_', ' ')} {ratio:.0%}" for name, ratio in tray["cache_hit_ratio"].items())
        lines.append(("Caches", ", ".join(ratios)))
    dropped = sum(tray["dropped"].values()) if tray else 0
    if dropped:
        what = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in tray["dropped"].items() if count)
        lines.append(("Given up", what))
    versions = found["versions"]
    lines.append(
        ("Versions", f"{versions['client']}, tray {versions['tray'] or '–'}, schema {versions['schema'] or '–'}")
    )
    lines.append(("Home", found["home"]))
    return lines


def _pair(p50_ms: float, p99_ms: float) -> str:
    return f"median {p50_ms:.2f} ms, p99 {p99_ms:.2f} ms"


def _ago(seconds: float) -> str:
    return f"{format_duration_in_a_sentence(round(seconds * 1_000))} ago" if seconds >= 0 else "in the future"
