"""A run's judged answers to its figures: measures, matrix, breakdown and curves (pure).

`metrics.json` is `Metrics` as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from assistant.evaluation.coverage import SectionCoverage
from assistant.evaluation.intervals import CONFIDENCE, Figure, column, figure
from assistant.evaluation.judged import group
from assistant.evaluation.measures import (
    BY_NAME,
    HEADLINE,
    MEASURES,
    Columns,
    FloatArray,
    ranking_values,
)
from assistant.evaluation.run import JudgedAnswer

GROUPS = ("answerable", "near_miss", "off_topic")
STATUSES = ("answered", "silent", "out_of_scope", "unclear")
CURVE_CUTOFFS = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50)
THRESHOLD_STEPS = 100
RELIABILITY_BINS = 10
LATENCY_PERCENTS = (1, 5, 10, 25, 50, 75, 90, 95, 99, 100)


@dataclass(frozen=True, slots=True)
class RankingPoint:
    """Recall and success among the first k ranked passages."""

    k: int
    recall: float
    success: float


@dataclass(frozen=True, slots=True)
class ThresholdPoint:
    """What would be declined below a threshold on confidence; None without such questions."""

    threshold: float
    false_refusals: float | None
    near_misses_declined: float | None
    off_topic_declined: float | None


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Questions of like confidence, and how often their first passage answers.

    Attributes:
        low, high: Wilson's 95 % interval of `observed`.
    """

    from_confidence: float
    to_confidence: float
    questions: int
    mean_confidence: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Metrics:
    """All figures of a run.

    Attributes:
        measures: by name, in the order of MEASURES.
        confusion: group of questions → status → how many.
        breakdown: "kind", "policy" or "outcome" → value → measure → figure.
        latency: percent → milliseconds.
    """

    questions: int
    measures: dict[str, Figure]
    confusion: dict[str, dict[str, int]]
    breakdown: dict[str, dict[str, dict[str, Figure]]]
    ranking: list[RankingPoint]
    thresholds: list[ThresholdPoint]
    reliability: list[ReliabilityBin]
    latency: dict[int, float]
    coverage: list[SectionCoverage]

    def to_json(self) -> dict[str, Any]:
        """As metrics.json has it."""
        return asdict(self)


def metrics(answers: Sequence[JudgedAnswer], coverage: Sequence[SectionCoverage] = ()) -> Metrics:
    """The figures of judged answers; the answers are left as they are."""
    columns = columns_of(answers)
    return Metrics(
        questions=len(answers),
        measures={measure.name: figure(measure, columns) for measure in MEASURES},
        confusion=_confusion(answers),
        breakdown={
            "kind": _breakdown(answers, lambda answer: answer.kind),
            "policy": _breakdown(answers, lambda answer: f"{answer.policy} {answer.version}"),
            "outcome": _breakdown(answers, lambda answer: answer.status),
        },
        ranking=_ranking_curve(answers),
        thresholds=_threshold_curve(columns),
        reliability=_reliability(columns),
        latency=_latency(columns["latency_ms"]),
        coverage=list(coverage),
    )


def columns_of(answers: Sequence[JudgedAnswer]) -> Columns:
    """What questions count in each measure; shape (questions,), NaN where one does not count."""
    names = {name for answer in answers for name in answer.values}
    columns = {name: column([answer.values.get(name) for answer in answers]) for name in names}
    nothing = column([None] * len(answers))
    return _WithDefault(columns, nothing)


class _WithDefault(dict[str, FloatArray]):
    """Columns, and for a name that no question has a value of, one without values."""

    def __init__(self, columns: Mapping[str, FloatArray], nothing: FloatArray) -> None:
        super().__init__(columns)
        self._nothing = nothing

    def __missing__(self, name: str) -> FloatArray:
        return self._nothing


def _confusion(answers: Sequence[JudgedAnswer]) -> dict[str, dict[str, int]]:
    matrix = {name: dict.fromkeys(STATUSES, 0) for name in GROUPS}
    for answer in answers:
        row = matrix[group(answer.answerable, answer.kind)]
        row[answer.status] = row.get(answer.status, 0) + 1
    return matrix


def _breakdown(
    answers: Sequence[JudgedAnswer], key: Callable[[JudgedAnswer], str]
) -> dict[str, dict[str, Figure]]:
    groups: dict[str, list[JudgedAnswer]] = {}
    for answer in answers:
        groups.setdefault(key(answer), []).append(answer)
    return {name: _headline(members) for name, members in sorted(groups.items())}


def _headline(answers: Sequence[JudgedAnswer]) -> dict[str, Figure]:
    columns = columns_of(answers)
    return {name: figure(BY_NAME[name], columns) for name in HEADLINE}


def _ranking_curve(answers: Sequence[JudgedAnswer]) -> list[RankingPoint]:
    asked = [answer for answer in answers if "mrr" in answer.values]  # answerable and ranked
    if not asked:
        return []
    relevant = [max(answer.relevant, len(answer.ranks), 1) for answer in asked]
    values = ranking_values([answer.ranks for answer in asked], relevant, CURVE_CUTOFFS)
    return [
        RankingPoint(
            k,
            recall=float(np.mean([value[f"recall@{k}"] for value in values])),
            success=float(np.mean([value[f"success@{k}"] for value in values])),
        )
        for k in CURVE_CUTOFFS
    ]


def _threshold_curve(columns: Columns) -> list[ThresholdPoint]:
    return [
        ThresholdPoint(
            threshold,
            false_refusals=_share_below(columns["confidence_answerable"], threshold),
            near_misses_declined=_share_below(columns["confidence_near_miss"], threshold),
            off_topic_declined=_share_below(columns["confidence_off_topic"], threshold),
        )
        for threshold in (step / THRESHOLD_STEPS for step in range(THRESHOLD_STEPS + 1))
    ]


def _share_below(confidence: FloatArray, threshold: float) -> float | None:
    defined = confidence[~np.isnan(confidence)]
    return float(np.mean(defined < threshold)) if len(defined) else None


def _reliability(columns: Columns) -> list[ReliabilityBin]:
    confidence = np.fmax(
        np.fmax(columns["confidence_answerable"], columns["confidence_near_miss"]),
        columns["confidence_off_topic"],
    )
    defined = ~np.isnan(confidence) & ~np.isnan(columns["first_answers"])
    confidence, answers = confidence[defined], columns["first_answers"][defined]
    bins = np.minimum((confidence * RELIABILITY_BINS).astype(int), RELIABILITY_BINS - 1)
    return [
        _reliability_bin(number, confidence[bins == number], answers[bins == number])
        for number in range(RELIABILITY_BINS)
        if np.any(bins == number)
    ]


def _reliability_bin(number: int, confidence: FloatArray, answers: FloatArray) -> ReliabilityBin:
    from scipy.stats import binomtest

    hits, count = int(answers.sum()), len(answers)
    interval = binomtest(hits, count).proportion_ci(CONFIDENCE, method="wilson")
    return ReliabilityBin(
        from_confidence=number / RELIABILITY_BINS,
        to_confidence=(number + 1) / RELIABILITY_BINS,
        questions=count,
        mean_confidence=round(float(confidence.mean()), 6),
        observed=round(hits / count, 6),
        low=round(float(interval.low), 6),
        high=round(float(interval.high), 6),
    )


def _latency(latencies: FloatArray) -> dict[int, float]:
    defined = latencies[~np.isnan(latencies)]
    if not len(defined):
        return {}
    values = np.percentile(defined, LATENCY_PERCENTS)
    return {
        percent: round(float(value), 2)
        for percent, value in zip(LATENCY_PERCENTS, values, strict=True)
    }
