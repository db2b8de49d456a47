"""The one door: each event once, all of a batch or nothing, and nothing private."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor_core.ingest import Ingest, Taken
from monitor_core.projects import Surroundings
from monitor_core.store import Store, WritableStore
from monitor_core.tries import Tries
from monitor_core.wire import WireEvent, decode_event

if TYPE_CHECKING:
    from collections.abc import Callable

#: SQLite takes no such text.
UNUSABLE = WireEvent(v=1, id="0" * 36, t=1, hook_event_name="Stop", session_id="\ud800", cwd="/x")


def test_an_event_that_arrives_again_changes_nothing(
    store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
) -> None:
    events = [wire(t) for t in range(5)]
    assert ingest.take(events) == Taken(5, 0)
    assert ingest.take(events) == Taken(0, 5)
    assert ingest.take([*events, *events, wire(9)]) == Taken(1, 10)
    assert store.summary() == (6, 9)


def test_an_id_identifies_an_event_also_with_other_content(
    store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
) -> None:
    first = wire(1, "Stop")
    ingest.take([first])
    ingest.take([wire(2, "SessionEnd", id=first.id)])
    assert [e.kind for e in store.events(0, 10)] == ["Stop"]


def test_folders_are_looked_at_once_and_remembered_for_good(
    store: WritableStore, wire: Callable[..., WireEvent], tmp_path: Path
) -> None:
    surroundings = Surroundings(home="/home/dev", temporary=())
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / "sub").mkdir()
    event = wire(1, cwd=str(repository / "sub"))
    Ingest(store, surroundings).take([event])
    (repository / ".git").rmdir()
    Ingest(store, surroundings).take([wire(2, cwd=str(repository / "sub"))])
    assert {project.path for project in store.projects().values()} == {str(repository)}


def test_more_streams_than_are_remembered_still_are_told_apart(
    store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor_core.ingest._REMEMBERED", 3)
    for _ in range(2):
        ingest.take([wire(1, session_id=f"s{n}", cwd=f"/home/dev/p{n}") for n in range(10)])
    assert len({e.stream for e in store.events(0, 10)}) == 10
    assert len(store.projects()) == 10


def test_what_went_on_lately_is_remembered_from_the_beginning(
    store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
) -> None:
    tries: dict[str, Tries] = {}

    def tries_of(name: str) -> Tries:
        return tries.setdefault(name, Tries())

    ingest.take([wire(n, session_id=f"s{n}", agent_id="a", cwd=f"/home/dev/p{n}") for n in range(3)])
    again = Ingest(store, Surroundings(home="/home/dev"), tries_of)
    again.take([wire(10 + n, session_id=f"s{n}", agent_id="a", cwd=f"/home/dev/p{n}") for n in range(4)])
    assert {name: (found.hits, found.misses) for name, found in tries.items()} == {
        "streams": (3, 1),
        "places": (3, 1),
    }
    assert [event.stream for event in store.events(0, 10)] == [event.stream for event in store.events(10, 13)]


def test_a_batch_that_fails_leaves_nothing_behind_and_can_be_taken_later(
    store: WritableStore, ingest: Ingest, wire: Callable[..., WireEvent]
) -> None:
    with pytest.raises(UnicodeEncodeError):
        ingest.take([wire(1, session_id="good", cwd="/home/dev/good"), UNUSABLE])
    assert store.summary() == (0, None)
    assert ingest.take([wire(1, session_id="good", cwd="/home/dev/good")]) == Taken(1, 0)
    assert [e.stream for e in store.events(0, 10)] == [("good", "")]


batches = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["", "x"]), st.sampled_from("pqrs")), max_size=4),
        st.booleans(),
    ),
    max_size=8,
)


@given(batches, st.integers(0, 3))
def test_what_is_remembered_of_sessions_and_folders_is_what_the_store_has_also_after_batches_that_failed(
    some: list[tuple[list[tuple[str, str, str]], bool]], remembered: int
) -> None:
    sent: dict[str, tuple[tuple[str, str], str]] = {}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("monitor_core.ingest._REMEMBERED", remembered)
        with contextlib.closing(WritableStore(Path(folder) / "monitor.db", Path(folder), now_ms=0)) as store:
            ingest = Ingest(store, Surroundings(home="/home/dev", temporary=()))
            for number, (batch, fails) in enumerate(some):
                events = [
                    WireEvent(v=1, id=f"{number:08}-0000-7000-8000-{k:012}", t=1, hook_event_name="Stop",
                              session_id=session, agent_id=agent, cwd=f"/home/dev/{cwd}")
                    for k, (session, agent, cwd) in enumerate(batch)
                ]  # fmt: skip
                if fails:
                    with pytest.raises(UnicodeEncodeError):
                        ingest.take([*events, replace(UNUSABLE, id=f"{number:08}-ffff")])
                else:
                    ingest.take(events)
                    sent |= {e.id: ((e.session_id, e.agent_id or ""), e.cwd or "") for e in events}
            places = store.places()
            assert {e.id: (e.stream, places[e.place].cwd) for e in store.events(0, 10)} == sent


_WRITE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from monitor_core.ingest import Ingest
from monitor_core.projects import Surroundings
from monitor_core.store import WritableStore
from monitor_core.wire import decode_event

store = WritableStore(Path(sys.argv[1]), Path(sys.argv[1]).parent, 0)
ingest = Ingest(store, Surroundings(home="/home/dev", temporary=()))
for number in range(1, 10_000):
    line = '{"v":1,"id":"00000000-0000-7000-8000-%012x","t":%d,"hook_event_name":"Stop","session_id":"s"}'
    ingest.take([decode_event((line % (number, number)).encode())])
    print(number, flush=True)
    if number == 50:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_what_was_committed_survives_a_kill(database: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    writer = subprocess.run(
        [sys.executable, "-c", _WRITE_AND_DIE, str(database)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert writer.returncode == -signal.SIGKILL, writer.stderr
    acknowledged = int(writer.stdout.splitlines()[-1])
    store = Store(database)
    assert store.summary() == (acknowledged, acknowledged)
    store.close()


def test_the_line_of_a_hook_is_taken_as_it_is(store: WritableStore, ingest: Ingest) -> None:
    line = (
        b'{"v":1,"id":"0192f0c1-2345-7abc-8def-0123456789ab","t":1790000000000,"awake":123,"took_us":412,"pid":42,'
        b'"project_dir":"/home/dev/projects/demo","attended":true,"hook_event_name":"UserPromptSubmit",'
        b'"session_id":"36d2","prompt_id":"e341","cwd":"/home/dev/projects/demo","permission_mode":"default"}\n'
    )
    assert ingest.take([decode_event(line)]) == Taken(1, 0)
    (detail,) = store._database.execute_sql("SELECT detail FROM event").fetchone()  # no public reader yet
    assert detail == '{"pid":42,"attended":true,"permission_mode":"default","took_us":412}'


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
@pytest.mark.timeout(20)
def test_a_pipe_in_a_repository_is_not_waited_for(
    store: WritableStore, wire: Callable[..., WireEvent], tmp_path: Path
) -> None:
    (tmp_path / "git").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / ".git").write_text("gitdir: ../git")
    os.mkfifo(tmp_path / "git" / "commondir")
    assert Ingest(store, Surroundings(home="/home/dev")).take([wire(1, cwd=str(tmp_path / "work"))]) == Taken(1, 0)
