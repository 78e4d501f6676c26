"""Yes, no or neither: what a passage says to a question, the two read together."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.encoder import FloatVector, load_tokenizer, onnx_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

VERDICTS = ("none", "yes", "no")
MAX_TOKENS = 128  # of question and passage together


class VerdictReader:
    """The exported cross-encoder on ONNX Runtime."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self._folder = folder
        self._threads = threads

    @cached_property
    def _session(self) -> InferenceSession:
        return onnx_session(self._folder / "verdict.onnx", self._threads)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = load_tokenizer(self._folder / "tokenizer.json")
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS, strategy="longest_first")
        return tokenizer

    def read(self, question: str, passage: str) -> FloatVector:
        """Probabilities of VERDICTS, float32, shape (3,), if the question asks yes or no.

        Args:
            question: as it is looked for.
            passage: with its heading and lead-in, as it is encoded.
        """
        pieces = self._tokenizer.encode(question, passage)
        (logits,) = self._session.run(
            None,
            {
                "input_ids": np.array([pieces.ids], dtype=np.int64),
                "attention_mask": np.array([pieces.attention_mask], dtype=np.int64),
                "token_type_ids": np.array([pieces.type_ids], dtype=np.int64),
            },
        )
        odds = np.exp(logits[0] - logits[0].max())
        probabilities: FloatVector = (odds / odds.sum()).astype(np.float32)
        return probabilities
