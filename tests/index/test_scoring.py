"""Features and scores, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from index.encoder import POLICY_MINILM, serving_encoder
from index.scoring import (
    FEATURES,
    EncodedPassages,
    EncodedQuestion,
    RankingWeights,
    feature_matrix,
    fitted,
    practice_profiles,
    shipped_weights,
    weights_id,
)

X, Y, Z = np.eye(3, dtype=np.float32)
HALF = np.array([1, 1, 0], dtype=np.float32) / np.float32(np.sqrt(2))

# Three passages in two sections; the tokens of the second are Y, Y, X, Z.
PASSAGES = EncodedPassages(
    headed=np.array([Y, X, Z]),
    introduced=np.array([X, Y, Z]),
    neighbourhood=np.array([HALF, HALF, X]),
    tokens=np.array([X, Y, Y, X, Z, Z]),
    token_offsets=np.array([0, 1, 5, 6], dtype=np.int64),
    practices=np.array([X, Y]),
    profiles=practice_profiles(np.array([X, Y, Z]), np.array([X, Y])),
    sections=np.array([1, 1, 0]),
    lengths=np.array([1, 10, 100]),
    announces=np.array([False, True, False]),
)
# Asks for X, with a token X that counts 3/4 and a token Y that counts 1/4.
NO_SCORES = np.zeros(3, dtype=np.float32)
QUESTION = EncodedQuestion(
    "x", X, np.array([X, Y]), np.array([0.75, 0.25], dtype=np.float32), NO_SCORES
)
LEXICAL = np.array([0.0, 0.5, 0.25], dtype=np.float32)

EXPECTED = {
    "headed": [0, 1, 0],
    "introduced": [1, 0, 0],
    "neighbourhood": [1 / np.sqrt(2), 1 / np.sqrt(2), 1],
    "section": [1, 1, 0],
    "practice": [1, -1, 0],  # profiles (1, 0), (0, 1) and nothing, against the question's (1, 0)
    "late": [0.75, 0.75 + 0.25, 0],
    "late_reverse": [1, 3 / 4, 0],
    "lexical": [0.0, 0.5, 0.25],
    "length": [0, np.log(10), np.log(100)],
    "announces": [0, 1, 0],
}


def test_every_feature_has_an_expected_value() -> None:
    assert tuple(EXPECTED) == FEATURES


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_is_what_it_says(feature: str) -> None:
    column = feature_matrix(QUESTION, PASSAGES, LEXICAL)[:, FEATURES.index(feature)]

    np.testing.assert_allclose(column, EXPECTED[feature], atol=1e-6)


def test_a_question_without_tokens_has_no_late_interaction() -> None:
    nothing = EncodedQuestion(
        "x", X, np.zeros((0, 3), np.float32), np.zeros(0, np.float32), NO_SCORES
    )
    features = feature_matrix(nothing, PASSAGES, LEXICAL)

    assert features[:, FEATURES.index("late")].tolist() == [0, 0, 0]
    assert features[:, FEATURES.index("late_reverse")].tolist() == [0, 0, 0]


def test_a_score_is_the_weighted_sum_of_the_features() -> None:
    weights = RankingWeights(np.arange(10, dtype=np.float32))

    assert weights.scores(np.ones((1, 10), np.float32)).tolist() == [45.0]


@pytest.mark.parametrize("encoder_id", [serving_encoder(POLICY_MINILM).id, "any-other-model"])
def test_the_weights_that_ship_name_every_feature(encoder_id: str) -> None:
    weights = shipped_weights(encoder_id)

    assert weights.values.shape == (len(FEATURES),)
    assert np.isfinite(weights.values).all()
    assert len(weights_id(encoder_id)) == 8


def test_the_weights_that_ship_were_fitted_on_the_encoder_that_ships() -> None:
    encoder = serving_encoder(POLICY_MINILM)

    assert fitted(encoder.id)["encoder"] == encoder.id
    assert weights_id(encoder.id) != weights_id("any-other-model")


def test_the_inputs_are_not_changed() -> None:
    lexical, tokens = LEXICAL.copy(), PASSAGES.tokens.copy()
    feature_matrix(QUESTION, PASSAGES, lexical)

    np.testing.assert_array_equal(lexical, LEXICAL)
    np.testing.assert_array_equal(tokens, PASSAGES.tokens)
