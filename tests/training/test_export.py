"""The export ranks as the trained model does, on a policy that it was not trained on."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from index.encoder import POLICY_MINILM, Encoder, Encoding, serving_encoder
from training.data import HELD_APART, load_policies
from training.examples import Pool, pool_of
from training.kept import trained_encoder
from training.looks import encode_all
from training.network import Encoded, LateEncoder, late_scores, pooled_scores, read_scores

QUESTIONS = 40


@pytest.fixture(scope="module")
def pool() -> Pool:
    (policy,) = (policy for policy in load_policies() if policy.name == "fic_bank")
    assert policy.name in HELD_APART
    return pool_of(policy)


@pytest.fixture(scope="module")
def served() -> Encoder:
    return serving_encoder(POLICY_MINILM)


@pytest.fixture(scope="module")
def model() -> LateEncoder:
    return trained_encoder()


@pytest.fixture(scope="module")
def encoded(model: LateEncoder, pool: Pool) -> tuple[Encoded, Encoded]:
    words = [example.question for example in pool.examples[:QUESTIONS]]
    return encode_all(model, words, autocast=False), encode_all(model, pool.texts, autocast=False)


@pytest.fixture(scope="module")
def exported(served: Encoder, pool: Pool) -> tuple[Encoding, Encoding]:
    words = [example.question for example in pool.examples[:QUESTIONS]]
    return served.encode(words), served.encode(pool.texts)


def tokens(encoding: Encoding, row: int) -> np.ndarray:
    start, end = encoding.tokens.offsets[row : row + 2]
    return encoding.tokens.vectors[start:end]


def late(questions: Encoding, passages: Encoding) -> np.ndarray:
    table = np.zeros((len(questions.sentences), len(passages.sentences)), dtype=np.float32)
    for row in range(len(table)):
        start, end = questions.tokens.offsets[row : row + 2]
        likeness = passages.tokens.vectors @ tokens(questions, row).T
        best = np.maximum.reduceat(likeness, passages.tokens.offsets[:-1], axis=0)
        table[row] = best @ questions.weights[start:end]
    return table


def test_cosines_agree(encoded, exported) -> None:
    theirs = pooled_scores(*encoded).numpy()
    ours = exported[0].sentences @ exported[1].sentences.T

    assert np.abs(ours - theirs).mean() < 0.02
    assert np.mean(ours.argmax(axis=1) == theirs.argmax(axis=1)) >= 0.85


def test_late_interaction_agrees(encoded, exported) -> None:
    theirs, ours = late_scores(*encoded).numpy(), late(*exported)

    assert np.abs(ours - theirs).mean() < 0.02
    assert np.mean(ours.argmax(axis=1) == theirs.argmax(axis=1)) >= 0.85
    for row in range(QUESTIONS):  # the best of one stands among the first of the other
        assert theirs[row].argmax() in np.argsort(-ours[row])[:4]


def test_scores_of_no_answer_agree(model: LateEncoder, encoded, exported) -> None:
    layers = (model.none_pooled, model.none_late, model.none_read)
    with torch.no_grad():
        theirs = torch.cat([layer(encoded[0].pooled) for layer in layers], dim=1).numpy()

    np.testing.assert_allclose(exported[0].none, theirs, atol=0.08)


def test_the_reranker_reads_alike(model: LateEncoder, served: Encoder, encoded, exported) -> None:
    """Given the same vectors: the reranker is not quantised."""
    assert served.reranker is not None
    questions, passages = encoded
    columns = late_scores(questions, passages)[0].topk(8).indices
    rows = torch.zeros(8, dtype=torch.long)
    with torch.no_grad():
        scores = read_scores(model, questions, passages, rows, columns)
    whole = torch.stack(
        [f(questions, passages)[0, columns] for f in (pooled_scores, late_scores)], dim=1
    )
    kept = questions.mask[0]

    reading = served.reranker.read(
        questions.tokens[0][kept].numpy(),
        questions.weights[0][kept].numpy(),
        [passages.tokens[c][passages.mask[c]].numpy() for c in columns],
        whole.numpy(),
    )

    np.testing.assert_allclose(whole[:, 1].numpy() + reading / 20, scores.numpy(), atol=1e-4)
