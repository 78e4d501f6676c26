"""The measures against values worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evaluation.intervals import column
from assistant.evaluation.measures import (
    BY_NAME,
    HEADLINE,
    MEASURES,
    auc_of,
    character_precision,
    character_recall,
    covered_share,
    mean_of,
    percentile_of,
    ranking_values,
    ratio_of,
)
from policy_text import Span

Pair = tuple[int, int]


def spans(pairs: Sequence[Pair]) -> list[Span]:
    return [Span(*pair) for pair in pairs]


@pytest.mark.parametrize(
    ("retrieved", "gold", "precision", "recall"),
    [
        pytest.param([(0, 10)], [(0, 10)], 1.0, 1.0, id="exact"),
        pytest.param([(0, 10)], [(5, 15)], 5 / 10, 5 / 10, id="half-overlaps"),
        pytest.param([(0, 10)], [(10, 20)], 0.0, 0.0, id="adjoining"),
        pytest.param([(0, 100)], [(10, 20)], 10 / 100, 1.0, id="gold-inside-retrieved"),
        pytest.param([(10, 20)], [(0, 100)], 1.0, 10 / 100, id="retrieved-inside-gold"),
        pytest.param([(0, 10), (20, 30)], [(5, 25)], 10 / 20, 10 / 20, id="two-retrieved"),
        pytest.param([(0, 30)], [(0, 10), (20, 30)], 20 / 30, 20 / 20, id="two-gold"),
        pytest.param([(0, 10), (0, 10)], [(0, 10)], 20 / 20, 20 / 10, id="retrieved-twice"),
        pytest.param([(0, 10), (5, 15)], [(0, 10)], 15 / 20, 15 / 10, id="retrieved-overlap"),
        pytest.param([(0, 10)], [(0, 10), (5, 15)], 15 / 10, 15 / 20, id="gold-overlap"),
        pytest.param([], [(0, 10)], 0.0, 0.0, id="nothing-retrieved"),
        pytest.param([(0, 10)], [], 0.0, 0.0, id="no-gold"),
    ],
)
def test_character_measures_are_those_of_legalbench_rag(
    retrieved: list[Pair], gold: list[Pair], precision: float, recall: float
) -> None:
    assert character_precision(spans(retrieved), spans(gold)) == precision
    assert character_recall(spans(retrieved), spans(gold)) == recall


@pytest.mark.parametrize(
    ("covered", "by", "expected"),
    [
        pytest.param([(0, 10)], [(0, 10), (0, 10)], 1.0, id="each-character-once"),
        pytest.param([(0, 10), (5, 15)], [(0, 10)], 10 / 15, id="overlapping-gold-is-joined"),
        pytest.param([(0, 10)], [], 0.0, id="by-nothing"),
        pytest.param([], [(0, 10)], 0.0, id="of-nothing"),
    ],
)
def test_covered_share(covered: list[Pair], by: list[Pair], expected: float) -> None:
    assert covered_share(spans(covered), spans(by)) == expected


@pytest.mark.parametrize(
    ("ranks", "relevant", "expected"),
    [
        pytest.param(
            [1], 1, {"recall@1": 1.0, "success@3": 1.0, "mrr": 1.0, "ndcg@10": 1.0}, id="first"
        ),
        pytest.param(
            [3],
            1,
            {"recall@1": 0.0, "recall@3": 1.0, "mrr": 1 / 3, "ndcg@10": 1 / math.log2(4)},
            id="third",
        ),
        pytest.param(
            [1, 3],
            4,
            {
                "recall@1": 1 / 4,
                "recall@3": 2 / 4,
                "success@1": 1.0,
                "ndcg@10": (1 + 1 / 2) / (1 + 1 / math.log2(3) + 1 / 2 + 1 / math.log2(5)),
            },
            id="two-of-four",
        ),
        pytest.param(
            [], 2, {"recall@20": 0.0, "success@20": 0.0, "mrr": 0.0, "ndcg@10": 0.0}, id="unranked"
        ),
        pytest.param([11], 1, {"recall@10": 0.0, "mrr": 1 / 11, "ndcg@10": 0.0}, id="eleventh"),
    ],
)
def test_measures_of_rankings(
    ranks: list[int], relevant: int, expected: Mapping[str, float]
) -> None:
    (values,) = ranking_values([ranks], [relevant], (1, 3, 10, 20))
    for name, value in expected.items():
        assert values[name] == pytest.approx(value, abs=1e-6)


def test_many_questions_keep_their_order() -> None:
    values = ranking_values([[n] for n in range(1, 12)], [1] * 11, (1,))
    assert [value["mrr"] for value in values] == pytest.approx([1 / n for n in range(1, 12)])


def test_a_mean_leaves_out_questions_that_do_not_count() -> None:
    assert mean_of("v")({"v": column([1.0, None, 0.0, 0.0])}) == pytest.approx(1 / 3)


def test_a_ratio_is_over_citations_and_not_over_questions() -> None:
    columns = {"hits": column([1, 1, None]), "cited": column([1, 3, None])}
    assert ratio_of("hits", "cited")(columns) == 2 / 4


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        pytest.param([0.9, 0.8], [0.1, 0.2], 1.0, id="all-above"),
        pytest.param([0.1], [0.9], 0.0, id="all-below"),
        pytest.param([0.5], [0.5], 0.5, id="a-tie-counts-half"),
        pytest.param([0.9, 0.3], [0.5, 0.1], 3 / 4, id="three-of-four-pairs"),
        pytest.param([0.9], [], math.nan, id="no-negatives"),
        pytest.param([], [0.5], math.nan, id="no-positives"),
    ],
)
def test_auc(above: list[float], below: list[float], expected: float) -> None:
    columns = {
        "above": column([*above, *[None] * len(below), None]),
        "below": column([*[None] * len(above), *below, None]),
    }
    assert auc_of("above", "below")(columns) == pytest.approx(expected, nan_ok=True)


scores = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@settings(deadline=None)  # the first example imports scikit-learn
@given(above=scores, below=scores)
def test_auc_is_that_of_scikit_learn(above: list[float], below: list[float]) -> None:
    from sklearn.metrics import roc_auc_score

    columns = {
        "above": column([*above, *[None] * len(below)]),
        "below": column([*[None] * len(above), *below]),
    }
    expected = roc_auc_score([1] * len(above) + [0] * len(below), above + below)
    assert auc_of("above", "below")(columns) == pytest.approx(expected)


def test_a_percentile_is_interpolated() -> None:
    assert percentile_of("v", 50)({"v": column([1.0, None, 2.0])}) == 1.5


def test_a_percentile_of_a_draw_without_values_is_undefined() -> None:
    draws = np.stack([column([1.0, None]), column([None, None])])
    assert percentile_of("v", 50)({"v": draws}) == pytest.approx([1.0, math.nan], nan_ok=True)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_a_measure_without_any_question_that_counts_has_no_value(measure: object) -> None:
    found = BY_NAME[getattr(measure, "name", "")]
    nothing = {name: column([None, None]) for name in _columns_of_all()}
    assert np.isnan(found.statistic(nothing))


def _columns_of_all() -> set[str]:
    also = {"hits", "faithful", "confidence_answerable"}
    return {measure.over for measure in MEASURES} | also


def test_every_measure_says_its_formula_and_source() -> None:
    for measure in MEASURES:
        assert measure.title
        assert measure.formula
        assert measure.source
    assert len(BY_NAME) == len(MEASURES)
    assert set(HEADLINE) <= set(BY_NAME)
