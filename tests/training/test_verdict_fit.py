"""Where the threshold of verdicts is set."""

from __future__ import annotations

import numpy as np
import pytest

from training.verdict_fit import AT_LEAST, threshold

SURE = np.concatenate([np.full(AT_LEAST, 0.9), np.full(AT_LEAST, 0.7), np.full(AT_LEAST, 0.5)])


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        pytest.param([1.0, 1.0, 1.0], 0.5, id="all-right"),
        pytest.param([1.0, 1.0, 0.5], 0.7, id="the-least-sure-are-not"),
        pytest.param([1.0, 0.5, 1.0], 0.9, id="all-together-are-not"),
        pytest.param([0.9, 1.0, 1.0], 0.5, id="the-rest-make-up-for-the-surest"),
        pytest.param([0.5, 1.0, 1.0], 1.0, id="not-for-so-many"),
    ],
)
def test_precision_holds_from_the_threshold_on(right: list[float], expected: float) -> None:
    are_right = np.concatenate([np.arange(AT_LEAST) < share * AT_LEAST for share in right])

    assert threshold(SURE, are_right, wanted=3 * AT_LEAST) == pytest.approx(expected)


def test_a_few_verdicts_show_nothing() -> None:
    few = AT_LEAST - 1
    assert threshold(SURE[:few], np.ones(few, dtype=np.bool_), wanted=few) == 1.0
