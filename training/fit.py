"""Fits what ships in index/weights/minilm.json: ranking, calibration and thresholds.

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
from index.signals import SIGNALS, signals
from index.store import Store
from policy_text import Span
from policy_text.library import Library
from training.data import DATA, SEEN, TrainingPolicy, TrainingQuestion, load_lines, load_policies

RANKING_RIDGE = 1.0  # pulls the weights of standardised features to 0; 0.1 to 10 rank the same
# Inverse strengths of regularisation, chosen by the figures on families held apart.
OUTSIDE_WEIGHT = 0.3  # of a question that is none for a policy; the scope model turns most away
ANSWERABLE_C = 0.1
FIRST_C = 1.0
SCOPE_C = 1.0
SIGNAL_SCALE = 0.3  # of a standardised signal beside the coordinates of a vector
VECTOR_SCALE = 3.0
# The thresholds. More answers, more citations and fewer refusals pull against each other; the
# tables that this script prints show how, and these were read off them.
ANSWER_FROM = 0.55
SCOPE_FROM = -2.0
SURE_FROM = 0.75
CITE_MARGIN = 0.8
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
    asked, real_questions = _ask_everything(encoder, options.index)
    _report_held_apart(asked, real_questions)
    ranking = fit_ranking(asked)
    models = fit_models([_ranked(a, ranking) for a in asked], real_questions)
    weights = {
        "encoder": encoder.id,
        "ranking": dict(zip(FEATURES, _plain(ranking.values), strict=True)),
        **{name: model.to_json() for name, model in models.items()},
        "thresholds": {
            "answer_from": ANSWER_FROM,
            "scope_from": SCOPE_FROM,
            "sure_from": SURE_FROM,
            "cite_margin": CITE_MARGIN,
        },
    }
    WEIGHTS.parent.mkdir(exist_ok=True)
    WEIGHTS.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {WEIGHTS.name}")


# --- models ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """A logistic regression over signals and the question's vector."""

    signals: FloatVector
    vector: FloatVector
    bias: float

    def probabilities(self, asked: Sequence[Asked]) -> NDArray[np.float64]:
        """One for each question, in [0, 1]."""
        logits = _signals(asked) @ self.signals + self.bias
        if len(self.vector):
            logits = logits + _vectors(asked) @ self.vector
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


def fit_models(ranked: Sequence[Asked], real_questions: FloatMatrix) -> dict[str, Logistic]:
    """The three models of the calibration, by name."""
    answerable = np.array([a.is_answerable for a in ranked])
    counts = np.array([OUTSIDE_WEIGHT if a.kind == "outside" else 1.0 for a in ranked])
    answered = [a for a in ranked if a.is_answerable]
    first = np.array([a.answers[0] for a in answered])
    everything = np.ones(len(answered))
    return {
        "answerable": _fit(_signals(ranked), _vectors(ranked), answerable, counts, ANSWERABLE_C),
        "first": _fit(_signals(answered), None, first, everything, FIRST_C),
        "scope": fit_scope(ranked, real_questions),
    }


def fit_scope(asked: Sequence[Asked], real_questions: FloatMatrix) -> Logistic:
    """Whether a question is one for a privacy policy, from its vector alone."""
    vectors = np.concatenate([_vectors(asked), real_questions])
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


# --- data --------------------------------------------------------------------------------------


def _ask_everything(encoder: Encoder, folder: Path) -> tuple[list[Asked], FloatMatrix]:
    """All training questions put to their policies; the vectors of more questions for policies."""
    store = Store(folder)
    build_index(Library(DATA / "policies"), encoder, store, progress=Silent())
    outside = load_lines(DATA / "offtopic.jsonl", "q")
    outside += (DATA / "out_of_scope.txt").read_text(encoding="utf-8").splitlines()
    uniform = RankingWeights(np.ones(len(FEATURES), dtype=np.float32))
    asked: list[Asked] = []
    for number, policy in enumerate(load_policies()):
        index = PassageIndex.open(policy.version, store, encoder, weights=uniform)
        asked += [_ask(index, policy, question) for question in policy.questions]
        for words in outside[number :: len(outside) // OUTSIDE_PER_POLICY]:
            asked.append(_ask(index, policy, TrainingQuestion(words, "outside", (), (), None)))
        print(f"{policy.name}: {len(policy.questions)} questions", flush=True)
    more = load_lines(DATA / "privacyqa_questions.csv", "question")
    more += (DATA / "in_scope.txt").read_text(encoding="utf-8").splitlines()
    return asked, encoder.encode(more).sentences


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


def _signals(asked: Sequence[Asked]) -> FloatMatrix:
    return np.array([signals(a.retrieval) for a in asked], dtype=np.float32)


def _vectors(asked: Sequence[Asked]) -> FloatMatrix:
    return np.array([a.retrieval.vector for a in asked], dtype=np.float32)


# --- figures -----------------------------------------------------------------------------------


def _report_held_apart(asked: Sequence[Asked], real_questions: FloatMatrix) -> None:
    """Prints the figures on each family of policies, fitted on the others."""
    ranked: list[Asked] = []
    answerable: list[float] = []
    first: list[float] = []
    scope: list[float] = []
    for family in sorted({a.family for a in asked}):
        rest = [a for a in asked if a.family != family]
        ranking = fit_ranking(rest)
        models = fit_models([_ranked(a, ranking) for a in rest], real_questions)
        mine = [_ranked(a, ranking) for a in asked if a.family == family]
        ranked += mine
        answerable += models["answerable"].probabilities(mine).tolist()
        first += models["first"].probabilities(mine).tolist()
        scope += models["scope"].probabilities(mine).tolist()
    _report(ranked, np.array(answerable), np.array(first), np.array(scope))


def _report(
    ranked: Sequence[Asked],
    answerable: NDArray[np.float64],
    first: NDArray[np.float64],
    scope: NDArray[np.float64],
) -> None:
    has_answer = np.array([a.is_answerable for a in ranked])
    near = np.array([a.kind == "unanswerable" for a in ranked])
    outside = np.array([a.kind == "outside" for a in ranked])
    is_first = np.array([bool(a.answers[0]) for a in ranked])
    of_three = np.array([bool(a.answers[:3].any()) for a in ranked])
    seen = np.array([a.family in SEEN for a in ranked])
    for name, rows in (("unseen", ~seen & has_answer), ("seen", seen & has_answer)):
        print(
            f"{name}: {rows.sum()} answerable, first {is_first[rows].mean():.3f}, "
            f"one of three {of_three[rows].mean():.3f}"
        )
    confidence = answerable * first
    for name, values in (("answerable", answerable), ("scope", scope), ("confidence", confidence)):
        for kind, others in (("near misses", near), ("outside", outside)):
            rows = has_answer | others
            print(f"{name}: AUC against {kind} {roc_auc_score(has_answer[rows], values[rows]):.3f}")
    print(f"Brier score of confidence: {np.mean((confidence - is_first) ** 2):.3f}")
    in_scope = np.log(scope / (1 - scope)) >= SCOPE_FROM
    print(f"scope: {np.mean(~in_scope[~outside]):.3f} of questions for a policy turned away")
    for least in (-2, -1, 0, 1, 2):
        off_topic = np.log(scope / (1 - scope)) < least
        print(
            f"  scope below {least}: {off_topic[~outside].mean():.3f} of questions for a policy, "
            f"{off_topic[outside].mean():.3f} of the others"
        )
    print("threshold  right  false refusals  declined: near misses  outside")
    for threshold in np.arange(0.3, 0.8, 0.05):
        answered = in_scope & (answerable >= threshold)
        right = np.where(has_answer, answered & of_three, ~answered)[~outside].mean()
        print(
            f"{threshold:9.2f}  {right:.3f}  {(~answered)[has_answer].mean():14.3f}"
            f"  {(~answered)[near].mean():21.3f}  {(~answered)[outside].mean():7.3f}"
        )
    _report_margins(ranked, in_scope & (answerable >= ANSWER_FROM))


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


def _plain(values: FloatVector) -> list[float]:
    return [round(float(value), 5) for value in values]


if __name__ == "__main__":
    main()
