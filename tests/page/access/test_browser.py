"""The wall in the browser: to the login and back, who is shown, phone and keyboard."""

from __future__ import annotations

import pytest

from tests.page.access.conftest import ALICE, BOB, Provider, Walled
from tests.page.conftest import NewVisit, Visit
from tests.page.test_accessible import violations


def log_in(visit: Visit, name: str, password: str) -> None:
    """By keyboard alone: the name has the focus."""
    visit.page.wait_for_selector("input[name=name]:focus")
    visit.page.keyboard.type(name)
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.type(password)
    visit.page.keyboard.press("Enter")


def ready(visit: Visit) -> None:
    visit.page.wait_for_selector("body.pa-ready", timeout=60000)


def test_a_link_into_look_up_leads_through_the_login_to_where_it_went(
    new_visit: NewVisit, walled: Walled
) -> None:
    visit = new_visit(walled.url)
    visit.page.goto(f"{walled.url}/lookup?q=cookies&policy=github")
    assert visit.page.url.startswith(f"{walled.url}/login/")
    log_in(visit, "alice", ALICE)
    ready(visit)
    assert visit.page.url == f"{walled.url}/lookup/?q=cookies&policy=github"
    assert visit.page.inner_text(".pa-name") == "alice"
    assert visit.page.locator(".pa-nav [aria-current=page]").inner_text() == "Look up"


def test_the_bar_leads_to_every_tab_and_the_login_holds_for_both(
    new_visit: NewVisit, walled: Walled
) -> None:
    visit = new_visit(walled.url).open()
    assert visit.page.locator(".pa-account").count() == 0
    visit.page.click("text=Look up")
    log_in(visit, "alice", ALICE)
    ready(visit)
    visit.page.click(".pa-nav >> text=Evaluate")
    ready(visit)
    assert visit.page.title() == "Evaluate · Ask a privacy policy"
    visit.page.click(".pa-nav >> text=Ask")
    ready(visit)
    assert visit.page.url == f"{walled.url}/"
    assert visit.ask("Do you sell my data?").get_attribute("data-outcome") == "answered"  # type: ignore[attr-defined]


def test_a_wrong_password_is_told_and_can_be_mended(new_visit: NewVisit, walled: Walled) -> None:
    visit = new_visit(walled.url)
    visit.page.goto(f"{walled.url}/evaluate/")
    log_in(visit, "alice", "not the password")
    notice = visit.page.wait_for_selector("[role=alert]")
    assert notice is not None
    assert notice.inner_text() == "The name or the password is wrong. Try again."
    visit.complaints.clear()  # the browser logs the refusal (401) as an error
    log_in(visit, "alice", ALICE)
    ready(visit)
    assert visit.page.url == f"{walled.url}/evaluate/"


def test_after_the_logout_neither_page_nor_history_shows_anything(
    new_visit: NewVisit, walled: Walled
) -> None:
    visit = new_visit(walled.url)
    visit.page.goto(f"{walled.url}/lookup/")
    log_in(visit, "alice", ALICE)
    ready(visit)
    visit.page.click("text=Log out")
    visit.page.wait_for_selector("input[name=name]")
    visit.page.go_back()
    visit.page.wait_for_selector("input[name=name]")
    assert "/login/" in visit.page.url
    visit.page.goto(f"{walled.url}/evaluate/")
    assert "/login/" in visit.page.url


def test_a_tab_that_a_user_may_not_see_says_so(new_visit: NewVisit, walled: Walled) -> None:
    visit = new_visit(walled.url)
    visit.page.goto(f"{walled.url}/lookup/")
    log_in(visit, "bob", BOB)
    ready(visit)
    visit.page.click(".pa-nav >> text=Evaluate")
    assert visit.page.inner_text("[role=alert]") == (
        "bob may not use Evaluate. Ask who runs this page."
    )
    assert visit.page.inner_text(".pa-name") == "bob"
    visit.page.click("text=Log out")
    visit.page.wait_for_selector("input[name=name]")
    visit.complaints.clear()  # the browser logs the refusal (403) as an error


def test_ask_is_open_throughout_and_a_frame_has_no_bar(new_visit: NewVisit, walled: Walled) -> None:
    visit = new_visit(walled.url).open("?embed=1")
    assert visit.page.locator(".pa-nav").count() == 0
    assert visit.ask("Do you sell my data?").get_attribute("data-outcome") == "answered"  # type: ignore[attr-defined]


def test_through_the_provider_and_back(
    new_visit: NewVisit, by_provider: Walled, provider: Provider
) -> None:
    visit = new_visit(by_provider.url)
    visit.page.goto(f"{by_provider.url}/lookup/")
    visit.page.click("text=Log in with 127.0.0.1")
    ready(visit)
    assert visit.page.inner_text(".pa-name") == "carol@acme.example"
    visit.page.click("text=Log out")
    visit.page.wait_for_selector("text=Log in with 127.0.0.1")
    there = [url for url in visit.requests if url.startswith(provider.url)]
    assert len(there) == 1
    visit.requests.clear()  # the provider is another host, by intention


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_login_and_the_bar_have_no_violation(
    new_visit: NewVisit, walled: Walled, scheme: str, width: int
) -> None:
    visit = new_visit(walled.url, width=width, scheme=scheme)
    visit.page.goto(f"{walled.url}/lookup/")
    found = violations(visit, "login")
    dark = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark == ("rgb(23, 22, 20)" if scheme == "dark" else "rgb(250, 249, 247)")
    log_in(visit, "alice", "wrong")
    visit.page.wait_for_selector("[role=alert]")
    visit.complaints.clear()  # the browser logs the refusal (401) as an error
    found += violations(visit, "refused")
    log_in(visit, "alice", ALICE)
    ready(visit)
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert visit.page.evaluate(fits)
    height = visit.page.evaluate("document.querySelector('.pa-nav').offsetHeight")
    assert height < (60 if width > 900 else 110)
    assert found == []


def test_the_bar_comes_first_by_keyboard(new_visit: NewVisit, walled: Walled) -> None:
    visit = new_visit(walled.url)
    visit.page.goto(f"{walled.url}/lookup/")
    log_in(visit, "alice", ALICE)
    ready(visit)
    first = visit.page.evaluate(
        "[...document.querySelectorAll('a, button, input, textarea')][0].textContent"
    )
    assert first == "Ask"
    visit.page.focus(".pa-nav a")
    found = []
    for _ in range(3):
        visit.page.keyboard.press("Tab")
        found.append(visit.page.evaluate("document.activeElement.textContent"))
    assert found == ["Look up", "Evaluate", "Log out"]
