"""The way of an edit from the command line into the journal: through the running tray, else into the store itself."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import msgspec

from monitor_core.edits import Decision, Edit, encode_edit
from monitor_core.errors import AlreadyRunningError, MonitorError
from monitor_core.store import WritableStore
from monitor_core.wire import Command, encode, is_ok
from monitor_tray import pipe
from monitor_tray.clock import now_ms
from monitor_tray.instance_lock import InstanceLock

if TYPE_CHECKING:
    from monitor_core.paths import Paths

_ANSWER_S = 10.0


def decide(place: Paths, decision: Decision, note: str = "") -> Edit:
    """Records a decision and returns its entry. Raises `MonitorError`; then nothing has changed."""
    edit = Edit(str(uuid.uuid4()), now_ms(), decision, note)
    place.create()
    try:
        lock = InstanceLock(place.lock)
    except AlreadyRunningError:
        _through_the_tray(place, edit)
    else:
        with lock:
            store = WritableStore(place.database, place.backups, now_ms())
            try:
                with store.transaction(durably=True):
                    store.add_edit(edit)
            finally:
                store.close()
    return edit


def _through_the_tray(place: Paths, edit: Edit) -> None:
    command = Command("edit", msgspec.Raw(encode_edit(edit)))
    reply = pipe.exchange(place, [encode(command)], _ANSWER_S)[0]
    if not is_ok(reply):
        raise MonitorError(f"the tray did not take the edit: {reply.decode(errors='replace').strip()}")
