"""A retrieval to probabilities."""

import math
from dataclasses import replace

import numpy as np
import pytest

from assistant.calibration import CITED_AT_MOST, Linear, VerdictModel, shipped_calibration
from assistant.verdict import SIGNS
from index.encoder import POLICY_MINILM, serving_encoder
from index.retriever import Retrieval, ScoredPassage
from index.scoring import FEATURES
from index.signals import SIGNALS
from policy_text import Passage, Span

ENCODER = serving_encoder(POLICY_MINILM)
NO_SIGNALS = np.zeros(len(SIGNALS), dtype=np.float32)
NO_VECTOR = np.zeros(0, dtype=np.float32)
RETRIEVAL = Retrieval(
    "do you sell data",  # four words: the signal "words" is 4
    (ScoredPassage(Passage(0, Span(0, 5), 0, 0), 2.0),),
    np.zeros((1, len(FEATURES)), dtype=np.float32),
    np.array([0.6, 0.8], dtype=np.float32),
)


def counting_words(times: float) -> np.ndarray:
    return np.array([times * (name == "words") for name in SIGNALS], dtype=np.float32)


@pytest.mark.parametrize(
    ("linear", "expected"),
    [
        pytest.param(Linear(NO_SIGNALS, NO_VECTOR, 0.5), 0.5, id="bias-only"),
        pytest.param(Linear(counting_words(0.25), NO_VECTOR, -1.0), 0.25 * 4 - 1, id="a-signal"),
        pytest.param(
            Linear(NO_SIGNALS, np.array([1.0, 0.5], dtype=np.float32), 0.0), 0.6 + 0.4, id="vector"
        ),
        pytest.param(
            Linear(NO_SIGNALS, np.ones(3, dtype=np.float32), 0.5), 0.5, id="another-model's-vector"
        ),
    ],
)
def test_logit(linear: Linear, expected: float) -> None:
    assert linear.logit(RETRIEVAL) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("bias", "expected"),
    [
        pytest.param(0.0, 0.5, id="even"),
        pytest.param(math.log(3), 0.75, id="three-to-one"),
        pytest.param(1e9, 1.0, id="no-overflow-above"),
        pytest.param(-1e9, 0.0, id="no-overflow-below"),
    ],
)
def test_probability(bias: float, expected: float) -> None:
    assert Linear(NO_SIGNALS, NO_VECTOR, bias).probability(RETRIEVAL) == pytest.approx(expected)


def test_confidence_needs_an_answer_and_the_first_passage_to_give_it() -> None:
    even = Linear(NO_SIGNALS, NO_VECTOR, 0.0)
    three_to_one = Linear(NO_SIGNALS, NO_VECTOR, math.log(3))
    calibration = replace(shipped_calibration(ENCODER.id), answerable=even, first=three_to_one)
    assert calibration.confidence(RETRIEVAL) == pytest.approx(0.5 * 0.75)


@pytest.mark.parametrize(
    ("scope", "is_answerable", "is_off_topic"),
    [
        pytest.param(3.0, True, False, id="one-for-a-policy"),
        pytest.param(-1.0, True, True, id="hardly-one"),
        pytest.param(-3.0, False, True, id="none"),
    ],
)
def test_what_is_none_for_a_policy_must_be_answered_the_more_surely(
    scope: float, is_answerable: bool, is_off_topic: bool
) -> None:
    calibration = replace(
        shipped_calibration(ENCODER.id),
        answerable=Linear(NO_SIGNALS, NO_VECTOR, 1.0),
        scope=Linear(NO_SIGNALS, NO_VECTOR, scope),
        answer_from=0.5,  # log odds of 0
        scope_counts=0.5,
    )
    assert calibration.is_answerable(RETRIEVAL) == is_answerable
    assert calibration.is_off_topic(RETRIEVAL) == is_off_topic
    for words in ("IMEI", "What does the policy say about product development?"):
        assert calibration.is_answerable(replace(RETRIEVAL, looked_for=words))


def test_the_shipped_numbers_are_sane() -> None:
    shipped = shipped_calibration(ENCODER.id)
    assert 0 < shipped.answer_from < 1
    assert shipped.scope_counts >= 0
    assert shipped.cite_margin >= 0


@pytest.mark.parametrize(
    ("scores", "cited"),
    [
        pytest.param([2.0], 1, id="one"),
        pytest.param([2.0, 1.5, 1.0], 2, id="within-the-margin"),
        pytest.param([2.0, 1.4], 1, id="below-the-margin"),
        pytest.param([2.0, 2.0, 2.0, 2.0], CITED_AT_MOST, id="three-at-most"),
        pytest.param([], 0, id="nothing"),
    ],
)
def test_what_comes_close_to_the_first_is_cited(scores: list[float], cited: int) -> None:
    ranking = tuple(
        ScoredPassage(Passage(n, Span(9 * n, 9 * n + 5), 0, 0), score)
        for n, score in enumerate(scores)
    )
    calibration = replace(shipped_calibration(ENCODER.id), cite_margin=0.5)

    found = calibration.cited(replace(RETRIEVAL, ranking=ranking))

    assert found == ranking[:cited]


@pytest.mark.parametrize(
    ("chances", "expected"),
    [
        pytest.param([0.05, 0.9, 0.05], "yes", id="yes"),
        pytest.param([0.05, 0.05, 0.9], "no", id="no"),
        pytest.param([0.3, 0.4, 0.3], None, id="unsure"),
    ],
)
def test_a_verdict_is_given_where_it_is_sure(chances: list[float], expected: str | None) -> None:
    of_said = np.array([name == "said" for name in SIGNS], dtype=np.float32)
    sure = VerdictModel(of_said, bias=0.0, give_from=0.8)
    calibration = replace(shipped_calibration(ENCODER.id), verdicts=sure)
    read = np.array(chances, dtype=np.float32)

    assert calibration.verdict(read, 0.9) == expected
    assert calibration.may_be_sure(0.9)
    assert replace(calibration, verdicts=None).verdict(read, 0.9) is None


def test_what_no_reading_can_make_sure_need_not_be_read() -> None:
    of_both = np.array([name in ("said", "confidence") for name in SIGNS], dtype=np.float32)
    calibration = replace(
        shipped_calibration(ENCODER.id), verdicts=VerdictModel(of_both, bias=-5.0, give_from=0.8)
    )

    # log odds 4.6 of the surest reading, 2.2 of a confidence of 0.9, and 1.4 of 0.8 to reach
    assert calibration.may_be_sure(0.9)
    assert not calibration.may_be_sure(0.5)
    assert not replace(calibration, verdicts=None).may_be_sure(0.9)
