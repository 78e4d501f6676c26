"""Judged answers to figures: every measure with its formula and source, in one place (pure).

A measure is a statistic over questions. Its columns hold one value a question, NaN where the
question does not count (an unanswerable question has no recall); the same statistic reduces one row
of columns to a figure and many resampled rows to its bootstrap distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from policy_text import Span

FloatArray = NDArray[np.float64]
Columns = Mapping[str, FloatArray]  # name → values, shape (…, questions)

RANKING_CUTOFFS = (1, 3, 5, 10, 20)
CHARACTER_CUTOFFS = (1, 2, 4, 8, 16, 32, 64)  # those that LegalBench-RAG reports
NDCG_CUTOFF = 10

CONTRACT = "this project's contract for right and wrong"
TREC = "trec_eval, through ir_measures (MacAvaney, Macdonald & Ounis, ECIR 2022)"
LEGALBENCH_RAG = "Pipitone & Houir Alami, LegalBench-RAG, 2024"
HANLEY_MCNEIL = "Hanley & McNeil, Radiology 143, 1982"
BRIER = "Brier, Monthly Weather Review 78, 1950"


class Better(Enum):
    """Which way a measure is better."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure over questions.

    Attributes:
        formula: in words, with what it is taken over.
        statistic: columns of shape (…, questions) to figures of shape (…); NaN where undefined.
        over: the column whose defined values say how many questions count.
    """

    name: str
    title: str
    formula: str
    source: str
    better: Better
    statistic: Callable[[Columns], FloatArray]
    over: str


# --- statistics -----------------------------------------------------------------------------------


def mean_of(name: str) -> Callable[[Columns], FloatArray]:
    """The mean over the questions that have a value."""
    return lambda columns: _divided(
        np.nansum(columns[name], axis=-1), np.sum(~np.isnan(columns[name]), axis=-1)
    )


def ratio_of(part: str, whole: str) -> Callable[[Columns], FloatArray]:
    """The sum of one column over the sum of another: a mean over citations, not over questions."""
    return lambda columns: _divided(
        np.nansum(columns[part], axis=-1), np.nansum(columns[whole], axis=-1)
    )


def auc_of(positives: str, negatives: str) -> Callable[[Columns], FloatArray]:
    """The probability that a positive's value is above a negative's, ties counted half."""

    def statistic(columns: Columns) -> FloatArray:
        from scipy.stats import rankdata

        above, below = columns[positives], columns[negatives]
        values = np.where(np.isnan(above), below, above)
        counted = np.where(np.isnan(values), -np.inf, values)  # others rank below all that count
        ranks = rankdata(counted, axis=-1)
        are_above, are_below = ~np.isnan(above), ~np.isnan(below) & np.isnan(above)
        others = np.sum(np.isnan(values), axis=-1)
        first, second = np.sum(are_above, axis=-1), np.sum(are_below, axis=-1)
        rank_sum = np.sum(np.where(are_above, ranks, 0.0), axis=-1) - first * others
        return _divided(rank_sum - first * (first + 1) / 2, first * second)

    return statistic


def percentile_of(name: str, percent: float) -> Callable[[Columns], FloatArray]:
    """The percentile, interpolated, over the questions that have a value."""

    def statistic(columns: Columns) -> FloatArray:
        values = columns[name]
        found = np.full(values.shape[:-1], np.nan)
        is_defined = ~np.isnan(values).all(axis=-1)
        found[is_defined] = np.nanpercentile(values[is_defined], percent, axis=-1)
        return found

    return statistic


def _divided(part: FloatArray, whole: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(whole > 0, part / whole, np.nan), dtype=np.float64)


# --- values of one question -----------------------------------------------------------------------


def character_precision(retrieved: Sequence[Span], gold: Sequence[Span]) -> float:
    """Shared characters, summed over all pairs of spans, over the retrieved spans' lengths.

    Spans that overlap count as often as they overlap, as LegalBench-RAG has it; 0 without any.

    Source: Pipitone & Houir Alami, LegalBench-RAG, 2024.
    """
    total = sum(len(span) for span in retrieved)
    return _shared(retrieved, gold) / total if total else 0.0


def character_recall(retrieved: Sequence[Span], gold: Sequence[Span]) -> float:
    """Shared characters, summed over all pairs of spans, over the gold spans' lengths.

    Above 1 where retrieved spans overlap each other on gold; 0 without gold.

    Source: Pipitone & Houir Alami, LegalBench-RAG, 2024.
    """
    total = sum(len(span) for span in gold)
    return _shared(retrieved, gold) / total if total else 0.0


def covered_share(spans: Sequence[Span], by: Sequence[Span]) -> float:
    """The share of the characters of `spans` that `by` covers, each character counted once."""
    wanted = _characters(spans)
    return len(wanted & _characters(by)) / len(wanted) if wanted else 0.0


def _shared(retrieved: Sequence[Span], gold: Sequence[Span]) -> int:
    return sum(one.overlap(other) for one in retrieved for other in gold)


def _characters(spans: Sequence[Span]) -> set[int]:
    return {position for span in spans for position in range(span.start, span.end)}


def ranking_values(
    ranks: Sequence[Sequence[int]], relevant: Sequence[int], cutoffs: Sequence[int]
) -> list[dict[str, float]]:
    """Recall and success at the cutoffs, reciprocal rank and nDCG@10, a dictionary a question.

    Args:
        ranks: of each question, places from 1 of the passages that answer.
        relevant: how many passages answer each, ranked or not; at least 1.
        cutoffs: how many of the ranked passages count.

    Source: trec_eval, through ir_measures.
    """
    import ir_measures
    from ir_measures import RR, R, Success, nDCG

    named = {R @ k: f"recall@{k}" for k in cutoffs} | {Success @ k: f"success@{k}" for k in cutoffs}
    named |= {RR: "mrr", nDCG @ NDCG_CUTOFF: f"ndcg@{NDCG_CUTOFF}"}
    judgements, run = {}, {}
    for number, (places, count) in enumerate(zip(ranks, relevant, strict=True)):
        unranked = range(count - len(places))
        found = {f"rank {place}": 1 for place in places}
        judgements[str(number)] = found | {f"unranked {n}": 1 for n in unranked}
        # The scores only say the order; trec_eval would order ties by name.
        last = max(places, default=1)
        run[str(number)] = {f"rank {place}": -float(place) for place in range(1, last + 1)}
    values: list[dict[str, float]] = [dict.fromkeys(named.values(), 0.0) for _ in ranks]
    for metric in ir_measures.iter_calc(list(named), judgements, run):
        values[int(metric.query_id)][named[metric.measure]] = float(metric.value)
    return values


# --- the measures ---------------------------------------------------------------------------------


def _mean(name: str, title: str, formula: str, source: str, better: Better) -> Measure:
    return Measure(name, title, formula, source, better, mean_of(name), name)


def _ranking_measures() -> list[Measure]:
    recall = [
        _mean(f"recall@{k}", f"Recall at {k}", f"passages that answer among the first {k} ranked, "
              "over all that answer; mean over answerable questions", TREC, UP)
        for k in RANKING_CUTOFFS
    ]  # fmt: skip
    success = [
        _mean(f"success@{k}", f"Success at {k}", "share of answerable questions with a passage "
              f"that answers among the first {k} ranked", TREC, UP)
        for k in RANKING_CUTOFFS
    ]  # fmt: skip
    return [
        *recall,
        *success,
        _mean("mrr", "Mean reciprocal rank", "1 / rank of the first passage that answers, 0 if "
              "none is ranked; mean over answerable questions", TREC, UP),
        _mean(f"ndcg@{NDCG_CUTOFF}", f"nDCG at {NDCG_CUTOFF}", "gain 1 for each passage that "
              "answers, divided by log2(rank + 1), over the same of the best order; mean over "
              "answerable questions", TREC, UP),
    ]  # fmt: skip


def _character_measures() -> list[Measure]:
    return [
        _mean(f"character_{what}@{k}", f"Character {what} at {k}", f"characters that the first {k} "
              f"ranked passages share with gold, summed over pairs of spans, over the {over} "
              "spans' characters; mean over answerable questions", LEGALBENCH_RAG, UP)
        for what, over in (("precision", "retrieved"), ("recall", "gold"))
        for k in CHARACTER_CUTOFFS
    ]  # fmt: skip


UP, DOWN = Better.HIGHER, Better.LOWER

MEASURES: tuple[Measure, ...] = (
    _mean("right", "Right", "answered with a hit among the first three citations where the policy "
          "answers, or declined where it does not; mean over all questions", CONTRACT, UP),
    _mean("top1", "First citation right", "answered, and the first citation hits; mean over "
          "answerable questions", CONTRACT, UP),
    _mean("top3", "One of three citations right", "answered, and one of the first three citations "
          "hits; mean over answerable questions", CONTRACT, UP),
    Measure("citation_precision", "Citation precision", "citations that hit, over all citations of "
            "answered answerable questions", CONTRACT, UP, ratio_of("hits", "cited"), "cited"),
    _mean("citation_character_precision", "Citation precision in characters", "cited characters "
          "that are gold, over cited characters, each counted once; mean over answered answerable "
          "questions", CONTRACT, UP),
    _mean("citation_character_recall", "Citation recall in characters", "gold characters that are "
          "cited, over gold characters, each counted once; 0 if declined; mean over answerable "
          "questions", CONTRACT, UP),
    _mean("quoted", "Gold words in the answer", "the answer's first 120 words contain 60 % of the "
          "first 60 words of a gold quote; mean over answerable questions", CONTRACT, UP),
    Measure("quote_fidelity", "Quote fidelity", "citations whose quote is the policy's text at "
            "their offsets, over all citations; must be 1", CONTRACT, UP,
            ratio_of("faithful", "all_cited"), "all_cited"),
    _mean("false_refusals", "False refusals", "declined; mean over answerable questions",
          CONTRACT, DOWN),
    _mean("near_misses_declined", "Near misses declined", "declined; mean over privacy questions "
          "that the policy does not answer", CONTRACT, UP),
    _mean("off_topic_declined", "Off-topic declined", "declined; mean over questions that are none "
          "for a privacy policy, orders to the assistant included", CONTRACT, UP),
    _mean("unclear", "Asked back", "unclear; mean over all questions", CONTRACT, DOWN),
    *_ranking_measures(),
    *_character_measures(),
    Measure("auc_near_miss", "AUC against near misses", "probability that an answerable question's "
            "confidence is above a near miss's, ties half", HANLEY_MCNEIL, UP,
            auc_of("confidence_answerable", "confidence_near_miss"), "confidence_near_miss"),
    Measure("auc_off_topic", "AUC against off-topic", "probability that an answerable question's "
            "confidence is above that of one that is off topic, ties half", HANLEY_MCNEIL, UP,
            auc_of("confidence_answerable", "confidence_off_topic"), "confidence_off_topic"),
    _mean("brier", "Brier score", "squared difference of confidence and whether the first ranked "
          "passage answers (1 or 0); mean over all questions", BRIER, DOWN),
    _mean("verdict_precision", "Verdict precision", "given verdicts that are the set's; mean over "
          "questions that got one", CONTRACT, UP),
    _mean("verdict_coverage", "Verdict coverage", "got a verdict; mean over questions with a "
          "verdict in the set", CONTRACT, UP),
    Measure("latency_p50", "Latency, median", "milliseconds from question to answer, 50th "
            "percentile", CONTRACT, DOWN, percentile_of("latency_ms", 50), "latency_ms"),
    Measure("latency_p95", "Latency, 95th percentile", "milliseconds from question to answer, 95th "
            "percentile", CONTRACT, DOWN, percentile_of("latency_ms", 95), "latency_ms"),
)  # fmt: skip

BY_NAME = {measure.name: measure for measure in MEASURES}

# What stands first in tables, and in every breakdown.
HEADLINE = (
    "right", "top1", "citation_precision", "citation_character_recall", "false_refusals",
    "near_misses_declined", "off_topic_declined", "recall@10", "mrr", "brier",
)  # fmt: skip
