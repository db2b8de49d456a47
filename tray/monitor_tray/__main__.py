"""The command `claude-monitor`, also as ``python -m monitor_tray``."""

from __future__ import annotations

import os
import sys

#: What `hashlib` makes do with where there is no OpenSSL; all of it is part of Python, unless it was built without.
_SHA_2 = ("_sha2",) if sys.version_info >= (3, 12) else ("_sha256", "_sha512")
_HASHES = ("_blake2", "_md5", "_sha1", "_sha3", *_SHA_2)

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
    _leave_out_openssl()
    from monitor_tray.commands import cli  # noqa: PLC0415  it takes long to import

    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  for as long as the process lives
    cli.main(prog_name="claude-monitor")


def _leave_out_openssl() -> None:
    """Keeps it out of the process, which encrypts nothing: peewee's `hashlib` would bring all of it, 3.5 MB.

    To be called before anything imports `hashlib`. A Python that cannot do without OpenSSL has it all the same.
    """
    import importlib  # noqa: PLC0415

    try:
        for name in _HASHES:
            importlib.import_module(name)
    except ImportError:
        return
    sys.modules["_hashlib"] = None  # type: ignore[assignment]  # to import it fails from now on


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
