"""The errors that leave this package, and the one that is dealt with inside."""

from __future__ import annotations

from monitor_core.errors import MonitorError


class TrayUnavailableError(MonitorError):
    """No icon can be shown here; the message is a sentence that says why. The program goes on without one."""


class TrayAwayError(TrayUnavailableError):
    """No icon can be shown here now, and later there may be one. `LastingIcon` tries again."""
