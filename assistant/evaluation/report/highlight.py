"""Quotes and the places that they share to stretches of marked and plain words (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from policy_text import Span
from policy_text.diff import WordChange, WordOp


class Mark(Enum):
    """Why words stand out; the value is what the page's script knows it by."""

    PLAIN = ""
    SHARED = "shared"
    REMOVED = "removed"
    ADDED = "added"


class Stretch(NamedTuple):
    """Words, and how they are marked."""

    text: str
    mark: Mark


MARK_OF = {WordOp.EQUAL: Mark.PLAIN, WordOp.REMOVED: Mark.REMOVED, WordOp.ADDED: Mark.ADDED}


def shared_stretches(quote: str, span: Span, others: Sequence[Span]) -> list[Stretch]:
    """The quote, with the characters that stand in one of the others too marked as shared.

    Counted in code points, which a browser's strings do not count in. Joined, the stretches are the
    quote, even if it is not as long as its span says.
    """
    marked = _merged([_within(span, other) for other in others if span.overlap(other)])
    stretches: list[Stretch] = []
    done = 0
    for start, end in marked:
        stretches.append(Stretch(quote[done:start], Mark.PLAIN))
        stretches.append(Stretch(quote[start:end], Mark.SHARED))
        done = end
    stretches.append(Stretch(quote[done:], Mark.PLAIN))
    return [stretch for stretch in stretches if stretch.text]


def changed_stretches(words: Sequence[WordChange]) -> list[Stretch]:
    """The words of both quotes, with those that only one of them has marked."""
    return [Stretch(text, MARK_OF[op]) for op, text in words]


def shared_characters(stretches: Sequence[Stretch]) -> int:
    """How many characters are marked as shared."""
    return sum(len(text) for text, mark in stretches if mark is Mark.SHARED)


def _within(span: Span, other: Span) -> tuple[int, int]:
    return max(0, other.start - span.start), min(len(span), other.end - span.start)


def _merged(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges in order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
