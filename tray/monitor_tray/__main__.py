"""The command `claude-monitor`, also as ``python -m monitor_tray``."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing takes milliseconds to import
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> None:
    """Runs the command line of the process.

    `hook` is done before anything else is imported, and `today` where a tray runs: they must be quick.
    """
    if sys.argv[1:2] == ["hook"] and len(sys.argv) == 2:
        from monitor_tray import hook_client  # noqa: PLC0415

        hook_client.main()
        return
    if sys.argv[1:] == ["today"]:
        from monitor_tray import today_at_once  # noqa: PLC0415

        if (text := today_at_once.ask()) is not None:
            _print_and_end(text)
    from monitor_tray.commands import cli  # noqa: PLC0415  it takes long to import

    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  for as long as the process lives
    cli.main(prog_name="claude-monitor")


def _print_and_end(text: str) -> NoReturn:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        from monitor_tray.commands import give_up  # noqa: PLC0415

        give_up(error)
    # To take the interpreter apart would take longer than the tray's answer.
    os._exit(0)


if __name__ == "__main__":
    main()
