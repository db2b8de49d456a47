"""The report under somebody's hands: choosing projects, stepping through days, by keys alone; on paper; by axe-core."""

from __future__ import annotations

import base64
import re
import zlib
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from monitor_core.intervals import length_ms, union
from monitor_tray.render.figures import figures
from monitor_tray.render.html import report_html, write_report
from tests.system.axe import violations
from tests.system.browser import Browser
from tests.tray.render import samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor_core.report import Report
    from tests.system.browser import Page

KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowLeft": 37, "ArrowRight": 39}
JUDGED = [
    *(samples.a_day, samples.a_week, samples.a_month, samples.a_year),
    *(samples.an_empty_day, samples.a_hostile_day, samples.a_day_in_every_plane),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as running:
        yield running


def texts(page: Page, selector: str) -> list[str]:
    """The texts of what can be seen of them."""
    expression = f"[...document.querySelectorAll({selector!r})].filter((e) => e.checkVisibility())"
    found: list[str] = page.evaluate(f"{expression}.map((e) => e.innerText.trim())")
    return found


def press(page: Page, key: str, *, shift: bool = False) -> None:
    code = {"key": key, "windowsVirtualKeyCode": KEYS[key], "modifiers": 8 if shift else 0}
    text = {"Enter": "\r", " ": " "}.get(key)
    page.send("Input.dispatchKeyEvent", type="keyDown", **code, **({"text": text} if text else {}))
    page.send("Input.dispatchKeyEvent", type="keyUp", **code)


def focused(page: Page) -> str:
    words: str = page.evaluate(
        "((e) => (e.labels?.[0] ?? e).innerText.trim().split('\\n')[0] || e.ariaLabel)(document.activeElement)"
    )
    return words


def tab_to(page: Page, words: str) -> None:
    """Presses the tab key until what says ``words`` has the focus."""
    for _ in range(60):
        press(page, "Tab")
        if focused(page) == words:
            return
    pytest.fail(f"{words!r} cannot be reached with the tab key")


def choose(page: Page, *numbers: int) -> None:
    page.evaluate(f"""(() => {{
      for (const box of document.querySelectorAll('#filter input')) {{
        if (box.checked !== {list(numbers)}.includes(Number(box.value))) box.click();
      }}
    }})()""")


def of_projects(report: Report, numbers: list[int]) -> Report:
    """The report of some of its projects alone."""
    projects = [report.projects[number] for number in numbers]
    blocks = [b for p in projects for b in p.blocks]
    total = length_ms(union((b.start_ms, b.end_ms) for b in blocks))
    return msgspec.structs.replace(
        report,
        projects=tuple(projects),
        total_ms=total,
        parallel_ms=sum(p.active_ms for p in projects) - total,
        working_ms=length_ms(union(i for b in blocks for i in b.working)),
        days=(msgspec.structs.replace(report.days[0], total_ms=total),),
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("sample", JUDGED, ids=lambda sample: sample.__name__)
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, sample: Callable[[], Report], dark: bool) -> None:
    assert violations(browser.open(write_report(sample(), tmp_path), dark=dark)) == []


def test_axe_finds_what_is_wrong(browser: Browser, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<p style='color: #aaa'>pale</p><input>", encoding="utf-8")
    assert {"color-contrast", "html-has-lang", "label"} <= {rule for rule, *_ in violations(browser.open(bad))}


@pytest.mark.parametrize("numbers", [[0], [1, 2], [0, 1, 3], [3]])
def test_the_totals_of_a_choice_are_those_of_a_report_of_it(
    browser: Browser, tmp_path: Path, numbers: list[int]
) -> None:
    report = samples.a_day()
    page = browser.open(write_report(report, tmp_path))
    choose(page, *numbers)
    expected = figures(of_projects(report, numbers))
    assert texts(page, ".figure") == [expected.total]
    assert texts(page, ".projects tbody .name") == [row.name for row in expected.projects]
    assert texts(page, ".projects tbody td.number:nth-child(2)") == [row.time for row in expected.projects]
    assert texts(page, ".projects tbody .share") == [f"{row.percent} %" for row in expected.projects]
    assert texts(page, ".projects .parallel td.number") == ([expected.parallel] if expected.parallel else [])
    assert texts(page, ".projects .sum td.number") == [expected.total]
    assert len(texts(page, ".timeline .row[data-project]")) == len(numbers)
    assert texts(page, "#chosen") == [f"{len(numbers)} of 4 projects"]


def test_a_choice_taken_back_leaves_the_page_as_it_was(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_week(), tmp_path))
    before = texts(page, "body")
    choose(page, 0)
    assert texts(page, "body") != before
    page.evaluate("document.getElementById('all').click()")
    assert texts(page, "body") == before


def test_the_days_of_a_choice_add_up_in_the_table_of_a_week(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_week(), tmp_path))
    choose(page, 1)
    assert texts(page, ".matrix tbody tr") == ["website\t–\t–\t1:30\t1:15\t1:20\t–\t–\t4:05"]
    assert texts(page, ".matrix tfoot .sum") == ["Total\t–\t–\t1:30\t1:15\t1:20\t–\t–\t4:05"]
    assert not [text for text in texts(page, ".matrix .parallel td") if text != "–"]
    assert texts(page, ".part .sum td") == ["0 m", "0 m", "1 h 30 m", "1 h 15 m", "1 h 20 m"]


def test_no_project_at_all_is_a_choice(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_week(), tmp_path))
    page.evaluate("document.getElementById('none').click()")
    assert texts(page, ".figure") == ["0 m"]
    assert texts(page, ".projects tbody tr") == []
    assert page.messages == []


def test_the_address_remembers_the_choice_and_the_day(browser: Browser, tmp_path: Path) -> None:
    path = write_report(samples.a_week(), tmp_path)
    page = browser.open(path)
    choose(page, 1)
    page.evaluate("document.getElementById('single').click()")
    page.evaluate("document.querySelector('[data-step=\"-1\"]').click()")
    assert page.evaluate("location.hash") == "#at=2026-11-26&only=1"
    again = browser.open(path, fragment="#at=2026-11-26&only=1")
    assert texts(again, ".part h3") == ["Thursday, 26 November 2026"]
    assert texts(again, ".figure") == ["4 h 05 m"]
    assert again.messages == []


@pytest.mark.parametrize("fragment", ["#at=nowhere", "#only=99", "#only=x.y", "#%E0%A4%A", "#2026-11-25"])
def test_an_address_that_means_nothing_still_shows_the_page(browser: Browser, tmp_path: Path, fragment: str) -> None:
    page = browser.open(write_report(samples.a_week(), tmp_path), fragment=fragment)
    assert page.messages == []
    assert len(texts(page, ".part h3")) == 7


def test_all_of_it_works_by_keys_alone(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_month(), tmp_path))
    press(page, "Tab")
    assert focused(page) == "Skip to the report"
    tab_to(page, "Choose projects")
    press(page, "Enter")
    tab_to(page, "project-00")
    press(page, " ")
    assert texts(page, "#chosen") == ["4 of 5 projects"]
    tab_to(page, "One at a time")
    press(page, "Enter")
    assert texts(page, ".part h3") == ["Friday, 27 November 2026"]
    press(page, "ArrowLeft")
    assert texts(page, ".part h3") == ["Thursday, 26 November 2026"]
    press(page, "ArrowLeft", shift=True)
    assert texts(page, ".part h3") == ["Monday, 16 November 2026"]
    press(page, "ArrowRight")
    assert texts(page, "#where") == ["17 of 30: Tuesday, 17 November 2026"]
    tab_to(page, "Next week")
    press(page, "Enter")
    assert texts(page, ".part h3") == ["Monday, 23 November 2026"]
    assert page.messages == []


def test_without_its_script_everything_is_there_and_nothing_offers_what_it_cannot_do(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "still.html"
    path.write_text(re.sub(r"<script>.*?</script>", "", report_html(samples.a_week()), flags=re.DOTALL), "utf-8")
    page = browser.open(path)
    assert len(texts(page, ".part h3")) == 7
    assert texts(page, "button, input, #filter summary") == []


@pytest.mark.parametrize("width", [360, 1000, 3840])
@pytest.mark.parametrize("sample", [samples.a_day, samples.a_week, samples.a_year], ids=lambda s: s.__name__)
def test_nothing_sticks_out_whichever_way_the_text_runs(
    browser: Browser, tmp_path: Path, sample: Callable[[], Report], width: int
) -> None:
    page = browser.open(write_report(sample(), tmp_path), width=width)
    for direction in ("ltr", "rtl"):
        page.evaluate(f"document.documentElement.dir = {direction!r}")
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_lengths_read_from_the_left_on_a_page_that_does_not(browser: Browser, tmp_path: Path) -> None:
    page = browser.open(write_report(samples.a_day(), tmp_path))
    page.evaluate("document.documentElement.dir = 'rtl'")
    edges = page.evaluate("""[...document.querySelectorAll('.projects td.number, .legend strong, .figure, dd')]
      .filter((e) => e.textContent.length > 2 && e.checkVisibility()).map((e) => {
        const left = (at) => {
          const range = document.createRange();
          range.setStart(e.firstChild, at);
          range.setEnd(e.firstChild, at + 1);
          return range.getBoundingClientRect().left;
        };
        return [left(0), left(e.textContent.trim().length - 1)];
      })""")
    assert len(edges) > 10
    assert all(first < last for first, last in edges)


@pytest.mark.parametrize(
    ("sample", "most"),
    [(samples.a_day, 3), (samples.a_week, 5), (samples.a_month, 9)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_printed_report_is_a_few_pages_of_paper(
    browser: Browser, tmp_path: Path, sample: Callable[[], Report], most: int
) -> None:
    page = browser.open(write_report(sample(), tmp_path))
    printed = page.send("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
    pdf = base64.b64decode(printed["data"])
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= most
    (left, bottom, right, top) = box(pdf)
    assert (round(right - left), round(top - bottom)) in {(595, 842), (596, 842)}  # A4 in points


def box(pdf: bytes) -> Any:
    found = re.search(rb"/MediaBox\s*\[([^]]*)\]", pdf)
    if found is None:
        streams = b"".join(map(zlib.decompress, re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)))
        found = re.search(rb"/MediaBox\s*\[([^]]*)\]", streams)
    assert found
    return tuple(map(float, found[1].split()))
