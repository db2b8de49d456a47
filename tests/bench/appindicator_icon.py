"""The control of ``bench_tray.py``: an icon of pystray's ``_appindicator`` backend with a given menu, and nothing else.

Run by the system's Python, which has GTK. The first line on stdin is the menu: a JSON array of labels, an empty one for
a separator. Each further line is the text of the first entry from then on.
"""

from __future__ import annotations

import json
import os
import sys
import threading

os.environ["PYSTRAY_BACKEND"] = "appindicator"

import pystray
from PIL import Image

labels = json.loads(sys.stdin.readline())


def entries() -> list[pystray.MenuItem]:
    return [pystray.MenuItem(label, lambda: None) if label else pystray.Menu.SEPARATOR for label in labels]


icon = pystray.Icon("control", Image.new("RGBA", (64, 64), "green"), "Control", pystray.Menu(entries))


def follow() -> None:
    for line in sys.stdin:
        labels[0] = line.strip()
        icon.update_menu()
    icon.stop()


threading.Thread(target=follow, daemon=True).start()
icon.run()
