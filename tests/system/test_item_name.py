from __future__ import annotations

from typing import TYPE_CHECKING

from tests.system.icon_process import READY, IconProgram, labels
from tests.system.panel import running_desktop

if TYPE_CHECKING:
    from pathlib import Path


def test_item_in_gnome_has_a_unique_name_only_which_its_extension_cannot_lose(tmp_path: Path) -> None:
    with running_desktop(tmp_path / "desktop") as desktop:
        desktop.start_panel()
        IconProgram(desktop, XDG_CURRENT_DESKTOP="ubuntu:GNOME").expect(READY)
        desktop.wait_for_items(1)

        assert desktop.items()[0].startswith(":")
        assert "Open report" in labels(desktop.probe("show"))
