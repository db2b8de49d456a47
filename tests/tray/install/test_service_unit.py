"""The service for machines without a desktop: a unit that systemd takes, enabled and disabled as systemd does it."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from monitor_core.errors import MonitorError
from monitor_tray.install import at_login, autostart
from monitor_tray.install._service_linux import UserService, exec_start
from monitor_tray.install.autostart import State

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = ["/opt/claude monitor/bin/claude-monitor", "tray", "--headless"]
needs_systemctl = pytest.mark.skipif(shutil.which("systemctl") is None, reason="no systemctl (package systemd)")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="systemd is on Linux, and links are POSIX ones")


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemctl that writes down what it is asked, and says that the unit is the one in the file ``fragment``."""
    programs = tmp_path / "programs"
    programs.mkdir()
    asked = programs / "asked"
    asked.touch()
    systemctl = programs / "systemctl"
    systemctl.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n[ "$2" != show ] || cat {programs}/fragment\n')
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return asked


@pytest.fixture
def service(asked: Path, tmp_path: Path) -> UserService:
    service = UserService(tmp_path / "config/systemd/user")
    (asked.parent / "fragment").write_text(f"{service.path}\n")
    return service


def test_the_unit_says_what_to_start(service: UserService) -> None:
    service.switch_on(COMMAND)
    assert service.path.read_text() == (
        "[Unit]\n"
        "Description=Claude Monitor: your Claude Code hours, per project\n"
        "\n"
        "[Service]\n"
        "Type=exec\n"
        'ExecStart="/opt/claude monitor/bin/claude-monitor" "tray" "--headless"\n'
        "Restart=on-failure\n"
        "RestartSec=10\n"
        "UMask=0077\n"
        "\n"
        "[Install]\n"
        "WantedBy=default.target\n"
    )
    assert stat.S_IMODE(service.path.stat().st_mode) == 0o644


def test_a_home_that_was_moved_is_the_services_as_well(tmp_path: Path, asked: Path) -> None:
    UserService(tmp_path, "/home/dev/100% mine").switch_on(COMMAND)
    text = (tmp_path / "claude-monitor.service").read_text()
    assert 'Environment="CLAUDE_MONITOR_HOME=/home/dev/100%% mine"\n' in text
    assert asked.read_text() == "--user daemon-reload\n"


@pytest.mark.parametrize(
    ("argument", "quoted"),
    [
        ("tray", '"tray"'),
        ("a b 'c'", "\"a b 'c'\""),
        ('a"b', r'"a\"b"'),
        ("a\\b", r'"a\\b"'),
        ("100%h", '"100%%h"'),
        ("a\tb\nc", r'"a\tb\nc"'),
    ],
)
def test_exec_start_is_quoted_as_systemd_has_it(argument: str, quoted: str) -> None:
    assert exec_start(["/opt/100% mine/x", argument]) == f'"/opt/100%% mine/x" {quoted}'


def test_a_dollar_sign_is_doubled_where_systemd_looks_for_variables() -> None:
    assert exec_start(["/a$b", "$HOME"]) == '"/a$b" "$$HOME"'


@pytest.mark.parametrize("program", ["claude-monitor", "", "/it's/x", '/a"b', "/a\\b", "/a\nb", "/a\x7fb"])
def test_a_program_that_systemd_would_not_take_is_refused(tmp_path: Path, asked: Path, program: str) -> None:
    with pytest.raises(MonitorError, match="cannot be started by systemd"):
        UserService(tmp_path / "units").switch_on([program, "tray"])
    assert not (tmp_path / "units").exists()
    assert asked.read_text() == ""


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze (package systemd)")
@pytest.mark.parametrize("folder", ["plain", "100% $5 `x` ~#&;*? (ä)"])
def test_systemd_takes_the_unit_and_finds_the_program(service: UserService, tmp_path: Path, folder: str) -> None:
    program = tmp_path / folder / "claude-monitor"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    service.switch_on([str(program), "tray", "--headless"])
    assert _verify(service, tmp_path) == (0, "")
    program.unlink()
    status, said = _verify(service, tmp_path)
    assert status != 0
    assert "not executable" in said


def _verify(service: UserService, home: Path) -> tuple[int, str]:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--recursive-errors=no", service.path],
        env={"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@needs_systemctl
def test_systemctl_sees_and_changes_the_same_state(tmp_path: Path) -> None:
    def systemctl(word: str) -> str:
        done = subprocess.run(
            ["systemctl", "--user", word, "claude-monitor"],
            env={"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        if "connect to bus" in done.stderr:
            pytest.skip("systemd runs here, and asks a manager of its own that this user has not")
        return done.stdout.strip()

    service = UserService.find({"XDG_CONFIG_HOME": str(tmp_path / ".config")})
    service.switch_on(COMMAND)
    assert systemctl("is-enabled") == "enabled"
    systemctl("disable")
    assert service.state() is State.SWITCHED_OFF
    systemctl("enable")
    assert service.state() is State.ON
    service.switch_off()
    assert systemctl("is-enabled") == "disabled"
    service.remove()
    systemctl("mask")
    assert service.state() is State.SWITCHED_OFF


def test_a_service_goes_on_and_off_and_away(service: UserService) -> None:
    assert service.state() is State.ABSENT
    service.remove()
    service.switch_on(COMMAND)
    assert service.state() is State.ON
    service.switch_on(COMMAND)
    assert service.state() is State.ON
    service.switch_off()
    assert service.state() is State.SWITCHED_OFF
    assert autostart.install(service, COMMAND) is State.SWITCHED_OFF
    service.remove()
    assert service.state() is State.ABSENT
    assert list(service.folder.iterdir()) == []


def test_other_services_of_the_person_are_left_alone(service: UserService) -> None:
    service.switch_on(COMMAND)
    other = service.link.with_name("other.service")
    other.symlink_to("/somewhere/other.service")
    service.remove()
    assert [path.name for path in service.link.parent.iterdir()] == ["other.service"]


def test_removing_ends_the_service_that_runs(service: UserService, asked: Path) -> None:
    service.switch_on(COMMAND)
    service.remove()
    assert "--user stop claude-monitor.service\n" in asked.read_text()


def test_removing_does_not_end_a_service_of_another_folder(service: UserService, asked: Path) -> None:
    (asked.parent / "fragment").write_text("/home/dev/.config/systemd/user/claude-monitor.service\n")
    service.switch_on(COMMAND)
    service.remove()
    assert "stop" not in asked.read_text()


def test_without_systemd_the_files_are_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: UserService
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    service.switch_on(COMMAND)
    assert service.state() is State.ON
    service.remove()
    assert service.state() is State.ABSENT


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path, asked: Path) -> None:
    (tmp_path / "file").write_text("")
    service = UserService(tmp_path / "file")
    for action in (service.state, service.switch_off, lambda: service.switch_on(COMMAND)):
        with pytest.raises(MonitorError, match="the login entry"):
            action()
    assert asked.read_text() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such services")
class TestAtLogin:
    @pytest.fixture
    def environment(self, tmp_path: Path, asked: Path) -> dict[str, str]:
        assert asked.exists()
        return {"XDG_CONFIG_HOME": str(tmp_path / "config")}

    @staticmethod
    def install(environment: dict[str, str], *, as_service: bool = False, dry_run: bool = False) -> str:
        return "\n".join(at_login.switch_on(environment, as_service=as_service, dry_run=dry_run))

    def test_the_service_takes_the_place_of_the_login_entry(self, environment: dict[str, str]) -> None:
        self.install(environment)
        assert at_login.look(environment) == at_login.AtLogin(State.ON, State.ABSENT)
        said = self.install(environment, as_service=True)
        assert "one of the two is enough" in said
        assert "loginctl enable-linger" in said
        assert at_login.look(environment) == at_login.AtLogin(State.ABSENT, State.ON)

    def test_installing_again_keeps_the_service(self, environment: dict[str, str]) -> None:
        self.install(environment, as_service=True)
        assert "as a service" in self.install(environment)
        assert at_login.look(environment) == at_login.AtLogin(State.ABSENT, State.ON)

    def test_what_the_person_has_switched_off_stays_off(self, environment: dict[str, str]) -> None:
        autostart.find(environment).switch_off()
        self.install(environment, as_service=True)
        assert at_login.look(environment) == at_login.AtLogin(State.SWITCHED_OFF, State.ON)
        service = autostart.service(environment)
        assert service is not None
        service.switch_off()
        assert "systemctl --user enable claude-monitor" in self.install(environment, as_service=True)
        self.install(environment)
        assert at_login.look(environment) == at_login.AtLogin(State.SWITCHED_OFF, State.SWITCHED_OFF)

    def test_a_service_that_stays_off_does_not_cost_the_login_entry(self, environment: dict[str, str]) -> None:
        self.install(environment, as_service=True)
        service = autostart.service(environment)
        assert service is not None
        service.switch_off()
        self.install(environment)
        self.install(environment, as_service=True)
        assert at_login.look(environment) == at_login.AtLogin(State.ON, State.SWITCHED_OFF)

    @pytest.mark.parametrize("as_service", [True, False])
    def test_a_dry_run_writes_nothing(self, environment: dict[str, str], tmp_path: Path, *, as_service: bool) -> None:
        assert "would be" in self.install(environment, as_service=as_service, dry_run=True)
        assert not (tmp_path / "config").exists()

    def test_removing_leaves_neither(self, environment: dict[str, str]) -> None:
        self.install(environment, as_service=True)
        autostart.find(environment).switch_on(COMMAND)
        at_login.remove(environment)
        assert at_login.look(environment) == at_login.AtLogin(State.ABSENT, State.ABSENT)

    def test_the_words_tell_each_state_from_the_others(self) -> None:
        words = {at_login.AtLogin(entry, service).words for entry in State for service in State}
        assert len(words) == 5 + 1
        assert at_login.AtLogin(State.ON, None).words == "on"


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_only_linux_has_such_services(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert autostart.service({}) is None
