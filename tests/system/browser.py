"""A page as a real browser sees it: headless Chromium over its debugging pipe, and no library in between.

Chromium reads commands from descriptor 3 and writes answers and events to 4, each a JSON document ended by a NUL byte
(https://chromedevtools.github.io/devtools-protocol/).
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import tempfile
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pytest

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

TIMEOUT_S = 60.0

fcntl = pytest.importorskip("fcntl", reason="Chromium's debugging pipe needs POSIX descriptors")

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--disable-dev-shm-usage", "--remote-debugging-pipe"),
)
_LIGHT_AND_DARK = {False: "light", True: "dark"}


def find_chromium() -> str:
    """The path of a Chromium. Without one the test is skipped, or fails where CI promises to have one."""
    found = next((path for path in map(shutil.which, _NAMES) if path), None)
    if found is None:
        reason = "no Chromium to look at pages with; install the Debian package chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@dataclass
class Page:
    """A loaded page, with everything that it said to the console and everything that it asked for."""

    browser: Browser
    session: str
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self.browser.send(method, session=self.session, **parameters)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, by way of JSON."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def screenshot(self, path: Path) -> Path:
        """The whole page, beyond what fits the window."""
        image = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(image["data"]))
        return path

    def note(self, method: str, parameters: dict[str, Any]) -> None:
        match method:
            case "Runtime.consoleAPICalled":
                self.messages.append(" ".join(str(a.get("value", a)) for a in parameters["args"]))
            case "Runtime.exceptionThrown":
                self.messages.append(str(parameters["exceptionDetails"]))
            case "Log.entryAdded":
                self.messages.append(parameters["entry"]["text"])
            case "Audits.issueAdded":
                self.messages.append(json.dumps(parameters["issue"]))
            case "Page.javascriptDialogOpening":
                self.messages.append(f"dialog: {parameters['message']}")
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])


class Browser:
    """A headless Chromium with a profile of its own that ends with the `with` statement."""

    def __init__(self) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        self._read, self._write, self._pid = _start(find_chromium(), self._profile.name)
        self._unread = b""
        self._last_id = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._events: list[tuple[str, str]] = []
        self._pages: dict[str, Page] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._read)
        os.close(self._write)
        self._profile.cleanup()

    def open(
        self,
        path: Path,
        *,
        width: int = 1000,
        height: int = 1000,
        dark: bool = False,
        script: bool = True,
        fragment: str = "",
    ) -> Page:
        """Loads a file into a new tab of that size, with or without its script, and waits until it is loaded."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        page = Page(self, self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        self._pages[page.session] = page
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            page.send(f"{domain}.enable")
        page.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": _LIGHT_AND_DARK[dark]}
        page.send("Emulation.setEmulatedMedia", features=[scheme])
        page.send("Emulation.setScriptExecutionDisabled", value=not script)
        page.send("Page.navigate", url=path.as_uri() + fragment)
        self._read_until(lambda: (page.session, "Page.loadEventFired") in self._events)
        page.send("Runtime.evaluate", expression="0")  # what was said while loading has arrived before this answer
        return page

    def send(self, method: str, *, session: str = "", **parameters: Any) -> dict[str, Any]:
        """One command; returns its result."""
        self._last_id += 1
        number = self._last_id
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data) :]
        self._read_until(lambda: number in self._answers)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _read_until(self, done: Any) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not done():
            ready, _, _ = select.select([self._read], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._read, 1 << 20) if ready else b""
            if not chunk:
                raise AssertionError("Chromium does not answer" if not ready else "Chromium has ended")
            *documents, self._unread = (self._unread + chunk).split(b"\0")
            for document in documents:
                self._take(json.loads(document))

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._answers[message["id"]] = message
            return
        session = message.get("sessionId", "")
        self._events.append((session, message["method"]))
        if page := self._pages.get(session):
            page.note(message["method"], message["params"])


def _start(chromium: str, profile: str) -> tuple[int, int, int]:
    """Starts Chromium in a process group of its own: descriptors to read from and to write to, and its pid."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    # Out of the way, so that neither is 3 or 4 already when they become that.
    high_in, high_out = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (theirs_in, theirs_out))
    os.close(theirs_in)
    os.close(theirs_out)
    nowhere = os.open(os.devnull, os.O_RDWR)
    pid = os.posix_spawn(
        chromium,
        [chromium, *_SWITCHES, f"--user-data-dir={profile}", "about:blank"],
        os.environ | {"HOME": profile, "XDG_CONFIG_HOME": profile, "XDG_CACHE_HOME": profile},
        file_actions=[
            *((os.POSIX_SPAWN_DUP2, nowhere, fd) for fd in (0, 1, 2)),
            (os.POSIX_SPAWN_DUP2, high_in, 3),
            (os.POSIX_SPAWN_DUP2, high_out, 4),
        ],
        setpgroup=0,
    )
    for fd in (high_in, high_out, nowhere):
        os.close(fd)
    return ours_in, ours_out, pid
