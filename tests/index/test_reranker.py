"""The reranker: what it reads, and what a reading changes in a ranking."""

from __future__ import annotations

import numpy as np
import pytest

from index.encoder import POLICY_MINILM, serving_encoder
from index.reranker import Reranker
from index.retriever import NOTHING_READ, reordered
from index.scoring import FEATURES, RankingWeights

WEIGHTS = RankingWeights(np.zeros(len(FEATURES), dtype=np.float32), reading=2.0)


def unit(rows: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, 128)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def reranker() -> Reranker:
    found = serving_encoder(POLICY_MINILM).reranker
    assert found is not None
    return found


def test_a_passage_is_read_alike_alone_and_beside_longer_ones(reranker: Reranker) -> None:
    question, weights = unit(5, 0), np.full(5, 0.2, dtype=np.float32)
    passages = [unit(3, 1), unit(40, 2), unit(12, 3)]
    whole = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], dtype=np.float32)

    together = reranker.read(question, weights, passages, whole)
    for n, passage in enumerate(passages):
        alone = reranker.read(question, weights, [passage], whole[n : n + 1])
        assert together[n] == pytest.approx(alone[0], abs=1e-4)


def test_a_passage_without_words_can_be_read(reranker: Reranker) -> None:
    reading = reranker.read(
        unit(4, 5), np.full(4, 0.25, np.float32), [unit(0, 6)], np.zeros((1, 2), np.float32)
    )

    assert np.isfinite(reading).all()


def test_nothing_is_read_of_no_passages(reranker: Reranker) -> None:
    nothing = reranker.read(unit(4, 5), np.ones(4, np.float32), [], np.zeros((0, 2), np.float32))

    assert len(nothing) == 0


def test_what_was_read_is_ordered_anew_and_stays_on_top() -> None:
    order = np.array([7, 3, 9, 1])
    scores = np.array([4.0, 3.0, 2.5, 1.0], dtype=np.float32)
    reading = np.array([-2.0, 0.5], dtype=np.float32)

    new_order, new_scores, read = reordered(order, scores, reading, WEIGHTS)

    assert new_order.tolist() == [3, 7, 9, 1]
    # 3 + 2 · 0.5 and 4 − 2 · 2; the others go down by 2.5 so that the third is not above
    assert new_scores.tolist() == [4.0, 0.0, 0.0, -1.5]
    assert read.tolist() == [0.5, -2.0]


def test_without_a_reading_nothing_changes() -> None:
    order, scores = np.array([2, 0, 1]), np.array([3.0, 2.0, 1.0], dtype=np.float32)

    new_order, new_scores, _ = reordered(order, scores, NOTHING_READ, WEIGHTS)

    assert new_order.tolist() == [2, 0, 1]
    assert new_scores.tolist() == [3.0, 2.0, 1.0]
