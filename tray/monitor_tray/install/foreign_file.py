"""Replacing a file that belongs to somebody else: whole or not at all, never over their last change, with a copy kept.

What is replaced is the target of a symbolic link, in one rename, with the mode and the owner that it had.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

from monitor_core.errors import SettingsError
from monitor_tray.replacing import beside

BACKUPS_KEPT = 10

_MAX_BYTES = 4 * 1024 * 1024
_BACKUP_PREFIX = "claude-settings-"


def read(path: Path) -> bytes | None:
    """All bytes; `None` where there is no file. Raises `SettingsError`, also for a file of more than 4 MiB."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}; nothing was changed") from error
    if len(content) > _MAX_BYTES:
        raise SettingsError(f"{path} is larger than {_MAX_BYTES} bytes, which no settings are; nothing was changed")
    return content


def replace(path: Path, before: bytes | None, after: bytes | None, backups: Path) -> bool:
    """Makes ``after`` of ``before``; `None` is a file that is not there. What was there is kept in ``backups``.

    False, with nothing changed, if the file is not ``before`` any more.
    Raises `SettingsError`, with nothing changed as well.
    """
    target = Path(os.path.realpath(path))
    try:
        if read(target) != before:
            return False
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if before is not None:
            _require_writable(target)
            _back_up(before, backups)
        if after is None:
            if read(target) != before:
                return False
            target.unlink()
        elif not _replaced(target, before, after):
            return False
        _flush_folder(target.parent)
    except OSError as error:
        where = error.filename or target
        raise SettingsError(f"cannot write {target}: {where}: {error.strerror}; nothing was changed") from error
    return True


def _require_writable(target: Path) -> None:
    """A rename would replace a file that its owner has made read-only; that is asked for, so it is respected."""
    if not target.stat().st_mode & 0o222:
        raise SettingsError(f"{target} is read-only; make it writable and try again; nothing was changed")


def _replaced(target: Path, before: bytes | None, after: bytes) -> bool:
    """Writes beside the target, then renames; the last look at the old content is as late as it can be."""
    with beside(target, after) as new:
        if before is not None:
            _copy_rights(target, new)
        if read(target) != before:
            return False
        new.replace(target)
    return True


def _copy_rights(source: Path, new: Path) -> None:
    if sys.platform == "win32":
        return
    status = source.stat()
    with contextlib.suppress(PermissionError):  # only root may give files away; the content is what matters
        os.chown(new, status.st_uid, status.st_gid)
    new.chmod(status.st_mode & 0o7777)


def _back_up(content: bytes, backups: Path) -> None:
    backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = backups / f"{_BACKUP_PREFIX}{time.time_ns():020d}.json"
    handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with open(handle, "wb") as file:  # noqa: PTH123  an open descriptor has no path
        file.write(content)
        file.flush()
        os.fsync(handle)
    for old in sorted(backups.glob(f"{_BACKUP_PREFIX}*.json"))[:-BACKUPS_KEPT]:
        old.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """Makes the rename itself survive a power failure; Windows cannot open a folder for that."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):  # some file systems refuse; the rename has been made all the same
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
