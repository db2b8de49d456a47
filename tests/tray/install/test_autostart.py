"""The login entry on each system; what the person has switched off stays off."""

from __future__ import annotations

import os
import plistlib
import stat
import subprocess
import sys
import types
from typing import TYPE_CHECKING, Any, Self

import pytest

from monitor_core.errors import MonitorError
from monitor_tray.install import autostart
from monitor_tray.install._autostart_linux import DesktopEntry, exec_value
from monitor_tray.install._autostart_macos import LaunchAgent
from monitor_tray.install._autostart_windows import APPROVED_KEY, RUN_KEY, VALUE_NAME, RunKey
from monitor_tray.install.autostart import LoginEntry, State

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = ["/opt/claude monitor/bin/claude-monitor", "tray"]


class Registry:
    """The current user's part of a Windows registry, as the standard library's `winreg` shows it."""

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, tuple[object, int]]] = {RUN_KEY: {}}
        self.read_only = False

    def module(self) -> types.ModuleType:
        module = types.ModuleType("winreg")
        vars(module).update(HKEY_CURRENT_USER=1, KEY_SET_VALUE=2, KEY_READ=4, REG_SZ=1, REG_BINARY=3)
        vars(module).update(OpenKey=self.open, CreateKeyEx=self.create, QueryValueEx=self.query)
        vars(module).update(SetValueEx=self.set, DeleteValue=self.delete)
        return module

    def open(self, _root: int, path: str, _reserved: int = 0, access: int = 4) -> Handle:
        if path not in self.keys:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        if self.read_only and access == 2:
            raise PermissionError(13, "Access is denied")
        return Handle(self.keys[path])

    def create(self, root: int, path: str, reserved: int, access: int) -> Handle:
        self.keys.setdefault(path, {})
        return self.open(root, path, reserved, access)

    def query(self, handle: Handle, name: str) -> tuple[object, int]:
        if name not in handle.values:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        return handle.values[name]

    def set(self, handle: Handle, name: str, _reserved: int, kind: int, value: object) -> None:
        handle.values[name] = (value, kind)

    def delete(self, handle: Handle, name: str) -> None:
        self.query(handle, name)
        del handle.values[name]


class Handle:
    """An open key."""

    def __init__(self, values: dict[str, tuple[object, int]]) -> None:
        self.values = values

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    registry = Registry()
    monkeypatch.setitem(sys.modules, "winreg", registry.module())
    return registry


@pytest.fixture(params=["linux", "macos", "windows"])
def entry(request: pytest.FixtureRequest, tmp_path: Path, registry: Registry) -> LoginEntry:
    assert registry.keys
    entries: dict[str, LoginEntry] = {
        "linux": DesktopEntry(tmp_path / "autostart"),
        "macos": LaunchAgent(tmp_path / "LaunchAgents"),
        "windows": RunKey(),
    }
    return entries[request.param]


def test_an_entry_goes_on_and_off_and_away(entry: LoginEntry) -> None:
    assert entry.state() is State.ABSENT
    entry.remove()
    entry.switch_on(COMMAND)
    assert entry.state() is State.ON
    entry.switch_off()
    assert entry.state() is State.SWITCHED_OFF
    entry.switch_on(COMMAND)
    assert entry.state() is State.ON
    entry.remove()
    assert entry.state() is State.ABSENT


def test_install_respects_that_it_was_switched_off_and_the_menu_overrules_it(entry: LoginEntry) -> None:
    assert autostart.install(entry, COMMAND) is State.ON
    entry.switch_off()
    assert autostart.install(entry, COMMAND) is State.SWITCHED_OFF
    assert entry.state() is State.SWITCHED_OFF
    entry.switch_on(COMMAND)
    assert autostart.install(entry, COMMAND) is State.ON


def test_switching_off_before_anything_is_installed_is_remembered(entry: LoginEntry) -> None:
    entry.switch_off()
    assert autostart.install(entry, COMMAND) is State.SWITCHED_OFF
    entry.remove()
    assert entry.state() is State.ABSENT


def test_a_desktop_entry_says_what_to_start(tmp_path: Path) -> None:
    DesktopEntry(tmp_path).switch_on(COMMAND)
    assert (tmp_path / "claude-monitor.desktop").read_text() == (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=Claude Monitor\n"
        "Comment=Your hours with Claude Code\n"
        "TryExec=/opt/claude monitor/bin/claude-monitor\n"
        'Exec="/opt/claude monitor/bin/claude-monitor" "tray"\n'
        "Terminal=false\n"
        "StartupNotify=false\n"
        "X-GNOME-Autostart-enabled=true\n"
    )


@pytest.mark.parametrize(
    ("argument", "quoted"),
    [
        ("/usr/bin/claude-monitor", '"/usr/bin/claude-monitor"'),
        ("/a b/'c'", "\"/a b/'c'\""),
        ('/a"b', r'"/a\\"b"'),
        ("/a$b", r'"/a\\$b"'),
        ("/a`b", r'"/a\\`b"'),
        ("/a\\b", r'"/a\\\\b"'),
        ("/100%f", '"/100%%f"'),
        ("/a\tb", r'"/a\tb"'),
        ("/a\nb", r'"/a\nb"'),
    ],
)
def test_exec_is_quoted_as_the_desktop_entry_specification_has_it(argument: str, quoted: str) -> None:
    assert exec_value([argument]) == quoted
    assert exec_value(["/x", argument]) == f'"/x" {quoted}'


def test_a_program_whose_path_has_an_equals_sign_cannot_be_a_desktop_entry(tmp_path: Path) -> None:
    with pytest.raises(MonitorError, match="equals sign"):
        DesktopEntry(tmp_path).switch_on(["/a=b/claude-monitor", "tray"])
    assert not list(tmp_path.iterdir())
    assert exec_value(["/x", "--key=value"]) == '"/x" "--key=value"'


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("[Desktop Entry]\nExec=x\nHidden=true\n", State.SWITCHED_OFF),
        ("[Desktop Entry]\r\nHidden = true\r\n", State.SWITCHED_OFF),
        ("# by hand\n[Desktop Entry]\nX-GNOME-Autostart-enabled=false\n", State.SWITCHED_OFF),
        ("[Desktop Entry]\nHidden=false\nX-GNOME-Autostart-enabled=true\n", State.ON),
        ("[Desktop Entry]\n#Hidden=true\n[Desktop Action x]\nHidden=true\n", State.ON),
        ("\xff\n[Desktop Entry]\nExec=x\n", State.ON),
    ],
)
def test_what_the_desktops_settings_write_is_understood(tmp_path: Path, text: str, state: State) -> None:
    entry = DesktopEntry(tmp_path)
    entry.path.write_bytes(text.encode("latin-1"))
    assert entry.state() is state


@pytest.mark.skipif(sys.platform != "linux", reason="the desktop's own code reads the entry, on Linux")
def test_glib_reads_the_command_back_from_the_entry(tmp_path: Path) -> None:
    """GNOME, XFCE, MATE, Cinnamon and LXDE start entries through GLib."""
    command = ['/opt/it\'s $5 \\ "100%" `x` ~#&;*?()<>|/claude-monitor', "tray", "two words"]
    DesktopEntry(tmp_path).switch_on(command)
    script = (
        "import sys\n"
        "from gi.repository import GLib\n"
        "file = GLib.KeyFile()\n"
        "file.load_from_file(sys.argv[1], GLib.KeyFileFlags.NONE)\n"
        "_ok, words = GLib.shell_parse_argv(file.get_string('Desktop Entry', 'Exec'))\n"
        "print('\\0'.join(words), end='')\n"
    )
    path = DesktopEntry(tmp_path).path
    done = subprocess.run(["/usr/bin/python3", "-c", script, path], capture_output=True, text=True, check=False)
    if done.returncode and ("No module named 'gi'" in done.stderr):
        pytest.skip("the system's Python has no gi (package python3-gi)")
    assert done.stderr == ""
    assert [word.replace("%%", "%") for word in done.stdout.split("\0")] == command


def test_the_autostart_folder_is_where_xdg_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    moved = DesktopEntry.find({"XDG_CONFIG_HOME": str(tmp_path / "moved")})
    assert moved.folder == tmp_path / "moved" / "autostart"
    for unset in ({}, {"XDG_CONFIG_HOME": ""}, {"XDG_CONFIG_HOME": "relative"}):
        assert DesktopEntry.find(unset).folder == tmp_path / ".config" / "autostart"
    assert LaunchAgent.find().folder == tmp_path / "Library" / "LaunchAgents"


@pytest.mark.parametrize(("platform", "kind"), [("linux", DesktopEntry), ("darwin", LaunchAgent), ("win32", RunKey)])
def test_each_system_has_its_own_kind(monkeypatch: pytest.MonkeyPatch, platform: str, kind: type) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert isinstance(autostart.find({}), kind)


def test_a_launch_agent_starts_the_command_at_login_and_does_not_start_it_again_after_quit(tmp_path: Path) -> None:
    LaunchAgent(tmp_path).switch_on(COMMAND)
    assert plistlib.loads((tmp_path / "claude-monitor.plist").read_bytes()) == {
        "Label": "claude-monitor",
        "LimitLoadToSessionType": "Aqua",
        "ProcessType": "Interactive",
        "ProgramArguments": COMMAND,
        "RunAtLoad": True,
    }


@pytest.mark.parametrize("content", [b"", b"no plist", b"<plist><dict><key>", b"bplist00x"])
def test_a_launch_agent_that_is_no_property_list_is_absent(tmp_path: Path, content: bytes) -> None:
    entry = LaunchAgent(tmp_path)
    entry.path.write_bytes(content)
    assert entry.state() is State.ABSENT


def test_the_run_key_holds_a_command_line(registry: Registry) -> None:
    RunKey().switch_on(["C:\\Program Files\\Claude Monitor\\claude-monitor.exe", "tray"])
    line = '"C:\\Program Files\\Claude Monitor\\claude-monitor.exe" tray'
    assert registry.keys == {RUN_KEY: {VALUE_NAME: (line, 1)}}


@pytest.mark.parametrize(
    ("approved", "state"),
    [
        (bytes([2] + [0] * 11), State.ON),
        (bytes([6] + [0] * 11), State.ON),
        (bytes([3] + [9] * 11), State.SWITCHED_OFF),
        (bytes([7] + [9] * 11), State.SWITCHED_OFF),
        (b"", State.ON),
        ("text", State.ON),
    ],
)
def test_what_task_manager_writes_is_understood(registry: Registry, approved: Any, state: State) -> None:
    RunKey().switch_on(COMMAND)
    registry.keys[APPROVED_KEY] = {VALUE_NAME: (approved, 3)}
    assert RunKey().state() is state
    RunKey().switch_on(COMMAND)
    assert registry.keys[APPROVED_KEY] == {}


def test_a_command_line_that_windows_would_not_start_is_refused(registry: Registry) -> None:
    with pytest.raises(MonitorError, match="longer than 260 characters"):
        RunKey().switch_on(["C:\\" + "x" * 250 + "\\claude-monitor.exe", "tray"])
    assert registry.keys == {RUN_KEY: {}}


def test_a_registry_that_may_not_be_written_is_told(registry: Registry) -> None:
    RunKey().switch_on(COMMAND)
    registry.read_only = True
    for action in (RunKey().switch_off, RunKey().remove, lambda: RunKey().switch_on(COMMAND)):
        with pytest.raises(MonitorError, match=r"HKCU\\Software.*Access is denied"):
            action()


@pytest.mark.parametrize("kind", [DesktopEntry, LaunchAgent])
def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path, kind: type[DesktopEntry | LaunchAgent]) -> None:
    (tmp_path / "file").write_text("")
    entry = kind(tmp_path / "file")
    for action in (entry.state, entry.remove, entry.switch_off, lambda: entry.switch_on(COMMAND)):
        with pytest.raises(MonitorError, match="the login entry"):
            action()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX ones")
@pytest.mark.parametrize("kind", [DesktopEntry, LaunchAgent])
def test_the_desktop_can_read_the_entry(tmp_path: Path, kind: type[DesktopEntry | LaunchAgent]) -> None:
    kind(tmp_path).switch_on(COMMAND)
    assert stat.S_IMODE(kind(tmp_path).path.stat().st_mode) == 0o644


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX ones")
def test_a_failed_write_leaves_the_old_entry_and_nothing_else(tmp_path: Path) -> None:
    entry = DesktopEntry(tmp_path)
    entry.path.mkdir()
    with pytest.raises(MonitorError, match="cannot write the login entry"):
        entry.switch_on(COMMAND)
    assert [path.name for path in tmp_path.iterdir()] == ["claude-monitor.desktop"]
