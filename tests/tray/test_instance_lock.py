"""One process alone holds the lock, also after its file was deleted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from monitor_core.errors import AlreadyRunningError
from monitor_tray.instance_lock import InstanceLock, is_held

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a file that is open cannot be deleted")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tray.lock"


def test_while_one_holds_it_no_other_does(path: Path) -> None:
    with InstanceLock(path) as lock:
        lock.take_again()
        assert is_held(path)
        with pytest.raises(AlreadyRunningError, match="another Claude Monitor holds"):
            InstanceLock(path)
    assert not is_held(path)


def test_where_its_file_was_deleted_it_is_taken_again(path: Path) -> None:
    with InstanceLock(path) as lock:
        path.unlink()
        lock.take_again()
        assert is_held(path)
    assert not is_held(path)


def test_where_another_has_taken_a_new_file_it_is_refused_for_as_long(path: Path) -> None:
    with InstanceLock(path) as lock:
        path.unlink()
        with InstanceLock(path):
            for _ in range(2):
                with pytest.raises(AlreadyRunningError):
                    lock.take_again()
        lock.take_again()
        assert is_held(path)
