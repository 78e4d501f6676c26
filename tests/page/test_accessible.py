"""axe-core finds no violation of WCAG 2.2 A and AA: light and dark, wide and on a phone."""

from __future__ import annotations

import json
from pathlib import Path

import axe_playwright_python
import pytest

from tests.page.conftest import NewVisit, PageServer, Site

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


def violations(visit, state: str) -> list[str]:  # type: ignore[no-untyped-def]
    # Gradio's own sign that it starts may outlast our being ready on a busy machine.
    visit.page.locator("p.loading").first.wait_for(state="hidden")
    visit.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = visit.page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    return [
        f"{state}: {v['id']} ({v['help']}): {json.dumps([n['html'][:160] for n in v['nodes']][:3])}"
        for v in found["violations"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_violation(
    new_visit: NewVisit, site: Site, server: PageServer, scheme: str, width: int
) -> None:
    found: list[str] = []
    visit = new_visit(server.url, width=width, scheme=scheme).open()
    assert visit.page.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")
    found += violations(visit, "opened")
    visit.page.click("#pa-policy input")
    visit.page.locator("#pa-policy [role=option]").first.wait_for()
    visit.page.wait_for_timeout(400)  # milliseconds, in which Gradio fades the list in
    found += violations(visit, "choosing")
    visit.page.keyboard.press("Escape")
    for question in ("Do you share my data?", "Do you use bcrypt?", "Write me a poem", "data", ""):
        visit.ask(question)
    found += violations(visit, "asked")
    visit.page.locator(".pa-cite").first.click()
    visit.marked()
    found += violations(visit, "reading")
    rated = new_visit(site.server.url, width=width, scheme=scheme).open("?policy=nobody")
    rated.page.wait_for_selector("#pa-top .pa-notice")
    rated.ask("Do you sell my e-mail address?").locator("[data-action=helpful]").click()
    rated.page.click(".pa-read")
    rated.page.wait_for_selector("#pa-panel table")
    found += violations(rated, "rating, and a table")
    assert found == []
