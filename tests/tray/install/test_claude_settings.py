"""The settings file itself: what is kept, what is refused, and that nobody's change is lost."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import string
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from monitor_core.errors import SettingsError
from monitor_tray.install import claude_settings, foreign_file
from monitor_tray.install.claude_version import Version
from monitor_tray.install.hook_entries import EVENTS, EVENTS_OF_EVERY_CLIENT

if TYPE_CHECKING:
    from monitor_tray.install.claude_settings import Change

NEW = Version(2, 1, 330)
SHELL = Version(2, 1, 138)
OLD = Version(2, 0, 76)

posix_only = pytest.mark.skipif(os.name != "posix", reason="modes, owners and links are POSIX ones")


@pytest.fixture
def hook(tmp_path: Path) -> Path:
    return program(tmp_path / "bin" / "claude-monitor-hook")


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    folder = tmp_path / ".claude"
    folder.mkdir()
    return folder / "settings.json"


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 7\n")
    path.chmod(0o755)
    return path


def install(settings: Path, hook: Path, backups: Path, version: Version | None = NEW) -> Change:
    return claude_settings.apply(claude_settings.plan(settings, hook, version), backups)


def uninstall(settings: Path, backups: Path) -> Change:
    return claude_settings.apply(claude_settings.plan_removal(settings), backups)


def nothing_else_in(folder: Path, *names: str) -> bool:
    return sorted(path.name for path in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize(
    "before",
    [
        b"{}",
        b'{\n  "model": "opus"\n}\n',
        b'\xef\xbb\xbf{\r\n\t"model": "opus"\r\n}',
        '{"name": "Jörg 𝄞", "hooks": {"Stop": []}}\r\n\r\n'.encode(),
    ],
)
def test_install_and_uninstall_give_back_every_byte(settings: Path, hook: Path, backups: Path, before: bytes) -> None:
    settings.write_bytes(before)
    install(settings, hook, backups)
    installed = settings.read_bytes()
    connection = claude_settings.connection(settings)
    assert (set(connection.events), connection.troubles) == (set(EVENTS), ())
    assert len(connection.events) == len(EVENTS)
    assert {entry["command"] for entry in entries(settings)} == {str(hook)}
    install(settings, hook, backups)
    assert settings.read_bytes() == installed
    uninstall(settings, backups)
    assert settings.read_bytes() == before
    assert nothing_else_in(settings.parent, "settings.json")


def entries(settings: Path) -> list[dict[str, Any]]:
    hooks = json.loads(settings.read_text("utf-8-sig"))["hooks"]
    return [entry for groups in hooks.values() for group in groups for entry in group["hooks"]]


def test_a_file_that_was_not_there_is_made_with_its_folder_and_goes_again(
    tmp_path: Path, hook: Path, backups: Path
) -> None:
    settings = tmp_path / "not" / "there" / "settings.json"
    change = install(settings, hook, backups)
    assert change.before is None
    assert change.added == EVENTS
    assert json.loads(settings.read_text())["hooks"].keys() == set(EVENTS)
    assert not backups.exists()
    uninstall(settings, backups)
    assert not settings.exists()


@posix_only
def test_a_new_file_and_its_folder_are_for_their_owner_alone(tmp_path: Path, hook: Path, backups: Path) -> None:
    settings = tmp_path / "config" / "settings.json"
    install(settings, hook, backups)
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.parent.stat().st_mode) == 0o700


def test_uninstall_where_nothing_is_changes_nothing(settings: Path, backups: Path) -> None:
    assert not uninstall(settings, backups).changed
    settings.write_text('{"hooks": {"Stop": []}}')
    assert not uninstall(settings, backups).changed
    assert settings.read_text() == '{"hooks": {"Stop": []}}'
    assert not backups.exists()


@posix_only
def test_a_link_stays_a_link_and_its_target_is_replaced_beside_itself(
    tmp_path: Path, settings: Path, hook: Path, backups: Path
) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "claude.json").write_text("{}")
    (tmp_path / "between").symlink_to("dotfiles/claude.json")
    settings.symlink_to("../between")
    install(settings, hook, backups)
    assert settings.is_symlink()
    assert (tmp_path / "between").is_symlink()
    assert json.loads((dotfiles / "claude.json").read_text())["hooks"]
    assert nothing_else_in(dotfiles, "claude.json")
    assert nothing_else_in(settings.parent, "settings.json")
    uninstall(settings, backups)
    assert (dotfiles / "claude.json").read_text() == "{}"


@posix_only
def test_a_link_to_nothing_leads_to_the_new_file(tmp_path: Path, settings: Path, hook: Path, backups: Path) -> None:
    settings.symlink_to(tmp_path / "target.json")
    install(settings, hook, backups)
    assert settings.is_symlink()
    assert (tmp_path / "target.json").is_file()
    uninstall(settings, backups)
    assert settings.is_symlink()
    assert not (tmp_path / "target.json").exists()


@posix_only
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o200 | 0o444])
def test_the_mode_stays(settings: Path, hook: Path, backups: Path, mode: int) -> None:
    settings.write_text("{}")
    settings.chmod(mode)
    install(settings, hook, backups)
    assert stat.S_IMODE(settings.stat().st_mode) == mode


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_stays(settings: Path, hook: Path, backups: Path) -> None:
    settings.write_text("{}")
    os.chown(settings, 12345, 54321)
    install(settings, hook, backups)
    assert (settings.stat().st_uid, settings.stat().st_gid) == (12345, 54321)


def test_what_was_there_is_in_the_backups_the_last_ten_times(settings: Path, hook: Path, backups: Path) -> None:
    backups.mkdir()
    (backups / "monitor.db").write_text("another thing")
    for number in range(12):
        settings.write_text(json.dumps({"number": number}))
        install(settings, hook, backups)
    copies = sorted(backups.glob("claude-settings-*.json"))
    assert [json.loads(copy.read_text()) for copy in copies] == [{"number": number} for number in range(2, 12)]
    assert (backups / "monitor.db").read_text() == "another thing"
    assert os.name != "posix" or {stat.S_IMODE(copy.stat().st_mode) for copy in copies} == {0o600}


def test_no_backup_is_made_of_what_does_not_change(settings: Path, hook: Path, backups: Path) -> None:
    install(settings, hook, backups)
    install(settings, hook, backups)
    assert not backups.exists()


def test_a_change_that_somebody_makes_between_plan_and_apply_is_kept(settings: Path, hook: Path, backups: Path) -> None:
    settings.write_text('{"model": "opus"}')
    change = claude_settings.plan(settings, hook, NEW)
    settings.write_text('{"model": "haiku", "hooks": {"Stop": [{"hooks": []}]}}')
    done = claude_settings.apply(change, backups)
    assert done.before == b'{"model": "haiku", "hooks": {"Stop": [{"hooks": []}]}}'
    assert json.loads(settings.read_text())["model"] == "haiku"
    assert len(claude_settings.connection(settings).events) == len(EVENTS)
    removal = claude_settings.plan_removal(settings)
    settings.write_text(settings.read_text().replace("haiku", "sonnet"))
    claude_settings.apply(removal, backups)
    assert settings.read_text() == '{"model": "sonnet", "hooks": {"Stop": [{"hooks": []}]}}'


def test_a_file_that_appears_or_disappears_between_plan_and_apply_is_respected(
    settings: Path, hook: Path, backups: Path
) -> None:
    change = claude_settings.plan(settings, hook, NEW)
    settings.write_text('{"model": "opus"}')
    claude_settings.apply(change, backups)
    assert json.loads(settings.read_text())["model"] == "opus"
    removal = claude_settings.plan_removal(settings)
    settings.unlink()
    claude_settings.apply(removal, backups)
    assert not settings.exists()


def test_a_change_that_somebody_makes_while_the_new_file_is_written_is_kept(settings: Path) -> None:
    """Looks inside: what happens between the first and the last look cannot be arranged from outside."""
    settings.write_text("theirs")
    assert not foreign_file._replaced(settings, b"{}", b"ours")
    assert settings.read_text() == "theirs"
    assert nothing_else_in(settings.parent, "settings.json")


def test_a_file_that_becomes_invalid_between_plan_and_apply_is_refused(
    settings: Path, hook: Path, backups: Path
) -> None:
    settings.write_text("{}")
    change = claude_settings.plan(settings, hook, NEW)
    settings.write_text("{,}")
    with pytest.raises(SettingsError, match="line 1, column 2"):
        claude_settings.apply(change, backups)
    assert settings.read_text() == "{,}"


def test_a_file_that_changes_at_every_look_is_given_up_with_an_error(settings: Path, hook: Path, backups: Path) -> None:
    def disturbed() -> Change:
        change = claude_settings.plan(settings, hook, NEW)
        settings.write_text(json.dumps({"n": json.loads(settings.read_text())["n"] + 1}))
        return dataclasses.replace(change, again=disturbed)

    settings.write_text('{"n": 0}')
    with pytest.raises(SettingsError, match="changed by another program 5 times"):
        claude_settings.apply(disturbed(), backups)
    assert json.loads(settings.read_text()).keys() == {"n"}
    assert nothing_else_in(settings.parent, "settings.json")


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "line 1, column 1: the file is empty"),
        (b"{\n  // hm\n}", "line 2, column 3: a comment"),
        (b'{"a": 1,}', "line 1, column 8: a comma"),
        (b'{"a": 1', "line 1, column 8: the file ends"),
        (b'{"a": 1, "a": 1}', "line 1, column 10: the key 'a' is there twice"),
        (b"[]", "line 1, column 1: the settings are an array"),
        (b'\xef\xbb\xbf{"hooks": 1}', 'line 1, column 11: "hooks" is a number'),
        (b'{"hooks": {"Stop": {}}}', 'line 1, column 20: "hooks" has an object for Stop'),
        (b'{\r\n"a": "\xc3\xa4\xff"}', "line 2, column 8: this is not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "line 1, column 1: this is not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "line 1, column 8: this is not UTF-8"),
    ],
)
def test_a_file_that_is_no_settings_is_refused_with_the_place_and_left_alone(
    settings: Path, hook: Path, content: bytes, where: str
) -> None:
    settings.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        claude_settings.plan(settings, hook, NEW)
    assert str(caught.value).startswith(f"{settings}, {where}")
    assert str(caught.value).endswith("; nothing was changed; mend the file and try again")
    assert settings.read_bytes() == content


@pytest.mark.parametrize("content", [b"{,}", b"\xff", b'{"a": 1, "a": 1}'])
def test_uninstall_and_status_refuse_what_they_cannot_read(settings: Path, content: bytes) -> None:
    settings.write_bytes(content)
    with pytest.raises(SettingsError, match="line 1, column"):
        claude_settings.plan_removal(settings)
    with pytest.raises(SettingsError, match="line 1, column"):
        claude_settings.connection(settings)


def test_a_folder_in_place_of_the_file_is_refused(settings: Path, hook: Path) -> None:
    settings.mkdir()
    with pytest.raises(SettingsError, match="cannot read"):
        claude_settings.plan(settings, hook, NEW)


@posix_only
def test_a_read_only_file_is_respected(settings: Path, hook: Path, backups: Path) -> None:
    settings.write_text("{}")
    settings.chmod(0o444)
    with pytest.raises(SettingsError, match="is read-only; make it writable"):
        install(settings, hook, backups)
    assert settings.read_text() == "{}"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="to root, no folder is read-only")
def test_a_read_only_folder_is_told(settings: Path, hook: Path, backups: Path) -> None:
    settings.write_text("{}")
    settings.parent.chmod(0o500)
    try:
        with pytest.raises(SettingsError, match=r"cannot write .*nothing was changed"):
            install(settings, hook, backups)
    finally:
        settings.parent.chmod(0o700)
    assert settings.read_text() == "{}"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, hook: Path, backups: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="file"):
        install(tmp_path / "file" / "settings.json", hook, backups)


def test_without_a_backup_nothing_is_changed(tmp_path: Path, settings: Path, hook: Path) -> None:
    settings.write_text("{}")
    (tmp_path / "backups").write_text("in the way")
    with pytest.raises(SettingsError, match=r"cannot write .*backups.*nothing was changed"):
        install(settings, hook, tmp_path / "backups")
    assert settings.read_text() == "{}"


def test_a_big_file_is_changed_in_one_place(settings: Path, hook: Path, backups: Path) -> None:
    rules = [f"Bash(command {number}:*)" for number in range(70_000)]
    before = json.dumps({"permissions": {"allow": rules}, "hooks": {"Stop": []}}, indent=2)
    assert len(before) > 2_000_000
    settings.write_text(before)
    install(settings, hook, backups)
    assert json.loads(settings.read_text())["permissions"]["allow"] == rules
    uninstall(settings, backups)
    assert settings.read_text() == before


def test_a_file_that_is_too_big_for_settings_is_refused(settings: Path, hook: Path) -> None:
    settings.write_bytes(b" " * (4 * 1024 * 1024) + b"{}")
    with pytest.raises(SettingsError, match="larger than 4194304 bytes"):
        claude_settings.plan(settings, hook, NEW)


def test_a_hook_that_is_gone_is_told(settings: Path, hook: Path, backups: Path) -> None:
    install(settings, hook, backups)
    hook.unlink()
    (told,) = claude_settings.connection(settings).troubles
    assert told.startswith(f"Claude Code is to run {hook}, and there is no program")
    assert told.endswith("run: claude-monitor install")


@pytest.mark.parametrize("command", ["$HOME/bin/claude-monitor-hook", "./claude-monitor-hook", "~/claude-monitor-hook"])
def test_where_claude_code_will_look_for_a_hook_is_not_guessed(settings: Path, command: str) -> None:
    group = {"hooks": [{"type": "command", "command": command}]}
    settings.write_text(json.dumps({"hooks": {event: [group] for event in EVENTS_OF_EVERY_CLIENT}}))
    assert claude_settings.connection(settings).troubles == ()


def test_events_that_claude_code_does_not_tell_of_are_told(settings: Path, hook: Path, backups: Path) -> None:
    install(settings, hook, backups)
    found = json.loads(settings.read_text())
    del found["hooks"]["Stop"], found["hooks"]["PermissionRequest"]  # older clients do not know the second
    found["hooks"]["PreToolUse"][0]["matcher"] = "Bash"
    settings.write_text(json.dumps(found))
    (told,) = claude_settings.connection(settings).troubles
    assert told == "Claude Code does not tell of every PreToolUse, Stop; run: claude-monitor install"


def test_hooks_that_are_switched_off_are_told(settings: Path, hook: Path, backups: Path) -> None:
    settings.write_text('{"disableAllHooks": true}')
    assert claude_settings.connection(settings) == claude_settings.Connection()
    install(settings, hook, backups)
    (told,) = claude_settings.connection(settings).troubles
    assert '"disableAllHooks" is true' in told


def test_a_newer_client_gets_the_missing_events_and_an_older_one_loses_those_it_does_not_know(
    settings: Path, hook: Path, backups: Path
) -> None:
    settings.write_text('{"model": "opus"}')
    install(settings, hook, backups, OLD)
    assert set(claude_settings.connection(settings).events) == set(EVENTS_OF_EVERY_CLIENT)
    change = install(settings, hook, backups, NEW)
    assert set(change.added) == set(EVENTS) - set(EVENTS_OF_EVERY_CLIENT)
    assert not install(settings, hook, backups, None).changed
    change = install(settings, hook, backups, OLD)
    assert set(change.removed) == set(EVENTS) - set(EVENTS_OF_EVERY_CLIENT)
    uninstall(settings, backups)
    assert settings.read_text() == '{"model": "opus"}'


def test_an_installation_elsewhere_is_updated_in_place(
    tmp_path: Path, settings: Path, hook: Path, backups: Path
) -> None:
    moved = program(tmp_path / "venv" / "bin" / "claude-monitor-hook")
    install(settings, hook, backups)
    before = settings.read_text()
    assert install(settings, moved, backups).updated == EVENTS
    assert settings.read_text() == before.replace(str(hook), str(moved))


@pytest.mark.parametrize(
    "name", ["with space", "a$HOME", "x;y", "it's", 'say"', "(1)", "a\\b", "tab\there", "*", "a&b"]
)
def test_a_path_that_a_shell_would_not_run_needs_a_client_that_uses_none(
    tmp_path: Path, settings: Path, name: str
) -> None:
    hook = program(tmp_path / name / "claude-monitor-hook")
    for version in (None, SHELL):
        with pytest.raises(SettingsError, match=r"to a shell, which would not find.* 2\.1\.139; nothing was changed"):
            claude_settings.plan(settings, hook, version)
    command = commands_planned(settings, hook, Version(2, 1, 139))
    assert subprocess.run([command], check=False).returncode == 7


@posix_only
def test_a_path_that_is_taken_for_any_client_is_run_by_a_shell(tmp_path: Path, settings: Path) -> None:
    taken = set()
    for character in [*map(chr, range(1, 127)), "ö", "€", "\u00a0"]:
        if character == "/":
            continue
        hook = program(tmp_path / f"{character}a{character}b" / "claude-monitor-hook")
        try:
            command = commands_planned(settings, hook, None)
        except SettingsError:
            continue
        taken.add(character)
        assert subprocess.run(["/bin/sh", "-c", command], check=False).returncode == 7
    assert taken >= set(string.ascii_letters + string.digits + "-_.+~%=@:,ö")


def commands_planned(settings: Path, hook: Path, version: Version | None) -> str:
    """The one command of all planned entries."""
    change = claude_settings.plan(settings, hook, version)
    events = json.loads(change.after or b"")["hooks"].values()
    (command,) = {entry["command"] for groups in events for group in groups for entry in group["hooks"]}
    assert isinstance(command, str)
    return command


def test_a_program_that_cannot_run_is_not_installed(tmp_path: Path, settings: Path, hook: Path) -> None:
    with pytest.raises(SettingsError, match="no program that can be run"):
        claude_settings.plan(settings, tmp_path / "claude-monitor-hook", NEW)
    with pytest.raises(SettingsError, match="not the absolute path"):
        claude_settings.plan(settings, Path("claude-monitor-hook"), NEW)
    with pytest.raises(SettingsError, match="not the absolute path of a claude-monitor-hook"):
        claude_settings.plan(settings, program(tmp_path / "other" / "hook"), NEW)
    if os.name == "posix":
        hook.chmod(0o644)
        with pytest.raises(SettingsError, match="no program that can be run"):
            claude_settings.plan(settings, hook, NEW)


@pytest.mark.parametrize(
    ("content", "warning"),
    [
        ('{"disableAllHooks": true}', 'line 1, column 21: "disableAllHooks" is true'),
        ('{"hooks": {"PreToolUse": [{"matcher": null, "hooks": []}]}}', "column 39: PreToolUse: a matcher"),
        ('{"hooks": {"PreToolUse": [{"matcher": "Bash"}]}}', "column 27: PreToolUse: a group"),
        ('{"hooks": {"PermissionRequest": ["x"]}}', "column 34: PermissionRequest: a group"),
        ('{"hooks": {"PreToolUse": [{"hooks": [{"type": "comand"}]}]}}', "column 38: PreToolUse: an entry needs"),
        ('{"hooks": {"PreToolUse": [{"hooks": [{"type": "command"}]}]}}', "column 38: PreToolUse: an entry of type"),
    ],
)
def test_what_keeps_the_hooks_from_running_is_a_warning_with_its_place(
    settings: Path, hook: Path, content: str, warning: str
) -> None:
    settings.write_text(content)
    (told,) = claude_settings.plan(settings, hook, NEW).warnings
    assert told.startswith(f"{settings}, line 1, ")
    assert warning in told


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        '{"disableAllHooks": false}',
        '{"hooks": {"Stop": ["x"], "PreToolUse": [{"hooks": [{"type": "prompt", "prompt": "x"}]}]}}',
    ],
)
def test_there_is_no_warning_where_the_hooks_run(settings: Path, hook: Path, content: str) -> None:
    settings.write_text(content)
    assert claude_settings.plan(settings, hook, NEW).warnings == ()


def test_an_unknown_client_is_a_warning_where_events_are_missing_for_it(
    settings: Path, hook: Path, backups: Path
) -> None:
    (warning,) = install(settings, hook, backups, None).warnings
    assert "only the events that every version knows are registered" in warning
    install(settings, hook, backups, NEW)
    assert install(settings, hook, backups, None).warnings == ()


def test_the_diff_shows_what_would_change_and_nothing_is_written(settings: Path, hook: Path) -> None:
    settings.write_bytes(b'\xef\xbb\xbf{\r\n  "model": "opus"\r\n}')
    change = claude_settings.plan(settings, hook, NEW)
    lines = change.diff().split("\n")
    assert lines[:2] == [f"--- {settings}", f"+++ {settings}"]
    assert lines[3:7] == [" {", '-  "model": "opus"', '+  "model": "opus",', '+  "hooks": {']
    assert lines[-1] == " }"
    assert settings.read_bytes() == b'\xef\xbb\xbf{\r\n  "model": "opus"\r\n}'


def test_the_diff_of_a_new_and_of_a_removed_file_names_no_file_on_the_other_side(
    settings: Path, hook: Path, backups: Path
) -> None:
    change = install(settings, hook, backups)
    assert change.diff().startswith(f"--- {os.devnull}\n+++ {settings}\n")
    assert claude_settings.plan_removal(settings).diff().startswith(f"--- {settings}\n+++ {os.devnull}\n")
    assert claude_settings.plan(settings, hook, NEW).diff() == ""


def test_the_settings_are_where_the_client_looks_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert claude_settings.settings_path({}) == tmp_path / ".claude" / "settings.json"
    assert claude_settings.settings_path({"CLAUDE_CONFIG_DIR": ""}) == tmp_path / ".claude" / "settings.json"
    moved = claude_settings.settings_path({"CLAUDE_CONFIG_DIR": str(tmp_path / "moved")})
    assert moved == tmp_path / "moved" / "settings.json"
    with pytest.raises(SettingsError, match="not an absolute path"):
        claude_settings.settings_path({"CLAUDE_CONFIG_DIR": "relative"})
