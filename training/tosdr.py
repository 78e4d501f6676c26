"""Quotes of ToS;DR, filed under statements, and questions on groups of statements (I/O)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from policy_text.display import display_quote

QUOTE_CHARACTERS = 400  # longer quotes hold more than one answer


@dataclass(frozen=True, slots=True)
class Quote:
    """What a policy or contract says, and the statement that it is filed under."""

    text: str
    statement: str
    group: int


@dataclass(frozen=True, slots=True)
class GroupQuestion:
    """A question on some statements of a group."""

    question: str
    statements: frozenset[str]
    group: int


@dataclass(frozen=True, slots=True)
class Tosdr:
    """Questions and the quotes that answer them.

    Attributes:
        near: pairs of groups (each both ways round, and each group with itself): quotes of one
            are no wrong answers to questions of the other.
    """

    questions: tuple[GroupQuestion, ...]
    quotes: tuple[Quote, ...]
    near: frozenset[tuple[int, int]]

    def answers(self, question: GroupQuestion, quote: Quote) -> bool:
        """Whether the quote is filed under a statement that answers the question."""
        return quote.statement in question.statements

    def may_answer(self, question: GroupQuestion, quote: Quote) -> bool:
        """Whether the quote must not be taken for a wrong answer."""
        return (question.group, quote.group) in self.near


def load_tosdr(folder: Path, *, without: Sequence[str] = ()) -> Tosdr:
    """What `folder` (questions.json, points.jsonl) holds, quotes that are too long left out.

    So are quotes that stand in one of the texts `without`, however spaced or marked up.
    """
    described = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    groups = described["groups"]
    number_of = {group["topic"]: number for number, group in enumerate(groups)}
    group_of = {s: number for number, group in enumerate(groups) for s in group["statements"]}
    questions = tuple(
        GroupQuestion(row["q"], frozenset(row["statements"]), number)
        for number, group in enumerate(groups)
        for row in group["questions"]
    )
    elsewhere = [_letters(text) for text in without]
    quotes = tuple(
        quote
        for quote in _quotes(folder / "points.jsonl", group_of)
        if not _stands_in(_letters(quote.text), elsewhere)
    )
    return Tosdr(questions, quotes, _near(described, number_of))


def _quotes(path: Path, group_of: dict[str, int]) -> tuple[Quote, ...]:
    quotes: dict[str, Quote] = {}
    with path.open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            words = display_quote(row["quote"])
            if row["statement"] in group_of and 20 <= len(words) <= QUOTE_CHARACTERS:
                quotes[words] = Quote(words, row["statement"], group_of[row["statement"]])
    return tuple(quotes.values())


def _stands_in(letters: str, texts: Sequence[str]) -> bool:
    return any(letters in text for text in texts)


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _near(described: dict[str, object], number_of: dict[str, int]) -> frozenset[tuple[int, int]]:
    pairs: Sequence[tuple[str, str]] = described["near"]  # type: ignore[assignment]
    near = {(n, n) for n in number_of.values()}
    for one, other in pairs:
        near |= {(number_of[one], number_of[other]), (number_of[other], number_of[one])}
    return frozenset(near)
