"""What to say where a format needs a package that comes with an extra of ours only."""

from __future__ import annotations

from monitor_core.errors import MonitorError


def missing(form: str, extra: str, package: str) -> MonitorError:
    """The error for a ``form`` of output that needs ``package``, which the ``extra`` would have brought along."""
    return MonitorError(
        f"{form} needs {package}, which is not installed; install Claude Monitor with it: "
        f"uv tool install 'claude-monitor-tray[{extra}]', or from a checkout: uv tool install '.[{extra}]'"
    )
