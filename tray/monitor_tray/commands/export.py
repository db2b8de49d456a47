"""Where a command's result goes: to a file, to a program, or to the terminal, which is no place for some of them."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import click

from monitor_core.errors import MonitorError
from monitor_tray.replacing import beside

#: Formats that are no text.
_BINARY = frozenset({"xlsx"})


def refuse_terminal(form: str, output: Path | None) -> None:
    """Raises `click.UsageError` where a format that is no text would be written to a terminal."""
    if form in _BINARY and output is None and sys.stdout.isatty():
        raise click.UsageError(f"{form} is not for a terminal: add -o FILE")


def write(path: Path, content: bytes) -> None:
    """Writes a result to a file, and says so. Raises `MonitorError` where that cannot be."""
    write_quietly(path, content)
    click.echo(f"Written: {path}", err=True)


def write_quietly(path: Path, content: bytes) -> None:
    """The same without a word. Where writing fails, what was there before is there still."""
    try:
        _replace(path, content, None)
    except OSError as error:
        raise MonitorError(f"cannot write {path}: {error.strerror}; choose another file with -o") from error


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replaces a file, so that whoever reads it meanwhile has the old one or the new one. Raises `MonitorError`."""
    try:
        _replace(path, content, mode, durably=False)
    except OSError as error:
        raise MonitorError(f"cannot write {path}: {error.strerror}; name a file in a folder of yours") from error


def _replace(path: Path, content: bytes, mode: int | None, *, durably: bool = True) -> None:
    """``mode``: None for that of the file that is there, which has to be writable, or of any new file.

    Raises `OSError`.
    """
    # What a link leads to is replaced, and the link stays.
    target = Path(os.path.realpath(path))
    known = path.stat() if path.exists() else None
    if known and (_is_written_in_place(known) or (mode is None and not os.access(target, os.W_OK))):
        path.write_bytes(content)
        return
    if mode is None:
        mode = stat.S_IMODE(known.st_mode) if known else 0o666 & ~_umask()
    try:
        with beside(target, content, durably=durably) as new:
            new.chmod(mode)
            new.replace(target)
    except OSError as error:
        # The file is the person's to write, and its folder is not; or it is a mount.
        if not known or error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY):
            raise
        path.write_bytes(content)


def _is_written_in_place(known: os.stat_result) -> bool:
    """Whether it is a pipe or a device, or a file that stdout or stderr go to."""
    return not stat.S_ISREG(known.st_mode) or any(_goes_to(known, descriptor) for descriptor in (1, 2))


def _goes_to(known: os.stat_result, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), known)
    except OSError:
        return False


def _umask() -> int:
    # There is no way to ask for it alone.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
