from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.hook.support import Hook, compile_hook

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def native_hook() -> Path:
    return compile_hook()


@pytest.fixture(scope="session")
def python_hook() -> Path:
    return compile_hook("--compiler", "python")


@pytest.fixture
def native(native_hook: Path, tmp_path: Path) -> Hook:
    return Hook("native", (str(native_hook),), tmp_path / "home")


@pytest.fixture
def in_python(python_hook: Path, tmp_path: Path) -> Hook:
    return Hook("python", (sys.executable, str(python_hook)), tmp_path / "home")


@pytest.fixture(params=["native", "in_python"])
def hook(request: pytest.FixtureRequest) -> Hook:
    """Each rule holds for both."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Hook)
    return found
