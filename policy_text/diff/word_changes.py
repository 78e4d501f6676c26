"""Two quotes to the words that they share and those that only one of them has, for display."""

from __future__ import annotations

from difflib import SequenceMatcher
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from policy_text.diff.words import tokens_of
from policy_text.display import display_quote


class WordOp(Enum):
    """What became of words."""

    EQUAL = "equal"
    REMOVED = "removed"
    ADDED = "added"


class WordChange(NamedTuple):
    """A stretch of words, with the white space after it."""

    op: WordOp
    text: str


class _Piece(NamedTuple):
    """A word as it is shown, with what stands between it and the next one."""

    key: str
    text: str


def word_changes(old_words: str, new_words: str) -> tuple[WordChange, ...]:
    """The words that two quotes share, and those that only one of them has, for display.

    Markup is not shown. Words that differ in case, quotation marks or dashes alone are equal and
    stand as in the new quote: the texts that are not removed, joined, are its words. Where words
    were replaced, the removed ones come first.
    """
    old, new = _pieces(display_quote(old_words)), _pieces(display_quote(new_words))
    matcher = SequenceMatcher(None, [p.key for p in old], [p.key for p in new], autojunk=False)
    found: list[WordChange] = []
    for op, a, b, c, d in matcher.get_opcodes():
        removed, text = _joined(old[a:b]), _joined(new[c:d])
        if op == "equal":
            found.append(WordChange(WordOp.EQUAL, text))
            continue
        # "browser to help" became "browser. It may help": the equal word has no space of its own.
        if removed and found and _lost_space(old[a - 1].text, found[-1].text):
            removed = " " + removed
        found += WordChange(WordOp.REMOVED, removed), WordChange(WordOp.ADDED, text)
    return tuple(change for change in found if change.text)


def _pieces(words: str) -> list[_Piece]:
    """`words` cut before each word, so that the pieces joined are `words`."""
    tokens = tokens_of(words)
    if not tokens:
        return [_Piece(words, words)] if words else []
    cuts = [0]
    for token, following in pairwise(tokens):
        between = words[token.end : following.start]
        cuts.append(token.end + (between.rfind(" ") + 1 or len(between)))
    cuts.append(len(words))
    texts = (words[start:end] for start, end in pairwise(cuts))
    return [_Piece(token.key, text) for token, text in zip(tokens, texts, strict=True)]


def _joined(pieces: list[_Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _lost_space(before: str, after: str) -> bool:
    return before.endswith(" ") and not after.endswith(" ")
