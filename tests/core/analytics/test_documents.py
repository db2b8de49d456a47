"""The constants of docs/analytics.md are those of the code, and every kind of insight stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from monitor_core import model
from monitor_core.analytics import Insight, claude, focus, rhythm
from monitor_core.model import MINUTE_MS

DOCUMENT = (Path(__file__).parents[3] / "docs/analytics.md").read_text(encoding="utf-8")


def test_every_constant_is_documented_with_its_value() -> None:
    listed = {
        name: int(value) * (MINUTE_MS if unit else 1)
        for name, value, unit in re.findall(r"^\| `([A-Z_]+)` \| (\d+)( min)? \|", DOCUMENT, re.MULTILINE)
    }
    points = {"DEEP_POINTS", "FLOW_POINTS", "WHOLE_POINTS"}  # they stand in the formula of the score
    own = {
        name: value
        for part in (claude, focus, rhythm)
        for name, value in vars(part).items()
        if name.isupper() and type(value) is int and not hasattr(model, name) and not name.startswith("_")
    }
    assert listed == {name: value for name, value in own.items() if name not in points}
    formula = f"{focus.DEEP_POINTS} × deep ÷ T + {focus.FLOW_POINTS} × flow ÷ T + {focus.WHOLE_POINTS} × (1"
    assert formula in DOCUMENT
    assert sum(own[name] for name in points) == 100


def test_every_kind_of_insight_is_documented_in_its_order() -> None:
    table = DOCUMENT.split("## Insights")[1]
    assert re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE) == [made.kind for made in get_args(Insight)]
