"""pystray's macOS backend, with what is known to break there mended.

The picture is no template image: see docs/decisions/0017-colours-in-the-menu-bar.md.
"""

from __future__ import annotations

import io
import signal
from typing import TYPE_CHECKING, Any

import AppKit
import Foundation
from PyObjCTools import AppHelper

from monitor_tray.icon import _pystray  # noqa: F401  first, so that pystray chooses no backend by itself
from monitor_tray.icon._loop import Loop
from monitor_tray.signals import waking

from pystray import _darwin  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

#: As the system's own icons, in a bar of 22 points or more.
_POINTS = 18
_PIXELS_A_POINT = 2
_NAME = "Claude Monitor"


class Icon(Loop, _darwin.Icon):  # type: ignore[misc]  # pystray has no types
    """Everything happens in the main thread, which AppKit demands."""

    _menu_handle: tuple[Any, list[Callable[[Any], None]]]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._app.setActivationPolicy_(AppKit.NSApplicationActivationPolicyAccessory)  # no icon in the Dock
        self._menu_delegate = ClaudeMonitorMenuDelegate.alloc().init()
        self._menu_delegate.opening = lambda: self._perform(self._opening)
        menu = AppKit.NSMenu.alloc().initWithTitle_(self.name)
        menu.setAutoenablesItems_(False)
        menu.setDelegate_(self._menu_delegate)
        self._menu_handle = (menu, [])
        self._status_item.setMenu_(menu)

    def draw(self, render: Callable[[int], Image.Image]) -> None:
        """See `Surface`."""
        self.icon = render(_PIXELS_A_POINT * _POINTS)

    def set_label(self, text: str) -> None:
        """See `Surface`."""
        button = self._status_item.button()
        button.setImagePosition_(AppKit.NSImageLeft if text else AppKit.NSImageOnly)
        button.setTitle_(text)

    def _run(self) -> None:
        with waking(self._wake):
            super()._run()

    def _appear(self) -> None:
        # pystray has taken SIGINT by now, and would end the process there and then
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))
        super()._appear()

    def _wake(self) -> None:
        AppHelper.callAfter(self._run_tasks)

    def _update_menu(self) -> None:
        # The same menu for ever: AppKit shows an open one as it was, and asks no new one before it opens
        menu, _ = self._menu_handle
        callbacks: list[Callable[[Any], None]] = []
        menu.removeAllItems()
        for descriptor in self.menu:
            menu.addItem_(self._create_menu_item(descriptor, callbacks))
            callbacks.append(self._handler(descriptor))
        self._menu_handle = (menu, callbacks)

    def _handler(self, callback: Callable[[Any], None]) -> Callable[..., None]:
        handle = super()._handler(callback)
        # What leaves a callback would end AppKit's loop
        return lambda *arguments: self._perform(lambda: handle(*arguments))

    def _notify(self, message: str, title: str | None = None) -> None:
        super()._notify(message, title or _NAME)  # pystray's raises without one

    def _assert_image(self) -> None:
        # Two pixels a point: pystray's image of one is blurred on every present display
        png = io.BytesIO()
        self._icon.save(png, "png")
        data = Foundation.NSData.dataWithBytes_length_(png.getvalue(), len(png.getvalue()))
        self._icon_image = AppKit.NSImage.alloc().initWithData_(data)
        self._icon_image.setSize_((_POINTS, _POINTS))
        self._icon_image.setTemplate_(False)
        self._status_item.button().setImage_(self._icon_image)


class ClaudeMonitorMenuDelegate(Foundation.NSObject):  # type: ignore[misc]  # PyObjC has no types
    """Has the menu refreshed before it opens. Classes of Objective-C have one space of names, hence the long one."""

    opening: Callable[[], None]

    def menuNeedsUpdate_(self, _menu: Any) -> None:  # noqa: N802  AppKit's name for it
        """Called by AppKit in the main thread."""
        self.opening()
