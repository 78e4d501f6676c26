"""An answer and its gold spans to a Judgement: what is right, what is wrong, and why (pure).

A citation hits, as the contract has it, when it covers at least half of a gold quote and is at most
three times as long (600 characters at least), or when it lies at least half inside one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.evaluation.locate import LocatedQuestion
from policy_text import PolicyVersion, Span

MAX_CITATION_CHARACTERS = 600  # or three times the gold quote, if that is longer
CITATIONS_COUNTED = 3  # of an answer's citations, one of which must hit
QUOTED_SHARE = 0.6  # of the words of a gold quote, that an answer must have
ANSWER_WORDS = 120  # of an answer, the first that count
GOLD_WORDS = 60  # of a gold quote, the first that count

ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is right and wrong about one answer.

    Attributes:
        right: answered with a hit among the first three citations, or rightly declined.
        why: the same in words.
        citation_hits: for each citation of an answerable question, whether it hits.
        faithful: for each citation, whether its quote is the text at its offsets.
        ranks: places from 1 of the ranked passages that hit.
        relevant: how many passages of the version hit, ranked or not.
    """

    right: bool
    why: str
    citation_hits: tuple[bool, ...]
    faithful: tuple[bool, ...]
    ranks: tuple[int, ...]
    relevant: int

    @property
    def top1(self) -> bool:
        """Whether the first citation hits."""
        return bool(self.citation_hits) and self.citation_hits[0]


def judge(located: LocatedQuestion, answer: Mapping[str, Any]) -> Judgement:
    """The judgement on one answer, a JSON object as the contract has it."""
    text, gold = located.version.text, located.gold
    is_answered = answer["status"] == ANSWERED
    cited = [span_of(citation) for citation in answer["citations"]] if is_answered else []
    citation_hits = tuple(hits(span, gold) for span in cited) if gold else ()
    ranked = [span_of(passage) for passage in answer["passages"] or ()]
    if located.question.answerable:
        right = any(citation_hits[:CITATIONS_COUNTED])
    else:
        right = not is_answered
    ranks = tuple(rank for rank, span in enumerate(ranked, 1) if hits(span, gold))
    return Judgement(
        right=right,
        why=_why(located, str(answer["status"]), citation_hits, ranks, len(ranked)),
        citation_hits=citation_hits,
        faithful=tuple(
            text[span.start : span.end] == citation["quote"]
            for span, citation in zip(cited, answer["citations"], strict=False)
        ),
        ranks=ranks,
        relevant=len(relevant_passages(located.version, gold)),
    )


def hits(span: Span, gold: Sequence[Span]) -> bool:
    """Whether the span covers half of a gold span and is not too long, or lies half inside one."""
    return any(_hits_one(span, one) for one in gold)


def _hits_one(span: Span, gold: Span) -> bool:
    shared = span.overlap(gold)
    covers = 2 * shared >= len(gold) and len(span) <= max(MAX_CITATION_CHARACTERS, 3 * len(gold))
    is_inside = 2 * shared >= len(span) and len(span) <= 3 * len(gold)
    return shared > 0 and (covers or is_inside)


def relevant_passages(version: PolicyVersion, gold: Sequence[Span]) -> tuple[Span, ...]:
    """The passages of a version that hit, in the order of the text."""
    return tuple(passage.span for passage in version.passages if hits(passage.span, gold))


def is_quoted(answer: str, quotes: Sequence[str]) -> bool:
    """Whether an answer's first words contain most of the words of one of the gold quotes."""
    have = Counter(_words(answer)[:ANSWER_WORDS])
    for quote in quotes:
        wanted = _words(quote)[:GOLD_WORDS]
        shared = sum((Counter(wanted) & have).values())
        if wanted and shared >= QUOTED_SHARE * len(wanted):
            return True
    return False


def span_of(place: Mapping[str, Any]) -> Span:
    """The characters that a citation or a ranked passage names."""
    return Span(place["start"], place["end"])


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _why(
    located: LocatedQuestion,
    status: str,
    citation_hits: Sequence[bool],
    ranks: Sequence[int],
    ranked: int,
) -> str:
    if not located.question.answerable:
        if status == ANSWERED:
            return "answered, but the policy does not answer"
        return f"declined ({status}), and the policy does not answer"
    rank = f"the first passage that answers ranks {ranks[0]}" if ranks else _unranked(ranked)
    if status != ANSWERED:
        return f"declined ({status}), but the policy answers; {rank}"
    if not any(citation_hits):
        return f"answered, but no citation hits; {rank}"
    first = citation_hits.index(True) + 1
    if first > CITATIONS_COUNTED:
        return f"answered, but only citation {first} hits"
    return f"citation {first} hits"


def _unranked(ranked: int) -> str:
    if not ranked:
        return "no ranking is told"
    return f"no passage that answers is among the {ranked} best"
