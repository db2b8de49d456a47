"""The person's settings while a process runs: read again when the file changes; where it is bad, the last good ones."""

from __future__ import annotations

import dataclasses
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from monitor_core import config, days
from monitor_core.edits import name_by_hand
from monitor_core.errors import ConfigError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

log = logging.getLogger(__name__)

# Said once a process: the zone is asked for at every look at the store.
_doubts: set[str] = set()


def zone_of(settings: config.Config) -> ZoneInfo:
    """The zone that days are cut in."""
    if settings.timezone == days.SYSTEM:
        found = days.system_zone(os.environ)
        if found.doubt and found.doubt not in _doubts:
            _doubts.add(found.doubt)
            log.warning("%s", found.doubt)
        return found.zone
    return days.zone(settings.timezone)


def read(path: Path) -> config.Config:
    """The settings in the file, with folders as the store has them: whole and resolved. Raises `ConfigError`."""
    found = config.load(path, _spelled_out)
    return dataclasses.replace(
        found,
        project_aliases={_resolved(folder): _resolved(target) for folder, target in found.project_aliases.items()},
        ignored_projects=tuple(map(_resolved, found.ignored_projects)),
        project_names={_resolved(folder): name for folder, name in found.project_names.items()},
        subprojects={_resolved(folder): patterns for folder, patterns in found.subprojects.items()},
        timesheet_clients={_project(path): client for path, client in found.timesheet_clients.items()},
        timesheet_rates={_project(path): rate for path, rate in found.timesheet_rates.items()},
    )


def _spelled_out(folder: str) -> str:
    # Not resolved: who moved a project, left a link where it was, and says so by an alias says nothing wrong.
    return os.path.normpath(Path(folder).expanduser())


def _resolved(folder: str) -> str:
    return os.path.realpath(Path(folder).expanduser())


def _project(path: str) -> str:
    return path if name_by_hand(path) else _resolved(path)


class SettingsFile:
    """``config.toml``; ``problem`` is a sentence for people while the file on disk is not the one in use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._good = config.Config()
        self.problem = ""

    def current(self) -> config.Config:
        """The settings in force."""
        seen = self._fingerprint()
        if seen != self._seen:
            self._seen = seen
            try:
                self._good = read(self._path)
                self.problem = ""
            except ConfigError as error:
                self.problem = str(error)
                log.error("%s; going on with the last good settings", error)  # noqa: TRY400  the sentence says it all
        return self._good

    def _fingerprint(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size
