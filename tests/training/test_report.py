"""What the fit prints, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from training.report import report_reliability


def test_reliability_is_told_for_each_bin_that_has_questions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    confidence = np.array([0.02, 0.04, 0.5, 0.95, 1.0])
    is_first = np.array([False, False, True, True, False])

    report_reliability(confidence, is_first)

    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:]] == [
        ["0.0", "to", "0.1", "2", "0.030", "0.000"],
        ["0.5", "to", "0.6", "1", "0.500", "1.000"],
        ["0.9", "to", "1.0", "2", "0.975", "0.500"],
    ]
