"""What every login entry can do, and how the two that are files are read, written and removed."""

from __future__ import annotations

import contextlib
import enum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from monitor_core.errors import MonitorError
from monitor_tray.replacing import beside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class State(enum.Enum):
    """What the login entry says."""

    ON = "on"
    ABSENT = "absent"
    SWITCHED_OFF = "switched off"  # there, and kept from starting by the person


class LoginEntry(Protocol):
    """Each method raises `MonitorError` where the system does not allow it."""

    def state(self) -> State:
        """What holds now."""

    def switch_on(self, command: Sequence[str]) -> None:
        """Starts ``command``, whose first word is an absolute path, at every login; whatever was there before."""

    def switch_off(self) -> None:
        """Keeps the entry from starting anything, in the way that the system's own settings do."""

    def remove(self) -> None:
        """Leaves nothing of ours. Fine where nothing is."""


def read_file(path: Path) -> bytes | None:
    """The bytes, `None` where there is no file."""
    with explained("read", path), contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    return None


def write_file(path: Path, content: bytes) -> None:
    """Makes the folders and replaces the file, 0644, whole or not at all."""
    with explained("write", path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with beside(path, content) as new:
            new.chmod(0o644)
            new.replace(path)


def remove_file(path: Path) -> None:
    """Deletes the file if it is there."""
    with explained("remove", path), contextlib.suppress(FileNotFoundError):
        path.unlink()


def xdg_config(environment: Mapping[str, str]) -> Path:
    """``XDG_CONFIG_HOME`` if that is an absolute path, as its specification has it, else ``~/.config``."""
    config = Path(environment.get("XDG_CONFIG_HOME", ""))
    return config if config.is_absolute() else Path.home() / ".config"


@contextlib.contextmanager
def explained(what: str, path: Path) -> Iterator[None]:
    """Turns what the system refuses into a `MonitorError` that names ``path``."""
    try:
        yield
    except OSError as error:
        raise MonitorError(
            f"cannot {what} the login entry {path}: {error.strerror}; check the rights of its folder"
        ) from error
