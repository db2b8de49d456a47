"""Where the hook finds its home, when it makes it, when it leaves it alone; and the spool in it."""

from __future__ import annotations

import errno
import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hook.support import Hook, event

if TYPE_CHECKING:
    from collections.abc import Iterator

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs the rights of root")

# {} is a folder of the test. Unset where a name is missing.
ENVIRONMENTS: list[dict[str, str]] = [
    {"CLAUDE_MONITOR_HOME": "{}/chosen"},
    {"CLAUDE_MONITOR_HOME": "{}/chosen/", "HOME": "{}/h"},
    {"CLAUDE_MONITOR_HOME": "{}//cho sen/./ö/../x"},
    {"CLAUDE_MONITOR_HOME": "", "HOME": "{}/h"},
    {"HOME": "{}/h"},
    {"HOME": "{}/h///"},
    {"HOME": "{}/h", "XDG_DATA_HOME": "{}/data"},
    {"HOME": "{}/h", "XDG_DATA_HOME": "{}/data/"},
    {"HOME": "{}/h", "XDG_DATA_HOME": ""},
    {"HOME": "{}/h", "XDG_DATA_HOME": "relative"},
    {"HOME": "relative", "XDG_DATA_HOME": "{}/data"},
    {"HOME": "", "XDG_DATA_HOME": "{}/data"},
    {"XDG_DATA_HOME": "{}/data"},
]


def home_by_the_trays_rule(environment: dict[str, str]) -> Path:
    script = "import os, monitor_core.paths as p; print(p.find(os.environ).home)"
    path = ":".join(str(Path(__file__).parents[2] / name) for name in ("core", "tray"))
    found = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, env={**environment, "PYTHONPATH": path}
    )
    return Path(os.fsdecode(found.stdout).rstrip("\n"))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_hook_and_tray_find_the_same_home(hook: Hook, environment: dict[str, str], tmp_path: Path) -> None:
    given = {name: value.format(tmp_path) for name, value in environment.items()}
    home = home_by_the_trays_rule(given)
    (tmp_path / "cho sen" / "ö").mkdir(parents=True)  # `..` leads out of what is there

    hook.run_in(
        b'{"session_id":"s","hook_event_name":"Stop"}', {**given, "PYTHONPATH": hook.environment()["PYTHONPATH"]}
    )

    assert len(Hook(hook.name, hook.command, home).lines()) == 1
    assert len(list(tmp_path.rglob("*.json"))) == 1


@pytest.mark.parametrize("environment", [{}, {"HOME": ""}, {"HOME": "relative"}])
@root_only
def test_user_database_knows_the_home_where_the_environment_does_not(
    hook: Hook, environment: dict[str, str], tmp_path: Path
) -> None:
    # In a mount namespace of its own, with a user database of the test.
    user = pwd.getpwuid(os.getuid())
    passwd = tmp_path / "passwd"
    passwd.write_text(f"{user.pw_name}:x:{user.pw_uid}:{user.pw_gid}::{tmp_path}/from-passwd:/bin/sh\n")
    command = f"mount --bind {passwd} /etc/passwd && exec env -i PYTHONPATH='{hook.environment()['PYTHONPATH']}' "
    command += " ".join(f"{name}={value}" for name, value in environment.items()) + ' "$@"'
    inside = Hook(hook.name, ("unshare", "--mount", "sh", "-c", command, "sh", *hook.command), hook.home)

    probe = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True)
    if probe.returncode:
        pytest.skip("no mount namespaces here")
    inside.run(event())

    home = tmp_path / "from-passwd" / ".local" / "share" / "claude-monitor"
    assert len(Hook(hook.name, hook.command, home).lines()) == 1


@pytest.mark.parametrize("home", ["relative", ".", "~", "~/x", "./x", " /x"])
def test_relative_home_means_nothing_at_all(hook: Hook, home: str, tmp_path: Path) -> None:
    process = hook.start({**hook.environment(), "CLAUDE_MONITOR_HOME": home}, cwd=tmp_path)
    out, err = process.communicate(b'{"session_id":"s","hook_event_name":"Stop"}', timeout=60)

    assert (process.returncode, out, err) == (0, b"", b"")
    assert not list(tmp_path.rglob("*"))


def test_missing_folders_are_made_for_nobody_else(hook: Hook) -> None:
    deep = Hook(hook.name, hook.command, hook.home / "a" / "b")

    deep.run(event())

    folders = [hook.home, hook.home / "a", deep.home, *(p for p in deep.home.rglob("*") if p.is_dir())]
    files = [p for p in deep.home.rglob("*") if p.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert len(files) == 1
    assert len(folders) == 6


@pytest.mark.parametrize("missing", ["spool", "spool/tmp", "spool/new"])
def test_missing_part_of_the_spool_is_made_again(hook: Hook, missing: str) -> None:
    hook.run(event())
    subprocess.run(["rm", "-r", hook.home / missing], check=True)

    assert hook.tell(event()) is not None


def test_home_that_is_a_symlink_to_a_folder_of_ours_is_followed(hook: Hook, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    hook.home.symlink_to(tmp_path / "elsewhere")

    assert hook.tell(event()) is not None


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_home_that_is_no_folder_means_nothing_at_all(hook: Hook, kind: str, tmp_path: Path) -> None:
    if kind == "file":
        hook.home.write_bytes(b"kept")
    else:
        hook.home.symlink_to(tmp_path / "nowhere")

    hook.run(event())

    assert not (tmp_path / "nowhere").exists()
    assert kind != "file" or hook.home.read_bytes() == b"kept"


@root_only
@pytest.mark.parametrize("link", [False, True])
def test_home_of_somebody_else_means_nothing_at_all(hook: Hook, link: bool, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    if link:
        hook.home.symlink_to(theirs)

    Hook(hook.name, hook.command, hook.home if link else theirs).run(event())

    assert not list(theirs.iterdir())


@root_only
def test_read_only_home_means_nothing_at_all(hook: Hook, tmp_path: Path) -> None:
    with Mount(tmp_path / "disk", "ro,size=64k") as home:
        Hook(hook.name, hook.command, home).run(event())

        assert not list(home.iterdir())


@root_only
def test_full_disk_leaves_no_half_written_event(hook: Hook, tmp_path: Path) -> None:
    with Mount(tmp_path / "disk", "size=64k") as home:
        full = Hook(hook.name, hook.command, home)
        full.run(event())  # makes the folders
        fill(home / "ballast")

        full.run(event())

        assert len(full.lines()) == 1
        assert not list((home / "spool" / "tmp").iterdir())


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"x" * 4096)
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017  any other would be a fault of the test


class Mount:
    """A small file system in memory, for as long as the block lasts."""

    def __init__(self, folder: Path, options: str) -> None:
        self._folder, self._options = folder, options

    def __enter__(self) -> Path:
        self._folder.mkdir()
        command: list[str | Path] = ["mount", "-t", "tmpfs", "-o", self._options, "tmpfs", self._folder]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"cannot mount: {done.stderr.strip()}")
        return self._folder

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", self._folder], check=True)


def test_planted_link_in_the_spool_is_not_written_through(hook: Hook, tmp_path: Path) -> None:
    # The name of a spool file cannot be guessed; what can be planted is a folder that leads elsewhere.
    hook.run(event())
    subprocess.run(["rm", "-r", hook.home / "spool" / "tmp"], check=True)
    (hook.home / "spool" / "tmp").symlink_to(tmp_path / "nowhere")

    hook.run(event())

    assert len(hook.lines()) == 1
    assert not (tmp_path / "nowhere").exists()


@pytest.fixture(autouse=True)
def real_home_is_left_alone(tmp_path: Path) -> Iterator[None]:
    yield
    assert not (tmp_path / "real-home-of-nobody").exists()
