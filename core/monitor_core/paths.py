"""Where everything of Claude Monitor lives on disk. This is the only place that knows names of files.

The rule for the home folder is stated in hook/PROTOCOL.md, because the native hook follows it too:
``CLAUDE_MONITOR_HOME`` if it is set and not empty, else the user's data folder of the platform.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from monitor_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

HOME_VARIABLE = "CLAUDE_MONITOR_HOME"
APP_NAME = "claude-monitor"


@dataclass(frozen=True, slots=True)
class Paths:
    """Every file and folder below one home folder. Making one touches nothing."""

    home: Path

    @property
    def database(self) -> Path:
        """The SQLite store."""
        return self.home / "monitor.db"

    @property
    def config(self) -> Path:
        """The person's settings."""
        return self.home / "config.toml"

    @property
    def socket(self) -> Path:
        """The local pipe on POSIX."""
        return self.home / "hook.sock"

    @property
    def lock(self) -> Path:
        """Held by the one process that may write."""
        return self.home / "tray.lock"

    @property
    def spool(self) -> Path:
        """Maildir of events that nobody took."""
        return self.home / "spool"

    @property
    def spool_tmp(self) -> Path:
        """Spool files being written."""
        return self.spool / "tmp"

    @property
    def spool_new(self) -> Path:
        """Complete spool files."""
        return self.spool / "new"

    @property
    def spool_bad(self) -> Path:
        """Spool files that are no events."""
        return self.spool / "bad"

    @property
    def backups(self) -> Path:
        """Copies of the store and of files that we edit for other programs."""
        return self.home / "backups"

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.home / "logs"

    @property
    def reports(self) -> Path:
        """HTML reports that were opened."""
        return self.home / "reports"

    def _is_somebody_elses(self) -> bool:
        """Whether the home is in use for something else: closing it to others would take that from them."""
        try:
            if os.name != "posix" or not self.home.stat().st_mode & 0o077:
                return False
            found = {entry.name for entry in self.home.iterdir()}
        except OSError:
            return False
        ours = (self.database, self.config, self.lock, self.spool, self.backups, self.logs, self.reports)
        return bool(found) and found.isdisjoint(path.name for path in ours)

    def create(self) -> None:
        """Makes all folders, 0700, also where ours were there with wider rights.

        Raises `ConfigError` where that is not possible, and where the home is a folder that others use too.
        """
        if self._is_somebody_elses():
            raise ConfigError(
                f"the folder {self.home} is open to others and holds other things; "
                f"set {HOME_VARIABLE} to a folder that is empty or not there yet"
            )
        folders = (
            self.home,
            self.spool,
            self.spool_tmp,
            self.spool_new,
            self.spool_bad,
            self.backups,
            self.logs,
            self.reports,
        )
        for folder in folders:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if os.name == "posix" and folder.stat().st_mode & 0o077:
                    folder.chmod(0o700)
            except OSError as error:
                raise ConfigError(
                    f"cannot use the folder {folder}: {error.strerror}; "
                    f"make it writable, or set {HOME_VARIABLE} to a folder of yours and start again"
                ) from error


def find(environment: Mapping[str, str]) -> Paths:
    """The paths that hold in ``environment`` (`os.environ`, as a rule).

    Only ``CLAUDE_MONITOR_HOME`` is read from the argument; what the platform decides by is read by platformdirs from
    the process. Raises `ConfigError` for a relative ``CLAUDE_MONITOR_HOME`` and where there is no home folder at all.
    """
    override = environment.get(HOME_VARIABLE, "")
    if override:
        if not os.path.isabs(override):  # noqa: PTH117  the words of the rule, on text
            raise ConfigError(f"{HOME_VARIABLE} is {override!r}, which is not an absolute path; give the whole path")
        return Paths(Path(override))
    try:
        return Paths(platformdirs.user_data_path(APP_NAME, appauthor=False))
    except RuntimeError as error:
        raise ConfigError(
            f"there is no home folder for this user; set HOME, or set {HOME_VARIABLE} to a folder of yours ({error})"
        ) from error
