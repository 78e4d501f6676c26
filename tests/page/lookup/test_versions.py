"""Two versions side by side, by section and with words marked, and the answers of both."""

from __future__ import annotations

import re

import httpx
import pytest

from assistant.page.lookup.changes import changes_html
from policy_text.diff import diff_versions
from policy_text.library import Library
from tests.page.conftest import NewVisit, PageServer


def compared(policy: str) -> str:
    library = Library()
    old, new = (library.version(info) for info in library.policy(policy).versions[-2:])
    return changes_html(diff_versions(old, new))


def test_37signals_has_a_new_section_on_permissions_of_mobile_apps(
    new_visit: NewVisit, server: PageServer
) -> None:
    visit = new_visit(server.url).open("lookup/#versions")
    page = visit.page
    page.select_option("[data-view=versions] [name=policy]", "37signals")
    page.fill("[data-view=versions] [name=q]", "Which permissions do your mobile apps need?")
    page.click("[data-action=compare]")
    added = page.locator(".pa-l-change[data-kind=added]")
    added.wait_for(timeout=90_000)
    assert added.count() == 1
    assert "How we approach mobile app permissions" in added.locator("h2").inner_text()
    assert "new section" in added.locator("h2").inner_text()
    assert added.locator("ins").count() > 3
    assert added.locator("del").count() == 0
    old, new = page.locator(".pa-l-both [data-status]").all()
    assert "9 December 2020" in old.inner_text()
    assert "The policy does not say" in old.inner_text()
    assert "14 June 2021" in new.inner_text()
    assert "mobile app permissions" in new.inner_text()


def test_words_that_changed_are_marked_and_the_others_are_not(server: PageServer) -> None:
    html = compared("37signals")
    pair = re.search(r'<div class="pa-l-pair" data-kind="changed">.*?</div>', html)
    assert pair is not None
    old, new = pair[0].split("</p><p>")
    assert "<del>" in old
    assert "<ins>" not in old
    assert "<ins>" in new
    assert "<del>" not in new


def test_capitals_of_github_are_no_change() -> None:
    library = Library()
    old, new = (library.version(info) for info in library.policy("github").versions[-2:])
    assert "do not* sell your Personal Data" in old.text
    assert "do not* sell your personal data" in new.text
    html = compared("github")
    assert "sell your personal data" not in html.casefold()
    cosmetic = re.search(r"(\d+) passages differ in capitals", html)
    assert cosmetic is not None
    assert int(cosmetic[1]) > 20


def test_choosing_a_policy_chooses_its_two_newest_versions(
    new_visit: NewVisit, server: PageServer
) -> None:
    visit = new_visit(server.url).open("lookup/#versions")
    page = visit.page
    page.select_option("[data-view=versions] [name=policy]", "github")
    page.locator("[name=old] option[value='2022-05-31']").wait_for(state="attached")
    page.click("[data-action=compare]")
    page.locator(".pa-l-summary").wait_for(timeout=90_000)
    assert "31 May 2022" in page.locator(".pa-l-heads").inner_text()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param({"old": "2022-09-01", "new": "2022-09-01"}, "same version", id="same"),
        pytest.param({"old": "1999", "new": "2022-09-01"}, "no version 1999", id="unknown"),
        pytest.param({"old": "", "new": "2022-09-01"}, "Choose a policy and a version", id="none"),
    ],
)
def test_what_cannot_be_compared_is_said(
    server: PageServer, query: dict[str, str], words: str
) -> None:
    response = httpx.get(
        f"{server.url}/lookup/api/compare", params={"policy": "github", **query}, timeout=60
    )
    assert response.status_code == 422
    assert words in response.json()["detail"]


def test_the_older_version_stands_first_whichever_is_called_so(server: PageServer) -> None:
    both = {"policy": "github", "old": "2022-09-01", "new": "2022-05-31"}
    html = httpx.get(f"{server.url}/lookup/api/compare", params=both, timeout=60).text
    assert html.index("31 May 2022") < html.index("1 September 2022")
