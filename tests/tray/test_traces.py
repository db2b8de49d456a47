"""What Claude Code leaves on the disk, as it was recorded, and what is no such thing."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from monitor_tray import traces

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDED = Path(__file__).parents[1] / "recorded"
DENIED = str(RECORDED / "transcripts/interactive-interrupt-idle-denied.jsonl")
ALL = 10**9
EVER = 10**15


def instant(time: str) -> int:
    return round(dt.datetime.fromisoformat(f"2026-11-23T{time}Z").timestamp() * 1_000)


@pytest.fixture
def transcript(tmp_path: Path) -> Callable[..., str]:
    """A transcript of one line, which says that the person interrupted unless it is told otherwise."""

    def make(**fields: Any) -> str:
        message = {"role": "user", "content": [{"type": "text", "text": "[Request interrupted by user]"}]}
        line = {"type": "user", "message": message, "timestamp": "2026-11-23T12:00:00.000Z", "isSidechain": False}
        file = tmp_path / "transcript.jsonl"
        file.write_text(json.dumps({**line, **fields}) + "\n")
        return str(file)

    return make


class TestTranscript:
    @pytest.mark.parametrize(
        ("after", "found"),
        [
            ("19:10:59.329", "19:11:03.162"),  # Esc while the answer came
            ("19:11:03.162", "19:11:19.084"),  # Esc while a tool ran
            ("19:11:31.731", "19:11:33.574"),  # No to a question
        ],
    )
    def test_an_interruption_is_found_with_its_instant(self, after: str, found: str) -> None:
        assert traces.interrupted_at(DENIED, "", instant(after), EVER, ALL) == instant(found)

    def test_what_is_after_the_last_interruption_is_none(self) -> None:
        assert traces.interrupted_at(DENIED, "", instant("19:11:33.574"), EVER, ALL) is None

    def test_both_limits_are_excluded(self) -> None:
        at = instant("19:11:03.162")
        assert traces.interrupted_at(DENIED, "", at - 1, at + 1, ALL) == at
        assert traces.interrupted_at(DENIED, "", at, at + 1, ALL) is None
        assert traces.interrupted_at(DENIED, "", at - 1, at, ALL) is None

    @pytest.mark.parametrize("name", ["interactive-interrupt-queue-question", "interactive-permission-compact-clear"])
    def test_every_recorded_interruption_is_found(self, name: str) -> None:
        file = RECORDED / f"transcripts/{name}.jsonl"
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        stamped = [
            line["timestamp"]
            for line in lines
            if line["type"] == "user" and "[Request interrupted" in json.dumps(line["message"])
        ]
        assert stamped
        at_ms = 0
        for time in stamped:
            found = traces.interrupted_at(str(file), "", at_ms, EVER, ALL)
            assert found == instant(time.split("T")[1].rstrip("Z"))
            at_ms = found

    def test_only_the_end_of_the_file_is_read(self) -> None:
        # The last interruption stands 27,831 bytes before the end.
        after = instant("19:11:19.084")
        assert traces.interrupted_at(DENIED, "", after, EVER, at_most=28_000) == instant("19:11:33.574")
        assert traces.interrupted_at(DENIED, "", after, EVER, at_most=27_000) is None

    def test_a_subagents_transcript_is_beside_that_of_its_session(self, tmp_path: Path) -> None:
        of_agent = tmp_path / "session/subagents/agent-a1.jsonl"
        of_agent.parent.mkdir(parents=True)
        shutil.copy(DENIED, tmp_path / "session.jsonl")
        of_agent.write_text(Path(DENIED).read_text().replace('"isSidechain":false', '"isSidechain":true'))
        session = str(tmp_path / "session.jsonl")
        assert traces.interrupted_at(session, "a1", 0, EVER, ALL) == instant("19:11:03.162")
        assert traces.interrupted_at(session, "a2", 0, EVER, ALL) is None

    def test_the_line_as_it_was_recorded_says_so(self, transcript: Callable[..., str]) -> None:
        assert traces.interrupted_at(transcript(), "", 0, EVER, ALL) == instant("12:00:00")

    @pytest.mark.parametrize(
        "fields",
        [
            {"type": "assistant"},
            {"isSidechain": True},
            {"timestamp": "2026-11-23T12:00:00.000"},
            {"timestamp": "yesterday"},
            {"timestamp": None},
            {"message": None},
            {"message": {"content": [{"type": "text", "text": "Why [Request interrupted by user]?"}]}},
            {"message": {"content": "It says: [Request interrupted by user]"}},
            {"message": {"content": [{"type": "tool_result", "text": "[Request interrupted by user]"}]}},
            {"message": {"content": 5, "text": "[Request interrupted by user]"}},
        ],
    )
    def test_a_line_that_says_something_else_is_none(
        self, transcript: Callable[..., str], fields: dict[str, Any]
    ) -> None:
        assert traces.interrupted_at(transcript(**fields), "", 0, EVER, ALL) is None

    def test_a_line_that_is_still_being_written_is_none(self, transcript: Callable[..., str]) -> None:
        file = Path(transcript())
        file.write_bytes(file.read_bytes()[:-10])
        assert traces.interrupted_at(str(file), "", 0, EVER, ALL) is None

    def test_a_file_that_is_not_there_or_none_says_nothing(self, tmp_path: Path) -> None:
        for name in (tmp_path / "missing.jsonl", tmp_path, Path("\0")):
            assert traces.interrupted_at(str(name), "", 0, EVER, ALL) is None

    @pytest.mark.skipif(sys.platform == "win32", reason="there are no FIFOs")
    def test_a_fifo_does_not_hold_it_up(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        assert traces.interrupted_at(str(tmp_path / "fifo"), "", 0, EVER, ALL) is None


class TestRegistry:
    @pytest.fixture
    def config(self, tmp_path: Path) -> Path:
        (tmp_path / "sessions").mkdir()
        for name, pid in (("busy-headless", 5397), ("idle-interactive", 14134)):
            shutil.copy(RECORDED / f"registry/{name}.json", tmp_path / f"sessions/{pid}.json")
        return tmp_path

    def test_an_idle_session_says_since_when(self, config: Path) -> None:
        entry = traces.registered(config, 14134)
        assert entry is not None
        assert entry.session_id == "2aa5a3ed-de2f-4f54-9735-088ba9bdef6c"
        assert entry.idle_since_ms == 1795461088210
        assert entry.proc_start == "244697"

    def test_a_busy_session_is_not_idle(self, config: Path) -> None:
        entry = traces.registered(config, 5397)
        assert entry is not None
        assert entry.idle_since_ms is None

    @pytest.mark.parametrize(
        "content", ["", "{", "[]", "null", "{}", '{"sessionId": 5}', '{"sessionId": "s", "statusUpdatedAt": "now"}']
    )
    def test_what_cannot_be_read_says_nothing(self, config: Path, content: str) -> None:
        (config / "sessions/1.json").write_text(content)
        assert traces.registered(config, 1) is None

    def test_without_an_entry_nothing_is_known(self, config: Path) -> None:
        assert traces.registered(config, 2) is None
        assert traces.registered(config / "elsewhere", 5397) is None

    def test_an_entry_of_another_form_is_taken_for_what_it_says(self, config: Path) -> None:
        (config / "sessions/1.json").write_text('{"sessionId": "s", "status": "idle", "procStart": 7, "new": [1]}')
        assert traces.registered(config, 1) == traces.Entry("s", "idle", proc_start=7)
        assert traces.Entry("s", "idle").idle_since_ms is None
