"""The three forms of a reply escape what is not theirs."""

from __future__ import annotations

import pytest

from assistant.page.lookup.marking import Marker
from assistant.page.lookup.places import Place, citation_at, quoted
from assistant.page.lookup.reply import in_markdown, reply
from policy_text.library import Library

SITE = "https://privacy.example/"
MARKUP = "# <b>We</b> *sell* `data`\n- [x](javascript:1)\n1. one"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("*a* _b_", r"\*a\* \_b\_", id="emphasis"),
        pytest.param("<b>", r"\<b\>", id="html"),
        pytest.param("[x](y)", r"\[x\](y)", id="link"),
        pytest.param("# a", r"\# a", id="heading"),
        pytest.param("- a\n+ b", "\\- a\n\\+ b", id="bullets"),
        pytest.param("1. a", r"1\. a", id="numbers"),
        pytest.param("well-known, 3.5", "well-known, 3.5", id="nothing-to-escape"),
    ],
)
def test_words_in_markdown(words: str, expected: str) -> None:
    assert in_markdown(words) == expected


def test_an_answer_with_markup_stays_words_in_every_form() -> None:
    version = Library().version(Library().policy("sony-mobile").versions[0])
    span = version.passages[3].span
    place = Place(policy="sony-mobile", version="2020-01", start=span.start, end=span.end)
    made = reply([quoted(citation_at(Library(), place), SITE)], answer=MARKUP)
    assert MARKUP in made.text
    assert r"\# \<b\>We\</b\> \*sell\*" in made.markdown
    assert "&lt;b&gt;We&lt;/b&gt;" in made.html
    assert "<b>" not in made.html


@pytest.mark.parametrize(
    ("searched", "text", "expected"),
    [
        pytest.param(
            "selling data", "We sell data.", "We <mark>sell</mark> <mark>data</mark>.", id="stems"
        ),
        pytest.param("do you", "Do you sell?", "Do you sell?", id="common-words-are-not-marked"),
        pytest.param("cook", "Our cookies", "Our <mark>cookies</mark>", id="begun"),
        pytest.param("cook ", "Our cookies", "Our cookies", id="no-longer-begun"),
        pytest.param("b", "<b>b</b> & b", "&lt;<mark>b</mark>&gt;", id="escaped"),
    ],
)
def test_matched_words_are_marked_and_all_is_escaped(
    searched: str, text: str, expected: str
) -> None:
    assert Marker(searched).marked(text).startswith(expected)
