"""Which streams are open, and what no hook tells of them: that their process is gone, that a turn was interrupted.

Both are noticed by looking, and become events, so that a replay equals the live run
(docs/decisions/0013-what-no-hook-tells.md). A stream is looked at often while Claude works in it, more and more seldom
the longer it says nothing, and next to never while it is the user's turn. No threads and no clocks here.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from monitor_core.model import Event
from monitor_core.turns import PROMPT, PROVEN_CAP_MS, StreamState, state_of
from monitor_core.wire import VERSION, WireEvent
from monitor_tray import processes, traces

if TYPE_CHECKING:
    from monitor_tray.processes import Process
    from monitor_tray.traces import Entry

INTERRUPTED, PROCESS_GONE = "Interrupted", "ProcessGone"
#: What happened longer ago decides nothing any more.
LOOKBACK_MS = PROVEN_CAP_MS
#: What is this fresh may not be all: an event of the hook's may follow.
SETTLED_MS = 2_000
#: The pauses between two looks at a session: a tenth of its silence within these limits while Claude works, the longer
#: of them while it waits for an answer, the last while nothing of it is open.
FASTEST_MS, SLOWEST_MS, USERS_TURN_MS = 3_000, 60_000, 300_000
#: Of a transcript this much of its end is read at a look, and where an event shows that one comes too late.
LOOK_BYTES, SEARCH_BYTES = 64 * 1024, 4 * 1024 * 1024

_OPEN = frozenset({StreamState.WORKING, StreamState.BLOCKED})
#: They begin something new, so that they do not tell how the turn before ended.
_PROVE_NOTHING = frozenset({PROMPT, "SessionStart", "SessionEnd"})
_NAMESPACE = uuid.UUID("5c9ff1c8-9d3c-4b0e-8c0b-6d1a0f6b1f53")


@dataclass(slots=True)
class _Client:
    """What is known of the process behind the events of one session that name its number."""

    first_ms: int
    events: int = 0
    seen: Process | None = None
    missing_ms: int | None = None


class Sessions:
    """Fed with the events of the store as they arrived; see the module.

    ``config`` is the configuration folder of a Claude Code that was not told another.
    """

    def __init__(self, config: Path) -> None:
        self._config = config
        # The last event with a state, by session and subagent.
        self._streams: dict[str, dict[str, WireEvent]] = {}
        self._clients: dict[tuple[str, int], _Client] = {}
        self._looked_ms: dict[str, int] = {}
        self._cut_off: list[tuple[WireEvent, WireEvent]] = []
        self._made: dict[str, WireEvent] = {}

    def note(self, event: WireEvent) -> None:
        """Takes in an event that is stored; one that was made here too."""
        self._made.pop(event.id, None)
        if event.pid is not None and event.hook_event_name not in (INTERRUPTED, PROCESS_GONE):
            client = self._clients.setdefault((event.session_id, event.pid), _Client(event.t))
            client.first_ms = min(client.first_ms, event.t)
            client.events += 1
        streams = self._streams.setdefault(event.session_id, {})
        last = streams.get(event.agent_id or "")
        if _state(event) is None or (last is not None and (event.t, event.id) < (last.t, last.id)):
            return
        if last is not None and _state(last) is StreamState.WORKING and _begins_something_new(last, event):
            self._cut_off.append((last, event))
        streams[event.agent_id or ""] = event

    def look(self, now_ms: int, awake_ms: int) -> list[WireEvent]:
        """The events to store: what is noticed now, and what was before and has not come back to `note`.

        Noticed twice it is one event, with the id and the instant of the first time.
        """
        for last, following in self._cut_off:
            self._look_between(last, following, now_ms)
        self._cut_off = []
        for session_id in self._streams:
            if self._pause_ms(session_id, now_ms) == 0:
                self._looked_ms[session_id] = now_ms
                self._look_at(session_id, now_ms, awake_ms)
        self._forget(now_ms)
        return list(self._made.values())

    def next_look_s(self, now_ms: int) -> float | None:
        """After how many seconds to look again even if no event comes; None: not at all."""
        pauses = [self._pause_ms(session_id, now_ms) for session_id in self._streams]
        pauses += [FASTEST_MS] if self._made else []
        known = [pause_ms for pause_ms in pauses if pause_ms is not None]
        return min(known) / 1_000 if known else None

    # -- when --

    def _pause_ms(self, session_id: str, now_ms: int) -> int | None:
        """Until the next look at a session; None where nothing of it can change any more."""
        every_ms = [self._every_ms(last, now_ms) for last in self._streams[session_id].values() if not _has_ended(last)]
        if not every_ms:
            return None
        looked_ms = self._looked_ms.get(session_id)
        if looked_ms is None or looked_ms > now_ms:  # somebody set the clock back
            return 0
        return max(0, looked_ms + min(every_ms) - now_ms)

    def _every_ms(self, last: WireEvent, now_ms: int) -> int:
        client = self._client_of(last)
        if client is not None and client.missing_ms is not None:
            return FASTEST_MS
        silence_ms = now_ms - last.t
        if _state(last) not in _OPEN or silence_ms > LOOKBACK_MS:
            return USERS_TURN_MS
        if _state(last) is StreamState.BLOCKED:
            return SLOWEST_MS
        return min(max(FASTEST_MS, silence_ms // 10), SLOWEST_MS)

    def _forget(self, now_ms: int) -> None:
        """What ended long ago, and what says nothing for as long without a process that would show its end."""
        for session_id, streams in list(self._streams.items()):
            for agent_id, last in list(streams.items()):
                client = self._client_of(last)
                is_watched = not _has_ended(last) and client is not None and client.seen is not None
                if last.t < now_ms - LOOKBACK_MS and not is_watched:
                    del streams[agent_id]
            if not streams:
                del self._streams[session_id]
                self._looked_ms.pop(session_id, None)
        for key in [key for key in self._clients if key[0] not in self._streams]:
            del self._clients[key]

    # -- what --

    def _look_between(self, last: WireEvent, following: WireEvent, now_ms: int) -> None:
        """A turn had ended before ``following`` came, and it came before a look: the transcript may tell when."""
        if last.transcript_path is None or following.t < now_ms - LOOKBACK_MS:
            return
        at_ms = traces.interrupted_at(
            last.transcript_path, last.agent_id or "", last.t, following.t, at_most=SEARCH_BYTES
        )
        if at_ms is not None:
            self._make(INTERRUPTED, last, at_ms, _awake_at(last, at_ms, following.awake), "transcript")

    def _look_at(self, session_id: str, now_ms: int, awake_ms: int) -> None:
        streams = self._streams[session_id]
        main_is_open = "" in streams and _state(streams[""]) in _OPEN
        for agent_id, last in streams.items():
            if _has_ended(last):
                continue
            entry = self._entry_of(last)
            if _state(last) in _OPEN:
                # While subagents work in the background the session is not idle, so that they end with a turn in
                # which they were waited for.
                listened_to = entry if agent_id == "" or main_is_open else None
                at_ms, source = _interruption(last, listened_to, now_ms - SETTLED_MS)
                if at_ms is not None:
                    self._make(INTERRUPTED, last, at_ms, _awake_at(last, at_ms, awake_ms), source)
            gone_ms = self._gone_ms(last, entry, now_ms)
            if gone_ms is not None:
                at_ms = max(gone_ms, last.t + 1)
                self._make(PROCESS_GONE, last, at_ms, _awake_at(last, at_ms, awake_ms), None)

    def _gone_ms(self, last: WireEvent, entry: Entry | None, now_ms: int) -> int | None:
        """Since when the process of a stream is known to be gone; None while it is there, or may be elsewhere."""
        client = self._client_of(last)
        if client is None or last.pid is None or _is_elsewhere(entry):
            return None
        try:
            process = processes.find(last.pid)
        except OSError:
            return None
        if process is not None and _is_client(process, client, entry):
            client.missing_ms = None
            # By then the shell is gone that old clients run a hook in, whose number the event has then.
            if now_ms - client.first_ms >= SETTLED_MS:
                client.seen = process
            return None
        if client.seen is None and not (client.events > 1 and _has_its_folder_here(last)):
            return None
        if client.missing_ms is None:
            client.missing_ms = now_ms
        # Its last event may have been stored after the table was brought up to date.
        return client.missing_ms if now_ms - client.missing_ms >= SETTLED_MS else None

    def _client_of(self, last: WireEvent) -> _Client | None:
        return None if last.pid is None else self._clients.get((last.session_id, last.pid))

    def _entry_of(self, last: WireEvent) -> Entry | None:
        if last.pid is None:
            return None
        entry = traces.registered(Path(last.config_dir) if last.config_dir else self._config, last.pid)
        return entry if entry is not None and entry.session_id == last.session_id else None

    def _make(self, kind: str, last: WireEvent, at_ms: int, awake_ms: int | None, source: str | None) -> None:
        # Made of what went before it, not of what was found: whoever notices it again makes the same.
        words = "\n".join((kind, last.session_id, last.agent_id or "", last.id))
        event_id = str(uuid.uuid5(_NAMESPACE, words))
        made = WireEvent(
            v=VERSION,
            id=event_id,
            t=at_ms,
            awake=awake_ms,
            pid=last.pid,
            project_dir=last.project_dir,
            config_dir=last.config_dir,
            attended=last.attended,
            hook_event_name=kind,
            session_id=last.session_id,
            agent_id=last.agent_id,
            agent_type=last.agent_type,
            cwd=last.cwd,
            transcript_path=last.transcript_path,
            source=source,
        )
        self._made.setdefault(event_id, made)


def _state(event: WireEvent) -> StreamState | None:
    kind, notification = event.hook_event_name, event.notification_type
    return state_of(Event(event.id, event.t, kind, event.session_id, 0, notification_type=notification))


def _has_ended(last: WireEvent) -> bool:
    state = _state(last)
    return state is StreamState.OVER or (state is StreamState.USERS_TURN and bool(last.agent_id))


def _begins_something_new(last: WireEvent, event: WireEvent) -> bool:
    queued = event.prompt_id is not None and event.prompt_id == last.prompt_id
    return event.hook_event_name in _PROVE_NOTHING and not (event.hook_event_name == PROMPT and queued)


def _interruption(last: WireEvent, entry: Entry | None, before_ms: int) -> tuple[int | None, str]:
    """When the turn of a stream ended without an event, and what tells it."""
    if last.transcript_path is not None:
        at_ms = traces.interrupted_at(last.transcript_path, last.agent_id or "", last.t, before_ms, LOOK_BYTES)
        if at_ms is not None:
            return at_ms, "transcript"
    idle_ms = None if entry is None else entry.idle_since_ms
    return (idle_ms if idle_ms is not None and last.t < idle_ms < before_ms else None), "registry"


def _awake_at(last: WireEvent, at_ms: int, later_awake_ms: int | None) -> int | None:
    """The awake clock at ``at_ms``, so that a sleep counts as what came after: never as Claude's work."""
    if last.awake is None or later_awake_ms is None or later_awake_ms < last.awake:
        return None
    return min(last.awake + at_ms - last.t, later_awake_ms)


def _is_client(process: Process, client: _Client, entry: Entry | None) -> bool:
    """Whether that process can have sent the events; else the number was given to another since."""
    if client.seen is not None:
        return process.mark == client.seen.mark
    if entry is not None and str(entry.proc_start) == str(process.mark):
        return True
    return process.started_ms <= client.first_ms


def _is_elsewhere(entry: Entry | None) -> bool:
    """Whether the registry says that the process is counted by another system than this one, a container's."""
    here = processes.namespace()
    domain = str(entry.pid_domain or "") if entry is not None else ""
    return bool(domain and here) and not domain.endswith(f":{here}")


def _has_its_folder_here(last: WireEvent) -> bool:
    """Whether the transcript's folder is on this file system; that of a container as a rule is not."""
    path = last.transcript_path or ""
    # os.path answers False to whatever is odd about a name.
    return os.path.isabs(path) and os.path.isdir(os.path.dirname(os.path.dirname(path)))  # noqa: PTH112, PTH117, PTH120
