"""Fits what decides over an encoder's scores: ranking weights, calibration, thresholds, verdicts.

    python -m training.fit [--model policy-minilm] [--index build/training/index]

Fitted on the policies that the encoder was not trained on: the few ranking weights on all of them,
calibration looked at on each with what was fitted on the others. Prints the figures and writes
index/weights/; no randomness.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from sklearn.linear_model import LogisticRegression

from index.encoder import POLICY_MINILM, FloatMatrix, FloatVector, serving_encoder
from index.scoring import FEATURES, WEIGHTS, RankingWeights
from index.signals import SIGNALS
from training.asked import Asked, HeldApart, ask_everything, signal_matrix, vector_matrix
from training.data import HELD_APART, load_policies
from training.report import report
from training.verdict_fit import fit_verdicts

RANKING_RIDGE = 1.0  # pulls the weights of standardised features to 0; 0.1 to 10 rank the same
# Inverse strengths of regularisation, chosen by the figures on families held apart.
OUTSIDE_WEIGHT = 0.3  # of a question that is none for a policy; the scope model turns most away
ANSWERABLE_C = 0.1
FIRST_C = 1.0
SCOPE_C = 0.3
SIGNAL_SCALE = 0.3  # of a standardised signal beside the coordinates of a vector
VECTOR_SCALE = 3.0
# The thresholds. More answers, more citations and fewer refusals pull against each other; the
# tables that this script prints show how, and these were read off them.
ANSWER_FROM = 0.5
SCOPE_COUNTS = 0.6
CITE_MARGIN = 1.2


def main() -> None:
    """Fits, prints what was measured, and writes the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=POLICY_MINILM)
    parser.add_argument("--index", type=Path, default=Path("build/training/index"))
    options = parser.parse_args()
    encoder = serving_encoder(options.model)
    policies = [p for p in load_policies() if encoder.reranker is None or p.name in HELD_APART]
    asked, real_questions = ask_everything(encoder, options.index, policies)
    ranking = fit_ranking(asked)
    ranked = [a.ranked(ranking) for a in asked]
    ranking = fit_reading(ranked, ranking)
    ranked = [a.ranked(ranking) for a in asked]
    apart = _held_apart(ranked, real_questions)
    report(apart, answer_from=ANSWER_FROM, scope_counts=SCOPE_COUNTS)
    verdicts = fit_verdicts(apart, apart.answered(ANSWER_FROM, SCOPE_COUNTS), CITE_MARGIN)
    models = fit_models(ranked, real_questions)
    weights = {
        "encoder": encoder.id,
        "ranking": {
            **dict(zip(FEATURES, _plain(ranking.values), strict=True)),
            "reading": round(ranking.reading, 5),
        },
        **{name: model.to_json() for name, model in models.items()},
        **({"verdict": verdicts} if verdicts else {}),
        "thresholds": {
            "answer_from": ANSWER_FROM,
            "scope_counts": SCOPE_COUNTS,
            "cite_margin": CITE_MARGIN,
        },
    }
    path = WEIGHTS / f"{options.model.lower()}.json"
    path.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {path.name}")


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """A logistic regression over signals and the question's vector."""

    signals: FloatVector
    vector: FloatVector
    bias: float

    def probabilities(self, asked: Sequence[Asked]) -> NDArray[np.float64]:
        """One for each question, in [0, 1]."""
        logits = signal_matrix(asked) @ self.signals + self.bias
        if len(self.vector):
            logits = logits + vector_matrix(asked) @ self.vector
        return 1 / (1 + np.exp(-logits.astype(np.float64)))

    def to_json(self) -> dict[str, object]:
        """As index/weights has it; signals that do not count are left out."""
        named = zip(SIGNALS, _plain(self.signals), strict=True)
        return {
            "signals": {name: value for name, value in named if value},
            "vector": _plain(self.vector),
            "bias": round(self.bias, 5),
        }


def fit_ranking(asked: Iterable[Asked]) -> RankingWeights:
    """Weights under which the passages that answer stand first: listwise softmax likelihood.

    Passages that only help are left out: neither right nor wrong.
    """
    rows: list[FloatMatrix] = []
    labels: list[NDArray[np.bool_]] = []
    for a in asked:
        if a.is_answerable:
            rows.append(a.retrieval.features[~a.partial])
            labels.append(a.answers[~a.partial])
    everything = np.concatenate(rows).astype(np.float64)
    right = np.concatenate(labels)
    scale = everything.std(axis=0) + 1e-9
    x = (everything - everything.mean(axis=0)) / scale
    starts = np.cumsum([0, *(len(r) for r in rows[:-1])])
    of_question = np.repeat(np.arange(len(rows)), [len(r) for r in rows])

    def log_sum(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        top = np.maximum.reduceat(scores, starts)
        shares = np.exp(scores - top[of_question])
        total = np.add.reduceat(shares, starts)
        return top + np.log(total), shares / total[of_question]

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = x @ w
        of_all, share_of_all = log_sum(scores)
        of_right, share_of_right = log_sum(np.where(right, scores, -1e9))
        value = (of_all - of_right).sum() + RANKING_RIDGE * (w @ w) / 2
        return value, x.T @ (share_of_all - share_of_right) + RANKING_RIDGE * w

    fitted = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x
    return RankingWeights((fitted / scale).astype(np.float32))


def fit_reading(ranked: Sequence[Asked], ranking: RankingWeights) -> RankingWeights:
    """What the reranker counts: the likelihood of a right passage among those that it read."""
    tables: list[tuple[FloatVector, FloatVector, NDArray[np.bool_]]] = []
    for a in ranked:
        count = len(a.retrieval.reading)
        kept = ~a.partial[:count]
        right = a.answers[:count][kept]
        if right.any() and not right.all():
            scores = np.array([s.score for s in a.retrieval.ranking[:count]])[kept]
            tables.append((scores, a.retrieval.reading[kept], right))
    if not tables:
        return ranking

    def loss(weight: float) -> float:
        value = 0.0
        for scores, read, right in tables:
            total = np.exp(scores + weight * read - scores.max())
            value -= float(np.log(total[right].sum() / total.sum()))
        return value

    best = minimize_scalar(loss, bounds=(0.0, 3.0), method="bounded")
    print(f"reading counts {best.x:.3f}: loss {loss(0.0):.1f} → {best.fun:.1f}")
    return replace(ranking, reading=float(best.x))


def _held_apart(ranked: Sequence[Asked], real_questions: FloatMatrix) -> HeldApart:
    """The probabilities of each family of policies' questions, calibrated on the others."""
    in_order: list[Asked] = []
    columns: dict[str, list[float]] = {"answerable": [], "first": [], "scope": []}
    for family in sorted({a.family for a in ranked}):
        models = fit_models([a for a in ranked if a.family != family], real_questions)
        mine = [a for a in ranked if a.family == family]
        in_order += mine
        for name, values in columns.items():
            values += models[name].probabilities(mine).tolist()
    return HeldApart(in_order, **{name: np.array(values) for name, values in columns.items()})


def fit_models(ranked: Sequence[Asked], real_questions: FloatMatrix) -> dict[str, Logistic]:
    """The three models of the calibration, by name."""
    answerable = np.array([a.is_answerable for a in ranked])
    counts = np.array([OUTSIDE_WEIGHT if a.kind == "outside" else 1.0 for a in ranked])
    answered = [a for a in ranked if a.is_answerable]
    first = np.array([a.answers[0] for a in answered])
    everything = np.ones(len(answered))
    return {
        "answerable": _fit(
            signal_matrix(ranked), vector_matrix(ranked), answerable, counts, ANSWERABLE_C
        ),
        "first": _fit(signal_matrix(answered), None, first, everything, FIRST_C),
        "scope": fit_scope(ranked, real_questions),
    }


def fit_scope(asked: Sequence[Asked], real_questions: FloatMatrix) -> Logistic:
    """Whether a question is one for a privacy policy, from its vector alone."""
    vectors = np.concatenate([vector_matrix(asked), real_questions])
    inside = np.array([a.kind != "outside" for a in asked] + [True] * len(real_questions))
    model = LogisticRegression(C=SCOPE_C, class_weight="balanced", max_iter=3000)
    model.fit(vectors * 10, inside)
    vector = (model.coef_[0] * 10).astype(np.float32)
    return Logistic(np.zeros(len(SIGNALS), dtype=np.float32), vector, float(model.intercept_[0]))


def _fit(
    values: FloatMatrix,
    vectors: FloatMatrix | None,
    labels: NDArray[np.bool_],
    counts: NDArray[np.float64],
    strength: float,
) -> Logistic:
    mean, scale = values.mean(axis=0), values.std(axis=0) + 1e-9
    columns = [(values - mean) / scale * SIGNAL_SCALE]
    if vectors is not None:
        columns.append(vectors * VECTOR_SCALE)
    model = LogisticRegression(C=strength, max_iter=3000)
    model.fit(np.hstack(columns), labels, sample_weight=counts)
    of_signals = model.coef_[0][: len(SIGNALS)] / scale * SIGNAL_SCALE
    of_vector = model.coef_[0][len(SIGNALS) :] * VECTOR_SCALE
    bias = float(model.intercept_[0] - mean @ of_signals)
    return Logistic(of_signals.astype(np.float32), of_vector.astype(np.float32), bias)


def _plain(values: FloatVector) -> list[float]:
    return [round(float(value), 5) for value in values]


if __name__ == "__main__":
    main()
