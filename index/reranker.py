"""The best passages read together with the question, by two thin layers over token vectors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.encoder import FloatMatrix, FloatVector, onnx_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

LATE_SCALE = 20.0  # a late interaction times this and a reading's score make one score


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
    ) -> FloatVector:
        """What reading each passage with the question adds to its late interaction * LATE_SCALE.

        float32, shape (n_passages,).

        Args:
            question: token vectors, float32, shape (n_tokens, dim), unit rows.
            weights: what each of them counts, shape (n_tokens,).
            passages: the token vectors of each passage.
            whole: cosine and late interaction of each, shape (n_passages, 2).
        """
        count = len(passages)
        if not count:
            return np.zeros(0, dtype=np.float32)
        read, mask = _padded(passages, question.shape[1])
        scores: FloatVector
        (scores,) = self._session.run(
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
        return scores


def _padded(passages: Sequence[FloatMatrix], dim: int) -> tuple[FloatMatrix, NDArray[np.bool_]]:
    longest = max(1, *(len(passage) for passage in passages))
    rows = np.zeros((len(passages), longest, dim), dtype=np.float32)
    mask = np.zeros((len(passages), longest), dtype=np.bool_)
    for n, passage in enumerate(passages):
        rows[n, : len(passage)] = passage
        mask[n, : len(passage)] = True
    return rows, mask
