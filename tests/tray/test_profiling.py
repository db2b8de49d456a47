"""What samples and traces make of threads and blocks of which is known what they do."""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from monitor_core.errors import MonitorError
from monitor_tray.allocations import folded_bytes
from monitor_tray.sampling import folded_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

here = __name__
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell what a thread took")


def for_s(seconds: float) -> Callable[[], bool]:
    ends_at = time.monotonic() + seconds
    return lambda: time.monotonic() < ends_at


@contextlib.contextmanager
def running(name: str, work: Callable[[threading.Event], None]) -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=work, args=(over,), name=name)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def busy(over: threading.Event) -> None:
    while not over.is_set():
        sum(range(1_000))


def idle(over: threading.Event) -> None:
    over.wait()


def seconds_of(lines: list[str], root: str) -> float:
    return sum(int(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{root};")) / 1e6


@on_linux
def test_a_thread_at_work_has_the_time_that_it_took_and_one_that_waits_has_none() -> None:
    with running("digger", busy), running("sleeper", idle):
        lines = folded_time(for_s(1.0), time.sleep)
    at_work = [
        line for line in lines if line.startswith("digger;") and line.rpartition(" ")[0].endswith(f"{here}:busy")
    ]
    assert seconds_of(at_work, "digger") > 0.9 * seconds_of(lines, "digger") > 0.1
    assert seconds_of(lines, "sleeper") < 0.01


@on_linux
def test_what_a_thread_takes_in_all_is_what_the_system_says() -> None:
    before, taken = time.process_time(), time.thread_time()
    with running("digger", busy):
        lines = folded_time(for_s(1.0), time.sleep)
    others = time.process_time() - before - (time.thread_time() - taken)
    assert seconds_of(lines, "digger") == pytest.approx(others, rel=0.1)


@on_linux
def test_a_thread_that_begins_and_ends_meanwhile_is_seen_with_all_that_it_took() -> None:
    def short(_: threading.Event) -> None:
        ends_at = time.thread_time() + 0.2
        while time.thread_time() < ends_at:
            pass

    begin = threading.Timer(0.1, lambda: None)
    begin.name = "late"
    begin.function = lambda: short(threading.Event())
    begin.start()
    lines = folded_time(for_s(1.0), time.sleep)
    begin.join()
    assert 0.15 < seconds_of(lines, "late") <= 0.22


def test_a_semicolon_in_a_threads_name_makes_no_frame() -> None:
    with running("a;b", busy):
        lines = folded_time(for_s(0.3), time.sleep)
    assert any(line.startswith("a,b;") for line in lines)


def test_only_what_is_kept_counts_with_its_bytes_and_the_place_that_took_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A module that pytest does not load in a way of its own.
    (tmp_path / "hoarder.py").write_text(
        "class Hoard:\n    kept = []\n    def keep(self):\n        self.kept.append(bytes(1_000_000))\n"
        "def drop():\n    bytes(2_000_000)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    hoarder = importlib.import_module("hoarder")

    def pause(_: float) -> None:
        if not hoarder.Hoard.kept:
            hoarder.Hoard().keep()
            hoarder.drop()

    found = dict(line.rsplit(" ", 1) for line in folded_bytes(for_s(0.1), pause) if "hoarder:" in line)
    sizes = {stack.rpartition(";")[2]: int(size) for stack, size in found.items()}
    assert set(sizes) == {"hoarder:Hoard.keep:4"}
    assert 1_000_000 <= sizes["hoarder:Hoard.keep:4"] < 1_001_000


def test_nothing_is_traced_afterwards_even_where_it_failed() -> None:
    def fail(_: float) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        folded_bytes(for_s(1.0), fail)
    assert not tracemalloc.is_tracing()


def test_somebody_elses_trace_is_left_alone() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(MonitorError, match="without PYTHONTRACEMALLOC"):
            folded_bytes(for_s(1.0), time.sleep)
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()
