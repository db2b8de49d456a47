"""What may not reach a terminal, a menu or a page does not."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_tray.printable import escaped, printable

BIDI_CLASSES = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
any_text = st.text(st.characters(categories=None))


@pytest.mark.parametrize("text", ["café", "データ分析", "👩‍👩‍👧‍👦", "שעות", "می‌خواهم", "a b", "(no project)"])
def test_names_of_the_world_stay_as_they_are(text: str) -> None:
    assert printable(text) == text


def test_of_all_characters_every_control_bidi_control_line_break_and_surrogate_is_replaced_and_no_letter() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    shown = printable(every)
    assert len(shown) == len(every)
    replaced = {c for c, s in zip(every, shown, strict=True) if c != s}
    breaking = {c for c in every if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}}
    reordering = {c for c in every if unicodedata.bidirectional(c) in BIDI_CLASSES} | set("\u061c\u200e\u200f")
    assert replaced == breaking | reordering | {"\ufeff"}


@given(any_text)
def test_escaping_json_changes_no_value_and_leaves_only_printable_text(text: str) -> None:
    document = escaped(json.dumps({"name": text}, ensure_ascii=False, indent=2))
    assert json.loads(document) == {"name": text}
    assert printable(document.replace("\n", "")) == document.replace("\n", "")
