"""A home folder on disk, lines of the wire format, and a pipe with somebody behind it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from monitor_core.paths import Paths
from monitor_core.wire import WireEvent, encode
from monitor_tray.clock import now_ms
from monitor_tray.pipe import PipeServer
from tests.tray.command_line import MINUTE_MS, CommandLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_tray.pipe import Handler


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths(tmp_path / "home")
    found.create()
    return found


@pytest.fixture
def spooled(paths: Paths) -> Callable[[WireEvent], Path]:
    """Leaves an event in the spool as a hook does."""

    def leave(event: WireEvent) -> Path:
        file = paths.spool_new / f"{event.t}-{event.id}.json"
        file.write_bytes(encode(event))
        return file

    return leave


@pytest.fixture
def monitor(tmp_path: Path) -> Iterator[CommandLine]:
    line = CommandLine(tmp_path)
    yield line
    line.close()


@pytest.fixture
def turn(wire: Callable[..., WireEvent]) -> Callable[..., bytes]:
    """Lines of one turn that took 30 minutes and ended an hour ago."""

    def make(**fields: Any) -> bytes:
        end = now_ms() - 60 * MINUTE_MS
        return encode(wire(end - 30 * MINUTE_MS, "UserPromptSubmit", **fields)) + encode(wire(end, "Stop", **fields))

    return make


@pytest.fixture
def serve(paths: Paths) -> Iterator[Callable[[Handler], PipeServer]]:
    """Starts a server on the pipe of ``paths`` with the given handler."""
    running: list[tuple[PipeServer, threading.Thread]] = []

    def start(handle: Handler) -> PipeServer:
        server = PipeServer(paths, handle)
        thread = threading.Thread(target=server.serve)
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        if thread.is_alive():
            server.close()
            thread.join()
        server.disconnect()
