"""The tray's process as a whole, where no command can see what becomes of it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

from monitor_core.store import Store

if TYPE_CHECKING:
    from monitor_core.paths import Paths

#: Chooses a pause while the recorder is at something else, and quits before it comes to that.
_CHOOSES_AND_QUITS = """
import sys, threading
from pathlib import Path
from monitor_core.edits import Edit, PauseCounting
from monitor_core.paths import Paths
from monitor_tray.app import Application

application = Application(Paths(Path(sys.argv[1])), lambda _: None)

def choose_and_quit():
    application._writer.opened.wait()
    is_busy, goes_on = threading.Event(), threading.Event()
    settle = application._writer.settle

    def busy():
        is_busy.set()
        goes_on.wait()
        return settle()

    application._writer.settle = busy
    application._server.wake()
    is_busy.wait()
    application._decide(Edit("0000000a-1", 1_000, PauseCounting(1_000, None)))
    application.stop()
    application._server._stopping.wait()
    goes_on.set()

application.run(headless=True, started=threading.Thread(target=choose_and_quit).start)
"""


def test_what_was_chosen_just_before_the_end_is_recorded(paths: Paths) -> None:
    subprocess.run([sys.executable, "-c", _CHOOSES_AND_QUITS, paths.home], check=True, timeout=60)
    with contextlib.closing(Store(paths.database)) as store:
        assert [edit.id for edit in store.journal()] == ["0000000a-1"]
