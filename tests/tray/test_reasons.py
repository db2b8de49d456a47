"""Why the blocks of a day's page count, from the store onto the page."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from monitor_core.config import Config
from monitor_core.reporting import build_report
from monitor_core.store import Store
from monitor_tray.commands import cli
from monitor_tray.reasons import reasons_of
from monitor_tray.render.html import report_html

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).parents[2] / "docs/example.jsonl"
DAY, UTC = dt.date(2026, 3, 2), ZoneInfo("UTC")
LATER_MS = 1_780_000_000_000


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLAUDE_MONITOR_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "config.toml").write_text('timezone = "UTC"\n', encoding="utf-8")
    assert CliRunner().invoke(cli, ["replay", str(EXAMPLE)]).exit_code == 0
    return tmp_path


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with contextlib.closing(Store(home / "monitor.db")) as opened:
        yield opened


def test_every_block_of_a_day_has_its_rules_on_the_page(store: Store) -> None:
    report = build_report(store, DAY, DAY, UTC, Config(), LATER_MS)
    page = report_html(report, reasons=reasons_of(store, report, Config()))
    blocks = re.findall(r'<details data-project="\d">.*?</details>', page, re.DOTALL)
    assert len(blocks) == sum(len(project.blocks) for project in report.projects) == 2
    assert all("<li>" in block for block in blocks)
    when, who = "10:00:00 – 10:23:00, 23 min 00 s", "Claude working (session first)"
    assert re.findall("<li>(.*?)</li>", blocks[0]) == [f"{when}, {who}: the event after it shows that the turn went on"]
    assert "no gap is longer than the idle timeout of 5 m" in blocks[1]


def test_only_one_day_with_blocks_is_explained(store: Store) -> None:
    for last in (DAY + dt.timedelta(1), DAY):
        first = DAY if last != DAY else DAY - dt.timedelta(1)
        assert reasons_of(store, build_report(store, first, last, UTC, Config(), LATER_MS), Config()) is None
    empty = DAY + dt.timedelta(9)
    assert reasons_of(store, build_report(store, empty, empty, UTC, Config(), LATER_MS), Config()) is None


def test_the_command_puts_the_reasons_on_a_days_page(home: Path) -> None:
    page = home / "day.html"
    words = ["report", "daily", "--date", str(DAY), "--format", "html", "-o", str(page)]
    assert CliRunner().invoke(cli, words).exit_code == 0
    assert "the event after it shows that the turn went on" in page.read_text(encoding="utf-8")
