"""The training data: whole, and apart from what figures are reported on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.evaluation.formats import read_question_set
from index.verdicts import VERDICTS
from policy_text.display import display_quote
from policy_text.library import Library
from training.batches import encoder_off_topic
from training.data import (
    DATA,
    HELD_APART,
    TrainingPolicy,
    load_policies,
    outside_of_training,
)
from training.examples import pairs_of, pool_of
from training.tosdr import load_tosdr

UNSEEN = ("sony-mobile", "creative-commons", "login-gov", "govwifi")


@pytest.fixture(scope="module")
def policies() -> list[TrainingPolicy]:
    return load_policies()


def test_the_policies_held_apart_are_there_and_share_no_family(
    policies: list[TrainingPolicy],
) -> None:
    by_name = {policy.name: policy for policy in policies}

    assert set(by_name) >= HELD_APART
    trained = {policy.family for name, policy in by_name.items() if name not in HELD_APART}
    assert not trained & {by_name[name].family for name in HELD_APART}


def test_what_answers_is_a_passage_of_the_policy(policies: list[TrainingPolicy]) -> None:
    for policy in policies:
        pool = pool_of(policy)
        answered = sum(bool(question.gold) for question in policy.questions)
        found = sum(bool(example.right) for example in pool.examples)
        assert found >= 0.97 * answered, policy.name
        for example in pool.examples:
            assert not set(example.right) & example.unsure


@pytest.mark.parametrize("name", UNSEEN)
def test_no_policy_that_is_reported_on_as_unseen_was_trained_on(
    name: str, policies: list[TrainingPolicy]
) -> None:
    library = Library()
    version = library.version(library.policy(name).versions[-1])
    sentences = [display_quote(version.quote(passage.span)) for passage in version.passages]
    sentences = [sentence for sentence in sentences if len(sentence) >= 60]
    trained = " ".join(" ".join(policy.version.text.split()) for policy in policies)

    shared = [sentence for sentence in sentences if sentence in trained]
    assert len(shared) <= max(1, 0.02 * len(sentences)), shared  # a regulator has one address


def test_no_question_of_a_set_that_ships_was_trained_on(policies: list[TrainingPolicy]) -> None:
    ours = {
        " ".join(question.question.casefold().split())
        for name in UNSEEN
        for question in read_question_set(name).questions
    }
    theirs = {
        " ".join(question.question.casefold().split())
        for policy in policies
        for question in (*policy.questions, *policy.verdicts)
    }
    assert len(ours & theirs) <= 0.03 * len(ours), ours & theirs  # short ones that all ask


def test_no_quote_that_is_learnt_from_stands_in_a_policy_held_apart(
    policies: list[TrainingPolicy],
) -> None:
    apart = [policy.version.text for policy in policies if policy.name in HELD_APART]
    everything = load_tosdr(DATA / "tosdr")
    learnt = load_tosdr(DATA / "tosdr", without=apart)

    texts = [" ".join(display_quote(text).split()) for text in apart]
    left_out = {quote.text for quote in everything.quotes} - {quote.text for quote in learnt.quotes}
    assert len(left_out) > 100
    assert not [q for q in learnt.quotes if any(" ".join(q.text.split()) in t for t in texts)]


def test_what_was_judged_is_a_passage_of_the_policy(policies: list[TrainingPolicy]) -> None:
    for policy in policies:
        judged = replace(policy, questions=())  # without near misses, which nobody judged
        pairs = pairs_of(judged)
        assert len(pairs) >= 0.97 * len(policy.verdicts)
        assert {pair.verdict for pair in pairs} <= set(VERDICTS)
        if policy.name in HELD_APART:  # what is looked at with is what people asked
            assert not any(pair.is_written for pair in pairs)


def test_the_encoder_and_what_decides_over_it_see_different_questions_that_are_none() -> None:
    apart = outside_of_training()

    assert len(apart) == len(set(apart))
    assert not set(apart) & set(encoder_off_topic())
