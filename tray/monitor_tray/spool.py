"""The spool: a Maildir in which hooks leave events that nobody took. Files are read here, stored elsewhere.

``new/`` holds complete files, one event each. A file is removed only after its event is committed; one that is no event
moves to ``bad/`` and never holds up the rest.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import stat
import time
from typing import TYPE_CHECKING

from monitor_core.errors import WireError
from monitor_core.wire import MAX_LINE_BYTES, decode_event
from monitor_tray.dropped import Dropped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitor_core.paths import Paths
    from monitor_core.wire import WireEvent

log = logging.getLogger(__name__)

#: Events handed over at once.
BATCH = 100
#: Of files that are no events, this much is kept, the latest.
BAD_LIMIT_BYTES = 10 * 1024 * 1024
#: A hook lives for a second or two; what is older in ``tmp/`` was left by one that was killed while it wrote.
_ABANDONED_S = 3_600
#: What opening a link, a folder or a socket fails with. Anything else is a fault of the moment, not of the file.
_NEVER_A_FILE_OF_OURS = frozenset({errno.ELOOP, errno.EISDIR, errno.ENXIO})


class Spool:
    """The folders of ``paths``; see the module. What is deleted for good is counted in ``dropped``."""

    def __init__(self, paths: Paths, dropped: Dropped | None = None) -> None:
        self._dropped = dropped or Dropped()
        self._new = paths.spool_new
        self._tmp = paths.spool_tmp
        self._bad = paths.spool_bad

    def count(self) -> int:
        """How many complete files wait."""
        with contextlib.suppress(OSError), os.scandir(self._new) as entries:
            return sum(1 for _ in entries)
        return 0

    def batches(self) -> Iterator[list[tuple[Path, WireEvent]]]:
        """What waits, oldest first, `BATCH` at a time, with the file that each event must be removed with.

        Raises `OSError` where the folders cannot be read, and after all others where a file cannot be read or moved.
        """
        batch: list[tuple[Path, WireEvent]] = []
        trouble: OSError | None = None
        for file in self._waiting():
            try:
                event = self._read(file)
            except OSError as error:
                trouble = error
                continue
            if event is not None:
                batch.append((file, event))
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch
        if trouble is not None:
            raise trouble

    def clear_abandoned(self, now_s: float | None = None) -> None:
        """Removes files that a killed hook left unfinished."""
        oldest_s = (time.time() if now_s is None else now_s) - _ABANDONED_S
        with contextlib.suppress(OSError):
            for file in self._tmp.iterdir():
                with contextlib.suppress(OSError):
                    if file.lstat().st_mtime < oldest_s:
                        file.unlink()
                        self._dropped.unfinished_files += 1

    def _waiting(self) -> list[Path]:
        try:
            # The names begin with the instant in milliseconds, all of one width until the year 2286.
            return sorted(self._new.iterdir())
        except FileNotFoundError:
            return []

    def _read(self, file: Path) -> WireEvent | None:
        try:
            return decode_event(_content(file))
        except FileNotFoundError:
            return None
        except WireError as error:
            self._set_aside(file, str(error))
        except OSError as error:
            if error.errno not in _NEVER_A_FILE_OF_OURS:
                raise
            self._set_aside(file, error.strerror or str(error))
        return None

    def _set_aside(self, file: Path, reason: str) -> None:
        log.warning("the spool file %s is no event and moves to %s: %s", ascii(file.name), self._bad, reason)
        self._bad.mkdir(mode=0o700, exist_ok=True)
        target = self._bad / file.name
        if target.is_dir() or file.is_dir():  # neither takes the place of anything
            target = target.with_name(f"{file.name}.{time.time_ns()}")
        file.rename(target)
        kept = 0
        for old in sorted(self._bad.iterdir(), reverse=True):
            kept += old.lstat().st_size
            if kept > BAD_LIMIT_BYTES:
                with contextlib.suppress(OSError):
                    old.unlink()
                    self._dropped.bad_files += 1


def _content(file: Path) -> bytes:
    """The bytes of a file of ours; a link, a device or too large a file is refused with `WireError`."""
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with open(descriptor, "rb") as stream:  # noqa: PTH123  a descriptor, not a path
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise WireError("it is not a regular file")
        content = stream.read(MAX_LINE_BYTES + 1)
    if len(content) <= MAX_LINE_BYTES and not content.endswith(b"\n"):
        raise WireError("it does not end with a newline: it was not written completely")
    return content
