"""What a ranking tells of whether the policy answers, and whether its first passage does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.encoder import FloatVector
from index.reranker import LATE_SCALE
from index.scoring import FEATURES

if TYPE_CHECKING:
    from index.retriever import Retrieval

SIGNALS = (
    "score",  # of the first passage
    "lead",  # over the second
    "lead_over_ten",  # over the mean of the next ten
    "crowd",  # logarithm of how many passages score about as well as the first
    "late",  # features of the first passage …
    "late_reverse",
    "headed",
    "introduced",
    "neighbourhood",
    "section",
    "practice",
    "lexical",
    "length",
    "best_late",  # the best late interaction anywhere, which may be another passage's
    "near_best_late",  # how many passages come within NEAR of it
    "top_late",  # mean of the five best
    "late_of_three",  # means over the first three passages
    "introduced_of_three",
    "best_lexical",
    "best_reverse",  # of the first five
    "words",  # how many the question has
    "pooled_margin",  # of the best passage over "no passage answers", by cosine …
    "late_margin",  # … by late interaction …
    "read_margin",  # … by the reranker's score of the first
    "read_lead",  # of the first over the second by that score
)
NEAR = 0.05  # of a cosine
CROWD = 50  # passages


def signals(retrieval: Retrieval) -> FloatVector:
    """The signals of one retrieval; float32, shape (len(SIGNALS),)."""
    features = {name: retrieval.features[:, n] for n, name in enumerate(FEATURES)}
    scores = np.array([scored.score for scored in retrieval.ranking[:CROWD]])
    late = features["late"]
    others = scores[1:11] if len(scores) > 1 else scores
    values = (
        scores[0],
        scores[0] - others[0],
        scores[0] - others.mean(),
        np.log(np.exp(scores - scores[0]).sum()),
        *(features[name][0] for name in ("late", "late_reverse", "headed", "introduced")),
        *(features[name][0] for name in ("neighbourhood", "section", "practice", "lexical")),
        features["length"][0],
        late.max(),
        (late > late.max() - NEAR).sum(),
        np.sort(late)[-5:].mean(),
        late[:3].mean(),
        features["introduced"][:3].mean(),
        features["lexical"].max(),
        features["late_reverse"][:5].max(),
        len(retrieval.looked_for.split()),
        features["introduced"].max() - retrieval.none[0],
        late.max() - retrieval.none[1],
        *_of_reading(retrieval, late),
    )
    return np.array(values, dtype=np.float32)


def _of_reading(retrieval: Retrieval, late: FloatVector) -> tuple[float, float]:
    count = len(retrieval.reading)
    if not count:
        return 0.0, 0.0
    read = late[:count] + retrieval.reading / LATE_SCALE
    lead = read[0] - read[1] if count > 1 else 0.0
    return float(read[0] - retrieval.none[2]), float(lead)
