"""Stand-ins for what pystray's macOS backend and ours import of the system: AppKit, Foundation, objc, PyObjCTools.

As little as the two call. Like AppKit they refuse every call from another thread than the main one, except
`AppHelper.callAfter`, which is there for that.
"""

# ruff: noqa: N802  the names are the system's

from __future__ import annotations

import ctypes
import threading
import types
from typing import TYPE_CHECKING, Any

from tests.tray.icon.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable


class WrongThreadError(BaseException):
    """AppKit ends the process."""


class NSObject:
    """Keeps the last argument of every setter: ``setTitle_("a")`` makes ``["Title"]`` an ``"a"``."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    @classmethod
    def alloc(cls) -> Any:
        return cls()

    def init(self) -> Any:
        return self

    def __getitem__(self, name: str) -> Any:
        return self.kept[name]

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("__") and threading.current_thread() is not threading.main_thread():
            raise WrongThreadError(name)
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("set") and name.endswith("_"):
            return lambda value: self.kept.__setitem__(name[3:-1], value)
        raise AttributeError(name)


class Image(NSObject):
    def initWithData_(self, data: bytes) -> Image:
        self.data = data
        return self


class MenuItem(NSObject):
    def initWithTitle_action_keyEquivalent_(self, title: str, _action: bytes, _key: str) -> MenuItem:
        self.setTitle_(title)
        return self

    @classmethod
    def separatorItem(cls) -> MenuItem:
        return cls().initWithTitle_action_keyEquivalent_("---", b"", "")

    def tag(self) -> int:
        return int(self["Tag"])


class Menu(NSObject):
    def initWithTitle_(self, _title: str) -> Menu:
        self.items: list[MenuItem] = []
        return self

    def addItem_(self, item: MenuItem) -> None:
        self.items.append(item)

    def removeAllItems(self) -> None:
        self.items = []

    def titles(self) -> list[str]:
        return [item["Title"] for item in self.items]

    def open(self) -> list[str]:
        """Somebody opens it; what it shows then."""
        self["Delegate"].menuNeedsUpdate_(self)
        return self.titles()

    def click(self, title: str) -> None:
        """What AppKit does: it calls the target's method for the action."""
        item = next(item for item in self.items if item["Title"] == title)
        item["Target"].activate_menu_item(item)


class StatusItem(NSObject):
    def __init__(self) -> None:
        super().__init__()
        self._button = NSObject()

    def button(self) -> NSObject:
        return self._button


class StatusBar(NSObject):
    def __init__(self) -> None:
        super().__init__()
        self.items: list[StatusItem] = []
        self.made: list[StatusItem] = []

    def thickness(self) -> float:
        return 24.0

    def statusItemWithLength_(self, _length: int) -> StatusItem:
        item = StatusItem()
        self.items.append(item)
        self.made.append(item)
        return item

    def removeStatusItem_(self, item: StatusItem) -> None:
        self.items.remove(item)


class Application(NSObject):
    def __init__(self, inbox: Inbox) -> None:
        super().__init__()
        self._inbox = inbox
        self._stopped = False

    def run(self) -> None:
        while not self._stopped:
            self._inbox.get()()

    def stop_(self, _sender: Any) -> None:
        self._stopped = True

    def postEvent_atStart_(self, _event: Any, _at_start: bool) -> None: ...


class System:
    """A Mac with one status bar, as far as ``modules`` tells."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.application = Application(self.inbox)
        self.bar = StatusBar()
        self.modules = self._modules()

    @property
    def button(self) -> NSObject:
        return self.bar.made[-1].button()

    @property
    def menu(self) -> Menu:
        """The one that a click on the icon opens."""
        menu: Menu = self.bar.made[-1]["Menu"]
        return menu

    def call_after(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.inbox.put(lambda: function(*arguments))

    def _modules(self) -> dict[str, types.ModuleType]:
        tools = types.ModuleType("PyObjCTools")
        tools.AppHelper = _module("PyObjCTools.AppHelper", callAfter=self.call_after)  # type: ignore[attr-defined]
        tools.MachSignals = _module("PyObjCTools.MachSignals", signal=_take_signal, getsignal=lambda _: None)  # type: ignore[attr-defined]
        event = type("NSEvent", (), {_EVENT: staticmethod(lambda *_: None)})
        return {
            "AppKit": _module(
                "AppKit",
                NSApplication=types.SimpleNamespace(sharedApplication=lambda: self.application),
                NSStatusBar=types.SimpleNamespace(systemStatusBar=lambda: self.bar),
                NSImage=Image,
                NSMenu=Menu,
                NSMenuItem=MenuItem,
                NSEvent=event,
                NSPoint=lambda *_: None,
                NSFont=types.SimpleNamespace(boldSystemFontOfSize_=lambda _: None, menuFontOfSize_=lambda _: _Font),
                **{name: name for name in _CONSTANTS},
            ),
            "Foundation": _module(
                "Foundation",
                NSObject=NSObject,
                NSData=types.SimpleNamespace(dataWithBytes_length_=lambda data, length: data[:length]),
                NSAttributedString=_Anything,
                NSDictionary=_Anything,
            ),
            "objc": _module("objc", namedSelector=lambda _: lambda function: function),
            "PyObjCTools": tools,
            "PyObjCTools.AppHelper": tools.AppHelper,
            "PyObjCTools.MachSignals": tools.MachSignals,
        }


_EVENT = (
    "otherEventWithType_location_modifierFlags_timestamp_windowNumber_context_subtype_data1_data2_"  # AppKit's, too
)
_CONSTANTS = (
    "NSApplicationActivationPolicyAccessory", "NSApplicationDefined", "NSFontAttributeName", "NSImageLeft",
    "NSImageOnly", "NSOffState", "NSOnState", "NSVariableStatusItemLength",
)  # fmt: skip


class _Font:
    @staticmethod
    def pointSize() -> float:
        return 13.0


class _Anything:
    @classmethod
    def alloc(cls) -> Any:
        return cls()

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self


def _module(name: str, **contents: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update(contents)
    return module


def _take_signal(number: int, _handler: Any) -> None:
    """The real one puts a handler in the place of Python's without its knowing. Here the signal is just lost."""
    _libc.signal(number, _SIG_IGN)


_libc = ctypes.CDLL(None)
_SIG_IGN = 1
