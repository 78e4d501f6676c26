"""Asking in the browser: answers, citations, declines, follow-ups, links, versions, phone."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from assistant import Assistant
from policy_text.display import plain_words
from tests.page.conftest import NewVisit, PageServer, Visit, words_of

SHARING = "Do you share my personal data with third parties?"


def test_the_page_says_what_it_is_and_whose_policy_it_asks(visit: Visit) -> None:
    line = visit.page.locator(".pa-line").inner_text()
    assert "Sony Mobile Privacy Policy" in line
    assert "January 2020" in line
    assert visit.page.title() == "Ask a privacy policy"


def test_the_question_box_has_the_focus(visit: Visit) -> None:
    visit.page.wait_for_function("document.activeElement.matches('#pa-question textarea')")


def test_five_examples_are_offered_and_one_click_asks(visit: Visit) -> None:
    examples = visit.page.locator(".pa-examples .pa-ask")
    assert examples.count() == 5
    examples.first.click()
    assert visit.turn(0).get_attribute("data-outcome") == "answered"


def test_a_person_sees_once_what_is_kept_and_that_it_is_no_advice(visit: Visit) -> None:
    note = visit.page.locator("#pa-note")
    assert "Not legal advice" in note.inner_text()
    assert "out of date" in note.inner_text()
    assert "Your questions are not kept." in note.inner_text()


def test_the_answer_is_that_of_the_assistant(visit: Visit, assistant: Assistant) -> None:
    turn = visit.ask(SHARING)
    answer = assistant.ask(SHARING, policy="sony-mobile")
    cites = turn.locator(".pa-cite")
    assert [int(c.get_attribute("data-start")) for c in cites.all()] == [
        c.span.start for c in answer.citations
    ]
    for number, citation in enumerate(answer.citations):
        source = turn.locator(".pa-quotes > li").nth(number)
        assert citation.section.cited_as in source.inner_text()
        assert "January 2020" in source.locator(".pa-source").inner_text()


@pytest.mark.parametrize(
    ("policy", "question"),
    [
        pytest.param("sony-mobile", SHARING, id="numbered-text"),
        pytest.param("sony-mobile", "Summarise this policy", id="every-section"),
        pytest.param("github", "Which cookies do you set and how long do they last?", id="table"),
        pytest.param("github", "What are my rights to access my data?", id="list"),
        pytest.param("37signals", "Do you sell my data?", id="links-and-bold"),
        pytest.param("govwifi", "How long do you keep my data?", id="from-html"),
        pytest.param(
            "creative-commons", "Do you share my data with third parties?", id="plain-text"
        ),
    ],
)
def test_a_citation_opens_the_policy_with_exactly_the_quote_highlighted(
    new_visit: NewVisit, server: PageServer, assistant: Assistant, policy: str, question: str
) -> None:
    visit = new_visit(server.url).open(f"?policy={policy}&q={quote(question)}")
    turn = visit.turn(0)
    answer = assistant.ask(question, policy=policy)
    assert answer.citations
    for number, citation in enumerate(answer.citations[:4]):
        turn.locator(".pa-cite").nth(number).click()
        visit.page.wait_for_selector(f".pa-cite[data-start='{citation.span.start}'][aria-current]")
        wanted = words_of(plain_words(citation.quote))
        visit.page.wait_for_function(
            "wanted => [...document.querySelectorAll('#pa-panel mark')].map(m => m.textContent)"
            ".join('').replace(/[^\\p{L}\\p{N}]/gu, '') === wanted",
            arg=wanted,
        )
        assert visit.marked() == wanted


def test_the_highlighted_words_are_in_view(visit: Visit) -> None:
    visit.ask(SHARING).locator(".pa-cite").first.click()
    visit.marked()
    box = visit.page.locator("#pa-panel mark").first.bounding_box()
    assert box is not None
    assert 0 < box["y"] < 900
    assert box["x"] > 640


def test_the_panel_has_the_structure_of_the_policy(new_visit: NewVisit, server: PageServer) -> None:
    visit = new_visit(server.url).open("?policy=github")
    visit.page.click(".pa-read")
    panel = visit.page.locator("#pa-panel")
    panel.locator("h3").first.wait_for()
    for structure in ("h3", "ul > li", "table td", "strong", "a[rel~=noopener]"):
        assert panel.locator(structure).count() > 0, structure


def test_the_table_of_contents_moves_in_the_policy(visit: Visit) -> None:
    visit.page.click(".pa-read")
    visit.page.click(".pa-toc summary")
    entry = visit.page.locator(".pa-toc a", has_text="Contact Us").first
    wanted = entry.get_attribute("data-section")
    entry.click()
    heading = visit.page.locator(f"[id='pa-section-{wanted}']")
    assert heading.evaluate("e => document.activeElement === e")
    assert heading.bounding_box()["y"] < 900  # type: ignore[index]


def test_a_silent_policy_says_so_and_offers_the_nearest_sections(visit: Visit) -> None:
    turn = visit.ask("Do you encrypt passwords with bcrypt?")
    assert turn.get_attribute("data-outcome") == "silent"
    assert "The policy does not say" in turn.inner_text()
    button = turn.locator(".pa-open-section").first
    wanted = button.get_attribute("data-section")
    button.click()
    visit.page.wait_for_selector(f"[id='pa-section-{wanted}'].pa-here")


def test_what_is_out_of_scope_is_declined_plainly(visit: Visit) -> None:
    turn = visit.ask("Write me a poem about cheese")
    assert turn.get_attribute("data-outcome") == "out_of_scope"
    assert "Not a question about privacy" in turn.inner_text()


def test_what_is_unclear_offers_meanings_to_click(visit: Visit) -> None:
    turn = visit.ask("data")
    assert turn.get_attribute("data-outcome") == "unclear"
    turn.locator(".pa-nearest .pa-ask").first.click()
    assert visit.turn(1).get_attribute("data-outcome") == "answered"


def test_each_outcome_looks_different(visit: Visit) -> None:
    questions = (SHARING, "Do you encrypt passwords with bcrypt?", "Write me a poem", "data")
    looks = {
        visit.ask(question)
        .locator(".pa-outcome")
        .evaluate("e => getComputedStyle(e).color + e.querySelector('.pa-sign').textContent")
        for question in questions
    }
    assert len(looks) == 4


def test_a_follow_up_keeps_the_context(visit: Visit, assistant: Assistant) -> None:
    first, second = "How long do you keep my data?", "and who can see it?"
    visit.ask(first)
    turn = visit.ask(second)
    expected = assistant.ask(second, policy="sony-mobile", history=[first])
    assert turn.get_attribute("data-outcome") == expected.status.value
    starts = [int(c.get_attribute("data-start")) for c in turn.locator(".pa-cite").all()]
    assert starts == [c.span.start for c in expected.citations]


def test_suggested_questions_are_answered(visit: Visit) -> None:
    turn = visit.ask(SHARING)
    suggestions = turn.locator(".pa-next .pa-ask")
    assert 1 <= suggestions.count() <= 3
    suggestions.first.click()
    assert visit.turn(1).get_attribute("data-outcome") == "answered"


def test_ask_again_asks_the_same(visit: Visit) -> None:
    turn = visit.ask(SHARING)
    turn.locator("[data-action=retry]").click()
    assert visit.turn(1).get_attribute("data-question") == SHARING


def test_clear_empties_the_conversation_and_its_context(visit: Visit) -> None:
    visit.ask(SHARING)
    visit.page.click("[data-action=clear]")
    assert visit.turns.count() == 0
    assert visit.page.input_value("#pa-context textarea") == "{}"


def test_a_copied_answer_keeps_quotes_citations_and_link(
    visit: Visit, assistant: Assistant
) -> None:
    turn = visit.ask(SHARING)
    first = assistant.ask(SHARING, policy="sony-mobile").citations[0]
    turn.locator("[data-action=copy]").click()
    turn.locator("[data-action=copy]", has_text="Copied").wait_for()
    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert SHARING in copied
    assert words_of(plain_words(first.quote)) in words_of(copied)
    assert f"[1] {first.section.cited_as}" in copied
    assert first.section.cited_as.startswith("3. Sharing your personal data › A. Sharing")
    assert f"{visit.url}/?policy=sony-mobile&version=2020-01&q=" in copied


def test_a_copied_link_opens_the_same_answer_afresh(visit: Visit, new_visit: NewVisit) -> None:
    question = "Do you share “my data” & sell it, 100 %?"
    turn = visit.ask(question)
    turn.locator("[data-action=link]").click()
    turn.locator("[data-action=link]", has_text="Copied").wait_for()
    link = visit.page.evaluate("navigator.clipboard.readText()")
    fresh = new_visit(visit.url).open(link.removeprefix(f"{visit.url}/"))
    assert fresh.turn(0).get_attribute("data-question") == question


def test_a_link_to_a_section_opens_it(new_visit: NewVisit, server: PageServer) -> None:
    visit = new_visit(server.url).open("?policy=sony-mobile&version=2020-01&section=12-contact-us")
    heading = visit.page.wait_for_selector("[id='pa-section-12-contact-us'].pa-here")
    assert heading.is_visible()
    visit.page.click("[data-action=section-link]")
    visit.page.locator("[data-action=section-link]", has_text="Copied").wait_for()
    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{server.url}/?policy=sony-mobile&version=2020-01&section=12-contact-us"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param("?policy=nobody&q=x", "no policy nobody", id="policy"),
        pytest.param("?policy=github&version=1999", "no version 1999", id="version"),
        pytest.param("?policy=<img src=x onerror=alert(1)>", "no policy", id="markup"),
    ],
)
def test_a_link_that_leads_nowhere_says_so(
    new_visit: NewVisit, server: PageServer, query: str, message: str
) -> None:
    visit = new_visit(server.url).open(query)
    notice = visit.page.wait_for_selector("#pa-top .pa-notice")
    assert message in notice.inner_text()
    assert visit.ask(SHARING).get_attribute("data-outcome") == "answered"


def test_a_link_to_a_section_that_is_not_there_says_so(
    new_visit: NewVisit, server: PageServer
) -> None:
    visit = new_visit(server.url).open("?policy=sony-mobile&section=no-such")
    notice = visit.page.wait_for_selector("#pa-panel .pa-notice")
    assert "no section “no-such”" in notice.inner_text()


def choose(visit: Visit, box: str, option: str) -> None:
    visit.page.click(f"{box} input")
    visit.page.locator(f"{box} [role=option]", has_text=option).first.click()


def test_another_policy_and_version_can_be_chosen(visit: Visit) -> None:
    choose(visit, "#pa-policy", "GitHub")
    visit.page.wait_for_selector(".pa-intro[data-policy=github][data-version='2022-09-01']")
    assert visit.ask(SHARING).get_attribute("data-version") == "2022-09-01"
    choose(visit, "#pa-version", "31 May 2022")
    visit.page.wait_for_selector(".pa-intro[data-policy=github][data-version='2022-05-31']")
    turn = visit.ask(SHARING)
    assert turn.get_attribute("data-version") == "2022-05-31"
    assert "31 May 2022" in turn.inner_text()


def test_a_conversation_on_one_policy_is_no_context_for_another(visit: Visit) -> None:
    visit.ask(SHARING)
    choose(visit, "#pa-policy", "GitHub")
    visit.page.wait_for_selector(".pa-intro[data-policy=github]")
    visit.ask("Do you use cookies?")
    context = json.loads(visit.page.input_value("#pa-context textarea"))
    assert context["history"] == ["Do you use cookies?"]


def test_escape_closes_the_panel_and_the_focus_returns(visit: Visit) -> None:
    cite = visit.ask(SHARING).locator(".pa-cite").first
    cite.click()
    visit.marked()
    visit.page.keyboard.press("Escape")
    visit.page.locator("#pa-panel").wait_for(state="hidden")
    assert cite.evaluate("e => document.activeElement === e")


def test_all_is_reached_with_the_keyboard_alone(visit: Visit) -> None:
    visit.page.wait_for_function("document.activeElement.matches('#pa-question textarea')")
    visit.page.keyboard.type(SHARING)
    visit.page.keyboard.press("Enter")
    visit.turn(0)
    for _ in range(40):
        visit.page.keyboard.press("Shift+Tab")
        if visit.page.evaluate("document.activeElement.matches('.pa-cite')"):
            break
    visit.page.keyboard.press("Enter")
    assert visit.marked()


def test_answers_are_announced_to_screen_readers(visit: Visit) -> None:
    log = visit.page.locator("[role=log][aria-live=polite]")
    visit.ask(SHARING)
    assert log.locator(".pa-turn").count() == 1


def test_on_a_phone_the_panel_comes_over_the_chat_and_goes_back(
    new_visit: NewVisit, server: PageServer
) -> None:
    visit = new_visit(server.url, width=390, height=844).open()
    turn = visit.ask(SHARING)
    turn.locator(".pa-cite").first.click()
    visit.marked()
    panel = visit.page.locator("#pa-panel")
    assert panel.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    visit.page.click("[data-action=close-panel]")
    panel.wait_for(state="hidden")
    turn.locator(".pa-cite").first.click()
    visit.marked()
    visit.page.go_back()
    panel.wait_for(state="hidden")
    assert turn.is_visible()


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_is_wider_than_the_screen(
    new_visit: NewVisit, server: PageServer, width: int
) -> None:
    visit = new_visit(server.url, width=width).open()
    visit.ask(SHARING)
    visit.ask("data")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_answer_is_there_at_once(visit: Visit) -> None:
    visit.ask(SHARING)
    taken = [
        visit.page.evaluate(
            """async question => {
                const log = document.querySelector('#pa-log');
                const before = log.querySelectorAll('.pa-turn:not(.pa-waiting)').length;
                const box = document.querySelector('#pa-question textarea');
                box.value = question;
                box.dispatchEvent(new Event('input', {bubbles: true}));
                await new Promise(requestAnimationFrame);
                const started = performance.now();
                document.querySelector('#pa-ask').click();
                while (log.querySelectorAll('.pa-turn:not(.pa-waiting)').length === before)
                    await new Promise(resolve => setTimeout(resolve, 5));
                return performance.now() - started;
            }""",
            question,
        )
        for question in ("Do you sell my data?", "Do you use cookies?", "Who are you?")
    ]
    assert sorted(taken)[1] < 300  # milliseconds, from the click to the answer on the page


def test_two_tabs_do_not_mix(new_visit: NewVisit, server: PageServer) -> None:
    one = new_visit(server.url).open()
    other = new_visit(server.url).open("?policy=github")
    one.ask("Do you use cookies?")
    other.ask("Do you sell my data?")
    assert one.ask("and for how long?").get_attribute("data-policy") == "sony-mobile"
    assert json.loads(other.page.input_value("#pa-context textarea"))["history"] == [
        "Do you sell my data?"
    ]


def test_two_hundred_turns_in_one_conversation(visit: Visit) -> None:
    for number in range(200):
        visit.page.evaluate(
            """async question => {
                const log = document.querySelector('#pa-log');
                const before = log.querySelectorAll('.pa-turn:not(.pa-waiting)').length;
                const box = document.querySelector('#pa-question textarea');
                box.value = question;
                box.dispatchEvent(new Event('input', {bubbles: true}));
                await new Promise(requestAnimationFrame);
                document.querySelector('#pa-ask').click();
                while (log.querySelectorAll('.pa-turn:not(.pa-waiting)').length === before)
                    await new Promise(resolve => setTimeout(resolve, 5));
            }""",
            f"Do you sell item number {number} of my data?",
        )
    assert visit.turns.count() == 200
    assert len(json.loads(visit.page.input_value("#pa-context textarea"))["history"]) == 5
    assert visit.ask(SHARING).get_attribute("data-outcome") == "answered"
