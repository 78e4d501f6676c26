"""Every view is accessible, light and dark, wide and on a phone, and fits the phone's width."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.page.conftest import NewVisit, Visit
from tests.page.lookup.conftest import POLICY, Desk
from tests.page.test_accessible import violations

OPTION = "#pa-l-list [role=option]"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    changed = POLICY.replace("one year", "two years")
    folder = tmp_path_factory.mktemp("office")
    opened = Desk.opened(folder, v2024_05_01=POLICY, v2025_06_01=changed)
    yield opened
    opened.server.stop()


def searched(visit: Visit) -> None:
    visit.page.fill("#pa-l-words", "Do you sell my personal data?")
    visit.page.locator(OPTION).first.wait_for()


def opened(visit: Visit) -> None:
    searched(visit)
    visit.page.locator(f"{OPTION}:not(.pa-l-approved)").first.click()
    visit.page.locator(".pa-l-document").wait_for()


def approving(visit: Visit) -> None:
    opened(visit)
    visit.page.click("[data-action=approve]")
    visit.page.locator("#pa-l-pane [name=answer]").wait_for()


def approved(visit: Visit) -> None:
    approving(visit)
    visit.page.fill("#pa-l-pane [name=answer]", "No, we do not.")
    visit.page.click("[data-action=save-approved]")
    visit.page.locator(".pa-l-approved").first.wait_for()


def approved_opened(visit: Visit) -> None:
    approved(visit)
    visit.page.locator(".pa-l-approved").first.click()
    visit.page.locator(".pa-l-pane-head .pa-l-rests").wait_for()


def all_approved(visit: Visit) -> None:
    approved(visit)
    visit.page.click("a[href='#approved']")
    visit.page.locator("#pa-l-all-approved article").first.wait_for()


def many(visit: Visit) -> None:
    visit.page.click("a[href='#many']")
    visit.page.fill("[name=questions]", "Do you sell my personal data?\nWrite a poem\n")
    visit.page.click("[data-action=answer-list]")
    visit.page.locator("#pa-l-answers tbody tr").nth(1).wait_for()


def versions(visit: Visit) -> None:
    visit.page.click("a[href='#versions']")
    visit.page.fill("[data-view=versions] [name=q]", "How long do you keep my data?")
    visit.page.click("[data-action=compare]")
    visit.page.locator(".pa-l-change ins").first.wait_for()


STATES = [searched, opened, approving, approved_opened, all_approved, many, versions]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_violation_in_any_state(
    new_visit: NewVisit, office: Desk, width: int, scheme: str
) -> None:
    found: list[str] = []
    for state in STATES:
        visit = new_visit(office.url, width=width, scheme=scheme).open("lookup/")
        state(visit)
        found += violations(visit, state.__name__)
    assert found == []


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_wider_than_a_phone(new_visit: NewVisit, office: Desk, state: object) -> None:
    visit = new_visit(office.url, width=390).open("lookup/")
    state(visit)  # type: ignore[operator]
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
    small = visit.page.evaluate(
        """() => [...document.querySelectorAll("[data-view] :is(button, select, input)")]
          .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 36)
          .map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_on_a_phone_the_passage_stands_alone_and_close_goes_back(
    new_visit: NewVisit, office: Desk
) -> None:
    visit = new_visit(office.url, width=390).open("lookup/")
    opened(visit)
    assert not visit.page.locator(OPTION).first.is_visible()
    visit.page.locator("[data-action=copy-reply]").click()
    visit.page.get_by_text("Copied as plain text.").wait_for()
    visit.page.click("[data-action=close-pane]")
    visit.page.locator(OPTION).first.wait_for()


def test_a_message_is_seen_however_far_the_page_is_scrolled(
    new_visit: NewVisit, office: Desk
) -> None:
    visit = new_visit(office.url, height=400).open("lookup/")
    searched(visit)
    visit.page.locator(OPTION).last.focus()
    visit.page.keyboard.press("c")
    said = visit.page.get_by_text("Copied as plain text.")
    said.wait_for()
    assert visit.page.evaluate("window.scrollY") > 0
    box = said.bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 400
