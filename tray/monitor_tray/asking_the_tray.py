"""Questions to the tray that runs, over its pipe, and why there is none where nobody answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from monitor_core.errors import MonitorError, PipeError
from monitor_core.wire import Command, encode
from monitor_tray import pipe, snapshot
from monitor_tray.instance_lock import InstanceLock

if TYPE_CHECKING:
    from monitor_core.paths import Paths
    from monitor_tray.snapshot import Snapshot

_ANSWER_S = 2.0


def status_of_the_tray(place: Paths) -> dict[str, Any] | None:
    """What it says of itself; None where nobody answers."""
    try:
        (answer,) = pipe.exchange(place, [encode(Command("status"))], _ANSWER_S)
        decoded = msgspec.json.decode(answer)
    except (PipeError, msgspec.DecodeError):
        return None
    return decoded if isinstance(decoded, dict) else None


def metrics_of_the_tray(place: Paths) -> Snapshot:
    """Its numbers. Raises `MonitorError` where it does not run, does not answer, or is of another version."""
    try:
        (answer,) = pipe.exchange(place, [encode(Command("metrics"))], _ANSWER_S)
    except PipeError as error:
        raise MonitorError(f"there is no tray to ask: {why_no_tray(place)}") from error
    return snapshot.decode(answer)


def why_no_tray(place: Paths) -> str:
    """A tray that holds the lock and does not answer is in trouble, and not away."""
    if not place.lock.exists():
        return "not running: claude-monitor tray"
    try:
        InstanceLock(place.lock).close()
    except MonitorError:
        return f"running, but it does not answer; see {place.logs / 'tray.log'}"
    return "not running: claude-monitor tray"
