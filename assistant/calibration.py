"""A retrieval to the probability that its first passage answers, and that it is asked of a policy.

The numbers are fitted by training/fit.py on policies that do not ship.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from index.retriever import Retrieval
from index.scoring import WEIGHTS, FloatVector
from index.signals import CONFIDENCE_SIGNALS, confidence_signals


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The fitted numbers.

    Attributes:
        answer: the least confidence with which a passage is offered as the answer.
        scope: the least logit of a question for a privacy policy.
        cite_margin: how far below the first passage's score a passage is still cited.
    """

    confidence_weights: FloatVector
    confidence_bias: float
    scope_weights: FloatVector
    scope_bias: float
    answer: float
    scope: float
    cite_margin: float

    def scope_logit(self, vector: FloatVector) -> float:
        """How much a question is one for a privacy policy; 0 is even, for vectors it knows."""
        if len(vector) != len(self.scope_weights):
            return 0.0  # another model's vectors: nothing is known of them
        return float(vector @ self.scope_weights + self.scope_bias)

    def confidence(self, retrieval: Retrieval) -> float:
        """The probability that the first passage answers, in [0, 1]."""
        logit = self.scope_logit(retrieval.vector)
        signals = confidence_signals(retrieval, logit)
        return _sigmoid(float(signals @ self.confidence_weights) + self.confidence_bias)


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, x))))


@cache
def shipped_calibration() -> Calibration:
    """The numbers that ship with the weights."""
    fitted = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    confidence, scope, thresholds = fitted["confidence"], fitted["scope"], fitted["thresholds"]
    weights = [confidence["weights"][name] for name in CONFIDENCE_SIGNALS]
    return Calibration(
        confidence_weights=np.array(weights, dtype=np.float32),
        confidence_bias=confidence["bias"],
        scope_weights=np.array(scope["weights"], dtype=np.float32),
        scope_bias=scope["bias"],
        answer=thresholds["answer"],
        scope=thresholds["scope"],
        cite_margin=thresholds["cite_margin"],
    )
