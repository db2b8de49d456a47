"""Compiles ``hook/`` to one executable: by Zig for every target, else by the system's ``cc``, else a Python script.

    python packaging/compile_hook.py [--target T] [--compiler zig|cc|python] [--strict] [-o FILE]

What was compiled is kept below ``build/hook/`` under a name that covers sources, compiler and flags. The wheel's build
hook and the tests use the same function. It needs the standard library only.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILER_VARIABLE = "CLAUDE_MONITOR_HOOK_COMPILER"
TARGET_VARIABLE = "CLAUDE_MONITOR_HOOK_TARGET"
COMPILERS = ("zig", "cc", "python")

_COMMON = ("hook.c", "line.c", "pick.c", "text.c")
_FLAGS = ("-std=c11", "-Os", "-s", "-ffunction-sections", "-fdata-sections", "-Wall", "-Wextra")
_PYTHON_SCRIPT = b"#!python\nfrom monitor_tray.hook_client import main\n\nmain()\n"


class CompileError(Exception):
    """The compiler is missing or refuses. The message ends with what it printed."""


@dataclass(frozen=True, slots=True)
class Target:
    """A system that Zig compiles for; ``platform_tag`` is what a wheel with the result may be installed on."""

    name: str
    triple: str
    platform_tag: str
    flags: tuple[str, ...] = ()

    @property
    def windows(self) -> bool:
        """Whether it is Windows."""
        return self.name.startswith("windows-")


def _linux(machine: str) -> Target:
    # Static, so that it needs neither glibc nor musl from the system.
    tag = f"manylinux_2_17_{machine}.manylinux2014_{machine}.musllinux_1_1_{machine}"
    return Target(f"linux-{machine}", f"{machine}-linux-musl", tag, ("-static", "-Wl,--gc-sections"))


def _macos(machine: str, zig_machine: str) -> Target:
    return Target(f"macos-{machine}", f"{zig_machine}-macos.11.0", f"macosx_11_0_{machine}")


def _windows(machine: str, zig_machine: str, tag: str) -> Target:
    libraries = ("-ladvapi32", "-lntdll", "-lole32", "-lshell32")
    return Target(f"windows-{machine}", f"{zig_machine}-windows-gnu", tag, libraries)


TARGETS = {
    target.name: target
    for target in (
        _linux("x86_64"),
        _linux("aarch64"),
        _macos("x86_64", "x86_64"),
        _macos("arm64", "aarch64"),
        _windows("x86_64", "x86_64", "win_amd64"),
        _windows("arm64", "aarch64", "win_arm64"),
    )
}


@dataclass(frozen=True, slots=True)
class Built:
    """An executable, who made it (one of `COMPILERS`) and the platform tag of a wheel with it."""

    path: Path
    compiler: str
    platform_tag: str


def native_target() -> Target | None:
    """The target that this Python runs on, None where Zig is not asked to build for it."""
    if sys.maxsize <= 2**32:
        return None  # a 32-bit Python does not install wheels of its 64-bit system
    system = {"linux": "linux", "darwin": "macos", "win32": "windows"}.get(sys.platform)
    machine = platform.machine().lower()
    machine = "x86_64" if machine == "amd64" else machine
    return TARGETS.get(f"{system}-{machine}")


def wanted_target() -> Target | None:
    """What ``CLAUDE_MONITOR_HOOK_TARGET`` asks for, else the native one. Raises `CompileError` for an unknown name."""
    return _target(os.environ[TARGET_VARIABLE]) if os.environ.get(TARGET_VARIABLE) else native_target()


def wanted_compilers() -> tuple[str, ...]:
    """The one that ``CLAUDE_MONITOR_HOOK_COMPILER`` asks for, else all, best first. Raises `CompileError`."""
    wanted = os.environ.get(COMPILER_VARIABLE)
    if not wanted:
        return COMPILERS
    if wanted not in COMPILERS:
        raise CompileError(f"{COMPILER_VARIABLE} is {wanted!r}; give one of {', '.join(COMPILERS)}")
    return (wanted,)


def compile_hook(target: Target | None, compilers: tuple[str, ...] = COMPILERS, *, strict: bool = False) -> Built:
    """Builds for ``target`` (None: this system, whatever it is) with the first of ``compilers`` that can.

    ``strict`` makes warnings errors. Raises `CompileError` with what each of them said.
    """
    refusals = []
    for compiler in compilers:
        try:
            return _BUILDERS[compiler](target, strict)
        except CompileError as error:
            refusals.append(f"{compiler}: {error}")
    raise CompileError("cannot compile the hook\n" + "\n".join(refusals))


def _with_zig(target: Target | None, strict: bool) -> Built:
    if target is None:
        raise CompileError(f"Zig is not asked to build for {sysconfig.get_platform()}")
    if importlib.util.find_spec("ziglang") is None:
        raise CompileError("the Python package ziglang is not installed")
    command = [sys.executable, "-m", "ziglang"]
    version = _run([*command, "version"])
    arguments = ["-target", target.triple, *_arguments(strict=strict, windows=target.windows), *target.flags]
    path = _cached(target.name, f"zig {version}", [*command, "cc"], arguments, windows=target.windows)
    return Built(path, "zig", target.platform_tag)


def _with_cc(target: Target | None, strict: bool) -> Built:
    if target != native_target():
        raise CompileError("the system's compiler builds for this system only")
    compiler = shutil.which(os.environ.get("CC") or "cc")
    if compiler is None:
        raise CompileError("there is no cc")
    windows, macos = sys.platform == "win32", sys.platform == "darwin"
    arguments = _arguments(strict=strict, windows=windows)
    if windows:
        arguments += TARGETS["windows-x86_64"].flags
    if macos:
        arguments.append("-mmacosx-version-min=11.0")
    name = f"native-{sysconfig.get_platform()}"
    version = _run([compiler, "--version"])
    # glibc warns about getpwuid; it is only asked where there is no HOME.
    variants = [arguments] if macos else [[*arguments, "-static"], arguments]
    for variant in variants[:-1]:
        try:
            return Built(_cached(name, version, [compiler], variant, windows=windows), "cc", _own_platform_tag())
        except CompileError:
            continue
    path = _cached(name, version, [compiler], variants[-1], windows=windows)
    return Built(path, "cc", _own_platform_tag())


def _with_python(target: Target | None, strict: bool) -> Built:
    del target, strict
    path = ROOT / "build" / "hook" / "python" / "claude-monitor-hook"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_PYTHON_SCRIPT)
    path.chmod(0o755)
    return Built(path, "python", "any")


_BUILDERS = {"zig": _with_zig, "cc": _with_cc, "python": _with_python}


def _target(name: str) -> Target:
    if name not in TARGETS:
        raise CompileError(f"the target is {name!r}; give one of {', '.join(TARGETS)}")
    return TARGETS[name]


def _own_platform_tag() -> str:
    target = native_target()
    if sys.platform == "darwin" and target is not None:
        return target.platform_tag
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")


def _arguments(*, strict: bool, windows: bool) -> list[str]:
    sources = (*_COMMON, "os_windows.c" if windows else "os_posix.c")
    return [*_FLAGS, *(["-Werror"] if strict else []), *sources]


def _cached(name: str, version: str, compiler: list[str], arguments: list[str], *, windows: bool) -> Path:
    """The executable that ``compiler`` makes, from an earlier build where nothing has changed since."""
    digest = hashlib.sha256("\0".join([version, *arguments]).encode())
    for source in sorted((ROOT / "hook").glob("*.[ch]")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    folder = ROOT / "build" / "hook" / f"{name}-{digest.hexdigest()[:16]}"
    path = folder / ("claude-monitor-hook.exe" if windows else "claude-monitor-hook")
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{os.getpid()}-{path.name}")  # two builds at once do not see half of each other's
        try:
            _run([*compiler, *arguments, "-o", str(fresh)])
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    return path


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT / "hook", check=False, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise CompileError(f"cannot start {command[0]}: {error}") from error
    if done.returncode:
        raise CompileError(f"{' '.join(command)} ended with {done.returncode}\n{done.stderr.strip()}")
    return done.stdout.strip()


def main() -> int:
    """The command. Prints the compiler and the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--target", choices=TARGETS, help=f"default: ${TARGET_VARIABLE}, else this system")
    parser.add_argument(
        "--compiler", choices=COMPILERS, help=f"default: ${COMPILER_VARIABLE}, else the first that works"
    )
    parser.add_argument("--strict", action="store_true", help="warnings are errors")
    parser.add_argument("-o", dest="output", type=Path, metavar="FILE", help="copy the result there")
    arguments = parser.parse_args()
    try:
        target = _target(arguments.target) if arguments.target else wanted_target()
        compilers = (arguments.compiler,) if arguments.compiler else wanted_compilers()
        built = compile_hook(target, compilers, strict=arguments.strict)
    except CompileError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    path = built.path
    if arguments.output:
        path = Path(shutil.copy2(path, arguments.output.absolute()))
    sys.stdout.write(f"{built.compiler}: {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
