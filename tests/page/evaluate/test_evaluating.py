"""Evaluate in a real browser: run, see, compare, download, cancel, delete; broken sets; phones."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import FrameLocator, expect

from tests.page.conftest import NewVisit, Visit
from tests.page.evaluate.conftest import WITHIN_S, Evaluating, long_set, processes_on, small_set
from tests.page.test_accessible import violations

SLOWLY = {"timeout": WITHIN_S * 1000}  # milliseconds


def opened(new_visit: NewVisit, evaluating: Evaluating, **look: object) -> Visit:
    return new_visit(evaluating.server.url, **look).open("evaluate/")


def choose(visit: Visit, name: str, data: bytes) -> None:
    visit.page.set_input_files(
        "#pa-e-file", files=[{"name": name, "mimeType": "text/plain", "buffer": data}]
    )


def report(visit: Visit) -> FrameLocator:
    frame = visit.page.frame_locator(".pa-e-frame")
    expect(frame.locator("h1")).to_be_visible(**SLOWLY)
    return frame


def evaluate(visit: Visit, name: str = "small.jsonl") -> FrameLocator:
    """The report of a small set, from the drop to the end."""
    choose(visit, name, small_set())
    expect(visit.page.locator("#pa-e-preview")).to_contain_text("7 questions", **SLOWLY)
    visit.page.click("#pa-e-start")
    return report(visit)


def test_a_set_that_ships_is_shown_before_it_is_asked(
    new_visit: NewVisit, evaluating: Evaluating
) -> None:
    visit = opened(new_visit, evaluating)
    visit.page.select_option("[name=name]", "github")
    expect(visit.page.locator("#pa-e-preview")).to_contain_text("github: 82 questions")
    visit.page.select_option("[name=name]", "all")
    expect(visit.page.locator("#pa-e-preview")).to_contain_text("all: 478 questions", **SLOWLY)


def test_run_see_compare_download_and_delete(new_visit: NewVisit, evaluating: Evaluating) -> None:
    visit = opened(new_visit, evaluating)
    expect(evaluate(visit).locator("h1")).to_contain_text("of 7 questions")
    assert report(visit).locator("#curves svg").count() > 0
    visit.page.click("text=Wrong answers")
    expect(report(visit).locator("#count")).to_contain_text("of 7 shown")
    expect(report(visit).locator("#questions-title")).to_be_in_viewport()
    with visit.page.expect_download() as answers:
        visit.page.click(".pa-e-downloads >> text=Answers")
    lines = answers.value.path().read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines][-1] == "poem"
    with visit.page.expect_download() as page:
        visit.page.click(".pa-e-downloads >> text=Report")
    assert page.value.path().read_text(encoding="utf-8").startswith("<!doctype html>")
    with visit.page.expect_popup() as alone:
        visit.page.click("text=Open alone")
    expect(alone.value.locator("#count")).to_contain_text("of 7 shown")  # its script has run
    visit.page.click("#pa-e-back")
    evaluate(visit)
    visit.page.select_option("#pa-e-view select", index=1)
    expect(report(visit).locator("h1")).to_contain_text("of 7 questions with B")
    with visit.page.expect_download() as figures:
        visit.page.click(".pa-e-downloads >> text=Figures")
    compared = json.loads(figures.value.path().read_text(encoding="utf-8"))
    assert compared["questions"] == 7
    assert compared["a"]["started"] <= compared["b"]["started"]
    visit.page.click("#pa-e-back")
    before = len(evaluating.kept())
    visit.page.locator("[data-action=delete]").first.click()
    assert len(evaluating.kept()) == before
    visit.page.click("text=Delete for good?")
    expect(visit.page.locator("#pa-e-said")).to_have_text("Deleted.")
    assert len(evaluating.kept()) == before - 1
    assert evaluating.audited()[-1]["event"] == "deletion"


def test_two_runs_of_the_list_are_compared(new_visit: NewVisit, evaluating: Evaluating) -> None:
    a, b = (evaluating.run("pair.jsonl", small_set(2)) for _ in range(2))
    visit = opened(new_visit, evaluating)
    compare = visit.page.locator("#pa-e-compare")
    expect(compare).to_be_disabled()
    for run in (a, b):
        visit.page.check(f"#pa-e-list input[value='{run}']")
    compare.click()
    expect(report(visit).locator("h1")).to_contain_text("of 3 questions with B")
    assert visit.page.url.endswith(f"#compare={a},{b}")
    visit.page.reload()  # the address leads there again
    expect(report(visit).locator("h1")).to_contain_text("of 3 questions with B")


def test_runs_that_cannot_be_compared_say_why(new_visit: NewVisit, evaluating: Evaluating) -> None:
    a, b = evaluating.run("one.jsonl", small_set(1)), evaluating.run("two.jsonl", small_set(2))
    visit = new_visit(evaluating.server.url).open(f"evaluate/#compare={a},{b}")
    said = visit.page.locator("#pa-e-said.pa-e-wrong")
    expect(said).to_contain_text("over different questions", **SLOWLY)
    visit.complaints.clear()  # the browser logs the refusal (422) as an error


def test_cancelling_stops_the_work_and_keeps_nothing(
    new_visit: NewVisit, evaluating: Evaluating
) -> None:
    before = evaluating.kept()
    visit = opened(new_visit, evaluating)
    choose(visit, "long.jsonl", long_set(10_000))
    expect(visit.page.locator("#pa-e-preview")).to_contain_text("10,000 questions", **SLOWLY)
    visit.page.click("#pa-e-start")
    expect(visit.page.locator("#pa-e-words")).to_contain_text("left.", **SLOWLY)
    assert float(visit.page.locator("#pa-e-bar").get_attribute("value") or 0) > 0
    other = opened(new_visit, evaluating)  # sees it, too, and cannot start a second one
    expect(other.page.locator("#pa-e-words")).to_contain_text("long.jsonl")
    expect(other.page.locator("#pa-e-start")).to_be_disabled()
    visit.page.click("#pa-e-cancel")
    expect(visit.page.locator("#pa-e-said")).to_have_text(
        "Cancelled. Nothing of it is kept.", **SLOWLY
    )
    expect(visit.page.locator("#pa-e-start")).to_be_enabled()
    assert processes_on(evaluating.runs) == []
    assert evaluating.kept() == before


def test_a_broken_set_shows_the_words_of_the_command_line(
    new_visit: NewVisit, evaluating: Evaluating
) -> None:
    visit = opened(new_visit, evaluating)
    choose(visit, "bad.jsonl", b'{"id": 1, "question": "<b>Why?</b>"}\nnot JSON')
    problem = visit.page.locator(".pa-e-problem")
    expect(problem).to_contain_text("bad.jsonl line 1: answerable: field required.")
    expect(problem).to_contain_text("bad.jsonl line 2: not valid JSON")
    visit.page.click("#pa-e-start")
    expect(visit.page.locator("#pa-e-running")).to_be_hidden()
    expect(problem).to_contain_text("bad.jsonl line 1: answerable: field required.")
    choose(visit, "big.csv", b"x" * (10 * 1024**2 + 1))
    expect(problem).to_have_text("big.csv is too large: up to 10 MB are read.")
    visit.complaints.clear()  # the browser logs the refusals (422) as errors


def test_a_file_is_dropped(new_visit: NewVisit, evaluating: Evaluating) -> None:
    visit = opened(new_visit, evaluating)
    dropped = visit.page.evaluate_handle(
        """text => {
            const held = new DataTransfer();
            held.items.add(new File([text], "dropped.jsonl"));
            return held;
        }""",
        small_set(2).decode(),
    )
    visit.page.dispatch_event("#pa-e-drop", "drop", {"dataTransfer": dropped})
    expect(visit.page.locator("#pa-e-preview")).to_contain_text("dropped.jsonl: 3 questions")


def test_markup_in_every_field_stays_text(new_visit: NewVisit, evaluating: Evaluating) -> None:
    markup = "<img src=x onerror=\"document.title='taken'\">"
    line = {"id": markup, "question": markup, "kind": markup, "answerable": False}
    visit = opened(new_visit, evaluating)
    choose(visit, f"{markup}.jsonl", json.dumps(line).encode())
    expect(visit.page.locator("#pa-e-preview")).to_contain_text("1 question", **SLOWLY)
    visit.page.click("#pa-e-start")
    report(visit)
    visit.page.click("#pa-e-back")
    expect(visit.page.locator(".pa-e-runs")).to_contain_text("onerror", **SLOWLY)
    assert visit.page.locator("#pa-e-home img, #pa-e-opened img").count() == 0
    assert "taken" not in visit.page.title()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_accessible_and_fits(
    new_visit: NewVisit, evaluating: Evaluating, scheme: str, width: int
) -> None:
    run = next((name for name in evaluating.kept() if "small" in name), None)
    run = run or evaluating.run("small.jsonl", small_set())
    visit = opened(new_visit, evaluating, width=width, scheme=scheme)
    visit.page.locator(".pa-e-runs").wait_for()
    visit.page.click("summary")
    choose(visit, "bad.jsonl", b"{}")
    visit.page.locator(".pa-e-problem").wait_for()
    found = violations(visit, "the list, and a problem")
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visit.page.goto(f"{evaluating.server.url}/evaluate/#run={run}")
    report(visit)
    found += violations(visit, "a run")
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found == []
    visit.complaints.clear()  # the browser logs the refusal (422) as an error
