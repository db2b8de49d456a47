"""The wheel as `pipx` and `uv tool` install it: built from the tree, into a clean environment, and its commands run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAYLOAD = ROOT / "tests/recorded/payloads/PostToolUse.json"


def run(*command: str | Path, **options: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    environment = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", environment)
    run(environment / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
    return environment / "bin"


@pytest.mark.timeout(900)
def test_the_wheel_holds_the_three_packages_the_hook_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
        (hook,) = [name for name in archive.namelist() if name.endswith("scripts/claude-monitor-hook")]
        assert archive.read(hook).startswith(b"\x7fELF")
    packages = {top for top in tops if not top.startswith("claude_monitor_tray-")}
    assert packages == {"monitor_core", "monitor_tray", "monitor_assets"}


@pytest.mark.timeout(900)
def test_an_installed_wheel_records_an_event_and_reports_it(scripts: Path, tmp_path: Path) -> None:
    # A working directory with folders of our own names in it: the installed packages must win over them.
    for name in ("core", "tray", "assets", "packaging"):
        (tmp_path / "project" / name).mkdir(parents=True)
        (tmp_path / "project" / name / "__init__.py").write_text("raise ImportError('the wrong one')")
    home = tmp_path / "home"
    settings = {
        "env": {"PATH": os.defpath, "HOME": str(tmp_path), "CLAUDE_MONITOR_HOME": str(home),
                "PYTHONPATH": str(tmp_path / "project"), "XDG_RUNTIME_DIR": str(tmp_path)},
        "cwd": tmp_path / "project",
    }  # fmt: skip
    assert run(scripts / "claude-monitor", "--version", **settings).startswith("claude-monitor 0.")
    tray = subprocess.Popen([scripts / "claude-monitor", "tray", "--headless"], stderr=subprocess.DEVNULL, **settings)  # type: ignore[call-overload]
    try:
        while not (home / "hook.sock").exists():
            assert tray.poll() is None
            time.sleep(0.02)
        with PAYLOAD.open() as payload:
            assert run(scripts / "claude-monitor-hook", stdin=payload, **settings) == ""
        report: dict[str, Any] = {}
        while not report.get("projects"):
            report = json.loads(run(scripts / "claude-monitor", "today", "--json", **settings))
        assert [project["name"] for project in report["projects"]] == ["demo"]
        status = json.loads(run(scripts / "claude-monitor", "status", "--json", **settings))
        assert status["hook"] == {"command": str(scripts / "claude-monitor-hook"), "kind": "native"}
        assert status["tray"]["pid"] == tray.pid
        page = run(scripts / "claude-monitor", "report", "daily", "--format", "html", **settings)
        assert "demo" in page
        run(scripts / "claude-monitor", "install", "--no-autostart", **settings)
        assert str(scripts / "claude-monitor-hook") in (tmp_path / ".claude/settings.json").read_text()
    finally:
        tray.terminate()
        assert tray.wait(30) == 0
