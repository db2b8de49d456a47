"""The Windows hook, run by Wine where that is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hook.support import ROOT, compile_hook, event, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

WINE = shutil.which("wine64", path=f"{os.environ.get('PATH', os.defpath)}:/usr/lib/wine") or ""
pytestmark = [pytest.mark.skipif(not WINE, reason="Wine (wine64) is not installed"), pytest.mark.timeout(600)]


class Windows:
    """A Wine prefix of the tests, with the hook in it."""

    def __init__(self, prefix: Path, hook: Path) -> None:
        self._hook = hook
        self.prefix = prefix
        self.environment = {
            "WINEPREFIX": str(prefix),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree=;mshtml=",
            "HOME": str(prefix.parent),
            "LC_ALL": "C.UTF-8",  # Wine takes the environment's characters by it
            "PATH": f"{Path(WINE).parent}:{os.defpath}",
        }

    def run(self, payload: bytes | dict[str, object], **environment: str) -> None:
        """Runs the hook. It prints nothing and exits 0, always."""
        text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        done = subprocess.run(
            [WINE, self._hook],
            input=text,
            env={**self.environment, **environment},
            cwd=self.prefix,
            check=False,
            capture_output=True,
        )
        # Wine says when one of its own services crashes; had it been the hook, it had not ended with 0.
        said = [line for line in done.stderr.splitlines() if not line.startswith(b"wine: ")]
        assert (done.returncode, done.stdout, said) == (0, b"", [])


@pytest.fixture(scope="session")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    folder = tmp_path_factory.mktemp("wine")
    inside = Windows(folder / "prefix", compile_hook("--target", "windows-x86_64"))
    ready = subprocess.run([WINE, "cmd", "/c", "ver"], env=inside.environment, check=False, capture_output=True)
    if ready.returncode or b"Windows" not in ready.stdout:
        pytest.skip("Wine does not start here")
    yield inside
    subprocess.run(
        [shutil.which("wineserver", path="/usr/lib/wine") or "wineserver", "-k"], env=inside.environment, check=False
    )


@pytest.fixture(scope="session")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("listener") / "listener.exe"
    compiler = [sys.executable, "-m", "ziglang", "cc", "-target", "x86_64-windows-gnu", "-Os", "-ladvapi32"]
    subprocess.run([*compiler, "-o", path, ROOT / "tests" / "hook" / "windows_listener.c"], check=True)
    return path


def as_windows(path: Path) -> str:
    return "Z:" + str(path).replace("/", "\\")


def spooled(home: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((home / "spool" / "new").glob("*.json"))]


def test_event_is_spooled_in_the_chosen_home(windows: Windows, tmp_path: Path) -> None:
    windows.run(
        recorded("PostToolUse.json"),
        CLAUDE_MONITOR_HOME=as_windows(tmp_path / "a" / "hömé"),
        CLAUDE_PROJECT_DIR="C:\\Users\\dev\\prøject",
        CLAUDE_PID="4711",
    )

    (line,) = map(json.loads, spooled(tmp_path / "a" / "hömé"))
    assert line["project_dir"] == "C:\\Users\\dev\\prøject"
    assert line["pid"] == 4711
    assert line["tool_name"] == "Bash"
    assert line["duration_ms"] == 54
    (path,) = (tmp_path / "a" / "hömé" / "spool" / "new").iterdir()
    assert path.name == f"{line['t']}-{line['id']}.json"
    assert int(line["id"].replace("-", "")[:12], 16) == line["t"]


def test_home_longer_than_260_characters_is_used(windows: Windows, tmp_path: Path) -> None:
    home = tmp_path / ("x" * 150) / ("y" * 150)

    windows.run(event(), CLAUDE_MONITOR_HOME=as_windows(home))

    assert len(spooled(home)) == 1


@pytest.mark.parametrize("chosen", ["relative", "\\rooted", "C:relative", "/rooted"])
def test_home_that_is_not_fully_qualified_means_nothing_at_all(windows: Windows, chosen: str, tmp_path: Path) -> None:
    windows.run(event(), CLAUDE_MONITOR_HOME=chosen, WIN_PD_OVERRIDE_LOCAL_APPDATA=as_windows(tmp_path))

    assert not list(tmp_path.rglob("*.json"))
    assert not list(windows.prefix.rglob("spool/new"))


def test_either_slash_will_do(windows: Windows, tmp_path: Path) -> None:
    windows.run(event(), CLAUDE_MONITOR_HOME=as_windows(tmp_path / "home").replace("\\", "/") + "/")

    assert len(spooled(tmp_path / "home")) == 1


def test_override_of_platformdirs_moves_the_home(windows: Windows, tmp_path: Path) -> None:
    windows.run(event(), WIN_PD_OVERRIDE_LOCAL_APPDATA=f" {as_windows(tmp_path)} ")

    assert len(spooled(tmp_path / "claude-monitor")) == 1


@pytest.mark.parametrize("override", ["", "relative", "\\rooted"])
def test_home_is_in_the_known_folder_otherwise(windows: Windows, override: str) -> None:
    def homes() -> int:
        return len(list(windows.prefix.glob("drive_c/users/*/AppData/Local/claude-monitor/spool/new/*.json")))

    before = homes()
    windows.run(event(), CLAUDE_MONITOR_HOME="", WIN_PD_OVERRIDE_LOCAL_APPDATA=override)

    assert homes() == before + 1
    shutil.rmtree(next(windows.prefix.glob("drive_c/users/*/AppData/Local/claude-monitor")))


@pytest.mark.parametrize(
    "payload", [b"", b"no JSON", b'{"session_id":"s"}', b'{"session_id":"s","hook_event_name":"Stop"']
)
def test_what_is_no_event_leaves_no_trace(windows: Windows, payload: bytes, tmp_path: Path) -> None:
    windows.run(payload, CLAUDE_MONITOR_HOME=as_windows(tmp_path / "home"))

    assert not (tmp_path / "home").exists()


def fnv1a(value: str) -> str:
    """As PROTOCOL.md says it."""
    sum_ = 14695981039346656037
    for byte in value.encode():
        sum_ = (sum_ ^ byte) * 1099511628211 % 2**64
    return f"{sum_:016x}"


def exchange(windows: Windows, listener: Path, suffix: str, reply: str, **environment: str) -> bytes:
    """The line that a listener got which gives this reply."""
    with subprocess.Popen(
        [WINE, listener, suffix, reply], env=windows.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline().strip() == b"ready"
        windows.run(event(), **environment)
        return server.stdout.read().replace(b"\r\n", b"\n")


def test_event_goes_over_the_pipe_of_its_user_and_home(windows: Windows, listener: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for _ in range(50):
        known = spooled(home)
        chosen = as_windows(home)
        line = exchange(windows, listener, "-" + fnv1a(chosen), '{"ok":true}\n', CLAUDE_MONITOR_HOME=chosen)
        assert json.loads(line)["session_id"] == "s"
        if spooled(home) == known:
            return  # acknowledged within the deadline
    pytest.fail("the listener was never in time")


def test_event_that_is_not_acknowledged_is_spooled(windows: Windows, listener: Path, tmp_path: Path) -> None:
    chosen = as_windows(tmp_path / "home")

    line = exchange(windows, listener, "-" + fnv1a(chosen), '{"error":"full"}\n', CLAUDE_MONITOR_HOME=chosen)

    assert spooled(tmp_path / "home") == [line]


def test_without_a_chosen_home_the_pipe_is_named_by_the_user_alone(
    windows: Windows, listener: Path, tmp_path: Path
) -> None:
    override = {"WIN_PD_OVERRIDE_LOCAL_APPDATA": as_windows(tmp_path)}

    line = exchange(windows, listener, "", '{"error":"full"}\n', **override)

    assert spooled(tmp_path / "claude-monitor") == [line]
