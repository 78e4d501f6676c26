"""Fits how sure a yes or no must be to be given, on questions put to policies held apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from assistant.calibration import close_to_first
from assistant.compose import cite, said_to_all, select
from assistant.verdict import SIGNS, can_be_said, likelier, says_plainly, signs
from index.encoder import FloatVector
from training.asked import HeldApart

PRECISION = 0.95  # on policies held apart
AT_LEAST = 50  # verdicts that a precision is believed of
SHOWN_EVERY = 20  # verdicts
STRENGTH = 1.0  # inverse, of regularisation


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A verdict that could be given.

    Attributes:
        found: its signs, shape (len(SIGNS),).
        is_right: whether the question wants it.
    """

    family: str
    found: FloatVector
    is_right: bool


def fit_verdicts(
    apart: HeldApart, answered: NDArray[np.bool_], cite_margin: float
) -> dict[str, object] | None:
    """The numbers of a VerdictModel as index/weights has them; None without a verdict model.

    The threshold is that of verdicts fitted on all other families of policies.

    Args:
        apart: questions, and what models say that were fitted on other policies.
        answered: which of them get an answer, shape (n_questions,).
        cite_margin: how far below the first passage another is cited with it.
    """
    candidates = list(_candidates(apart, answered, cite_margin))
    if not candidates:
        return None
    wanted = sum(a.verdict in ("yes", "no") for a in apart.asked)
    sure = np.zeros(len(candidates))
    families = np.array([candidate.family for candidate in candidates])
    for family in np.unique(families):
        mine = families == family
        model = _fitted([c for c, is_mine in zip(candidates, mine, strict=True) if not is_mine])
        sure[mine] = model.predict_proba(_signs([c for c in candidates if c.family == family]))[
            :, 1
        ]
    right = np.array([candidate.is_right for candidate in candidates])
    give_from = threshold(sure, right, wanted)
    model = _fitted(candidates)
    weights = zip(SIGNS, (round(float(value), 5) for value in model.coef_[0]), strict=True)
    return {
        "signs": dict(weights),
        "bias": round(float(model.intercept_[0]), 5),
        "give_from": give_from,
    }


def _candidates(
    apart: HeldApart, answered: NDArray[np.bool_], cite_margin: float
) -> Iterator[Candidate]:
    confidence = apart.answerable * apart.first
    for a, is_answered, sure in zip(apart.asked, answered, confidence, strict=True):
        reader = a.index.encoder.verdicts
        if reader is None or not is_answered:
            continue
        version = a.index.version
        cited = select(version, close_to_first(a.retrieval.ranking, cite_margin))
        words = said_to_all(cite(version, cited[0]), region=None)
        if words is None or not can_be_said(a.question, words):
            continue
        text = a.index.encoded_text(a.retrieval.ranking[0].passage)
        chances = reader.read(a.retrieval.looked_for, text)
        said, _ = likelier(chances)
        if says_plainly(said, words):
            found = signs(chances, float(sure))
            yield Candidate(a.family, found, said == a.verdict)


def _fitted(candidates: Sequence[Candidate]) -> LogisticRegression:
    model = LogisticRegression(C=STRENGTH, max_iter=3000)
    return model.fit(_signs(candidates), [candidate.is_right for candidate in candidates])


def _signs(candidates: Sequence[Candidate]) -> NDArray[np.float32]:
    return np.array([candidate.found for candidate in candidates])


def threshold(sure: NDArray[np.float64], right: NDArray[np.bool_], wanted: int) -> float:
    """The least one from which PRECISION of the verdicts given are right.

    Of fewer than AT_LEAST verdicts none is believed; 1.0, which none reaches, where that is all.
    """
    print(f"verdicts: {wanted} questions want one, {len(right)} could get one")
    give_from, shown = 1.0, 0
    for at_least in np.unique(np.floor(sure * 1000) / 1000)[::-1]:
        given = sure >= at_least
        count = int(given.sum())
        precision = float(right[given].mean())
        if count >= shown + SHOWN_EVERY:
            shown = count
            share = right[given].sum() / max(1, wanted)
            print(
                f"  from {at_least:.3f}: {count} given, {precision:.3f} right, {share:.2f} of all"
            )
        if count >= AT_LEAST and precision >= PRECISION:
            give_from = round(float(at_least), 3)
    return give_from
