"""The command `claude-monitor`, also as ``python -m monitor_tray``."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Runs the command line of the process. `hook` is answered before anything else is imported: it must be quick."""
    if sys.argv[1:2] == ["hook"] and len(sys.argv) == 2:
        from monitor_tray import hook_client  # noqa: PLC0415

        hook_client.main()
        return
    from monitor_tray.commands import cli  # noqa: PLC0415  click is for people

    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  for as long as the process lives
    cli.main(prog_name="claude-monitor")


if __name__ == "__main__":
    main()
