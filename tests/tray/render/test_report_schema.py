"""docs/report.schema.json says what the JSON report is: every report is as it says, and nothing else would be."""

from __future__ import annotations

import copy
import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.edits import Edit, PauseCounting
from monitor_core.model import HOUR_MS, NEVER_MS, Block, Interval, UsageWindow
from monitor_core.one_project import Named, of_project
from monitor_core.pauses import Pause
from monitor_tray.render.json import report_json
from tests.tray.render import samples
from tests.tray.render.samples import MONDAY, block, instant, report, wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor_core.report import Report

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def document(sample: Report, of: Named | None = None) -> Any:
    return json.loads(report_json(sample, of=of))


def with_pauses(sample: Report) -> Report:
    """Paused over noon, and again from the evening until somebody resumes."""
    ends = [(instant(MONDAY, "12:00"), instant(MONDAY, "13:00")), (instant(MONDAY, "20:00"), NEVER_MS)]
    pauses = [
        Pause(start, end, Edit("00000000", start, PauseCounting(start, None if end == NEVER_MS else end)))
        for start, end in ends
    ]
    return msgspec.structs.replace(sample, pauses=tuple(pauses))


def in_milliseconds() -> Report:
    at = instant(MONDAY, "09:00")
    return report({"api": [Block(at + 1, at + 1_001, (Interval(at + 1, at + 5),), open=True)]})


EVERYTHING = with_pauses(samples.a_day())
SAMPLES = {
    "empty": samples.an_empty_day(),
    "day": samples.a_day(),
    "week": samples.a_week(),
    "pauses": EVERYTHING,
    "hostile": samples.a_hostile_day(),
    "an event without time": samples.a_lone_stop(),
    "only an end": samples.a_day_that_only_ended(),
    "milliseconds": in_milliseconds(),
    "an offset with seconds": report(
        {"api": [block("09:00", "10:00", day=dt.date(1971, 3, 1), zone="Africa/Monrovia")]},
        first=dt.date(1971, 3, 1),
        zone="Africa/Monrovia",
    ),
}


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_a_report_is_as_the_schema_says(sample: Report) -> None:
    VALIDATOR.validate(document(sample))


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_so_is_the_report_of_each_of_its_projects(sample: Report) -> None:
    for project in sample.projects:
        VALIDATOR.validate(document(of_project(sample, project.path), Named(project.name, project.path)))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    blocks: dict[str, list[Block]] = {}
    start = instant(MONDAY, "00:00")
    for name in draw(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), unique=True, max_size=3)):
        edges = sorted(draw(st.lists(st.integers(0, 72 * HOUR_MS), max_size=8, unique=True)))
        blocks[name] = [
            Block(start + a, start + b, (Interval(start + a, start + (a + b) // 2),), open=draw(st.booleans()))
            for a, b in zip(edges[::2], edges[1::2], strict=False)
        ]
    windows = [UsageWindow(start, start + 5 * HOUR_MS, draw(st.integers(1, 99)))] if draw(st.booleans()) else []
    waits = {name: [wait("09:00", "09:30")] for name in blocks if draw(st.booleans())}
    return report(blocks, last=MONDAY + dt.timedelta(2), windows=windows, waits=waits)


@given(reports())
def test_any_report_is_as_the_schema_says(sample: Report) -> None:
    VALIDATOR.validate(document(sample))


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """All objects of a document, but those whose keys are names of projects."""
    if isinstance(node, dict):
        if "date" in node:
            yield node
            return
        yield node
        for inner in node.values():
            yield from objects(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from objects(inner)


def changed(at: int) -> tuple[Any, dict[str, Any]]:
    """A fresh document that has everything, and its object number ``at``."""
    whole = copy.deepcopy(document(EVERYTHING))
    return whole, list(objects(whole))[at]


COUNT = len(list(objects(document(EVERYTHING))))


@pytest.mark.parametrize("at", range(COUNT))
def test_a_field_that_is_not_documented_fails(at: int) -> None:
    whole, found = changed(at)
    found["surprise"] = 1
    assert not VALIDATOR.is_valid(whole)


@pytest.mark.parametrize("at", range(COUNT))
def test_a_field_that_is_missing_or_of_another_kind_fails(at: int) -> None:
    for key in list(changed(at)[1]):
        whole, found = changed(at)
        del found[key]
        assert not VALIDATOR.is_valid(whole), key
        whole, found = changed(at)
        found[key] = True if not isinstance(found[key], bool) else 1
        assert not VALIDATOR.is_valid(whole), key


def test_every_field_is_described() -> None:
    def check(node: Any, name: str) -> None:
        if isinstance(node, dict):
            for key, field in node.get("properties", {}).items():
                target = SCHEMA["$defs"][field["$ref"].rpartition("/")[2]] if "$ref" in field else {}
                assert "description" in {**target, **field}, f"{name}.{key}"
                check(field, f"{name}.{key}")
            check(node.get("items"), name)

    check(SCHEMA, "report")
    for name, definition in SCHEMA["$defs"].items():
        check(definition, name)
