"""What is written for one platform stays there, and what can be tried elsewhere is."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from monitor_tray.pipe_name import fnv1a_64, pipe_name

if TYPE_CHECKING:
    from pathlib import Path

SID = "S-1-5-21-1-2-3-1001"

#: Modules that need what only these platforms have. Everything else has to import everywhere.
AT_HOME_ON = {
    "monitor_core._zone_windows": {"win32"},
    "monitor_tray._hook_posix": {"linux", "darwin"},
    "monitor_tray._pipe_posix": {"linux", "darwin"},
    "monitor_tray._pipe_windows": {"win32"},
    "monitor_tray._pipe_windows_instance": {"win32"},
    "monitor_tray._processes_linux": {"linux"},
    "monitor_tray._processes_macos": {"darwin"},
    "monitor_tray._processes_windows": {"win32"},
    "monitor_tray._resources_linux": {"linux"},
    "monitor_tray._resources_macos": {"darwin"},
    "monitor_tray._resources_windows": {"win32"},
    "monitor_tray._win32": {"win32"},
    "monitor_tray.icon._bus": {"linux"},
    "monitor_tray.icon._darwin": {"darwin"},
    "monitor_tray.icon._dbusmenu": {"linux"},
    "monitor_tray.icon._item": {"linux"},
    "monitor_tray.icon._notifications": {"linux"},
    "monitor_tray.icon._objects": {"linux"},
    "monitor_tray.icon._sni": {"linux"},
    "monitor_tray.icon._win32": {"win32"},
    "monitor_tray.icon._xorg": set[str](),  # it opens the display
}

# In one process of its own: what is imported here stays imported.
IMPORT_ALL = r"""
import importlib, pkgutil
for package in ("monitor_core", "monitor_tray", "monitor_assets"):
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if not module.name.endswith(".__main__"):
            try:
                importlib.import_module(module.name)
            except Exception as error:
                print(module.name, repr(error), sep="\t")
"""


def test_every_module_imports_here_except_those_of_another_platform(tmp_path: Path) -> None:
    environment = {
        **{key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY"}},
        "PYTHONPATH": os.pathsep.join(sys.path),
        "CLAUDE_MONITOR_HOME": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    failed = dict(line.split("\t", 1) for line in done.stdout.splitlines())
    assert failed.keys() == {name for name, platforms in AT_HOME_ON.items() if sys.platform not in platforms}, failed
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # http://www.isthe.com/chongo/src/fnv/test_fnv.c
        (b"", 0xCBF29CE484222325),
        (b"a", 0xAF63DC4C8601EC8C),
        (b"foobar", 0x85944171F73967E8),
    ],
)
def test_the_hash_in_the_windows_pipes_name_is_fnv_1a(text: bytes, value: int) -> None:
    assert fnv1a_64(text) == value


def test_the_windows_pipe_is_named_after_its_user() -> None:
    assert pipe_name(SID, "") == rf"\\.\pipe\claude-monitor-{SID}"


def test_a_windows_home_that_was_chosen_has_a_pipe_of_its_own() -> None:
    assert pipe_name(SID, "foobar") == rf"\\.\pipe\claude-monitor-{SID}-85944171f73967e8"


def test_the_hash_in_the_windows_pipes_name_keeps_its_leading_zeros() -> None:
    assert pipe_name(SID, r"C:\Users\23\hours").endswith("-076cf98e60deda38")


def test_a_windows_home_is_hashed_as_the_utf_8_that_windows_makes_of_it() -> None:
    assert pipe_name(SID, "C:\\ü").endswith(f"-{fnv1a_64(b'C:' + bytes([0x5C, 0xC3, 0xBC])):016x}")
    # Half a surrogate pair has no UTF-8.
    assert pipe_name(SID, "C:\\\ud800") == pipe_name(SID, "C:\\\ufffd")
