"""Answers and gold evidence to the figures that say whether answers are right (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_CITATION_CHARACTERS = 600  # or three times the gold quote, if that is longer
CITATIONS_COUNTED = 3


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is right and wrong about one answer.

    Attributes:
        right: answered with a hit among the first three citations, or rightly declined.
        first: the first citation hits; None for questions that the policy does not answer.
        cited: how many citations count towards precision, and `hits` how many of them hit.
        false_refusal: declined although the policy answers.
    """

    right: bool
    first: bool | None
    cited: int
    hits: int
    false_refusal: bool


def rule(question: Mapping[str, Any], answer: Mapping[str, Any], text: str) -> Ruling:
    """The ruling on one answer.

    Args:
        question: with "answerable" and "evidence", verbatim quotes of which any one answers.
        answer: with "status" and "citations", as the contract has them.
        text: the policy's text, which offsets refer to.

    Raises:
        ValueError: a gold quote does not stand in the text.
    """
    is_answered = answer["status"] == "answered"
    if not question["answerable"]:
        return Ruling(not is_answered, None, 0, 0, False)
    gold = [span for quote in question["evidence"] for span in _places(text, quote)]
    hits = [_hits(citation, gold) for citation in answer["citations"]]
    return Ruling(
        right=is_answered and any(hits[:CITATIONS_COUNTED]),
        first=is_answered and bool(hits) and hits[0],
        cited=len(hits) if is_answered else 0,
        hits=sum(hits) if is_answered else 0,
        false_refusal=not is_answered,
    )


def summary(rulings: Sequence[Ruling]) -> dict[str, float]:
    """Means over the questions they are defined for.

    right: over all. first_right, false_refusals: over answerable ones. declined_rightly: over the
    others. citation_precision: the share of citations that hit.
    """
    answerable = [r for r in rulings if r.first is not None]
    others = [r for r in rulings if r.first is None]
    return {
        "questions": len(rulings),
        "right": _mean([r.right for r in rulings]),
        "first_right": _mean([bool(r.first) for r in answerable]),
        "citation_precision": sum(r.hits for r in rulings) / max(1, sum(r.cited for r in rulings)),
        "false_refusals": _mean([r.false_refusal for r in answerable]),
        "declined_rightly": _mean([r.right for r in others]),
    }


def _places(text: str, quote: str) -> list[tuple[int, int]]:
    starts = [match.start() for match in re.finditer(re.escape(quote), text)]
    if not starts:
        raise ValueError(f"the gold quote {quote[:60]!r} does not stand in the policy's text")
    return [(start, start + len(quote)) for start in starts]


def _hits(citation: Mapping[str, Any], gold: Sequence[tuple[int, int]]) -> bool:
    """Covers half of a gold quote and is not too long, or lies at least half inside one."""
    start, end = citation["start"], citation["end"]
    for gold_start, gold_end in gold:
        shared = min(end, gold_end) - max(start, gold_start)
        length = gold_end - gold_start
        covers = 2 * shared >= length and end - start <= max(MAX_CITATION_CHARACTERS, 3 * length)
        is_inside = 2 * shared >= end - start and end - start <= 3 * length
        if shared > 0 and (covers or is_inside):
            return True
    return False


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
