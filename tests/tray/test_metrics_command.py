"""`claude-monitor metrics`: what a running tray tells, read as Prometheus reads it, and what stands of it elsewhere."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor_core.wire import encode
from monitor_tray.clock import now_ms
from tests.tray.command_line import CommandLine, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor_core.wire import WireEvent

ROOT = Path(__file__).parents[2]
PREFIX = "claude_monitor_"
DASHBOARD = ROOT / "packaging" / "grafana-dashboard.json"


class Told:
    """The exposition, taken apart by Prometheus's own reader."""

    def __init__(self, text: str) -> None:
        self.families = {
            family.name.removeprefix(PREFIX) + ("_total" if family.type == "counter" else ""): family
            for family in text_string_to_metric_families(text)
        }
        self.samples = {
            (sample.name.removeprefix(PREFIX), tuple(sorted(sample.labels.items()))): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        return self.samples[name, tuple(sorted(labels.items()))]


def told(monitor: CommandLine) -> Told:
    return Told(monitor.ok("metrics"))


@pytest.fixture
def working(monitor: CommandLine, wire: Callable[..., WireEvent]) -> CommandLine:
    """A tray that took four events of one session over the pipe, one of them twice, and one of the spool."""
    at = now_ms() - 60_000
    monitor.paths.create()
    left = wire(at - 1, "UserPromptSubmit", took_us=900)
    (monitor.paths.spool_new / f"{left.t}-{left.id}.json").write_bytes(encode(left))
    monitor.start_tray()
    wait_until(lambda: told(monitor).value("events_stored_total") == 1)
    lines = [
        encode(wire(at + k, kind, took_us=20_000))
        for k, kind in enumerate(("PreToolUse", "PostToolUse", "Invented", "Stop"))
    ]
    monitor.ok("replay", "-", stdin=b"".join([*lines, lines[0]]))
    return monitor


def test_events_are_told_by_kind_and_by_where_they_came_from(working: CommandLine) -> None:
    found = told(working)
    assert found.value("up") == 1
    assert found.value("events_total", kind="PreToolUse", source="pipe") == 2
    assert found.value("events_total", kind="other", source="pipe") == 1
    assert found.value("events_total", kind="UserPromptSubmit", source="spool") == 1
    assert found.value("events_stored_total") == 5
    assert found.value("events_duplicate_total") == 1


def test_times_are_told_in_seconds_and_their_buckets_add_up(working: CommandLine) -> None:
    found = told(working)
    assert found.value("hook_seconds_count") == 6
    assert found.value("hook_seconds_sum") == pytest.approx(5 * 0.020 + 0.0009)
    assert found.value("hook_seconds_bucket", le="0.01") == 1
    assert found.value("hook_seconds_bucket", le="0.025") == 6
    assert found.value("acknowledgement_seconds_count") == 5
    assert 0 < found.value("acknowledgement_seconds_sum") < 5


def test_a_line_that_is_no_event_is_counted_as_refused(working: CommandLine) -> None:
    from monitor_tray import pipe  # noqa: PLC0415  what other tests here do not need

    pipe.exchange(working.paths, [b"nonsense\n"], 5.0)
    assert told(working).value("refused_total", reason="no_event") == 1


def test_the_caches_tell_how_often_they_found_something(working: CommandLine) -> None:
    found = told(working)
    assert found.value("cache_misses_total", cache="streams") == 1
    assert found.value("cache_hits_total", cache="streams") == 5


def test_nothing_that_a_person_named_is_in_it(monitor: CommandLine, turn: Callable[..., bytes]) -> None:
    monitor.start_tray()
    monitor.ok("replay", "-", stdin=turn(cwd="/home/dev/secret-project", session_id="secret-session"))
    assert "secret" not in monitor.ok("metrics") + monitor.ok("metrics", "--json")


def test_json_is_what_the_tray_told(working: CommandLine) -> None:
    found = json.loads(working.ok("metrics", "--json"))
    assert (found["stored"], found["duplicates"]) == (5, 1)
    assert found["process"]["threads"] >= 3


class TestTextfile:
    def test_it_is_replaced_and_may_be_read_by_all(self, working: CommandLine, tmp_path: Path) -> None:
        file = tmp_path / "claude-monitor.prom"
        file.write_text("old")
        assert working.ok("metrics", "--textfile", str(file)) == ""
        assert Told(file.read_text()).value("events_stored_total") == 5
        assert [path for path in tmp_path.iterdir() if path.suffix in {".prom", ".new"}] == [file]
        if os.name == "posix":
            assert stat.S_IMODE(file.stat().st_mode) == 0o644

    def test_without_a_tray_it_says_so_and_nothing_else(self, monitor: CommandLine, tmp_path: Path) -> None:
        file = tmp_path / "claude-monitor.prom"
        monitor.ok("metrics", "--textfile", str(file))
        found = Told(file.read_text())
        assert (found.value("up"), len(found.samples)) == (0, 1)

    def test_a_folder_that_is_not_there_is_named(self, working: CommandLine) -> None:
        assert "cannot write /nowhere/x.prom" in working.fails("metrics", "--textfile", "/nowhere/x.prom")

    def test_it_is_not_for_json(self, monitor: CommandLine) -> None:
        assert "leave out --json" in monitor.fails("metrics", "--json", "--textfile", "x.prom", status=2)


def test_without_a_tray_it_says_how_to_start_one(monitor: CommandLine) -> None:
    assert "not running: claude-monitor tray" in monitor.fails("metrics")


class TestWhatIsWrittenAboutThem:
    def test_the_document_lists_what_is_told(self, working: CommandLine) -> None:
        rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)
        listed = {name: (kind, frozenset(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
        real = {
            name if family.type != "info" else f"{name}_info": (
                "gauge" if family.type == "info" else family.type,
                frozenset(label for sample in family.samples for label in sample.labels) - {"le"},
            )
            for name, family in told(working).families.items()
        }
        # The reader takes an info, which the old form of the text has no word for, as the gauge that it is written as.
        assert listed == real

    def test_the_dashboard_shows_what_is_told(self, working: CommandLine) -> None:
        samples = {name for name, _ in told(working).samples}
        dashboard = json.loads(DASHBOARD.read_text())
        asked = set(re.findall(rf"{PREFIX}(\w+)", json.dumps(dashboard)))
        assert asked
        assert asked <= samples
        assert all(target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", []))
