"""pystray's Windows backend, with what is known to break there mended."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from monitor_tray.icon import _pystray  # noqa: F401  first, so that pystray chooses no backend by itself
from monitor_tray.icon._escapes import clipped_utf16, for_windows_menu
from monitor_tray.icon._loop import Loop

from pystray import _win32  # isort: skip
from pystray._util import serialized_image, win32  # isort: skip


_TOOLTIP_UNITS = 127  # NOTIFYICONDATAW.szTip less its end; what is longer raises
_WM_TASKS = win32.WM_USER + 20
_WM_RBUTTONUP = 0x0205
_SM_CXSMICON = 49
_PER_MONITOR_DPI = 2


class Icon(Loop, _win32.Icon):  # type: ignore[misc]  # pystray has no types
    """Menus are refreshed before they pop up, and only ever by the loop."""

    _icon_handle: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._message_handlers[_WM_TASKS] = lambda _w, _l: self._run_tasks()
        if sys.platform == "win32":
            ctypes.windll.shcore.SetProcessDpiAwareness(_PER_MONITOR_DPI)
            self.picture_size = ctypes.windll.user32.GetSystemMetrics(_SM_CXSMICON)

    def menu_text(self, text: str) -> str:
        """See `Surface`."""
        return for_windows_menu(text)

    def tooltip_text(self, text: str) -> str:
        """See `Surface`."""
        return clipped_utf16(text, _TOOLTIP_UNITS)

    def _wake(self) -> None:
        if self._hwnd:  # without a window the tasks wait for `_mark_ready`
            win32.PostMessage(self._hwnd, _WM_TASKS, 0, 0)

    def _on_notify(self, wparam: int, lparam: int) -> None:
        if lparam == _WM_RBUTTONUP:
            self._opening()
        super()._on_notify(wparam, lparam)

    def _assert_icon_handle(self) -> None:
        if not self._icon_handle:
            self._icon_handle = self._load_icon()

    def _load_icon(self) -> Any:
        # pystray loads 32 pixels whatever the tray's size, and Windows scales that down badly
        with serialized_image(self.icon, "ICO") as path:
            return win32.LoadImage(
                None, path, win32.IMAGE_ICON, self.picture_size, self.picture_size, win32.LR_LOADFROMFILE
            )
