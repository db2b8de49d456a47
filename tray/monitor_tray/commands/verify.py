"""`claude-monitor verify`: the books against the events, and making them anew."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console
from rich.progress import Progress

from monitor_core import paths
from monitor_core.books import Books
from monitor_core.errors import AlreadyRunningError, MonitorError
from monitor_core.standing import books_are_current, rules_of
from monitor_core.store import Store, WritableStore
from monitor_core.store.shadow import Difference, ShadowStore
from monitor_core.wire import Command, encode, is_ok
from monitor_tray import pipe, settings
from monitor_tray.clock import now_ms
from monitor_tray.instance_lock import InstanceLock
from monitor_tray.printable import printable
from monitor_tray.render.local_time import LocalClock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor_core.accounting import Rules
    from monitor_core.paths import Paths
    from monitor_core.store import Place

_ANSWER_S = 10.0
#: A running tray accounts for what arrives within a second; so long it is waited for.
_PATIENCE_S = 5.0
_SHOWN = 20
_NAMES = {
    "work_block": "work block",
    "stint": "working time of a session",
    "wait": "wait of a session",
    "tail": "open end of a session",
    "usage_window": "usage window",
    "tally": "number of events",
}


@click.command()
@click.option("--repair", is_flag=True, help="Make the books anew from the events.")
@click.option("--json", "as_json", is_flag=True, help="The result for programs.")
def verify(*, repair: bool, as_json: bool) -> None:
    """Account for all events again and compare with the books that reports are made from.

    The events are the truth and are not changed. The exit status is 1 where something differs.

    \b
      claude-monitor verify
      claude-monitor verify --repair
    """
    place = paths.find(os.environ)
    config = settings.read(place.config)
    rules = rules_of(config)
    if not place.database.exists():
        raise MonitorError(f"there is no database {place.database} yet; `claude-monitor tray` makes it")
    if repair:
        _repair(place, rules)
    _wait_until_current(place, rules)
    with contextlib.closing(ShadowStore(place.database)) as shadow:
        events, _ = shadow.summary()
        with _progress("Accounting again") as told:
            Books(shadow, rules).catch_up_entirely(now_ms(), told)
        found = shadow.differences()
        places = dict(shadow.places())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(_document(events, found)), indent=2).decode())
    elif found:
        clock = LocalClock(settings.zone_of(config))
        click.echo("\n".join([*(_line(d, places, clock) for d in found[:_SHOWN]), *_rest(found)]))
    else:
        click.echo(f"All is well: the books are what {_counted(events, 'event')} give.")
    if found:
        advice = "report this, with what happened before" if repair else "`claude-monitor verify --repair` mends them"
        raise MonitorError(f"the books differ from the events in {_counted(len(found), 'place')}; {advice}")


def _repair(place: Paths, rules: Rules) -> None:
    try:
        lock = InstanceLock(place.lock)
    except AlreadyRunningError:
        reply = pipe.exchange(place, [encode(Command("begin-books-anew"))], _ANSWER_S)[0]
        if not is_ok(reply):
            raise MonitorError(
                f"the tray cannot make the books anew: {reply.decode(errors='replace').strip()}"
            ) from None
        _watch_the_tray(place, rules)
        return
    with lock:
        store = WritableStore(place.database, place.backups, now_ms())
        try:
            books = Books(store, rules)
            books.begin_anew()
            with _progress("Making the books anew") as told:
                books.catch_up_entirely(now_ms(), told)
            store.checkpoint()
        finally:
            store.close()


def _watch_the_tray(place: Paths, rules: Rules) -> None:
    """Until the books are made anew; how far they are is told by the time of the last event in them."""
    with contextlib.closing(Store(place.database)) as store, _progress("Making the books anew") as told:
        events = store.events_between()
        while not _are_current(store, rules):
            state = store.books.state()
            if state is not None and events is not None:
                told(max(0, state.latest_ms - events.start_ms), max(1, events.length_ms))
            time.sleep(0.2)
            status = msgspec.json.decode(pipe.exchange(place, [encode(Command("status"))], _ANSWER_S)[0])
            if status["trouble"]:
                raise MonitorError(f"the tray cannot make the books anew: {status['trouble']}")


def _wait_until_current(place: Paths, rules: Rules) -> None:
    give_up_at = time.monotonic() + _PATIENCE_S
    with contextlib.closing(Store(place.database)) as store:
        while not _are_current(store, rules):
            if time.monotonic() > give_up_at:
                raise MonitorError(
                    "the books do not hold all events by the present settings; "
                    "a running tray follows within a minute; else make them anew with `claude-monitor verify --repair`"
                )
            time.sleep(0.1)


def _are_current(store: Store, rules: Rules) -> bool:
    with store.snapshot():
        return books_are_current(store, rules, now_ms())


@contextlib.contextmanager
def _progress(what: str) -> Any:
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=None)

        def told(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of)

        yield told


def _line(difference: Difference, places: Mapping[int, Place], clock: LocalClock) -> str:
    times = [
        f"{clock.local(ms):%Y-%m-%d %H:%M:%S}" for ms in (difference.start_ms, difference.end_ms) if ms is not None
    ]
    where = places.get(difference.place) if difference.place is not None else None
    at = f" in {printable(where.cwd or where.project_dir)}" if where is not None else ""
    has = "only in the books" if difference.stored else "missing in the books"
    return f"{_NAMES[difference.table]} {' – '.join(times)}{at}: {has}"


def _rest(found: list[Difference]) -> list[str]:
    return [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []


def _document(events: int, found: list[Difference]) -> dict[str, Any]:
    return {"events": events, "equal": not found, "differences": [d._asdict() for d in found]}


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number:,} {what}s"
