"""Loads a backend of another system against stand-ins of that system, and runs its icon."""

from __future__ import annotations

import contextlib
import importlib
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from PIL import Image

from monitor_tray.icon._pystray import Menu, MenuItem

if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Iterator

RED = (200, 30, 30, 255)


@contextlib.contextmanager
def loaded(name: str) -> Iterator[types.ModuleType]:
    """The backend's module, imported anew: the next one may meet other stand-ins."""
    _forget(name)
    try:
        yield importlib.import_module(f"monitor_tray.icon.{name}")
    finally:
        _forget(name)


def _forget(name: str) -> None:
    for owner, module in (("monitor_tray.icon", name), ("pystray", name), ("pystray._util", "win32")):
        sys.modules.pop(f"{owner}.{module}", None)
        if owner in sys.modules:
            vars(sys.modules[owner]).pop(module, None)


class Shown:
    """An icon with a menu of plain lines, each with what a click does."""

    def __init__(self, backend: types.ModuleType) -> None:
        self.lines: dict[str, Callable[[], None]] = {"Open report": lambda: None}
        self.opening: Callable[[], None] = lambda: None
        self.placed: list[bool] = []
        self.icon: Any = backend.Icon("claude-monitor", menu=Menu(self._items), opening=self._open)
        self.icon.draw(lambda size: Image.new("RGBA", (size, size), RED))
        self.icon.title = "3 h 12 m today"
        self.icon.update_menu()

    def change(self, *lines: str) -> None:
        """Has the menu say something else."""
        self.lines = dict.fromkeys(lines, lambda: None)
        self.icon.update_menu()

    def run(self, *tasks: Callable[[], Any]) -> None:
        """Shows the icon; when it is placed another thread posts the tasks, and then the end."""
        self.run_until(lambda: [*map(self.icon.post, tasks), self.icon.stop()])

    def run_until(self, act: Callable[[], Any]) -> None:
        """Shows the icon until it ends; when it is placed another thread acts."""
        actor = threading.Thread(target=act)

        def placed(shown: bool) -> None:
            self.placed.append(shown)
            actor.start()

        self.icon.run(placed)
        actor.join()

    def _open(self) -> None:
        self.opening()

    def _items(self) -> Iterator[MenuItem]:
        for text, action in self.lines.items():
            yield MenuItem(self.icon.menu_text(text), _without_arguments(action))


def _without_arguments(action: Callable[[], None]) -> Callable[[], None]:
    def call() -> None:
        action()

    return call


@contextlib.contextmanager
def handled(number: signal.Signals, handler: Callable[[], None]) -> Iterator[None]:
    """Within, the signal calls ``handler``."""
    earlier = signal.signal(number, lambda *_: handler())
    try:
        yield
    finally:
        signal.signal(number, earlier)
