"""The best passages read together with the question, by two thin layers over token vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.encoder import FloatMatrix, FloatVector, onnx_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

VERDICTS = ("none", "yes", "no")
LATE_SCALE = 20.0  # a late interaction times this and a reading's score make one score


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What reading some passages with a question gives, in their order.

    Attributes:
        scores: float32, shape (n,); to be added to late interaction * LATE_SCALE.
        verdicts: float32, shape (n, len(VERDICTS)); probabilities, if the question asks yes or no.
    """

    scores: FloatVector
    verdicts: FloatMatrix

    def rows(self, numbers: Sequence[int] | NDArray[np.int64]) -> Reading:
        """The reading of some of the passages, in the order of `numbers`."""
        kept = np.asarray(numbers, dtype=np.int64)
        return Reading(self.scores[kept], self.verdicts[kept])


def nothing_read() -> Reading:
    """The reading of no passages."""
    return Reading(np.zeros(0, np.float32), np.zeros((0, len(VERDICTS)), np.float32))


class Reranker:
    """The exported layers on ONNX Runtime."""

    def __init__(self, file: Path, *, threads: int = 1) -> None:
        self._file = file
        self._threads = threads

    @cached_property
    def _session(self) -> InferenceSession:
        return onnx_session(self._file, self._threads)

    def read(
        self,
        question: FloatMatrix,
        weights: FloatVector,
        passages: Sequence[FloatMatrix],
        whole: FloatMatrix,
    ) -> Reading:
        """Reads each passage with the question.

        Args:
            question: token vectors, float32, shape (n_tokens, dim), unit rows.
            weights: what each of them counts, shape (n_tokens,).
            passages: the token vectors of each passage.
            whole: cosine and late interaction of each, shape (n_passages, 2).
        """
        count = len(passages)
        if not count:
            return nothing_read()
        read, mask = _padded(passages, question.shape[1])
        scores, verdicts = self._session.run(
            None,
            {
                "question": np.repeat(question[None], count, axis=0),
                "question_mask": np.ones((count, len(question)), dtype=np.bool_),
                "weights": np.repeat(weights[None], count, axis=0),
                "passage": read,
                "passage_mask": mask,
                "whole": whole.astype(np.float32),
            },
        )
        odds = np.exp(verdicts - verdicts.max(axis=1, keepdims=True))
        return Reading(scores, (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32))


def _padded(passages: Sequence[FloatMatrix], dim: int) -> tuple[FloatMatrix, NDArray[np.bool_]]:
    longest = max(1, *(len(passage) for passage in passages))
    rows = np.zeros((len(passages), longest, dim), dtype=np.float32)
    mask = np.zeros((len(passages), longest), dtype=np.bool_)
    for n, passage in enumerate(passages):
        rows[n, : len(passage)] = passage
        mask[n, : len(passage)] = True
    return rows, mask
