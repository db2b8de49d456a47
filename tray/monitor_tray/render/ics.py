"""A report as a calendar that other programs take in: one event for each entry, which keeps nobody's time free or busy.

icalendar comes with the extra ``ical`` and is imported when a calendar is made.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from monitor_core.entries import entries_of
from monitor_core.intervals import length_ms
from monitor_core.model import SECOND_MS
from monitor_tray.duration import format_duration_in_a_sentence
from monitor_tray.printable import printable
from monitor_tray.render.extras import missing

if TYPE_CHECKING:
    import icalendar

    from monitor_core.entries import Entry
    from monitor_core.report import Report

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# Only this program's; never to change, or every entry would be imported once more.
_NAMESPACE = uuid.UUID("7d3f6c52-6a0e-4d0c-9a5b-0f6f6a1c2e84")


def report_ics(report: Report) -> bytes:
    """The report as iCalendar (RFC 5545), times in UTC and whole seconds, which leaves out what is shorter than one.

    An event's UID is made from the project's path and the start of the entry: what is exported again, also within other
    days, replaces what was imported. Raises `MonitorError` where icalendar is not installed.
    """
    try:
        import icalendar  # noqa: PLC0415  optional, and takes 100 ms
    except ImportError as error:
        raise missing("ics", "ical", "icalendar") from error
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Claude Monitor//claude-monitor//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Claude Monitor")
    for entry in entries_of(report):
        if _second(entry.part.start_ms) < _second(entry.part.end_ms):
            calendar.add_component(_event(icalendar.Event(), entry, report.now_ms))
    return bytes(calendar.to_ical())


def _event(event: icalendar.Event, entry: Entry, now_ms: int) -> icalendar.Event:
    working_ms = length_ms(entry.working)
    lengths = (entry.part.length_ms, working_ms, entry.part.length_ms - working_ms)
    active, working, attention = map(format_duration_in_a_sentence, lengths)
    # Its ASCII form, because a folder's name need not be text that can be encoded.
    name = f"{entry.project.path!a} {entry.part.start_ms}"
    event.add("uid", f"{uuid.uuid5(_NAMESPACE, name)}@claude-monitor")
    event.add("dtstamp", _second(now_ms))
    event.add("dtstart", _second(entry.part.start_ms))
    event.add("dtend", _second(entry.part.end_ms))
    event.add("summary", printable(entry.project.name))
    event.add(
        "description",
        f"{active} active: Claude working {working}, your attention {attention}"
        + (". Still open." if entry.is_open else "."),
    )
    event.add("transp", "TRANSPARENT")
    return event


def _second(at_ms: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(seconds=at_ms // SECOND_MS)
