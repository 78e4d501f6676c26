"""What the encoder is trained and looked at with: questions, and texts that answer them or not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from assistant.conversation import standalone
from assistant.verdict import asks_yes_or_no
from index.question import looked_for
from index.representation import passage_texts
from policy_text import PolicyVersion, Span
from training.data import TrainingPolicy, TrainingQuestion

NEAR_MISSES = 2  # passages that come near a question which no passage answers


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A question put to the texts of one pool.

    Attributes:
        question: the words to encode.
        kind: as the data call it.
        right: positions of the texts that answer it; empty where none does.
        unsure: positions of texts that are neither right nor wrong.
    """

    question: str
    kind: str
    right: tuple[int, ...]
    unsure: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """One policy: its passages as they are encoded, and the questions on it."""

    name: str
    family: str
    texts: tuple[str, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A question that asks yes or no, and a passage of some policy as it is encoded.

    Attributes:
        verdict: "yes", "no", or "none" where the passage leaves it open.
        is_written: whether the question was written for this very passage.
    """

    question: str
    text: str
    verdict: str
    is_written: bool


def pairs_of(policy: TrainingPolicy) -> list[Pair]:
    """The passages of a policy that somebody judged: do they say yes, no, or neither?

    So do those that come near a yes/no question which the policy does not answer: neither.
    """
    version = policy.version
    texts = passage_texts(version).introduced
    spans = [passage.span for passage in version.passages]
    words = _words_of(version)
    pairs: list[Pair] = []
    for one in policy.verdicts:
        question = encoded_words(one.question, one.history, version, words)
        shared = [span.overlap(one.passage) for span in spans]
        if max(shared):
            text = texts[shared.index(max(shared))]
            pairs.append(Pair(question, text, one.verdict, one.is_written))
    for other in policy.questions:
        if not other.gold and asks_yes_or_no(other.question):
            question = encoded_words(other.question, other.history, version, words)
            near = [n for n, span in enumerate(spans) if hits(span, other.partial)]
            pairs += [Pair(question, texts[n], "none", False) for n in near[:NEAR_MISSES]]
    return pairs


def pool_of(policy: TrainingPolicy) -> Pool:
    """A training policy as the index and the retriever see it."""
    version = policy.version
    texts = tuple(passage_texts(version).introduced)
    spans = [passage.span for passage in version.passages]
    words = _words_of(version)
    examples: list[Example] = []
    for question in policy.questions:
        right = tuple(n for n, span in enumerate(spans) if hits(span, question.gold))
        if question.gold and not right:
            continue
        unsure = {n for n, span in enumerate(spans) if hits(span, question.partial)} - set(right)
        if not right:  # what comes near does not answer: that is what must be learnt
            unsure = set()
        asked = encoded_words(question.question, question.history, version, words)
        examples.append(Example(asked, question.kind, right, frozenset(unsure)))
    return Pool(policy.name, policy.family, texts, tuple(examples))


def encoded_words(
    question: str, history: Sequence[str], version: PolicyVersion, words: frozenset[str]
) -> str:
    """The words that the retriever would encode for a question."""
    vocabulary = _model_words()
    return looked_for(
        standalone(question, history),
        names=version.policy.names,
        vocabulary=sorted(words),
        is_word=lambda word: word in words or word in vocabulary,
    )


def yes_or_no(question: TrainingQuestion) -> str | None:
    """The verdict wanted; "none" for a yes/no question with no plain answer; None for others."""
    return question.verdict or ("none" if asks_yes_or_no(question.question) else None)


def hits(span: Span, gold: Sequence[Span]) -> bool:
    """A citation hits when it covers half of a gold span, or lies half inside one; not too long."""
    for right in gold:
        shared = span.overlap(right)
        covers = 2 * shared >= len(right) and len(span) <= max(600, 3 * len(right))
        inside = 2 * shared >= len(span) and len(span) <= 3 * len(right)
        if shared and (covers or inside):
            return True
    return False


def hit_matrix(spans: Sequence[Span], gold: Sequence[Span]) -> NDArray[np.bool_]:
    """Which spans hit; shape (n_spans,)."""
    return np.array([hits(span, gold) for span in spans], dtype=np.bool_)


def _words_of(version: PolicyVersion) -> frozenset[str]:
    letters = "".join(c if c.isalpha() else " " for c in version.text.casefold())
    return frozenset(word for word in letters.split() if len(word) >= 4)


@cache
def _model_words() -> frozenset[str]:
    from index.encoder import minilm_folder

    tokenizer = json.loads((minilm_folder() / "tokenizer.json").read_text(encoding="utf-8"))
    return frozenset(tokenizer["model"]["vocab"])
