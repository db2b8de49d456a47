"""Whatever the settings look like: installing twice is once, uninstalling its inverse, foreign content untouched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor_tray.install import hook_entries
from monitor_tray.install.hook_entries import EVENTS, EVENTS_OF_EVERY_CLIENT, put_in, take_out

if TYPE_CHECKING:
    import random

#: How long an example takes says how busy the machine is.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

COMMAND = "/home/dev/.local/bin/claude-monitor-hook"
OLDER_COMMAND = "/opt/old/claude-monitor-hook"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)
entries = st.sampled_from(
    [
        {"type": "command", "command": "/usr/bin/notify-send done"},
        {"type": "command", "command": "/usr/bin/nice /opt/claude-monitor-hook"},
        {"type": "command", "command": "echo claude-monitor-hook", "timeout": 3},
        {"type": "command", "command": "/usr/bin/prettier", "args": ["--write", "claude-monitor-hook"]},
        {"type": "prompt", "prompt": "claude-monitor-hook"},
        {"type": "http", "url": "http://localhost/claude-monitor-hook"},
    ]
)
groups = st.fixed_dictionaries(
    {"hooks": st.lists(entries, max_size=2)}, optional={"matcher": st.sampled_from(["", "*", "Bash|Edit"])}
)
events = st.dictionaries(st.sampled_from([*EVENTS, "PreCompact", "ThingThatComesLater"]), st.lists(groups, max_size=2))


@st.composite
def documents(draw: st.DrawFn) -> str:
    members = draw(st.dictionaries(texts.filter(lambda key: key != "hooks"), values, max_size=3))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(members)))
        pairs = [*members.items()]
        members = dict([*pairs[:at], ("hooks", draw(events)), *pairs[at:]])
    chance = draw(st.randoms(use_true_random=False))
    writer = draw(st.sampled_from([pretty, in_one_line, in_any_way]))
    before, after = (draw(st.sampled_from(["", "\n", "\r\n", " \n\t"])) for _ in range(2))
    return before + writer(members, chance) + after


def pretty(value: object, chance: random.Random) -> str:
    text = json.dumps(value, indent=chance.choice(["", " ", "  ", "    ", "\t"]), ensure_ascii=chance.random() < 0.5)
    line_break = chance.choice(["\n", "\r\n", "\r"])
    return text.replace("\n", line_break)


def in_one_line(value: object, chance: random.Random) -> str:
    separators = chance.choice([(",", ":"), (", ", ": "), (" , ", " : ")])
    return json.dumps(value, separators=separators, ensure_ascii=chance.random() < 0.5)


def in_any_way(value: object, chance: random.Random) -> str:
    def space() -> str:
        return "".join(chance.choices(["", " ", "  ", "\t", "\n", "\r\n", "\r", "\n\n"], k=chance.randrange(3)))

    def string(text: str) -> str:
        escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 and chance.random() < 0.3 else c for c in text)
        return json.dumps(text) if escaped == text else '"' + _safe(escaped) + '"'

    def write(value: object) -> str:
        if isinstance(value, dict):
            inner = (f"{space()}{string(k)}{space()}:{space()}{write(v)}{space()}" for k, v in value.items())
            return "{" + (",".join(inner) or space()) + "}"
        if isinstance(value, list):
            return "[" + (",".join(f"{space()}{write(v)}{space()}" for v in value) or space()) + "]"
        return string(value) if isinstance(value, str) else json.dumps(value)

    return write(value)


def _safe(escaped: str) -> str:
    r"""What is left unescaped but must not be: everything except our own ``\uXXXX``."""
    return "".join(
        c if c == "\\" and escaped[i + 1 : i + 2] == "u" and _is_hex(escaped[i + 2 : i + 6]) else json.dumps(c)[1:-1]
        for i, c in enumerate(escaped)
    )


def _is_hex(text: str) -> bool:
    return len(text) == 4 and all(c in "0123456789abcdef" for c in text)


def without_ours(settings: dict[str, Any]) -> dict[str, Any]:
    """The parsed settings as they would be without our entries and without what is empty."""
    hooks = settings.get("hooks", {})
    left = {
        event: [
            group | {"hooks": inner}
            for group in groups
            if (inner := [entry for entry in group["hooks"] if not is_ours(entry)]) or not group["hooks"]
        ]
        for event, groups in hooks.items()
    }
    return {k: v for k, v in settings.items() if k != "hooks"} | {"hooks": {k: v for k, v in left.items() if v}}


def is_ours(entry: dict[str, Any]) -> bool:
    return entry.get("command") in {COMMAND, OLDER_COMMAND}


def ours(text: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (event, entry)
        for event, groups in json.loads(text)["hooks"].items()
        for group in groups
        for entry in group["hooks"]
        if is_ours(entry)
    ]


@example("{}")
@example("{ }\r\n")
@example("{\n}\n")
@example('{"hooks":{}}')
@example('{"hooks": {"Stop": []}}')
@example('{\n  "hooks": {\n    "Stop": [\n\n    ],\n    "PreToolUse": [ ]\n  }\n}')
@example('{"a":"}","hooks":{"Stop":[{"hooks":[]}]}}')
@untimed
@given(documents())
def test_uninstall_gives_back_every_byte_of_what_was_before_install(text: str) -> None:
    put = put_in(text, COMMAND, EVENTS).text
    assert put is not None
    assert put != text
    assert take_out(put).text == text


@untimed
@given(documents())
def test_installing_twice_is_the_same_as_once(text: str) -> None:
    once = put_in(text, COMMAND, EVENTS).text
    again = put_in(once, COMMAND, EVENTS)
    assert again == hook_entries.Outcome(once)


@untimed
@given(documents())
def test_the_result_is_json_with_exactly_one_entry_per_event_and_the_foreign_content(text: str) -> None:
    put = put_in(text, COMMAND, EVENTS).text
    assert put is not None
    entry = {"type": "command", "command": COMMAND, "args": [], "timeout": 5}
    assert sorted(ours(put)) == sorted((event, entry) for event in EVENTS)
    assert without_ours(json.loads(put)) == without_ours(json.loads(text))


@untimed
@given(documents(), st.lists(st.tuples(st.sampled_from([COMMAND, OLDER_COMMAND]), st.booleans()), max_size=5))
def test_uninstall_gives_back_every_byte_after_any_sequence_of_clients_and_installations(
    text: str, installations: list[tuple[str, bool]]
) -> None:
    changed: str | None = text
    for command, new_client in installations:
        wanted = EVENTS if new_client else EVENTS_OF_EVERY_CLIENT
        changed = put_in(changed, command, wanted).text
        assert changed is not None
        assert sorted(ours(changed)) == sorted(
            (event, {"type": "command", "command": command, "args": [], "timeout": 5}) for event in wanted
        )
    assert changed is not None
    assert take_out(changed).text == text


@untimed
@given(documents(), st.integers(0, 20), st.integers(0, 3))
def test_what_others_add_after_install_is_there_after_uninstall(text: str, indent: int, at: int) -> None:
    put = put_in(text, COMMAND, EVENTS).text
    assert put is not None
    parsed = json.loads(put)
    foreign = {"hooks": [{"type": "command", "command": "/usr/bin/true"}]}
    parsed["hooks"]["Stop"].insert(min(at, len(parsed["hooks"]["Stop"])), foreign)
    parsed["later"] = ["thing"]
    left = take_out(json.dumps(parsed, indent=indent)).text
    assert left is not None
    assert json.loads(left)["later"] == ["thing"]
    assert foreign in json.loads(left)["hooks"]["Stop"]
    assert without_ours(json.loads(left)) == without_ours(parsed)
    assert not ours(left)


@pytest.mark.parametrize("wanted", [EVENTS, EVENTS_OF_EVERY_CLIENT])
def test_a_file_of_ours_alone_is_nothing_after_uninstall(wanted: tuple[str, ...]) -> None:
    text = put_in(None, COMMAND, wanted).text
    assert text is not None
    assert take_out(text).text is None
