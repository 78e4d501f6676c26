"""Passages by the words they share with a question: BM25 over stems, without stop words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bm25s
import numpy as np
import Stemmer

from index.encoder import FloatVector

HALF_SCORE = 6.0  # the BM25 score that counts half; a passage that shares two rare words has it


class LexicalIndex:
    """BM25 (Lucene's variant) over the texts of one version's passages."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._count = len(texts)
        self._stemmer = Stemmer.Stemmer("english")
        tokens = self._tokens(texts)
        self._bm25: Any = None
        if any(tokens):  # bm25s cannot hold a corpus of nothing but stop words
            self._bm25 = bm25s.BM25(method="lucene")
            self._bm25.index(tokens, show_progress=False)

    def scores(self, question: str) -> FloatVector:
        """A score in [0, 1) for each passage, higher is better; 0 where no word is shared."""
        words = self._tokens([question])[0]
        known = [w for w in words if self._bm25 is not None and w in self._bm25.vocab_dict]
        if not known:
            return np.zeros(self._count, dtype=np.float32)
        raw = np.asarray(self._bm25.get_scores(known), dtype=np.float32)
        squashed: FloatVector = raw / (raw + np.float32(HALF_SCORE))
        return squashed

    def _tokens(self, texts: Sequence[str]) -> list[list[str]]:
        tokens: list[list[str]] = bm25s.tokenize(
            list(texts),
            stopwords="en",
            stemmer=self._stemmer,
            show_progress=False,
            return_ids=False,
        )
        return tokens
