"""A session bus that starts nothing: a desktop would have it start services that outlive the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def without_services(home: Path) -> str:
    """The option of such a bus, whose configuration is written to ``home``."""
    file = home / "bus.conf"
    file.write_text(_CONFIGURATION.format(address=home / "session-bus"))
    return f"--config-file={file}"
