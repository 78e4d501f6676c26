"""A question to ScoredPassages, best first, out of one version's part of the index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.build import content_key, encode_version, entry_name
from index.encoder import NONE, Encoder, FloatMatrix, FloatVector
from index.lexical import LexicalIndex
from index.question import looked_for
from index.representation import passage_texts
from index.scoring import (
    FEATURES,
    EncodedPassages,
    EncodedQuestion,
    RankingWeights,
    feature_matrix,
    practice_profiles,
    shipped_weights,
)
from index.store import DamagedIndexError, OpenedEntry, Store, opened
from policy_text import Passage, PolicyVersion
from policy_text.display import display_quote

# A version longer than this is searched in two steps: the nearest passages by FAISS and the best
# by BM25 are candidates, and only they get all features. The longest that ships has 304.
CANDIDATES = 1000
LEXICAL_CANDIDATES = 100
READ = 8  # passages that the reranker reads
NOTHING_READ = np.zeros(0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage and its score for a question; higher is better."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Retrieval:
    """What the index says to one question.

    Attributes:
        looked_for: the words that were looked for: the question cleaned and mended.
        ranking: all candidates, best first; ties in the order of the policy.
        features: float32, shape (len(ranking), len(FEATURES)), row by row as in `ranking`.
        vector: the question's own vector, float32, shape (dim,).
        none: the encoder's scores of "no passage answers", float32, shape (len(NONE),).
        reading: what the reranker adds to the first passages, in the order of `ranking`; empty
            where the encoder has no reranker.
    """

    looked_for: str
    ranking: tuple[ScoredPassage, ...]
    features: FloatMatrix
    vector: FloatVector
    none: FloatVector = field(default_factory=lambda: np.zeros(len(NONE), dtype=np.float32))
    reading: FloatVector = field(default_factory=lambda: NOTHING_READ)


class PassageIndex:
    """One version's passages, ready to be searched."""

    def __init__(
        self,
        version: PolicyVersion,
        entry: OpenedEntry,
        encoder: Encoder,
        weights: RankingWeights | None = None,
    ) -> None:
        self.version = version
        self._entry = entry
        self.encoder = encoder
        self._weights = weights or shipped_weights(encoder.id)

    @classmethod
    def open(
        cls,
        version: PolicyVersion,
        store: Store,
        encoder: Encoder,
        *,
        weights: RankingWeights | None = None,
    ) -> PassageIndex:
        """The index of a version that was built with this encoder; `weights` None: those shipped.

        Raises:
            KeyError: the index has no entry of it.
            IndexFolderError: the index is damaged or foreign, or belongs to other passages.
        """
        entry = store.open(entry_name(version.info))
        spans = [[p.span.start, p.span.end] for p in version.passages]
        is_same = entry.key == content_key(version, encoder.id)
        if not is_same or entry.metadata.get("passages") != spans:
            raise DamagedIndexError(
                f"Index in {store.folder} does not match the text of {entry_name(version.info)}. "
                "Rebuild it: policy-assistant index --rebuild"
            )
        return cls(version, entry, encoder, weights)

    @classmethod
    def in_memory(cls, version: PolicyVersion, encoder: Encoder) -> PassageIndex:
        """The index of a version that no folder keeps; its passages are encoded now."""
        return cls(version, opened(encode_version(version, encoder)), encoder)

    def retrieve(self, question: str) -> Retrieval:
        """The passages for a question, best first."""
        return self.search(encode_questions([self.looked_for(question)], self.encoder)[0])

    def looked_for(self, question: str) -> str:
        """The words to encode for a question: cleaned, and mended to those of the policy."""
        return looked_for(
            question,
            names=self.version.policy.names,
            vocabulary=self._vocabulary,
            is_word=self._is_word,
        )

    def encoded_text(self, passage: Passage) -> str:
        """A passage as it was encoded: with its heading and lead-in."""
        return self._texts[passage.position]

    def search(
        self,
        question: EncodedQuestion,
        weights: RankingWeights | None = None,
        *,
        alone: EncodedQuestion | None = None,
        read: bool = True,
    ) -> Retrieval:
        """The passages for words of `looked_for` that have been encoded, best first.

        Args:
            question: the words; of a follow-up, with the topic that it follows.
            weights: of the features; None: those of the index.
            alone: of a follow-up, its own words: they count as much as those with the topic, which
                by themselves rank what answered the question before.
            read: whether the reranker reads the best of them.
        """
        weights = weights or self._weights
        asked = [question] if alone is None else [question, alone]
        lexical = [self._lexical.scores(one.words) for one in asked]
        rows = self._candidates(asked, lexical)
        passages = self._passages(rows)
        each = [
            feature_matrix(one, passages, of_words[rows])
            for one, of_words in zip(asked, lexical, strict=True)
        ]
        features = each[0] if alone is None else np.mean(each, axis=0)
        scores = weights.scores(features)
        order = np.lexsort((rows, -scores))
        reading = NOTHING_READ
        if read:
            reading = self._read(question, rows[order[:READ]], each[0][order[:READ]])
        order, scores, reading = reordered(order, scores[order], reading, weights)
        ranking = tuple(
            ScoredPassage(self.version.passages[int(row)], float(score))
            for row, score in zip(rows[order], scores, strict=True)
        )
        none = np.mean([one.none for one in asked], axis=0)
        return Retrieval(question.words, ranking, features[order], question.vector, none, reading)

    def _read(
        self, question: EncodedQuestion, rows: NDArray[np.int64], features: FloatMatrix
    ) -> FloatVector:
        """What the reranker says to the passages at `rows`."""
        reranker = self.encoder.reranker
        if reranker is None or not len(question.tokens):
            return NOTHING_READ
        starts = self._all.token_offsets
        passages = [self._all.tokens[starts[row] : starts[row + 1]] for row in rows]
        whole = features[:, [FEATURES.index("introduced"), FEATURES.index("late")]]
        return reranker.read(question.tokens, question.token_weights, passages, whole)

    def _candidates(
        self, asked: Sequence[EncodedQuestion], lexical: Sequence[FloatVector]
    ) -> NDArray[np.int64]:
        """Positions of the passages that get all features, in order."""
        count = len(self.version.passages)
        if count <= CANDIDATES:
            return np.arange(count)
        vectors = np.stack([one.vector for one in asked])
        _, nearest = self._entry.dense["introduced"].search(vectors, CANDIDATES)
        by_words = [np.argsort(-scores, kind="stable")[:LEXICAL_CANDIDATES] for scores in lexical]
        return np.unique(np.concatenate([*nearest, *by_words]))

    def _passages(self, rows: NDArray[np.int64]) -> EncodedPassages:
        if len(rows) == len(self.version.passages):
            return self._all
        return _rows_of(self._all, rows)

    @cached_property
    def _all(self) -> EncodedPassages:
        dense = self._entry.dense
        tokens = self._entry.tokens["introduced-tokens"]
        assert tokens.offsets is not None
        passages = self.version.passages
        introduced, practices = _vectors(dense["introduced"]), _vectors(dense["practices"])
        return EncodedPassages(
            headed=_vectors(dense["headed"]),
            introduced=introduced,
            neighbourhood=_vectors(dense["neighbourhood"]),
            tokens=tokens.vectors.astype(np.float32),
            token_offsets=tokens.offsets,
            practices=practices,
            profiles=practice_profiles(introduced, practices),
            sections=np.array([passage.section for passage in passages]),
            lengths=np.array([len(passage.span) for passage in passages]),
            announces=np.array([self._announces(passage) for passage in passages]),
        )

    def _announces(self, passage: Passage) -> bool:
        return display_quote(self.version.quote(passage.span)).endswith(":")

    @cached_property
    def _lexical(self) -> LexicalIndex:
        return LexicalIndex(self._texts)

    @cached_property
    def _texts(self) -> Sequence[str]:
        return passage_texts(self.version).introduced

    @cached_property
    def _vocabulary(self) -> tuple[str, ...]:
        """The policy's own words of four letters or more, the commonest first."""
        counts = Counter(word for word in _words(self.version.text) if len(word) >= 4)
        return tuple(sorted(counts, key=lambda word: (-counts[word], word)))

    @cached_property
    def _own_words(self) -> frozenset[str]:
        return frozenset(self._vocabulary)

    def _is_word(self, word: str) -> bool:
        return word in self._own_words or self.encoder.is_word(word)


def encode_questions(questions: Sequence[str], encoder: Encoder) -> list[EncodedQuestion]:
    """The questions encoded in one pass, in their order: cheaper than one after the other."""
    encoding = encoder.encode(questions)
    rows = pairwise(encoding.tokens.offsets)
    return [
        EncodedQuestion(
            questions[n],
            encoding.sentences[n],
            encoding.tokens.vectors[start:end],
            encoding.weights[start:end],
            encoding.none[n],
        )
        for n, (start, end) in enumerate(rows)
    ]


def reordered(
    order: NDArray[np.int64], scores: FloatVector, reading: FloatVector, weights: RankingWeights
) -> tuple[NDArray[np.int64], FloatVector, FloatVector]:
    """The order, the scores and the reading after the first passages were read.

    What was read stays above what was not: the scores of the others are lowered where need be.

    Args:
        order: of the candidates, best first.
        scores: in that order.
        reading: of the first few.
        weights: what the reading counts.
    """
    count = len(reading)
    if not count:
        return order, scores, reading
    read = scores[:count] + weights.reading * reading
    best = np.argsort(-read, kind="stable")
    rest = scores[count:]
    if len(rest):
        rest = rest + min(0.0, float(read.min() - rest[0]))
    new_order = np.concatenate([order[:count][best], order[count:]])
    new_scores = np.concatenate([read[best], rest]).astype(np.float32)
    return new_order, new_scores, reading[best]


def _words(text: str) -> list[str]:
    return "".join(c if c.isalpha() else " " for c in text.casefold()).split()


def _vectors(index: object) -> FloatMatrix:
    """All vectors of a flat FAISS index, float32, shape (n, dim)."""
    matrix: FloatMatrix = index.reconstruct_n(0, index.ntotal)  # type: ignore[attr-defined]  # faiss has no type hints
    return matrix


def _rows_of(everything: EncodedPassages, rows: NDArray[np.int64]) -> EncodedPassages:
    starts, ends = everything.token_offsets[rows], everything.token_offsets[rows + 1]
    kept = [np.arange(a, b) for a, b in zip(starts, ends, strict=True)]
    offsets = np.concatenate([[0], np.cumsum(ends - starts)]).astype(np.int64)
    return EncodedPassages(
        headed=everything.headed[rows],
        introduced=everything.introduced[rows],
        neighbourhood=everything.neighbourhood[rows],
        tokens=everything.tokens[np.concatenate(kept)],
        token_offsets=offsets,
        practices=everything.practices,
        profiles=everything.profiles[rows],
        sections=everything.sections[rows],
        lengths=everything.lengths[rows],
        announces=everything.announces[rows],
    )
