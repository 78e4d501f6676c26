"""Bootstrap intervals: what they must hold, paired or not."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.evaluation.intervals import Figure, column, difference, figure
from assistant.evaluation.measures import BY_NAME, Columns

RIGHT = BY_NAME["right"]


def columns(*values: float | None) -> Columns:
    return {"right": column(values)}


def test_a_figure_has_its_value_inside_its_interval() -> None:
    found = figure(RIGHT, columns(*[1.0] * 70, *[0.0] * 30))
    assert found.value == 0.7
    assert found.questions == 100
    # The normal approximation gives 0.7 ± 1.96 · sqrt(0.7 · 0.3 / 100) = 0.61 … 0.79.
    assert found.low == pytest.approx(0.61, abs=0.02)
    assert found.high == pytest.approx(0.79, abs=0.02)


def test_without_variation_there_is_no_width() -> None:
    assert figure(RIGHT, columns(*[1.0] * 5)) == Figure(1.0, 1.0, 1.0, 5)


def test_a_few_questions_have_no_interval_that_would_look_sure() -> None:
    assert figure(RIGHT, columns(1.0, 1.0, 1.0, 1.0, None)) == Figure(1.0, None, None, 4)
    flipped = difference(RIGHT, columns(1.0, None, None), columns(0.0, None, None))
    assert flipped.difference == -1.0
    assert not flipped.is_sure


@pytest.mark.parametrize("values", [pytest.param([], id="none"), pytest.param([None], id="all")])
def test_an_undefined_measure_has_no_interval(values: list[float | None]) -> None:
    assert figure(RIGHT, columns(*values)) == Figure(None, None, None, 0)


def test_the_same_questions_are_drawn_each_time() -> None:
    values = columns(*np.random.default_rng(1).integers(0, 2, 50).astype(float))
    assert figure(RIGHT, values) == figure(RIGHT, values)
    assert figure(RIGHT, values, seed=1) != figure(RIGHT, values, seed=2)


def test_seed_zero_is_a_seed() -> None:
    values = columns(*[1.0] * 7, *[0.0] * 3)
    assert figure(RIGHT, values, seed=0) == figure(RIGHT, values, seed=0)


def test_a_large_set_gives_the_interval_of_a_small_one_in_batches() -> None:
    values = np.zeros(3000)
    values[:1500] = 1.0
    found = figure(RIGHT, {"right": values})
    # 1.96 · sqrt(0.25 / 3000) = 0.018
    assert found.low == pytest.approx(0.482, abs=0.004)
    assert found.high == pytest.approx(0.518, abs=0.004)


def test_a_paired_difference_sees_what_two_intervals_would_hide() -> None:
    old = columns(*[1.0] * 50, *[0.0] * 50)
    new = columns(*[1.0] * 60, *[0.0] * 40)  # ten got better, none worse
    found = difference(RIGHT, old, new)
    assert (found.a, found.b, found.difference) == (0.5, 0.6, 0.1)
    assert found.is_sure
    assert figure(RIGHT, old).high > figure(RIGHT, new).low  # type: ignore[operator]  # neither is None


def test_as_many_better_as_worse_is_not_sure() -> None:
    found = difference(RIGHT, columns(1.0, 0.0, 1.0, 0.0), columns(0.0, 1.0, 0.0, 1.0))
    assert found.difference == 0.0
    assert not found.is_sure


def test_columns_are_left_as_they_are() -> None:
    values = columns(1.0, None, 0.0)
    before = values["right"].copy()
    figure(RIGHT, values)
    np.testing.assert_array_equal(values["right"], before)
