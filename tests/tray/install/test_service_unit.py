"""The unit for machines without a desktop is one that systemd takes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[3] / "packaging" / "claude-monitor.service"
COMMAND = "%h/.local/bin/claude-monitor tray --headless"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze (package systemd)")
def test_systemd_takes_the_unit_as_it_is(tmp_path: Path) -> None:
    """With a program in place of ours, because systemd asks for one that is there."""
    text = UNIT.read_text()
    assert f"ExecStart={COMMAND}\n" in text
    unit = tmp_path / UNIT.name
    for words, problem in (("/bin/true tray --headless", ""), ("/bin/true\nRestrt=on-failure", "Restrt")):
        unit.write_text(text.replace(COMMAND, words))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--user", "--recursive-errors=no", unit],
            env={"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (problem in done.stderr) if problem else (done.returncode, done.stderr) == (0, "")
