from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from monitor_core import paths
from monitor_core.errors import ConfigError
from monitor_core.paths import Paths

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_variable_moves_everything_into_one_folder(tmp_path: Path) -> None:
    found = paths.find({"CLAUDE_MONITOR_HOME": str(tmp_path / "x")})
    assert found.home == tmp_path / "x"
    public = [name for name in dir(Paths) if not name.startswith("_")]
    everything = {name: value for name in public if isinstance(value := getattr(found, name), Path)}
    assert {name: path.relative_to(found.home).as_posix() for name, path in everything.items()} == {
        "home": ".",
        "database": "monitor.db",
        "config": "config.toml",
        "socket": "hook.sock",
        "lock": "tray.lock",
        "spool": "spool",
        "spool_tmp": "spool/tmp",
        "spool_new": "spool/new",
        "spool_bad": "spool/bad",
        "backups": "backups",
        "logs": "logs",
        "reports": "reports",
    }


def test_finding_paths_makes_nothing(tmp_path: Path) -> None:
    paths.find({"CLAUDE_MONITOR_HOME": str(tmp_path / "x")})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ["monitor", "./monitor", "~/monitor", " "])
def test_a_home_that_is_not_the_whole_path_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match="not an absolute path; give the whole path"):
        paths.find({"CLAUDE_MONITOR_HOME": value})


def find_in_a_process(**environment: str) -> Path:
    """What a process with that environment finds: platformdirs reads its own."""
    program = "import os; from monitor_core import paths; print(paths.find(os.environ).home)"
    inherited = {"PYTHONPATH": os.pathsep.join(sys.path), "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return Path(done.stdout.strip())


@pytest.mark.skipif(sys.platform != "linux", reason="the rule of Linux")
@pytest.mark.parametrize("variable", [{}, {"CLAUDE_MONITOR_HOME": ""}], ids=["unset", "empty"])
def test_on_linux_the_data_folder_decides_where_the_variable_does_not(tmp_path: Path, variable: dict[str, str]) -> None:
    home, data = tmp_path / "home", tmp_path / "data"
    assert find_in_a_process(HOME=str(home), **variable) == home / ".local" / "share" / "claude-monitor"
    assert find_in_a_process(HOME=str(home), XDG_DATA_HOME=str(data), **variable) == data / "claude-monitor"


@pytest.mark.skipif(sys.platform != "darwin", reason="the rule of macOS")
def test_on_macos_the_home_is_in_application_support(tmp_path: Path) -> None:
    assert find_in_a_process(HOME=str(tmp_path)) == tmp_path / "Library" / "Application Support" / "claude-monitor"


@pytest.mark.skipif(sys.platform != "linux", reason="makes a user without a home by Linux's namespaces")
def test_a_user_without_any_home_folder_is_told_what_to_set() -> None:
    nobody = ["unshare", "--user", "--map-user=54321"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*nobody, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("no user namespaces here")
    program = "from monitor_core import paths; paths.find({})"
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*nobody, sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    last_line = done.stderr.splitlines()[-1]
    assert last_line.startswith(
        "monitor_core.errors.ConfigError: there is no home folder for this user; "
        "set HOME, or set CLAUDE_MONITOR_HOME to a folder of yours"
    )


def folders(home: Path) -> list[Path]:
    return [
        home,
        *(home / name for name in ("spool", "spool/tmp", "spool/new", "spool/bad", "backups", "logs", "reports")),
    ]


def test_create_makes_every_folder_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    found = Paths(tmp_path / "deep" / "home")
    found.create()
    (found.spool_new / "event").write_text("kept")
    found.create()
    assert [folder for folder in folders(found.home) if not folder.is_dir()] == []
    assert (found.spool_new / "event").read_text() == "kept"
    assert sorted(path for path in found.home.rglob("*") if path.is_dir()) == sorted(folders(found.home)[1:])


@posix
def test_folders_are_for_the_user_alone_also_those_that_were_there(tmp_path: Path) -> None:
    found = Paths(tmp_path / "home")
    found.spool.mkdir(parents=True)
    for folder in (found.home, found.spool):
        folder.chmod(0o755)
    before = os.umask(0)
    try:
        found.create()
    finally:
        os.umask(before)
    assert {str(folder): mode(folder) for folder in folders(found.home)} == {
        str(folder): 0o700 for folder in folders(found.home)
    }


@pytest.mark.parametrize("in_the_way", ["home", "home/spool", "home/reports"])
def test_a_file_in_the_way_is_refused_with_its_path_and_what_to_do(tmp_path: Path, in_the_way: str) -> None:
    obstacle = tmp_path / in_the_way
    obstacle.parent.mkdir(exist_ok=True)
    obstacle.write_text("")
    with pytest.raises(ConfigError) as refused:
        Paths(tmp_path / "home").create()
    assert f"cannot use the folder {obstacle}: " in str(refused.value)
    assert "set CLAUDE_MONITOR_HOME to a folder of yours" in str(refused.value)
