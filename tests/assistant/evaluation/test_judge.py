"""What is right and wrong about one answer, as the contract has it."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.evaluation.judge import hits, is_quoted, judge
from assistant.evaluation.locate import LocatedQuestion
from policy_text import Span
from tests.assistant.evaluation.builders import KEEP, SELL, WRITE, answer, question


@pytest.mark.parametrize(
    ("asked", "answered", "right", "top1", "why"),
    [
        pytest.param(question(SELL), answer(SELL), True, True, "citation 1 hits", id="exact"),
        pytest.param(
            question(SELL), answer(KEEP, SELL), True, False, "citation 2 hits", id="second-hits"
        ),
        pytest.param(
            question(SELL),
            answer(KEEP, KEEP, KEEP, SELL),
            False,
            False,
            "answered, but only citation 4 hits",
            id="fourth-is-too-late",
        ),
        pytest.param(
            question(SELL), answer((29, 40)), True, True, "citation 1 hits", id="inside-gold"
        ),
        pytest.param(
            question(SELL, WRITE),
            answer(WRITE),
            True,
            True,
            "citation 1 hits",
            id="any-gold-will-do",
        ),
        pytest.param(
            question(SELL),
            answer(KEEP, ranked=[KEEP, SELL]),
            False,
            False,
            "answered, but no citation hits; the first passage that answers ranks 2",
            id="none-hits",
        ),
        pytest.param(
            question(SELL),
            answer(ranked=[KEEP]),
            False,
            False,
            "declined (silent), but the policy answers; "
            "no passage that answers is among the 1 best",
            id="false-refusal",
        ),
        pytest.param(
            question(),
            answer(status="out_of_scope"),
            True,
            False,
            "declined (out_of_scope), and the policy does not answer",
            id="declined-rightly",
        ),
        pytest.param(
            question(),
            answer(SELL),
            False,
            False,
            "answered, but the policy does not answer",
            id="answered-what-the-policy-does-not-say",
        ),
    ],
)
def test_judgement(
    asked: LocatedQuestion, answered: dict[str, Any], right: bool, top1: bool, why: str
) -> None:
    judgement = judge(asked, answered)
    assert (judgement.right, judgement.top1, judgement.why) == (right, top1, why)


@pytest.mark.parametrize(
    ("span", "gold", "expected"),
    [
        pytest.param((0, 10), (0, 10), True, id="same"),
        pytest.param((0, 10), (10, 20), False, id="adjoining"),
        pytest.param((0, 5), (0, 10), True, id="half-of-gold"),
        pytest.param((0, 4), (0, 10), True, id="inside-gold"),
        pytest.param((6, 16), (0, 12), True, id="half-of-itself-inside"),
        pytest.param((8, 18), (0, 12), False, id="less-than-half-either-way"),
        pytest.param((0, 600), (590, 600), True, id="600-characters-may-hold-a-short-quote"),
        pytest.param((0, 601), (590, 600), False, id="601-characters-may-not"),
        pytest.param((0, 900), (600, 900), True, id="three-times-a-long-quote"),
        pytest.param((0, 901), (600, 900), False, id="more-than-three-times"),
    ],
)
def test_hits(span: tuple[int, int], gold: tuple[int, int], expected: bool) -> None:
    assert hits(Span(*span), [Span(*gold)]) is expected


def test_ranks_count_from_one_and_relevant_passages_are_those_of_the_policy() -> None:
    judgement = judge(question(SELL, WRITE), answer(KEEP, ranked=[KEEP, SELL]))
    assert judgement.ranks == (2,)
    assert judgement.relevant == 2


def test_a_quote_that_is_not_the_text_at_its_offsets_is_unfaithful() -> None:
    answered = answer(SELL, KEEP)
    answered["citations"][1]["quote"] = "We keep logs for ever."
    assert judge(question(SELL), answered).faithful == (True, False)


@pytest.mark.parametrize(
    ("words", "quote", "expected"),
    [
        pytest.param("we never sell", "We never sell your data.", True, id="three-of-five"),
        pytest.param("we never", "We never sell your data.", False, id="two-of-five"),
        pytest.param("We never sell your data.", "", False, id="no-quote"),
        pytest.param("x " * 120 + "we never sell", "We never sell.", False, id="after-120-words"),
    ],
)
def test_is_quoted(words: str, quote: str, expected: bool) -> None:
    assert is_quoted(words, [quote]) is expected
