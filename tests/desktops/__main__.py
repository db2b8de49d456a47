"""`make test-desktops`: the smoke run on desktops that CI has not. ``--packages`` names what Debian packages it needs.

One line per desktop, and pictures of its screen in build/desktops. Ends with 1 where a desktop fails. One whose
packages are missing is named and left out.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

import pytest

from tests.desktops.gnome import GnomeDesktop
from tests.desktops.sway import SwayDesktop
from tests.system.panel import Desktop, running_desktop
from tests.system.smoke import smoke_run

DESKTOPS: tuple[type[Desktop], ...] = (Desktop, GnomeDesktop, SwayDesktop)
PICTURES = Path("build/desktops")


def main() -> None:
    if "--packages" in sys.argv:
        print(*sorted({package for kind in DESKTOPS for package in kind.missing_packages()}))
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    passed = [try_out(kind) for kind in DESKTOPS]
    sys.exit(0 if all(passed) else 1)


def try_out(kind: type[Desktop]) -> bool:
    """False where it failed."""
    missing = kind.missing_packages()
    if missing:
        print(f"{kind.name:<14} missing  apt-get install --no-install-recommends {' '.join(missing)}", flush=True)
        return True
    logs = PICTURES / f"{kind.name}-logs"
    shutil.rmtree(logs, ignore_errors=True)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="claude-monitor-desktop-"))
    try:
        with running_desktop(folder / "home", kind) as desktop:
            smoke_run(desktop, PICTURES)
    except (Exception, pytest.fail.Exception) as error:
        shutil.copytree(folder / "home", logs, ignore=keep_logs_only)
        (logs / "failure.txt").write_text(traceback.format_exc())
        print(f"{kind.name:<14} FAIL     {error}; see {logs}", flush=True)
        return False
    finally:
        shutil.rmtree(folder)
    print(f"{kind.name:<14} pass     {time.monotonic() - began:.1f} s, {PICTURES / kind.name}.png", flush=True)
    return True


def keep_logs_only(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith((".log", ".png"))]


if __name__ == "__main__":
    main()
