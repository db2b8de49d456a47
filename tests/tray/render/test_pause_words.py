"""When counting was paused, in words, as the text and the page of a report have it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec
import pytest

from monitor_core.edits import Edit, PauseCounting
from monitor_core.model import NEVER_MS
from monitor_core.pauses import Pause
from monitor_tray.render.html import report_html
from monitor_tray.render.pause_words import pause_words
from monitor_tray.render.text import report_text
from tests.tray.render.samples import MONDAY, block, instant, report

if TYPE_CHECKING:
    from monitor_core.report import Report

SUNDAY, TUESDAY = MONDAY - dt.timedelta(1), MONDAY + dt.timedelta(1)
GOES_ON = ": “claude-monitor resume” goes on"


def pause(start: int, end: int = NEVER_MS) -> Pause:
    return Pause(start, end, Edit("a-pause-of-mine", start, PauseCounting(start)))


def monday(start: str, end: str = "", *, start_day: dt.date = MONDAY, end_day: dt.date = MONDAY) -> Pause:
    return pause(instant(start_day, start), instant(end_day, end) if end else NEVER_MS)


def paused(*pauses: Pause, now: int | None = None, last: dt.date = MONDAY) -> Report:
    """A day, or more, with an hour of work and the pauses."""
    made = report({"api": [block("09:00", "10:00")]}, last=last, now=now)
    return msgspec.structs.replace(made, pauses=pauses)


class TestOver:
    @pytest.mark.parametrize(
        ("found", "words"),
        [
            (monday("12:00", "12:45"), "Paused 12:00 – 12:45"),
            (monday("12:00", "12:00:20"), "Paused 12:00"),
            (monday("22:00", "08:00", end_day=TUESDAY), "Paused from 22:00"),
            (monday("22:00"), "Paused from 22:00"),
            (monday("22:00", "08:00", start_day=SUNDAY), "Paused until 08:00"),
            (monday("22:00", "08:00", start_day=SUNDAY, end_day=TUESDAY), "Paused all day"),
            (monday("00:00", "24:00"), "Paused all day"),
        ],
    )
    def test_a_pause_is_told_as_far_as_it_reaches_into_the_day(self, found: Pause, words: str) -> None:
        assert pause_words(paused(found)) == [words]

    def test_a_day_that_begins_at_four_has_its_own_ends(self) -> None:
        made = report({"api": [block("09:00", "10:00")]}, day_starts_at="04:00")
        night = msgspec.structs.replace(made, pauses=(monday("23:00", "01:30", end_day=TUESDAY),))
        assert pause_words(night) == ["Paused 23:00 – 01:30 (Tue)"]

    def test_several_days_tell_nothing_of_pauses_that_are_over(self) -> None:
        assert pause_words(paused(monday("12:00", "12:45"), last=TUESDAY)) == []


class TestPresent:
    NOW = instant(MONDAY, "14:05")

    @pytest.mark.parametrize(
        ("found", "words"),
        [
            (monday("14:02", "14:17"), "Paused since 14:02 until 14:17"),
            (monday("14:02"), "Paused since 14:02 until you resume"),
            (monday("14:02", "09:00", end_day=TUESDAY), "Paused since 14:02 until 09:00 (Tue)"),
            (monday("14:02", start_day=SUNDAY), "Paused since 14:02 (Sun) until you resume"),
            (monday("14:02", start_day=dt.date(2026, 11, 1)), "Paused since 2026-11-01 14:02 until you resume"),
        ],
    )
    @pytest.mark.parametrize("last", [MONDAY, TUESDAY], ids=["one day", "two days"])
    def test_the_pause_that_holds_says_how_to_go_on(self, found: Pause, words: str, last: dt.date) -> None:
        assert pause_words(paused(found, now=self.NOW, last=last)) == [words + GOES_ON]

    def test_it_comes_after_those_that_are_over(self) -> None:
        made = paused(monday("12:00", "12:45"), monday("14:02"), now=self.NOW)
        assert pause_words(made) == ["Paused 12:00 – 12:45", "Paused since 14:02 until you resume" + GOES_ON]

    def test_a_report_of_the_past_tells_its_part_and_one_of_days_to_come_nothing(self) -> None:
        goes_on = pause(instant(SUNDAY, "12:00"))
        assert pause_words(paused(goes_on, now=instant(TUESDAY, "10:00"))) == ["Paused all day"]
        assert pause_words(paused(goes_on, now=instant(SUNDAY, "13:00"))) == []


class TestReports:
    WORDS = ("Paused 12:00 – 12:45", "Paused since 14:02 until 14:17" + GOES_ON)

    def made(self, *, empty: bool) -> Report:
        made = paused(monday("12:00", "12:45"), monday("14:02", "14:17"), now=instant(MONDAY, "14:05"))
        nothing = msgspec.structs.replace(report({}), pauses=made.pauses, now_ms=made.now_ms)
        return nothing if empty else made

    @pytest.mark.parametrize("empty", [False, True], ids=["with time", "without time"])
    @pytest.mark.parametrize("width", [40, 60, 88])
    def test_the_text_ends_with_the_pauses_in_lines_that_fit(self, width: int, *, empty: bool) -> None:
        text = report_text(self.made(empty=empty), width=width, colour=False, unicode=True, hint="Nothing.")
        assert all(len(line) <= width for line in text.splitlines())
        assert " ".join(text.split()).replace(" · Paused since", " Paused since").endswith(" ".join(self.WORDS))

    def test_a_terminal_without_unicode_has_them_in_ascii(self) -> None:
        text = report_text(self.made(empty=False), width=60, colour=False, unicode=False, hint="")
        assert text.isascii()
        assert "Paused 12:00 - 12:45" in text

    @pytest.mark.parametrize("empty", [False, True], ids=["with time", "without time"])
    def test_the_page_has_each_in_a_line_of_its_own(self, *, empty: bool) -> None:
        page = report_html(self.made(empty=empty))
        assert all(f">{words}</p>" in page for words in self.WORDS)
        assert "Paused" not in report_html(msgspec.structs.replace(self.made(empty=empty), pauses=()))
