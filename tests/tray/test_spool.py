"""The spool: oldest first, nothing lost, nothing that is no event in the way."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from monitor_tray.spool import BATCH, Spool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor_core.paths import Paths
    from monitor_core.wire import WireEvent


def test_events_come_oldest_first_in_batches_with_their_files(
    paths: Paths, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path]
) -> None:
    events = [wire(1_790_000_000_000 + t) for t in range(BATCH + 5)]
    files = [spooled(event) for event in reversed(events)][::-1]
    batches = list(Spool(paths).batches())
    assert [len(batch) for batch in batches] == [BATCH, 5]
    assert [pair for batch in batches for pair in batch] == list(zip(files, events, strict=True))
    assert all(file.exists() for file in files)


def test_a_missing_spool_is_an_empty_one(paths: Paths) -> None:
    paths.spool_new.rmdir()
    assert (list(Spool(paths).batches()), Spool(paths).count()) == ([], 0)


@pytest.mark.parametrize(
    "content", [b"", b"not json\n", b'{"v":1}\n', b'{"command":"status"}\n', b"x" * 20_000 + b"\n"]
)
def test_a_file_that_is_no_event_moves_to_bad_and_holds_up_nobody(
    paths: Paths, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path], content: bytes
) -> None:
    bad = paths.spool_new / "0000000000000-bad.json"
    bad.write_bytes(content)
    good = wire(5)
    spooled(good)
    assert [event for batch in Spool(paths).batches() for _, event in batch] == [good]
    assert (paths.spool_bad / bad.name).read_bytes() == content
    assert not bad.exists()


@pytest.mark.skipif(os.name == "nt", reason="folders of POSIX")
@pytest.mark.parametrize("kind", ["a folder in the way of a folder", "a folder in the way of a file", "no folder"])
def test_what_does_not_fit_into_bad_holds_up_nobody(
    paths: Paths, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path], kind: str
) -> None:
    bad = paths.spool_new / "0000000000000-bad.json"
    if kind == "no folder":
        paths.spool_bad.rmdir()
    else:
        (paths.spool_bad / bad.name / "something").mkdir(parents=True)
    if kind == "a folder in the way of a folder":
        bad.mkdir()
    else:
        bad.write_bytes(b"no event")
    spooled(wire(5))
    assert [event.t for batch in Spool(paths).batches() for _, event in batch] == [5]
    assert not bad.exists()
    assert any(found.name.startswith(bad.name) for found in paths.spool_bad.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="folders of POSIX")
def test_what_cannot_be_moved_at_all_is_told_after_the_others(
    paths: Paths, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path]
) -> None:
    (paths.spool_new / "0000000000000-bad.json").write_bytes(b"no event")
    paths.spool_bad.rmdir()
    paths.spool_bad.touch()
    spooled(wire(5))
    batches = Spool(paths).batches()
    assert [event.t for _, event in next(batches)] == [5]
    with pytest.raises(OSError, match="bad"):
        next(batches)


def test_a_file_cut_short_by_a_crash_moves_to_bad(
    paths: Paths, wire: Callable[..., WireEvent], spooled: Callable[[WireEvent], Path]
) -> None:
    file = spooled(wire(5))
    file.write_bytes(file.read_bytes()[:-1])
    assert list(Spool(paths).batches()) == []
    assert (paths.spool_bad / file.name).exists()


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
@pytest.mark.parametrize("kind", ["symlink", "pipe", "folder"])
def test_what_is_no_regular_file_is_never_followed_or_waited_for(paths: Paths, tmp_path: Path, kind: str) -> None:
    trap = paths.spool_new / "1-trap.json"
    if kind == "symlink":
        (tmp_path / "secret").write_bytes(b"{}\n")
        trap.symlink_to(tmp_path / "secret")
    elif kind == "pipe":
        os.mkfifo(trap)
    else:
        trap.mkdir()
    assert list(Spool(paths).batches()) == []
    assert not os.path.lexists(trap)


def test_of_bad_files_only_the_latest_are_kept(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor_tray.spool.BAD_LIMIT_BYTES", 25)
    for number in range(5):
        (paths.spool_new / f"{number}.json").write_bytes(b"0123456789")
        assert list(Spool(paths).batches()) == []
    assert sorted(file.name for file in paths.spool_bad.iterdir()) == ["3.json", "4.json"]


def test_what_a_killed_hook_left_unfinished_is_removed_after_an_hour(paths: Paths) -> None:
    old, fresh = paths.spool_tmp / "old", paths.spool_tmp / "fresh"
    for file, written_s in ((old, 1_000.0), (fresh, 4_000.0)):
        file.write_bytes(b"{")
        os.utime(file, (written_s, written_s))
    Spool(paths).clear_abandoned(now_s=5_000.0)
    assert [file.name for file in paths.spool_tmp.iterdir()] == ["fresh"]
