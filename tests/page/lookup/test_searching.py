"""Searching all policies: by keyboard only, as fast as somebody types, narrowed, harmless."""

from __future__ import annotations

import json

import httpx
import pytest
from playwright.sync_api import Route

from tests.page.conftest import NewVisit, PageServer, Site, Visit

OPTIONS = "#pa-l-list [role=option]"


@pytest.fixture
def lookup(new_visit: NewVisit, server: PageServer) -> Visit:
    return new_visit(server.url).open("lookup/")


def found(server: PageServer, **query: str) -> str:
    response = httpx.get(f"{server.url}/lookup/api/search", params=query, timeout=60)
    assert response.status_code == 200, response.text
    return str(response.json()["html"])


def test_the_keyboard_alone_searches_opens_and_copies(lookup: Visit) -> None:
    page = lookup.page
    page.keyboard.press("Tab")  # away from the box, which has the focus at first
    page.keyboard.press("/")
    page.keyboard.type("do you sell my data")
    page.locator(OPTIONS).nth(2).wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator(OPTIONS).nth(1)
    assert second.evaluate("option => option === document.activeElement")
    path = second.locator(".pa-path").inner_text()
    page.keyboard.press("Enter")
    page.locator(".pa-l-pane-head h2").wait_for()
    assert page.locator(".pa-l-pane-head h2").inner_text() == path
    page.locator("#pa-l-pane .pa-here").first.wait_for()
    page.keyboard.press("c")
    page.get_by_text("Copied as plain text.").wait_for()
    assert path in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("Escape")
    assert second.evaluate("option => option === document.activeElement")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "pa-l-words"


def test_the_keys_are_shown(lookup: Visit) -> None:
    keys = lookup.page.locator(".pa-l-keys kbd").all_inner_texts()
    assert {"/", "↑", "↓", "Enter", "c", "Esc"} <= set(keys)


def test_results_have_path_version_score_and_marked_words(lookup: Visit) -> None:
    lookup.page.keyboard.type("sell personal data")
    found = lookup.page.locator(f"{OPTIONS}[data-policy=github]")
    github = found.filter(has_text="No selling of personal data").first
    github.wait_for()
    assert "No selling of personal data" in github.locator(".pa-path").inner_text()
    assert "effective 1 September 2022" in github.inner_text()
    assert "score" in github.locator(".pa-l-score").inner_text()
    assert {"sell", "personal", "data"} <= set(github.locator("mark").all_inner_texts())


def test_results_come_while_typing_and_the_last_word_may_be_unfinished(lookup: Visit) -> None:
    lookup.page.keyboard.type("cook")
    lookup.page.locator(f"{OPTIONS} mark").first.wait_for()
    assert "cookie" in lookup.page.locator(OPTIONS).first.inner_text().casefold()


def test_a_reply_that_was_overtaken_is_dropped(lookup: Visit) -> None:
    held: list[Route] = []

    def hold_children(route: Route) -> None:
        if "children" in route.request.url:
            held.append(route)
        else:
            route.continue_()

    lookup.page.route("**/lookup/api/search*", hold_children)
    lookup.page.fill("#pa-l-words", "children")
    lookup.page.wait_for_timeout(400)
    lookup.page.fill("#pa-l-words", "cookies")
    lookup.page.locator(OPTIONS).first.wait_for()
    shown = lookup.page.locator(OPTIONS).first.inner_text()
    assert len(held) == 1
    late = {"seq": 1, "html": "<p id='stale'>stale</p>", "count": 1}
    held[0].fulfill(body=json.dumps(late), content_type="application/json")
    lookup.page.wait_for_timeout(300)
    assert lookup.page.locator("#stale").count() == 0
    assert lookup.page.locator(OPTIONS).first.inner_text() == shown


def test_filters_narrow_by_policy_version_and_region(server: PageServer) -> None:
    only = found(server, q="do you sell my data", policy="github", version="2022-05-31")
    assert 'data-version="2022-05-31"' in only
    assert 'data-version="2022-09-01"' not in only
    assert 'data-policy="37signals"' not in only
    both = found(server, q="do you sell my data", policy="github", version="all")
    assert 'data-version="2022-05-31"' in both
    assert 'data-version="2022-09-01"' in both
    everybody = found(server, q="rights of residents of California", policy="sony-mobile")
    german = found(
        server, q="rights of residents of California", policy="sony-mobile", region="Germany"
    )
    assert "California only" in everybody
    assert "California only" not in german


def test_choosing_a_policy_offers_its_versions(lookup: Visit) -> None:
    lookup.page.select_option("[data-view=search] [name=policy]", "github")
    lookup.page.locator("[data-view=search] [name=version] option[value='2022-05-31']").wait_for(
        state="attached"
    )
    lookup.page.select_option("[data-view=search] [name=version]", "2022-05-31")
    lookup.page.fill("#pa-l-words", "sell")
    lookup.page.locator(f"{OPTIONS}[data-version='2022-05-31']").first.wait_for()


def test_a_date_shows_what_applied_then_and_says_where_nothing_is_known(lookup: Visit) -> None:
    page = lookup.page
    page.fill("[data-view=search] [name=as_of]", "2021-03-03")
    page.fill("#pa-l-words", "do you sell my data")
    page.locator(f"{OPTIONS}[data-policy='37signals']").first.wait_for()
    versions = {o.get_attribute("data-version") for o in page.locator(OPTIONS).all()}
    assert versions <= {"2020-12-09", "2020-01", "2017-11-07"}  # what each policy had by then
    notices = page.locator("#pa-l-found .pa-notice").all_inner_texts()
    assert any(
        "GitHub" in words
        and "no version is known that was in force on 3 March 2021" in words
        and "31 May 2022" in words
        for words in notices
    )


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param({"q": "a", "policy": "nobody"}, "There is no policy nobody", id="policy"),
        pytest.param({"q": "a", "as_of": "soon"}, "is not a date", id="date"),
        pytest.param({"q": "a\x00b"}, "control character", id="control-character"),
        pytest.param({"q": "x" * 5000}, "q: ", id="too-long"),
    ],
)
def test_what_cannot_be_searched_is_said(
    server: PageServer, query: dict[str, str], words: str
) -> None:
    response = httpx.get(f"{server.url}/lookup/api/search", params=query, timeout=60)
    assert response.status_code == 422
    assert words in response.json()["detail"]


def test_markup_in_policy_and_search_is_shown_as_text(new_visit: NewVisit, site: Site) -> None:
    visit = new_visit(site.server.url).open("lookup/")
    visit.page.fill("#pa-l-words", "<img src=x onerror=\"document.title='taken'\"> advertising")
    option = visit.page.locator(OPTIONS).first
    option.wait_for()
    option.click()
    visit.page.locator("#pa-l-pane .pa-here").first.wait_for()
    assert visit.page.locator("#pa-l-found img, #pa-l-pane img, iframe").count() == 0
    assert visit.page.title() != "taken"
