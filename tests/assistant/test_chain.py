"""The assistant as a LangChain Runnable."""

from dataclasses import replace

import pytest

from assistant import Answer, Assistant, QuestionError
from assistant.chain import ChainQuestion, answer_chain


def timeless(answer: Answer) -> Answer:
    return replace(answer, latency_ms=0.0)


def test_a_string_is_a_question_on_the_default_policy(assistant: Assistant) -> None:
    invoked = answer_chain(assistant).invoke("What about cookies?")
    assert timeless(invoked) == timeless(assistant.ask("What about cookies?"))


def test_all_that_can_be_said_of_a_question_reaches_the_assistant(assistant: Assistant) -> None:
    question: ChainQuestion = {
        "question": "and location?",
        "id": "q7",
        "policy": "github",
        "version": "2022-09-01",
        "region": "Germany",
        "history": ["Do you collect health data?"],
    }
    asked = assistant.ask(
        "and location?",
        id="q7",
        policy="github",
        version="2022-09-01",
        region="Germany",
        history=["Do you collect health data?"],
    )
    assert timeless(answer_chain(assistant).invoke(question)) == timeless(asked)


def test_a_batch_is_answered_in_its_order(assistant: Assistant) -> None:
    questions = ["What about cookies?", "Do you sell my data?", "data?"]
    answers = answer_chain(assistant).batch(list(questions))
    assert [timeless(a) for a in answers] == [timeless(assistant.ask(q)) for q in questions]


def test_a_question_that_cannot_be_asked_stays_an_error(assistant: Assistant) -> None:
    with pytest.raises(QuestionError, match="blank"):
        answer_chain(assistant).invoke(" ")
