"""The terminal chat, on lines that were typed before."""

import io

import pytest

from assistant import Assistant
from assistant.chat import converse


def said(assistant: Assistant, *lines: str, policy: str = "sony-mobile") -> list[str]:
    words: list[str] = []
    version = assistant.choose("", policy=policy)
    converse(assistant, version, io.StringIO("".join(f"{line}\n" for line in lines)), words.append)
    return words[2:]


def test_the_chat_opens_with_policy_and_date_and_says_what_it_is_not(assistant: Assistant) -> None:
    words: list[str] = []
    converse(assistant, assistant.choose(""), io.StringIO(""), words.append)
    assert "Sony Mobile Privacy Policy (last updated January 2020)" in words[0]
    assert "not legal advice" in words[1]


@pytest.mark.parametrize("last", ["quit", "EXIT", "bye", "", "   "])
def test_a_last_word_ends_the_chat(assistant: Assistant, last: str) -> None:
    assert said(assistant, last, "What about cookies?") == []


def test_every_line_is_answered(assistant: Assistant) -> None:
    first, second = said(assistant, "What about cookies?", "write me a poem")
    assert "7. Cookies & Tracking" in first
    assert "not a question about privacy" in second


def test_a_follow_up_is_understood(assistant: Assistant) -> None:
    _, alone = said(assistant, "What about cookies?", "and health?")
    [unconnected] = said(assistant, "and health?")
    assert alone != unconnected


def test_a_line_that_cannot_be_asked_is_named_and_the_chat_goes_on(assistant: Assistant) -> None:
    problem, answer = said(assistant, "Do\x07 you?", "What about cookies?")
    assert "control character" in problem
    assert "7. Cookies & Tracking" in answer


def test_the_chat_stays_with_its_policy(assistant: Assistant) -> None:
    [answer] = said(assistant, "Does GitHub use cookies?")
    assert "Sony Mobile Privacy Policy" in answer


def test_a_question_may_name_another_policy_unless_one_was_chosen(assistant: Assistant) -> None:
    sony = assistant.choose("")
    for is_fixed, title in ((False, "GitHub Privacy Statement"), (True, "Sony Mobile")):
        said: list[str] = []
        lines = io.StringIO("Does GitHub sell my data?\nquit\n")
        converse(assistant, sony, lines, said.append, is_fixed=is_fixed)
        assert title in said[-1]
