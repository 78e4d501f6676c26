"""The report in a real browser, from a file: filters, rows that open, widths, speed, silence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from assistant.evaluation.coverage import section_coverage
from assistant.evaluation.evaluate import Evaluation
from assistant.evaluation.metrics import metrics
from assistant.evaluation.report import report_html
from assistant.evaluation.run import JudgedAnswer, Run
from tests.assistant.evaluation.builders import (
    KEEP,
    SELL,
    TEXT,
    WRITE,
    answer,
    header,
    judged,
    question,
    version_of,
)

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
Scheme = Literal["light", "dark"]
MANY = 2000
FILTER_MS = 100  # about a quarter of it is usual; machines that run tests are busy
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--disable-background-networking"]  # fmt: skip

RIGHT = judged(question(SELL), answer(SELL, ranked=[SELL, KEEP], confidence=0.9))
# Seven of the cited characters are gold: not enough for a hit.
WRONG = judged(question((0, 52)), answer((45, 92), ranked=[WRITE], confidence=0.4))
NEAR_MISS = judged(question(kind="unanswerable"), answer(KEEP, ranked=[KEEP], confidence=0.6))
OFF_TOPIC = judged(question(kind="offtopic"), answer(status="out_of_scope", confidence=0.05))
HOSTILE = "</script><img src=x onerror=alert(1)><b>sold?</b>"

# What a person does to a filter, and the time until the list is laid out again.
TIMED = """([name, value]) => {
  const form = document.getElementById("filters");
  const control = form.elements[name];
  if (control instanceof RadioNodeList) {
    for (const radio of control) radio.checked = radio.value === value;
  } else {
    control.value = value;
  }
  const start = performance.now();
  form.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById("question-list").getBoundingClientRect();
  return performance.now() - start;
}"""


@dataclass
class Opened:
    """A page and all that it did."""

    page: Page
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    @property
    def shown(self) -> list[str]:
        """The ids of the rows that are shown."""
        return self.page.locator("#question-list > li .id").all_inner_texts()


def report_of(answers: list[JudgedAnswer], folder: Path) -> Path:
    sections = section_coverage([version_of(TEXT)], answers)
    run = Run(header(), tuple(answers))
    path = folder / "report.html"
    path.write_text(report_html(Evaluation(run, metrics(run.answers, sections))), encoding="utf-8")
    return path


def named(judged_answer: JudgedAnswer, name: str, **fields: object) -> JudgedAnswer:
    return judged_answer.model_copy(update={"id": name, **fields})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "These tests need Chromium: apt-get install --no-install-recommends chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    answers = [
        named(RIGHT, "set/right", question="Is my data sold?"),
        named(WRONG, "set/wrong", question="How long are LOGS kept?", history=("Logs?",)),
        named(NEAR_MISS, "set/miss", question="Where are the servers?"),
        named(OFF_TOPIC, "set/off", question=HOSTILE, answer=HOSTILE),
    ]
    return report_of(answers, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def large_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kinds = [RIGHT, WRONG, NEAR_MISS, OFF_TOPIC]
    answers = [named(kinds[n % 4], f"q{n}", question=f"Question {n}?") for n in range(MANY)]
    return report_of(answers, tmp_path_factory.mktemp("large"))


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[Opened]:
    yield from _opened(browser, report.as_uri())


@pytest.fixture
def large(browser: Browser, large_report: Path) -> Iterator[Opened]:
    yield from _opened(browser, large_report.as_uri())


def _opened(browser: Browser, address: str) -> Iterator[Opened]:
    page = browser.new_page(viewport=DESKTOP)
    found = Opened(page)
    page.on("request", lambda request: found.requests.append(request.url))
    page.on("console", lambda message: found.messages.append(message.text))
    page.on("pageerror", lambda error: found.messages.append(str(error)))
    page.on("dialog", lambda dialog: found.messages.append(dialog.message))
    page.goto(address)
    yield found
    page.close()


def open_row(opened: Opened, name: str) -> None:
    opened.page.locator("#question-list > li", has_text=name).locator("summary").click()


def test_it_opens_on_exactly_the_wrong_ones(opened: Opened) -> None:
    assert opened.shown == ["set/wrong", "set/miss"]
    expect(opened.page.locator("#count")).to_have_text("2 of 4 shown")


def test_the_right_ones_and_all_of_them(opened: Opened) -> None:
    opened.page.get_by_label("right 2").check()
    assert opened.shown == ["set/right", "set/off"]
    opened.page.get_by_role("button", name="Show all").click()
    assert len(opened.shown) == 4


def test_words_are_searched_in_question_and_answer_whatever_their_case(opened: Opened) -> None:
    opened.page.get_by_label("all 4").check()
    search = opened.page.get_by_label("Search words")
    search.fill("kept logs")
    assert opened.shown == ["set/wrong"]
    search.fill("SIX months")  # of the answer
    assert opened.shown == ["set/miss"]
    search.fill("no such words")
    expect(opened.page.get_by_text("No question fits these filters.")).to_be_visible()
    expect(opened.page.locator("#count")).to_have_text("0 of 4 shown")


def test_menus_filter_too(opened: Opened) -> None:
    opened.page.get_by_label("all 4").check()
    opened.page.locator("select[name=kind]").select_option("offtopic")
    assert opened.shown == ["set/off"]


def test_a_row_opens_by_keyboard_to_highlighted_words(opened: Opened) -> None:
    row = opened.page.locator("#question-list > li").first
    row.locator("summary").focus()
    opened.page.keyboard.press("Enter")
    columns = row.locator(".columns section")
    expect(columns).to_have_count(2)
    gold, cited = (columns.nth(n).locator("mark").all_inner_texts() for n in range(2))
    assert gold == cited == [TEXT[45:52]]
    assert row.locator(".turns li").all_inner_texts() == ["Logs?", "How long are LOGS kept?"]
    expect(row.get_by_text("Confidence")).to_be_visible()


def test_a_row_is_filled_when_it_is_opened_and_once(opened: Opened) -> None:
    row = opened.page.locator("#question-list > li").first
    assert row.locator(".detail").count() == 0
    for _ in range(3):
        row.locator("summary").click()
    expect(row.locator(".detail")).to_have_count(1)


def test_a_link_to_a_question_opens_it_though_it_is_filtered_out(
    browser: Browser, report: Path
) -> None:
    page = browser.new_page(viewport=DESKTOP)
    page.goto(f"{report.as_uri()}#q-set/right")
    expect(page.locator('[id="q-set/right"] .detail')).to_be_in_viewport()
    page.close()


def test_a_link_keeps_the_filters(browser: Browser, report: Path) -> None:
    page = browser.new_page(viewport=DESKTOP)
    page.goto(report.as_uri())
    page.get_by_label("right 2").check()
    page.get_by_label("Search words").fill("sold")
    again = browser.new_page(viewport=DESKTOP)
    again.goto(page.url)
    assert again.get_by_label("Search words").input_value() == "sold"
    found = again.locator("#question-list > li .id").all_inner_texts()
    assert found == ["set/right", "set/off"]
    page.close()
    again.close()


def test_markup_in_a_question_is_shown_as_text(opened: Opened) -> None:
    opened.page.get_by_label("right 2").check()
    open_row(opened, "set/off")
    row = opened.page.locator("#question-list > li", has_text="set/off")
    assert row.locator(".answer").inner_text() == HOSTILE
    assert row.locator("img, b").count() == 0
    assert opened.messages == []


def test_it_asks_for_nothing_and_says_nothing(opened: Opened, report: Path) -> None:
    for summary in opened.page.locator("summary").all():
        if summary.is_visible():
            summary.click()
    opened.page.wait_for_timeout(100)
    assert opened.requests == [report.as_uri()]
    assert opened.messages == []


@pytest.mark.parametrize("scheme", get_args(Scheme))
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_is_no_wider_than_the_screen(
    browser: Browser, report: Path, viewport: ViewportSize, scheme: Scheme
) -> None:
    page = browser.new_page(viewport=viewport, color_scheme=scheme)
    page.goto(report.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.wait_for_timeout(50)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.close()


def test_dark_and_light_differ_and_can_be_read(browser: Browser, report: Path) -> None:
    colours = []
    for scheme in get_args(Scheme):
        page = browser.new_page(color_scheme=scheme)
        page.goto(report.as_uri())
        style = "getComputedStyle(document.body)"
        colours.append(page.evaluate(f"[{style}.color, {style}.backgroundColor]"))
        page.close()
    assert colours[0][0] == "rgb(23, 32, 42)"
    assert colours[1][1] == "rgb(17, 22, 28)"


def test_two_thousand_questions_filter_without_lag(large: Opened) -> None:
    steps = [("state", ""), ("state", "wrong"), ("words", "question 19"), ("words", ""),
             ("kind", "direct"), ("kind", ""), ("state", "right"), ("state", "")]  # fmt: skip
    for step in steps:
        large.page.evaluate(TIMED, list(step))
    times = [min(large.page.evaluate(TIMED, list(step)) for _ in range(3)) for step in steps]
    assert max(times) < FILTER_MS, times
    expect(large.page.locator("#count")).to_have_text(f"{MANY} of {MANY} shown")


def test_all_of_two_thousand_are_reached_by_scrolling(large: Opened) -> None:
    large.page.get_by_label(f"all {MANY}").check()
    first = large.page.locator("#question-list > li").count()
    assert first < MANY
    large.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(large.page.locator("#question-list > li").nth(first)).to_be_attached()


def test_a_link_reaches_the_last_of_two_thousand(browser: Browser, large_report: Path) -> None:
    page = browser.new_page(viewport=DESKTOP)
    page.goto(f"{large_report.as_uri()}#q-q{MANY - 1}")
    expect(page.locator(f"#q-q{MANY - 1} .detail")).to_be_in_viewport()
    page.close()
