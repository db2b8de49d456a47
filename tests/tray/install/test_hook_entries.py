"""What is written looks like its neighbours, and which entries are ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor_tray.install.claude_version import Version
from monitor_tray.install.hook_entries import EVENTS, EVENTS_OF_EVERY_CLIENT, find, put_in, take_out, wanted
from monitor_tray.install.json_text import JsonTextError, parse

HOOK = "/opt/bin/claude-monitor-hook"
IN_ONE_LINE = '{"hooks": [{"type": "command", "command": "/opt/bin/claude-monitor-hook", "args": [], "timeout": 5}]}'
#: Never to be registered: they replace what they observe, are shown to the person, or need a matcher.
NEVER = {"WorktreeCreate", "PreCompact", "PostCompact", "MessageDisplay", "FileChanged"}


def put(text: str, *events: str) -> str:
    result = put_in(text, HOOK, events).text
    assert result is not None
    assert take_out(result).text == text
    return result


def commands(text: str | None) -> list[tuple[str, str]]:
    return [(found.event, found.command) for found in find(parse(text or ""))]


def test_a_new_group_takes_the_indentation_of_the_file() -> None:
    assert put('{\n    "model": "opus"\n}\n', "Stop") == (
        "{\n"
        '    "model": "opus",\n'
        '    "hooks": {\n'
        '        "Stop": [\n'
        "            {\n"
        '                "hooks": [\n'
        "                    {\n"
        '                        "type": "command",\n'
        '                        "command": "/opt/bin/claude-monitor-hook",\n'
        '                        "args": [],\n'
        '                        "timeout": 5\n'
        "                    }\n"
        "                ]\n"
        "            }\n"
        "        ]\n"
        "    }\n"
        "}\n"
    )


def test_a_document_that_stands_in_itself_does_not_make_the_steps_wider() -> None:
    result = put('  {\n    "model": "opus"\n  }\n', "Stop")
    assert '\n    "hooks": {\n      "Stop": [\n        {\n' in result


def test_line_ends_and_tabs_are_those_of_the_file() -> None:
    result = put('{\r\n\t"model": "opus"\r\n}', "Stop")
    assert result.count("\n") == result.count("\r\n") == 16
    assert '\r\n\t\t\t\t\t\t"timeout": 5\r\n' in result
    assert "  " not in result


def test_a_group_beside_groups_in_one_line_stands_in_that_line() -> None:
    before = '{\n  "hooks": {\n    "Stop": [{"hooks": []}]\n  }\n}'
    assert put(before, "Stop") == before.replace('{"hooks": []}', '{"hooks": []}, ' + IN_ONE_LINE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"a":1}', '{"a":1,"hooks":{"Stop":[GROUP]}}'),
        ('{"hooks":{"Stop":[1]}}', '{"hooks":{"Stop":[1,GROUP]}}'),
        ('{"hooks":{}}', '{"hooks":{  "Stop":[GROUP]}}'),
    ],
)
def test_a_file_without_spaces_gets_none_but_the_mark_of_what_was_empty(before: str, after: str) -> None:
    assert put(before, "Stop") == after.replace("GROUP", IN_ONE_LINE.replace(" ", ""))


def test_the_colon_is_written_as_in_the_file() -> None:
    assert '"timeout" : 5' in put('{\n  "a" : 1\n}', "Stop")


def test_the_order_of_keys_stays_and_ours_come_last() -> None:
    before = '{\n "z": 1,\n "hooks": {\n  "Stop": [],\n  "Later": []\n },\n "a": 2\n}'
    assert list(json.loads(put(before, "SessionStart", "Stop"))["hooks"]) == ["Stop", "Later", "SessionStart"]
    assert list(json.loads(put(before, "SessionStart", "Stop"))) == ["z", "hooks", "a"]


def test_what_was_there_empty_stays_and_what_came_with_us_goes() -> None:
    before = '{"hooks": {"Stop": [], "SessionEnd": [ ]}, "a": 1}'
    assert take_out(put(before, *EVENTS)).text == before
    assert take_out(put('{"a": 1}', *EVENTS)).text == '{"a": 1}'


def test_without_the_empty_line_that_marks_it_an_array_is_taken_for_ours() -> None:
    """The control of the mark: an editor that takes empty lines out costs an empty array, and no more."""
    before = '{\n  "a": 1,\n  "hooks": {\n    "Stop": []\n  }\n}'
    assert take_out(put(before, "Stop").replace("\n\n", "\n")).text == '{\n  "a": 1\n}'


def test_keys_written_with_escapes_are_recognised() -> None:
    before = r'{"ho\u006fks": {"\u0053top": [{"hooks": []}]}}'
    after = put(before, "Stop", "SessionEnd")
    assert after.startswith(before[:-4])
    assert [event for event, _command in commands(after)] == ["Stop", "SessionEnd"]


def test_deep_nesting_elsewhere_in_the_file_does_not_matter() -> None:
    deep = "[" * 20_000 + "]" * 20_000
    put(f'{{"deep": {deep}, "hooks": {{"Stop": [{{"hooks": [{deep}]}}, {deep}]}}}}', *EVENTS)


def entry(**fields: Any) -> dict[str, Any]:
    return {"type": "command", "command": HOOK, "args": [], "timeout": 5} | fields


def settings(*entries: object, event: str = "Stop", **group: Any) -> str:
    return json.dumps({"hooks": {event: [{**group, "hooks": list(entries)}]}})


@pytest.mark.parametrize(
    "old",
    [
        entry(command="/home/dev/.venv/bin/claude-monitor-hook"),
        entry(command="/home/with space/claude-monitor-hook"),
        entry(command="claude-monitor-hook"),
        entry(command=r"C:\Users\dev\claude-monitor-hook.exe"),
        entry(args=["--old"]),
        entry(timeout=60),
        entry(timeout=5.5),
        entry(**{"async": True}),
        {"type": "command", "command": "/opt/old/claude-monitor-hook"},
        {"type": "command", "command": '"/opt/my old/claude-monitor-hook" --flag'},
    ],
)
def test_an_older_installation_is_updated_where_it_stands(old: dict[str, Any]) -> None:
    foreign = {"type": "command", "command": "/usr/bin/true"}
    outcome = put_in(settings(foreign, old, foreign), HOOK, ["Stop"])
    assert json.loads(outcome.text or "") == json.loads(settings(foreign, entry(), foreign))
    assert (outcome.added, outcome.updated, outcome.removed) == ((), ("Stop",), ())
    assert take_out(outcome.text or "").text == settings(foreign, foreign)


@pytest.mark.parametrize(
    "foreign",
    [
        {"type": "command", "command": "/usr/bin/nice /opt/claude-monitor-hook"},
        {"type": "command", "command": "echo claude-monitor-hook"},
        {"type": "command", "command": "/usr/bin/env", "args": [HOOK]},
        {"type": "command", "command": "/opt/claude-monitor-hook-of-mine"},
        {"type": "command", "command": "'/opt/claude-monitor-hook"},
        {"type": "prompt", "prompt": "x", "command": HOOK},
        {"type": "command", "command": ["claude-monitor-hook"]},
        {"command": HOOK},
        {"type": "command"},
        "claude-monitor-hook",
        None,
    ],
)
def test_an_entry_that_only_mentions_our_program_is_foreign(foreign: object) -> None:
    before = settings(foreign)
    assert take_out(before).text == before
    assert commands(put(before, "Stop")) == [("Stop", HOOK)]


def test_an_entry_of_ours_is_there_once_although_it_was_there_twice() -> None:
    before = json.dumps({"hooks": {"Stop": [{"hooks": [entry(command="/a/claude-monitor-hook"), entry()]}]}})
    outcome = put_in(before, HOOK, ["Stop"])
    assert commands(outcome.text) == [("Stop", HOOK)]
    assert (outcome.added, outcome.updated, outcome.removed) == ((), ("Stop",), ())


def test_an_entry_that_a_matcher_restricts_is_replaced_by_one_that_sees_everything() -> None:
    before = settings(entry(), {"type": "command", "command": "/usr/bin/true"}, event="PreToolUse", matcher="Bash")
    outcome = put_in(before, HOOK, ["PreToolUse"])
    assert (outcome.added, outcome.updated, outcome.removed) == ((), ("PreToolUse",), ())
    groups = json.loads(outcome.text or "")["hooks"]["PreToolUse"]
    assert groups == [
        {"matcher": "Bash", "hooks": [{"type": "command", "command": "/usr/bin/true"}]},
        {"hooks": [entry()]},
    ]


@pytest.mark.parametrize("matcher", ["", "*"])
def test_a_matcher_that_matches_everything_is_left_alone(matcher: str) -> None:
    before = settings(entry(), event="PreToolUse", matcher=matcher)
    assert put_in(before, HOOK, ["PreToolUse"]).text == before


def test_an_event_that_is_no_longer_wanted_is_taken_out() -> None:
    before = json.dumps({"hooks": {"PreCompact": [{"hooks": [entry()]}], "Stop": [{"hooks": [entry()]}]}})
    outcome = put_in(before, HOOK, ["Stop"])
    assert outcome.removed == ("PreCompact",)
    assert outcome.text == settings(entry())


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("[]", 1, "the settings are an array"),
        (" null", 2, "the settings are null"),
        ('{"hooks": []}', 11, '"hooks" is an array'),
        ('{"hooks": null}', 11, '"hooks" is null'),
        ('{"hooks": {"Stop": {}}}', 20, "an object for Stop"),
        ('{"hooks": {"Stop": "x"}}', 20, "a string for Stop"),
    ],
)
def test_what_stands_where_our_entries_belong_is_not_overwritten(text: str, column: int, reason: str) -> None:
    with pytest.raises(JsonTextError) as caught:
        put_in(text, HOOK, ["Stop"])
    assert caught.value.offset + 1 == column
    assert reason in caught.value.reason
    assert take_out(text).text == text


def test_an_unexpected_shape_at_a_foreign_event_is_left_alone() -> None:
    put('{"hooks": {"Later": {"not": "an array"}, "SessionEnd": [1, null, {"hooks": 2}]}}', "Stop", "SessionEnd")


@pytest.mark.parametrize(
    ("version", "events"),
    [
        (None, EVENTS_OF_EVERY_CLIENT),
        (Version(1, 0, 85), EVENTS_OF_EVERY_CLIENT),
        (Version(2, 1, 100), EVENTS_OF_EVERY_CLIENT),
        (Version(2, 1, 101), EVENTS),
        (Version(2, 1, 330), EVENTS),
        (Version(3, 0, 0), EVENTS),
    ],
)
def test_clients_before_2_1_101_get_only_the_events_that_every_client_knows(
    version: Version | None, events: tuple[str, ...]
) -> None:
    assert wanted(version) == events


def test_an_unknown_version_keeps_the_events_that_a_known_one_chose() -> None:
    assert wanted(None, EVENTS) == EVENTS
    assert wanted(Version(2, 1, 100), EVENTS) == EVENTS_OF_EVERY_CLIENT
    assert wanted(None, ["PreCompact"]) == EVENTS_OF_EVERY_CLIENT


def test_no_event_is_registered_that_a_hook_must_not_observe() -> None:
    assert not NEVER & {*EVENTS, *EVENTS_OF_EVERY_CLIENT}
    assert set(EVENTS_OF_EVERY_CLIENT) < set(EVENTS)
