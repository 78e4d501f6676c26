"""A retrieval to probabilities: that the policy answers, and that its first passage does.

The numbers are fitted by training/fit.py on policies that do not ship.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from index.encoder import FloatVector
from index.reranker import VERDICTS
from index.retriever import Retrieval, ScoredPassage
from index.scoring import fitted
from index.signals import SIGNALS, signals

CITED_AT_MOST = 3


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


@dataclass(frozen=True, slots=True)
class VerdictModel:
    """How sure a verdict is: a logistic regression over what the reranker says of it.

    Attributes:
        said: what the log odds of the likelier of yes and no count.
        confidence: what the log odds of the confidence count.
        bias: of the log odds.
        give_from: the least probability with which a verdict is given.
    """

    said: float
    confidence: float
    bias: float
    give_from: float

    def probability(self, said: float, confidence: float) -> float:
        """That the verdict is right, from two probabilities."""
        return _probability(
            self.said * log_odds(said) + self.confidence * log_odds(confidence) + self.bias
        )


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The fitted models and the thresholds on them.

    Attributes:
        encoder: the id of the encoder whose vectors they were fitted on.
        answerable: whether any passage of the policy answers.
        first: whether the first passage answers, if any does.
        scope: whether the question is one for a privacy policy.
        answer_from: the least probability of being answerable with which an answer is given.
        scope_from: the least logit of scope with which an answer is given …
        sure_from: … unless the probability of being answerable is at least this.
        cite_margin: how far below the first passage's score another is still cited.
        verdicts: how sure a yes or no is; None for an encoder without a reranker.
    """

    encoder: str
    answerable: Linear
    first: Linear
    scope: Linear
    answer_from: float
    scope_from: float
    sure_from: float
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
        """Whether the question is none for a privacy policy, and no passage surely answers it."""
        is_sure = self.answerable.probability(retrieval) >= self.sure_from
        return not is_sure and self.scope.logit(retrieval) < self.scope_from

    def is_answerable(self, retrieval: Retrieval) -> bool:
        """Whether the policy answers, as far as one can tell."""
        return self.answerable.probability(retrieval) >= self.answer_from

    def confidence(self, retrieval: Retrieval) -> float:
        """The probability that the first passage answers, in [0, 1]."""
        return self.answerable.probability(retrieval) * self.first.probability(retrieval)

    def cited(self, retrieval: Retrieval) -> tuple[ScoredPassage, ...]:
        """The first passage, and those of the next few that come close to it, best first."""
        best = retrieval.ranking[:CITED_AT_MOST]
        return tuple(scored for scored in best if scored.score >= best[0].score - self.cite_margin)

    def verdict(self, retrieval: Retrieval) -> str | None:
        """What the first passage says to a yes/no question; None unless that is sure."""
        if self.verdicts is None or not len(retrieval.reading.scores):
            return None
        said, probability = likelier(retrieval)
        sure = self.verdicts.probability(probability, self.confidence(retrieval))
        return said if sure >= self.verdicts.give_from else None


def likelier(retrieval: Retrieval) -> tuple[str, float]:
    """Yes or no, whichever the first passage says rather, and its probability."""
    by_name = dict(zip(VERDICTS, retrieval.reading.verdicts[0].tolist(), strict=True))
    said = "yes" if by_name["yes"] >= by_name["no"] else "no"
    return said, by_name[said]


@cache
def shipped_calibration(encoder_id: str) -> Calibration:
    """The numbers that were fitted for an encoder."""
    numbers = fitted(encoder_id)
    return Calibration(
        encoder=numbers["encoder"],
        answerable=_linear(numbers["answerable"]),
        first=_linear(numbers["first"]),
        scope=_linear(numbers["scope"]),
        verdicts=VerdictModel(**numbers["verdict"]) if "verdict" in numbers else None,
        **numbers["thresholds"],
    ).for_encoder(encoder_id)


def log_odds(probability: float) -> float:
    """Of a probability, which is kept off 0 and 1."""
    kept = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))


def _linear(fitted: dict[str, object]) -> Linear:
    by_name = fitted["signals"]
    assert isinstance(by_name, dict)
    return Linear(
        signals=np.array([by_name.get(name, 0.0) for name in SIGNALS], dtype=np.float32),
        vector=np.array(fitted["vector"], dtype=np.float32),
        bias=float(str(fitted["bias"])),
    )
