"""A retrieval to probabilities: that the policy answers, and that its first passage does.

The numbers are fitted by training/fit.py on policies that do not ship.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from assistant.verdict import SIGNS, likelier, log_odds, signs
from index.encoder import FloatVector
from index.retriever import Retrieval, ScoredPassage
from index.scoring import fitted
from index.signals import SIGNALS, signals
from index.verdicts import VERDICTS

CITED_AT_MOST = 3
SUREST = 0.99  # no reading is surer
NAME_WORDS = 2  # at most

_ASKS_THE_POLICY = re.compile(r"\b(?:policy|notice) says? (?:about|on|of)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A logistic regression over a retrieval's signals and its question's vector.

    Attributes:
        signals: float32, shape (len(SIGNALS),); all 0 if they do not count.
        vector: float32, shape (dim,); empty if the vector does not count.
    """

    signals: FloatVector
    vector: FloatVector
    bias: float

    def logit(self, retrieval: Retrieval) -> float:
        """The logarithm of the odds."""
        value = self.bias + float(signals(retrieval) @ self.signals)
        if len(self.vector) == len(retrieval.vector):  # another model's vectors mean nothing here
            value += float(retrieval.vector @ self.vector)
        return value

    def probability(self, retrieval: Retrieval) -> float:
        """In [0, 1]."""
        return _probability(self.logit(retrieval))


@dataclass(frozen=True, slots=True, eq=False)
class VerdictModel:
    """How sure a verdict is: a logistic regression over its signs.

    Attributes:
        signs: float32, shape (len(SIGNS),).
        give_from: the least probability with which a verdict is given.
    """

    signs: FloatVector
    bias: float
    give_from: float

    def probability(self, found: FloatVector) -> float:
        """That the verdict with these signs is right."""
        return _probability(float(found @ self.signs) + self.bias)


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The fitted models and the thresholds on them.

    Attributes:
        encoder: the id of the encoder whose vectors they were fitted on.
        answerable: whether any passage of the policy answers.
        first: whether the first passage answers, if any does.
        scope: whether the question is one for a privacy policy.
        answer_from: the least probability of being answerable with which an answer is given.
        scope_counts: the factor with which the log odds of being none for a policy count against
            those of being answerable.
        cite_margin: how far below the first passage's score another is still cited.
        verdicts: how sure a yes or no is; None for an encoder without a verdict model.
    """

    encoder: str
    answerable: Linear
    first: Linear
    scope: Linear
    answer_from: float
    scope_counts: float
    cite_margin: float
    verdicts: VerdictModel | None = None

    def for_encoder(self, encoder_id: str) -> Calibration:
        """These numbers for another encoder: its vectors mean nothing to the models."""
        if encoder_id == self.encoder:
            return self
        none = np.zeros(0, dtype=np.float32)
        return replace(
            self,
            answerable=replace(self.answerable, vector=none),
            scope=replace(self.scope, vector=none, bias=0.0),
        )

    def is_off_topic(self, retrieval: Retrieval) -> bool:
        """Whether the question is rather none for a policy: why it is declined, if it is."""
        return self.scope.logit(retrieval) < 0

    def is_answerable(self, retrieval: Retrieval) -> bool:
        """Whether the policy answers, as far as one can tell.

        The less a question is one for a policy, the surer that must be.
        """
        odds = self.answerable.logit(retrieval)
        if not is_in_scope(retrieval.looked_for):
            odds += self.scope_counts * min(0.0, self.scope.logit(retrieval))
        return odds >= log_odds(self.answer_from)

    def confidence(self, retrieval: Retrieval) -> float:
        """The probability that the first passage answers, in [0, 1]."""
        return self.answerable.probability(retrieval) * self.first.probability(retrieval)

    def cited(self, retrieval: Retrieval) -> tuple[ScoredPassage, ...]:
        """The first passage, and those of the next few that come close to it, best first."""
        return close_to_first(retrieval.ranking, self.cite_margin)

    def may_be_sure(self, confidence: float) -> bool:
        """Whether any reading could make a yes or no sure enough."""
        clear = SUREST * np.eye(len(VERDICTS), dtype=np.float32)[1:]  # a yes, a no
        return any(self.verdict(chances, confidence) for chances in clear)

    def verdict(self, chances: FloatVector, confidence: float) -> str | None:
        """What a passage says to a yes/no question; None unless that is sure.

        `chances` are those of VERDICTS.
        """
        if self.verdicts is None:
            return None
        sure = self.verdicts.probability(signs(chances, confidence))
        return likelier(chances)[0] if sure >= self.verdicts.give_from else None


def is_in_scope(question: str) -> bool:
    """Whether a question is one for a policy whatever its words.

    A word or two name something, which may be anything that a policy names; and what the policy
    says about something is asked of the policy.
    """
    return len(question.split()) <= NAME_WORDS or bool(_ASKS_THE_POLICY.search(question))


def close_to_first(ranking: Sequence[ScoredPassage], margin: float) -> tuple[ScoredPassage, ...]:
    """The first passage, and those of the next few whose score is at most `margin` less."""
    best = ranking[:CITED_AT_MOST]
    return tuple(scored for scored in best if scored.score >= best[0].score - margin)


@cache
def shipped_calibration(encoder_id: str) -> Calibration:
    """The numbers that were fitted for an encoder."""
    numbers = fitted(encoder_id)
    return Calibration(
        encoder=numbers["encoder"],
        answerable=_linear(numbers["answerable"]),
        first=_linear(numbers["first"]),
        scope=_linear(numbers["scope"]),
        verdicts=_verdict_model(numbers["verdict"]) if "verdict" in numbers else None,
        **numbers["thresholds"],
    ).for_encoder(encoder_id)


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))


def _verdict_model(fitted: dict[str, Any]) -> VerdictModel:
    values = np.array([fitted["signs"].get(name, 0.0) for name in SIGNS], dtype=np.float32)
    return VerdictModel(values, fitted["bias"], fitted["give_from"])


def _linear(fitted: dict[str, object]) -> Linear:
    by_name = fitted["signals"]
    assert isinstance(by_name, dict)
    return Linear(
        signals=np.array([by_name.get(name, 0.0) for name in SIGNALS], dtype=np.float32),
        vector=np.array(fitted["vector"], dtype=np.float32),
        bias=float(str(fitted["bias"])),
    )
