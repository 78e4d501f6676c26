"""Which questions ask yes or no, and the signs that a quote says it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assistant.verdict import (
    asks_plainly,
    asks_yes_or_no,
    can_be_said,
    is_conditional,
    is_fragment,
    likelier,
    says_plainly,
    signs,
)


@pytest.mark.parametrize(
    "question",
    [
        "Do you sell my data?",
        "can my boss see what i type",
        "If I delete my account, is my address gone?",
        "When I buy something, do you see it?",
        "so do you track me",
        "I am 12. Am I allowed in?",
        "Don't you tell the police?",
        "Is there a list of the companies that get my data?",
        "Can I see who has looked at my data?",
    ],
)
def test_asks_yes_or_no(question: str) -> None:
    assert asks_yes_or_no(question)


@pytest.mark.parametrize(
    "question",
    [
        "What do you do with my data?",
        "How long do you keep it, and can I delete it?",
        "Do you share my data, and with whom? With what kind of companies?",
        "Does it leave Europe, and how is it kept safe there?",
        "Is it kept here or is it sent abroad?",
        "data retention",
        "Who can see my posts?",
        "Would you tell me who gets it?",
        "",
    ],
)
def test_does_not_ask_yes_or_no(question: str) -> None:
    assert not asks_yes_or_no(question)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("Do you sell my data?", True, id="plain"),
        pytest.param("What do you collect? Do you sell it?", True, id="the-last-question-counts"),
        pytest.param("Is it true that you never sell my data?", False, id="never"),
        pytest.param("Do you promise not to sell it?", False, id="not"),
        pytest.param("Do you avoid collecting names?", False, id="avoid"),
        pytest.param("Can I stop you from selling it?", False, id="stop"),
        pytest.param("is it right that you dont track me", False, id="typed-in-a-hurry"),
        pytest.param("Is my data stored in the US or in the EU?", False, id="alternative"),
        pytest.param("Can you tell me what you collect?", False, id="asked-through-another"),
    ],
)
def test_a_no_in_the_quote_must_be_a_no_to_the_question(question: str, expected: bool) -> None:
    assert asks_plainly(question) == expected


@pytest.mark.parametrize(
    ("chances", "expected"),
    [
        pytest.param([0.1, 0.6, 0.3], ("yes", 0.6), id="yes"),
        pytest.param([0.1, 0.3, 0.6], ("no", 0.6), id="no"),
        pytest.param([0.8, 0.05, 0.15], ("no", 0.15), id="rather-neither"),
    ],
)
def test_the_likelier_of_yes_and_no(chances: list[float], expected: tuple[str, float]) -> None:
    said, probability = likelier(np.array(chances))
    assert (said, probability) == (expected[0], pytest.approx(expected[1]))


@pytest.mark.parametrize(
    ("chances", "expected"),
    [
        pytest.param([0.2, 0.05, 0.75], [math.log(3), math.log(9), 1], id="no"),
        pytest.param([0.2, 0.75, 0.05], [math.log(3), math.log(9), 0], id="yes"),
    ],
)
def test_signs(chances: list[float], expected: list[float]) -> None:
    assert signs(np.array(chances), confidence=0.9).tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("verdict", "quote", "expected"),
    [
        pytest.param("no", "We never sell your data.", True, id="no"),
        pytest.param("yes", "We use cookies.", True, id="yes"),
        pytest.param("yes", "It is not open to you any longer.", False, id="yes-on-a-negation"),
        pytest.param("no", "We delete it immediately.", True, id="no-without-a-negation"),
    ],
)
def test_a_verdict_needs_a_quote_that_says_it_plainly(
    verdict: str, quote: str, expected: bool
) -> None:
    assert says_plainly(verdict, quote) == expected


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        pytest.param("We never sell your data.", False, id="plain-no"),
        pytest.param("You can delete your account at any time.", False, id="plain-yes"),
        pytest.param("We will not share it without your consent.", True, id="consent"),
        pytest.param("We may share it with partners.", True, id="may"),
        pytest.param("We keep it unless you ask us not to.", True, id="unless"),
        pytest.param("With one exception, we never sell it.", True, id="exception"),
        pytest.param("Only we can read it.", True, id="only"),
        pytest.param("We share it with nobody other than our partners.", True, id="other-than"),
        pytest.param("We keep none if you are under 18.", True, id="if"),
        pytest.param("We keep it until you delete it.", True, id="until"),
        pytest.param("In some cases we combine them.", True, id="some-cases"),
        pytest.param("It has applied since May 2024.", False, id="the-month"),
    ],
)
def test_conditions_are_seen(quote: str, expected: bool) -> None:
    assert is_conditional(quote) == expected


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        pytest.param("We never sell it.", False, id="sentence"),
        pytest.param("2. You can delete your account.", False, id="numbered"),
        pytest.param("You can opt out.", False, id="short-words"),
        pytest.param("a) We never sell it.", False, id="marker"),
        pytest.param("WE DO NOT SELL YOUR DATA.", False, id="capitals"),
        pytest.param("iCloud keeps it.", True, id="a-small-letter-first"),
        pytest.param("and to show you advertisements.", True, id="rest-of-a-sentence"),
        pytest.param("Do Not Sell My Personal Information", True, id="label"),
        pytest.param("Right of Access", True, id="heading"),
        pytest.param("…", True, id="no-words"),
    ],
)
def test_fragments_are_seen(quote: str, expected: bool) -> None:
    assert is_fragment(quote) == expected


def test_a_verdict_can_be_said_of_a_plain_question_and_quote_only() -> None:
    assert can_be_said("Do you sell my data?", "We never sell it.")
    assert not can_be_said("Do you never sell my data?", "We never sell it.")
    assert not can_be_said("Do you sell my data?", "We may sell it.")
    assert not can_be_said("Do you sell my data?", "and never sell it.")
