"""The figures of a run: matrix, breakdown and curves, worked out by hand."""

from __future__ import annotations

import pytest

from assistant.evaluation.metrics import CURVE_CUTOFFS, metrics
from assistant.evaluation.run import JudgedAnswer
from tests.assistant.evaluation.builders import KEEP, SELL, answer, judged, question


def answers() -> list[JudgedAnswer]:
    return [
        judged(question(SELL), answer(SELL, ranked=[SELL, KEEP], confidence=0.9, latency_ms=1.0)),
        judged(question(SELL, kind="lay"), answer(KEEP, ranked=[KEEP, SELL], confidence=0.6)),
        judged(question(SELL, kind="lay"), answer(ranked=[KEEP], confidence=0.2)),
        judged(question(kind="unanswerable"), answer(KEEP, confidence=0.7)),
        judged(question(kind="unanswerable"), answer(confidence=0.1)),
        judged(question(kind="offtopic"), answer(status="out_of_scope", confidence=0.0)),
    ]


def test_measures_over_the_questions_that_they_concern() -> None:
    found = metrics(answers()).measures
    assert found["right"].value == pytest.approx(3 / 6)
    assert found["top1"].value == pytest.approx(1 / 3)
    assert found["citation_precision"].value == pytest.approx(1 / 2)
    assert found["false_refusals"].value == pytest.approx(1 / 3)
    assert found["near_misses_declined"].value == pytest.approx(1 / 2)
    assert found["off_topic_declined"].value == 1.0
    assert found["mrr"].value == pytest.approx((1 + 1 / 2 + 0) / 3)
    # answerable 0.9, 0.6, 0.2 against near misses 0.7, 0.1: four of six pairs are in order
    assert found["auc_near_miss"].value == pytest.approx(4 / 6)
    assert found["verdict_precision"].value is None
    assert found["right"].questions == 6
    assert found["top1"].questions == 3


def test_confusion_counts_every_question_once() -> None:
    found = metrics(answers()).confusion
    nothing = {"answered": 0, "silent": 0, "out_of_scope": 0, "unclear": 0}
    assert found == {
        "answerable": {**nothing, "answered": 2, "silent": 1},
        "near_miss": {**nothing, "answered": 1, "silent": 1},
        "off_topic": {**nothing, "out_of_scope": 1},
    }


def test_breakdown_by_kind_policy_and_outcome() -> None:
    found = metrics(answers()).breakdown
    assert list(found["kind"]) == ["direct", "lay", "offtopic", "unanswerable"]
    assert found["kind"]["lay"]["right"].value == 0.0
    assert found["kind"]["lay"]["right"].questions == 2
    assert list(found["policy"]) == ["acme 2024-01-01"]
    assert found["outcome"]["answered"]["right"].value == pytest.approx(1 / 3)


def test_ranking_curve() -> None:
    found = {point.k: point for point in metrics(answers()).ranking}
    assert list(found) == list(CURVE_CUTOFFS)
    assert found[1].success == pytest.approx(1 / 3)
    assert found[2].success == pytest.approx(2 / 3)
    assert found[50].recall == pytest.approx(2 / 3)


def test_threshold_curve_declines_what_lies_below() -> None:
    found = {point.threshold: point for point in metrics(answers()).thresholds}
    assert found[0.0].false_refusals == 0.0
    assert found[0.5].false_refusals == pytest.approx(1 / 3)
    assert found[0.5].near_misses_declined == pytest.approx(1 / 2)
    assert found[1.0].false_refusals == 1.0
    assert len(found) == 101


def test_reliability_bins_hold_every_question_once() -> None:
    bins = metrics(answers()).reliability
    assert sum(one.questions for one in bins) == 6
    (highest,) = [one for one in bins if one.from_confidence == 0.9]
    assert (highest.mean_confidence, highest.observed) == (0.9, 1.0)
    assert all(one.low <= one.observed <= one.high for one in bins)


def test_confidence_one_falls_into_the_last_bin() -> None:
    (only,) = metrics([judged(question(SELL), answer(SELL, confidence=1.0))]).reliability
    assert (only.from_confidence, only.to_confidence) == (0.9, 1.0)


def test_latency_percentiles() -> None:
    assert metrics(answers()).latency[100] == 10.0
    assert metrics(answers()).latency[1] == pytest.approx(1.45)  # interpolated between 1 and 10


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([], id="no-question"),
        pytest.param([judged(question())], id="nothing-answerable"),
        pytest.param(
            [judged(question(SELL), answer(SELL, confidence=None, latency_ms=None))],
            id="no-confidence-nor-times",
        ),
    ],
)
def test_odd_runs_have_figures_too(lines: list[JudgedAnswer]) -> None:
    found = metrics(lines)
    assert found.questions == len(lines)
    assert found.to_json()["questions"] == len(lines)
