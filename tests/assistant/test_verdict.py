"""Which questions ask yes or no, and which quotes say what they say under conditions."""

from __future__ import annotations

import pytest

from assistant.verdict import asks_yes_or_no, is_conditional


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
        "",
    ],
)
def test_does_not_ask_yes_or_no(question: str) -> None:
    assert not asks_yes_or_no(question)


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
        pytest.param("In some cases we combine them.", True, id="some-cases"),
        pytest.param("It has applied since May 2024.", False, id="the-month"),
    ],
)
def test_conditions_are_seen(quote: str, expected: bool) -> None:
    assert is_conditional(quote) == expected
