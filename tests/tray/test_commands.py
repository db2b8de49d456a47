"""The command line as a person types it, each command in a process of its own with a home of its own."""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from monitor_core.ingest import Ingest
from monitor_core.store import WritableStore
from monitor_core.wire import encode
from monitor_tray.app import surroundings
from monitor_tray.commands import COMMANDS
from monitor_tray.instance_lock import InstanceLock
from tests.tray.command_line import BERLIN, MINUTE_MS, CommandLine, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.wire import WireEvent

T = 1_772_445_600_000  # 2026-03-02 10:00 UTC


def last_two_days(monitor: CommandLine) -> int:
    """The total of yesterday and today, so that a test may run at midnight."""
    reports = [json.loads(monitor.ok("today", "--json", "--date", day)) for day in ("yesterday", "today")]
    return sum(report["total_ms"] for report in reports)


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_has_help_with_an_example(self, monitor: CommandLine, command: str) -> None:
        words = ["report", "daily"] if command == "report" else [command]
        help_text = monitor.ok(*words, "--help")
        assert re.search(rf"claude-monitor {' '.join(words)}", help_text.split("\n", 2)[2])

    def test_without_a_command_the_commands_are_listed(self, monitor: CommandLine) -> None:
        listed = monitor.run().stderr + monitor.run().stdout
        assert all(command in listed for command in COMMANDS)

    def test_an_unknown_command_is_a_usage_error(self, monitor: CommandLine) -> None:
        assert "No such command 'tody'" in monitor.fails("tody", status=2)

    def test_nothing_is_written_by_asking(self, monitor: CommandLine) -> None:
        monitor.ok("--help")
        monitor.ok("today")
        monitor.run("status")
        assert not monitor.paths.home.exists()


class TestToday:
    def test_an_empty_day_says_what_to_do_next(self, monitor: CommandLine) -> None:
        assert "claude-monitor install" in monitor.ok("today")

    def test_a_replayed_turn_is_shown_with_its_project(self, monitor: CommandLine, turn: Callable[..., bytes]) -> None:
        monitor.ok("replay", "-", stdin=turn())
        assert last_two_days(monitor) == 30 * MINUTE_MS
        assert "api" in monitor.ok("today") + monitor.ok("today", "--date", "yesterday")

    def test_a_date_that_is_none_is_refused(self, monitor: CommandLine) -> None:
        assert "'soon' is not a day" in monitor.fails("today", "--date", "soon")

    def test_what_goes_into_a_pipe_is_plain(self, monitor: CommandLine, turn: Callable[..., bytes]) -> None:
        monitor.ok("replay", "-", stdin=turn(cwd="/home/dev/\x1b[31mred\u202e"))
        for day in ("today", "yesterday"):
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", monitor.ok("today", "--date", day))


class TestReport:
    def test_html_goes_to_the_file_that_is_asked_for(
        self, monitor: CommandLine, turn: Callable[..., bytes], tmp_path: Path
    ) -> None:
        monitor.ok("replay", "-", stdin=turn())
        page = tmp_path / "page.html"
        monitor.ok("report", "daily", "--format", "html", "-o", str(page))
        assert page.read_text().startswith("<!doctype html>")

    def test_open_writes_into_the_reports_folder_and_calls_the_browser(
        self, monitor: CommandLine, tmp_path: Path
    ) -> None:
        browser = tmp_path / "browser"
        browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
        browser.chmod(0o755)
        path = monitor.ok("report", "daily", "--format", "html", "--open", BROWSER=f"{browser} %s").strip()
        wait_until((tmp_path / "opened").exists)
        assert (tmp_path / "opened").read_text().strip() == Path(path).as_uri()
        assert Path(path).parent == monitor.paths.reports

    def test_open_without_html_is_a_usage_error(self, monitor: CommandLine) -> None:
        assert "add --format html" in monitor.fails("report", "daily", "--open", status=2)

    def test_a_file_that_cannot_be_written_is_named(self, monitor: CommandLine) -> None:
        assert "cannot write /nowhere/x" in monitor.fails("report", "daily", "-o", "/nowhere/x")

    def test_settings_decide_the_zone(self, monitor: CommandLine) -> None:
        monitor.paths.create()
        monitor.paths.config.write_text(BERLIN)
        assert json.loads(monitor.ok("report", "daily", "--format", "json"))["range"]["timezone"] == "Europe/Berlin"

    def test_a_bad_setting_is_named_with_its_line(self, monitor: CommandLine) -> None:
        monitor.paths.create()
        monitor.paths.config.write_text("# mine\nidle_timeout_minutes = 500\n")
        error = monitor.fails("report", "daily")
        assert "config.toml, line 2: idle_timeout_minutes is 500" in error

    def test_aliases_in_a_circle_are_refused_however_home_is_written(self, monitor: CommandLine) -> None:
        monitor.paths.create()
        home = monitor.environment["HOME"]
        monitor.paths.config.write_text(f'[projects.aliases]\n"~/a" = "{home}/b"\n"~/b" = "{home}/a"\n')
        error = monitor.fails("report", "daily")
        assert 'config.toml, line 3: projects.aliases."~/b" is' in error
        assert "other aliases lead from there back to this folder" in error


class TestReplay:
    def test_twice_is_the_same_as_once(self, monitor: CommandLine, turn: Callable[..., bytes]) -> None:
        lines = turn()
        assert "2 new, 0 known" in monitor.ok("replay", "-", stdin=lines)
        assert "0 new, 2 known" in monitor.ok("replay", "-", stdin=lines)

    def test_several_files_and_empty_lines(
        self, monitor: CommandLine, turn: Callable[..., bytes], tmp_path: Path
    ) -> None:
        files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
        for file in files:
            file.write_bytes(b"\n" + turn() + b"\n\n")
        assert "4 new" in monitor.ok("replay", *map(str, files))

    def test_a_bad_line_is_named_and_the_others_are_taken(
        self, monitor: CommandLine, turn: Callable[..., bytes], tmp_path: Path
    ) -> None:
        file = tmp_path / "events.jsonl"
        file.write_bytes(b"not an event\n" + turn() + b"{}\n")
        done = monitor.run("replay", str(file))
        assert done.returncode == 1
        assert f"{file}, line 1: the line is no event" in done.stderr
        assert f"{file}, line 4: " in done.stderr
        assert "2 new" in done.stdout

    def test_on_a_disk_that_is_full_it_says_how_much_was_stored(
        self, monitor: CommandLine, wire: Callable[..., WireEvent], tmp_path: Path
    ) -> None:
        resource = pytest.importorskip("resource")
        file = tmp_path / "events.jsonl"
        events = [wire(T + k * 1_000, "PreToolUse") for k in range(6_000)]
        file.write_bytes(b"".join(map(encode, events)))
        backups = tmp_path / "backups"
        backups.mkdir()
        store = WritableStore(tmp_path / "another.db", backups, 0, cache_mib=128)
        ingest, log_bytes = Ingest(store, surroundings()), []
        for batch in (events[:5_000], events[5_000:]):
            ingest.take(batch, durably=False)
            log_bytes.append(store.wal_bytes())
        store.close()
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        done = []
        try:
            for most in log_bytes:
                resource.setrlimit(resource.RLIMIT_FSIZE, (most + 8_192, before[1]))
                done.append(monitor.run("replay", str(file), CLAUDE_MONITOR_HOME=str(tmp_path / str(most))))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        some, all_ = done
        assert (some.returncode, some.stdout) == (1, "")
        assert some.stderr.startswith("claude-monitor: after 5000 events were taken in: cannot use the database")
        assert (all_.returncode, all_.stdout) == (0, "Replayed 6000 events: 6000 new, 0 known already.\n")
        assert "All of that is stored, and reports count it. What failed afterwards: cannot use" in all_.stderr
        for most, known in zip(log_bytes, (5_000, 6_000), strict=True):
            home = str(tmp_path / str(most))
            assert f": {6_000 - known} new, {known} known" in monitor.ok("replay", str(file), CLAUDE_MONITOR_HOME=home)
            assert monitor.ok("verify", CLAUDE_MONITOR_HOME=home).startswith("All is well")

    def test_a_missing_file_is_a_usage_error(self, monitor: CommandLine) -> None:
        assert "No such file" in monitor.fails("replay", "missing.jsonl", status=2)

    def test_a_running_tray_takes_it_over_the_pipe(self, monitor: CommandLine, turn: Callable[..., bytes]) -> None:
        monitor.start_tray()
        assert "2 events to the running tray" in monitor.ok("replay", "-", stdin=turn())
        assert last_two_days(monitor) == 30 * MINUTE_MS


class TestTray:
    def test_status_tells_whether_it_runs(self, monitor: CommandLine) -> None:
        assert "not running" in monitor.run("status").stdout
        tray = monitor.start_tray()
        status = json.loads(monitor.run("status", "--json").stdout)
        assert (status["tray"]["pid"], status["tray"]["tray"]) == (tray.pid, "headless, as asked")

    def test_in_a_read_only_home_status_tells_whether_it_runs_all_the_same(
        self, monitor: CommandLine, turn: Callable[..., bytes], read_only: Callable[[Path], None]
    ) -> None:
        monitor.ok("replay", "-", stdin=turn())
        monitor.paths.lock.chmod(0o400)
        read_only(monitor.paths.home)
        status = json.loads(monitor.run("status", "--json").stdout)
        assert (status["no_tray"], status["store"]["events"]) == ("not running: claude-monitor tray", 2)
        with InstanceLock(monitor.paths.lock, "rb"):
            assert "running, but it does not answer" in monitor.run("status").stdout

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_a_signal_ends_it_cleanly(self, monitor: CommandLine, number: signal.Signals) -> None:
        if signal.getsignal(number) is signal.SIG_IGN:
            pytest.skip(f"{number.name} is ignored by whoever runs the tests, as under nohup, and so by the tray")
        tray = monitor.start_tray()
        tray.send_signal(number)
        assert tray.wait(30) == 0
        assert not monitor.paths.socket.exists()

    def test_it_says_how_to_connect_and_where_things_are(self, monitor: CommandLine) -> None:
        tray = monitor.start_tray()
        monitor.ok("status")
        tray.terminate()
        _, said = tray.communicate(timeout=30)
        assert "claude-monitor install" in said
        assert "report daily" in said
        assert str(monitor.paths.home) in said

    @pytest.mark.skipif(sys.platform != "linux", reason="threads are signalled one by one through tgkill")
    def test_a_signal_that_interrupts_no_wait_ends_the_tray_all_the_same(self, monitor: CommandLine) -> None:
        """As one does that comes just before the main thread waits: here another thread gets it."""
        tray = monitor.start_tray()
        wait_until(lambda: "headless" in monitor.run("status").stdout)
        thread = max(int(task.name) for task in Path(f"/proc/{tray.pid}/task").iterdir())
        assert thread != tray.pid
        assert ctypes.CDLL(None).tgkill(tray.pid, thread, signal.SIGTERM) == 0
        assert tray.wait(30) == 0

    @pytest.mark.skipif(sys.platform != "linux", reason="what a process has loaded is read from /proc")
    def test_openssl_is_left_out_of_what_encrypts_nothing(self, monitor: CommandLine) -> None:
        tray = monitor.start_tray()
        monitor.ok("status")
        loaded = Path(f"/proc/{tray.pid}/maps").read_text()
        assert "_sqlite3" in loaded
        assert "libcrypto" not in loaded

    def test_a_python_without_all_hashes_of_its_own_takes_those_of_openssl(
        self, monitor: CommandLine, tmp_path: Path
    ) -> None:
        (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['_md5'] = None\n")
        path = os.pathsep.join([str(tmp_path), monitor.environment["PYTHONPATH"]])
        done = monitor.run("today", PYTHONPATH=path)
        assert (done.returncode, done.stderr) == (0, "")

    def test_a_relative_home_is_refused(self, monitor: CommandLine) -> None:
        assert "not an absolute path" in monitor.fails("tray", "--headless", CLAUDE_MONITOR_HOME="relative")

    def test_a_home_that_cannot_be_made_is_named(self, monitor: CommandLine, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        error = monitor.fails("tray", "--headless", CLAUDE_MONITOR_HOME=str(tmp_path / "file/home"))
        assert "cannot use the folder" in error

    def test_a_database_of_a_later_version_is_not_touched_and_is_named(self, monitor: CommandLine) -> None:
        import sqlite3  # noqa: PLC0415  only here

        monitor.paths.create()
        with sqlite3.connect(monitor.paths.database) as database:
            database.execute("PRAGMA user_version = 999")
        database.close()
        assert "schema 999" in monitor.fails("today")
        monitor.start_tray()
        wait_until(lambda: "schema 999" in monitor.run("status").stdout)

    def test_new_settings_are_used_without_a_restart(self, monitor: CommandLine) -> None:
        monitor.start_tray()
        monitor.paths.config.write_text("nonsense = 1\n")
        wait_until(lambda: "config.toml, line 1" in monitor.run("status").stdout)

    def test_a_folder_that_others_use_is_left_as_it_is(self, monitor: CommandLine, tmp_path: Path) -> None:
        shared = tmp_path / "shared"
        shared.mkdir()
        shared.chmod(0o777)
        (shared / "somebody's").write_text("")
        assert "holds other things" in monitor.fails("tray", "--headless", CLAUDE_MONITOR_HOME=str(shared))
        assert shared.stat().st_mode & 0o777 == 0o777

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
    @pytest.mark.parametrize("command", ["status", "today", "--help", "--version"])
    def test_a_fault_of_the_system_is_one_sentence(self, monitor: CommandLine, command: str) -> None:
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [sys.executable, "-m", "monitor_tray", command],
                env=monitor.environment,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 1
        assert done.stderr.startswith("claude-monitor: No space left on device")
        assert "Traceback" not in done.stderr

    def test_trouble_at_the_start_is_said_where_it_was_started(self, monitor: CommandLine) -> None:
        monitor.paths.create()
        monitor.paths.database.write_bytes(b"no database " * 500)
        tray = monitor.start_tray()
        wait_until(lambda: "not a database" in monitor.run("status").stdout)
        tray.terminate()
        assert "not a database; move the file away" in tray.communicate(timeout=30)[1]

    def test_a_hang_up_that_was_ignored_at_the_start_stays_so(self, monitor: CommandLine) -> None:
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            tray = monitor.start_tray()
        finally:
            signal.signal(signal.SIGHUP, before)
        wait_until(lambda: "running, pid" in monitor.run("status").stdout)
        tray.send_signal(signal.SIGHUP)
        assert "running, pid" in monitor.run("status").stdout


class TestInstall:
    def test_install_and_uninstall_leave_the_settings_as_they_were(self, monitor: CommandLine, tmp_path: Path) -> None:
        settings = tmp_path / ".claude/settings.json"
        settings.parent.mkdir()
        before = (
            b'{\n    "model": "opus",\n    "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "beep"}]}]}\n}'
        )
        settings.write_bytes(before)
        dry = monitor.ok("install", "--dry-run")
        assert "+" in dry
        assert settings.read_bytes() == before
        monitor.ok("install")
        installed = json.loads(settings.read_bytes())
        commands = [hook["command"] for group in installed["hooks"]["Stop"] for hook in group["hooks"]]
        assert commands[0] == "beep"
        assert commands[1].endswith("/claude-monitor-hook")
        once = settings.read_bytes()
        assert "nothing to change" in monitor.ok("install")
        assert settings.read_bytes() == once
        assert (tmp_path / ".config/autostart/claude-monitor.desktop").exists()
        assert "connected" in monitor.ok("status")
        assert "Start at login: would be removed.\n" in monitor.ok("uninstall", "--dry-run")
        assert "Start at login: removed.\n" in monitor.ok("uninstall")
        assert settings.read_bytes() == before
        again = f"{settings} has no hook of Claude Monitor; nothing to change.\nStart at login: nothing to remove.\n"
        assert monitor.ok("uninstall").startswith(again)
        assert not (tmp_path / ".config/autostart/claude-monitor.desktop").exists()

    @pytest.mark.parametrize("words", [(), ("--dry-run",)])
    def test_where_nothing_was_installed_uninstall_claims_to_have_removed_nothing(
        self, monitor: CommandLine, tmp_path: Path, words: tuple[str, ...]
    ) -> None:
        there_is_none = f"There is no {tmp_path / '.claude/settings.json'}; nothing to change.\n"
        assert monitor.ok("uninstall", *words) == there_is_none + "Start at login: nothing to remove.\n"

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such services")
    def test_the_service_comes_and_goes_and_status_tells(self, monitor: CommandLine, tmp_path: Path) -> None:
        def starts() -> Any:
            return json.loads(monitor.ok("status", "--json"))["start_at_login"]

        assert starts() == {"tray": "absent", "service": "absent", "words": "off: claude-monitor install"}
        monitor.ok("install")
        assert starts() == {"tray": "on", "service": "absent", "words": "on"}
        assert "linger" in monitor.ok("install", "--service")
        assert starts() == {"tray": "absent", "service": "on", "words": "on, as a service without an icon"}
        assert "At login     on, as a service without an icon\n" in monitor.ok("status")
        unit = tmp_path / ".config/systemd/user/claude-monitor.service"
        assert '"tray" "--headless"\n' in unit.read_text()
        assert "--service" in monitor.fails("install", "--service", "--no-autostart", status=2)
        monitor.ok("uninstall")
        assert starts()["service"] == "absent"
        assert not unit.exists()

    def test_invalid_settings_are_refused_with_the_place(self, monitor: CommandLine, tmp_path: Path) -> None:
        settings = tmp_path / ".claude/settings.json"
        settings.parent.mkdir()
        settings.write_text('{\n  "hooks": {,}\n}\n')
        assert re.search(r"settings\.json.*line 2, column 13", monitor.fails("install"))
        assert settings.read_text() == '{\n  "hooks": {,}\n}\n'


def test_the_hook_in_python_is_a_command(monitor: CommandLine) -> None:
    payload = {"hook_event_name": "Stop", "session_id": "s", "cwd": "/home/dev/projects/api"}
    assert monitor.ok("hook", stdin=json.dumps(payload).encode()) == ""
    assert len(list(monitor.paths.spool_new.iterdir())) == 1
