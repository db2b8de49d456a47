"""What one notification says: plain data, made by `monitor_tray.notifying`, shown by whichever icon there is."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor_tray.actions import Action


class Kind(enum.Enum):
    """What a notification is about, the most urgent first. Of each kind one at most is on the screen."""

    TROUBLE = "trouble"
    WAITING = "waiting"  # Claude waits for the person: a question, a finished turn, or several of them
    BREAK = "break"
    GOAL = "goal"


@dataclass(frozen=True, slots=True)
class Button:
    """One thing to do about it, where the desktop shows buttons."""

    label: str
    action: Action


@dataclass(frozen=True, slots=True)
class Notification:
    """One line of ``title`` and some of ``body``, neither of them empty, in plain text.

    A click on it does what the first of the ``buttons`` does. It ``stays`` until somebody closes it, where the desktop
    can do that.
    """

    kind: Kind
    title: str
    body: str
    buttons: tuple[Button, ...]
    stays: bool = False
