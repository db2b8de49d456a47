"""axe-core's verdict on a page: which of its rules for accessibility the page breaks."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.system.browser import Page

_RUN = """axe.run().then(({violations}) => violations.map(
  ({id, nodes}) => [id, ...nodes.map(({html, failureSummary}) => `${html.slice(0, 200)} ${failureSummary}`)]))"""


def violations(page: Page) -> list[Any]:
    """Each broken rule with the elements that break it; every part of the page that can be unfolded is."""
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    page.evaluate(resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    answer = page.send("Runtime.evaluate", expression=_RUN, awaitPromise=True, returnByValue=True)
    if "exceptionDetails" in answer:
        raise AssertionError(answer["exceptionDetails"])
    found: list[Any] = answer["result"]["value"]
    return found
