"""The verdict model: what it says to passages that leave no doubt."""

from __future__ import annotations

import numpy as np
import pytest

from index.encoder import POLICY_MINILM, serving_encoder
from index.verdicts import MAX_TOKENS, VERDICTS, VerdictReader


@pytest.fixture(scope="module")
def reader() -> VerdictReader:
    found = serving_encoder(POLICY_MINILM).verdicts
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("question", "passage", "expected"),
    [
        ("Do you sell my data?", "Sharing: We never sell your personal data to anyone.", "no"),
        ("do you use cookies", "Cookies: We use cookies to keep you signed in.", "yes"),
        ("Is my name safe from being sold?", "Sharing: We do not sell your name.", "yes"),
        ("Can my son, who is 9, sign up?", "Children: You must be 13 to sign up.", "no"),
        ("Do you share my location?", "Cookies: We use cookies to keep you signed in.", "none"),
    ],
)
def test_plain_passages(reader: VerdictReader, question: str, passage: str, expected: str) -> None:
    assert VERDICTS[int(reader.read(question, passage).argmax())] == expected


def test_verdicts_are_probabilities(reader: VerdictReader) -> None:
    chances = reader.read("Do you sell it?", "We do not sell it.")

    assert chances.shape == (len(VERDICTS),)
    assert float(chances.sum()) == pytest.approx(1.0, abs=1e-5)


def test_the_longer_of_question_and_passage_is_cut(reader: VerdictReader) -> None:
    question, passage = "Do you sell my data?", "We never sell your data. "
    long = "And so on and so forth. " * MAX_TOKENS

    of_long_passage = reader.read(question, passage + long)
    np.testing.assert_array_equal(of_long_passage, reader.read(question, passage + long + "Or."))
    assert not np.array_equal(of_long_passage, reader.read("Do you keep it?", passage + long))
    of_long_question = reader.read(long, passage)
    np.testing.assert_array_equal(of_long_question, reader.read(long + "Or?", passage))
    assert not np.array_equal(of_long_question, reader.read(long, "We sell it."))
