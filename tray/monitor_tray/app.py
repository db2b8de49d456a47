"""The composition: the one place where the tray process is put together, started and ended.

Events go one way: pipe or spool → writer → store → watcher → icon. Threads: the main one runs the icon (or waits, where
there is none), one records what comes over the pipe, one watches for what people see, one looks after the sessions for
what no hook tells.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import queue
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from monitor_core.edits import decode_edit
from monitor_core.errors import MonitorError, WireError
from monitor_core.projects import Surroundings
from monitor_core.standing import rules_of
from monitor_core.wire import OK, Command, decode, refusal
from monitor_tray import __version__, snapshot
from monitor_tray.choices import Choices
from monitor_tray.clock import now_ms
from monitor_tray.install import autostart
from monitor_tray.instance_lock import InstanceLock
from monitor_tray.lookout import Lookout
from monitor_tray.memory import allocate_in_one_place
from monitor_tray.metrics import NOTICED, PIPE, Metrics
from monitor_tray.notifying import Notifier, Situation
from monitor_tray.pages import Pages
from monitor_tray.pipe import PipeServer
from monitor_tray.settings import SettingsFile, zone_of
from monitor_tray.signals import waking
from monitor_tray.spool import Spool
from monitor_tray.watcher import Watcher
from monitor_tray.writer import Arrival, Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.edits import Edit
    from monitor_core.paths import Paths
    from monitor_core.report import Report
    from monitor_core.wire import WireEvent
    from monitor_tray.glance import Glance, State
    from monitor_tray.icon.lasting import LastingIcon
    from monitor_tray.pipe import Reply
    from monitor_tray.profiling import Profiling

log = logging.getLogger(__name__)

#: A database on a slow disk may take this long to finish what was accepted.
_SHUTDOWN_S = 30.0
#: How long a thread at work may keep Python to itself while another waits. The recorder gives it away with each call of
#: the system, a dozen times an event, and a hook has four milliseconds in all.
_SWITCH_S = 0.00005
#: On POSIX a signal ends any wait; on Windows Ctrl-C is heard between two waits.
_LISTENS_TO_CTRL_C_EVERY_S = 1.0 if sys.platform == "win32" else None
_COMMANDS = ("status", "metrics", "profile", "today", "open-report", "edit", "begin-books-anew")
#: Temporary folders that any process here may see, whatever this one's own is.
_TEMPORARY = ("/tmp", "/var/tmp") if os.name == "posix" else ()  # noqa: S108  names, nothing is made there


class Application:
    """The tray process. `run` returns when somebody quits it or the session ends.

    ``say`` prints one line for whoever started it in a terminal.
    """

    def __init__(self, paths: Paths, say: Callable[[str], None]) -> None:
        self._paths = paths
        self._say = say
        self._settings = SettingsFile(paths.config)
        self._metrics = Metrics()
        self._spool = Spool(paths, self._metrics.dropped)
        self._stopping = False
        self._failed = ""
        self._said = ""
        self._stop_requests: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._noticed: queue.SimpleQueue[WireEvent] = queue.SimpleQueue()
        self._decided: queue.SimpleQueue[Edit] = queue.SimpleQueue()
        self._pages = Pages(paths, self._metrics)
        self._icon: LastingIcon | None = None
        self._tray = "starting"
        self._state: State | None = None
        self._profiling: Profiling | None = None
        self._asked_for_a_profile = threading.Lock()
        self._started_ms = now_ms()
        self._notifier = Notifier(self._started_ms)

    def run(self, *, headless: bool, started: Callable[[], None]) -> None:
        """Calls ``started`` once events are heard, then shows the icon or goes without.

        Raises `AlreadyRunningError`, `ConfigError`, `PipeError`; whatever happens later is logged and shown.
        """
        sys.setswitchinterval(_SWITCH_S)
        allocate_in_one_place()
        self._paths.create()
        # Python runs a handler when the main thread takes its next step: a signal that comes just before that waits
        # would be heard by nobody until something else happens.
        with InstanceLock(self._paths.lock) as lock, waking(self.stop):
            for number in (signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGTERM)):
                if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                    signal.signal(number, lambda *_: self.stop())
            # Bound before anything slow happens: from here on hooks are heard.
            self._server = PipeServer(self._paths, self._handle, self._metrics.dropped)
            self._writer = Writer(
                self._paths,
                self._spool,
                surroundings(),
                lambda: rules_of(self._settings.current()),
                self._on_change,
                self._metrics,
                lock.take_again,
            )
            self._watcher = Watcher(
                self._paths, self._settings, lambda: self._writer.trouble, self._show, self._notify, self._metrics
            )
            self._choices = Choices(
                self._paths,
                self._settings,
                self._pages,
                autostart.find(os.environ),
                write=self._decide,
                changed=self._watcher.changed,
                quit_application=self.stop,
            )
            claude = Path(surroundings().home, ".claude")
            self._lookout = Lookout(self._paths, self._spool, claude, self._notice)
            threads = [
                threading.Thread(target=self._guarded, args=(work,), name=name)
                for work, name in (
                    (self._record, "recorder"),
                    (self._watch, "watcher"),
                    (self._look_out, "lookout"),
                )
            ]
            for thread in threads:
                thread.start()
            try:
                started()
                self._be_seen(headless=headless)
            finally:
                self._shut_down(*threads)
        if self._failed:
            raise MonitorError(f"{self._failed}; {self._paths.logs / 'tray.log'} has the details")

    def stop(self) -> None:
        """Makes `run` return; from any thread and from signal handlers."""
        self._stopping = True
        # Not an Event: its lock is not for signal handlers, which may run while the main thread holds it.
        self._stop_requests.put(None)
        if self._icon is not None:
            self._icon.stop()

    # -- what people see --

    def _be_seen(self, *, headless: bool) -> None:
        if headless:
            self._tray = "headless, as asked"
            self._say("Claude Monitor is running without an icon, as asked. Ctrl-C ends it.")
        else:
            self._show_icon()
        if not self._stopping:
            log.info("running %s", self._tray)
            self._wait_for_the_end()

    def _wait_for_the_end(self) -> None:
        while not self._stopping:
            with contextlib.suppress(queue.Empty):
                self._stop_requests.get(timeout=_LISTENS_TO_CTRL_C_EVERY_S)

    def _show_icon(self) -> None:
        """Returns at the end; where there can never be an icon, at once, having said why."""
        from monitor_tray import icon  # noqa: PLC0415  Pillow and pystray, which a headless service never pays for

        try:
            self._icon = icon.create(
                do=self._choices.obey,
                refresh=lambda: self._choices.complete(self._watcher.look()),
                shown=self._icon_shown,
                lost=self._icon_lost,
            )
            if not self._stopping:
                self._icon.run()
        except icon.TrayUnavailableError as error:
            self._icon_lost(str(error))
        self._icon = None

    def _icon_shown(self, backend: str) -> None:
        self._tray = backend
        _keep_for_good()
        log.info("running with the icon of %s", backend)
        self._say(f"Claude Monitor is in the tray ({backend}). Its menu quits it; so does Ctrl-C here.")
        self._watcher.changed()

    def _icon_lost(self, why: str) -> None:
        self._tray = why
        log.warning("%s; recording goes on without it", why)
        self._say(f"There is {why}.\nEvents are recorded all the same. Ctrl-C ends it.")

    def _record(self) -> None:
        self._writer.open()
        _keep_for_good()
        try:
            self._server.serve(self._settle)
        finally:
            self._pass_on()
            self._writer.close()

    def _settle(self) -> float | None:
        self._pass_on()
        return self._writer.settle()

    def _pass_on(self) -> None:
        """What other threads have for the recorder."""
        while not self._noticed.empty():
            # What is refused is noticed again.
            self._writer.put(Arrival(self._noticed.get_nowait(), lambda _: None, NOTICED))
        while not self._decided.empty():
            try:
                self._writer.edit(self._decided.get_nowait())
            except MonitorError as error:
                log.error("what was chosen is not recorded: %s", error)  # noqa: TRY400  the sentence says it all

    def _notice(self, event: WireEvent) -> None:
        """An event that is not a hook's goes the way that theirs go."""
        self._noticed.put(event)
        self._server.wake()

    def _decide(self, edit: Edit) -> None:
        """The journal belongs to the recorder."""
        self._decided.put(edit)
        self._server.wake()

    def _look_out(self) -> None:
        self._writer.opened.wait()
        self._lookout.run()

    def _watch(self) -> None:
        self._writer.opened.wait()
        self._watcher.run()

    def _show(self, glance: Glance) -> None:
        self._state = glance.state
        self._pages.clear_away()
        if self._icon is not None:
            self._icon.show(self._choices.complete(glance))

    def _notify(self, report: Report | None, trouble: str) -> int | None:
        """Without an icon nothing is notified of, nor taken for said."""
        icon = self._icon
        if icon is None or not icon.is_there:
            return None
        config = self._settings.current()
        at_ms = now_ms() if report is None else report.now_ms
        decision = self._notifier.decide(Situation(at_ms, report, trouble, config, zone_of(config)))
        for kind in decision.over:
            icon.withdraw(kind)
        if decision.show:
            icon.announce(decision.show)
        return decision.look_at_ms

    def _on_change(self) -> None:
        if self._writer.trouble != self._said:
            self._said = self._writer.trouble
            self._say(self._said or "All is well again: events are stored.")
        self._watcher.changed()
        self._lookout.changed()

    # -- what comes over the pipe --

    def _handle(self, line: bytes, reply: Reply) -> None:
        read_at = time.perf_counter()
        try:
            message = decode(line)
        except WireError as error:
            self._metrics.lines_that_are_no_events += 1
            log.warning("a line was refused: %s", error)
            reply(refusal(str(error)))
            return
        if isinstance(message, Command):
            self._obey(message, reply)
        else:
            self._writer.put(Arrival(message, reply, PIPE, read_at))

    def _obey(self, message: Command, reply: Reply) -> None:
        match message.command:
            case "status":
                reply(msgspec.json.encode(self.status()) + b"\n")
            case "metrics":
                _answered_aside(reply, lambda: snapshot.encode(self._snapshot()))
            case "profile":
                _answered_aside(reply, lambda: self._profile(message))
            case "today":
                _answered_aside(reply, lambda: self._today(message))
            case "open-report":
                _aside(self._pages.open_day)
                reply(OK)
            case "edit":
                _answered(reply, lambda: self._writer.edit(decode_edit(bytes(message.edit or b""))))
            case "begin-books-anew":
                _answered(reply, self._writer.begin_books_anew)
            case unknown:
                reply(refusal(f"there is no command {unknown!r}; there are {', '.join(_COMMANDS)}"))

    def status(self) -> dict[str, object]:
        """What `claude-monitor status` asks a running tray for."""
        counts = self._writer.counts
        return {
            "ok": True,
            "version": __version__,
            "pid": os.getpid(),
            "home": str(self._paths.home),
            "started_ms": self._started_ms,
            "tray": self._tray,
            "trouble": self._writer.trouble or self._settings.problem,
            "events": {
                "stored": counts.new,
                "from_spool": counts.from_spool,
                "duplicates": counts.duplicates,
                "refused": counts.refused,
            },
        }

    def _snapshot(self) -> snapshot.Snapshot:
        from monitor_tray.gathering import snapshot_of  # noqa: PLC0415  next to nobody asks

        return snapshot_of(
            self._paths,
            self._metrics,
            self._writer.counts,
            started_ms=self._started_ms,
            state=self._state,
            icon=self._icon is not None and self._icon.is_there,
            trouble=bool(self._writer.trouble or self._settings.problem),
        )

    def _profile(self, message: Command) -> bytes:
        from monitor_tray.profiling import Profiling  # noqa: PLC0415  next to nobody asks

        with self._asked_for_a_profile:
            self._profiling = self._profiling or Profiling()
            return self._profiling.answer(bytes(message.profile or b""))

    def _today(self, message: Command) -> bytes:
        from monitor_tray.todays_text import answered  # noqa: PLC0415  few ask

        return answered(self._paths, bytes(message.today or b""), os.environ)

    # -- beginning and end --

    def _guarded(self, work: Callable[[], None]) -> None:
        """The edge of a thread: what nobody expected is logged, and ends the process rather than leave half of it."""
        try:
            work()
        except Exception as error:
            self._failed = f"the {threading.current_thread().name} failed: {error}"
            log.exception("%s; ending", self._failed)
            self.stop()

    def _shut_down(self, recorder: threading.Thread, watcher: threading.Thread, lookout: threading.Thread) -> None:
        """In the order that keeps the promise: no new events, then everything accepted is committed and answered."""
        log.info("ending")
        self._lookout.stop()
        self._server.close()
        recorder.join(_SHUTDOWN_S)
        if recorder.is_alive():
            log.critical("the recorder does not end; giving up while the lock is still held")
            logging.shutdown()
            os._exit(1)
        lookout.join(_SHUTDOWN_S)
        self._server.disconnect()
        self._watcher.stop()
        watcher.join(_SHUTDOWN_S)
        self._pages.close()
        log.info("ended")


def _keep_for_good() -> None:
    """What there is by now stays until the end: looking for garbage in it held everybody up for 30 ms at a time."""
    gc.freeze()


def _aside(work: Callable[[], object]) -> None:
    """Does it in a thread of its own: hooks wait behind whatever is done in that of the pipe."""
    threading.Thread(target=work, name="aside", daemon=True).start()


def _answered_aside(reply: Reply, answer: Callable[[], bytes]) -> None:
    def work() -> None:
        try:
            line = answer()
        except Exception as error:
            log.exception("a question could not be answered")
            line = refusal(f"the tray could not answer: {error}; its log has the details")
        reply(line)

    _aside(work)


def _answered(reply: Reply, work: Callable[[], None]) -> None:
    try:
        work()
    except MonitorError as error:
        reply(refusal(str(error)))
    else:
        reply(OK)


def surroundings() -> Surroundings:
    """What project identity must know of this machine."""
    return Surroundings(home=os.path.expanduser("~"), temporary=tuple({tempfile.gettempdir(), *_TEMPORARY}))  # noqa: PTH111  text
