"""The single-instance lock: who holds it is the one process that may write to the store.

The operating system lets go of it when the process ends, however it ends.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, BinaryIO, Literal, Self

from monitor_core.errors import AlreadyRunningError, ConfigError
from monitor_core.file_identity import identity

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_held(path: Path) -> bool:
    """Whether another process holds the lock file at ``path``. Raises `ConfigError` where that cannot be told."""
    try:
        # What cannot be written, as on a disk that is read-only, can be locked all the same.
        InstanceLock(path, "ab" if os.access(path, os.W_OK) else "rb").close()
    except AlreadyRunningError:
        return True
    return False


class InstanceLock:
    """Holds the lock file at ``path`` from its making until it is closed or left.

    Raises `AlreadyRunningError` where another process holds it, `ConfigError` where the file cannot be made.
    """

    def __init__(self, path: Path, mode: Literal["ab", "rb"] = "ab") -> None:
        self._path = path
        self._file = _locked(path, mode)

    def take_again(self) -> None:
        """Takes the file that is at the path now, where the one that it holds was deleted or replaced.

        Raises `AlreadyRunningError` where another process has taken that, `ConfigError` where it cannot be made.
        """
        own = os.fstat(self._file.fileno())
        if identity(self._path) == (own.st_dev, own.st_ino):
            return
        taken = _locked(self._path, "ab")
        self._file.close()
        self._file = taken

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the lock."""
        self._file.close()


def _locked(path: Path, mode: Literal["ab", "rb"]) -> BinaryIO:
    try:
        file: BinaryIO = open(path, mode, opener=_private)  # noqa: SIM115  held open, and made private
    except OSError as error:
        raise ConfigError(
            f"cannot make the lock file {path}: {error.strerror}; make its folder writable and start again"
        ) from error
    try:
        _try_lock(file.fileno())
    except OSError as error:
        file.close()
        raise AlreadyRunningError(
            f"another Claude Monitor holds {path}; use that one, or quit it from its menu first"
        ) from error
    return file


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
