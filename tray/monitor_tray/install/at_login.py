"""Which of the two starts Claude Monitor, the login entry or the service: chosen once, and said in words.

Both at once are one too many: the second to start finds the first and opens a report there. So installing one takes the
other away, unless the person has switched that one off; then it stays as it is, switched off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_tray.install import autostart
from monitor_tray.install.autostart import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ENABLE = "systemctl --user enable claude-monitor"
_START = "systemctl --user restart claude-monitor"


@dataclass(frozen=True, slots=True)
class AtLogin:
    """What starts when the person logs in. ``service`` is None where there are no such services."""

    entry: State
    service: State | None

    @property
    def is_there(self) -> bool:
        """Whether there is anything of either, switched off or not."""
        return self.entry is not State.ABSENT or self.service not in (None, State.ABSENT)

    @property
    def words(self) -> str:
        """For people, one line."""
        if self.entry is State.ON and self.service is State.ON:
            return "on, and as a service as well, which is one too many: claude-monitor install --service keeps that"
        if self.service is State.ON:
            return "on, as a service without an icon"
        if self.entry is State.ON:
            return "on"
        if State.SWITCHED_OFF in (self.entry, self.service):
            return "switched off" if self.entry is State.SWITCHED_OFF else f"the service is switched off: {_ENABLE}"
        return "off: claude-monitor install"


def look(environment: Mapping[str, str]) -> AtLogin:
    """What holds now. Raises `MonitorError`."""
    service = autostart.service(environment)
    return AtLogin(autostart.find(environment).state(), service.state() if service else None)


def switch_on(environment: Mapping[str, str], *, as_service: bool, dry_run: bool) -> Iterator[str]:
    """Has the tray, or its service, start at login, unless the person has switched that off; says what it did."""
    entry, service = autostart.find(environment), autostart.service(environment)
    if service is not None and as_service:
        if dry_run:
            yield "Start at login, as a service: would be switched on, unless you have switched it off."
            return
        state = autostart.install(service, [*autostart.tray_command(), "--headless"])
        yield f"Start at login, as a service: {state.value}."
        if state is State.SWITCHED_OFF:
            yield f"It stays so until you say otherwise: {_ENABLE}"
            return
        yield f"Start it now, or anew: {_START}"
        yield "It runs while you are logged in; to have it run always: loginctl enable-linger"
        if entry.state() is State.ON:
            entry.remove()
            yield "The login entry of the desktop is removed: one of the two is enough."
    elif service is not None and service.state() is State.ON:
        yield "Start at login: on, as a service; `claude-monitor uninstall` first, to have the icon at login instead."
    elif dry_run:
        yield "Start at login: would be switched on, unless you have switched it off."
    else:
        yield f"Start at login: {autostart.install(entry, autostart.tray_command()).value}."


def remove(environment: Mapping[str, str]) -> None:
    """Leaves nothing of either; a service that runs is ended."""
    autostart.find(environment).remove()
    if service := autostart.service(environment):
        service.remove()
