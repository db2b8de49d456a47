"""`claude-monitor pause` and `resume`: each command in a process of its own, with and without a running tray."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from monitor_core.edits import Edit, PauseCounting, ResumeCounting, Undo
from monitor_core.model import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from monitor_core.store import Store, WritableStore
from monitor_core.wire import encode
from monitor_tray.clock import now_ms
from tests.tray.command_line import BERLIN, CommandLine, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.wire import WireEvent

API = "/srv/projects/api"
DAY = "2025-03-03"


def zone_where_it_is_noon() -> str:
    """A zone in which no day ends while a test runs."""
    behind = dt.datetime.now(dt.UTC).hour - 12
    return f"Etc/GMT{behind:+d}"


@pytest.fixture
def noon(monitor: CommandLine) -> CommandLine:
    """An empty home in a zone where it is about noon."""
    monitor.paths.create()
    monitor.paths.config.write_text(f'timezone = "{zone_where_it_is_noon()}"\n')
    return monitor


@pytest.fixture
def turn(wire: Callable[..., WireEvent]) -> Callable[[], bytes]:
    """Lines of a turn of 40 seconds that begins now; nothing is from too far ahead to count."""

    def make() -> bytes:
        begin = now_ms()
        events = [
            wire(begin, "UserPromptSubmit", session_id=f"s{begin}", cwd=API),
            wire(begin + 40 * SECOND_MS, "Stop", session_id=f"s{begin}", cwd=API),
        ]
        return b"".join(map(encode, events))

    return make


def journal(monitor: CommandLine) -> list[Edit]:
    with contextlib.closing(Store(monitor.paths.database)) as store:
        return store.journal()


def report(monitor: CommandLine, *words: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(monitor.ok("today", "--json", *words))
    return made


def counted_s(monitor: CommandLine) -> float:
    return float(report(monitor)["total_ms"] / SECOND_MS)


def events_stored(monitor: CommandLine) -> int:
    return int(json.loads(monitor.run("status", "--json").stdout)["store"]["events"])


def id_in(text: str) -> str:
    found = re.search(r"claude-monitor edit undo ([0-9a-f]{8})$", text, re.MULTILINE)
    assert found, text
    return found[1]


class TestPause:
    def test_without_an_end_it_lasts_until_somebody_resumes(self, noon: CommandLine) -> None:
        before_ms = now_ms()
        said = noon.ok("pause").splitlines()
        (made,) = journal(noon)
        assert isinstance(made.decision, PauseCounting)
        assert before_ms <= made.decision.start_ms <= now_ms()
        assert made.decision.end_ms is None
        assert said == [
            "Paused until you resume. What happens meanwhile is kept and does not count.",
            "To go on counting: claude-monitor resume",
            f"To take the pause back: claude-monitor edit undo {made.id[:8]}",
        ]

    @pytest.mark.parametrize(("length", "minutes"), [("15m", 15), ("1h30m", 90)])
    def test_for_a_length_it_ends_by_itself(self, noon: CommandLine, length: str, minutes: int) -> None:
        said = noon.ok("pause", "--for", length)
        decision = journal(noon)[0].decision
        assert isinstance(decision, PauseCounting)
        assert decision.end_ms == decision.start_ms + minutes * MINUTE_MS
        end = dt.datetime.fromtimestamp(decision.end_ms / 1000, ZoneInfo(zone_where_it_is_noon()))
        assert said.startswith(f"Paused until {end:%H:%M}. ")

    def test_until_a_time_it_ends_at_the_next_such_time(self, noon: CommandLine) -> None:
        assert noon.ok("pause", "--until", "23:30").startswith("Paused until 23:30. ")
        tomorrow = dt.datetime.now(ZoneInfo(zone_where_it_is_noon())).date() + dt.timedelta(1)
        assert noon.ok("pause", "--until", "6:00").startswith(f"Paused until 06:00 ({tomorrow:%a}). ")
        today, next_day = (edit.decision for edit in journal(noon))
        assert isinstance(today, PauseCounting)
        assert isinstance(next_day, PauseCounting)
        assert next_day.end_ms == (today.end_ms or 0) + 6 * HOUR_MS + 30 * MINUTE_MS

    @pytest.mark.parametrize(
        ("words", "status", "message"),
        [
            (("--for", "15m", "--until", "18:00"), 2, "say either for how long, --for, or until when, --until"),
            (("--for", "15"), 1, "'15' is no length of time; did you mean 15m?"),
            (("--for", "25h"), 1, "'25h' is out of range; give a length from 1m to 24h"),
            (("--until", "soon"), 1, "'soon' is no time"),
            (("--until", "yesterday 9:00"), 1, "'yesterday 9:00' has passed"),
            (("--until", "9998-12-31 23:59"), 1, "is more than a year ahead"),
            (("now",), 2, "unexpected extra argument"),
        ],
    )
    def test_what_cannot_be_is_refused_and_nothing_is_paused(
        self, noon: CommandLine, words: tuple[str, ...], status: int, message: str
    ) -> None:
        assert message in noon.fails("pause", *words, status=status)
        assert journal(noon) == []

    def test_what_is_paused_until_then_already_is_refused_and_another_end_takes_its_place(
        self, noon: CommandLine
    ) -> None:
        noon.ok("pause")
        assert "counting is paused until then already; nothing was changed" in noon.fails("pause")
        noon.ok("pause", "--for", "15m")
        first, second = report(noon)["pauses"]
        assert first["end"] == second["start"]
        assert second["end"] is not None

    @pytest.mark.parametrize("command", ["pause", "resume"])
    def test_help_says_what_becomes_of_what_happens_meanwhile_and_shows_an_example(
        self, monitor: CommandLine, command: str
    ) -> None:
        text = monitor.ok(command, "--help")
        assert f"claude-monitor {command}\n" in text
        assert not monitor.paths.home.exists()
        if command == "pause":
            assert "What happens meanwhile is recorded and does not count." in text


class TestResume:
    def test_the_pause_ends_and_the_answer_says_how_to_count_it_after_all(self, noon: CommandLine) -> None:
        pause = id_in(noon.ok("pause"))
        said = noon.ok("resume")
        assert said.startswith("Counting again. The pause lasted <1 m; what happened in it is kept and does not count.")
        assert id_in(said) == pause
        assert [type(edit.decision) for edit in journal(noon)] == [PauseCounting, ResumeCounting]

    def test_where_nothing_is_paused_nothing_is_resumed_and_nothing_written(self, monitor: CommandLine) -> None:
        assert "counting is not paused, so there is nothing to resume" in monitor.fails("resume")
        assert not monitor.paths.home.exists()


@pytest.mark.parametrize("with_tray", [False, True], ids=["alone", "with the tray"])
class TestCounting:
    @pytest.fixture
    def recording(self, noon: CommandLine, with_tray: bool) -> CommandLine:
        if with_tray:
            start_tray(noon)
        return noon

    def test_what_happens_in_a_pause_is_stored_does_not_count_and_counts_once_the_pause_is_taken_back(
        self, recording: CommandLine, turn: Callable[[], bytes]
    ) -> None:
        recording.ok("replay", "-", stdin=turn())
        assert counted_s(recording) == pytest.approx(40)  # the control: without a pause it counts
        made = id_in(recording.ok("pause"))
        before_s = counted_s(recording)
        assert before_s < 40
        recording.ok("replay", "-", stdin=turn())
        assert (events_stored(recording), counted_s(recording)) == (4, before_s)
        assert "Undone: paused from" in recording.ok("edit", "undo", made)
        assert counted_s(recording) > 40
        assert report(recording)["pauses"] == []

    def test_without_an_id_the_pause_is_what_is_undone(self, recording: CommandLine, turn: Callable[[], bytes]) -> None:
        recording.ok("pause")
        recording.ok("replay", "-", stdin=turn())
        recording.ok("resume")
        recording.ok("edit", "undo")
        assert counted_s(recording) == pytest.approx(40)

    def test_what_happens_after_somebody_resumed_counts(
        self, recording: CommandLine, turn: Callable[[], bytes]
    ) -> None:
        recording.ok("pause")
        recording.ok("resume")
        recording.ok("replay", "-", stdin=turn())
        assert counted_s(recording) == pytest.approx(40)

    def test_to_undo_the_resuming_is_to_be_paused_again(
        self, recording: CommandLine, turn: Callable[[], bytes]
    ) -> None:
        recording.ok("pause")
        recording.ok("resume")
        recording.ok("replay", "-", stdin=turn())
        said = recording.ok("edit", "undo", journal(recording)[1].id)
        assert "Counting is paused: since" in said
        assert "until you resume. To go on counting: claude-monitor resume\n" in said
        assert counted_s(recording) == 0
        again = recording.ok("edit", "undo", id_in(said))
        assert "paused" not in again
        assert counted_s(recording) == pytest.approx(40)


def start_tray(monitor: CommandLine, **environment: str) -> Any:
    tray = monitor.start_tray(**environment)
    wait_until(lambda: json.loads(monitor.run("status", "--json").stdout)["tray"] is not None)
    return tray


def test_a_pause_survives_the_end_of_the_tray(noon: CommandLine, turn: Callable[[], bytes]) -> None:
    tray = start_tray(noon)
    noon.ok("pause", "--for", "1h")
    tray.kill()
    tray.wait(30)
    assert report(noon)["pauses"] != []
    start_tray(noon)
    noon.ok("replay", "-", stdin=turn())
    assert (events_stored(noon), counted_s(noon)) == (2, 0)
    noon.ok("resume")
    noon.ok("replay", "-", stdin=turn())
    assert counted_s(noon) > 0


def at(clock: str, day: str = DAY) -> int:
    local = dt.datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    return round(local.timestamp() * 1000)


class Recorded:
    """A home with one day, 10:00–12:00 in the project api, and a journal that was written at other times."""

    def __init__(self, monitor: CommandLine, wire: Callable[..., WireEvent]) -> None:
        self.line = monitor
        monitor.paths.create()
        monitor.paths.config.write_text(BERLIN)
        turns = [wire(at("10:00"), "UserPromptSubmit", cwd=API), wire(at("12:00"), "Stop", cwd=API)]
        monitor.ok("replay", "-", stdin=b"".join(map(encode, turns)))

    def decided(self, *decisions: PauseCounting | ResumeCounting | Undo) -> None:
        store = WritableStore(self.line.paths.database, self.line.paths.backups, now_ms())
        try:
            with store.transaction(durably=True):
                for decision in decisions:
                    number = len(store.journal())
                    store.add_edit(Edit(f"{number:08x}-edit", at("13:00"), decision))
        finally:
            store.close()

    def text(self, *words: str, width: int = 80) -> str:
        return self.line.ok(*words, COLUMNS=str(width))


@pytest.fixture
def recorded(monitor: CommandLine, wire: Callable[..., WireEvent]) -> Recorded:
    return Recorded(monitor, wire)


class TestShown:
    ON = ("--date", DAY)

    def test_the_report_of_the_day_says_when_counting_was_paused(self, recorded: Recorded) -> None:
        assert "aused" not in recorded.text("today", *self.ON)
        recorded.decided(
            PauseCounting(at("10:30"), at("10:45")), PauseCounting(at("11:00")), ResumeCounting(at("11:20"))
        )
        text = recorded.text("today", *self.ON)
        assert text.splitlines()[-1] == "Paused 10:30 – 10:45 · Paused 11:00 – 11:20"
        assert "1 h 25 m" in text
        file = recorded.line.paths.home / "page.html"
        recorded.line.ok("report", "daily", *self.ON, "--format", "html", "-o", str(file))
        page = file.read_text(encoding="utf-8")
        assert '<p class="when">Paused 10:30 – 10:45</p>\n<p class="when">Paused 11:00 – 11:20</p>' in page

    def test_of_a_pause_over_days_each_day_says_its_part(self, recorded: Recorded) -> None:
        recorded.decided(PauseCounting(at("11:00"), at("09:00", "2025-03-05")))
        ends = [
            recorded.text("today", "--date", day).splitlines()[-1]
            for day in (DAY, "2025-03-04", "2025-03-05", "2025-03-06")
        ]
        assert ends[:3] == ["Paused from 11:00", "Paused all day", "Paused until 09:00"]
        assert "aused" not in ends[3]

    def test_while_counting_is_paused_the_day_and_the_status_say_so(self, recorded: Recorded) -> None:
        recorded.decided(PauseCounting(now_ms() - 1, now_ms() + 3 * 365 * DAY_MS))
        end = dt.datetime.fromtimestamp(journal(recorded.line)[0].decision.end_ms / 1000, ZoneInfo("Europe/Berlin"))  # type: ignore[union-attr, operator]
        words = rf"aused since \d\d:\d\d( \(\w\w\w\))? until {end:%Y-%m-%d %H:%M}"
        text = recorded.text("today", width=88)
        assert re.search(rf"^P{words}: “claude-monitor resume” goes on$", text, re.MULTILINE), text
        status = recorded.line.run("status").stdout
        assert re.search(rf"^Counting {{5}}p{words}$", status, re.MULTILINE), status
        assert "aused" not in recorded.text("today", *self.ON)
        assert "Paused since" in recorded.text("week", width=88)

    def test_the_status_says_nothing_of_pauses_that_are_over(self, recorded: Recorded) -> None:
        recorded.decided(PauseCounting(at("11:00")), ResumeCounting(at("11:30")))
        assert "Counting" not in recorded.line.run("status").stdout
        assert json.loads(recorded.line.run("status", "--json").stdout)["pause"] is None

    def test_programs_get_the_pauses_of_the_range_and_null_for_one_without_an_end(self, recorded: Recorded) -> None:
        assert report(recorded.line, *self.ON)["pauses"] == []
        recorded.decided(PauseCounting(at("10:30"), at("10:45")), PauseCounting(at("23:00")))
        pauses = [
            {"start": f"{DAY}T10:30:00+01:00", "end": f"{DAY}T10:45:00+01:00"},
            {"start": f"{DAY}T23:00:00+01:00", "end": None},
        ]
        assert report(recorded.line, *self.ON)["pauses"] == pauses
        assert report(recorded.line, "--date", "2025-03-02")["pauses"] == []
        assert report(recorded.line, "--date", "2025-03-04")["pauses"] == pauses[1:]
        status = json.loads(recorded.line.run("status", "--json").stdout)["pause"]
        assert {key: status[key] for key in ("start", "end")} == pauses[1]

    def test_the_list_of_edits_has_each_pause_with_what_it_came_to(self, recorded: Recorded) -> None:
        recorded.decided(
            PauseCounting(at("10:30"), at("11:30")), PauseCounting(at("11:00")), ResumeCounting(at("11:20"))
        )
        lines = recorded.text("edit", "list").splitlines()
        assert lines[::2] == [
            f"00000002  resumed: {DAY} 11:20",
            f"00000001  paused: {DAY} 11:00 – 11:20 (20 m)",
            f"00000000  paused: {DAY} 10:30 – 11:00 (30 m)",
        ]
        listed = json.loads(recorded.line.ok("edit", "list", "--json"))["edits"]
        assert [(edit["kind"], edit.get("start"), edit.get("end")) for edit in listed] == [
            ("resume", None, None),
            ("pause", f"{DAY}T11:00:00+01:00", f"{DAY}T11:20:00+01:00"),
            ("pause", f"{DAY}T10:30:00+01:00", f"{DAY}T11:00:00+01:00"),
        ]

    def test_a_pause_that_goes_on_or_came_to_nothing_is_listed_as_that(self, recorded: Recorded) -> None:
        recorded.decided(PauseCounting(at("11:00"), at("11:30")), PauseCounting(at("11:00")))
        assert recorded.text("edit", "list").splitlines()[::2] == [
            f"00000001  paused from {DAY} 11:00, until resumed",
            f"00000000  paused from {DAY} 11:00, for no time",
        ]
        newest, oldest = json.loads(recorded.line.ok("edit", "list", "--json"))["edits"]
        assert (newest["end"], oldest["end"]) == (None, oldest["start"])

    def test_why_shows_what_was_paused_with_the_edit(self, recorded: Recorded) -> None:
        recorded.decided(PauseCounting(at("11:00"), at("11:20")))
        text = recorded.text("why", *self.ON)
        assert "counting was paused" in text
        assert f"edit 00000000: paused: {DAY} 11:00 – 11:20" in " ".join(text.split())
        assert "counting was paused" in recorded.text("why", *self.ON, "--at", "11:10")

    def test_an_undo_says_what_every_day_has_again(self, recorded: Recorded) -> None:
        recorded.decided(PauseCounting(at("11:00"), at("11:20")))
        assert recorded.text("edit", "undo").splitlines()[:2] == [
            f"Undone: paused: {DAY} 11:00 – 11:20 (20 m).",
            f"{DAY}: total 2 h 00 m (was 1 h 40 m), api 2 h 00 m (was 1 h 40 m)",
        ]

    def test_an_undo_of_a_pause_of_many_days_names_those_that_have_changed(self, recorded: Recorded) -> None:
        recorded.decided(PauseCounting(at("11:00")))
        assert recorded.text("edit", "undo").splitlines()[:-1] == [
            f"Undone: paused from {DAY} 11:00, until resumed.",
            f"{DAY}: total 2 h 00 m (was 1 h 00 m), api 2 h 00 m (was 1 h 00 m)",
        ]
