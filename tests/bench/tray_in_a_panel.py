"""The processes that ``bench_tray.py`` measures, on a `Desktop` whose bus is listened to; and the measuring."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import queue
import site
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from jeepney import HeaderFields, MatchRule

from monitor_core.errors import PipeError
from monitor_core.model import HOUR_MS
from monitor_core.paths import Paths
from monitor_core.wire import Command, encode
from monitor_tray import pipe
from monitor_tray.clock import now_ms
from monitor_tray.icon._bus import MESSAGE_BUS, Bus
from monitor_tray.install import hook_command
from tests.bench.processes import connected, memory_mb, product
from tests.recorded.day import LENGTH_MS, recorded_day, zone_where_it_is_five
from tests.recorded.sessions import Step, call_hook, load
from tests.system.panel import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jeepney import Message

    from tests.system.panel import Desktop

CONTROL = Path(__file__).with_name("appindicator_icon.py")
SYSTEM_PYTHON = "/usr/bin/python3"
TRAY, HEADLESS, CONTROL_NAME = "tray", "tray, headless", "pystray on GTK"
SETTLED_S, IDLE_S, BETWEEN_EVENTS_S, BETWEEN_REPORTS_S = 20.0, 180.0, 1.1, 0.25
PATIENCE_S = 15.0

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM, MENU = "org.kde.StatusNotifierItem", "com.canonical.dbusmenu"


class Memory(NamedTuple):
    """Of one process, in MB of a million bytes; private is what it has written, which it shares with nobody."""

    rss_mb: float
    private_mb: float


class Busy(NamedTuple):
    """How often a thread went to sleep of its own will, which is as often as it woke up, and what it ran."""

    wake_ups: int
    cpu_ms: float

    def since(self, before: Busy | None) -> Busy:
        """What has come; all of it for a thread that was not there before."""
        return self if before is None else Busy(self.wake_ups - before.wake_ups, self.cpu_ms - before.cpu_ms)


class Start(NamedTuple):
    """From the start of the process until a panel has the icon, and until the pipe answers. `None`: it has neither."""

    registered_ms: float | None
    answers_ms: float | None


class Results(NamedTuple):
    """All that was measured, by the name of the process; ``idle`` by thread, in the order in which they began."""

    memory: dict[str, Memory]
    starts: dict[str, list[Start]]
    idle: dict[str, list[Busy]]
    shown_ms: dict[str, list[float]]
    shown_while_reporting_ms: list[float]


class Bench:
    """The desktop's bus, listened to, and the processes that are measured."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self._heard: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
        self._bus = Bus(desktop.environment["DBUS_SESSION_BUS_ADDRESS"], lambda _: None, self._note, lambda: None)
        for interface in (WATCHER, ITEM, MENU):
            rule = MatchRule(type="signal", interface=interface)
            self._bus.call(MESSAGE_BUS, "AddMatch", "s", (rule.serialise(),))
        self._attended, self._alone = (self._home(name) for name in ("attended", "alone"))
        with self._started(self._tray(self._attended)):
            self._wait_for("StatusNotifierItemRegistered")
            until(lambda: any("handbook" in label for label in self._shown_labels()), "the menu lacks the recorded day")
            self._labels = self._shown_labels()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bus.close()

    def measure(self, starts: int, events: int) -> Results:
        """Takes some minutes."""
        memory, idle = self._at_rest()
        return Results(memory, self._starting(starts), idle, self._events(events), self._events_while_reporting(events))

    # -- what is measured --

    def _at_rest(self) -> tuple[dict[str, Memory], dict[str, list[Busy]]]:
        """All three at the same time: their memory after 24 hours of events, and how busy each is while idle."""
        with contextlib.ExitStack() as running:
            processes = {}
            for name, command in self._commands().items():
                processes[name] = running.enter_context(self._started(command))
            time.sleep(SETTLED_S)
            for home in (self._attended, self._alone):
                self._pass_a_day(home)
            time.sleep(SETTLED_S)
            sizes = {name: memory_mb(process.pid) for name, process in processes.items()}
            memory = {name: Memory(found["Rss"], found["Private_Dirty"]) for name, found in sizes.items()}
            before = {name: _busy(process.pid) for name, process in processes.items()}
            time.sleep(IDLE_S)
            after = {name: _busy(process.pid) for name, process in processes.items()}
        return memory, {
            name: [busy.since(before[name].get(thread)) for thread, busy in sorted(threads.items())]
            for name, threads in after.items()
        }

    def _pass_a_day(self, home: Path) -> None:
        """Sends the recorded eight hours twice more, as those before: over the pipe, to the tray that runs."""
        for ago in (2, 1):
            _replay(home, now_ms() - 3 * HOUR_MS - ago * LENGTH_MS)

    def _starting(self, count: int) -> dict[str, list[Start]]:
        found: dict[str, list[Start]] = {name: [] for name in self._commands()}
        for _ in range(count):
            for name, command in self._commands().items():
                began_ns = time.monotonic_ns()
                with self._started(command):
                    answers = None if name == CONTROL_NAME else _until_it_answers(command.home, began_ns)
                    shown = None if name == HEADLESS else self._wait_for("StatusNotifierItemRegistered", began_ns)
                    found[name].append(Start(shown, answers))
        # The first of each fills caches.
        return {name: starts[1:] for name, starts in found.items()}

    def _events(self, count: int) -> dict[str, list[float]]:
        """From the end of the hook to the first signal of the menu, and the same after a line to the control."""
        with self._started(self._tray(self._attended)):
            self._wait_for("StatusNotifierItemRegistered")
            tray = self._shown(count, self._tell)
        with self._started(self._control()) as control:
            self._wait_for("StatusNotifierItemRegistered")
            pipe_to_it = control.stdin
            assert pipe_to_it is not None

            def write(number: int) -> None:
                pipe_to_it.write(f"Today  {number} m\n")
                pipe_to_it.flush()

            return {TRAY: tray, CONTROL_NAME: self._shown(count, write)}

    def _events_while_reporting(self, count: int) -> list[float]:
        """The same, while the tray makes one page after another."""
        over = threading.Event()

        def report() -> None:
            while not over.wait(BETWEEN_REPORTS_S):
                with connected(self._attended, PATIENCE_S) as client:
                    client.sendall(encode(Command("open-report")))
                    client.recv(1_024)

        with self._started(self._tray(self._attended)), ThreadPoolExecutor() as threads:
            self._wait_for("StatusNotifierItemRegistered")
            reporting = threads.submit(report)
            try:
                return self._shown(count, self._tell)
            finally:
                over.set()
                reporting.result()

    def _tell(self, number: int) -> None:
        """Runs the hook: a prompt, or the end of its turn."""
        step = load("headless-all-tools", "/home/dev/projects/api")
        turn = [next(s for s in step if s.payload["hook_event_name"] == kind) for kind in ("UserPromptSubmit", "Stop")]
        hook = hook_command.find()
        if hook is None:
            raise SystemExit("claude-monitor-hook is not installed; run this as `make bench`, which installs it")
        call_hook([hook], _later(turn[number % 2], number), self._attended)

    def _shown(self, count: int, tell: Callable[[int], None]) -> list[float]:
        times = []
        for number in range(count):
            # Not in step with anything that the process does by itself.
            time.sleep(BETWEEN_EVENTS_S + 0.037 * (number % 10))
            self._forget()
            tell(number)
            told_ns = time.monotonic_ns()
            times.append(self._wait_for("ItemsPropertiesUpdated LayoutUpdated", told_ns))
        return times

    def _shown_labels(self) -> list[str]:
        """The entries from top to bottom, an empty one for a separator."""
        menu = self._desktop.probe("show")["menu"]
        return [entry.get("label", "") for entry in menu if entry.get("visible", True)]

    # -- the processes --

    def _commands(self) -> dict[str, Started]:
        return {
            TRAY: self._tray(self._attended),
            HEADLESS: self._tray(self._alone, "--headless"),
            CONTROL_NAME: self._control(),
        }

    def _tray(self, home: Path, *options: str) -> Started:
        return Started(
            [sys.executable, "-m", "monitor_tray", "tray", *options],
            {"CLAUDE_MONITOR_HOME": str(home), "BROWSER": "/bin/true"},
            home,
        )

    def _control(self) -> Started:
        packages = os.pathsep.join(site.getsitepackages())
        return Started([SYSTEM_PYTHON, str(CONTROL)], {"PYTHONPATH": packages}, None, json.dumps(self._labels))

    @contextlib.contextmanager
    def _started(self, what: Started) -> Iterator[subprocess.Popen[str]]:
        self._forget()  # what is heard of those before is not of this one
        with subprocess.Popen(
            what.command,
            env={**self._desktop.environment, **what.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                if process.stdin and what.first_line:
                    process.stdin.write(f"{what.first_line}\n")
                    process.stdin.flush()
                yield process
            finally:
                process.terminate()
                try:
                    process.wait(PATIENCE_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise SystemExit(f"{' '.join(what.command)} did not end within {PATIENCE_S:g} s") from None

    def _home(self, name: str) -> Path:
        """A home with a day that is over, so that nothing goes on by itself."""
        home = self._desktop.home / name
        home.mkdir(mode=0o700)
        zone = zone_where_it_is_five(dt.datetime.now(dt.UTC))
        (home / "config.toml").write_text(f'timezone = "{zone}"\n', encoding="utf-8")
        _replay(home, now_ms() - 3 * HOUR_MS)
        return home

    # -- the bus --

    def _note(self, signal: Message) -> None:
        self._heard.put((time.monotonic_ns(), signal.header.fields[HeaderFields.member]))

    def _forget(self) -> None:
        while not self._heard.empty():
            self._heard.get()

    def _wait_for(self, names: str, since_ns: int = 0) -> float:
        """The next of these signals: how many milliseconds after ``since_ns`` it came."""
        deadline = time.monotonic() + PATIENCE_S
        with contextlib.suppress(queue.Empty):
            while True:
                at_ns, name = self._heard.get(timeout=max(0.0, deadline - time.monotonic()))
                if name in names.split():
                    return max(0, at_ns - since_ns) / 1e6
        raise SystemExit(f"within {PATIENCE_S:g} s there was no signal {names}")


class Started(NamedTuple):
    """How a process is started: ``home`` where it has a pipe, ``first_line`` goes to its stdin."""

    command: Sequence[str]
    environment: dict[str, str]
    home: Path | None
    first_line: str = ""


def _later(step: Step, number: int) -> Step:
    """The step as a prompt or an end of its own."""
    return step._replace(payload={**step.payload, "prompt_id": f"bench-{number // 2}"})


def _until_it_answers(home: Path | None, began_ns: int) -> float:
    assert home is not None
    paths, line = Paths(home), encode(Command("status"))

    def answers() -> bool:
        try:
            return bool(pipe.exchange(paths, [line], PATIENCE_S))
        except PipeError:
            return False

    while not answers():
        if time.monotonic_ns() - began_ns > PATIENCE_S * 1e9:
            raise SystemExit(f"the tray did not answer within {PATIENCE_S:g} s")
        time.sleep(0.002)
    return (time.monotonic_ns() - began_ns) / 1e6


def _busy(pid: int) -> dict[int, Busy]:
    """Of each thread, since it began."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        (line,) = [text for text in (task / "status").read_text().splitlines() if text.startswith("voluntary")]
        ran_ns = int((task / "schedstat").read_text().split()[0])
        found[int(task.name)] = Busy(int(line.split()[1]), ran_ns / 1e6)
    return found


def _replay(home: Path, end_ms: int) -> None:
    """The recorded day that ends then: over the pipe where a tray runs."""
    day = home / "day.jsonl"
    day.write_bytes(b"".join(map(encode, recorded_day(end_ms))))
    product(home, "replay", str(day))
