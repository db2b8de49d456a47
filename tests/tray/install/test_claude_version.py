"""The client is asked for its version, and nothing that it might answer does harm."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from monitor_tray.install.claude_version import Version, detect, parse

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the client's stand-ins are shell scripts")


def client(tmp_path: Path, script: str) -> dict[str, str]:
    """An environment whose ``claude`` is this shell script."""
    program = tmp_path / "bin" / "claude"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:/usr/bin:/bin", "HOME": str(tmp_path)}


def test_the_answer_of_the_client_is_its_version(tmp_path: Path) -> None:
    environment = client(tmp_path, '[ "$*" = --version ] && echo "2.1.330 (Claude Code)"')
    assert detect(environment) == Version(2, 1, 330)


@pytest.mark.parametrize(
    "script",
    [
        "echo 2.1.330",
        "echo '2.1 (Claude Code)'",
        "echo 'v2.1.330 (Claude Code)'",
        "echo 'update available'; echo '2.1.330 (Claude Code)'",
        "printf '\\377\\000'",
        "yes 2 | head -c 300000",
        "true",
        "echo '2.1.330 (Claude Code)'; exit 1",
        "echo '2.1.330 (Claude Code)' >&2",
        "kill -9 $$",
    ],
)
def test_any_other_answer_is_an_unknown_version(tmp_path: Path, script: str) -> None:
    assert detect(client(tmp_path, script)) is None


def test_a_client_that_does_not_answer_is_ended_and_unknown(tmp_path: Path) -> None:
    environment = client(tmp_path, f'echo $$ > "{tmp_path}/pid"; exec sleep 600')
    assert detect(environment, timeout_s=2) is None
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_without_a_client_the_version_is_unknown(tmp_path: Path) -> None:
    assert detect({"PATH": str(tmp_path)}) is None
    assert detect({}) is None
    (tmp_path / "claude").write_text("no program")
    (tmp_path / "claude").chmod(0o755)
    assert detect({"PATH": str(tmp_path)}) is None


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ("2.1.330 (Claude Code)\n", Version(2, 1, 330)),
        ("1.0.128 (Claude Code)", Version(1, 0, 128)),
        ("2.2.0-beta.1 (Claude Code)", Version(2, 2, 0)),
        ("2.1.9999999 (Claude Code)", None),
        ("\u0662.\u0661.\u0663 (Claude Code)", None),
        ("", None),
    ],
)
def test_an_answer_is_a_version_and_the_clients_name(answer: str, version: Version | None) -> None:
    assert parse(answer) == version


def test_versions_compare_by_number() -> None:
    assert Version(2, 1, 99) < Version(2, 1, 101) < Version(2, 1, 1010)
    assert str(Version(2, 1, 101)) == "2.1.101"
