"""The page's pure parts: markup, documents, own policies, suggestions, settings of the shell."""

from __future__ import annotations

import pytest

from assistant import Answer, Assistant
from assistant.page.document import document_html
from assistant.page.markup import element, escaped, joined
from assistant.page.navigation import navigation_html
from assistant.page.own import MAX_HELD, OwnPolicies, OwnPolicyError, read_own
from assistant.page.shell import shell
from assistant.page.suggestions import Suggestions
from assistant.page.tabs import ASK, EVALUATE, LOOKUP, TABS, Tab, tab_of
from policy_text import DateKind, SegmentKind
from policy_text.library import Library

LIBRARY = Library()


def test_text_is_escaped_and_stays_on_one_line() -> None:
    assert escaped("<a>\n&\"'") == "&lt;a&gt;&#10;&amp;&quot;&#x27;"


def test_markup_is_not_escaped_twice() -> None:
    assert joined(element("b", "a<b"), "<") == "<b>a&lt;b</b>&lt;"


def test_an_attribute_cannot_be_broken_out_of() -> None:
    built = element("p", data_x='"><script>', hidden=True, id=None, lang=False)
    assert built == '<p data-x="&quot;&gt;&lt;script&gt;" hidden></p>'


@pytest.mark.parametrize(
    "info", list(LIBRARY.all_versions()), ids=lambda i: i.policy_id + i.version
)
def test_the_panel_shows_every_passage_and_heading(info) -> None:  # type: ignore[no-untyped-def]
    version = LIBRARY.version(info)
    html = document_html(version)
    shown = (SegmentKind.PASSAGE, SegmentKind.HEADING, SegmentKind.LABEL)
    starts = {s.span.start for s in version.segments if s.kind in shown}
    missing = [start for start in starts if f'data-start="{start}"' not in html]
    # What begins with a sign of markup ("**") starts at the first shown character after it.
    assert all(not version.text[start].isalnum() for start in missing)
    assert "\n" not in html


def test_the_shell_takes_out_what_calls_elsewhere_and_hashes_what_stays() -> None:
    page = shell(
        '<head><meta property="og:image" content="https://a.example/x.png">'
        "<script>one()</script><script src='./a.js'></script></head>",
        "A & B",
        ASK,
        None,
    )
    assert "a.example" not in page.html
    assert "<title>A &amp; B</title>" in page.html
    assert len(page.script_hashes) == 1


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.label)
def test_the_bar_stands_first_in_every_page_and_marks_the_one_that_is_shown(tab: Tab) -> None:
    page = shell("<head></head><body style='x'><p>", "T", tab, navigation_html(tab))
    assert "<body style='x'><header class=\"pa-nav\"><nav " in page.html
    assert page.html.count("aria-current") == 1
    assert f'href="{tab.home}" aria-current="page">{tab.label}<' in page.html


@pytest.mark.parametrize(
    ("path", "tab"),
    [
        ("/", ASK),
        ("/lookup", LOOKUP),
        ("/lookup/", LOOKUP),
        ("/lookup/gradio_api/queue/join", LOOKUP),
        ("/lookupx/", ASK),
        ("//lookup/", ASK),
        ("/LOOKUP/", ASK),
        ("/evaluate/../lookup/", EVALUATE),
    ],
)
def test_an_address_belongs_to_the_tab_whose_path_it_begins_with(path: str, tab: Tab) -> None:
    assert tab_of(path) is tab


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


TEXT = b"# Acme Policy\n\nWe sell your e-mail address to brokers.\n"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def own(assistant: Assistant, clock: Clock) -> OwnPolicies:
    return OwnPolicies(assistant, clock=clock)


def test_an_own_policy_is_forgotten_when_nobody_asks_it(own: OwnPolicies, clock: Clock) -> None:
    version = own.add("acme.md", TEXT)
    clock.now = 29 * 60
    assert own.get(version.policy.id) is version
    clock.now += 31 * 60
    assert own.get(version.policy.id) is None


def test_two_visitors_of_the_same_text_do_not_share_it(own: OwnPolicies) -> None:
    one, two = own.add("acme.md", TEXT), own.add("acme.md", TEXT)
    own.drop(one.policy.id)
    assert own.get(one.policy.id) is None
    assert own.get(two.policy.id) is two


def test_no_more_policies_are_held_than_fit(own: OwnPolicies) -> None:
    for _ in range(MAX_HELD):
        own.add("acme.md", TEXT)
    with pytest.raises(OwnPolicyError, match="Too many"):
        own.add("acme.md", TEXT)


def test_a_file_name_is_only_a_name() -> None:
    assert read_own("../../etc/acme.md", TEXT).info.source == "acme.md"


def test_an_own_policy_has_the_date_of_its_name() -> None:
    info = read_own("acme__2024-05-01.md", TEXT).info
    assert (info.version, info.date_kind) == ("2024-05-01", DateKind.EFFECTIVE)


@pytest.mark.parametrize("name", ["acme.md", "acme__2024-13-45.md"], ids=["no-date", "no-such-day"])
def test_an_own_policy_without_a_date_has_todays(name: str) -> None:
    assert read_own(name, TEXT).info.date_kind is DateKind.RETRIEVED


def test_every_example_and_suggestion_is_answered(assistant: Assistant) -> None:
    suggestions = Suggestions(assistant)
    for info in LIBRARY.all_versions():
        version = LIBRARY.version(info)
        examples = suggestions.examples(version)
        assert len(examples) == 5
        answer = assistant.ask(examples[0], policy=info.policy_id, version=info.version)
        assert isinstance(answer, Answer)
        for question in (*examples, *suggestions.after(answer, version)):
            found = assistant.ask(question, policy=info.policy_id, version=info.version)
            assert found.status.value == "answered", question
