"""A program that shows the tray icon and nothing else, for the tests to look at as a process.

It reads one command a line on stdin and writes what happens, one line each, on stdout. Commands: a glance as JSON;
``refresh`` and a glance, which the menu gets when it is opened; ``hurry N``, which shows N glances from eight threads;
``hold``, after which opening the report takes until ``release``.
"""

from __future__ import annotations

import json
import logging
import signal
import sys
import threading
from typing import TYPE_CHECKING

from monitor_tray import icon
from monitor_tray.actions import OpenDay, Quit
from monitor_tray.glance import AwayLine, Glance, PauseLine, ProjectLine, SessionLine, State

if TYPE_CHECKING:
    from monitor_tray.actions import Action

HOUR_MS = 3_600_000


def glance_of(text: str) -> Glance:
    data = json.loads(text)
    projects = tuple(ProjectLine(name, ms, f"/home/dev/{name}") for name, ms in data.get("projects", {}).items())
    return Glance(
        total_ms=data["total_ms"],
        goal_ms=8 * HOUR_MS,
        state=State(data["state"]),
        projects=projects,
        trouble=data.get("trouble", ""),
        sessions=tuple(SessionLine(**{**line, "state": State(line["state"])}) for line in data.get("sessions", ())),
        pause=PauseLine(data["pause"]) if "pause" in data else None,
        away=AwayLine(0, HOUR_MS, "10:00", "11:00", projects) if data.get("away") else None,
        starts_at_login=data.get("starts_at_login"),
    )


def say(text: str) -> None:
    print(text, flush=True)


class Program:
    def __init__(self) -> None:
        self.glance = Glance(0, 8 * HOUR_MS, State.IDLE)
        self.released = threading.Event()
        self.released.set()
        self.icon = icon.create(
            do=self.do,
            refresh=lambda: self.glance,
            shown=lambda backend: say(f"ready {backend}"),
            lost=lambda reason: say(f"lost {reason}"),
        )

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda _number, _frame: self.icon.stop())
        threading.Thread(target=self.read_commands, daemon=True).start()
        self.icon.run()
        say("ended")

    def read_commands(self) -> None:
        for line in sys.stdin:
            if line.startswith("hurry "):
                self.hurry(int(line.split()[1]))
            elif line == "hold\n":
                self.released.clear()
            elif line == "release\n":
                self.released.set()
            elif line.startswith("refresh "):
                self.glance = glance_of(line.removeprefix("refresh "))
            else:
                self.glance = glance_of(line)
                self.icon.show(self.glance)
            say("read")

    def hurry(self, count: int) -> None:
        def show_all() -> None:
            for hours in range(count):
                projects = tuple(ProjectLine(f"p{number}", HOUR_MS) for number in range(hours % 5))
                self.icon.show(Glance(hours * HOUR_MS, 8 * HOUR_MS, list(State)[hours % 4], projects))

        threads = [threading.Thread(target=show_all) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.icon.show(self.glance)

    def do(self, action: Action) -> None:
        if isinstance(action, OpenDay):
            say("report")
            self.released.wait()
        elif isinstance(action, Quit):
            say("quit")
            self.icon.stop()
        else:
            say(repr(action))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    try:
        Program().run()
    except icon.TrayUnavailableError as error:
        say(f"unavailable {error}")
