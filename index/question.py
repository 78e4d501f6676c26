"""A question as a person typed it to the words that are looked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

_PREFIX = re.compile(
    r"^(?:please\s+)?(?:consider(?:ing)?|regarding|according to|based on|as per|per|under|with "
    r"regard to|with respect to|in|looking at)\b[^;,:?]{0,60}?"
    r"\b(?:privacy (?:policy|notice|statement)|policy|app)\b[^;,:?]{0,20}[;,:]\s*",
    re.IGNORECASE,
)
# Short forms of chats; the model knows the long ones better.
_SHORT_FORMS = {
    "u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "wat": "what",
    "wot": "what", "cuz": "because", "info": "information", "ppl": "people", "thx": "thanks",
    "gov": "government", "acct": "account", "pw": "password", "bday": "birthday", "im": "i am",
    "dont": "do not", "doesnt": "does not", "cant": "can not", "wont": "will not",
}  # fmt: skip
# Not the letters of "U.S.": they are no words.
_WORD = re.compile(r"(?<![^\W\d_]\.)[^\W\d_]+(?:['’][^\W\d_]+)?(?!\.[^\W\d_])")

SHORT_WORD = 3  # letters; shorter words are left as they are
LONG_WORD = 8  # letters; such words may have two letters wrong


def looked_for(
    question: str,
    *,
    names: Sequence[str],
    vocabulary: Sequence[str],
    is_word: Callable[[str], bool],
) -> str:
    """The question without "Consider X's policy;" and the service's name, typing errors mended.

    Args:
        question: as it was typed.
        names: how the service is called.
        vocabulary: lower-case words that a mistyped word may have meant, the likeliest first.
        is_word: whether a lower-case word needs no mending.
    """
    words = _PREFIX.sub("", question)
    for name in sorted(names, key=len, reverse=True):
        if len(name) > 2:
            words = re.sub(rf"\b{re.escape(name)}\b(?:['’]s)?", " ", words, flags=re.IGNORECASE)
    if not _WORD.search(words):
        words = question
    mended = _WORD.sub(lambda match: _mended(match[0], vocabulary, is_word), words)
    return " ".join(mended.split())


def _mended(word: str, vocabulary: Sequence[str], is_word: Callable[[str], bool]) -> str:
    lower = word.casefold()
    if lower in _SHORT_FORMS:
        return _SHORT_FORMS[lower]
    if len(lower) < SHORT_WORD or not lower.isascii() or not lower.isalpha() or is_word(lower):
        return word
    return _closest(lower, tuple(vocabulary)) or word


@cache
def _closest(word: str, vocabulary: tuple[str, ...]) -> str | None:
    allowed = 2 if len(word) >= LONG_WORD else 1
    best = process.extractOne(
        word, vocabulary, scorer=DamerauLevenshtein.distance, score_cutoff=allowed
    )
    return best[0] if best is not None and best[0][0] == word[0] else None
