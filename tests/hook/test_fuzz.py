"""Thousands of spoilt payloads through the picker, under the sanitizers, and through the Python one: they agree."""

from __future__ import annotations

import json
import random
import shutil
import struct
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from monitor_tray import hook_client
from monitor_tray.hook_payload import Picker, Progress
from tests.hook.support import FIELDS, LINE_LIMIT, PAYLOADS, ROOT, STAMPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

CORPUS = ROOT / "tests" / "hook" / "corpus"
MUTANTS = 12_000
EVENT_ID = "00000000-0001-7000-8000-000000000000"
PIECES = [
    b'"', b"\\", b"\\u", b"\\ud83d", b"\\ude00", b"\\u0000", b"{", b"}", b"[", b"]", b":", b",", b"-", b".", b"e",
    b"0", b"1e999", b"true", b"nul", b"\0", b"\x1f", b"\x7f", b"\xff", b"\xc3", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80",
    b" \t\r\n", b'"cwd":', b'"session_id":"x"', b'"hook_event_name":"StopFailure"', b'"error":"x"',
    b'"prompt":"<task-notification>', b'"duration_ms":1.5', b"x" * 5000, b'"\\n"' * 50,
]  # fmt: skip


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("neither gcc nor clang is here")
    path = tmp_path_factory.mktemp("fuzz") / "driver"
    sources = [ROOT / "hook" / name for name in ("pick.c", "text.c", "line.c")]
    sanitize = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    command: list[str | Path] = [compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", *sanitize, f"-I{ROOT / 'hook'}"]
    built = subprocess.run(
        [*command, ROOT / "tests" / "hook" / "fuzz_driver.c", *sources, "-o", path],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if "cannot find" in built.stderr and "san" in built.stderr:
        pytest.skip("the compiler has no sanitizers")
    assert built.returncode == 0, built.stderr
    return path


def native_lines(driver: Path, payloads: Iterable[bytes]) -> list[bytes]:
    framed = b"".join(struct.pack("=I", len(payload)) + payload for payload in payloads)
    done = subprocess.run([driver], input=framed, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.split(b"\n")[:-1]


def python_line(payload: bytes, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setenv("CLAUDE_PID", "42")
    picker = Picker(payload)
    known = picker.texts.get("hook_event_name") and picker.texts.get("session_id")
    if picker.progress is Progress.NO_JSON or not known:
        return b""
    return hook_client._build_line(picker, EVENT_ID, 1, 2, 3)[:-1]


def seeds() -> list[bytes]:
    """The corpus, and what the real client sent."""
    return [path.read_bytes() for path in sorted([*CORPUS.iterdir(), *PAYLOADS.glob("*.json")])]


def mutants(count: int) -> Iterator[bytes]:
    """The same in every run."""
    chance = random.Random(20261123)  # noqa: S311  no secret
    grown = [seed[:4000] for seed in seeds()]
    for _ in range(count):
        payload = bytearray(chance.choice(grown))
        for _ in range(chance.randint(1, 6)):
            at = chance.randint(0, len(payload))
            match chance.randrange(6):
                case 0:
                    payload[at:at] = chance.choice(PIECES)
                case 1:
                    del payload[at : at + chance.randint(1, 20)]
                case 2:
                    payload[at : at + 1] = bytes([chance.randrange(256)])
                case 3:
                    payload[at:at] = payload[at : at + chance.randint(1, 200)]
                case 4:
                    other = chance.choice(grown)
                    cut = chance.randint(0, len(other))
                    payload[at:at] = other[cut : cut + chance.randint(1, 300)]
                case _:
                    del payload[at:]
        yield bytes(payload)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLAUDE_CONFIG_DIR", "CLAUDE_CODE_SESSION_ATTENDED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLAUDE_PROJECT_DIR", "/fuzz/\udcff")


def check_line(line: bytes) -> dict[str, Any]:
    assert len(line) < LINE_LIMIT
    decoded = json.loads(line.decode())
    assert isinstance(decoded, dict)
    assert set(decoded) <= {*STAMPS, *FIELDS}
    assert all(isinstance(value, (str, int)) for value in decoded.values())
    assert decoded["session_id"]
    assert decoded["hook_event_name"]
    return decoded


@pytest.mark.timeout(300)
def test_no_spoilt_payload_breaks_the_picker_and_both_hooks_agree_on_it(
    driver: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    payloads = [*seeds(), *mutants(MUTANTS)]

    native = native_lines(driver, payloads)

    assert len(native) == len(payloads)
    for payload, line in zip(payloads, native, strict=True):
        assert line == python_line(payload, monkeypatch), payload
        if line:
            check_line(line)
    told = sum(map(bool, native))
    assert len(payloads) // 10 < told < len(payloads) * 9 // 10  # mutation neither spoils all of them nor none


def test_every_beginning_of_a_payload_is_valid_so_far(driver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (CORPUS / "everything.json").read_bytes()
    payloads = [whole[:length] for length in range(len(whole) + 1)]

    native = native_lines(driver, payloads)

    assert native == [python_line(payload, monkeypatch) for payload in payloads]
    first = next(index for index, line in enumerate(native) if line)
    assert all(native[first:])


@pytest.mark.usefixtures("driver")  # it says whether there is a compiler
def test_sanitizers_would_notice_a_read_beyond_the_payload(tmp_path: Path) -> None:
    spoilt = tmp_path / "pick.c"
    spoilt.write_text((ROOT / "hook" / "pick.c").read_text().replace("p->at < length", "p->at <= length"))
    sources = [ROOT / "tests" / "hook" / "fuzz_driver.c", spoilt, ROOT / "hook" / "text.c", ROOT / "hook" / "line.c"]
    command: list[str | Path] = [shutil.which("gcc") or "clang", "-fsanitize=address", f"-I{ROOT / 'hook'}"]
    subprocess.run([*command, *sources, "-o", tmp_path / "driver"], check=True, capture_output=True)

    with pytest.raises(AssertionError, match="heap-buffer-overflow"):
        native_lines(tmp_path / "driver", [b'{"session_id":"s"'])
