from __future__ import annotations

from typing import TYPE_CHECKING

from tests.system.panel import running_desktop
from tests.system.smoke import smoke_run

if TYPE_CHECKING:
    from pathlib import Path


def test_smoke_run_of_make_test_desktops_passes_in_the_xfce_panel(tmp_path: Path) -> None:
    with running_desktop(tmp_path / "desktop") as desktop:
        smoke_run(desktop, tmp_path)
