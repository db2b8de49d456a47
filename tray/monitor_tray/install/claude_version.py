"""Which Claude Code is installed: asked of the client itself, because its settings depend on it."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 5.0

_ANSWER = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+][\w.+-]*)? \(Claude Code\)\s*", re.ASCII)

log = logging.getLogger(__name__)


class Version(NamedTuple):
    """A version of the client; compares as one expects."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def parse(answer: str) -> Version | None:
    """The version in an answer like ``2.1.330 (Claude Code)``; `None` for any other text."""
    found = _ANSWER.fullmatch(answer)
    return Version(*map(int, found.groups())) if found else None


def detect(environment: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> Version | None:
    """What the ``claude`` on the PATH of ``environment`` answers to ``--version``.

    `None` where there is no such program, or it fails, is silent for ``timeout_s`` or answers anything else: then
    nothing may be assumed about the client.
    """
    program = shutil.which("claude", path=environment.get("PATH", ""))
    if program is None:
        return None
    try:
        answer = subprocess.run(
            [program, "--version"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        log.info("%s --version: %s", program, error)
        return None
    return parse(answer.decode("utf-8", "replace"))
