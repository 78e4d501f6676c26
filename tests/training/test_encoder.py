"""What the encoder is trained with: the loss, and which texts compete for which question."""

from __future__ import annotations

import math
import random

import pytest
import torch

from training.batches import WRITTEN, WrittenPairs, policy_batch, tosdr_batch, written_batch
from training.data import DATA
from training.encoder import listwise_loss
from training.examples import Example, Pair, Pool
from training.network import SCALE
from training.tosdr import load_tosdr

NONE = torch.tensor([[0.0]])
FALSE = torch.tensor([[False, False]])


def test_the_loss_of_an_answerable_question_is_that_of_softmax_over_texts_and_none() -> None:
    scores = torch.tensor([[0.1, 0.0]])
    right = torch.tensor([[True, False]])

    expected = -math.log(math.exp(0.1 * SCALE) / (math.exp(0.1 * SCALE) + 1 + 1))
    assert float(listwise_loss(scores, NONE, right, FALSE)) == pytest.approx(expected, abs=1e-5)


def test_no_text_is_right_for_a_question_that_none_answers() -> None:
    low, high = torch.tensor([[-0.5, -0.5]]), torch.tensor([[0.5, 0.5]])

    assert float(listwise_loss(low, NONE, FALSE, FALSE)) < 0.001
    assert float(listwise_loss(high, NONE, FALSE, FALSE)) > 5


def test_what_only_helps_counts_neither_way() -> None:
    scores = torch.tensor([[0.1, 0.9]])
    right, unsure = torch.tensor([[True, False]]), torch.tensor([[False, True]])

    expected = -math.log(math.exp(0.1 * SCALE) / (math.exp(0.1 * SCALE) + 1))
    assert float(listwise_loss(scores, NONE, right, unsure)) == pytest.approx(expected, abs=1e-5)


def test_a_batch_has_the_answers_of_every_question_and_its_hardest_wrong_texts() -> None:
    examples = (
        Example("a", "direct", (0,), frozenset({1})),
        Example("b", "lay", (1,), frozenset()),
    )
    pool = Pool("p", "p", ("zero", "one", "two", "three"), examples)

    batch = policy_batch(random.Random(0), pool, [[2], [3]], [0, 1], ["w", "x", "y", "z"])

    assert batch.questions[:2] == ["a", "b"]
    assert sorted(batch.texts) == ["one", "three", "two", "zero"]
    at = batch.texts.index
    assert batch.right[0].nonzero().flatten().tolist() == [at("zero")]
    assert batch.unsure[0].nonzero().flatten().tolist() == [at("one")]
    assert batch.right[1].nonzero().flatten().tolist() == [at("one")]
    assert not batch.right[2:].any()  # questions that are none for a policy


def test_what_is_like_a_questions_own_passage_counts_neither_way() -> None:
    pairs = [Pair(f"q{n}", f"t{n}", "yes", True) for n in range(WRITTEN)]
    vectors = torch.eye(WRITTEN)
    vectors[1] = vectors[0] * 0.6 + vectors[1] * 0.8

    batch = written_batch(random.Random(0), WrittenPairs(pairs, vectors))

    assert sorted(batch.questions) == sorted(pair.question for pair in pairs)
    assert [q[1:] for q in batch.questions] == [t[1:] for t in batch.texts]
    assert torch.equal(batch.right, torch.eye(WRITTEN, dtype=torch.bool))
    zero, one = batch.texts.index("t0"), batch.texts.index("t1")
    assert sorted(map(tuple, batch.unsure.nonzero().tolist())) == sorted([(zero, one), (one, zero)])


def test_quotes_of_a_near_group_are_no_wrong_answers() -> None:
    tosdr = load_tosdr(DATA / "tosdr")
    group_of = {quote.text: quote.group for quote in tosdr.quotes}
    asked = {question.question: question.group for question in tosdr.questions}

    for seed in range(5):
        batch = tosdr_batch(random.Random(seed), tosdr)
        assert batch.right.any(dim=1).all()
        assert not (batch.right & batch.unsure).any()
        for row, question in enumerate(batch.questions):
            for column, text in enumerate(batch.texts):
                near = (asked[question], group_of[text.split(": ", 1)[1]]) in tosdr.near
                assert near == bool(batch.right[row, column] | batch.unsure[row, column])
