"""The person's settings: what there is to set, what each takes, and reading them from ``config.toml``.

The fields of `Config` are the one place that knows a setting's default, limits and meaning; `SETTINGS` lists them for
the README and the messages. Nothing here applies a setting, and nothing writes the file.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from monitor_core import days
from monitor_core.edits import name_by_hand
from monitor_core.errors import ConfigError
from monitor_core.mistyped import meant_by
from monitor_core.model import HOUR_MS, MINUTE_MS, SECOND_MS
from monitor_core.rounding import STEPS_MIN, Rounding
from monitor_core.toml_lines import line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_MAX_BYTES = 1 << 20
_MAX_SHOWN = 60
_MAX_RATE = 100_000
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_HOURS = re.compile(f"({_TIME.pattern})-({_TIME.pattern})")
_PATH = re.compile(r"~$|~[/\\]|/|\\\\|[A-Za-z]:[/\\]")


class Setting(NamedTuple):
    """One key of ``config.toml``, a table's name before the dot. ``default`` is the value as the file would have it."""

    key: str
    default: object
    allowed: str
    meaning: str


class _Takes(NamedTuple):
    """What a setting takes, in words and as the function that makes the field's value, or raises `_UnusableError`."""

    allowed: str
    read: Callable[[object], Any]


class _UnusableError(Exception):
    """A value that a setting does not take; ``item`` is its name within a table."""

    def __init__(self, value: object, *, item: str = "", because: str = "") -> None:
        super().__init__(value)
        self.value, self.item, self.because = value, item, because


def _number(unit: str, unit_ms: int, least: int, most: int) -> _Takes:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise _UnusableError(value)
        return round(value * unit_ms)

    return _Takes(f"a number of {unit} from {least} to {most}", read)


def _read_time(value: object) -> dt.time:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise _UnusableError(value)
    return dt.time(int(found[1]), int(found[2]))


def _read_switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise _UnusableError(value)
    return value


def _read_hours(value: object) -> tuple[dt.time, dt.time] | None:
    if value == "":
        return None
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise _UnusableError(value)
    hours = _read_time(found[1]), _read_time(found[4])
    if hours[0] == hours[1]:
        raise _UnusableError(value, because="these begin and end at the same time")
    return hours


def _read_weekday(value: object) -> int:
    if value not in WEEKDAYS:
        raise _UnusableError(value)
    return WEEKDAYS.index(str(value))


def _read_timezone(value: object) -> str:
    if not isinstance(value, str):
        raise _UnusableError(value)
    if value != days.SYSTEM:
        try:
            days.zone(value)
        except ConfigError as error:
            raise _UnusableError(value, because=str(error)) from error
    return value


def _read_path(value: object) -> str:
    if not isinstance(value, str) or not _PATH.match(value) or not value.isprintable():
        raise _UnusableError(value)
    return value


def _read_project(value: object) -> str:
    if isinstance(value, str) and name_by_hand(value) and value.isprintable():
        return value
    return _read_path(value)


def _read_name(value: object) -> str:
    # What does not print could make a terminal or a menu show something else than it is.
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _UnusableError(value)
    return value.strip()


def _read_patterns(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _UnusableError(value)
    return tuple(_read_pattern(item) for item in value)


def _read_pattern(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or value.startswith("~") or "\\" in value:
        raise _UnusableError(value)
    # Two stars would look like any number of parts, which nobody could tell sub-projects by.
    if any(part in {"", ".", ".."} or "**" in part for part in value.split("/")):
        raise _UnusableError(value)
    return value


def _read_paths(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _UnusableError(value)
    return tuple(_read_path(item) for item in value)


def _read_step(value: object) -> int:
    if isinstance(value, bool) or value not in STEPS_MIN:
        raise _UnusableError(value)
    return int(str(value))


def _read_rounding(value: object) -> Rounding:
    try:
        return Rounding(str(value))
    except ValueError:
        raise _UnusableError(value) from None


def _read_currency(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch("[A-Z]{3}", value):
        raise _UnusableError(value)
    return value


def _read_rate(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MAX_RATE:
        raise _UnusableError(value)
    hundredths = round(value * 100)
    # What was written with two decimals is the float nearest to them, and so is this quotient.
    if hundredths / 100 != value:
        raise _UnusableError(value)
    return hundredths


def _table(allowed: str, read_item: Callable[[object], Any], read_key: Callable[[object], str] = _read_path) -> _Takes:
    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _UnusableError(value)
        result = {}
        for path, item in value.items():
            try:
                result[read_key(path)] = read_item(item)
            except _UnusableError as error:
                raise _UnusableError(error.value, item=path) from error
        return result

    return _Takes(allowed, read)


def _setting(key: str, default: object, takes: _Takes, meaning: str) -> Any:
    described = Setting(key, default, takes.allowed, meaning)
    return dataclasses.field(
        default_factory=lambda: takes.read(default), metadata={"setting": described, "takes": takes}
    )


_SWITCH = _Takes("true or false", _read_switch)
_A_PATH = 'a whole path, such as "/home/dev/api" or "~/api"'
_A_PROJECT = f'{_A_PATH}, or "by hand/NAME" for a project by hand'


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every setting, in the units the code works with; ``Config()`` is the defaults.

    ``week_starts_on`` counts as `datetime.date.weekday` does: 0 is Monday. ``timezone`` is `monitor_core.days.SYSTEM`
    or the name of a zone that this machine knows. Paths are as the person wrote them, with ``~`` for the home folder.
    ``quiet_hours`` are the times from which and until which they last, on the next day where the second is earlier.
    Rates are in hundredths of the currency an hour.
    """

    idle_timeout_ms: int = _setting(
        "idle_timeout_minutes",
        5,
        _number("minutes", MINUTE_MS, 1, 60),
        "A gap longer than this ends a work block.",
    )
    usage_window_ms: int = _setting(
        "usage_window_hours",
        5,
        _number("hours", HOUR_MS, 1, 24),
        "Length of the usage window that a prompt opens. Changes no duration.",
    )
    day_starts_at: dt.time = _setting(  # noqa: RUF009  it makes a `dataclasses.field`
        "day_starts_at",
        "00:00",
        _Takes('a time from "00:00" to "23:59", in quotes', _read_time),
        "When one day ends and the next begins.",
    )
    week_starts_on: int = _setting(
        "week_starts_on",
        "monday",
        _Takes(f"one of {', '.join(WEEKDAYS)}, in quotes", _read_weekday),
        "The first day of a week in reports.",
    )
    timezone: str = _setting(
        "timezone",
        days.SYSTEM,
        _Takes(f'"{days.SYSTEM}" or a name such as "Europe/Berlin"', _read_timezone),
        "The zone whose days are counted; the machine's own by default.",
    )
    goal_ms: int = _setting(
        "daily_goal_hours",
        8,
        _number("hours", HOUR_MS, 0, 24),
        "What the ring of the tray icon fills up to; 0 for no goal.",
    )
    project_aliases: Mapping[str, str] = _setting(
        "projects.aliases",
        {},
        _table(f"{_A_PATH}, on both sides", _read_path),
        "Folders that count as another folder's project.",
    )
    ignored_projects: tuple[str, ...] = _setting(
        "projects.ignored",
        [],
        _Takes(f"a list in which each entry is {_A_PATH}", _read_paths),
        "Folders whose time is not counted.",
    )
    project_names: Mapping[str, str] = _setting(
        "projects.names",
        {},
        _table(f"{_A_PATH}, and in quotes the name to show", _read_name),
        "Names to show in place of the folders' own.",
    )
    subprojects: Mapping[str, tuple[str, ...]] = _setting(
        "projects.subprojects",
        {},
        _table(
            f'{_A_PATH}, and a list of folders in it, such as ["packages/*", "services/*/*"]; '
            "a * stands within one name",
            _read_patterns,
        ),
        "Folders of a repository that are projects of their own.",
    )
    notify_question: bool = _setting(
        "notifications.question",
        True,
        _SWITCH,
        "Whether a notification tells that Claude asked something and waits for your answer.",
    )
    notify_finished: bool = _setting(
        "notifications.finished",
        True,
        _SWITCH,
        "Whether one tells that Claude's turn is over and the next prompt is yours.",
    )
    waiting_after_ms: int = _setting(
        "notifications.waiting_after_seconds",
        30,
        _number("seconds", SECOND_MS, 0, 3600),
        "How long Claude waits for you before either is told.",
    )
    notify_goal: bool = _setting(
        "notifications.goal",
        True,
        _SWITCH,
        "Whether one tells that the day's goal is reached.",
    )
    break_after_ms: int = _setting(
        "notifications.break_after_minutes",
        90,
        _number("minutes", MINUTE_MS, 0, 720),
        "After how much time without a gap longer than the idle timeout one suggests a break; 0 for never.",
    )
    notify_trouble: bool = _setting(
        "notifications.trouble",
        True,
        _SWITCH,
        "Whether one tells that something is wrong with recording or with these settings.",
    )
    quiet_hours: tuple[dt.time, dt.time] | None = _setting(
        "notifications.quiet_hours",
        "",
        _Takes('hours such as "22:00-07:00", in quotes, or "" for none', _read_hours),
        "When no notification is shown.",
    )
    timesheet_step_min: int = _setting(
        "timesheet.round_minutes",
        15,
        _Takes(f"one of {', '.join(map(str, STEPS_MIN))}", _read_step),
        "What each row of a timesheet is rounded to whole multiples of.",
    )
    timesheet_rounding: Rounding = _setting(  # noqa: RUF009  it makes a `dataclasses.field`
        "timesheet.rounding",
        Rounding.NEAREST.value,
        _Takes(f"one of {', '.join(Rounding)}, in quotes", _read_rounding),
        "Which way a row is rounded.",
    )
    timesheet_currency: str = _setting(
        "timesheet.currency",
        "EUR",
        _Takes('three capital letters in quotes, such as "EUR"', _read_currency),
        "What rates and amounts are in.",
    )
    timesheet_clients: Mapping[str, str] = _setting(
        "timesheet.clients",
        {},
        _table(f"{_A_PROJECT}, and in quotes the client's name", _read_name, _read_project),
        "Whom a project's time is for.",
    )
    timesheet_rates: Mapping[str, int] = _setting(
        "timesheet.rates",
        {},
        _table(
            f"{_A_PROJECT}, and a number from 0 to {_MAX_RATE} with at most two decimals", _read_rate, _read_project
        ),
        "What an hour of a project costs.",
    )


SETTINGS: tuple[Setting, ...] = tuple(field.metadata["setting"] for field in dataclasses.fields(Config))

_FIELDS = {tuple(field.metadata["setting"].key.split(".")): field for field in dataclasses.fields(Config)}
_TABLES = {key[0] for key in _FIELDS if len(key) > 1}
_ALIASES = ("projects", "aliases")


def load(path: Path, spelled_out: Callable[[str], str] = os.path.normpath) -> Config:
    """The settings in the file ``path``; the defaults where there is no such file.

    Paths are of one folder where they are the same when they are ``spelled_out``.

    Raises `ConfigError` for the first thing that cannot be used, naming the file, the line, the key, the value and
    what the key takes.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}; make it readable, or remove it") from error
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"{path} has more than {_MAX_BYTES >> 20} MiB, which no settings need; remove what is in it")
    text = _decode(data, path)
    document = _parse(text, path)
    values = {}
    for key, value in _settings_in(document):
        try:
            values[_FIELDS[key].name] = found = _FIELDS[key].metadata["takes"].read(value)
            if key == _ALIASES:
                _refuse_circles(found, spelled_out)
        except KeyError:
            raise ConfigError(f"{_place(path, text, key)}: {_unknown(key, value)}") from None
        except _UnusableError as error:
            setting: Setting = _FIELDS[key].metadata["setting"]
            whole = (*key, error.item) if error.item else key
            because = f" ({error.because})" if error.because else ""
            raise ConfigError(
                f"{_place(path, text, whole)}: {_dotted(whole)} is {_shown(error.value)}; "
                f"it takes {setting.allowed}{because}"
            ) from error
    return Config(**values)


def _refuse_circles(aliases: Mapping[str, str], spelled_out: Callable[[str], str]) -> None:
    """Which folder all of a circle would count as, nobody has said: the entry that closes it is refused."""
    leads_to: dict[str, str] = {}
    for folder, target in aliases.items():
        here, into = spelled_out(folder), spelled_out(target)
        end = into
        if end == here:
            raise _UnusableError(target, item=folder, because="that is the folder itself")
        while end in leads_to:
            end = leads_to[end]
        if end == here:
            raise _UnusableError(target, item=folder, because="other aliases lead from there back to this folder")
        leads_to[here] = into


def _decode(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: this is not UTF-8; save the file as UTF-8") from error


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ConfigError(f"{path}: brackets are nested too deeply; settings need two levels at most") from error
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).rpartition(" (at ")
        line = re.match(r"line ([0-9]+)", where)
        number = int(line[1]) if line else text.count("\n") + 1
        hint = "; a path with \\ goes in 'single quotes'" if "\\" in text.split("\n")[number - 1] else ""
        raise ConfigError(f"{path}, line {number}: {what or error}{hint}") from error
    except ValueError as error:  # Python's limit on the digits of a number, which tomllib lets pass
        raise ConfigError(f"{path}: a number has too many digits; no setting needs more than two") from error


def _settings_in(document: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in document.items():
        if name in _TABLES and isinstance(value, dict):
            yield from (((name, inner), item) for inner, item in value.items())
        else:
            yield (name,), value


def _unknown(key: tuple[str, ...], value: object) -> str:
    if key[0] in _TABLES and len(key) == 1:
        return f"{key[0]} is {_shown(value)}; it is a table, so write [{key[0]}] on a line of its own"
    for known in _FIELDS:
        if known[-1] == key[-1]:
            place = f"below [{known[0]}]" if len(known) > 1 else "above the first line in [brackets]"
            return f"there is no setting {_dotted(key)}; {known[-1]} belongs {place}"
    known_keys = [setting.key for setting in SETTINGS]
    near = meant_by(".".join(key)[:_MAX_SHOWN], [*known_keys, *(f"[{table}]" for table in _TABLES)], most=1)
    advice = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(known_keys)}"
    return f"there is no setting {_dotted(key)}; {advice}"


def _dotted(key: tuple[str, ...]) -> str:
    return ".".join(part if re.fullmatch("[A-Za-z0-9_-]{1,60}", part) else _shown(part) for part in key)


def _shown(value: object) -> str:
    """``value`` as a person would have written it, in one short line without control characters."""
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "a table"
        case list():
            return "a list"
    text = str(value) if not isinstance(value, int) or abs(value) < 10**_MAX_SHOWN else "a number of very many digits"
    printable = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:_MAX_SHOWN])
    shortened = printable + ("…" if len(text) > _MAX_SHOWN else "")
    return f'"{shortened}"' if isinstance(value, str) else shortened


def _place(path: Path, text: str, key: tuple[str, ...]) -> str:
    line = line_of(text, key)
    return f"{path}, line {line}" if line else str(path)
