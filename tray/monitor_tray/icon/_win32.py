"""pystray's Windows backend, with what is known to break there mended."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

from monitor_tray.icon import _pystray  # noqa: F401  first, so that pystray chooses no backend by itself
from monitor_tray.icon._escapes import clipped_utf16, for_windows_menu
from monitor_tray.icon._loop import Loop
from monitor_tray.signals import waking

from pystray import _win32  # isort: skip
from pystray._util import win32  # isort: skip


# NOTIFYICONDATAW.szInfoTitle and szInfo less their ends
_TITLE_UNITS, _BODY_UNITS = 63, 255
_TOOLTIP_UNITS = 127  # NOTIFYICONDATAW.szTip less its end; what is longer raises
_WM_TASKS = win32.WM_USER + 20
_NIN_BALLOONUSERCLICK = win32.WM_USER + 5
_SM_CXSMICON = 49
_PER_MONITOR_DPI = 2


class Icon(Loop, _win32.Icon):  # type: ignore[misc]  # pystray has no types
    """Menus are refreshed before they pop up, and only ever by the loop."""

    _icon_handle: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        self._menu_is_open = self._menu_is_old = False
        # It is refused where something set it before us, and that is as well
        with contextlib.suppress(OSError, AttributeError):
            win32.windll.shcore.SetProcessDpiAwareness(_PER_MONITOR_DPI)
        self.picture_size = win32.windll.user32.GetSystemMetrics(_SM_CXSMICON)
        super().__init__(*args, **options)
        self._message_handlers[_WM_TASKS] = lambda _w, _l: self._run_tasks()

    def menu_text(self, text: str) -> str:
        """See `Surface`."""
        return for_windows_menu(text)

    def tooltip_text(self, text: str) -> str:
        """See `Surface`."""
        return clipped_utf16(text, _TOOLTIP_UNITS)

    def _wake(self) -> None:
        if self._hwnd:  # without a window the tasks wait for `_mark_ready`
            win32.PostMessage(self._hwnd, _WM_TASKS, 0, 0)

    def _run(self) -> None:
        with waking(self._wake):
            super()._run()

    def _on_notify(self, wparam: int, lparam: int) -> None:
        if lparam == win32.WM_RBUTTONUP:
            self._pop_up(wparam, lparam)
        elif lparam == _NIN_BALLOONUSERCLICK:
            self._click_announced()
        else:
            super()._on_notify(wparam, lparam)

    def _pop_up(self, wparam: int, lparam: int) -> None:
        if self._menu_is_open:
            return
        self._perform(self._opening)
        self._menu_is_open = True
        try:
            super()._on_notify(wparam, lparam)
        finally:
            self._menu_is_open = False
            if self._menu_is_old:
                self._update_menu()

    def _update_menu(self) -> None:
        # While a menu is open Windows goes on running tasks, and pystray would destroy the menu under the pointer
        self._menu_is_old = self._menu_is_open
        if not self._menu_is_open:
            super()._update_menu()

    def _notify(self, message: str, title: str | None = None) -> None:
        super()._notify(clipped_utf16(message, _BODY_UNITS), clipped_utf16(title or "", _TITLE_UNITS))

    def _assert_icon_handle(self) -> None:
        if not self._icon_handle:
            self._icon_handle = self._load_icon()

    def _load_icon(self) -> Any:
        # pystray loads 32 pixels whatever the tray's size, and its file has no picture of 20 or 28 pixels, the tray's
        # sizes at 125 and 175 %: Windows scales what is not there, and badly
        number, path = tempfile.mkstemp(".ico")
        try:
            with os.fdopen(number, "wb") as file:
                self.icon.save(file, "ICO", sizes=[self.icon.size])
            return win32.LoadImage(
                None, path, win32.IMAGE_ICON, self.picture_size, self.picture_size, win32.LR_LOADFROMFILE
            )
        finally:
            Path(path).unlink()
