"""`claude-monitor replay`: events from files, through the same door as the pipe."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, BinaryIO

import click
from rich.console import Console
from rich.progress import Progress

from monitor_core import paths
from monitor_core.books import Books
from monitor_core.errors import AlreadyRunningError, MonitorError, WireError
from monitor_core.ingest import Ingest, Taken
from monitor_core.standing import rules_of
from monitor_core.store import WritableStore
from monitor_core.wire import decode_event, encode, is_ok
from monitor_tray import pipe, settings
from monitor_tray.app import surroundings
from monitor_tray.clock import now_ms
from monitor_tray.instance_lock import InstanceLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from monitor_core.accounting import Rules
    from monitor_core.wire import WireEvent

_BATCH = 5_000
#: Lines in any order are written all over the file.
_CACHE_MIB = 128
_WAL_LARGE_BYTES = 64 * 1024 * 1024
#: To a running tray smaller portions go, so that hooks need not wait behind them.
_PIPE_BATCH = 50
_ANSWER_S = 30.0


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.File("rb"), metavar="FILE…")
def replay(files: Sequence[BinaryIO]) -> None:
    """Take in events from files in the wire format; - is stdin. Doing it twice changes nothing.

    Lines that are no events are named on stderr and left out; the exit status is 1 then. It is 0 where all events are
    stored, also where something went wrong afterwards, such as accounting for them on a disk that is full.

    \b
      claude-monitor replay events.jsonl
      zcat old/*.gz | claude-monitor replay -
    """
    place = paths.find(os.environ)
    place.create()
    problems: Counter[str] = Counter()
    try:
        lock = InstanceLock(place.lock)
    except AlreadyRunningError:
        handed = _take_all(files, problems, _PIPE_BATCH, lambda events: _through_the_tray(place, events))
        click.echo(f"Handed {_events_in_words(handed)} to the running tray; what it knew already changes nothing.")
    else:
        with lock:
            store = WritableStore(place.database, place.backups, now_ms(), cache_mib=_CACHE_MIB)
            ingest = Ingest(store, surroundings())
            try:
                taken = _take_all(files, problems, _BATCH, lambda events: _into_the_store(store, ingest, events))
                store.make_durable()
                click.echo(f"Replayed {_events_in_words(taken)}: {taken.new} new, {taken.duplicates} known already.")
                _finish(store, place)
            finally:
                store.close()
    if problems:
        bad = sum(problems.values())
        raise MonitorError(
            f"{bad} {'line was no event' if bad == 1 else 'lines were no events'}; nothing was taken from there"
        )


def _finish(store: WritableStore, place: paths.Paths) -> None:
    """What need not be done for the events to be there."""
    try:
        _account(store, rules_of(settings.read(place.config)))
        store.checkpoint()
    except MonitorError as error:
        click.echo(f"All of that is stored, and reports count it. What failed afterwards: {error}", err=True)


def _account(store: WritableStore, rules: Rules) -> None:
    progress = Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    with progress:
        task = progress.add_task("Accounting", total=None)
        books = Books(store, rules)
        books.catch_up_entirely(now_ms(), lambda done, of: progress.update(task, completed=done, total=of))


def _take_all(
    files: Sequence[BinaryIO], problems: Counter[str], size: int, take: Callable[[list[WireEvent]], Taken]
) -> Taken:
    new = duplicates = 0
    batch: list[WireEvent] = []
    progress = Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    with progress:
        task = progress.add_task("Replaying", total=_length(files))
        for event, read in _events(files, problems):
            progress.advance(task, read)
            if event is not None:
                batch.append(event)
            if len(batch) == size:
                taken = _taken_after(Taken(new, duplicates), take, batch)
                new, duplicates, batch = new + taken.new, duplicates + taken.duplicates, []
        taken = _taken_after(Taken(new, duplicates), take, batch)
    return Taken(new + taken.new, duplicates + taken.duplicates)


def _taken_after(before: Taken, take: Callable[[list[WireEvent]], Taken], batch: list[WireEvent]) -> Taken:
    try:
        return take(batch)
    except MonitorError as error:
        raise MonitorError(f"after {_events_in_words(before)} were taken in: {error}") from error


def _events(files: Sequence[BinaryIO], problems: Counter[str]) -> Iterator[tuple[WireEvent | None, int]]:
    """Each line's event, or None, and its length in bytes."""
    for file in files:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                yield None, len(line)
                continue
            try:
                yield decode_event(line), len(line)
            except WireError as error:
                problems[file.name] += 1
                click.echo(f"{file.name}, line {number}: {error}", err=True)
                yield None, len(line)


def _into_the_store(store: WritableStore, ingest: Ingest, events: list[WireEvent]) -> Taken:
    """Committed at once, and with the checkpoint at the end made to survive a power cut."""
    taken = ingest.take(events, durably=False)
    if store.wal_bytes() > _WAL_LARGE_BYTES:
        store.checkpoint(cut=True)
    return taken


def _through_the_tray(place: paths.Paths, events: list[WireEvent]) -> Taken:
    """Counts every event as new: which of them were, only the tray knows."""
    if not events:
        return Taken(0, 0)
    replies = pipe.exchange(place, [encode(event) for event in events], _ANSWER_S)
    refused = next((reply for reply in replies if not is_ok(reply)), None)
    if refused is not None:
        raise MonitorError(f"the tray refused an event: {refused.decode(errors='replace').strip()}; replay again later")
    return Taken(len(events), 0)


def _events_in_words(taken: Taken) -> str:
    count = sum(taken)
    return f"{count} event" if count == 1 else f"{count} events"


def _length(files: Sequence[BinaryIO]) -> int | None:
    """Bytes in all, where every file has an end that is known beforehand."""
    try:
        sizes = [os.fstat(file.fileno()).st_size for file in files]
    except OSError:
        return None
    return sum(sizes) if all(sizes) else None
