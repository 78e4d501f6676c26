"""Follow-up questions get the topic of the question that they lean on."""

import pytest

from assistant.conversation import is_follow_up, standalone

HEALTH = "Do you collect health data?"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("and for kids?", "Do you collect health data – for kids?", id="and"),
        pytest.param("what about cookies?", "Do you collect health data – cookies?", id="about"),
        pytest.param("And what about cookies?", "Do you collect health data – cookies?", id="both"),
        pytest.param("how long?", "Do you collect health data – how long?", id="short"),
        pytest.param("Why?", "Do you collect health data – Why?", id="one-word"),
        pytest.param(
            "Do you share it with others?",
            "Do you collect health data – Do you share it with others?",
            id="points-back",
        ),
        pytest.param(
            "what happens if I do?",
            "Do you collect health data – what happens if I do?",
            id="if-i-do",
        ),
        pytest.param(
            "even on my watch?", "Do you collect health data – even on my watch?", id="even"
        ),
        pytest.param(
            "will I be told beforehand?",
            "Do you collect health data – will I be told beforehand?",
            id="beforehand",
        ),
        pytest.param(
            "and do you share it?", "Do you collect health data – do you share it?", id="and-it"
        ),
    ],
)
def test_a_follow_up_gets_the_topic_before_it(question: str, expected: str) -> None:
    assert standalone(question, [HEALTH]) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Which third parties receive personal information from Sony?",
        "Do you track me?",
        "Do you sell my data?",
        "Is there a way to delete my account?",
        "Is it possible to delete my account?",
        "Can I see the data that you hold?",
        "Does this policy apply to children?",
        "And do you sell my data?",
        "What cookies do you set on your websites?",
    ],
)
def test_a_whole_question_after_another_is_left_alone(question: str) -> None:
    assert standalone(question, [HEALTH]) == question


@pytest.mark.parametrize("question", ["and for kids?", "how long?", "what about cookies?", "why?"])
def test_the_first_question_is_never_a_follow_up(question: str) -> None:
    assert standalone(question, []) == question


def test_the_topic_is_that_of_the_last_whole_question() -> None:
    history = ["Do you sell my data?", HEALTH, "and for kids?"]
    assert standalone("how long?", history) == "Do you collect health data – how long?"


def test_the_first_turn_is_the_topic_where_every_turn_leans() -> None:
    assert standalone("how long?", ["What about cookies?"]) == "What about cookies – how long?"


@pytest.mark.parametrize("turn", ["", "  ", "\ud800", "a\x00b", "x" * 4001])
def test_a_turn_that_could_not_be_asked_is_passed_over(turn: str) -> None:
    assert standalone("how long?", [HEALTH, turn]) == standalone("how long?", [HEALTH])
    assert standalone("how long?", [turn]) == "how long?"


def test_the_history_is_left_as_it_was() -> None:
    history = [HEALTH, "and for kids?", ""]
    standalone("how long?", history)
    assert history == [HEALTH, "and for kids?", ""]


def test_a_long_question_with_a_pronoun_is_no_follow_up() -> None:
    assert not is_follow_up("When I close my account do you delete it and all my messages?")
