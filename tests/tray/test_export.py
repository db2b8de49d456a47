"""Results in files: what was there before stays until the new one is whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor_core.errors import MonitorError
from monitor_tray.commands.export import write_quietly, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes, links, pipes and limits are POSIX")

#: Like a disk that is full after so many bytes.
_LIMITED = """
import resource, sys
from pathlib import Path
from typing import TYPE_CHECKING
from monitor_core.errors import MonitorError
from monitor_tray.commands.export import write_quietly
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_quietly(Path(sys.argv[1]), bytes(2000))
except MonitorError as error:
    sys.exit(str(error))
"""


def fails_half_way(target: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    words = [sys.executable, "-c", _LIMITED, str(target)]
    done = subprocess.run(words, env=environment, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 1
    return done.stderr


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "october.csv"
    target.write_text("of last time")
    assert fails_half_way(target).startswith(f"cannot write {target}: File too large")
    assert target.read_text() == "of last time"
    assert list(tmp_path.iterdir()) == [target]


def test_a_new_file_that_cannot_be_written_whole_is_not_there(tmp_path: Path) -> None:
    assert "File too large" in fails_half_way(tmp_path / "october.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_file_keeps_its_mode_and_a_new_one_has_that_of_any_file(tmp_path: Path) -> None:
    known, new, plain = tmp_path / "known", tmp_path / "new", tmp_path / "plain"
    known.write_text("old")
    known.chmod(0o640)
    plain.write_text("")
    for target in (known, new):
        write_quietly(target, b"hours")
        assert target.read_bytes() == b"hours"
    assert known.stat().st_mode & 0o777 == 0o640
    assert new.stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path, is_there: bool) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    target, link = elsewhere / "october.csv", tmp_path / "latest.csv"
    if is_there:
        target.write_text("of last time")
    link.symlink_to("elsewhere/october.csv")
    write_quietly(link, b"hours")
    assert link.is_symlink()
    assert target.read_bytes() == b"hours"


@pytest.mark.parametrize("write", [write_quietly, write_whole])
def test_a_pipe_is_written_into_and_stays_one(tmp_path: Path, write: Callable[[Path, bytes], None]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # Opened for both, so that nobody waits for anybody.
    descriptor = os.open(pipe, os.O_RDWR)
    try:
        write(pipe, b"hours")
        assert os.read(descriptor, 100) == b"hours"
    finally:
        os.close(descriptor)
    assert pipe.is_fifo()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_a_device_that_is_full_is_one_sentence() -> None:
    with pytest.raises(MonitorError, match="cannot write /dev/full: No space left on device"):
        write_quietly(Path("/dev/full"), b"hours")


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="the system has no such name")
def test_the_file_behind_stdout_is_the_one_that_is_written(tmp_path: Path) -> None:
    words = "print('before', flush=True); write_quietly(Path('/dev/stdout'), b'hours\\n'); print('after')"
    code = f"from pathlib import Path; from monitor_tray.commands.export import write_quietly; {words}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with (tmp_path / "out").open("ab") as out:
        subprocess.run([sys.executable, "-c", code], env=environment, stdout=out, check=True, timeout=60)
    assert (tmp_path / "out").read_text() == "hours\nafter\n"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anything")
def test_a_file_in_a_folder_that_takes_no_new_ones_is_written_where_it_is(tmp_path: Path) -> None:
    target = tmp_path / "october.csv"
    target.write_text("of last time")
    tmp_path.chmod(0o500)
    try:
        write_quietly(target, b"hours")
    finally:
        tmp_path.chmod(0o700)
    assert target.read_bytes() == b"hours"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anything")
def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "october.csv"
    target.write_text("of last time")
    target.chmod(0o400)
    with pytest.raises(MonitorError, match="Permission denied"):
        write_quietly(target, b"hours")
    assert target.read_text() == "of last time"
