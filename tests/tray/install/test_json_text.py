"""The scanner: what it takes is what strict JSON is, and it says where a fault is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor_tray.install.json_text import JsonTextError, Node, line_and_column, parse

#: How long an example takes says how busy the machine is.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

FAULTS = [
    # text, line, column, a part of the reason
    ("", 1, 1, "the file is empty"),
    (" \n\n", 3, 1, "the file is empty"),
    ("{", 1, 2, "the file ends"),
    ('{"a": 1', 1, 8, "the file ends"),
    ('{"a"', 1, 5, "the file ends"),
    ('{"a":', 1, 6, "the file ends"),
    ("[1", 1, 3, "the file ends"),
    ('{\n  "a": 1,\n}\n', 2, 9, "a comma with nothing between it and the closing }"),
    ("[1, 2,\r\n]", 1, 6, "a comma with nothing between it and the closing ]"),
    ('{\n  // why\n  "a": 1\n}', 2, 3, "a comment"),
    ('{"a": 1} /* why */', 1, 10, "something follows"),
    ('{"a": /* why */ 1}', 1, 7, "a comment"),
    ("# why\n{}", 1, 1, "a comment"),
    ("{'a': 1}", 1, 2, "is not JSON"),
    ("{a: 1}", 1, 2, "'a' is not JSON"),
    ("{1: 1}", 1, 2, "a key in double quotes was expected"),
    ("{null: 1}", 1, 2, "a key in double quotes was expected"),
    ('{"a" 1}', 1, 6, "a colon was expected"),
    ('{"a": 1 "b": 2}', 1, 9, "stands where , or } was expected"),
    ('{"a": 1]', 1, 8, "stands where , or } was expected"),
    ("[1}", 1, 3, "stands where , or ] was expected"),
    ("[1 2]", 1, 4, "stands where , or ] was expected"),
    ("[,1]", 1, 2, "stands where a value was expected"),
    ("]", 1, 1, "stands where a value was expected"),
    ("{} {}", 1, 4, "something follows"),
    ("[NaN]", 1, 2, "'NaN' is not JSON"),
    ("[Infinity]", 1, 2, "is not JSON"),
    ("[True]", 1, 2, "'True' is not JSON"),
    ("[+1]", 1, 2, "'+1' is not JSON"),
    ("[.5]", 1, 2, "'.5' is not JSON"),
    ("[01]", 1, 3, "stands where , or ] was expected"),
    ("[1.]", 1, 3, "is not JSON"),
    ("[1e]", 1, 3, "is not JSON"),
    ("[0x10]", 1, 3, "is not JSON"),
    ("[nulls]", 1, 6, "is not JSON"),
    ('["a]', 1, 2, "has no end"),
    ('["a\nb"]', 1, 2, "not closed on its line"),
    ('["a\tb"]', 1, 4, "control character U+0009"),
    ('["a\x00b"]', 1, 4, "control character U+0000"),
    (r'["a\x"]', 1, 4, "is no escape"),
    (r'["\u12G4"]', 1, 3, "is no escape"),
    ('["a\\', 1, 4, "is no escape"),
    ("\ufeff{}", 1, 1, "is not JSON"),
    ("\u00a0{}", 1, 1, "is not JSON"),
    ('{"a": 1,\r"b": 2,\n"c": 3,\r\n"d": x}', 4, 6, "is not JSON"),
    ('{"ä€𝄞": x}', 1, 9, "is not JSON"),
    ('{"a": 1, "a": 2}', 1, 10, "twice, the first time in line 1, column 2"),
    ('{"hooks": 1,\n "ho\\u006fks": 2}', 2, 2, "'hooks' is there twice"),
    ('{"a": [{"b": 1, "b": 1}]}', 1, 17, "twice"),
]


@pytest.mark.parametrize(("text", "line", "column", "reason"), FAULTS)
def test_a_fault_is_told_with_its_line_and_column(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(JsonTextError) as caught:
        parse(text)
    assert (*line_and_column(text, caught.value.offset),) == (line, column)
    assert reason in caught.value.reason
    assert caught.value.reason.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "0",
        '"\\ud800"',
        "-0.0e-00",
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 50_000 + "1" + "}" * 50_000,
        "9" * 5_000,
        '{"": {"": {}}}',
        '{"a": 1, "A": 1, "\\u0061b": 1, "\\ud834\\udd1e": 1}',
        '"\u2028\u007f\u0085"',
    ],
    ids=lambda text: text[:12],
)
def test_unusual_but_legal_json_is_taken(text: str) -> None:
    root = parse(f" {text}\n")
    assert (root.start, root.end) == (1, len(text) + 1)


def as_python(text: str, node: Node) -> Any:
    """What the tree says; every leaf is read from its span."""
    if node.kind == "object":
        return {child.key: as_python(text, child.node) for child in node.children}
    if node.kind == "array":
        return [as_python(text, child.node) for child in node.children]
    read = json.loads(text[node.start : node.end])
    if node.kind == "string":
        assert read == node.value
    return read


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@untimed
@given(values, st.sampled_from([None, 0, 3, "\t"]), st.booleans())
def test_the_tree_and_its_spans_say_what_json_says(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert as_python(text, parse(text)) == value


def refused(text: str) -> bool:
    try:
        parse(text)
    except JsonTextError:
        return True
    return False


def refused_by_the_standard_library(text: str) -> bool:
    """`json` made strict: no NaN, no key twice."""

    def unique(pairs: list[tuple[str, Any]]) -> None:
        if len({key for key, _value in pairs}) < len(pairs):
            raise ValueError

    def constant(_name: str) -> None:
        raise ValueError

    try:
        json.loads(text, object_pairs_hook=unique, parse_constant=constant)
    except ValueError:
        return True
    return False


@untimed
@given(st.text(st.sampled_from('{}[]:,"\\u0a1-.eE+ntrue/ \n\t\r\x01é'), max_size=12))
def test_what_is_refused_is_what_a_strict_reader_refuses(text: str) -> None:
    assert refused(text) == refused_by_the_standard_library(text)


@untimed
@given(values, st.data())
def test_a_document_with_one_character_changed_is_refused_when_a_strict_reader_refuses_it(
    value: Any, data: st.DataObject
) -> None:
    text = json.dumps(value, indent=1)
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.sampled_from(["", "}", ",", '"', "\\", "x", "\n"])) + text[at + 1 :]
    assert refused(changed) == refused_by_the_standard_library(changed)
