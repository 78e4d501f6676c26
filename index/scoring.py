"""A question and the passages of a version to features, and features to scores."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encoder import FloatMatrix

FloatVector = NDArray[np.float32]

WEIGHTS = Path(__file__).parent / "weights" / "minilm.json"

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

# Function words say how a question is put, not what it is about.
_FUNCTION_WORDS = frozenset(
    "do does did is are was were be been am i you me my your we us our the a an of to in on for "
    "with and or if it this that what how when where who which can could will would should may "
    "might have has had any some there about from at by as not no t s m re ve d ll".split()
)
FUNCTION_WORD_WEIGHT = 0.3  # chosen on the training policies: 0.64 → 0.66 first passage right
SIGN_WEIGHT = 1e-6  # punctuation, but not zero: a question may be nothing else


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
    """The vectors of one question: its own, float32 (dim,), and its tokens', float32 (n, dim)."""

    vector: FloatVector
    tokens: FloatMatrix
    token_weights: FloatVector


@dataclass(frozen=True, slots=True, eq=False)
class RankingWeights:
    """What each feature counts, in the order of FEATURES."""

    values: FloatVector

    def scores(self, features: FloatMatrix) -> FloatVector:
        """One score a row of `features`, higher is better; only differences mean something."""
        result: FloatVector = features @ self.values
        return result


def token_weights(words: Sequence[str]) -> FloatVector:
    """What each word piece of a question counts in late interaction; they sum to 1."""
    weights = [_word_weight(word) for word in words]
    array = np.array(weights, dtype=np.float32)
    normalised: FloatVector = array / max(float(array.sum()), 1e-12)
    return normalised


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
def shipped_weights() -> RankingWeights:
    """The weights fitted by training/fit.py on the training policies."""
    ranking = json.loads(WEIGHTS.read_text(encoding="utf-8"))["ranking"]
    return RankingWeights(np.array([ranking[name] for name in FEATURES], dtype=np.float32))


@cache
def weights_id() -> str:
    """Eight hexadecimal digits that change with the fitted numbers."""
    return hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:8]


def _word_weight(word: str) -> float:
    if not any(c.isalnum() for c in word):
        return SIGN_WEIGHT
    return FUNCTION_WORD_WEIGHT if word in _FUNCTION_WORDS else 1.0


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
