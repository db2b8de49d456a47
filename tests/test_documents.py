"""What the documents say of the product is true of it: commands, settings, examples, words, links."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from monitor_core import accounting, config, model, turns
from monitor_core.config import SETTINGS
from monitor_tray.commands import COMMANDS, cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Shell = Callable[[str], subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
ACCOUNTING = (ROOT / "docs/time-accounting.md").read_text(encoding="utf-8")
ACCOUNTING_TESTS = (ROOT / "tests/core/test_accounting.py").read_text(encoding="utf-8")
#: Nothing in these was written by hand.
_MADE = {"build", "dist", "node_modules"}
DOCUMENTS = [
    path
    for path in sorted(ROOT.rglob("*.md"))
    if not any(part.startswith(".") or part in _MADE for part in path.relative_to(ROOT).parts)
]
DECISIONS = sorted((ROOT / "docs/decisions").iterdir())

#: Words that people read in the report of docs/example.jsonl and in the status, with the glossary's term for each.
SHOWN = {
    "Claude working": "working",
    "your attention": "attention",
    "Total": "total",
    "In parallel": "parallel",
    "First to last": "span",
    "Idle": "idle",
    "Agent time": "agent time",
    "Share": "share",
    "streak": "streak",
    "quarters of the best day": "calendar",
    "work blocks": "work block",
    "Usage windows": "usage window",
    "5-hour window": "usage window",
    "Prompts": "prompt",
    "Projects": "project",
    "Events": "event",
    "Hook": "hook",
    "Tray": "tray",
    "Spool": "spool",
    "Home": "home",
}
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
for_a_posix_shell = pytest.mark.skipif(sys.platform == "win32", reason="the examples are for a POSIX shell")


def by_path(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def section(text: str, title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section {title}"
    return found[1]


def table(text: str) -> list[list[str]]:
    """The cells of the first table's rows, without its head."""
    lines = text[text.index("\n|") :].strip().split("\n\n")[0].splitlines()
    rows = [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines[2:]]
    return [[cell.strip().replace("\\|", "|") for cell in row] for row in rows]


def commands(group: click.Group, *names: str) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *names, name)
        else:
            yield " ".join((*names, name)), command


def examples(text: str) -> list[tuple[str, str]]:
    """Each command line of the ``console`` blocks, and what stands below it."""
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(line, shown) for block in blocks for line, shown in _COMMAND.findall(block)]


def is_safe(line: str) -> bool:
    """Whether it reads, or writes into the home only, and starts nothing that stays."""
    if "--open" in line or not line.startswith("claude-monitor "):
        return False
    words = line.split()
    return words[1] in {"today", "week", "month", "report", "projects", "status", "replay"} or "--dry-run" in words


EXAMPLES = [(line, shown) for line, shown in examples(README) if is_safe(line)]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Runs a line as a person would in the checkout, with a home of its own, into which the example was replayed."""
    environment = {
        "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.defpath}",
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "CLAUDE_MONITOR_HOME": str(tmp_path / "monitor"),
        "TZ": "UTC",
        "PYTHONUTF8": "1",
    }

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", line], cwd=ROOT, env=environment, capture_output=True, check=False, encoding="utf-8"
        )

    return run


class TestCommands:
    def test_the_readme_lists_every_command_with_its_options(self) -> None:
        listed = {}
        for usage, _ in table(section(README, "Commands")):
            words = re.match(r"`claude-monitor ((?:[a-z]+ ?)+)", usage)
            assert words, usage
            listed[words[1].strip()] = set(re.findall(r"--[a-z-]+", usage))
        real = {
            name: {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
            for name, command in commands(cli)
        }
        assert listed == real

    def test_the_readme_lists_commands_in_the_order_of_the_program(self) -> None:
        listed = list(dict.fromkeys(usage.split()[1].strip("`") for usage, _ in table(section(README, "Commands"))))
        assert listed == list(COMMANDS)

    @pytest.mark.parametrize("document", DOCUMENTS, ids=by_path)
    def test_no_document_mentions_a_command_that_does_not_exist(self, document: Path) -> None:
        mentioned = re.findall(r"\bclaude-monitor\s+([a-z]\w*)", document.read_text(encoding="utf-8"))
        assert set(mentioned) <= set(COMMANDS)

    def test_the_readme_lists_every_make_target(self) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        targets = re.findall(r"^([a-z-]+):.*## (.+)$", makefile, re.MULTILINE)
        assert table(section(README, "Development")) == [[f"`make {name}`", meaning] for name, meaning in targets]


class TestSettings:
    def test_the_readme_lists_every_setting_as_the_program_knows_it(self) -> None:
        listed = table(section(README, "Settings"))
        assert [(key, allowed, meaning) for key, _, allowed, meaning in listed] == [
            (f"`{setting.key}`", setting.allowed, setting.meaning) for setting in SETTINGS
        ]
        assert [_toml(default) for _, default, _, _ in listed] == [setting.default for setting in SETTINGS]

    def test_the_example_is_a_config_that_is_taken(self, tmp_path: Path) -> None:
        (example,) = re.findall(r"^```toml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
        file = tmp_path / "config.toml"
        file.write_text(example, encoding="utf-8")
        assert config.load(file) != config.Config()


def _toml(cell: str) -> Any:
    return tomllib.loads(f"value = {cell.strip('`')}")["value"]


@for_a_posix_shell
class TestExamples:
    def test_there_are_examples_of_every_command_that_can_be_tried(self) -> None:
        tried = {line.split()[1] for line, _ in EXAMPLES}
        assert tried == {"today", "week", "month", "report", "projects", "status", "replay", "install"}

    @pytest.mark.parametrize("line", [line for line, shown in EXAMPLES if not shown])
    def test_an_example_of_the_readme_runs(self, shell: Shell, line: str) -> None:
        shell("claude-monitor replay docs/example.jsonl")
        done = shell(line)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_the_examples_of_the_readme_run_one_after_the_other_in_one_home(self, shell: Shell) -> None:
        for line, _ in EXAMPLES:
            done = shell(line)
            assert done.returncode == 0, line + done.stdout + done.stderr

    def test_the_readme_shows_what_its_examples_print(self, shell: Shell) -> None:
        with_output = [(line, shown) for line, shown in EXAMPLES if shown]
        assert with_output
        for line, shown in with_output:
            assert shell(line).stdout == shown


class TestWords:
    @for_a_posix_shell
    def test_words_that_people_read_are_in_the_glossary(self, shell: Shell, tmp_path: Path) -> None:
        for line in ("replay docs/example.jsonl", f"report daily --date 2026-03-02 --format html -o {tmp_path}/page"):
            assert shell(f"claude-monitor {line}").returncode == 0
        page = html.unescape(re.sub(r"<[^>]*>", " ", (tmp_path / "page").read_text(encoding="utf-8")))
        texts = ("today --date 2026-03-02", "month --date 2026-03", "status")
        read = page + "".join(shell(f"claude-monitor {words}").stdout for words in texts)
        assert [word for word in SHOWN if word not in read] == []
        assert set(SHOWN.values()) <= set(_terms())

    def test_no_term_of_the_glossary_is_defined_twice(self) -> None:
        assert sorted(set(_terms())) == sorted(_terms())


def _terms() -> list[str]:
    return re.findall(r"^\| \*\*(.+?)\*\* \|", GLOSSARY, re.MULTILINE)


class TestWorkedExamples:
    def test_each_worked_example_is_a_test_and_each_test_stands_in_the_table(self) -> None:
        named = [test.strip("`") for _, _, test in table(section(ACCOUNTING, "Worked examples"))]
        found = re.search(r"^class TestWorkedExamples:\n(.*?)^class ", ACCOUNTING_TESTS, re.MULTILINE | re.DOTALL)
        assert found
        assert named == re.findall(r"def (test_\w+)", found[1])

    def test_every_constant_is_documented_with_its_value(self) -> None:
        units = {"s": 1_000, "min": 60_000, "h": 3_600_000}
        rows = [(name.strip("`"), *length.split()) for name, length, _ in table(section(ACCOUNTING, "Constants"))]
        listed = {name: int(count) * units[unit] for name, count, unit, *_ in rows if name.endswith("_MS")}
        own = {
            name: value
            for part in (accounting, turns)
            for name, value in vars(part).items()
            if name.endswith("_MS") and not hasattr(model, name)
        }
        assert listed == own


class TestLinks:
    @pytest.mark.parametrize("document", DOCUMENTS, ids=by_path)
    def test_every_relative_link_leads_somewhere(self, document: Path) -> None:
        text = document.read_text(encoding="utf-8")
        targets = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"", text)
        dead = [target for target in map("".join, targets) if not _leads_somewhere(document, target)]
        assert dead == []

    def test_a_dead_link_would_be_noticed(self) -> None:
        here = ROOT / "README.md"
        assert _leads_somewhere(here, "docs/glossary.md#time")
        assert not _leads_somewhere(here, "docs/glossary.md#no-such-heading")
        assert not _leads_somewhere(here, "docs/no-such-file.md")


def _leads_somewhere(document: Path, target: str) -> bool:
    if target.startswith("https://"):
        return True
    name, _, anchor = target.partition("#")
    file = document.parent / name if name else document
    if not file.exists():
        return False
    return not anchor or anchor in _anchors(file.read_text(encoding="utf-8"))


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


class TestForm:
    def test_the_changelog_has_a_section_for_what_is_not_released(self) -> None:
        changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        assert re.findall(r"^## (.*)$", changelog, re.MULTILINE)[0] == "[Unreleased]"

    @pytest.mark.parametrize("decision", DECISIONS, ids=by_path)
    def test_a_decision_has_a_number_a_context_and_consequences(self, decision: Path) -> None:
        text = decision.read_text(encoding="utf-8")
        assert text.startswith(f"# {decision.name[:4]}: ")
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]

    def test_decisions_are_numbered_without_a_gap(self) -> None:
        assert [int(decision.name[:4]) for decision in DECISIONS] == list(range(1, len(DECISIONS) + 1))
