"""Whether a process is there, asked of real ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from monitor_tray import processes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="about /proc")
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no zombies")


@pytest.fixture
def sleeping() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def test_a_process_is_found_with_its_start(sleeping: subprocess.Popen[bytes]) -> None:
    now_ms = time.time_ns() // 1_000_000
    found = processes.find(sleeping.pid)
    assert found is not None
    assert found.pid == sleeping.pid
    assert now_ms - 60_000 < found.started_ms <= now_ms


def test_a_process_keeps_its_mark_and_another_has_another(sleeping: subprocess.Popen[bytes]) -> None:
    found, own = processes.find(sleeping.pid), processes.find(os.getpid())
    assert found is not None
    assert own is not None
    assert processes.find(sleeping.pid) == found
    assert own.mark < found.mark


def test_a_killed_process_is_not_found(sleeping: subprocess.Popen[bytes]) -> None:
    assert processes.find(sleeping.pid) is not None
    sleeping.kill()
    sleeping.wait()
    assert processes.find(sleeping.pid) is None


@on_posix
def test_a_process_that_was_not_waited_for_is_gone(sleeping: subprocess.Popen[bytes]) -> None:
    sleeping.kill()
    os.waitid(os.P_PID, sleeping.pid, os.WEXITED | os.WNOWAIT)
    os.kill(sleeping.pid, 0)  # its number is still taken
    assert processes.find(sleeping.pid) is None


@on_linux
def test_brackets_in_the_name_of_a_program_do_not_matter(tmp_path: Path) -> None:
    program = tmp_path / "a) Z 1 (b"
    shutil.copy("/bin/sleep", program)
    process = subprocess.Popen([program, "600"])
    try:
        found = processes.find(process.pid)
        assert found is not None
        assert found.started_ms > 0
    finally:
        process.kill()
        process.wait()


@on_linux
def test_a_process_of_somebody_else_is_found() -> None:
    found = processes.find(1)
    assert found is not None
    assert found.mark < 100_000


def test_a_number_that_no_process_has_is_not_found() -> None:
    assert processes.find(2**31 - 4) is None


@on_linux
def test_the_namespace_is_named_as_claude_code_names_it() -> None:
    assert processes.namespace().startswith("pid:[")
