"""The report for all eyes: without colours, in forced ones, on a wall, from the right, on paper, scriptless."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from monitor_tray.render.figures import figures
from monitor_tray.render.html import write_report
from tests.system.browser import Browser
from tests.tray.render import samples
from tests.tray.render.samples import block, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.report import Report
    from tests.system.browser import Page

SWATCHES = {"working": ".legend .working", "attention": ".legend .attention.outlined", "waiting": ".legend .waiting"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as running:
        yield running


def greys(page: Page, selector: str, path: Path) -> list[list[int]]:
    """The rows of what is drawn there in shades of grey, four points to a pixel, without its outline."""
    where = f"document.querySelector({selector!r}).getBoundingClientRect().toJSON()"
    box = None
    while box != (box := page.evaluate(where)):  # the page may still be laid out anew while its picture is taken
        clip = {"x": box["x"] + 2, "y": box["y"] + 2, "width": box["width"] - 4, "height": box["height"] - 4}
        image = page.send("Page.captureScreenshot", captureBeyondViewport=True, clip={**clip, "scale": 4})
    path.write_bytes(base64.b64decode(image["data"]))
    with Image.open(path) as picture:
        grey = picture.convert("L")
        points = list(grey.tobytes())
        return [points[n : n + grey.width] for n in range(0, len(points), grey.width)]


def is_plain(rows: list[list[int]]) -> bool:
    return max(map(max, rows)) - min(map(min, rows)) < 8


def has_empty_rows(rows: list[list[int]]) -> bool:
    """Whether there is nothing but the ground in some row, as between dots and never in stripes."""
    return any(max(row) - min(row) < 8 for row in rows)


def left_and_right(page: Page, selector: str) -> list[list[float]]:
    """The edges of the texts themselves, not of their boxes."""
    found: list[list[float]] = page.evaluate(f"""[...document.querySelectorAll({selector!r})].map((e) => {{
      const range = document.createRange();
      range.selectNodeContents(e);
      const box = range.getBoundingClientRect();
      return [box.left, box.right];
    }})""")
    return found


@pytest.mark.parametrize("forced", ["none", "active"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_working_attention_and_waiting_differ_without_their_colours(
    browser: Browser, tmp_path: Path, dark: bool, forced: str
) -> None:
    page = browser.open(write_report(samples.a_day(), tmp_path), dark=dark)
    features = [("forced-colors", forced), ("prefers-color-scheme", "dark" if dark else "light")]
    page.send("Emulation.setEmulatedMedia", features=[{"name": name, "value": value} for name, value in features])
    seen = {name: greys(page, selector, tmp_path / "drawn.png") for name, selector in SWATCHES.items()}
    assert {name: is_plain(rows) for name, rows in seen.items()} == {
        "working": True,
        "attention": False,
        "waiting": False,
    }
    assert not has_empty_rows(seen["attention"])
    assert has_empty_rows(seen["waiting"])


def test_forced_colours_leave_no_colour_of_ours(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_week(), tmp_path))
    fills = (
        "[...new Set([...document.querySelectorAll('.map rect, .scale text')].map((e) => getComputedStyle(e).fill))]"
    )
    ours = page.evaluate(fills)
    page.send("Emulation.setEmulatedMedia", features=[{"name": "forced-colors", "value": "active"}])
    system = page.evaluate(
        "['LinkText', 'CanvasText'].map((c) => { document.body.style.outlineColor = c;"
        " return getComputedStyle(document.body).outlineColor; })"
    )
    assert len(ours) > 2
    assert set(page.evaluate(fills)) == set(system)


@pytest.mark.parametrize("sample", [samples.a_day, samples.a_year], ids=lambda s: s.__name__)
def test_a_screen_of_3840_points_shows_it_larger(
    browser: Browser, tmp_path: Path, sample: Callable[[], Report]
) -> None:
    path = write_report(sample(), tmp_path)
    width = "document.querySelector('main').getBoundingClientRect().width"
    usual, large = (browser.open(path, width=points).evaluate(width) for points in (1280, 3840))
    assert large == pytest.approx(2 * usual, rel=0.01)


@pytest.mark.parametrize("width", [360, 1000])
def test_names_begin_at_the_edge_where_the_lines_of_the_page_do(browser: Browser, tmp_path: Path, width: int) -> None:
    names = ["מערכת-שעות", "مشروع", "api"]
    sample = report({name: [block(f"{9 + n}:00", f"{9 + n}:30")] for n, name in enumerate(names)})
    page = browser.open(write_report(sample, tmp_path), width=width)
    edges = left_and_right(page, ".timeline .row .name")
    assert max(left for left, _ in edges) - min(left for left, _ in edges) < 1
    page.evaluate("document.documentElement.dir = 'rtl'")
    edges = left_and_right(page, ".timeline .row .name")
    assert max(right for _, right in edges) - min(right for _, right in edges) < 1


@pytest.mark.parametrize("sample", [samples.a_day, samples.a_week, samples.a_year], ids=lambda s: s.__name__)
def test_where_scripts_are_forbidden_the_page_is_complete_and_silent(
    browser: Browser, tmp_path: Path, sample: Callable[[], Report]
) -> None:
    page = browser.open(write_report(sample(), tmp_path), script=False)
    page.send("Accessibility.enable")
    nodes = page.send("Accessibility.getFullAXTree")["nodes"]
    seen = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n["ignored"]]
    shown = figures(sample())
    assert ("StaticText", shown.total) in seen
    assert {row.name for row in shown.projects} <= {name for _, name in seen}
    assert not {role for role, _ in seen} & {"button", "checkbox"}
    assert page.messages == []


def test_paper_offers_nothing_to_press_and_tears_no_day(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_week(), tmp_path))
    page.send("Emulation.setEmulatedMedia", media="print")
    inside = "(e) => getComputedStyle(document.querySelector(e)).breakInside"
    assert page.evaluate(f"['.matrix', '.part', '.map', 'tr'].map({inside})") == ["avoid"] * 4
    shown = (
        "[...document.querySelectorAll('button, input, .skip, details:not([open])')].filter((e) => e.checkVisibility())"
    )
    assert page.evaluate(f"{shown}.length") == 0
