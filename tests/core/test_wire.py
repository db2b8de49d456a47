"""Lines of the wire format: what is taken, what is refused, and that a refusal says why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor_core.errors import WireError
from monitor_core.wire import (
    MAX_LINE_BYTES,
    MAX_T_MS,
    OK,
    Command,
    WireEvent,
    decode,
    decode_event,
    encode,
    is_ok,
    refusal,
)

EVENT: dict[str, Any] = {
    "v": 1,
    "id": "0192f0c1-2345-7abc-8def-0123456789ab",
    "t": 1_790_000_000_000,
    "hook_event_name": "Stop",
    "session_id": "s",
}


def line(**changes: Any) -> bytes:
    return json.dumps({**EVENT, **changes}).encode()


def test_an_event_comes_back_as_it_was_encoded() -> None:
    event = WireEvent(
        v=1,
        id=EVENT["id"],
        t=5,
        awake=7,
        took_us=412,
        hook_event_name="Stop",
        session_id="s",
        cwd="/a/ü\n",
        auto=True,
        attended=False,
    )
    assert decode(encode(event)) == event


def test_fields_that_are_absent_are_not_written() -> None:
    event = decode_event(line())
    assert json.loads(encode(event)) == EVENT


def test_unknown_fields_are_dropped() -> None:
    assert b"secret" not in encode(decode_event(line(prompt="secret", tool_input={"a": "secret"})))


def test_a_command_is_told_from_an_event() -> None:
    assert decode(b'{"command":"status"}') == Command("status")
    with pytest.raises(WireError, match="the command 'status', not an event"):
        decode_event(b'{"command":"status"}')


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"", "no event"),
        (b"nonsense", "no event"),
        (b"[1]", "no event"),
        (b'"text"', "no event"),
        (line()[:-1], "no event"),
        (line(v=2), "version 2"),
        (line(v="1"), "no event"),
        (line(id="not-a-uuid"), "no event"),
        (line(id=EVENT["id"].upper()), "no event"),
        (line(id=EVENT["id"] + "\n"), "no event"),
        (line(t=-1), "no event"),
        (line(t=MAX_T_MS + 1), "no event"),
        (line(t=1.5), "no event"),
        (line(t="now"), "no event"),
        (line(hook_event_name=""), "no event"),
        (line(session_id=""), "no event"),
        (line(cwd=5), "no event"),
        (line(cwd="x" * 4097), "no event"),
        (line(cwd="a\0b"), "cwd contains a NUL"),
        (json.dumps({k: v for k, v in EVENT.items() if k != "hook_event_name"}).encode(), "hook_event_name"),
        (json.dumps({k: v for k, v in EVENT.items() if k != "session_id"}).encode(), "session_id"),
        (json.dumps({k: v for k, v in EVENT.items() if k != "v"}).encode(), "version None"),
        (line()[:-1] + b',"t":5}', "the key 't' twice"),
        (line()[:-1] + b',"t" : 5}', "the key 't' twice"),
        (line()[:-1] + b',"cwd":"\\ud800"}', "no event"),
        (line()[:-1] + b',"cwd":"\xff"}', "not UTF-8"),
        (line()[:-1] + b',"duration_ms":NaN}', "no event"),
        (line()[:-1] + b',"duration_ms":' + b"9" * 5000 + b"}", "no event"),
        (b'{"v":1,"x":' + b"[" * 10_000, "nested too deeply"),
        (line()[:-1] + b',"x":"' + b"y" * MAX_LINE_BYTES + b'"}', "at most 16384"),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(bad: bytes, reason: str) -> None:
    with pytest.raises(WireError, match=reason):
        decode(bad)


@pytest.mark.parametrize("text", ['":', '","t":"', 'C:\\"x":', '\\":\\"', "{}[],:"])
def test_text_that_looks_like_a_key_is_no_duplicate(text: str) -> None:
    assert decode_event(line(cwd=text, transcript_path=text)).cwd == text


def test_a_refusal_is_one_line_of_json_and_not_ok() -> None:
    reply = refusal('a "quoted"\nreason')
    assert json.loads(reply) == {"error": 'a "quoted"\nreason'}
    assert reply.count(b"\n") == 1
    assert not is_ok(reply)
    assert is_ok(OK)
