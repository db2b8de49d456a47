"""What is noticed of sessions that no hook tells: real processes, recorded transcripts, instants that are given."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from monitor_core.wire import WireEvent, decode_event, encode
from monitor_tray import processes
from monitor_tray.sessions import LOOKBACK_MS, SETTLED_MS, Sessions
from tests.recorded.sessions import as_wire, load

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDED = Path(__file__).parents[1] / "recorded"
SESSION = "6f0c1f9e-0000-4000-8000-000000000001"
MINUTE_MS = 60_000


class Client:
    """A process that stands for Claude Code, and events that name it."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        self.pid = self._process.pid
        found = processes.find(self.pid)
        assert found is not None
        self.mark = found.mark
        #: The instant of its first event.
        self.began = found.started_ms + 1_000
        self.config = folder / "config"
        self.transcript = self.config / "projects/-home-dev-projects-api" / f"{SESSION}.jsonl"
        self.transcript.parent.mkdir(parents=True)
        (self.config / "sessions").mkdir()
        self._count = 0

    def event(self, kind: str, at_ms: int = 0, **fields: Any) -> WireEvent:
        """An event ``at_ms`` after the first."""
        self._count += 1
        values = {
            "id": f"00000000-0000-7000-8000-{self._count:012x}",
            "t": self.began + at_ms,
            "awake": 1_000_000 + at_ms,
            "pid": self.pid,
            "config_dir": str(self.config),
            "session_id": SESSION,
            "cwd": "/home/dev/projects/api",
            "project_dir": "/home/dev/projects",
            "transcript_path": str(self.transcript),
            **fields,
        }
        return WireEvent(v=1, hook_event_name=kind, **values)

    def begin(self) -> list[WireEvent]:
        """A session in which Claude works."""
        return [self.event("SessionStart"), self.event("UserPromptSubmit", 100, prompt_id="p1")]

    def register(self, recording: str = "idle-interactive", **fields: Any) -> None:
        """Writes its registry entry: a recorded one with other values."""
        recorded = json.loads((RECORDED / f"registry/{recording}.json").read_text())
        domain = f"linux:0:{processes.namespace()}"
        entry = {**recorded, "pid": self.pid, "sessionId": SESSION, "procStart": str(self.mark), "pidDomain": domain}
        (self.config / f"sessions/{self.pid}.json").write_text(json.dumps({**entry, **fields}))

    def interrupt(self, at_ms: int, **fields: Any) -> None:
        """Adds the line that Claude Code writes."""
        stamp = dt.datetime.fromtimestamp((self.began + at_ms) / 1_000, dt.UTC).isoformat(timespec="milliseconds")
        line = next(
            line
            for line in (RECORDED / "transcripts/interactive-interrupt-idle-denied.jsonl").read_text().splitlines()
            if "[Request interrupted by user]" in line
        )
        with self.transcript.open("a") as file:
            file.write(json.dumps({**json.loads(line), "timestamp": stamp, **fields}) + "\n")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Eye:
    """Sessions that are looked at at instants after a client's first event."""

    def __init__(self, client: Client, *events: WireEvent) -> None:
        self.client = client
        self.sessions = Sessions(client.config)
        self.note(*events)

    def note(self, *events: WireEvent) -> None:
        for event in events:
            self.sessions.note(event)

    def look(self, at_ms: int) -> list[tuple[str, int]]:
        """The kinds and instants of what is found, which is then stored."""
        found = self.events(at_ms)
        self.note(*found)
        return [(event.hook_event_name, event.t - self.client.began) for event in found]

    def events(self, at_ms: int, awake_ms: int | None = None) -> list[WireEvent]:
        awake_ms = 1_000_000 + at_ms if awake_ms is None else awake_ms
        return self.sessions.look(self.client.began + at_ms, awake_ms)

    def next_look_s(self, at_ms: int) -> float | None:
        return self.sessions.next_look_s(self.client.began + at_ms)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    found = Client(tmp_path)
    yield found
    found.kill()


class TestProcessGone:
    def test_a_client_that_was_killed_is_noticed_once(self, client: Client) -> None:
        eye = Eye(client, *client.begin())
        assert eye.look(5_000) == []
        client.kill()
        assert eye.look(10_000) == []  # an event of it may still be on its way
        assert eye.look(15_000) == [("ProcessGone", 10_000)]
        assert eye.look(60_000) == []
        assert eye.next_look_s(60_000) is None

    def test_a_client_that_lives_is_not_gone(self, client: Client) -> None:
        eye = Eye(client, *client.begin())
        assert [eye.look(minute * MINUTE_MS) for minute in range(1, 100)] == [[]] * 99

    def test_a_client_that_ended_its_session_is_not_gone(self, client: Client) -> None:
        eye = Eye(client, *client.begin())
        eye.look(5_000)
        client.kill()
        eye.look(10_000)
        eye.note(client.event("SessionEnd", 9_000))
        assert eye.look(15_000) == []

    def test_a_client_in_the_users_turn_is_noticed_too(self, client: Client) -> None:
        eye = Eye(client, *client.begin(), client.event("Stop", 1_000))
        eye.look(5_000)
        client.kill()
        eye.look(10 * MINUTE_MS)
        assert eye.look(20 * MINUTE_MS) == [("ProcessGone", 10 * MINUTE_MS)]

    def test_the_event_says_where_and_who(self, client: Client) -> None:
        eye = Eye(client, *client.begin())
        eye.look(5_000)
        client.kill()
        eye.look(10_000)
        (gone,) = eye.events(15_000)
        assert decode_event(encode(gone)) == gone
        expected = {"pid": client.pid, "session_id": SESSION, "cwd": "/home/dev/projects/api", "awake": 1_010_000}
        assert expected.items() <= msgspec.structs.asdict(gone).items()
        assert gone.project_dir == "/home/dev/projects"
        assert gone.prompt_id is None

    def test_noticed_by_two_it_is_one_event(self, client: Client) -> None:
        events = client.begin()
        eyes = [Eye(client, *events), Eye(client, *events)]
        client.kill()
        eyes[0].events(10_000)
        eyes[1].events(20_000)
        (first,), (second,) = eyes[0].events(30_000), eyes[1].events(40_000)
        assert first.id == second.id

    def test_what_is_not_stored_is_made_again_the_same(self, client: Client) -> None:
        eye = Eye(client, *client.begin())
        eye.look(5_000)
        client.kill()
        eye.events(10_000)
        first = eye.events(15_000)
        assert len(first) == 1
        assert eye.events(90_000) == first
        assert eye.next_look_s(90_000) == 3

    def test_a_number_that_was_given_to_another_process_fools_nobody(self, client: Client) -> None:
        # The events are older than the process that has their number now.
        early = [client.event("SessionStart", -60 * MINUTE_MS), client.event("UserPromptSubmit", -59 * MINUTE_MS)]
        eye = Eye(client, *early)
        assert eye.look(0) == []
        assert eye.look(5_000) == [("ProcessGone", 0)]

    def test_a_start_that_the_registry_confirms_may_be_later_than_the_events(self, client: Client) -> None:
        # As after the clock was set forward.
        client.register("busy-headless")
        early = [client.event("SessionStart", -60 * MINUTE_MS), client.event("UserPromptSubmit", -59 * MINUTE_MS)]
        eye = Eye(client, *early)
        assert eye.look(0) == []
        assert eye.look(5_000) == []

    def test_it_is_never_before_the_last_event(self, client: Client) -> None:
        eye = Eye(client, *client.begin())
        eye.look(5_000)
        client.kill()
        eye.look(10_000)
        eye.note(client.event("PreToolUse", 30_000))
        assert eye.look(90_000) == [("ProcessGone", 30_001)]

    def test_each_open_subagent_gets_one(self, client: Client) -> None:
        agents = [
            client.event("SubagentStart", 200, agent_id="a1", agent_type="Explore"),
            client.event("SubagentStart", 300, agent_id="a2"),
            client.event("SubagentStop", 400, agent_id="a2"),
        ]
        eye = Eye(client, *client.begin(), *agents)
        eye.look(5_000)
        client.kill()
        eye.look(10_000)
        gone = eye.events(15_000)
        assert {(event.hook_event_name, event.agent_id, event.agent_type) for event in gone} == {
            ("ProcessGone", None, None),
            ("ProcessGone", "a1", "Explore"),
        }
        assert len({event.id for event in gone}) == 2

    def test_where_another_process_went_on_with_the_session_only_subagents_of_the_first_are_gone(
        self, client: Client, tmp_path: Path
    ) -> None:
        second = Client(tmp_path / "second")
        try:
            agent = client.event("SubagentStart", 200, agent_id="a1")
            eye = Eye(client, *client.begin(), agent)
            eye.look(5_000)
            client.kill()
            eye.note(client.event("SessionStart", 6_000, pid=second.pid, source="resume"))
            assert eye.look(60_000) == []
            gone = eye.events(70_000)
            assert [(event.hook_event_name, event.agent_id) for event in gone] == [("ProcessGone", "a1")]
        finally:
            second.kill()

    def test_an_event_that_comes_after_the_end_of_its_session_opens_nothing(self, client: Client) -> None:
        eye = Eye(client, *client.begin(), client.event("SessionEnd", 2_000), client.event("PreToolUse", 1_000))
        client.kill()
        eye.look(10_000)
        assert eye.look(15_000) == []


class TestWhoseProcess:
    """Where the process was never seen alive, as after the tray was down."""

    def test_one_whose_folder_is_here_is_gone(self, client: Client) -> None:
        client.kill()
        eye = Eye(client, *client.begin())
        eye.look(10_000)
        assert eye.look(15_000) == [("ProcessGone", 10_000)]

    def test_one_whose_folder_is_not_here_may_live_in_a_container(self, client: Client) -> None:
        client.kill()
        elsewhere = "/container/.claude/projects/-workspace/s.jsonl"
        eye = Eye(client, *(msgspec.structs.replace(event, transcript_path=elsewhere) for event in client.begin()))
        assert [eye.look(10_000), eye.look(15_000), eye.look(90_000)] == [[], [], []]

    def test_a_number_that_one_event_alone_names_may_be_a_shells(self, client: Client) -> None:
        client.kill()
        start, prompt = client.begin()
        eye = Eye(client, start, msgspec.structs.replace(prompt, pid=2**31 - 4))
        assert [eye.look(10_000), eye.look(15_000), eye.look(90_000)] == [[], [], []]

    def test_one_that_was_seen_needs_no_folder(self, client: Client) -> None:
        start, _ = client.begin()
        eye = Eye(client, msgspec.structs.replace(start, transcript_path=None))
        eye.look(5_000)
        client.kill()
        eye.look(10 * MINUTE_MS)
        assert eye.look(20 * MINUTE_MS) == [("ProcessGone", 10 * MINUTE_MS)]

    def test_one_that_was_seen_too_early_may_be_the_shell(self, client: Client) -> None:
        start, _ = client.begin()
        eye = Eye(client, start)
        eye.look(SETTLED_MS - 1)
        client.kill()
        eye.look(10 * MINUTE_MS)
        assert eye.look(20 * MINUTE_MS) == []

    @pytest.mark.skipif(not processes.namespace(), reason="this system has no namespaces")
    @pytest.mark.parametrize(("domain", "found"), [("linux:0:pid:[1]", []), (None, [("ProcessGone", 10_000)])])
    def test_one_of_another_namespace_is_never_gone(
        self, client: Client, domain: str | None, found: list[tuple[str, int]]
    ) -> None:
        client.register("busy-headless", pidDomain=domain)
        client.kill()
        eye = Eye(client, *client.begin())
        eye.look(10_000)
        assert eye.look(15_000) == found


class TestInterrupted:
    def test_the_registry_tells_when(self, client: Client) -> None:
        eye = Eye(client, *client.begin())
        client.register(status="busy", statusUpdatedAt=client.began + 110)
        assert eye.look(5_000) == []
        client.register(statusUpdatedAt=client.began + 7_000)
        assert eye.look(10_000) == [("Interrupted", 7_000)]
        assert eye.look(20_000) == []

    def test_the_transcript_tells_when(self, client: Client) -> None:
        eye = Eye(client, *client.begin())
        assert eye.look(5_000) == []
        client.interrupt(7_000)
        assert eye.look(10_000) == [("Interrupted", 7_000)]
        assert eye.look(20_000) == []

    def test_the_transcript_comes_first(self, client: Client) -> None:
        eye = Eye(client, *client.begin())
        client.interrupt(7_000)
        client.register(statusUpdatedAt=client.began + 7_150)
        (found,) = eye.events(10_000)
        assert (found.t - client.began, found.source) == (7_000, "transcript")

    def test_until_it_is_stored_it_stays_what_was_found_first(self, client: Client) -> None:
        eye = Eye(client, *client.begin())
        client.register(statusUpdatedAt=client.began + 7_150)
        first = eye.events(10_000)
        client.interrupt(7_000)
        assert eye.events(20_000) == first

    def test_a_refused_question_is_noticed_within_a_minute(self, client: Client) -> None:
        asked = client.event("Notification", 6_000, notification_type="permission_prompt")
        eye = Eye(client, *client.begin(), client.event("PermissionRequest", 500), asked)
        client.register(status="waiting", waitingFor="permission prompt", statusUpdatedAt=client.began + 600)
        assert eye.look(7_000) == []
        assert eye.next_look_s(7_000) == 60
        client.register(statusUpdatedAt=client.began + 20_000)
        assert eye.look(67_000) == [("Interrupted", 20_000)]

    @pytest.mark.parametrize(
        ("entry", "why"),
        [
            ({"status": "busy"}, "it works"),
            ({"status": "waiting"}, "it asks"),
            ({"status": "asleep"}, "nobody knows what that is"),
            ({"sessionId": "another"}, "the process has gone on to another session"),
            ({"statusUpdatedAt": 50}, "that was before the prompt"),
            ({"statusUpdatedAt": 100}, "that was with the prompt"),
            ({"statusUpdatedAt": 9_000}, "the Stop of this moment may be on its way"),
            ({"statusUpdatedAt": 99_000}, "that is yet to come"),
        ],
    )
    def test_another_entry_is_no_interruption(self, client: Client, entry: dict[str, Any], why: str) -> None:
        del why
        at_ms = client.began + entry.pop("statusUpdatedAt", 7_000)
        client.register(**{"statusUpdatedAt": at_ms, **entry})
        eye = Eye(client, *client.begin())
        assert eye.look(10_000) == []

    def test_a_turn_that_has_ended_is_not_interrupted(self, client: Client) -> None:
        client.register(statusUpdatedAt=client.began + 7_000)
        client.interrupt(7_000)
        eye = Eye(client, *client.begin(), client.event("Stop", 6_000))
        assert eye.look(10_000) == []
        eye.note(client.event("SessionEnd", 11_000))
        assert eye.look(20_000) == []

    def test_subagents_that_are_waited_for_are_interrupted_with_the_turn(self, client: Client) -> None:
        client.register(statusUpdatedAt=client.began + 7_000)
        eye = Eye(client, *client.begin(), client.event("SubagentStart", 500, agent_id="a1"))
        found = eye.events(10_000)
        assert [(event.agent_id, event.t - client.began) for event in found] == [(None, 7_000), ("a1", 7_000)]

    def test_a_subagent_in_the_background_works_on_after_the_turn(self, client: Client) -> None:
        client.register(statusUpdatedAt=client.began + 7_000)
        agent = client.event("SubagentStart", 500, agent_id="a1")
        eye = Eye(client, *client.begin(), agent, client.event("Stop", 6_900))
        assert eye.look(10_000) == []

    def test_a_turn_that_was_interrupted_and_then_killed_is_both(self, client: Client) -> None:
        client.interrupt(7_000)
        client.kill()
        eye = Eye(client, *client.begin())
        assert eye.look(10 * MINUTE_MS) == [("Interrupted", 7_000)]
        assert eye.look(11 * MINUTE_MS) == [("ProcessGone", 10 * MINUTE_MS)]

    def test_without_either_nothing_is_known(self, client: Client) -> None:
        shutil.rmtree(client.config)
        eye = Eye(client, *client.begin())
        assert eye.look(10_000) == []

    def test_a_client_with_no_folder_of_its_own_is_looked_for_in_the_usual_one(self, client: Client) -> None:
        client.register(statusUpdatedAt=client.began + 7_000)
        eye = Eye(client, *(msgspec.structs.replace(event, config_dir=None) for event in client.begin()))
        assert eye.look(10_000) == [("Interrupted", 7_000)]

    def test_what_people_typed_is_in_no_event(self, client: Client) -> None:
        client.interrupt(7_000, gitBranch="secret", cwd="/secret")
        client.register(statusUpdatedAt=client.began + 7_000, name="secret", cwd="/secret")
        eye = Eye(client, *client.begin())
        (found,) = eye.events(10_000)
        assert b"secret" not in encode(found)


class TestInterruptedBeforeALook:
    """The next event came before the eye did."""

    @pytest.mark.parametrize("kind", ["UserPromptSubmit", "SessionStart", "SessionEnd"])
    def test_what_begins_something_new_makes_it_look_back(self, client: Client, kind: str) -> None:
        client.interrupt(7_000)
        eye = Eye(client, *client.begin(), client.event(kind, 8_000, prompt_id="p2"))
        found = eye.events(8_100)
        assert [(event.hook_event_name, event.t - client.began) for event in found] == [("Interrupted", 7_000)]

    def test_an_event_that_proves_the_turn_does_not(self, client: Client) -> None:
        client.interrupt(7_000)
        queued = client.event("UserPromptSubmit", 8_000, prompt_id="p1")
        eye = Eye(client, *client.begin(), queued, client.event("PreToolUse", 9_000))
        assert eye.look(9_100) == []

    def test_found_before_and_after_it_is_one_event(self, client: Client) -> None:
        client.interrupt(7_000)
        events = client.begin()
        (before,) = Eye(client, *events).events(10_000)
        (after,) = Eye(client, *events, client.event("UserPromptSubmit", 20_000, prompt_id="p2")).events(20_100)
        assert after == before

    def test_history_is_not_searched(self, client: Client) -> None:
        client.interrupt(7_000)
        eye = Eye(client, *client.begin(), client.event("UserPromptSubmit", 8_000, prompt_id="p2"))
        assert eye.look(8_001 + LOOKBACK_MS) == []


class TestTheAwakeClock:
    """The machine slept somewhere between the event and the look."""

    @pytest.mark.parametrize(
        ("slept_ms", "awake_ms"),
        [(0, 1_000_000 + 480_000), (60_000, 1_000_000 + 480_000), (500_000, 1_000_000 + 100_000)],
    )
    def test_a_sleep_never_counts_before_the_interruption(self, client: Client, slept_ms: int, awake_ms: int) -> None:
        client.interrupt(480_000)
        eye = Eye(client, client.event("SessionStart"), client.event("UserPromptSubmit", 0))
        (found,) = eye.events(600_000, awake_ms=1_600_000 - slept_ms)
        assert found.awake == awake_ms

    def test_after_a_restart_of_the_machine_it_tells_nothing(self, client: Client) -> None:
        client.interrupt(480_000)
        eye = Eye(client, *client.begin())
        (found,) = eye.events(600_000, awake_ms=5_000)
        assert found.awake is None


class TestRecorded:
    """A whole session of the real client against its own transcript."""

    NAME = "interactive-interrupt-idle-denied"
    #: In the recording times count from its first event.
    BEGAN = dt.datetime(2026, 11, 23, 19, 10, 55, 990_000, dt.UTC)

    @pytest.fixture
    def events(self) -> list[WireEvent]:
        transcript = str(RECORDED / f"transcripts/{self.NAME}.jsonl")
        made = as_wire(load(self.NAME), round(self.BEGAN.timestamp() * 1_000))
        return [msgspec.structs.replace(event, transcript_path=transcript) for event in made]

    def test_esc_twice_and_one_refusal_are_found_live_and_afterwards(
        self, tmp_path: Path, events: list[WireEvent]
    ) -> None:
        live, afterwards = Sessions(tmp_path), Sessions(tmp_path)
        found = []
        for event, following in itertools.pairwise(events):
            live.note(event)
            found += live.look(following.t - 1, 0)
            afterwards.note(event)
        found_at = {event.t: event.id for event in found}
        assert [dt.datetime.fromtimestamp(t / 1_000, dt.UTC).time().isoformat() for t in sorted(found_at)] == [
            "19:11:03.162000",
            "19:11:19.084000",
            "19:11:33.574000",
        ]
        assert {event.hook_event_name for event in found} == {"Interrupted"}
        assert {event.t: event.id for event in afterwards.look(events[-1].t, 0)} == found_at


class TestWhen:
    def test_without_a_session_it_never_looks(self, client: Client) -> None:
        assert Eye(client).next_look_s(0) is None

    @pytest.mark.parametrize(
        ("silence_s", "pause_s"), [(0, 3), (29, 3), (60, 6), (300, 30), (600, 60), (3 * 3_600, 60), (13 * 3_600, 300)]
    )
    def test_the_longer_the_silence_the_longer_the_pause(self, client: Client, silence_s: int, pause_s: int) -> None:
        eye = Eye(client, client.event("SessionStart"), client.event("UserPromptSubmit"))
        at_ms = silence_s * 1_000
        eye.look(at_ms)
        assert eye.next_look_s(at_ms) == pytest.approx(pause_s, abs=0.01)

    def test_in_the_users_turn_it_looks_every_five_minutes(self, client: Client) -> None:
        eye = Eye(client, *client.begin(), client.event("Stop", 1_000))
        eye.look(5_000)
        assert eye.next_look_s(5_000) == 300
        assert eye.next_look_s(295_000) == 10

    def test_it_does_not_look_before_it_is_time(self, client: Client) -> None:
        eye = Eye(client, *client.begin())
        eye.look(5_000)
        client.interrupt(5_500)
        assert eye.look(7_900) == []
        assert eye.look(8_000) == [("Interrupted", 5_500)]

    def test_a_clock_that_was_set_back_does_not_blind_it(self, client: Client) -> None:
        eye = Eye(client, *client.begin())
        eye.look(90 * MINUTE_MS)
        assert eye.next_look_s(10_000) == 0

    def test_sessions_that_are_over_are_forgotten(self, client: Client) -> None:
        eye = Eye(client, *client.begin(), client.event("SessionEnd", 5_000))
        eye.look(10_000)
        assert SESSION in eye.sessions._streams
        eye.look(5_001 + LOOKBACK_MS)
        # What is kept for ever can be seen in no other way.
        assert (eye.sessions._streams, eye.sessions._clients, eye.sessions._looked_ms) == ({}, {}, {})
