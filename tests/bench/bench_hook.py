"""Measures the hook against starting ``/bin/true``, in the same run and in turns.

    python tests/bench/bench_hook.py [--rounds N] [--pause-ms N] [--json FILE]

Each round starts every command once, as Claude Code does: stdin is a socket pair that holds a recorded payload, and the
round ends when the process has. A small C program does the starting, since Python's own cost would drown the
difference. A run counts as undisturbed when the process hardly ever waited for a processor.

Leave some minutes between two runs: for so long ext4 does not use the inodes of deleted files again, and looks at each
of them whenever a file is made near, which a hook without a listener does.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
PAYLOADS = ROOT / "tests" / "recorded" / "payloads"
CONTROL = "/bin/true"
UNDISTURBED_NS = 100_000


class Run(NamedTuple):
    """One process: how long it took, and how long of that it waited for a processor."""

    took_ns: int
    waited_ns: int


class Figures(NamedTuple):
    """What is said about many runs. Times in milliseconds, ratios to the control of the same run."""

    runs: int
    median_ms: float
    p99_ms: float
    median_ratio: float
    p99_ratio: float


class Case(NamedTuple):
    """A command and the home that it runs with."""

    name: str
    command: Path
    home: Path


def main() -> int:
    """Prints the figures. 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=2250)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    parser.add_argument("--pause-ms", type=int, default=0, help="between two starts; the client itself takes about 5")
    arguments = parser.parse_args()
    # Not where other programs leave and delete files by the thousand.
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "build") as folder:
        os.sync()
        results = _measure(Path(folder), arguments.rounds, arguments.pause_ms)
    _print(results)
    if arguments.json:
        arguments.json.write_text(json.dumps(_as_json(results), indent=2) + "\n")
    return _verdict(results)


def _measure(folder: Path, rounds: int, pause_ms: int) -> dict[str, dict[str, list[Run]]]:
    hook, python_hook = _compiled(folder)
    spawn = partial(_spawn, _compile(folder, "spawn"), pause_ms)
    attended, alone = folder / "attended", folder / "alone"
    attended.mkdir(mode=0o700)
    alone.mkdir(mode=0o700)
    usual = folder / "usual.json"
    usual.write_bytes(_padded_to_2_kb((PAYLOADS / "PostToolUse.json").read_bytes()))
    large = folder / "large.json"
    large.write_bytes(lzma.decompress((PAYLOADS / "PostToolUse.big-Write-10MB.json.xz").read_bytes()))

    control = Case(CONTROL, Path(CONTROL), alone)
    answered = Case("hook, tray answers", hook, attended)
    spooled = Case("hook, nobody listens", hook, alone)
    python = [Case("Python hook, tray answers", python_hook, attended)]
    with _tray(attended):
        return {
            f"2 KB payload, {rounds} rounds": spawn(usual, rounds, [control, answered, spooled]),
            f"10 MB payload, {rounds // 10} rounds": spawn(large, rounds // 10, [control, answered, spooled]),
            f"2 KB payload, {rounds // 40} rounds": spawn(usual, rounds // 40, [control, *python]),
        }


def _spawn(spawn: Path, pause_ms: int, payload: Path, rounds: int, cases: Sequence[Case]) -> dict[str, list[Run]]:
    """The runs of each case by its name, without the first tenth, in which caches fill."""
    command: list[str | Path] = [spawn, str(rounds), str(pause_ms), payload]
    for case in cases:
        command += [case.command, case.home]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    runs = defaultdict(list)
    for line in done.stdout.splitlines():
        index, took_ns, waited_ns, status = map(int, line.split())
        if status:
            raise SystemExit(f"{cases[index].name} ended with {status}")
        runs[cases[index].name].append(Run(took_ns, waited_ns))
    return {name: all_of_it[len(all_of_it) // 10 :] for name, all_of_it in runs.items()}


def _compiled(folder: Path) -> tuple[Path, Path]:
    compile_hook: list[str | Path] = [sys.executable, ROOT / "packaging" / "compile_hook.py"]
    native = folder / "claude-monitor-hook"
    subprocess.run([*compile_hook, "-o", native], check=True, stdout=subprocess.DEVNULL)
    python = folder / "python-hook"
    subprocess.run([*compile_hook, "--compiler", "python", "-o", python], check=True, stdout=subprocess.DEVNULL)
    python.write_text(python.read_text().replace("#!python", f"#!{sys.executable}", 1))
    os.environ["PYTHONPATH"] = str(ROOT / "tray")
    return native, python


def _compile(folder: Path, name: str) -> Path:
    path = folder / name
    compiler = [sys.executable, "-m", "ziglang", "cc", "-target", f"{os.uname().machine}-linux-musl"]
    subprocess.run([*compiler, "-std=c11", "-O2", "-o", path, HERE / f"{name}.c"], check=True)
    return path


@contextmanager
def _tray(home: Path) -> Iterator[None]:
    """The product's own tray, which commits each event before it answers."""
    environment = {**os.environ, "CLAUDE_MONITOR_HOME": str(home)}
    command = [sys.executable, "-m", "monitor_tray", "tray", "--headless"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as tray:
        try:
            while not (home / "hook.sock").exists():
                if tray.poll() is not None:
                    raise SystemExit("the tray did not start")
                time.sleep(0.02)
            yield
        finally:
            tray.terminate()


def _padded_to_2_kb(payload: bytes) -> bytes:
    """The payload with a longer tool response, so that it is of the usual size of one."""
    return payload.replace(b'"stdout":"hi"', b'"stdout":"' + b"x" * (2048 - len(payload)) + b'"')


def _figures(runs: Sequence[Run], control: Sequence[Run]) -> Figures:
    def quantiles(some: Sequence[Run]) -> tuple[float, float]:
        times = sorted(run.took_ns / 1e6 for run in some)
        return (statistics.median(times), times[min(len(times) - 1, len(times) * 99 // 100)]) if times else (0.0, 0.0)

    (median, p99), (control_median, control_p99) = quantiles(runs), quantiles(control)
    return Figures(len(runs), median, p99, median / (control_median or 1.0), p99 / (control_p99 or 1.0))


def _all_figures(by_name: dict[str, list[Run]]) -> dict[str, dict[str, Figures]]:
    def undisturbed(runs: list[Run]) -> list[Run]:
        return [run for run in runs if run.waited_ns < UNDISTURBED_NS]

    control = by_name[CONTROL]
    return {
        name: {
            "all": _figures(runs, control),
            "undisturbed": _figures(undisturbed(runs), undisturbed(control)),
        }
        for name, runs in by_name.items()
    }


def _print(results: dict[str, dict[str, list[Run]]]) -> None:
    for title, by_name in results.items():
        print(f"\n{title}\n{'':32}{'':>13}{'runs':>7}{'median ms':>12}{'x':>7}{'p99 ms':>9}{'x':>7}")
        for name, kinds in _all_figures(by_name).items():
            for kind, f in kinds.items():
                print(
                    f"{name if kind == 'all' else '':32}{kind:>13}{f.runs:>7}{f.median_ms:>12.3f}{f.median_ratio:>7.2f}"
                    f"{f.p99_ms:>9.3f}{f.p99_ratio:>7.2f}"
                )


def _as_json(results: dict[str, dict[str, list[Run]]]) -> dict[str, object]:
    return {
        title: {name: {kind: f._asdict() for kind, f in kinds.items()} for name, kinds in _all_figures(by_name).items()}
        for title, by_name in results.items()
    }


def _verdict(results: dict[str, dict[str, list[Run]]]) -> int:
    """Median at most that of the control, p99 at most 1.5 times, below 10 ms; for the usual payload, undisturbed."""
    usual = _all_figures(next(iter(results.values())))
    missed = [
        name
        for name, kinds in usual.items()
        if name != CONTROL
        and not (
            kinds["undisturbed"].median_ratio <= 1.0
            and kinds["undisturbed"].p99_ratio <= 1.5
            and kinds["undisturbed"].p99_ms < 10
        )
    ]
    print(f"\nmissed its target: {', '.join(missed)}" if missed else "\nall targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
