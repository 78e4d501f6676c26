"""Fits what ships in index/weights/minilm.json: ranking, confidence, scope and thresholds.

`python -m training.fit [--index DIR]` prints the figures on policies held apart and writes the
weights. It encodes the training policies once (two minutes on two cores) and has no randomness.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index.build import Silent, build_index
from index.encoder import MINILM, Encoder, FloatMatrix, serving_encoder
from index.retriever import PassageIndex, Retrieval, ScoredPassage
from index.scoring import FEATURES, WEIGHTS, FloatVector, RankingWeights
from index.signals import CONFIDENCE_SIGNALS, confidence_signals
from index.store import Store
from policy_text import Span
from policy_text.library import Library
from training.data import DATA, SEEN, TrainingPolicy, TrainingQuestion, load_lines, load_policies

RANKING_RIDGE = 1.0  # pulls the weights of standardised features to 0; 0.1 to 10 rank the same
SCOPE_C = 1.0
CONFIDENCE_C = 1.0
CITED_AT_MOST = 3
OUTSIDE_PER_POLICY = 30  # questions of another kind that each policy is asked


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question put to a policy: what the index says, and which passages answer."""

    family: str
    kind: str
    retrieval: Retrieval  # in the order of the policy, not yet ranked
    answers: NDArray[np.bool_]  # shape (n_passages,)
    partial: NDArray[np.bool_]

    @property
    def is_answerable(self) -> bool:
        return bool(self.answers.any())


def main() -> None:
    """Fits, prints what was measured, and writes the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, default=Path("build/training-index"))
    parser.add_argument("--cache", type=Path, default=Path("build/models"))
    options = parser.parse_args()
    encoder = serving_encoder(MINILM, options.cache, report=print)
    asked, scope_vectors, scope_labels = _ask_everything(encoder, options.index)
    families = sorted({a.family for a in asked})
    held_apart: list[Asked] = []
    confidences: list[float] = []
    for family in families:
        rest = [a for a in asked if a.family != family]
        ranking = fit_ranking(rest)
        scope = fit_scope(scope_vectors, scope_labels)
        ranked = [_ranked(a, ranking) for a in rest]
        confidence = fit_confidence(ranked, scope)
        mine = [_ranked(a, ranking) for a in asked if a.family == family]
        held_apart += mine
        confidences += [confidence.of(_signals(a, scope)) for a in mine]
    chosen = _report(held_apart, np.array(confidences))
    ranking = fit_ranking(asked)
    scope = fit_scope(scope_vectors, scope_labels)
    confidence = fit_confidence([_ranked(a, ranking) for a in asked], scope)
    _report_scope(scope_vectors, scope_labels)
    weights = {
        "encoder": encoder.id,
        "ranking": dict(zip(FEATURES, _plain(ranking.values), strict=True)),
        "confidence": {
            "weights": dict(zip(CONFIDENCE_SIGNALS, _plain(confidence.weights), strict=True)),
            "bias": confidence.bias,
        },
        "scope": {"weights": _plain(scope.weights), "bias": scope.bias},
        "thresholds": chosen,
    }
    WEIGHTS.parent.mkdir(exist_ok=True)
    WEIGHTS.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {WEIGHTS.name}")


# --- models ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """A logistic regression: probability = 1 / (1 + exp(-(weights · x + bias)))."""

    weights: FloatVector
    bias: float

    def logit(self, x: FloatVector) -> float:
        return float(x @ self.weights + self.bias)

    def of(self, x: FloatVector) -> float:
        return float(1 / (1 + np.exp(-self.logit(x))))


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


def fit_scope(vectors: FloatMatrix, labels: NDArray[np.bool_]) -> Logistic:
    """Whether a question is one for a privacy policy, from its vector."""
    model = LogisticRegression(C=SCOPE_C, class_weight="balanced", max_iter=2000)
    model.fit(vectors * 10, labels)
    return Logistic((model.coef_[0] * 10).astype(np.float32), float(model.intercept_[0]))


def fit_confidence(ranked: Sequence[Asked], scope: Logistic) -> Logistic:
    """The probability that the first passage answers."""
    x = np.array([_signals(a, scope) for a in ranked])
    y = np.array([_first_answers(a) for a in ranked])
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    model = LogisticRegression(C=CONFIDENCE_C, max_iter=2000).fit((x - mean) / scale, y)
    weights = model.coef_[0] / scale
    bias = float(model.intercept_[0] - mean @ weights)
    return Logistic(weights.astype(np.float32), bias)


# --- data --------------------------------------------------------------------------------------


def _ask_everything(
    encoder: Encoder, folder: Path
) -> tuple[list[Asked], FloatMatrix, NDArray[np.bool_]]:
    store = Store(folder)
    build_index(Library(DATA / "policies"), encoder, store, progress=Silent())
    outside = load_lines(DATA / "offtopic.jsonl", "q")
    outside += (DATA / "out_of_scope.txt").read_text(encoding="utf-8").splitlines()
    uniform = RankingWeights(np.ones(len(FEATURES), dtype=np.float32))
    asked: list[Asked] = []
    inside_vectors: list[FloatVector] = []
    for number, policy in enumerate(load_policies()):
        index = PassageIndex.open(policy.version, store, encoder, weights=uniform)
        for question in policy.questions:
            asked.append(_ask(index, policy, question))
            inside_vectors.append(asked[-1].retrieval.vector)
        for words in outside[number :: len(outside) // OUTSIDE_PER_POLICY]:
            asked.append(_ask(index, policy, TrainingQuestion(words, "outside", (), (), None)))
        print(f"{policy.name}: {len(policy.questions)} questions", flush=True)
    real = encoder.encode(load_lines(DATA / "privacyqa_questions.csv", "question")).sentences
    outside_vectors = encoder.encode(outside).sentences
    inside = np.concatenate([np.array(inside_vectors), real])
    labels = np.array([True] * len(inside) + [False] * len(outside_vectors))
    return asked, np.concatenate([inside, outside_vectors]), labels


def _ask(index: PassageIndex, policy: TrainingPolicy, question: TrainingQuestion) -> Asked:
    retrieval = index.retrieve(question.question)
    order = np.argsort([scored.passage.position for scored in retrieval.ranking])
    ranking = tuple(retrieval.ranking[i] for i in order)
    retrieval = replace(retrieval, ranking=ranking, features=retrieval.features[order])
    spans = [scored.passage.span for scored in ranking]
    answers = np.array([_hits(span, question.gold) for span in spans])
    partial = np.array([_hits(span, question.partial) for span in spans]) & ~answers
    return Asked(policy.family, question.kind, retrieval, answers, partial)


def _hits(span: Span, gold: Sequence[Span]) -> bool:
    """A citation hits when it covers half of a gold span, or lies half inside one; not too long."""
    for right in gold:
        shared = span.overlap(right)
        covers = 2 * shared >= len(right) and len(span) <= max(600, 3 * len(right))
        inside = 2 * shared >= len(span) and len(span) <= 3 * len(right)
        if shared and (covers or inside):
            return True
    return False


def _ranked(a: Asked, weights: RankingWeights) -> Asked:
    scores = weights.scores(a.retrieval.features)
    order = np.argsort(-scores, kind="stable")
    ranking = tuple(ScoredPassage(a.retrieval.ranking[i].passage, float(scores[i])) for i in order)
    retrieval = replace(a.retrieval, ranking=ranking, features=a.retrieval.features[order])
    return Asked(a.family, a.kind, retrieval, a.answers[order], a.partial[order])


def _signals(a: Asked, scope: Logistic) -> FloatVector:
    return confidence_signals(a.retrieval, scope.logit(a.retrieval.vector))


def _first_answers(a: Asked) -> bool:
    return bool(a.answers[0])


# --- figures -----------------------------------------------------------------------------------


def _report(ranked: Sequence[Asked], confidence: NDArray[np.float64]) -> dict[str, float]:
    """Prints the figures on policies held apart; returns the thresholds that they suggest."""
    answerable = np.array([a.is_answerable for a in ranked])
    near = np.array([a.kind == "unanswerable" for a in ranked])
    outside = np.array([a.kind == "outside" for a in ranked])
    first = np.array([_first_answers(a) for a in ranked])
    three = np.array([bool(a.answers[:3].any()) for a in ranked])
    seen = np.array([a.family in SEEN for a in ranked])
    for name, rows in (("unseen", ~seen), ("seen", seen)):
        here = rows & answerable
        print(
            f"{name}: {here.sum()} answerable, first {first[here].mean():.3f}, "
            f"of three {three[here].mean():.3f}"
        )
    for name, others in (("near misses", near), ("outside", outside)):
        rows = answerable | others
        print(f"AUC against {name}: {roc_auc_score(answerable[rows], confidence[rows]):.3f}")
    print(f"Brier score: {np.mean((confidence - first) ** 2):.3f}")
    inside = answerable | near
    print("threshold  right  false refusals  near misses declined")
    best = (0.0, 0.0)
    for threshold in np.arange(0.05, 0.6, 0.025):
        answered = confidence >= threshold
        right = np.where(answerable, answered & three, ~answered)[inside].mean()
        print(
            f"{threshold:9.3f}  {right:.3f}  {(~answered)[answerable].mean():.3f}"
            f"           {(~answered)[near].mean():.3f}"
        )
        best = max(best, (float(right), -float(threshold)))
    _report_margins(ranked, confidence >= -best[1])
    return {"answer": round(-best[1], 3), "cite_margin": 0.0, "scope": 0.0}


def _report_margins(ranked: Sequence[Asked], answered: NDArray[np.bool_]) -> None:
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


def _report_scope(vectors: FloatMatrix, labels: NDArray[np.bool_]) -> None:
    """Five folds of every fifth question: how many of each kind are taken for the other."""
    logits = np.zeros(len(labels))
    for fold in range(5):
        test = np.arange(len(labels)) % 5 == fold
        model = fit_scope(vectors[~test], labels[~test])
        logits[test] = [model.logit(v) for v in vectors[test]]
    print(f"scope AUC {roc_auc_score(labels, logits):.4f}")
    for threshold in (-3, -2, -1, 0, 1):
        print(
            f"  threshold {threshold}: {np.mean(logits[labels] < threshold):.3f} of questions for "
            f"a policy turned away, {np.mean(logits[~labels] < threshold):.3f} of the others"
        )


def _plain(values: FloatVector) -> list[float]:
    return [round(float(value), 5) for value in values]


if __name__ == "__main__":
    main()
