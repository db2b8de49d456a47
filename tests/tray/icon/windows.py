"""Stand-ins for what pystray's Windows backend and ours call of the system: some functions of user32, shell32, shcore.

As little as the two call. Strings have as much room as on Windows, and menus, icons and windows are handles.
"""

# ruff: noqa: N802  the names are the system's

from __future__ import annotations

import ctypes
import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from tests.tray.icon.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable

WM_QUIT = 0x0012
WM_NOTIFY = 0x0400 + 11  # what pystray asks the tray to send
WM_TASKBARCREATED = 0xC001
RIGHT_CLICK, LEFT_CLICK, BALLOON_CLICK = 0x0205, 0x0202, 0x0405
NIM_ADD, NIM_MODIFY, NIM_DELETE = 0, 1, 2
SM_CXSMICON = 49
E_ACCESSDENIED = -2147024891
MFT_SEPARATOR = 0x0800


@dataclass
class Shown:
    """What the tray was told."""

    tips: list[str] = field(default_factory=list)
    notifications: list[tuple[str, str]] = field(default_factory=list)
    adds: int = 0
    there: bool = False


class System:
    """A Windows whose tray has icons of ``small_icon`` pixels. ``while_open`` is called while a menu is open."""

    def __init__(self, small_icon: int = 16) -> None:
        self.small_icon = small_icon
        self.inbox = Inbox()
        self.menus: dict[int, dict[int, Any]] = {}
        self.tray = Shown()
        self.loaded: list[tuple[tuple[int, int], set[tuple[int, int]]]] = []
        self.awareness: list[int] = []
        self.chosen = 0
        self.while_open: Callable[[list[str]], None] = lambda _labels: None
        self.answers_of: dict[str, Callable[..., Any]] = {"RegisterWindowMessageW": lambda _name: WM_TASKBARCREATED}
        self._numbers = itertools.count(1)
        self._procedure: Any = None

    def library(self, _name: str) -> Library:
        return Library(self)

    def labels(self, menu: int) -> list[str]:
        return [text for text, _ in self.menus[menu].values()]

    def send(self, message: int, event: int = 0) -> None:
        """What the shell does: it posts a message to the icon's window."""
        self.inbox.put((message, 0, event))

    def pump(self) -> bool:
        """Handles one message, as the loop of an open menu does. False at the last."""
        message = self.inbox.get()
        if message[0] == WM_QUIT:
            self.inbox.put(message)
            return False
        self._procedure(1, *message)
        return True

    # By the names of Windows

    def RegisterClassExW(self, window_class: Any) -> int:
        self._procedure = window_class.lpfnWndProc
        return 1

    def CreateWindowExW(self, *_: Any) -> int:
        return 1

    def PostMessageW(self, _window: int, message: int, wparam: int, lparam: int) -> int:
        self.inbox.put((message, wparam, lparam))
        return 1

    def PostQuitMessage(self, _code: int) -> None:
        self.inbox.put((WM_QUIT, 0, 0))

    def GetMessageW(self, pointer: Any, *_: Any) -> int:
        message = pointer._obj
        message.message, message.wParam, message.lParam = self.inbox.get()
        return int(message.message != WM_QUIT)

    def DispatchMessageW(self, pointer: Any) -> int:
        message = pointer._obj
        return int(self._procedure(1, message.message, message.wParam, message.lParam))

    def CreatePopupMenu(self) -> int:
        number = next(self._numbers)
        self.menus[number] = {}
        return number

    def DestroyMenu(self, menu: int) -> int:
        del self.menus[menu]
        return 1

    def InsertMenuItemW(self, menu: int, position: int, _by_position: bool, pointer: Any) -> int:
        item = pointer._obj
        self.menus[menu][position] = ("---" if item.fType & MFT_SEPARATOR else item.dwTypeData, item.wID)
        return 1

    def TrackPopupMenuEx(self, menu: int, *_: Any) -> int:
        self.while_open(self.labels(menu))
        assert menu in self.menus, "the open menu was destroyed"
        return self.chosen

    def LoadImageW(self, _instance: None, path: str, _kind: int, width: int, height: int, _flags: int) -> int:
        with Image.open(Path(path)) as icon:
            self.loaded.append(((width, height), set(icon.info["sizes"])))
        return next(self._numbers)

    def Shell_NotifyIconW(self, code: int, data: Any) -> int:
        if code == NIM_ADD:
            self.tray.adds += 1
            self.tray.there = True
        elif code == NIM_DELETE:
            self.tray.there = False
        if data.uFlags & 4:  # NIF_TIP
            self.tray.tips.append(data.szTip)
        if data.uFlags & 16:  # NIF_INFO
            self.tray.notifications.append((data.szInfoTitle, data.szInfo))
        return 1

    def GetSystemMetrics(self, which: int) -> int:
        # A process that does not say that it knows of resolutions is told those of a screen at 100 %
        assert which == SM_CXSMICON
        return self.small_icon if self.awareness else 16

    def SetProcessDpiAwareness(self, level: int) -> int:
        self.awareness.append(level)
        return E_ACCESSDENIED if len(self.awareness) > 1 else 0


class Library:
    """A DLL; all have all functions. What is not asked of the stand-in is done, and well."""

    def __init__(self, system: System) -> None:
        self._system = system

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        function = getattr(self._system, name, None) or self._system.answers_of.get(name, lambda *_: 1)
        setattr(self, name, Function(function))
        return getattr(self, name)


class Function:
    """Takes the declarations of types that a ctypes function takes."""

    argtypes: Any = None
    restype: Any = None
    errcheck: Any = None

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments)


def in_ctypes(system: System) -> dict[str, Any]:
    """What ctypes has besides, on Windows."""
    return {
        "WinDLL": system.library,
        "WINFUNCTYPE": ctypes.CFUNCTYPE,
        "HRESULT": ctypes.c_long,
        "WinError": OSError,
    }
