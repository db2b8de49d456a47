"""A file system that ignores case and keeps it, as those of macOS and Windows do: a folder through FUSE.

    unshare --map-root-user --mount python ignoring_case.py FOLDER MOUNT PATH…

mounts FOLDER at MOUNT and prints the key and the path of the project that each PATH belongs to, a line each. The mount
ends with the process's namespace. The structures are those of Linux's ``include/uapi/linux/fuse.h``.
"""

from __future__ import annotations

import ctypes
import enum
import os
import signal
import struct
import sys
from pathlib import Path

from monitor_core.projects import Surroundings, identify


class Asked(enum.IntEnum):
    LOOKUP = 1
    FORGET = 2
    GETATTR = 3
    OPEN = 14
    READ = 15
    RELEASE = 18
    FLUSH = 25
    INIT = 26
    OPENDIR = 27
    RELEASEDIR = 29
    BATCH_FORGET = 42


ENOENT, ENOSYS = 2, 38
FOREVER_S = 3_600


class Served:
    """Answers the kernel's questions about ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._paths = {1: folder}
        self._numbers = {folder: 1}

    def answer(self, opcode: int, node: int, body: bytes) -> bytes | int | None:  # noqa: PLR0911  one for each question
        """The answer's body, the number of an error, or None where none is awaited."""
        path = self._paths.get(node)
        match opcode:
            case Asked.FORGET | Asked.BATCH_FORGET:
                return None
            case Asked.INIT:
                return struct.pack("<IIIIHHIIHHI7I", 7, 31, 0, 0, 0, 0, 4096, 1, 0, 0, 0, *[0] * 7)
            case Asked.LOOKUP:
                return self._entry(path, body.rstrip(b"\0").decode()) if path else ENOENT
            case Asked.GETATTR:
                return struct.pack("<QII", FOREVER_S, 0, 0) + self._attributes(path) if path else ENOENT
            case Asked.OPEN | Asked.OPENDIR:
                return struct.pack("<QII", 0, 0, 0)
            case Asked.READ:
                _, offset, size = struct.unpack_from("<QQI", body)
                return path.read_bytes()[offset : offset + size] if path else ENOENT
            case Asked.RELEASE | Asked.FLUSH | Asked.RELEASEDIR:
                return b""
        return ENOSYS

    def _entry(self, folder: Path, name: str) -> bytes | int:
        for found in folder.iterdir():
            if found.name.casefold() == name.casefold():
                number = self._numbers.setdefault(found, len(self._numbers) + 1)
                self._paths[number] = found
                return struct.pack("<QQQQII", number, 0, FOREVER_S, FOREVER_S, 0, 0) + self._attributes(found)
        return ENOENT

    def _attributes(self, path: Path) -> bytes:
        found = path.lstat()
        sizes = (self._numbers[path], found.st_size, 0)
        times, owner = (0,) * 6, (0, 0)
        return struct.pack("<3Q3Q3I7I", *sizes, *times, found.st_mode, 1, *owner, 0, 4096, 0)


def serve(device: int, folder: Path) -> None:
    """Until the file system is gone."""
    served = Served(folder)
    while True:
        request = os.read(device, 1 << 17)
        _, opcode, unique, node = struct.unpack_from("<IIQQ", request)
        answer = served.answer(opcode, node, request[40:])
        if answer is not None:
            error, body = (-answer, b"") if isinstance(answer, int) else (0, answer)
            os.write(device, struct.pack("<IiQ", 16 + len(body), error, unique) + body)


def main(folder: str, mount: str, *paths: str) -> None:
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    if ctypes.CDLL(None, use_errno=True).mount(b"fuse", os.fsencode(mount), b"fuse", 0, options):
        sys.exit("no FUSE here")
    server = os.fork()
    if not server:
        serve(device, Path(folder))
    try:
        for path in paths:
            found = identify(path, None, Surroundings(""))
            print(found.key, found.path, sep="\t")
    finally:
        os.kill(server, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
