"""The one error that leaves this package."""

from __future__ import annotations

from monitor_core.errors import MonitorError


class TrayUnavailableError(MonitorError):
    """No icon can be shown here; the message is a sentence that says why. The program goes on without one."""
