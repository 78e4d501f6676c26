"""What the encoder learns from in one step: some questions, and texts that answer them or not."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from training.data import outside_questions
from training.examples import Example, Pair, Pool
from training.tosdr import Quote, Tosdr

QUESTIONS = 24  # a batch
TEXTS = 56  # a batch, at most
OFF_TOPIC = 3  # questions that no policy answers, a batch
TOSDR_BATCHES = 60  # an epoch
WRITTEN = 32  # questions of that kind, a batch
WRITTEN_BATCHES = 110  # an epoch
ALIKE = 0.5  # cosine from which two passages may answer the same question


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Questions, texts, and which texts are right, or neither right nor wrong, for which."""

    questions: list[str]
    texts: list[str]
    right: Tensor  # bool, (n_questions, n_texts)
    unsure: Tensor


def encoder_off_topic() -> list[str]:
    """The questions that are none for a policy which the encoder learns to put aside."""
    return outside_questions()[::2]


def parts(draw: random.Random, count: int) -> Iterator[list[int]]:
    """All numbers under `count`, shuffled, in parts of like size, each for one batch."""
    numbers = list(range(count))
    draw.shuffle(numbers)
    how_many = -(-count // QUESTIONS)
    for n in range(how_many):
        yield numbers[n::how_many]


def policy_batch(
    draw: random.Random,
    pool: Pool,
    hardest: Sequence[Sequence[int]],
    numbers: Sequence[int],
    off_topic: Sequence[str],
) -> Batch:
    """Some questions on one policy with passages that answer them and the hardest that do not."""
    examples = [pool.examples[n] for n in numbers]
    chosen: dict[int, None] = {}
    for example in examples:
        chosen.update(dict.fromkeys(draw.sample(example.right, min(2, len(example.right)))))
    wrong = [draw.sample(hardest[n], min(4, len(hardest[n]))) for n in numbers]
    for rank in range(4):
        for candidates in wrong:
            if rank < len(candidates) and len(chosen) < TEXTS:
                chosen[candidates[rank]] = None
    texts = list(chosen)
    examples += [
        Example(words, "outside", (), frozenset()) for words in draw.sample(off_topic, OFF_TOPIC)
    ]
    return Batch(
        [example.question for example in examples],
        [pool.texts[t] for t in texts],
        torch.tensor([[t in example.right for t in texts] for example in examples]),
        torch.tensor([[t in example.unsure for t in texts] for example in examples]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class WrittenPairs:
    """Questions that were written for one passage each, of many policies.

    Attributes:
        pairs: those whose passage says yes or no, and so answers.
        vectors: of their texts under the model as it was before training, unit rows.
    """

    pairs: Sequence[Pair]
    vectors: Tensor


def written_batch(draw: random.Random, written: WrittenPairs) -> Batch:
    """Some of those questions, each with its passage, which competes with the others'.

    A passage that is like a question's own may answer it too: it counts neither way.
    """
    numbers = draw.sample(range(len(written.pairs)), WRITTEN)
    pairs = [written.pairs[n] for n in numbers]
    vectors = written.vectors[numbers]
    own = torch.eye(len(pairs), dtype=torch.bool)
    return Batch(
        [pair.question for pair in pairs],
        [pair.text for pair in pairs],
        own,
        (vectors @ vectors.T >= ALIKE) & ~own,
    )


def tosdr_batch(draw: random.Random, tosdr: Tosdr) -> Batch:
    """Questions of ToS;DR's groups with a quote that answers each, and quotes of other groups."""
    questions = draw.sample(tosdr.questions, QUESTIONS)
    quotes: dict[Quote, None] = {}
    for question in questions:
        fitting = [quote for quote in tosdr.quotes if tosdr.answers(question, quote)]
        if fitting:
            quotes[draw.choice(fitting)] = None
    for quote in draw.sample(tosdr.quotes, 12):
        quotes[quote] = None
    questions = [q for q in questions if any(tosdr.answers(q, quote) for quote in quotes)]
    right = [[tosdr.answers(q, quote) for quote in quotes] for q in questions]
    unsure = [
        [tosdr.may_answer(q, quote) and not tosdr.answers(q, quote) for quote in quotes]
        for q in questions
    ]
    return Batch(
        [q.question for q in questions],
        [f"Privacy Policy: {quote.text}" for quote in quotes],
        torch.tensor(right),
        torch.tensor(unsure),
    )
