"""A question and the passages of a version to features, and features to scores."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.encoder import FloatMatrix, FloatVector

WEIGHTS = Path(__file__).parent / "weights"
OTHERS = WEIGHTS / "all-minilm-l6-v2.json"  # for encoders that nothing was fitted for

# What each column of a feature matrix says; cosines lie in [-1, 1].
FEATURES = (
    "headed",  # cosine with "heading: words"
    "introduced",  # cosine with "heading: lead-in words"
    "neighbourhood",  # cosine with the words around it
    "section",  # the best "introduced" of its section: a section on the topic lifts its passages
    "practice",  # likeness of question and passage over the descriptions of data practices
    "late",  # each word of the question with its best match in the passage, function words less
    "late_reverse",  # each word of the passage with its best match in the question
    "lexical",  # BM25
    "length",  # natural logarithm of its characters
    "announces",  # 1 if it ends with a colon, and so only announces what answers
)


@dataclass(frozen=True, slots=True, eq=False)
class EncodedPassages:
    """The vectors of a version's passages, unit rows, in the order of the passages.

    Attributes:
        tokens: float32, shape (n_tokens, dim), of the introduced texts; passage i has rows
            token_offsets[i] to token_offsets[i + 1].
        practices: float32, shape (n_practices, dim).
        profiles: float32, shape (n_passages, n_practices), unit rows: `practice_profiles`.
        sections: the section of each passage.
        lengths: characters of each passage.
        announces: whether each ends with a colon.
    """

    headed: FloatMatrix
    introduced: FloatMatrix
    neighbourhood: FloatMatrix
    tokens: FloatMatrix
    token_offsets: NDArray[np.int64]
    practices: FloatMatrix
    profiles: FloatMatrix
    sections: NDArray[np.int64]
    lengths: NDArray[np.int64]
    announces: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class EncodedQuestion:
    """The vectors of one question.

    Attributes:
        words: what was encoded.
        vector: its own, float32, shape (dim,).
        tokens: its tokens', float32, shape (n, dim).
        token_weights: what each token counts, shape (n,).
        none: the scores of "no passage answers", shape (len(NONE),).
    """

    words: str
    vector: FloatVector
    tokens: FloatMatrix
    token_weights: FloatVector
    none: FloatVector


@dataclass(frozen=True, slots=True, eq=False)
class RankingWeights:
    """What counts how much in a score.

    Attributes:
        values: each feature, in the order of FEATURES.
        reading: what the reranker adds, of the passages that it has read.
    """

    values: FloatVector
    reading: float = 0.0

    def scores(self, features: FloatMatrix) -> FloatVector:
        """One score a row of `features`, higher is better; only differences mean something."""
        result: FloatVector = features @ self.values
        return result


def feature_matrix(
    question: EncodedQuestion, passages: EncodedPassages, lexical: FloatVector
) -> FloatMatrix:
    """Features of every passage; float32, shape (n_passages, len(FEATURES))."""
    introduced = passages.introduced @ question.vector
    late, reverse = _late_interaction(question, passages)
    columns = (
        passages.headed @ question.vector,
        introduced,
        passages.neighbourhood @ question.vector,
        _best_of_section(introduced, passages.sections),
        _practice_likeness(question.vector, passages),
        late,
        reverse,
        lexical,
        np.log(passages.lengths),
        passages.announces,
    )
    return np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)


@cache
def fitted(encoder_id: str) -> dict[str, Any]:
    """The numbers that training/fit.py fitted for an encoder.

    Those for MiniLM as it comes serve every model that has none of its own.
    """
    own = WEIGHTS / f"{encoder_id.split(':')[0]}.json"
    numbers: dict[str, Any] = json.loads((own if own.exists() else OTHERS).read_text("utf-8"))
    return numbers


@cache
def shipped_weights(encoder_id: str) -> RankingWeights:
    """The ranking weights fitted for an encoder."""
    ranking = fitted(encoder_id)["ranking"]
    values = np.array([ranking[name] for name in FEATURES], dtype=np.float32)
    return RankingWeights(values, ranking.get("reading", 0.0))


@cache
def weights_id(encoder_id: str) -> str:
    """Eight hexadecimal digits that change with the fitted numbers."""
    return hashlib.sha256(json.dumps(fitted(encoder_id)).encode()).hexdigest()[:8]


def _late_interaction(
    question: EncodedQuestion, passages: EncodedPassages
) -> tuple[FloatVector, FloatVector]:
    """MaxSim in both directions.

    Source: Khattab & Zaharia, ColBERT, SIGIR 2020; here over the tokens of a sentence encoder.
    """
    count = len(passages.token_offsets) - 1
    if not len(question.tokens) or not len(passages.tokens):
        return np.zeros(count, dtype=np.float32), np.zeros(count, dtype=np.float32)
    likeness = passages.tokens @ question.tokens.T  # (passage tokens, question tokens)
    starts = np.minimum(passages.token_offsets[:-1], len(likeness) - 1)
    best = np.maximum.reduceat(likeness, starts, axis=0)
    lengths = np.maximum(np.diff(passages.token_offsets), 1)
    reverse = np.add.reduceat(likeness.max(axis=1), starts) / lengths
    return best @ question.token_weights, reverse.astype(np.float32)


def _best_of_section(scores: FloatVector, sections: NDArray[np.int64]) -> FloatVector:
    best = np.full(int(sections.max()) + 1, -1.0, dtype=np.float32)
    np.maximum.at(best, sections, scores)
    result: FloatVector = best[sections]
    return result


def practice_profiles(vectors: FloatMatrix, practices: FloatMatrix) -> FloatMatrix:
    """How like each practice the texts are, each row freed of its mean and of unit length.

    Args:
        vectors: float32, shape (n, dim).
        practices: float32, shape (n_practices, dim).
    """
    profiles = vectors @ practices.T
    profiles = profiles - profiles.mean(axis=1, keepdims=True)
    unit: FloatMatrix = profiles / np.maximum(np.linalg.norm(profiles, axis=1, keepdims=True), 1e-9)
    return unit


def _practice_likeness(question: FloatVector, passages: EncodedPassages) -> FloatVector:
    """Cosine of the two profiles over the practices, each freed of its mean."""
    (profile,) = practice_profiles(question[None, :], passages.practices)
    likeness: FloatVector = passages.profiles @ profile
    return likeness
