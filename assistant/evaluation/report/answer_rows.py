"""Judged answers to rows of a question list, with gold and cited words side by side (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.evaluation.judge import ANSWERED
from assistant.evaluation.report.display import UNDEFINED, milliseconds, percent
from assistant.evaluation.report.highlight import shared_characters, shared_stretches
from assistant.evaluation.report.question_list import (
    RIGHT,
    WRONG,
    Column,
    FilterKind,
    Place,
    QuestionRow,
)
from assistant.evaluation.run import CitedText, GoldText, JudgedAnswer
from policy_text import Span

RANKS_SHOWN = 12  # of the passages that answer; the first ones matter
STATUS_WORDS = {"out_of_scope": "out of scope"}  # others are words already

FILTERS = (
    FilterKind("state", "Answers", order=(WRONG.words, RIGHT.words), initial=WRONG.words),
    FilterKind("kind", "Kind"),
    FilterKind("policy", "Policy"),
    FilterKind("status", "Outcome"),
)


def answer_row(answer: JudgedAnswer) -> QuestionRow:
    """A question of a run with its answer."""
    mark = RIGHT if answer.right else WRONG
    return QuestionRow(
        id=str(answer.id),
        mark=mark,
        kind=answer.kind,
        question=answer.question,
        why=answer.why,
        facets=(mark.words, answer.kind, policy_of(answer), status_words(answer.status)),
        history=answer.history,
        facts=facts(answer),
        answer=answer.answer,
        columns=(gold_column(answer, answer.citations), cited_column(answer)),
    )


def facts(answer: JudgedAnswer) -> tuple[tuple[str, str], ...]:
    """What is known of the answer besides its words."""
    found = [("Policy", policy_of(answer)), ("Outcome", _outcome(answer))]
    if answer.confidence is not None:
        found.append(("Confidence", f"{answer.confidence:.3f}"))
    if answer.answerable:
        found.append(("Passages that answer", _ranks(answer)))
    if answer.gold_verdict is not None or answer.verdict is not None:
        given, wanted = answer.verdict or "none", answer.gold_verdict or "none"
        found.append(("Verdict", f"{given}; the set says {wanted}"))
    if answer.latency_ms is not None:
        found.append(("Time", milliseconds(answer.latency_ms)))
    return tuple(found)


def gold_column(answer: JudgedAnswer, cited: Sequence[CitedText]) -> Column:
    """The words that answer, with those marked that are cited too."""
    spans = [Span(c.start, c.end) for c in cited]
    return Column(
        title="Gold: the words that answer",
        places=[_gold_place(gold, spans) for gold in answer.gold],
        empty="None: the policy does not answer this question.",
    )


def cited_column(answer: JudgedAnswer) -> Column:
    """The words that the answer cites, with those marked that are gold too."""
    gold = [Span(one.start, one.end) for one in answer.gold]
    nothing = (
        "The answer cites nothing." if answer.status == ANSWERED else "Declined: nothing is cited."
    )
    return Column(
        title="Cited by the answer",
        places=[_cited_place(n, one, gold) for n, one in enumerate(answer.citations, 1)],
        empty=nothing,
    )


def policy_of(answer: JudgedAnswer) -> str:
    """The policy and its version, as filters and tables name it."""
    return f"{answer.policy} {answer.version}"


def status_words(status: str) -> str:
    """A status as a person says it."""
    return STATUS_WORDS.get(status, status)


def _gold_place(gold: GoldText, cited: Sequence[Span]) -> Place:
    stretches = shared_stretches(gold.quote, Span(gold.start, gold.end), cited)
    share = shared_characters(stretches) / max(1, len(gold.quote))
    if not share:
        return Place(gold.section, "not cited", "even", stretches)
    return Place(gold.section, f"{percent(share)} of it cited", "good", stretches)


def _cited_place(number: int, cited: CitedText, gold: Sequence[Span]) -> Place:
    stretches = shared_stretches(cited.quote, Span(cited.start, cited.end), gold)
    notes = {True: ("✓ hits", "good"), False: ("✗ does not hit", "bad"), None: ("", "even")}
    note, tone = notes[cited.hits]
    return Place(f"[{number}] {cited.section}", note, tone, stretches)


def _outcome(answer: JudgedAnswer) -> str:
    words = status_words(answer.status)
    reason = (answer.reason or "").replace("_", " ")
    return f"{words} ({reason})" if reason else words


def _ranks(answer: JudgedAnswer) -> str:
    count = max(answer.relevant, len(answer.ranks))
    if not answer.ranks:
        return f"{count}, none ranked" if count else UNDEFINED
    shown = ", ".join(str(rank) for rank in answer.ranks[:RANKS_SHOWN])
    more = " …" if len(answer.ranks) > RANKS_SHOWN else ""
    return f"{count}, ranked {shown}{more}"
