"""Answers as the contract has them to JudgedAnswers: judgement, texts, and values of measures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.evaluation.judge import (
    ANSWERED,
    CITATIONS_COUNTED,
    Judgement,
    is_quoted,
    judge,
    span_of,
)
from assistant.evaluation.locate import LocatedQuestion
from assistant.evaluation.measures import (
    CHARACTER_CUTOFFS,
    RANKING_CUTOFFS,
    character_precision,
    character_recall,
    covered_share,
    ranking_values,
)
from assistant.evaluation.questions import OFF_TOPIC
from assistant.evaluation.run import CitedText, GoldText, JudgedAnswer
from policy_text import PolicyVersion, Span
from policy_text.library import section_at

UNCLEAR = "unclear"
Values = dict[str, float | None]


def judged_answers(
    located: Sequence[LocatedQuestion], answers: Sequence[Mapping[str, Any]]
) -> list[JudgedAnswer]:
    """The judged answers, in the order of the questions; one answer a question."""
    judgements = [judge(q, a) for q, a in zip(located, answers, strict=True)]
    is_ranked = [answer["passages"] is not None for answer in answers]
    rankings = _rankings(located, judgements, is_ranked)
    return [
        _judged(question, answer, judgement, ranking)
        for question, answer, judgement, ranking in zip(
            located, answers, judgements, rankings, strict=True
        )
    ]


def _judged(
    located: LocatedQuestion,
    answer: Mapping[str, Any],
    judgement: Judgement,
    ranking: Mapping[str, float],
) -> JudgedAnswer:
    question, version = located.question, located.version
    values = {**_values(located, answer, judgement), **ranking}
    content = json.dumps(question.content()).encode()
    return JudgedAnswer(
        id=question.id,
        content=hashlib.sha256(content).hexdigest()[:16],
        question=question.question,
        history=question.history,
        policy=version.policy.id,
        version=version.info.version,
        kind=question.kind,
        answerable=question.answerable,
        gold_verdict=question.verdict,
        gold=tuple(_gold(version, span) for span in located.gold),
        status=answer["status"],
        reason=answer.get("reason"),
        answer=answer["answer"] or "",
        verdict=answer.get("verdict"),
        citations=_citations(version, answer, judgement),
        confidence=answer.get("confidence"),
        latency_ms=answer.get("latency_ms"),
        right=judgement.right,
        why=judgement.why,
        ranks=judgement.ranks,
        relevant=judgement.relevant,
        values={name: round(value, 6) for name, value in values.items() if value is not None},
    )


def _gold(version: PolicyVersion, span: Span) -> GoldText:
    return GoldText(
        section=section_at(version, span.start).cited_as,
        start=span.start,
        end=span.end,
        quote=version.quote(span),
    )


def _citations(
    version: PolicyVersion, answer: Mapping[str, Any], judgement: Judgement
) -> tuple[CitedText, ...]:
    if answer["status"] != ANSWERED:
        return ()
    hits: Sequence[bool | None] = judgement.citation_hits or [None] * len(answer["citations"])
    return tuple(
        CitedText(
            section=citation.get("section") or section_at(version, citation["start"]).cited_as,
            start=citation["start"],
            end=citation["end"],
            quote=citation["quote"],
            hits=hit,
        )
        for citation, hit in zip(answer["citations"], hits, strict=True)
    )


def _values(located: LocatedQuestion, answer: Mapping[str, Any], judgement: Judgement) -> Values:
    """What the question counts in every measure but those of rankings; None where it does not."""
    is_answered = answer["status"] == ANSWERED
    values: Values = {
        "right": float(judgement.right),
        "unclear": float(answer["status"] == UNCLEAR),
        "latency_ms": answer.get("latency_ms"),
        **_verdict_values(located, answer.get("verdict")),
        **_confidence_values(located, answer, judgement),
    }
    if is_answered:
        values |= {"all_cited": len(judgement.faithful), "faithful": sum(judgement.faithful)}
    if located.question.answerable:
        values |= _answerable_values(located, answer, judgement)
    elif located.question.kind in OFF_TOPIC:
        values["off_topic_declined"] = float(not is_answered)
    else:
        values["near_misses_declined"] = float(not is_answered)
    return values


def _answerable_values(
    located: LocatedQuestion, answer: Mapping[str, Any], judgement: Judgement
) -> Values:
    is_answered = answer["status"] == ANSWERED
    gold = located.gold
    cited = [span_of(citation) for citation in answer["citations"]] if is_answered else []
    ranked = [span_of(passage) for passage in answer["passages"] or ()]
    quotes = [located.version.quote(span) for span in gold]
    values: Values = {
        "top1": float(judgement.top1),
        "top3": float(any(judgement.citation_hits[:CITATIONS_COUNTED])),
        "false_refusals": float(not is_answered),
        "quoted": float(is_answered and is_quoted(answer["answer"] or "", quotes)),
        "citation_character_recall": covered_share(gold, cited),
    }
    if is_answered:
        values |= {"hits": sum(judgement.citation_hits), "cited": len(cited)}
        values["citation_character_precision"] = covered_share(cited, gold)
    for k in CHARACTER_CUTOFFS if answer["passages"] is not None else ():
        values[f"character_precision@{k}"] = character_precision(ranked[:k], gold)
        values[f"character_recall@{k}"] = character_recall(ranked[:k], gold)
    return values


def _confidence_values(
    located: LocatedQuestion, answer: Mapping[str, Any], judgement: Judgement
) -> Values:
    confidence = answer.get("confidence")
    if confidence is None:
        return {}
    name = f"confidence_{group(located.question.answerable, located.question.kind)}"
    if answer["passages"] is None:
        return {name: confidence}
    first_answers = bool(judgement.ranks) and judgement.ranks[0] == 1
    return {
        name: confidence,
        "first_answers": float(first_answers),
        "brier": (confidence - first_answers) ** 2,
    }


def _verdict_values(located: LocatedQuestion, verdict: str | None) -> Values:
    wanted = located.question.verdict
    return {
        "verdict_precision": None if verdict is None else float(verdict == wanted),
        "verdict_coverage": None if wanted is None else float(verdict is not None),
    }


def group(answerable: bool, kind: str) -> str:
    """Which row of the confusion matrix a question belongs to."""
    if answerable:
        return "answerable"
    return "off_topic" if kind in OFF_TOPIC else "near_miss"


def _rankings(
    located: Sequence[LocatedQuestion], judgements: Sequence[Judgement], is_ranked: Sequence[bool]
) -> list[dict[str, float]]:
    """Values of the rankings' measures, nothing where there is no answer or no ranking."""
    answerable = [n for n, q in enumerate(located) if q.question.answerable and is_ranked[n]]
    ranks = [judgements[n].ranks for n in answerable]
    # Gold that is less than half a passage makes none relevant, and then nothing can be found.
    relevant = [max(judgements[n].relevant, len(judgements[n].ranks), 1) for n in answerable]
    values: list[dict[str, float]] = [{} for _ in located]
    for n, found in zip(answerable, ranking_values(ranks, relevant, RANKING_CUTOFFS), strict=True):
        values[n] = found
    return values
