"""Which fields leave, in which form; and that nothing else does."""

from __future__ import annotations

import json
import lzma
import os
import re
import time
import uuid
from typing import Any

import pytest

from tests.hook.support import FIELDS, PAYLOADS, STAMPS, Hook, event, recorded

SMALL = sorted(path.name for path in PAYLOADS.glob("*.json"))
LARGE = sorted(path.name for path in PAYLOADS.glob("*.json.xz"))
CODES = {"source", "notification_type", "permission_mode", "reason", "error"}


def expected_fields(payload: dict[str, Any]) -> dict[str, Any]:
    """The rules of PROTOCOL.md for well-formed payloads, said once more."""
    fields = {key: payload[key] for key in FIELDS if key in payload}
    if payload["hook_event_name"] != "StopFailure":
        fields.pop("error", None)
    if payload["hook_event_name"] != "SessionEnd":
        fields.pop("reason", None)
    return {k: v for k, v in fields.items() if k not in CODES or re.fullmatch(r"[\w.:-]{1,64}", v, re.ASCII)}


@pytest.mark.parametrize("name", SMALL)
def test_recorded_payload_leaves_with_its_whitelisted_fields_in_order(hook: Hook, name: str) -> None:
    line = hook.tell(recorded(name))

    assert line is not None
    expected = expected_fields(json.loads(recorded(name)))
    assert {key: value for key, value in line.items() if key not in STAMPS} == expected
    assert [key for key in line if key in FIELDS] == list(expected)


@pytest.mark.parametrize("name", LARGE)
def test_payload_beyond_256_kib_leaves_with_what_comes_first(hook: Hook, name: str) -> None:
    payload = lzma.decompress(recorded(name))

    fields = hook.tell_fields(payload)

    expected = expected_fields(json.loads(payload))
    del expected["tool_use_id"]  # they come after the tool's input and output
    expected.pop("duration_ms", None)
    assert fields == expected


@pytest.mark.parametrize("name", SMALL)
def test_nothing_that_was_typed_or_read_touches_the_disk(hook: Hook, name: str) -> None:
    payload = json.loads(recorded(name))
    secrets = plant_secrets(payload)

    hook.run(payload)

    left = b"".join(path.read_bytes() for path in hook.home.rglob("*") if path.is_file())
    names = " ".join(str(path) for path in hook.home.rglob("*"))
    assert left.count(b"\n") == 1
    assert not [secret for secret in secrets if secret.encode() in left or secret in names]


def plant_secrets(payload: dict[str, Any]) -> list[str]:
    """Puts a mark into every string that is not one of the whitelisted fields, at any depth; and into more."""
    secrets: list[str] = []

    def secret() -> str:
        secrets.append(f"SECRET{len(secrets)}X")
        return secrets[-1]

    def plant(value: Any) -> Any:
        if isinstance(value, str):
            return secret() + value
        if isinstance(value, list):
            return [*map(plant, value), secret()]
        if isinstance(value, dict):
            # Names of the whitelist further down are not the event's own.
            return {**{key: plant(inner) for key, inner in value.items()}, **{key: secret() for key in FIELDS}}
        return value

    allowed = {*FIELDS} - (set() if payload["hook_event_name"] == "StopFailure" else {"error"})
    allowed -= set() if payload["hook_event_name"] == "SessionEnd" else {"reason"}
    for key in list(payload):
        if key not in allowed:
            payload[key] = plant(payload[key])
    for key in ("prompt", "tool_input", "tool_response", "message", "last_assistant_message", "unknown"):
        payload[key] = {"cwd": secret(), "list": [{"session_id": secret()}], "error": secret()}
    return secrets


def test_secret_check_would_notice_a_leak(hook: Hook) -> None:
    payload = event(cwd="SECRET0X")

    hook.run(payload)

    assert any(b"SECRET0X" in path.read_bytes() for path in hook.home.rglob("*") if path.is_file())


def test_line_is_stamped_with_version_id_times_and_process(hook: Hook) -> None:
    before_ms = time.time_ns() // 1_000_000
    awake_before_ms = time.monotonic_ns() // 1_000_000

    line = hook.tell(event())

    assert line is not None
    assert list(line)[:6] == ["v", "id", "t", "awake", "took_us", "pid"]
    assert line["v"] == 1
    assert before_ms <= line["t"] <= time.time_ns() // 1_000_000
    awake_after_ms = time.monotonic_ns() // 1_000_000
    assert awake_before_ms <= line["awake"] <= awake_after_ms
    assert 0 <= line["took_us"] <= (awake_after_ms + 1 - awake_before_ms) * 1_000
    assert line["pid"] == os.getpid()


def test_id_is_a_uuid7_of_the_same_millisecond(hook: Hook) -> None:
    line = hook.tell(event())

    assert line is not None
    identifier = uuid.UUID(line["id"])
    assert str(identifier) == line["id"]
    assert identifier.version == 7
    assert identifier.variant == uuid.RFC_4122
    assert identifier.int >> 80 == line["t"]


def test_ids_are_in_the_order_of_the_events_also_within_a_millisecond(hook: Hook) -> None:
    lines = [hook.tell(event()) for _ in range(20)]

    ids = [line["id"] for line in lines if line]
    assert len(ids) == 20
    assert ids == sorted(ids)


def test_ids_of_two_events_differ(hook: Hook) -> None:
    lines = [hook.tell(event()) for _ in range(3)]

    assert len({line["id"] for line in lines if line}) == 3


def test_spool_file_is_named_by_time_and_id(hook: Hook) -> None:
    line = hook.tell(event())

    assert line is not None
    (path,) = (hook.home / "spool" / "new").iterdir()
    assert path.name == f"{line['t']}-{line['id']}.json"


def test_environment_of_the_client_is_recorded(hook: Hook) -> None:
    line = hook.tell(
        event(),
        CLAUDE_PID="4711",
        CLAUDE_PROJECT_DIR="/home/dev/projects/démo",
        CLAUDE_CONFIG_DIR='/home/dev/"c"',
        CLAUDE_CODE_SESSION_ATTENDED="1",
    )

    assert line is not None
    assert list(line)[5:9] == ["pid", "project_dir", "config_dir", "attended"]
    assert line["pid"] == 4711
    assert line["project_dir"] == "/home/dev/projects/démo"
    assert line["config_dir"] == '/home/dev/"c"'
    assert line["attended"] is True


@pytest.mark.parametrize(
    "pid", ["", "0", "-1", "+5", "12a", " 12", "4294967296", "99999999999999999999999", "0x10", "1.5"]
)
def test_client_pid_that_is_no_positive_decimal_number_gives_way_to_the_parent(hook: Hook, pid: str) -> None:
    line = hook.tell(event(), CLAUDE_PID=pid)

    assert line is not None
    assert line["pid"] == os.getpid()


@pytest.mark.parametrize("pid", ["1", "0012", "4294967295"])
def test_client_pid_that_is_a_positive_decimal_number_counts(hook: Hook, pid: str) -> None:
    line = hook.tell(event(), CLAUDE_PID=pid)

    assert line is not None
    assert line["pid"] == int(pid)


def test_what_the_hook_took_grows_with_the_wait_for_stdin(hook: Hook) -> None:
    process = hook.start(hook.environment())
    assert process.stdin is not None
    time.sleep(0.15)
    process.communicate(json.dumps(event()).encode())

    (line,) = map(json.loads, hook.lines())
    assert line["took_us"] > 20_000, "a process may begin late, but not that late"


@pytest.mark.parametrize(("value", "attended"), [("1", True), ("0", False), ("", None), ("true", None), ("10", None)])
def test_attended_is_known_from_1_and_0_only(hook: Hook, value: str, attended: bool | None) -> None:
    line = hook.tell(event(), CLAUDE_CODE_SESSION_ATTENDED=value)

    assert line is not None
    assert line.get("attended") is attended


def test_empty_variables_are_left_out(hook: Hook) -> None:
    line = hook.tell(event(), CLAUDE_PROJECT_DIR="", CLAUDE_CONFIG_DIR="")

    assert line is not None
    assert list(line) == ["v", "id", "t", "awake", "took_us", "pid", "hook_event_name", "session_id"]


@pytest.mark.parametrize(
    ("name", "prompt", "auto"),
    [
        ("UserPromptSubmit", "<task-notification>\n…", True),
        ("UserPromptSubmit", "\u003ctask-notification>", True),
        ("UserPromptSubmit", " <task-notification>", False),
        ("UserPromptSubmit", "<task-notification", False),
        ("UserPromptSubmit", "about <task-notification>", False),
        ("UserPromptSubmit", 5, False),
        ("UserPromptSubmit", ["<task-notification>"], False),
        ("UserPromptExpansion", "<task-notification>", False),
    ],
)
def test_prompt_of_claude_code_itself_is_auto(hook: Hook, name: str, prompt: object, auto: bool) -> None:
    line = hook.tell({"session_id": "s", "hook_event_name": name, "prompt": prompt})

    assert line is not None
    assert line.get("auto") is (True if auto else None)
    assert "task-notification" not in json.dumps(line)


def test_prompt_that_is_cut_off_is_known_by_its_beginning(hook: Hook) -> None:
    line = hook.tell(event(hook_event_name="UserPromptSubmit", prompt="<task-notification>" + "x" * 300_000))

    assert line is not None
    assert line["auto"] is True


@pytest.mark.parametrize(
    ("name", "field", "value", "kept"),
    [
        ("StopFailure", "error", "rate_limit", True),
        ("StopFailure", "error", "Exit code 3\noops", False),
        ("StopFailure", "error", "a:b", False),
        ("StopFailure", "error", "x" * 64, True),
        ("StopFailure", "error", "x" * 65, False),
        ("StopFailure", "error", "", False),
        ("StopFailure", "error", "cödé", False),
        ("PostToolUseFailure", "error", "rate_limit", False),
        ("SessionEnd", "reason", "prompt_input_exit", True),
        ("SessionEnd", "reason", "because I said so", False),
        ("PermissionDenied", "reason", "denied", False),
        ("SessionStart", "source", "plugin:one", True),
        ("SessionStart", "source", "two words", False),
        ("Notification", "notification_type", "idle_prompt", True),
        ("Notification", "notification_type", "idle\nprompt", False),
        ("Notification", "permission_mode", "acceptEdits", True),
        ("Notification", "permission_mode", "accept edits", False),
        ("SubagentStop", "agent_type", "", True),
        ("SubagentStop", "agent_type", "my own name", True),
    ],
)
def test_field_leaves_only_where_it_is_a_code(hook: Hook, name: str, field: str, value: str, kept: bool) -> None:
    fields = hook.tell_fields({"session_id": "s", "hook_event_name": name, field: value})

    assert fields is not None
    assert fields.get(field) == (value if kept else None)


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("0", 0), ("54", 54), ("54.999", 54), ("0.9", 0), ("999999999999999", 999999999999999),
        ("1000000000000000", None), ("-1", None), ("-0", None), ("1e3", None), ("1E+2", None), ("9" * 5000, None),
        ('"54"', None), ("true", None), ("null", None), ("[5]", None), ('{"duration_ms":5}', None),
    ],
)  # fmt: skip
def test_duration_is_a_whole_number_of_milliseconds(hook: Hook, number: str, kept: int | None) -> None:
    fields = hook.tell_fields(b'{"session_id":"s","duration_ms":%s,"hook_event_name":"Stop"}' % number.encode())

    assert fields is not None
    assert fields.get("duration_ms") == kept


@pytest.mark.parametrize("value", [None, 1, 1.5, True, [], ["x"], {}, {"cwd": "x"}])
def test_field_of_another_type_is_left_out(hook: Hook, value: object) -> None:
    fields = hook.tell_fields(event(cwd=value, model=value, is_interrupt=value if value is not True else 1))

    assert fields == event()


@pytest.mark.parametrize("value", [True, False])
def test_interrupt_is_told_either_way(hook: Hook, value: bool) -> None:
    assert hook.tell_fields(event(is_interrupt=value)) == event(is_interrupt=value)


def test_first_of_two_equal_keys_counts(hook: Hook) -> None:
    fields = hook.tell_fields(
        b'{"cwd":7,"session_id":"first","cwd":"/second","session_id":"second","hook_event_name":"Stop","hook_event_name":"X"}'
    )

    assert fields == {"session_id": "first", "hook_event_name": "Stop"}


def test_key_may_be_written_with_escapes(hook: Hook) -> None:
    fields = hook.tell_fields(rb'{"session\u005fid":"s","hook_event_n\u0061me":"Stop","\u0063wd":"/x"}')

    assert fields == {"hook_event_name": "Stop", "session_id": "s", "cwd": "/x"}


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (rb"a\u0000b", "a\ufffdb"),
        (rb"\ud800", "\ufffd"),
        (rb"\udc00\ud800x", "\ufffd\ufffdx"),
        (rb"\ud83d\ude00", "\U0001f600"),
        (rb"\ud83d\n\ude00", "\ufffd\n\ufffd"),
        (rb"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (b"a\xffb", "a\ufffdb"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"\xc0\xaf", "\ufffd\ufffd"),
        (b"\xe2\x82", "\ufffd\ufffd"),
        (b"\xf4\x90\x80\x80", "\ufffd" * 4),
        ("é€😀".encode(), "é€😀"),
        (rb"\"\\\/\b\f\n\r\t\u001f\u007f", '"\\/\b\f\n\r\t\x1f\x7f'),
    ],
)
def test_bad_characters_are_replaced_and_the_event_is_kept(hook: Hook, raw: bytes, text: str) -> None:
    fields = hook.tell_fields(b'{"session_id":"s","cwd":"%s","hook_event_name":"Stop"}' % raw)

    assert fields == {"hook_event_name": "Stop", "session_id": "s", "cwd": text}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("x" * 4096, "x" * 4096),
        ("x" * 4097, "x" * 4096),
        ("x" * 4095 + "é", "x" * 4095),
        ("x" * 4094 + "é", "x" * 4094 + "é"),
        ("x" * 4095 + '"', "x" * 4095),
        ("x" * 4091 + "\n", "x" * 4091),
        ("😀" * 1025, "😀" * 1024),
        ("\n" * 5000, "\n" * (4096 // 6)),
    ],
    ids=range(8),
)
def test_string_is_cut_at_4096_bytes_between_its_quotes_at_a_character(hook: Hook, text: str, kept: str) -> None:
    assert hook.tell_fields(event(cwd=text)) == event(cwd=kept)


def test_line_never_exceeds_16_kib_and_loses_its_longest_optional_fields_first(hook: Hook) -> None:
    fields = hook.tell_fields(
        event(
            cwd="c" * 4096,
            session_id="s" * 4096,
            transcript_path="t" * 3000,
            model="m" * 2000,
            tool_name="n" * 1000,
            tool_use_id="short",
        ),
        CLAUDE_PROJECT_DIR="p" * 4096,
        CLAUDE_CONFIG_DIR="/config",
    )

    assert fields is not None
    assert fields["cwd"] == "c" * 4096
    assert fields["session_id"] == "s" * 4096
    assert fields["transcript_path"] == "t" * 3000  # without the project's folder all the others fit
    assert fields["tool_use_id"] == "short"


def test_longest_possible_required_fields_fit(hook: Hook) -> None:
    line = hook.tell(
        dict.fromkeys(("cwd", "session_id", "hook_event_name", "transcript_path", "agent_id", "model"), "x" * 9000)
    )

    assert line is not None
    assert all(len(line[key]) == 4096 for key in ("cwd", "session_id", "hook_event_name"))


def test_native_and_python_hook_write_the_same_line(native: Hook, in_python: Hook) -> None:
    def without_times(line: dict[str, Any] | None) -> str:
        assert line is not None
        return json.dumps({key: value for key, value in line.items() if key not in ("id", "t", "awake", "took_us")})

    for name in [*SMALL, *LARGE]:
        payload = lzma.decompress(recorded(name)) if name.endswith(".xz") else recorded(name)
        one, other = (hook.tell(payload, CLAUDE_PID="1", CLAUDE_PROJECT_DIR="/p") for hook in (native, in_python))
        assert without_times(one) == without_times(other)
