"""What decides over scores to printed figures, on policies that it was not fitted on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from assistant.calibration import CITED_AT_MOST
from training.asked import Asked, HeldApart
from training.data import SEEN

BINS = 10  # of equal width, of confidence


def report(apart: HeldApart, *, answer_from: float, scope_counts: float) -> None:
    """Prints how passages rank, what the models tell apart, and what each threshold would do.

    Args:
        apart: questions with what models say that were fitted on other policies.
        answer_from: the least probability of being answerable with which an answer is given.
        scope_counts: what being none for a policy takes from the log odds of being answerable.
    """
    is_first = _answer_first(apart.asked)
    confidence = apart.answerable * apart.first
    _report_ranking(apart.asked)
    _report_separation(apart)
    print(f"Brier score of confidence: {np.mean((confidence - is_first) ** 2):.3f}")
    report_reliability(confidence, is_first)
    _report_scope(apart, answer_from)
    _report_thresholds(apart, scope_counts)
    _report_margins(apart.asked, apart.answered(answer_from, scope_counts))


def _report_ranking(ranked: Sequence[Asked]) -> None:
    """How often an answer stands first, and among the first three; seen policies apart."""
    has_answer = _have_answers(ranked)
    is_first = _answer_first(ranked)
    of_three = _answer_in_three(ranked)
    seen = np.array([a.family in SEEN for a in ranked])
    for name, rows in (("unseen", ~seen & has_answer), ("seen", seen & has_answer)):
        if not rows.any():
            continue
        print(
            f"{name}: {rows.sum()} answerable, first {is_first[rows].mean():.3f}, "
            f"one of three {of_three[rows].mean():.3f}"
        )


def _report_separation(apart: HeldApart) -> None:
    """How well each model tells answerable questions from near misses and from those outside."""
    has_answer, outside = _have_answers(apart.asked), _are_outside(apart.asked)
    near = ~has_answer & ~outside
    models = (
        ("answerable", apart.answerable),
        ("scope", apart.scope),
        ("confidence", apart.answerable * apart.first),
    )
    for name, values in models:
        for kind, others in (("near misses", near), ("outside", outside)):
            rows = has_answer | others
            print(f"{name}: AUC against {kind} {roc_auc_score(has_answer[rows], values[rows]):.3f}")


def report_reliability(confidence: NDArray[np.float64], is_first: NDArray[np.bool_]) -> None:
    """Prints whether confidence is as often right as it says, by bins of equal width.

    Bins are closed below and open above, the last closed; empty ones are left out.

    Args:
        confidence: the probability that the first passage answers, shape (n_questions,).
        is_first: whether it does, shape (n_questions,).
    """
    print("confidence  questions  mean   first answers")
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    for number in range(BINS):
        rows = bins == number
        if rows.any():
            print(
                f"{number / BINS:.1f} to {(number + 1) / BINS:.1f}  {rows.sum():9d}"
                f"  {confidence[rows].mean():.3f}  {is_first[rows].mean():13.3f}"
            )


def _report_scope(apart: HeldApart, answer_from: float) -> None:
    """What is declined as scope counts more."""
    has_answer, outside = _have_answers(apart.asked), _are_outside(apart.asked)
    near = ~has_answer & ~outside
    print("scope counts  false refusals  declined: near misses  outside")
    for counts in (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0):
        declined = ~apart.answered(answer_from, counts)
        print(
            f"{counts:12.1f}  {declined[has_answer].mean():14.3f}"
            f"  {declined[near].mean():21.3f}  {declined[outside].mean():7.3f}"
        )


def _report_thresholds(apart: HeldApart, scope_counts: float) -> None:
    """What is answered and declined under each least probability of being answerable."""
    has_answer, outside = _have_answers(apart.asked), _are_outside(apart.asked)
    near = ~has_answer & ~outside
    of_three = _answer_in_three(apart.asked)
    print("threshold  right  false refusals  declined: near misses  outside")
    for threshold in np.arange(0.3, 0.8, 0.05):
        answered = apart.answered(float(threshold), scope_counts)
        right = np.where(has_answer, answered & of_three, ~answered)[~outside].mean()
        print(
            f"{threshold:9.2f}  {right:.3f}  {(~answered)[has_answer].mean():14.3f}"
            f"  {(~answered)[near].mean():21.3f}  {(~answered)[outside].mean():7.3f}"
        )


def _report_margins(ranked: Sequence[Asked], answered: NDArray[np.bool_]) -> None:
    """How many passages are cited under each margin, and how many of them answer."""
    print("margin  citations  precision  one of them right")
    for margin in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0):
        cited = hits = some = questions = 0
        for a, is_answered in zip(ranked, answered, strict=True):
            if not (is_answered and a.is_answerable):
                continue
            scores = [scored.score for scored in a.retrieval.ranking[:CITED_AT_MOST]]
            count = sum(score >= scores[0] - margin for score in scores)
            cited, hits = cited + count, hits + int(a.answers[:count].sum())
            some, questions = some + bool(a.answers[:count].any()), questions + 1
        print(
            f"{margin:6.1f}  {cited / questions:9.2f}  {hits / cited:9.3f}  {some / questions:.3f}"
        )


def _have_answers(asked: Sequence[Asked]) -> NDArray[np.bool_]:
    return np.array([a.is_answerable for a in asked])


def _are_outside(asked: Sequence[Asked]) -> NDArray[np.bool_]:
    return np.array([a.kind == "outside" for a in asked])


def _answer_first(asked: Sequence[Asked]) -> NDArray[np.bool_]:
    return np.array([bool(a.answers[0]) for a in asked])


def _answer_in_three(asked: Sequence[Asked]) -> NDArray[np.bool_]:
    return np.array([bool(a.answers[:3].any()) for a in asked])
