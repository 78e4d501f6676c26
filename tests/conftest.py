"""What all tests share: fakes with scores that can be worked out by hand, and the real thing."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant import Assistant, Settings
from assistant.settings import NAMES, PREFIX
from index.encoder import NONE, Encoding, TokenVectors

REPOSITORY = Path(__file__).parent.parent
# Indexes outlive a test run: everything in them is addressed by content.
CACHE = Path(os.environ.get("POLICY_ASSISTANT_TEST_CACHE", REPOSITORY / "build" / "test-cache"))

os.environ["POLICY_ASSISTANT_CACHE"] = str(CACHE)  # for the commands that tests run
for name in (*NAMES, "config"):
    if name != "cache":
        os.environ.pop(f"{PREFIX}{name.upper()}", None)


class FakeEncoder:
    """Counts a few words: one dimension a word, so that cosines can be worked out by hand."""

    WORDS = ("sell", "cookies", "children", "location", "email", "delete")

    def __init__(self, identity: str = "fake") -> None:
        self.id = identity
        self.encoded = 0
        self.reranker = None
        self.verdicts = None

    def encode(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Encoding:
        self.encoded += len(texts)
        if progress is not None:
            progress(len(texts))
        vectors = np.array([self._vector(text) for text in texts], dtype=np.float32)
        rows = [np.array([self._vector(w) for w in self.pieces(t)]) for t in texts]
        offsets = np.cumsum([0, *(len(r) for r in rows)]).astype(np.int64)
        empty = np.zeros((0, len(self.WORDS) + 1))
        stacked = np.concatenate([empty, *(r.reshape(-1, len(self.WORDS) + 1) for r in rows)])
        dim = len(self.WORDS) + 1
        weights = np.concatenate(
            [np.zeros(0), *(np.full(len(r), 1 / len(r)) for r in rows if len(r))]
        )
        return Encoding(
            vectors.reshape(len(texts), dim),
            TokenVectors(stacked.astype(np.float32), offsets),
            weights.astype(np.float32),
            np.zeros((len(texts), len(NONE)), dtype=np.float32),
        )

    def pieces(self, text: str) -> list[str]:
        return [word.strip(".,:;?!“”\"'()").casefold() for word in text.split()]

    def is_word(self, word: str) -> bool:
        return True

    def _vector(self, text: str) -> np.ndarray:
        counts = [float(text.casefold().count(word)) for word in self.WORDS]
        vector = np.array([*counts, 0.0 if any(counts) else 1.0])
        return vector / np.linalg.norm(vector)


@pytest.fixture
def fake_encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    """The assistant as it is installed, on the policies that ship."""
    return Assistant.open(Settings(cache=CACHE))
