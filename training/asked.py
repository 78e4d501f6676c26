"""Training questions put to the index: what it says to each, and which passages answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.calibration import is_in_scope
from assistant.conversation import standalone
from assistant.verdict import log_odds
from index.build import ensure_version
from index.encoder import Encoder, FloatMatrix
from index.retriever import PassageIndex, Retrieval, encode_questions
from index.scoring import FEATURES, EncodedQuestion, RankingWeights
from index.signals import signals
from index.store import Store
from policy_text import Span
from training.data import (
    TrainingPolicy,
    TrainingQuestion,
    inside_questions,
    outside_asked_of,
    outside_of_training,
)
from training.examples import hit_matrix, yes_or_no

OUTSIDE_PER_POLICY = 30  # questions of another kind that each policy is asked
NOTHING = np.zeros(0, dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question put to a policy.

    Attributes:
        question: as it was typed.
        verdict: "yes", "no", or "none" where it asks that and gets neither; else None.
        encoded: its words, encoded.
        alone: of a follow-up, its own words without the topic, encoded; else None.
        gold: what answers it; empty where the policy does not say.
        retrieval: what the index says under some weights.
        answers: which passages of `retrieval` answer, shape (n_passages,).
        partial: which only help, shape (n_passages,).
    """

    family: str
    kind: str
    question: str
    verdict: str | None
    index: PassageIndex
    encoded: EncodedQuestion
    alone: EncodedQuestion | None
    gold: tuple[Span, ...]
    helps: tuple[Span, ...]
    retrieval: Retrieval
    answers: NDArray[np.bool_]
    partial: NDArray[np.bool_]

    @property
    def is_answerable(self) -> bool:
        return bool(self.gold)

    def ranked(self, weights: RankingWeights) -> Asked:
        """The same question under other weights."""
        retrieval = self.index.search(self.encoded, weights, alone=self.alone)
        spans = [scored.passage.span for scored in retrieval.ranking]
        answers = hit_matrix(spans, self.gold)
        partial = hit_matrix(spans, self.helps) & ~answers
        return replace(self, retrieval=retrieval, answers=answers, partial=partial)


@dataclass(frozen=True, slots=True, eq=False)
class HeldApart:
    """Questions, and for each what models say that were fitted on other policies, in [0, 1]."""

    asked: Sequence[Asked]
    answerable: NDArray[np.float64]
    first: NDArray[np.float64]
    scope: NDArray[np.float64]

    def answered(self, answer_from: float, scope_counts: float) -> NDArray[np.bool_]:
        """Which questions get an answer, as a Calibration with these two decides."""
        inside = np.array([is_in_scope(a.retrieval.looked_for) for a in self.asked])
        outside = np.where(inside, 0.0, np.minimum(0.0, _log_odds(self.scope)))
        return _log_odds(self.answerable) + scope_counts * outside >= log_odds(answer_from)


def ask_everything(
    encoder: Encoder, folder: Path, policies: Sequence[TrainingPolicy]
) -> tuple[list[Asked], FloatMatrix]:
    """All questions put to their policies; the vectors of more questions for policies."""
    store = Store(folder)
    outside = outside_of_training()
    asked: list[Asked] = []
    for number, policy in enumerate(policies):
        ensure_version(policy.version, encoder, store)
        index = PassageIndex.open(policy.version, store, encoder)
        others = [
            TrainingQuestion(words, "outside", (), (), None)
            for words in [
                *outside[number :: max(1, len(outside) // OUTSIDE_PER_POLICY)],
                *outside_asked_of(policy.name),
            ]
        ]
        asked += _ask(index, policy, [*policy.questions, *others])
        print(f"{policy.name}: {len(policy.questions)} questions", flush=True)
    return asked, encoder.encode(inside_questions()).sentences


def _ask(
    index: PassageIndex, policy: TrainingPolicy, questions: Sequence[TrainingQuestion]
) -> list[Asked]:
    uniform = RankingWeights(np.ones(len(FEATURES), dtype=np.float32))
    wholes = [standalone(q.question, q.history) for q in questions]
    words = [index.looked_for(whole) for whole in wholes]
    own = [index.looked_for(q.question) for q in questions]
    asked: list[Asked] = []
    for question, whole, encoded, alone in zip(
        questions,
        wholes,
        encode_questions(words, index.encoder),
        encode_questions(own, index.encoder),
        strict=True,
    ):
        follows = alone if whole != question.question else None
        retrieval = index.search(encoded, uniform, alone=follows)
        one = Asked(
            policy.family, question.kind, question.question, yes_or_no(question), index, encoded,
            follows, question.gold, question.partial, retrieval, NOTHING, NOTHING,
        )  # fmt: skip
        asked.append(one.ranked(uniform))
    return asked


def signal_matrix(asked: Sequence[Asked]) -> FloatMatrix:
    """The signals of each retrieval, float32, shape (n_questions, len(SIGNALS))."""
    return np.array([signals(a.retrieval) for a in asked], dtype=np.float32)


def vector_matrix(asked: Sequence[Asked]) -> FloatMatrix:
    """The vector of each question, float32, shape (n_questions, dim)."""
    return np.array([a.retrieval.vector for a in asked], dtype=np.float32)


def _log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.clip(probabilities, 1e-9, 1 - 1e-9)
    odds: NDArray[np.float64] = np.log(kept / (1 - kept))
    return odds
