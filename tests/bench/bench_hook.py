"""Measures the hook against starting ``/bin/true``, in the same run and in turns.

    python -m tests.bench.bench_hook [--rounds N] [--pause-ms N]

Each round starts every command once, as Claude Code does: stdin is a socket pair that holds a recorded payload, and the
round ends when the process has. A small C program does the starting, since Python's own cost would drown the
difference. A run counts as undisturbed when no task had to wait for a processor meanwhile: neither the process, nor a
thread of the tray, nor the load. The ratios have to hold for those; how many they are is told, too.

Leave some minutes between two runs: for so long ext4 does not use the inodes of deleted files again, and looks at each
of them whenever a file is made near, which a hook without a listener does.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections import defaultdict
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.figures import Control, Figure, compared, missed, table
from tests.bench.history import lines
from tests.bench.processes import ROOT, compiled, folder_on_disk, new_home, tray

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAYLOADS = ROOT / "tests" / "recorded" / "payloads"
CONTROL = "/bin/true"
ANSWERED, SPOOLED = "tray answers", "nobody listens"
UNDISTURBED_NS = 100_000
#: What the hook may cost of what the control costs, and at the most.
MEDIAN_X, P99_X, P99_MS = 1.0, 1.5, 10.0
#: Of the runs of each command, or there is too little to hold to them.
LEAST_UNDISTURBED_PERCENT = 20
LEAST_ROUNDS = 200
LARGE_BYTES = 5_000_000
BESIDE_PER_SECOND, AT_ONCE = 1_000, 32


class Run(NamedTuple):
    """One process: how long it took, and how long it and the threads of the others waited for a processor meanwhile."""

    took_ns: int
    waited_ns: int
    others_waited_ns: int

    @property
    def is_undisturbed(self) -> bool:
        """Whether neither waited for longer than it takes to wake up."""
        return max(self.waited_ns, self.others_waited_ns) < UNDISTURBED_NS


class Case(NamedTuple):
    """A command and the home that it runs with."""

    name: str
    command: Path
    home: Path


def main() -> int:
    """Prints the figures. 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=2250)
    parser.add_argument("--pause-ms", type=int, default=0, help="between two starts; the client itself takes about 5")
    arguments = parser.parse_args()
    if arguments.rounds < LEAST_ROUNDS:
        parser.error(f"--rounds is {arguments.rounds}; at least {LEAST_ROUNDS} are needed for something of every case")
    figures = measure(arguments.rounds, arguments.pause_ms)
    print(table(figures))
    return 1 if missed(figures) else 0


def measure(rounds: int = 2250, pause_ms: int = 0) -> list[Figure]:
    """Takes about a minute."""
    with folder_on_disk() as place:
        hook, python_hook = _hooks(place)
        spawn = partial(_spawn, compiled(place, "spawn"), pause_ms)
        attended, alone = new_home(place, "attended"), new_home(place, "alone")
        usual, large = place / "usual.json", place / "large.json"
        usual.write_bytes(_padded((PAYLOADS / "PostToolUse.json").read_bytes(), 2_048))
        large.write_bytes(_padded((PAYLOADS / "PostToolUse.json").read_bytes(), LARGE_BYTES))
        load = compiled(place, "load")
        beside = place / "beside.jsonl"
        beside.write_bytes(b"".join(lines(120 * BESIDE_PER_SECOND)))

        control = Case(CONTROL, Path(CONTROL), alone)
        cases = [control, Case(ANSWERED, hook, attended), Case(SPOOLED, hook, alone)]
        python = Case("in Python, tray answers", python_hook, attended)
        os.sync()
        with tray(attended) as tray_pid:
            idle = spawn(usual, rounds, 1, cases, [tray_pid])
            big = spawn(large, rounds // 10, 1, cases)
            many = spawn(usual, rounds // 30, AT_ONCE, cases)
            slow = spawn(usual, rounds // 40, 1, [control, python])
            with _load(load, attended, beside) as load_pid:
                loaded = spawn(usual, rounds, 1, cases, [tray_pid, load_pid])
    besides = f"2 KB, besides {BESIDE_PER_SECOND:,} events/s"
    return [
        *_compared("2 KB", idle, p99_ms=P99_MS),
        *_undisturbed("2 KB", idle),
        *_compared(besides, loaded, p99_ms=P99_MS),
        *_undisturbed(besides, loaded),
        *_compared(f"{LARGE_BYTES / 1e6:g} MB", big, p99_ms=P99_MS),
        *_compared(f"2 KB, {AT_ONCE} at once", many),
        *_compared("2 KB", slow),
    ]


def _spawn(
    spawn: Path,
    pause_ms: int,
    payload: Path,
    rounds: int,
    at_once: int,
    cases: Sequence[Case],
    others: Sequence[int] = (),
) -> dict[str, list[Run]]:
    """The runs of each case by its name, without the first tenth, in which caches fill. ``others``: process ids."""
    command: list[str | Path] = [spawn, str(rounds), str(pause_ms), str(at_once), ",".join(map(str, others)), payload]
    for case in cases:
        command += [case.command, case.home]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    runs = defaultdict(list)
    for line in done.stdout.splitlines():
        index, *run, status = map(int, line.split())
        if status:
            raise SystemExit(f"{cases[index].name} ended with {status}")
        runs[cases[index].name].append(Run._make(run))
    return {name: all_of_it[len(all_of_it) // 10 :] for name, all_of_it in runs.items()}


@contextmanager
def _load(load: Path, home: Path, file: Path) -> Iterator[int]:
    """Its process id."""
    command: list[str | Path] = [load, home, file, str(BESIDE_PER_SECOND), "64"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        yield process.pid
        if process.poll() is not None:
            raise SystemExit("the load ended before what it was to be beside of")
        process.terminate()


def _hooks(folder: Path) -> tuple[Path, Path]:
    compile_hook: list[str | Path] = [sys.executable, ROOT / "packaging" / "compile_hook.py"]
    native = folder / "claude-monitor-hook"
    subprocess.run([*compile_hook, "-o", native], check=True, stdout=subprocess.DEVNULL)
    python = folder / "python-hook"
    subprocess.run([*compile_hook, "--compiler", "python", "-o", python], check=True, stdout=subprocess.DEVNULL)
    python.write_text(python.read_text().replace("#!python", f"#!{sys.executable}", 1))
    os.environ["PYTHONPATH"] = str(ROOT / "tray")
    return native, python


def _padded(payload: bytes, size: int) -> bytes:
    """The payload with a longer tool response."""
    return re.sub(rb'"stdout":"[^"]*"', b'"stdout":"' + b"x" * (size - len(payload)) + b'"', payload, count=1)


def _compared(
    what: str,
    by_name: dict[str, list[Run]],
    median_x: float | None = None,
    p99_x: float | None = None,
    p99_ms: float | None = None,
) -> list[Figure]:
    in_ms = {name: [run.took_ns / 1e6 for run in runs] for name, runs in by_name.items()}
    return [
        figure
        for name, own in in_ms.items()
        if name != CONTROL
        for figure in compared(f"hook, {what}, {name}", own, CONTROL, in_ms[CONTROL], median_x, p99_x, p99_ms)
    ]


def _undisturbed(what: str, by_name: dict[str, list[Run]]) -> list[Figure]:
    quiet = {name: [run for run in runs if run.is_undisturbed] for name, runs in by_name.items()}
    shares = {name: len(runs) / len(by_name[name]) * 100 for name, runs in quiet.items()}
    if min(shares.values()) < LEAST_UNDISTURBED_PERCENT:
        told = ", ".join(f"{name} {share:.0f} %" for name, share in shares.items())
        raise SystemExit(f"too few runs were undisturbed ({what}: {told}); leave the machine alone and try again")
    control = Control(CONTROL, shares[CONTROL])
    return [
        *_compared(f"{what}, undisturbed", quiet, MEDIAN_X, P99_X),
        *(
            Figure(f"hook, {what}, {name}, runs that are undisturbed", share, "%", control)
            for name, share in shares.items()
            if name != CONTROL
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
