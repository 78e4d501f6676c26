"""What is looked for when a person typed a question."""

from __future__ import annotations

import pytest

from index.question import looked_for

NAMES = ("Acme", "Acme Mobile", "X")
POLICY_WORDS = ("cookies", "personal", "information", "delete", "children")
KNOWN = frozenset("do you sell my data what is we use the app are can".split()) | {*POLICY_WORDS}


def cleaned(question: str) -> str:
    return looked_for(
        question, names=NAMES, vocabulary=POLICY_WORDS, is_word=lambda word: word in KNOWN
    )


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("do you use cookies?", "do you use cookies?", id="nothing-to-do"),
        pytest.param(
            "Consider Acme's privacy policy; do you sell data?", "do you sell data?", id="consider"
        ),
        pytest.param(
            "According to the privacy policy, can you delete data?",
            "can you delete data?",
            id="according-to",
        ),
        pytest.param(
            "Regarding the Acme app: do you use cookies?", "do you use cookies?", id="regarding"
        ),
        pytest.param("do you  use\n cookies?", "do you use cookies?", id="white-space"),
    ],
)
def test_what_only_names_the_policy_is_left_out(question: str, expected: str) -> None:
    assert cleaned(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("what is Acme sell my data", "what is sell my data", id="name"),
        pytest.param("what is ACME MOBILE's data", "what is data", id="longest-name-first"),
        pytest.param("what data acmes", "what data acmes", id="only-whole-words"),
        pytest.param("Acme", "Acme", id="not-when-nothing-is-left"),
        pytest.param("Acme?", "Acme?", id="nor-when-a-sign-is-left"),
        pytest.param("can X sell my data", "can X sell my data", id="a-short-name-may-be-a-word"),
    ],
)
def test_the_name_of_the_service_is_left_out(question: str, expected: str) -> None:
    assert cleaned(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("cokies", "cookies", id="letter-missing"),
        pytest.param("deelte my data", "delete my data", id="letters-swapped"),
        pytest.param("infromatoin", "information", id="a-long-word-may-have-two"),
        pytest.param("dalate", "dalate", id="a-short-word-only-one"),
        pytest.param("ookies", "ookies", id="the-first-letter-stands"),
        pytest.param("sell dat", "sell dat", id="only-to-words-of-the-policy"),
        pytest.param("is", "is", id="short-words-stand"),
        pytest.param("cookiés", "cookiés", id="other-letters-stand"),
        pytest.param("what is the app", "what is the app", id="known-words-stand"),
    ],
)
def test_typing_errors_are_mended_to_the_words_of_the_policy(question: str, expected: str) -> None:
    assert cleaned(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("do u use my info", "do you use my information", id="u-and-info"),
        pytest.param("wat is ur data", "what is your data", id="wat-and-ur"),
        pytest.param("r u", "are you", id="r-u"),
    ],
)
def test_short_forms_are_written_out(question: str, expected: str) -> None:
    assert cleaned(question) == expected


def test_the_letters_of_an_abbreviation_are_no_short_forms() -> None:
    words = "Is my data sent to the U.S. or the U.K.?"
    assert looked_for(words, names=(), vocabulary=(), is_word=lambda word: True) == words
