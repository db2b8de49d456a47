"""Where a command's result goes: to a file, to a program, or to the terminal, which is no place for some of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from monitor_core.errors import MonitorError
from monitor_tray.replacing import beside

if TYPE_CHECKING:
    from pathlib import Path

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
    """The same without a word."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise MonitorError(f"cannot write {path}: {error.strerror}; choose another file with -o") from error


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replaces a file, so that whoever reads it meanwhile has the old one or the new one. Raises `MonitorError`."""
    try:
        with beside(path, content, durably=False) as new:
            new.chmod(mode)
            new.replace(path)
    except OSError as error:
        raise MonitorError(f"cannot write {path}: {error.strerror}; name a file in a folder of yours") from error
