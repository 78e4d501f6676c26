"""Values a question to figures with intervals, by bootstrap over questions (pure).

Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993: percentile intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.measures import Columns, FloatArray, Measure

RESAMPLES = 1000  # of the questions, with replacement
SEED = 20_200_101  # the same questions are drawn each time, so that two runs give the same file
CONFIDENCE = 0.95
MIN_QUESTIONS = 5  # with fewer, draws hardly differ, and an interval would look surer than it is
BATCH_CELLS = 500_000  # of a resampled column held at once, so that memory does not grow with a set


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure's value with its 95 % interval; None where it is undefined.

    Attributes:
        questions: how many it is taken over.
    """

    value: float | None
    low: float | None
    high: float | None
    questions: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure of two runs on the same questions, and B's minus A's with its 95 % interval."""

    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None

    @property
    def is_sure(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def figure(measure: Measure, columns: Columns, *, seed: int = SEED) -> Figure:
    """The measure over all questions; with its interval where MIN_QUESTIONS or more count."""
    counted = _counted(measure, columns)
    value = measure.statistic(columns)
    low, high = None, None
    if counted >= MIN_QUESTIONS:
        low, high = _interval(_resampled(measure, columns, seed))
    return Figure(_number(value), low, high, counted)


def difference(measure: Measure, a: Columns, b: Columns, *, seed: int = SEED) -> Difference:
    """The paired difference: both runs are resampled with the same questions."""
    value_a, value_b = measure.statistic(a), measure.statistic(b)
    low, high = None, None
    if min(_counted(measure, a), _counted(measure, b)) >= MIN_QUESTIONS:
        low, high = _interval(_resampled(measure, b, seed) - _resampled(measure, a, seed))
    return Difference(_number(value_a), _number(value_b), _number(value_b - value_a), low, high)


def _counted(measure: Measure, columns: Columns) -> int:
    return int(np.sum(~np.isnan(columns[measure.over])))


def column(values: Sequence[float | None]) -> FloatArray:
    """One value a question, NaN for None; float64, shape (questions,)."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _resampled(measure: Measure, columns: Columns, seed: int) -> FloatArray:
    """The measure on RESAMPLES draws of the questions; shape (RESAMPLES,)."""
    questions = len(columns[measure.over])
    if not questions:
        return np.full(RESAMPLES, np.nan)
    generator = np.random.default_rng(seed)
    rows = max(1, BATCH_CELLS // questions)
    found: list[FloatArray] = []
    for start in range(0, RESAMPLES, rows):
        count = min(rows, RESAMPLES - start)
        drawn = generator.integers(0, questions, size=(count, questions))
        found.append(measure.statistic(_Drawn(columns, drawn)))
    return np.concatenate(found)


class _Drawn(dict[str, FloatArray]):
    """Columns of resampled questions, each made when a statistic asks for it."""

    def __init__(self, columns: Columns, drawn: NDArray[np.int64]) -> None:
        super().__init__()
        self._columns, self._rows = columns, drawn

    def __missing__(self, name: str) -> FloatArray:
        self[name] = self._columns[name][self._rows]
        return self[name]


def _interval(values: FloatArray) -> tuple[float | None, float | None]:
    defined = values[~np.isnan(values)]
    if not len(defined):
        return None, None
    tail = (1 - CONFIDENCE) / 2 * 100
    low, high = np.percentile(defined, [tail, 100 - tail])
    return _number(low), _number(high)


def _number(value: FloatArray | np.float64) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
