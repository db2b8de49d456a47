"""pystray's macOS backend, with what is known to break there mended."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import AppKit
import Foundation
from PyObjCTools import AppHelper

from monitor_tray.icon import _pystray  # noqa: F401  first, so that pystray chooses no backend by itself
from monitor_tray.icon._loop import Loop

from pystray import _darwin  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image


class Icon(Loop, _darwin.Icon):  # type: ignore[misc]  # pystray has no types
    """Everything happens in the main thread, which AppKit demands."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._app.setActivationPolicy_(AppKit.NSApplicationActivationPolicyAccessory)  # no icon in the Dock
        self._thickness = int(self._status_bar.thickness())

    def draw(self, render: Callable[[int], Image.Image]) -> None:
        """See `Surface`."""
        self.icon = render(2 * self._thickness)

    def set_label(self, text: str) -> None:
        """See `Surface`."""
        button = self._status_item.button()
        button.setImagePosition_(AppKit.NSImageLeft)
        button.setTitle_(text)

    def _wake(self) -> None:
        AppHelper.callAfter(self._run_tasks)

    def _assert_image(self) -> None:
        # Two pixels a point: pystray's image of one is blurred on every present display
        png = io.BytesIO()
        self._icon.save(png, "png")
        data = Foundation.NSData.dataWithBytes_length_(png.getvalue(), len(png.getvalue()))
        self._icon_image = AppKit.NSImage.alloc().initWithData_(data)
        self._icon_image.setSize_((self._thickness, self._thickness))
        self._status_item.button().setImage_(self._icon_image)
