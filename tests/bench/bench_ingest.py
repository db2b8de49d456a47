"""Measures how fast the tray takes events in: at 1,000 a second, as many as it can, from a full spool, and ever after.

    python -m tests.bench.bench_ingest [--seconds N] [--spooled N] [--history N]

Each event comes over a connection of its own, from a program in C, as from a hook. The control answers each line at
once and keeps nothing: what a listener in Python costs without the product.
"""

from __future__ import annotations

import argparse
import contextlib
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from monitor_core.wire import decode_event
from tests.bench.figures import Control, Figure, missed, table, times
from tests.bench.history import lines
from tests.bench.processes import compiled, folder_on_disk, new_home, product, tray, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PER_SECOND, CEILING_PER_SECOND = 1_000, 8_000
#: A hook waits 4 ms for its answer, from its own start on.
ACKNOWLEDGED_MS, DEADLINE_MS = 5.0, 4.0
#: So many hooks at a time; the pipe serves 256.
AT_ONCE = 64
CONTROL = "answers at once"


class Sent(NamedTuple):
    """What became of many lines: those that were not acknowledged within a second, and how long the others took."""

    seconds: float
    lost: int
    took_ms: list[float]

    @property
    def per_second(self) -> float:
        """Acknowledged."""
        return len(self.took_ms) / self.seconds

    @property
    def late_percent(self) -> float:
        """Of the acknowledged, those for which a hook would not have waited."""
        return sum(ms > DEADLINE_MS for ms in self.took_ms) / len(self.took_ms) * 100


def main() -> int:
    """Prints the figures. 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--spooled", type=int, default=100_000)
    parser.add_argument("--history", type=int, default=1_000_000, help="events before the last ones")
    options = parser.parse_args()
    figures = measure(options.seconds, options.spooled, options.history)
    print(table(figures))
    return 1 if missed(figures) else 0


def measure(seconds: int = 30, spooled: int = 100_000, history: int = 1_000_000) -> list[Figure]:
    """Takes some minutes."""
    with folder_on_disk() as place:
        load = compiled(place, "load")
        return [*_arriving(place, load, seconds), *_draining(place, spooled), *_ever_after(place, load, history)]


def measure_ten_millionth() -> list[Figure]:
    """The last part with ten times as much before it. Takes ten minutes, most of them to make it."""
    with folder_on_disk() as place:
        return _ever_after(place, compiled(place, "load"), 10_000_000)


def _arriving(place: Path, load: Path, seconds: int) -> list[Figure]:
    steady = _file(place / "steady.jsonl", lines(seconds * PER_SECOND))
    many = _file(place / "many.jsonl", lines(100_000, seed=2))
    control_home, home = new_home(place, "control"), new_home(place, "arriving")
    with _control(control_home):
        control = _sent(load, control_home, steady, PER_SECOND)
        control_most = _sent(load, control_home, many, 0)
    with tray(home):
        own = _sent(load, home, steady, PER_SECOND)
        _settled(home)
        most = _sent(load, home, many, 0)
        _settled(home)
    stored = _stored(home)
    took, beside = times(own.took_ms), times(control.took_ms)
    missing = 100_000 + seconds * PER_SECOND - own.lost - most.lost - stored
    every = f"{PER_SECOND:,} events a second for {seconds} s"
    return [
        Figure(
            f"{every}: acknowledged", own.per_second, "events/s", Control(CONTROL, control.per_second),
            at_least=0.99 * PER_SECOND,  # the last connection has its own end to wait for
        ),
        Figure(f"{every}: not acknowledged", own.lost, "events", Control(CONTROL, control.lost), at_most=0),
        Figure(f"{every}: acknowledgement, median", took.median, "ms", Control(CONTROL, beside.median)),
        Figure(
            f"{every}: acknowledgement, p99", took.p99, "ms", Control(CONTROL, beside.p99), at_most=ACKNOWLEDGED_MS
        ),
        Figure(
            f"{every}: after more than {DEADLINE_MS:g} ms, so spooled as well", own.late_percent, "%",
            Control(CONTROL, control.late_percent),
        ),
        Figure(
            "as many as it takes", most.per_second, "events/s", Control(CONTROL, control_most.per_second),
            at_least=CEILING_PER_SECOND,
        ),
        Figure(
            "as many as it takes: not acknowledged", most.lost, "events", Control(CONTROL, control_most.lost), at_most=0
        ),
        Figure(
            "of both: acknowledged and not stored", missing, "events", Control("acknowledged", stored + missing),
            at_most=0,
        ),
    ]  # fmt: skip


def _draining(place: Path, count: int) -> list[Figure]:
    """From the tray's start until the spool is empty; the control reads and deletes the same files."""
    took_s = {}
    home, control = new_home(place, "draining"), new_home(place, "read")
    made = lines(count, seed=3)
    for folder in (control, home / "spool" / "new"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for line in made:
            event = decode_event(line)
            (folder / f"{event.t}-{event.id}.json").write_bytes(line)
    began = time.perf_counter()
    for file in sorted(control.iterdir()):
        file.read_bytes()
        file.unlink()
    took_s[CONTROL] = time.perf_counter() - began
    began = time.perf_counter()
    with tray(home):
        until(lambda: not any((home / "spool" / "new").iterdir()), "the spool was not drained", 600)
        took_s["tray"] = time.perf_counter() - began
    spooled = len({line[14:50] for line in made})
    return [
        Figure(
            f"a spool of {count:,} files",
            count / took_s["tray"],
            "events/s",
            Control("reads and deletes them", count / took_s[CONTROL]),
        ),
        Figure("of it: not stored", spooled - _stored(home), "events", Control("spooled", spooled), at_most=0),
    ]


def _ever_after(place: Path, load: Path, history: int) -> list[Figure]:
    """What the same events cost an empty store, and one that has a long history: processor time of the tray."""
    if not history:
        return []
    count = 20_000
    cost_us = []
    for name, before in (("empty", 0), ("full", history)):
        home = new_home(place, name)
        if before:
            product(home, "replay", str(_file(place / "before.jsonl", lines(before, seed=4))))
        later = [_later(line) for line in lines(count, seed=5)]
        with tray(home) as pid:
            time.sleep(1)
            spent_s = _cpu_s(pid)
            _sent(load, home, _file(place / "later.jsonl", later), PER_SECOND)
            _settled(home)
            cost_us.append((_cpu_s(pid) - spent_s) / count * 1e6)
    return [
        Figure(
            f"an event after {history:,} others: processor time",
            cost_us[1],
            "µs",
            Control("in an empty store", cost_us[0]),
            ratio_at_most=1.25,
        )
    ]


def _later(line: bytes) -> bytes:
    """The line as one of a session of its own, after all that `lines` has."""
    return line.replace(b'"session_id":"session-', b'"session_id":"late-').replace(b"-8000-", b"-9000-")


def _file(path: Path, of: Sequence[bytes]) -> Path:
    path.write_bytes(b"".join(of))
    return path


def _sent(load: Path, home: Path, file: Path, per_second: int) -> Sent:
    began = time.perf_counter()
    done = subprocess.run([load, home, file, str(per_second), str(AT_ONCE)], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    took_ns = [int(line) for line in done.stdout.split()]
    return Sent(seconds, sum(ns < 0 for ns in took_ns), [ns / 1e6 for ns in took_ns if ns >= 0])


@contextlib.contextmanager
def _control(home: Path) -> Iterator[None]:
    with subprocess.Popen([sys.executable, Path(__file__).with_name("answerer.py"), home]) as process:
        try:
            until((home / "hook.sock").exists, "the control did not start")
            yield
        finally:
            process.terminate()


def _settled(home: Path) -> None:
    """Until the books hold what has arrived."""
    # That Claude Code is not connected makes it a failure.
    until(lambda: '"up to date"' in product(home, "health", "--json", check=False), "the books were not kept up")


def _stored(home: Path) -> int:
    with contextlib.closing(sqlite3.connect(home / "monitor.db")) as database:
        return int(database.execute("SELECT COUNT(*) FROM event").fetchone()[0])


def _cpu_s(pid: int) -> float:
    """User and system, of all threads, from the scheduler's own count."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9


if __name__ == "__main__":
    sys.exit(main())
