"""Questions to the tray that runs, over its pipe, and why there is none where nobody answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from monitor_core.errors import ConfigError, MonitorError, PipeError
from monitor_core.wire import Command, encode
from monitor_tray import pipe, snapshot
from monitor_tray.instance_lock import is_held

if TYPE_CHECKING:
    from monitor_core.paths import Paths
    from monitor_tray.profiling import Asked
    from monitor_tray.snapshot import Snapshot

_Answer = TypeVar("_Answer", bound=msgspec.Struct)

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


def profile_of_the_tray(place: Paths, asked: Asked, answer: type[_Answer]) -> _Answer:
    """Its answer to what ``asked`` of a profile. Raises `MonitorError` where there is none, or it refuses."""
    line = encode(Command("profile", profile=msgspec.Raw(msgspec.json.encode(asked))))
    try:
        (found,) = pipe.exchange(place, [line], _ANSWER_S)
    except PipeError as error:
        raise MonitorError(f"there is no tray to profile: {why_no_tray(place)}") from error
    try:
        return msgspec.json.decode(found, type=answer)
    except msgspec.DecodeError as error:
        raise MonitorError(f"the running tray makes no profile: {_refusal(found)}") from error


def _refusal(line: bytes) -> str:
    try:
        return str(msgspec.json.decode(line, type=dict[str, str])["error"])
    except (msgspec.DecodeError, KeyError):
        return "it is of another version; quit it and start it again"


def why_no_tray(place: Paths) -> str:
    """A tray that holds the lock and does not answer is in trouble, and not away."""
    if not place.lock.exists():
        return "not running: claude-monitor tray"
    try:
        held = is_held(place.lock)
    except ConfigError as error:
        return f"nobody answers, and whether one runs cannot be told: {error}"
    if held:
        return f"running, but it does not answer; see {place.logs / 'tray.log'}"
    return "not running: claude-monitor tray"
