from __future__ import annotations

import dataclasses
import datetime as dt
import os
import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.config import SETTINGS, WEEKDAYS, Config, load
from monitor_core.errors import ConfigError
from monitor_core.model import HOUR_MS, MINUTE_MS
from monitor_core.rounding import Rounding
from monitor_core.toml_lines import line_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVERYTHING = """\
idle_timeout_minutes = 7.5
usage_window_hours = 3
day_starts_at = "04:30"
week_starts_on = "sunday"
timezone = "Europe/Berlin"
daily_goal_hours = 0.5

[projects]
ignored = ["~/scratch", '\\\\server\\share']

[projects.aliases]
"/home/dev/old" = "~/api"
'C:\\code\\api' = "/mnt/c/code/api"

[projects.names]
"/home/dev/api" = " Shop "

[projects.subprojects]
"~/mono" = ["packages/*", "services/*/*", ".x/svc-*"]

[notifications]
question = false
finished = false
waiting_after_seconds = 90
goal = false
break_after_minutes = 50
trouble = false
quiet_hours = "22:00-07:30"

[timesheet]
round_minutes = 6
rounding = "up"
currency = "CHF"

[timesheet.clients]
"/home/dev/api" = " Acme "
"by hand/Calls" = "Bolt"

[timesheet.rates]
"/home/dev/api" = 95
"by hand/Calls" = 120.5
'C:\\code\\api' = 0.29
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.fixture
def refused(file: Path) -> Callable[[str | bytes], str]:
    """The message that a text is refused with, without the folder."""

    def refuse(text: str | bytes) -> str:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(ConfigError) as error:
            load(file)
        message = str(error.value)
        assert message.startswith(str(file))
        return message.removeprefix(str(file.parent) + os.sep)

    return refuse


def test_without_a_file_everything_has_its_default(file: Path) -> None:
    assert load(file) == Config()
    assert Config() == Config(
        idle_timeout_ms=5 * MINUTE_MS,
        usage_window_ms=5 * HOUR_MS,
        day_starts_at=dt.time(0, 0),
        week_starts_on=0,
        timezone="system",
        goal_ms=8 * HOUR_MS,
        project_aliases={},
        ignored_projects=(),
        project_names={},
        subprojects={},
        notify_question=True,
        notify_finished=True,
        waiting_after_ms=30_000,
        notify_goal=True,
        break_after_ms=90 * MINUTE_MS,
        notify_trouble=True,
        quiet_hours=None,
        timesheet_step_min=15,
        timesheet_rounding=Rounding.NEAREST,
        timesheet_currency="EUR",
        timesheet_clients={},
        timesheet_rates={},
    )


def test_every_setting_is_read(file: Path) -> None:
    file.write_text(EVERYTHING)
    assert load(file) == Config(
        idle_timeout_ms=450_000,
        usage_window_ms=3 * HOUR_MS,
        day_starts_at=dt.time(4, 30),
        week_starts_on=6,
        timezone="Europe/Berlin",
        goal_ms=30 * MINUTE_MS,
        project_aliases={"/home/dev/old": "~/api", "C:\\code\\api": "/mnt/c/code/api"},
        ignored_projects=("~/scratch", "\\\\server\\share"),
        project_names={"/home/dev/api": "Shop"},
        subprojects={"~/mono": ("packages/*", "services/*/*", ".x/svc-*")},
        notify_question=False,
        notify_finished=False,
        waiting_after_ms=90_000,
        notify_goal=False,
        break_after_ms=50 * MINUTE_MS,
        notify_trouble=False,
        quiet_hours=(dt.time(22, 0), dt.time(7, 30)),
        timesheet_step_min=6,
        timesheet_rounding=Rounding.UP,
        timesheet_currency="CHF",
        timesheet_clients={"/home/dev/api": "Acme", "by hand/Calls": "Bolt"},
        timesheet_rates={"/home/dev/api": 9_500, "by hand/Calls": 12_050, "C:\\code\\api": 29},
    )


def test_the_text_that_reads_every_setting_has_every_setting() -> None:
    document = tomllib.loads(EVERYTHING)
    tables = {name for name, value in document.items() if isinstance(value, dict)}
    keys = {name for name in document if name not in tables}
    keys |= {f"{table}.{name}" for table in tables for name in document[table]}
    assert keys == {setting.key for setting in SETTINGS}
    assert len(SETTINGS) == len(dataclasses.fields(Config))


def as_toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def test_the_defaults_of_the_table_written_to_a_file_are_the_defaults(file: Path) -> None:
    file.write_text("\n".join(f"{setting.key} = {as_toml(setting.default)}" for setting in SETTINGS))
    assert load(file) == Config()


def test_what_is_left_out_keeps_its_default(file: Path) -> None:
    file.write_text("daily_goal_hours = 6")
    assert load(file) == dataclasses.replace(Config(), goal_ms=6 * HOUR_MS)


@pytest.mark.parametrize("data", [b"", b"\n# nothing\n", b"[projects]", b"\xef\xbb\xbf"])
def test_a_file_without_settings_is_the_defaults(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    assert load(file) == Config()


def test_a_byte_order_mark_and_windows_line_ends_are_no_obstacle(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf# mine\r\ndaily_goal_hours = 4\r\n")
    assert load(file).goal_ms == 4 * HOUR_MS


def test_each_weekday_counts_as_in_datetime(file: Path) -> None:
    for number, name in enumerate(WEEKDAYS):
        file.write_text(f'week_starts_on = "{name}"')
        assert load(file).week_starts_on == number
        assert dt.date(2026, 11, 23 + number).strftime("%A").lower() == name  # 23 November 2026 is a Monday


@pytest.mark.parametrize(
    ("hours", "goal_ms"), [("0", 0), ("24", 24 * HOUR_MS), ("7.5", 27_000_000), ("24.0", 86_400_000)]
)
def test_both_limits_of_a_number_and_parts_of_it_are_allowed(file: Path, hours: str, goal_ms: int) -> None:
    file.write_text(f"daily_goal_hours = {hours}")
    assert load(file).goal_ms == goal_ms


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("idle_timeout_minutes", '"five"', '"five"'),
        ("idle_timeout_minutes", "0", "0"),
        ("idle_timeout_minutes", "0.5", "0.5"),
        ("idle_timeout_minutes", "61", "61"),
        ("idle_timeout_minutes", "true", "true"),
        ("idle_timeout_minutes", "nan", "nan"),
        ("idle_timeout_minutes", "-inf", "-inf"),
        ("idle_timeout_minutes", "9" * 4_000, "a number of very many digits"),
        ("idle_timeout_minutes", "[5]", "a list"),
        ("idle_timeout_minutes", "{}", "a table"),
        ("idle_timeout_minutes", "2026-11-23", "2026-11-23"),
        ("usage_window_hours", "25", "25"),
        ("daily_goal_hours", "24.1", "24.1"),
        ("daily_goal_hours", "-1", "-1"),
        ("day_starts_at", '"24:00"', '"24:00"'),
        ("day_starts_at", '"4:00"', '"4:00"'),
        ("day_starts_at", '"04:00:00"', '"04:00:00"'),
        ("day_starts_at", '"0\u0664:00"', '"0\u0664:00"'),
        ("day_starts_at", "04:00:00", "04:00:00"),
        ("day_starts_at", "4", "4"),
        ("week_starts_on", '"Monday"', '"Monday"'),
        ("week_starts_on", "0", "0"),
        ("week_starts_on", "[]", "a list"),
        ("timezone", "1", "1"),
        ("timezone", '"\\u001B[31m\\u202E"', '"\\x1b[31m\\u202e"'),
        ("timezone", f'"{"x" * 100}"', f'"{"x" * 60}…"'),
        ("projects.ignored", '"/tmp"', '"/tmp"'),
        ("projects.ignored", '["/tmp", 5]', "5"),
        ("projects.ignored", '["tmp"]', '"tmp"'),
        ("projects.ignored", '["~dev/tmp"]', '"~dev/tmp"'),
        ("projects.ignored", '["/a\\u0000"]', '"/a\\x00"'),
        ("projects.aliases", "[]", "a list"),
        ("projects.names", "1", "1"),
        ("notifications.question", '"yes"', '"yes"'),
        ("notifications.question", "1", "1"),
        ("notifications.finished", "[]", "a list"),
        ("notifications.goal", '"false"', '"false"'),
        ("notifications.trouble", "{}", "a table"),
        ("notifications.waiting_after_seconds", "-1", "-1"),
        ("notifications.waiting_after_seconds", "3601", "3601"),
        ("notifications.waiting_after_seconds", "true", "true"),
        ("notifications.break_after_minutes", "721", "721"),
        ("notifications.break_after_minutes", "false", "false"),
        ("notifications.quiet_hours", "false", "false"),
        ("notifications.quiet_hours", '"22:00"', '"22:00"'),
        ("notifications.quiet_hours", '"22-7"', '"22-7"'),
        ("notifications.quiet_hours", '"22:00-24:00"', '"22:00-24:00"'),
        ("notifications.quiet_hours", '" 22:00-07:00"', '" 22:00-07:00"'),
        ("notifications.quiet_hours", '["22:00", "07:00"]', "a list"),
        ("timesheet.round_minutes", "7", "7"),
        ("timesheet.round_minutes", "0", "0"),
        ("timesheet.round_minutes", "true", "true"),
        ("timesheet.round_minutes", "[15]", "a list"),
        ("timesheet.round_minutes", '"15m"', '"15m"'),
        ("timesheet.rounding", '"Up"', '"Up"'),
        ("timesheet.rounding", "1", "1"),
        ("timesheet.rounding", "[]", "a list"),
        ("timesheet.currency", '"euro"', '"euro"'),
        ("timesheet.currency", '"eur"', '"eur"'),
        ("timesheet.currency", "1", "1"),
        ("timesheet.clients", "[]", "a list"),
        ("timesheet.rates", "95", "95"),
    ],
)
def test_a_bad_value_is_refused_with_file_line_key_value_and_what_is_allowed(
    refused: Callable[[str | bytes], str], key: str, value: str, shown: str
) -> None:
    allowed = {setting.key: setting.allowed for setting in SETTINGS}[key]
    message = refused(f"# mine\n\n{key} = {value}\n")
    assert message.startswith(f"config.toml, line 3: {key} is {shown}; it takes {allowed}")


def test_the_words_for_what_is_allowed_are_whole_sentences(refused: Callable[[str | bytes], str]) -> None:
    assert refused('\n\nidle_timeout_minutes = "five"') == (
        'config.toml, line 3: idle_timeout_minutes is "five"; it takes a number of minutes from 1 to 60'
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[projects.names]\n"/a" = "A"\n"/b" = 7', 'line 3: projects.names."/b" is 7; it takes'),
        ('[projects.names]\n"/a" = " "', 'line 2: projects.names."/a" is " "; it takes'),
        ('[projects.names]\n"/a" = "\\u202Ex"', 'line 2: projects.names."/a" is "\\u202ex"; it takes'),
        ('[projects.names]\na = "A"', 'line 2: projects.names.a is "a"; it takes'),
        ('[projects.names."/a"]\nb = 1', 'line 1: projects.names."/a" is a table; it takes'),
        ('[projects]\nnames = {"/a" = "A", "/b" = 7}', 'line 2: projects.names."/b" is 7; it takes'),
        ('[projects]\n\nnames."/b" = 7', 'line 3: projects.names."/b" is 7; it takes'),
        ('[projects.aliases]\n"/a" = "b"', 'line 2: projects.aliases."/a" is "b"; it takes'),
        ('[projects.subprojects]\n"/a" = "*"', 'line 2: projects.subprojects."/a" is "*"; it takes'),
        ('[projects.subprojects]\n"/a" = []', 'line 2: projects.subprojects."/a" is a list; it takes'),
        ('[projects.subprojects]\n"/a" = ["x", 7]', 'line 2: projects.subprojects."/a" is 7; it takes'),
        ('[projects.subprojects]\na = ["*"]', 'line 2: projects.subprojects.a is "a"; it takes'),
        ('[timesheet.clients]\n"/a" = ""', 'line 2: timesheet.clients."/a" is ""; it takes'),
        ('[timesheet.clients]\napi = "Acme"', 'line 2: timesheet.clients.api is "api"; it takes'),
        ('[timesheet.clients]\n"by hand/" = "Acme"', 'line 2: timesheet.clients."by hand/" is "by hand/"; it takes'),
        ('[timesheet.rates]\n"/a" = "95"', 'line 2: timesheet.rates."/a" is "95"; it takes'),
        ('[timesheet.rates]\n"/a" = -1', 'line 2: timesheet.rates."/a" is -1; it takes'),
        ('[timesheet.rates]\n"/a" = 100000.01', 'line 2: timesheet.rates."/a" is 100000.01; it takes'),
        ('[timesheet.rates]\n"/a" = 95.005', 'line 2: timesheet.rates."/a" is 95.005; it takes'),
        ('[timesheet.rates]\n"/a" = nan', 'line 2: timesheet.rates."/a" is nan; it takes'),
        ('[timesheet.rates]\n"/a" = true', 'line 2: timesheet.rates."/a" is true; it takes'),
    ],
)
def test_a_bad_entry_of_a_table_is_refused_by_its_own_name(
    refused: Callable[[str | bytes], str], text: str, message: str
) -> None:
    assert refused(text).startswith(f"config.toml, {message}")


@pytest.mark.parametrize(
    ("aliases", "message", "because"),
    [
        ('"/b" = "/a"\n"/a" = "/a/"', 'line 3: projects.aliases."/a" is "/a/"', "that is the folder itself"),
        (
            '"/a" = "/b"\n"/x" = "/a"\n"/b" = "/c"\n"/c" = "/a"',
            'line 5: projects.aliases."/c" is "/a"',
            "other aliases lead from there back to this folder",
        ),
    ],
)
def test_the_alias_that_closes_a_circle_is_refused(
    refused: Callable[[str | bytes], str], aliases: str, message: str, because: str
) -> None:
    said = refused(f"[projects.aliases]\n{aliases}\n")
    assert said.startswith(f"config.toml, {message}; it takes a whole path")
    assert said.endswith(f", on both sides ({because})")


@pytest.mark.parametrize(
    "pattern",
    ["", "/", "/packages", "packages/", "a//b", "./a", "a/..", "..", ".", "~/a", "a\\b", "**", "a/**/b", "a\u202e"],
)
def test_a_pattern_of_sub_projects_that_is_no_folder_within_is_refused(
    refused: Callable[[str | bytes], str], pattern: str
) -> None:
    shown = pattern.replace("\u202e", "\\u202e")
    message = refused(f"[projects.subprojects]\n'/a' = ['packages/*', '{pattern}']\n")
    assert message.startswith(f'config.toml, line 2: projects.subprojects."/a" is "{shown}"; it takes a whole path')


@pytest.mark.parametrize("pattern", ["*", "a", "...", ".a/*", "a b", "a/~", "s*v*", "\u00e9/*"])
def test_a_pattern_of_sub_projects_is_taken_as_it_stands(file: Path, pattern: str) -> None:
    file.write_text(f"[projects.subprojects]\n'/a' = ['{pattern}']\n", encoding="utf-8")
    assert load(file).subprojects == {"/a": (pattern,)}


def test_an_unknown_zone_is_refused_with_the_nearest_one(refused: Callable[[str | bytes], str]) -> None:
    message = refused('timezone = "Europe/Berln"')
    assert message.startswith('config.toml, line 1: timezone is "Europe/Berln"; it takes "system" or a name such as')
    assert "did you mean Europe/Berlin" in message


def test_quiet_hours_without_length_are_refused_with_the_reason(refused: Callable[[str | bytes], str]) -> None:
    assert refused("[notifications]\nquiet_hours = '07:00-07:00'") == (
        'config.toml, line 2: notifications.quiet_hours is "07:00-07:00"; it takes hours such as "22:00-07:00", '
        'in quotes, or "" for none (these begin and end at the same time)'
    )


@given(st.integers(0, 10_000_000))
def test_every_rate_with_two_decimals_is_taken_exactly(
    tmp_path_factory: pytest.TempPathFactory, hundredths: int
) -> None:
    file = tmp_path_factory.getbasetemp() / "rates.toml"
    file.write_text(f'[timesheet.rates]\n"/a" = {hundredths // 100}.{hundredths % 100:02}')
    assert load(file).timesheet_rates == {"/a": hundredths}


@pytest.mark.parametrize(
    ("hours", "taken"),
    [("", None), ("13:00-14:00", (dt.time(13), dt.time(14))), ("22:30-07:05", (dt.time(22, 30), dt.time(7, 5)))],
)
def test_quiet_hours_are_none_or_from_a_time_to_another(
    file: Path, hours: str, taken: tuple[dt.time, dt.time] | None
) -> None:
    file.write_text(f'[notifications]\nquiet_hours = "{hours}"')
    assert load(file).quiet_hours == taken


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("idle_timout_minutes = 5", "there is no setting idle_timout_minutes; did you mean idle_timeout_minutes?"),
        ("idle-timeout-minutes = 5", "there is no setting idle-timeout-minutes; did you mean idle_timeout_minutes?"),
        ("[project]", "there is no setting project; did you mean [projects]?"),
        ("[projects]\nalias = {}", "there is no setting projects.alias; did you mean projects.aliases?"),
        ("ignored = []", "there is no setting ignored; ignored belongs below [projects]"),
        (
            "[projects]\ntimezone = 'UTC'",
            "there is no setting projects.timezone; timezone belongs above the first line in [brackets]",
        ),
        ("projects = 1", "projects is 1; it is a table, so write [projects] on a line of its own"),
        ("[[projects]]", "projects is a list; it is a table, so write [projects] on a line of its own"),
        (
            '"a\\u202eb" = 1',
            'there is no setting "a\\u202eb"; the settings are ' + ", ".join(setting.key for setting in SETTINGS),
        ),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(
    refused: Callable[[str | bytes], str], text: str, message: str
) -> None:
    assert refused(text) == f"config.toml, line {text.count(chr(10)) + 1}: {message}"


def test_of_several_faults_the_first_in_the_file_is_named(refused: Callable[[str | bytes], str]) -> None:
    assert "line 1: there is no setting b" in refused("b = 1\na = 1\ndaily_goal_hours = 99")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"daily_goal_hours = 8\ntimezone = UTC\n", "line 2: Invalid value"),
        (b"\n\ndaily_goal_hours =", "line 3: Invalid value"),
        (b"daily_goal_hours = 8\ndaily_goal_hours = 9\n", "line 2: Cannot overwrite a value"),
        (
            b'[projects.names]\n"C:\\Users\\dev" = "x"',
            "line 2: Invalid hex value; a path with \\ goes in 'single quotes'",
        ),
        (b"# fine\n# caf\xe9\n", "line 2: this is not UTF-8; save the file as UTF-8"),
        ("timezone = 'UTC'".encode("utf-16"), "line 1: this is not UTF-8; save the file as UTF-8"),
        (b"\x00", "line 1: "),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(
    refused: Callable[[str | bytes], str], data: bytes, message: str
) -> None:
    assert refused(data).startswith(f"config.toml, {message}")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = " + b"[" * 100_000, "config.toml: brackets are nested too deeply"),
        (b"x = " + b"9" * 5_000, "config.toml: a number has too many digits"),
        (b"#" * (1 << 21), "config.toml has more than 1 MiB"),
    ],
    ids=["nested", "digits", "size"],
)
def test_hostile_texts_are_refused_with_one_sentence(
    refused: Callable[[str | bytes], str], data: bytes, message: str
) -> None:
    assert refused(data).startswith(message)


def test_a_file_that_cannot_be_read_is_refused_with_the_reason(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigError, match=r"cannot read .*config\.toml: .*; make it readable, or remove it"):
        load(file)


@given(st.text(max_size=200))
def test_any_text_gives_settings_or_one_sentence(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(text, encoding="utf-8", errors="replace")
    try:
        load(file)
    except ConfigError as error:
        assert str(error).startswith(str(file))  # noqa: PT017  either outcome is right


# Lines.


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ('a = """\nb = 1\n"""\nb = 2', ("b",), 4),
        ("a = '''\n[t]\n'''\n[t]\nb = 2", ("t", "b"), 5),
        ("a = [\n 1,\n # b = 1\n 2,\n]\nb = 2", ("b",), 6),
        ("[t]\nb = 1\n[u]\nb = 2", ("u", "b"), 4),
        ("[u]\nb = 1\n[t]\nb = 2", ("b",), None),
        ("t.b = 1\nt.c = 2", ("t", "c"), 2),
        ("[t.u]\nx = 1\n[t]\nb = 2", ("t", "b"), 4),
        ("[t.u]\nx = 1", ("t",), 1),
        ('"\\u0061" = 1', ("a",), 1),
        ("# a = 1\r\n\r\na = 2\r\n", ("a",), 3),
        ("[[t]]\nb = 1\n[[t]]\nc = 2", ("t", "c"), 4),
        ("t = {b = 1, c = 2}", ("t", "c"), 1),
        ("a = [\n" + "1,\n" * 150 + "]\nb = 2", ("b",), 153),
        ("a = [\n" + "1,\n" * 250 + "]\nb = 2", ("b",), None),
    ],
)
def test_a_key_is_on_the_line_on_which_its_statement_begins(text: str, key: tuple[str, ...], line: int | None) -> None:
    assert line_of(text, key) == line
