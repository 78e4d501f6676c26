"""What a ranking tells of whether its first passage answers: the signals of confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.scoring import FEATURES, FloatVector

if TYPE_CHECKING:
    from index.retriever import Retrieval

CONFIDENCE_SIGNALS = (
    "score",  # of the first passage
    "lead",  # over the second
    "lead_over_ten",  # over the mean of the next ten
    "late",
    "late_reverse",
    "introduced",
    "section",
    "practice",
    "lexical",
    "best_late",  # the best late interaction anywhere, which may be another passage's
    "scope",  # logit of being a question for a privacy policy, at most SCOPE_CEILING
)
SCOPE_CEILING = 4.0  # beyond it a question is not more answerable


def confidence_signals(retrieval: Retrieval, scope_logit: float) -> FloatVector:
    """The signals of one retrieval; float32, shape (len(CONFIDENCE_SIGNALS),)."""
    scores = np.array([scored.score for scored in retrieval.ranking[:11]])
    first = dict(zip(FEATURES, retrieval.features[0], strict=True))
    second = scores[1] if len(scores) > 1 else scores[0]
    others = scores[1:].mean() if len(scores) > 1 else scores[0]
    values = (
        scores[0],
        scores[0] - second,
        scores[0] - others,
        first["late"],
        first["late_reverse"],
        first["introduced"],
        first["section"],
        first["practice"],
        first["lexical"],
        retrieval.features[:, FEATURES.index("late")].max(),
        min(scope_logit, SCOPE_CEILING),
    )
    return np.array(values, dtype=np.float32)
