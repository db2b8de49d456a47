"""The report as a real browser sees it: silent, self-contained, readable in any light and at any width."""

from __future__ import annotations

import itertools
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageChops, ImageStat

from monitor_tray.printable import printable
from monitor_tray.render.figures import figures
from monitor_tray.render.html import report_html, write_report
from tests.system.browser import Browser, find_chromium
from tests.tray.render import samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.report import Report

TELEPHONE = 360
ALL = [
    *(samples.a_day, samples.a_week, samples.a_month, samples.a_year, samples.an_empty_day, samples.a_lone_stop),
    *(samples.a_day_that_only_ended, samples.a_hostile_day, samples.a_crowded_day, samples.a_day_in_every_plane),
]
every_sample = pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.__name__)

# Every text, with its colour and that of the nearest ground behind it, as WCAG's contrast ratio; the worst comes first.
CONTRASTS = """(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = channels(colour).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (channels(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || element.matches("title")) continue;
    const style = getComputedStyle(element);
    const ink = element.matches("text") ? style.fill : style.color;
    const [low, high] = [ink, ground(element)].map(luminance).sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), walk.currentNode.data.trim().slice(0, 40)]);
  }
  return found.sort((a, b) => a[0] - b[0]);
})()"""

BROKEN_PAGE = (
    """<!doctype html><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<p style="color: red">x</p><script>console.log("ran")</script><img src="https://example.invalid/x.png">
<p id="wide">"""
    + "x" * 500
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as running:
        yield running


def texts(page: Any, selector: str) -> list[str]:
    found: list[str] = page.evaluate(f"[...document.querySelectorAll({selector!r})].map((e) => e.innerText.trim())")
    return found


def overflow(page: Any) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return width


def test_without_a_chromium_the_tests_skip_with_a_reason_and_fail_where_one_is_promised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Debian package chromium"):
        find_chromium()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Debian package chromium"):
        find_chromium()


def test_a_page_that_breaks_the_rules_is_noticed(browser: Browser, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(BROKEN_PAGE, encoding="utf-8")
    page = browser.open(bad, width=TELEPHONE)
    said = "\n".join(page.messages)
    assert "inline style" in said
    assert "inline script" in said
    assert "example.invalid" in said + "\n".join(page.requests)
    assert page.evaluate("document.getElementById('wide').scrollWidth") > TELEPHONE
    light = tmp_path / "pale.html"
    light.write_text('<body style="background: #fff"><p style="color: #999">pale</p>', encoding="utf-8")
    assert browser.open(light).evaluate(CONTRASTS)[0][0] < 3


@every_sample
@pytest.mark.parametrize("width", [TELEPHONE, 1000])
def test_a_report_is_silent_asks_for_nothing_and_fits(
    browser: Browser, tmp_path: Path, sample: Callable[[], Report], width: int
) -> None:
    path = write_report(sample(), tmp_path)
    page = browser.open(path, width=width)
    assert page.messages == []
    assert page.requests == [path.as_uri()]
    assert overflow(page) == 0
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    assert overflow(page) == 0


@every_sample
def test_the_total_and_every_project_with_its_time_are_on_the_page(
    browser: Browser, tmp_path: Path, sample: Callable[[], Report]
) -> None:
    report = sample()
    shown = figures(report)
    page = browser.open(write_report(report, tmp_path))
    names = texts(page, ".projects tbody .name")
    assert texts(page, ".figure") == ([shown.total] if shown.projects else [])
    assert [name[:100] for name in names] == [row.name[:100] for row in shown.projects]
    assert texts(page, ".projects tbody td:nth-child(2)") == [row.time for row in shown.projects]
    assert texts(page, ".projects .parallel:not([hidden]) td.number") == ([shown.parallel] if shown.parallel else [])


def test_hostile_names_stay_text(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_hostile_day(), tmp_path))
    assert page.evaluate("[document.scripts.length, document.querySelectorAll('style').length]") == [1, 1]
    names = texts(page, ".projects tbody .name")
    assert printable(samples.HOSTILE) in names
    assert max(map(len, names)) < 200
    assert texts(page, ".sum .number") == ["1 h 11 m"]


def test_a_name_written_from_the_right_does_not_move_its_row(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_hostile_day(), tmp_path))
    lefts = "[...new Set([...document.querySelectorAll({!r})].map((e) => e.getBoundingClientRect().left))].length"
    assert page.evaluate(lefts.format(".projects tbody .name")) == 1
    assert page.evaluate(lefts.format(".timeline .name")) == 1
    times = "[...new Set([...document.querySelectorAll('td.number')].map((e) => getComputedStyle(e).direction))]"
    assert page.evaluate(times) == ["ltr"]


@every_sample
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(
    browser: Browser, tmp_path: Path, sample: Callable[[], Report], dark: bool
) -> None:
    page = browser.open(write_report(sample(), tmp_path), dark=dark)
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 4
    assert contrasts[0][0] >= 4.5, contrasts[0]
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(20, 23, 22)" if dark else "rgb(252, 252, 250)")


def test_an_empty_day_says_what_to_do_next(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.an_empty_day(), tmp_path, hint="Start <the tray>."))
    assert texts(page, "main") == ["No time on this day\n\nStart <the tray>."]
    assert page.evaluate("document.querySelectorAll('table').length") == 0


def test_an_open_block_is_drawn_open_and_said_to_be(browser: Browser, tmp_path: Path) -> None:
    report = samples.a_day()
    intervals = sum(len(block.working) for project in report.projects for block in project.blocks)
    page = browser.open(write_report(report, tmp_path))
    assert page.evaluate("document.querySelectorAll('.timeline path.open').length") == 1
    drawn = "[...document.querySelectorAll('.timeline path.working')].map((e) => e.getAttribute('d')).join('')"
    assert page.evaluate(drawn).count("M") == intervals
    assert "18:32" in texts(page, ".running")[0]
    ends = page.evaluate("[...document.querySelectorAll('.blocks td em')].map((e) => e.textContent)")
    assert ends == ["open"]
    closed = browser.open(write_report(samples.a_lone_stop(), tmp_path))
    assert closed.evaluate("document.querySelectorAll('.open, .running, .now').length") == 0


def test_the_blocks_lie_under_their_hours(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_day(), tmp_path))
    middle = "(e) => { const box = e.getBoundingClientRect(); return box.left + box.width / 2; }"
    ten, twelve = page.evaluate(f"[...document.querySelectorAll('.scale text')].map({middle})")[:2]
    block = page.evaluate("document.querySelector('.timeline .outlined').getBoundingClientRect().toJSON()")
    hour = (twelve - ten) / 2
    assert block["left"] == pytest.approx(ten - hour * 100 / 3600, abs=1.5)  # from 09:58:20
    assert block["right"] == pytest.approx(twelve - hour * 1030 / 3600, abs=1.5)  # to 11:42:50


@every_sample
@pytest.mark.parametrize("width", [TELEPHONE, 1000])
def test_the_hours_are_readable_and_within_the_page(
    browser: Browser, tmp_path: Path, sample: Callable[[], Report], width: int
) -> None:
    page = browser.open(write_report(sample(), tmp_path), width=width)
    sides = "(e) => { const box = e.getBoundingClientRect(); return [box.left, box.right]; }"
    column = page.evaluate(f"[...document.querySelectorAll('main')].map({sides})")[0]
    scales = "[...document.querySelectorAll('.scale')].map((e) => [...e.querySelectorAll('text')].map({}))"
    for hours in page.evaluate(scales.format(sides)):
        assert all(column[0] <= left and right <= column[1] for left, right in hours)
        assert all(one[1] + 4 < next_one[0] for one, next_one in itertools.pairwise(hours))


def test_the_page_has_its_landmarks_and_every_chart_a_table(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_day(), tmp_path))
    page.send("Accessibility.enable")
    nodes = page.send("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
    named = [(n["role"]["value"], n["name"]["value"]) for n in nodes if not n["ignored"] and "name" in n]
    assert {"banner", "main", "contentinfo", "table", "heading"} <= set(roles)
    for region in ("Total", "Projects", "Timeline", "Usage windows", "More figures"):
        assert ("region", region) in named
    assert ("heading", "Monday, 23 November 2026") in named
    page.evaluate("document.querySelector('.blocks').closest('details').open = true")
    rows = texts(page, ".blocks tbody tr")
    assert len(rows) == 7
    assert rows[0].split("\t") == ["09:58", "11:42", "api", "1 h 44 m", "1 h 31 m", "13 m", "6 m"]


def test_a_crowded_day_draws_every_block(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_crowded_day(), tmp_path))
    assert page.evaluate("document.querySelectorAll('.timeline .outlined').length") == 400
    assert page.evaluate("document.querySelectorAll('.projects tbody tr').length") == 60
    assert len(report_html(samples.a_crowded_day())) < 400_000


def test_the_icons_picture_is_the_drawing(browser: Browser, tmp_path: Path) -> None:
    icons = resources.files("monitor_assets").joinpath("icons")
    drawing = tmp_path / "claude-monitor.svg"
    drawing.write_bytes(icons.joinpath("claude-monitor.svg").read_bytes())
    page = browser.open(drawing, width=256, height=256)
    page.send("Emulation.setDeviceMetricsOverride", width=256, height=256, deviceScaleFactor=1, mobile=False)
    page.send("Emulation.setDefaultBackgroundColorOverride", color={"r": 0, "g": 0, "b": 0, "a": 0})
    with (
        Image.open(page.screenshot(tmp_path / "drawn.png")) as drawn,
        icons.joinpath("claude-monitor.png").open("rb") as file,
        Image.open(file) as shipped,
    ):
        assert (shipped.size, shipped.mode) == ((256, 256), "RGBA")
        assert shipped.getpixel((0, 0)) == (0, 0, 0, 0)
        difference = ImageStat.Stat(ImageChops.difference(drawn.convert("RGBA"), shipped.convert("RGBA")))
    assert max(difference.mean) < 1


def test_printed_pages_are_black_on_white(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_day(), tmp_path), dark=True)
    page.send("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    colours = "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
    assert page.evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
