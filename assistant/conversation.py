"""A follow-up question to one that can be understood without the turns before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CONTINUES = re.compile(
    r"\s*(?:and|or|but|also|so|what about|how about|same for|what if|then)\b", re.IGNORECASE
)
_POINTS_BACK = re.compile(
    r"\b(?:it|that|this|those|these|they|them|there|he|she|so|one|ones|either)\b", re.IGNORECASE
)
_OWN_SUBJECT = re.compile(r"\b(?:policy|cookies?|data|information|account)\b", re.IGNORECASE)
_OPENING = re.compile(
    r"^\s*(?:and|or|but|also|so|then)?\s*(?:what|how)\s+about\b|^\s*(?:and|or|but|also|so|then)\b",
    re.IGNORECASE,
)
SHORT_FOLLOW_UP_WORDS = 4
POINTING_FOLLOW_UP_WORDS = 9


def standalone(question: str, history: Sequence[str]) -> str:
    """The question with the topic of the last one that had a topic, where it needs one."""
    if not history or not is_follow_up(question):
        return question
    topic = next((q for q in reversed(history) if not is_follow_up(q)), history[0])
    added = _OPENING.sub("", question).strip(" ?!.") or question
    return f"{topic.rstrip(' ?!.')} – {added}?"


def is_follow_up(question: str) -> bool:
    """Whether a question leans on the one before it."""
    words = question.split()
    if _CONTINUES.match(question):
        return True
    if len(words) <= SHORT_FOLLOW_UP_WORDS and not _OWN_SUBJECT.search(question):
        return True
    return len(words) <= POINTING_FOLLOW_UP_WORDS and bool(_POINTS_BACK.search(question))
