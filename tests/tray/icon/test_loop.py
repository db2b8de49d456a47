from __future__ import annotations

import subprocess
import sys

FAILING = """
from monitor_tray.icon._loop import Loop
from monitor_tray.icon._pystray import BaseIcon

class Backend(BaseIcon):
    def _run(self):
        raise OSError("cannot start")

class Icon(Loop, Backend): ...

{how}
"""


def test_backend_that_cannot_start_does_not_keep_the_process_alive() -> None:
    how = 'Icon("claude-monitor", opening=print).run(print)'

    done = subprocess.run(
        [sys.executable, "-c", FAILING.format(how=how)], capture_output=True, text=True, check=False, timeout=30
    )

    assert done.returncode == 1
    assert done.stderr.endswith("OSError: cannot start\n")
