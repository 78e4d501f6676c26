"""A reply to paste, read from the clipboard in its three forms."""

from __future__ import annotations

import html
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.page.conftest import NewVisit, PageServer, Visit

READ_HTML = """async () => {
  const [item] = await navigator.clipboard.read();
  return await (await item.getType("text/html")).text();
}"""
OPTION = "#pa-l-list [role=option][data-policy=github]"
SAYS = "We do not sell your personal data"
PATH = "How we share the information we collect › No selling of personal data"
TITLE = "GitHub Privacy Statement (effective 1 September 2022)"


@pytest.fixture
def found(new_visit: NewVisit, server: PageServer) -> Visit:
    visit = new_visit(server.url).open("lookup/")
    visit.page.fill("#pa-l-words", "do you sell my personal data")
    visit.page.locator(OPTION).first.wait_for()
    return visit


def copied(visit: Visit, form: str) -> str:
    """What the clipboard has as plain text after `c` on the first passage of GitHub's."""
    visit.page.select_option("[data-view=search] [name=form]", form)
    visit.page.locator(OPTION).first.focus()
    visit.page.keyboard.press("c")
    visit.page.get_by_text("Copied as").wait_for()
    return str(visit.page.evaluate("navigator.clipboard.readText()"))


def test_plain_text_has_quote_path_policy_date_and_link(found: Visit) -> None:
    text = copied(found, "text")
    assert SAYS in text
    assert PATH in text
    assert TITLE in text
    link = urlsplit(next(line for line in text.splitlines() if "http" in line).strip())
    assert link.netloc == urlsplit(found.url).netloc
    assert parse_qs(link.query)["version"] == ["2022-09-01"]


def test_the_link_opens_that_section_of_that_version(found: Visit, new_visit: NewVisit) -> None:
    text = copied(found, "text")
    link = next(line for line in text.splitlines() if "http" in line).strip()
    visit = new_visit(found.url)
    visit.open(link.removeprefix(f"{found.url}/"))
    visit.page.locator("#pa-panel .pa-here").wait_for()
    assert "No selling of personal data" in visit.page.locator("#pa-panel .pa-here").inner_text()


def test_markdown_has_a_quote_and_a_link(found: Visit) -> None:
    markdown = copied(found, "markdown")
    assert f"**{TITLE}**" in markdown
    assert f"> “{SAYS}" in markdown
    assert f"> [{PATH}](<{found.url}/?policy=github&version=2022-09-01" in markdown


def test_html_is_formatted_and_has_plain_text_beside_it(found: Visit) -> None:
    text = copied(found, "html")
    assert TITLE in text
    formatted = html.unescape(found.page.evaluate(READ_HTML))
    assert "<blockquote" in formatted
    assert SAYS in formatted
    assert f"{found.url}/?policy=github&version=2022-09-01" in formatted


def test_several_passages_make_one_reply(found: Visit) -> None:
    page = found.page
    page.locator("#pa-l-list [role=option]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert page.locator("#pa-l-list [aria-selected=true]").count() == 2
    page.keyboard.press("c")
    page.get_by_text("Copied as plain text.").wait_for()
    assert str(page.evaluate("navigator.clipboard.readText()")).count("/?policy=") == 2


def test_a_reply_as_of_a_date_says_so(server: PageServer, found: Visit) -> None:
    first = found.page.locator("#pa-l-list [role=option]").first
    place = {
        "policy": first.get_attribute("data-policy"),
        "version": first.get_attribute("data-version"),
        "start": int(first.get_attribute("data-start") or 0),
        "end": int(first.get_attribute("data-end") or 0),
    }
    made = httpx.post(
        f"{server.url}/lookup/api/reply",
        json={"places": [place], "as_of": "2023-12-24"},
        timeout=60,
    ).json()
    for form in ("text", "markdown", "html"):
        assert "What applied on 24 December 2023:" in made[form]


def test_what_did_not_apply_on_a_day_is_not_said_to_have(server: PageServer, found: Visit) -> None:
    first = found.page.locator(OPTION).first
    place = {
        "policy": "github",
        "version": "2022-09-01",
        "start": int(first.get_attribute("data-start") or 0),
        "end": int(first.get_attribute("data-end") or 0),
    }
    for day in ("2021-03-03", "2022-08-31"):
        response = httpx.post(
            f"{server.url}/lookup/api/reply", json={"places": [place], "as_of": day}, timeout=60
        )
        assert response.status_code == 422
        assert "was not the one in force on" in response.json()["detail"]
    first.click()
    found.page.locator(".pa-l-document").wait_for()
    found.page.fill("[data-view=search] [name=as_of]", "2021-03-03")
    found.page.locator("#pa-l-pane").wait_for(state="hidden")


@pytest.mark.parametrize(
    ("places", "words"),
    [
        pytest.param([], "places: ", id="none"),
        pytest.param(
            [{"policy": "github", "version": "2022-09-01", "start": 0, "end": 1}],
            "no passage there",
            id="no-passage",
        ),
        pytest.param(
            [{"policy": "github", "version": "2022-09-01", "start": 0, "end": 60000}],
            "no passage there",
            id="the-whole-policy",
        ),
        pytest.param(
            [{"policy": "github", "version": "1999", "start": 0, "end": 9}],
            "has no version 1999",
            id="version",
        ),
    ],
)
def test_what_cannot_be_quoted_is_said(
    server: PageServer, places: list[object], words: str
) -> None:
    response = httpx.post(f"{server.url}/lookup/api/reply", json={"places": places}, timeout=60)
    assert response.status_code == 422
    assert words in response.json()["detail"]
