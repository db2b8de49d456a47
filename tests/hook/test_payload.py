"""What counts as an event, where its text ends, and that no text does any harm."""

from __future__ import annotations

import json

import pytest

from tests.hook.support import Hook, event

LIMIT = 256 * 1024
HEAD = b'{"session_id":"s","hook_event_name":"Stop"'


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b" \n",
        b"\0",
        b"no JSON",
        b"[]",
        b'"text"',
        b"5",
        b"null",
        b"\xef\xbb\xbf" + HEAD + b"}",
        HEAD,
        HEAD + b",}",
        HEAD + b",,}",
        HEAD + b"]",
        HEAD + b',"x":}',
        HEAD + b',"x" 1}',
        HEAD + b",5:1}",
        HEAD + b',"x":NaN}',
        HEAD + b',"x":Infinity}',
        HEAD + b',"x":+1}',
        HEAD + b',"x":01}',
        HEAD + b',"x":1.}',
        HEAD + b',"x":.5}',
        HEAD + b',"x":1e}',
        HEAD + b',"x":-}',
        HEAD + b',"x":tru}',
        HEAD + b',"x":nulll}',
        HEAD + b",\"x\":'y'}",
        HEAD + b',"x":"\x01"}',
        HEAD + b',"x":"a\nb"}',
        HEAD + b',"x":"a\0b"}',
        HEAD + rb',"x":"\x"}',
        HEAD + rb',"x":"\u12g4"}',
        HEAD + b',"x":[1,]}',
        HEAD + b',"x":[1 2]}',
        HEAD + b',"x":[1}',
        HEAD + b',"x":{"y":1]}',
        HEAD + b',"x":[[[',
        b"{}",
        b'{"session_id":"s"}',
        b'{"hook_event_name":"Stop"}',
        b'{"session_id":"","hook_event_name":"Stop"}',
        b'{"session_id":"s","hook_event_name":""}',
        b'{"session_id":5,"hook_event_name":"Stop"}',
        b'{"session_id":"s","hook_event_name":["Stop"]}',
        b'{"session_id":null,"hook_event_name":"Stop"}',
        b'[{"session_id":"s","hook_event_name":"Stop"}]',
        b'{"x":{"session_id":"s","hook_event_name":"Stop"}}',
    ],
)
def test_what_is_no_event_leaves_no_trace(hook: Hook, payload: bytes) -> None:
    hook.run(payload)

    assert not hook.home.exists()


@pytest.mark.parametrize(
    "payload",
    [
        HEAD + b"}",
        b" \t\r\n" + HEAD + b"  }\n",
        HEAD + b"} and more",
        HEAD + b'}{"session_id":"other","hook_event_name":"Stop"}',
        HEAD + b"}\n}",
        HEAD + b',"x":[],"y":{},"z":[[],{}],"n":[-0.5e+3,0,1E9,true,false,null]}',
        HEAD + rb',"x":"\"\\\/\b\f\n\r\t\u00e9"}',
        HEAD + b',"":""}',
        HEAD + b',"x":' + b"9" * 100_000 + b"}",
        HEAD + b',"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        HEAD + b',"x":' + b'{"a":' * 30_000 + b"1" + b"}" * 30_000 + b"}",
        HEAD + b',"' + b"k" * 100_000 + b'":1}',
        HEAD + b"".join(b',"k%d":%d' % (i, i) for i in range(10_000)) + b"}",
    ],
    ids=range(13),
)
def test_valid_object_is_an_event_whatever_else_is_in_it(hook: Hook, payload: bytes) -> None:
    assert hook.tell_fields(payload) == {"hook_event_name": "Stop", "session_id": "s"}


def test_nesting_of_100000_levels_that_never_ends_does_no_harm(hook: Hook) -> None:
    hook.run(HEAD + b',"x":' + b"[" * 100_000)

    assert not hook.home.exists()


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_nesting_up_to_the_limit_is_cut_like_anything_else(hook: Hook, opening: bytes) -> None:
    fields = hook.tell_fields((HEAD + b',"x":' + opening * LIMIT)[: LIMIT + 10])

    assert fields == {"hook_event_name": "Stop", "session_id": "s"}


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_document_that_ends_at_the_limit_is_whole(hook: Hook, missing: int) -> None:
    head, tail = HEAD + b',"x":"', b'","cwd":"/end"}'
    payload = head + b"y" * (LIMIT - len(head) - len(tail) + missing) + tail
    assert len(payload) == LIMIT + missing

    fields = hook.tell_fields(payload)

    # The closing brace may be missing; a string without its closing quote is not told.
    whole = missing < 2
    assert fields == {"hook_event_name": "Stop", "session_id": "s", **({"cwd": "/end"} if whole else {})}


@pytest.mark.parametrize("tail", [b'"tool_name":"Ba', b'"duration_ms":12', b'"is_interrupt":tru', b'"to', b""])
def test_value_that_the_limit_cuts_is_not_told(hook: Hook, tail: bytes) -> None:
    head = HEAD + b',"x":"'
    payload = head + b"y" * (LIMIT - len(head) - 2 - len(tail)) + b'",' + tail + b"345"
    assert payload[:LIMIT].endswith(b'",' + tail)

    assert hook.tell_fields(payload + b"x" * 1000) == {"hook_event_name": "Stop", "session_id": "s"}


def test_cut_payload_whose_head_was_no_json_is_no_event(hook: Hook) -> None:
    hook.run(HEAD + b',"x":[1 2],"y":"' + b"z" * LIMIT)

    assert not hook.home.exists()


def test_cut_payload_without_a_session_is_no_event(hook: Hook) -> None:
    hook.run(b'{"x":"' + b"z" * LIMIT + b'","session_id":"s","hook_event_name":"Stop"}')

    assert not hook.home.exists()


def test_payload_of_10_mb_is_an_event_by_its_head(hook: Hook) -> None:
    payload = json.dumps(event(cwd="/x", tool_input={"content": "y" * 10_000_000}, tool_use_id="late")).encode()

    assert hook.tell_fields(payload) == event(cwd="/x")
