"""What a template was compiled to serves the next process, and is never more than a help."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, NoReturn

import jinja2
import pytest

from monitor_tray.render.compiled_templates import CompiledTemplates
from monitor_tray.render.html import report_html
from tests.tray.render import samples

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "Hello {{ name }}!"


def greeting(folder: Path, source: str = SOURCE) -> str:
    """As a process of its own has it: with an environment that knows no template yet."""
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"t": source}), bytecode_cache=CompiledTemplates(folder), autoescape=True
    )
    return environment.get_template("t").render(name="you")


def refuse(*_: object, **__: object) -> NoReturn:
    raise AssertionError


def test_the_next_process_does_not_compile_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert greeting(tmp_path) == "Hello you!"
    monkeypatch.setattr(jinja2.Environment, "compile", refuse)
    assert greeting(tmp_path) == "Hello you!"
    with pytest.raises(AssertionError):
        greeting(tmp_path, "Goodbye {{ name }}!")


def test_of_another_text_it_is_made_anew(tmp_path: Path) -> None:
    greeting(tmp_path)
    assert greeting(tmp_path, "Goodbye {{ name }}!") == "Goodbye you!"
    assert greeting(tmp_path) == "Hello you!"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_that_is_of_no_use_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    greeting(tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        assert greeting(tmp_path) == "Hello you!"
        assert file.read_bytes() == whole
    file.write_bytes(b"something else")
    assert greeting(tmp_path) == "Hello you!"
    monkeypatch.setattr(jinja2.Environment, "compile", refuse)
    assert greeting(tmp_path) == "Hello you!"


def test_where_there_is_no_folder_there_is_a_page_all_the_same(tmp_path: Path) -> None:
    assert greeting(tmp_path / "missing") == "Hello you!"
    assert list(tmp_path.iterdir()) == []


def test_the_page_is_the_same(tmp_path: Path) -> None:
    assert report_html(samples.a_day(), compiled_in=tmp_path) == report_html(samples.a_day())
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
