"""The one door into the store: whatever comes over the pipe, from the spool or from a replay passes through here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from cachetools import LRUCache

from monitor_core.projects import identify
from monitor_core.store import EventValues
from monitor_core.tries import uncounted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor_core.projects import Surroundings
    from monitor_core.store import WritableStore
    from monitor_core.tries import TriesOf
    from monitor_core.wire import WireEvent

#: Streams and folders whose rows are remembered, the ones that were heard of last; others are asked for again.
_REMEMBERED = 1_024
#: Of so many events the streams and folders are remembered from the beginning: an hour's work of many sessions.
_LATELY = 1_000

_DETAILS = (
    "pid", "config_dir", "attended", "agent_type", "transcript_path", "permission_mode", "source", "reason", "model",
    "is_interrupt", "error", "took_us",
)  # fmt: skip


class Taken(NamedTuple):
    """What became of a batch."""

    new: int
    duplicates: int


class Ingest:
    """Stores events, each exactly once however often it arrives. Belongs to the thread of its store."""

    def __init__(self, store: WritableStore, surroundings: Surroundings, tries_of: TriesOf = uncounted) -> None:
        self._stream_tries, self._place_tries = tries_of("streams"), tries_of("places")
        self._store = store
        self._surroundings = surroundings
        # Without a bound of their own, see `_forget_some`.
        self._streams: LRUCache[tuple[str, str], int] = LRUCache(math.inf)
        self._places: LRUCache[tuple[str, str], int] = LRUCache(math.inf)
        for stream, stream_row, place, place_row in store.lately(_LATELY):
            self._streams[stream], self._places[place] = stream_row, place_row

    def take(self, events: Sequence[WireEvent], *, durably: bool = True) -> Taken:
        """Commits ``events`` together: when it returns they survive a kill, when it raises none was taken.

        ``durably`` they survive a power cut too; else only after the next checkpoint. Raises `StoreError`.
        """
        # A folder may be slow to answer; nothing else has to wait for the database meanwhile.
        found = self._look_at_new_folders(events)
        try:
            with self._store.transaction(durably=durably):
                for key, identity in found.items():
                    self._places[key] = self._store.add_place(*key, *identity)
                new = self._store.insert([self._row(event) for event in events])
        except BaseException:
            # What was remembered may name rows that were just rolled back.
            self._streams.clear()
            self._places.clear()
            raise
        self._forget_some()
        return Taken(new, len(events) - new)

    def _row(self, event: WireEvent) -> EventValues:
        details = {name: value for name in _DETAILS if (value := getattr(event, name)) is not None}
        return EventValues(
            uuid=event.id,
            t=event.t,
            kind=event.hook_event_name,
            stream=self._stream(event.session_id, event.agent_id or ""),
            place=self._places[_place_of(event)],
            awake=event.awake,
            prompt_id=event.prompt_id,
            tool_name=event.tool_name,
            tool_use_id=event.tool_use_id,
            duration_ms=event.duration_ms,
            notification_type=event.notification_type,
            auto=event.auto,
            detail=msgspec.json.encode(details).decode() if details else None,
        )

    def _stream(self, session_id: str, agent_id: str) -> int:
        key = session_id, agent_id
        if not self._stream_tries.count(found=key in self._streams):
            self._streams[key] = self._store.stream_id(session_id, agent_id)
        return self._streams[key]

    def _look_at_new_folders(self, events: Sequence[WireEvent]) -> dict[tuple[str, str], tuple[str, str, str, str]]:
        """Key, path, name and label of the project, for each pair of folders that has no row yet.

        Decided once, while the folder is there to be looked at; a later replay finds the same answer.
        """
        found: dict[tuple[str, str], tuple[str, str, str, str]] = {}
        for key in dict.fromkeys(map(_place_of, events)):
            if self._place_tries.count(found=key in self._places):
                continue
            place = self._store.place(*key)
            if place is None:
                project = identify(key[0], key[1] or None, self._surroundings)
                found[key] = project.key, project.path, project.name, project.label
            else:
                self._places[key] = place
        return found

    def _forget_some(self) -> None:
        """Between batches: within one, every row that was looked up is still needed."""
        for known in (self._streams, self._places):
            while len(known) > _REMEMBERED:
                known.popitem()


def _place_of(event: WireEvent) -> tuple[str, str]:
    return event.cwd or "", event.project_dir or ""
