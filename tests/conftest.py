"""What holds for all tests, and an event to begin with."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from monitor_core.wire import WireEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Timings say nothing on a busy machine; a test fails for what is wrong, not for what is slow.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")


@pytest.fixture
def wire() -> Callable[..., WireEvent]:
    """Makes an event of the wire format at an instant; every call another id."""
    numbers = itertools.count(1)

    def make(t: int, kind: str = "Stop", **fields: Any) -> WireEvent:
        fields.setdefault("session_id", "s")
        fields.setdefault("cwd", "/home/dev/projects/api")
        fields.setdefault("id", f"00000000-0000-7000-8000-{next(numbers):012x}")
        return WireEvent(v=1, t=t, hook_event_name=kind, **fields)

    return make


@pytest.fixture
def read_only() -> Iterator[Callable[[Path], None]]:
    """Makes a folder read-only until the test is over; for root, whom no mode stops, as a disk is."""
    with contextlib.ExitStack() as afterwards:

        def make(folder: Path) -> None:
            if not hasattr(os, "geteuid"):
                pytest.skip("a folder is never read-only here")
            if os.geteuid():
                folder.chmod(0o500)
                afterwards.callback(folder.chmod, 0o700)
                return
            for how in (["--bind", str(folder)], ["-o", "remount,bind,ro"]):
                if subprocess.run(["mount", *how, str(folder)], capture_output=True, check=False).returncode:
                    pytest.skip("nothing can be mounted here")
                if "--bind" in how:
                    afterwards.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=True)

        yield make
