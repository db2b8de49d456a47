"""The hook compiles for every target that there is a wheel for, without a warning, and what comes out is one."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.hook.support import ROOT, Hook, compile_hook, event

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = {"linux": b"\x7fELF", "macos": b"\xcf\xfa\xed\xfe", "windows": b"MZ"}
TARGETS = ["linux-x86_64", "linux-aarch64", "macos-x86_64", "macos-arm64", "windows-x86_64", "windows-arm64"]
COMMAND = [sys.executable, str(ROOT / "packaging" / "compile_hook.py")]


@pytest.mark.timeout(900)  # a first build of a target compiles its C library as well
@pytest.mark.parametrize("target", TARGETS)
def test_hook_compiles_for_every_target(target: str) -> None:
    image = compile_hook("--target", target, "--compiler", "zig").read_bytes()

    assert image.startswith(MAGIC[target.partition("-")[0]])
    assert len(image) < 100_000
    assert str(ROOT).encode() not in image


def test_system_compiler_makes_a_hook_that_works(tmp_path: Path) -> None:
    hook = Hook("cc", (str(compile_hook("--compiler", "cc")),), tmp_path / "home")

    assert hook.tell_fields(event(cwd="/x")) == event(cwd="/x")


def test_second_build_is_the_first_one() -> None:
    first = compile_hook()
    built_at = first.stat().st_mtime_ns

    second = compile_hook()

    assert second == first
    assert second.stat().st_mtime_ns == built_at


def test_native_and_python_hook_are_told_apart_by_their_first_bytes() -> None:
    assert not compile_hook().read_bytes().startswith(b"#!")
    assert compile_hook("--compiler", "python").read_bytes().startswith(b"#!")


@pytest.mark.parametrize(
    ("variable", "value"), [("CLAUDE_MONITOR_HOOK_TARGET", "amiga"), ("CLAUDE_MONITOR_HOOK_COMPILER", "rustc")]
)
def test_unknown_choice_is_refused_with_the_known_ones(variable: str, value: str) -> None:
    done = subprocess.run(COMMAND, env={variable: value}, check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert value in done.stderr
    assert "give one of" in done.stderr


def test_system_compiler_does_not_pretend_to_build_for_others() -> None:
    foreign = next(target for target in ("windows-arm64", "macos-arm64") if sys.platform[:3] != target[:3])
    done = subprocess.run(
        [*COMMAND, "--target", foreign, "--compiler", "cc"], check=False, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert "for this system only" in done.stderr


def test_result_can_be_put_where_one_likes(tmp_path: Path) -> None:
    path = compile_hook("--compiler", "python", "-o", str(tmp_path / "hook"))

    assert path == tmp_path / "hook"
    assert path.read_bytes().startswith(b"#!python\n")
