"""A follow-up question to one that can be understood without the turns before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.model import QuestionError
from assistant.scope import checked

_CONTINUES = re.compile(
    r"\s*(?:and|or|but|also|even|so|what about|how about|same for|what if|then)\b", re.IGNORECASE
)
# "Is there a way …", "Is it possible to …", "data that you hold" and "this policy" point nowhere.
_POINTS_BACK = re.compile(
    r"\b(?:(?<!is )(?<!are )there|it(?! (?:possible|true|ok|okay|safe|legal) (?:to|that|for)\b)"
    r"|(?<!data )(?<!information )that(?! (?:i|you|we)\b)|this(?! (?:privacy )?(?:policy|notice)\b)"
    r"|those|these|they|them|he|she|so|one|ones|either|mine|theirs"
    r"|(?:if i do(?:n['’]?t)?|which \w+|beforehand|afterwards?|first|too|as well|instead)"
    r"(?=\W*$))\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"(?:do|does|did|can|could|may|will|would|should|are|is|have|has|am) "
    r"(?:i|you|we|my|your|the)\b(?: \S+){2,}",
    re.IGNORECASE,
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
    earlier = [turn for turn in history if _is_askable(turn)]
    if not earlier or not is_follow_up(question):
        return question
    topic = next((q for q in reversed(earlier) if not is_follow_up(q)), earlier[0])
    added = _OPENING.sub("", question).strip(" ?!.") or question
    return f"{topic.rstrip(' ?!.')} – {added}?"


def is_follow_up(question: str) -> bool:
    """Whether a question leans on the one before it."""
    words = question.split()
    without_opening = _OPENING.sub("", question).strip(" ,")
    if _WHOLE.match(without_opening) and not _POINTS_BACK.search(without_opening):
        return False
    if _CONTINUES.match(question):
        return True
    if len(words) <= SHORT_FOLLOW_UP_WORDS and not _OWN_SUBJECT.search(question):
        return True
    return len(words) <= POINTING_FOLLOW_UP_WORDS and bool(_POINTS_BACK.search(question))


def _is_askable(turn: str) -> bool:
    """Whether an earlier turn can have been asked; nothing follows on one that was refused."""
    try:
        checked(turn)
    except QuestionError:
        return False
    return True
