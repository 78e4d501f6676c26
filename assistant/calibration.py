"""A retrieval to probabilities: that the policy answers, and that its first passage does.

The numbers are fitted by training/fit.py on policies that do not ship.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from index.retriever import Retrieval
from index.scoring import WEIGHTS, FloatVector
from index.signals import SIGNALS, signals


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
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.logit(retrieval)))))


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
    """

    encoder: str
    answerable: Linear
    first: Linear
    scope: Linear
    answer_from: float
    scope_from: float
    sure_from: float
    cite_margin: float

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


@cache
def shipped_calibration() -> Calibration:
    """The numbers that ship with the weights."""
    fitted = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return Calibration(
        encoder=fitted["encoder"],
        answerable=_linear(fitted["answerable"]),
        first=_linear(fitted["first"]),
        scope=_linear(fitted["scope"]),
        **fitted["thresholds"],
    )


def _linear(fitted: dict[str, object]) -> Linear:
    by_name = fitted["signals"]
    assert isinstance(by_name, dict)
    return Linear(
        signals=np.array([by_name.get(name, 0.0) for name in SIGNALS], dtype=np.float32),
        vector=np.array(fitted["vector"], dtype=np.float32),
        bias=float(str(fitted["bias"])),
    )
