"""Yes or no: whether a question asks for it, and what tells that a quote says it."""

from __future__ import annotations

import math
import re

import numpy as np

from index.encoder import FloatVector
from index.verdicts import VERDICTS

SIGNS = (
    "said",  # log odds of the likelier of yes and no
    "confidence",  # log odds that the passage answers at all
    "is_no",
)

# How a question that asks yes or no begins, also in the middle of what a person types; "were can
# I …" is a "where" in a hurry.
_ASKS = re.compile(
    r"(?:^|[.,;:!?–]\s+|\bso )(?P<asks>(?:and |or |but |so |then |also )*"
    r"(?:do|does|did|is|are|was|were(?! (?:do|does|did|can|could|is|are|will|should)\b)|can|"
    r"could|will|would|should|may|might|must|have|has|had|am|"
    r"any chance|isn['’]?t|aren['’]?t|don['’]?t|doesn['’]?t|can['’]?t|won['’]?t|didn['’]?t))\b",
    re.IGNORECASE,
)
_OPEN_BEFORE = re.compile(
    r"(?:^|[.!?]\s+)(?:what|which|who|whom|whose|how|why|where)\b[^.!?]*$", re.IGNORECASE
)
# An alternative, a second question that is open, or one that is asked through the first.
_OPEN_AFTER = re.compile(
    r"\b(?:and|or) (?:if so,? )?(?:(?:with|for|to|by|from|in|at|of) )?"
    r"(?:what|which|who|whom|whose|how|why|where|when)\b"
    r"|\bor\b(?! (?:any|some|other)\w*\b)"
    r"|\b(?:tell|explain|know|list|show|describe|say|name)\b.*\b(?:what|which|who|whom|how|why|where|"
    r"when)\b",
    re.IGNORECASE,
)
# "Do you never …?" and "Is it true that you don't …?": a no in the quote would be a yes.
_NEGATED = re.compile(
    r"\b(?:not|never|no|cannot|without|avoid|refrain|stop|refuse|neither|nor|nobody|nothing|none|off)"
    r"\b|n['’]t\b|\b(?:dont|doesnt|wont|cant|didnt)\b",
    re.IGNORECASE,
)
# A label is in capitals but for such words; "a)" before a sentence is none of its words.
_SMALL_WORDS = frozenset("a an and at by for from in of on or the to with".split())
_MARKER = re.compile(r"^\W*(?:[a-z]|[ivx]+)[.)]\s+")
# Under such words a yes or no may say more than the policy does.
_CONDITIONS = re.compile(
    r"\b(?:unless|except|exceptions?|other than|apart from|besides|provided that|only|until|if|"
    r"when(?:ever)?|in general|generally|usually|typically|normally|knowingly|sometimes|"
    r"(?-i:may|MAY)|might|subject to|to the extent|depending on|required by|"
    r"without (?:a|an|any|your|our|the)|with your (?:\w+ ){0,3}(?:consent|permission|approval)|"
    r"in (?:some|certain|limited|rare) (?:cases|circumstances|instances|situations)|"
    r"where (?:required|permitted|allowed)|(?:some|certain|most|many) of (?:our|the|your))\b",
    re.IGNORECASE,
)
# A quote with such a word seldom says yes without a second thought.
_NEGATIONS = re.compile(
    r"\b(?:not|never|no|cannot|can['’]?t|don['’]?t|won['’]?t|doesn['’]?t|isn['’]?t|aren['’]?t|"
    r"without|neither|nor|nobody|none|prohibit\w*|forbid\w*|refrain)\b",
    re.IGNORECASE,
)


def asks_yes_or_no(question: str) -> bool:
    """Whether a question can be answered with yes or no."""
    starts = [match.start("asks") for match in _ASKS.finditer(question)]
    return (
        bool(starts)
        and not _OPEN_BEFORE.search(question[: starts[-1]])
        and not _OPEN_AFTER.search(question[starts[-1] :])
    )


def asks_plainly(question: str) -> bool:
    """Whether a question asks yes or no so that a no in the policy is a no to the question."""
    return asks_yes_or_no(question) and not _NEGATED.search(question)


def can_be_said(question: str, quote: str) -> bool:
    """Whether a yes or no may open an answer: asked plainly, of a sentence without conditions."""
    return asks_plainly(question) and not is_conditional(quote) and not is_fragment(quote)


def is_fragment(quote: str) -> bool:
    """Whether a quote is a label or the rest of a sentence, which says nothing by itself."""
    words = re.findall(r"[^\W\d_]+", _MARKER.sub("", quote))
    if not words:
        return True
    is_label = all(word.istitle() or word in _SMALL_WORDS for word in words)
    return is_label or words[0][0].islower()


def is_conditional(quote: str) -> bool:
    """Whether a quote says what it says under conditions, or of some cases only."""
    return bool(_CONDITIONS.search(quote))


def likelier(chances: FloatVector) -> tuple[str, float]:
    """Yes or no, whichever a passage says rather, and its probability.

    `chances` are those of VERDICTS.
    """
    by_name = dict(zip(VERDICTS, chances.tolist(), strict=True))
    said = "yes" if by_name["yes"] >= by_name["no"] else "no"
    return said, by_name[said]


def says_plainly(verdict: str, quote: str) -> bool:
    """Whether a yes rests on a quote without a negation; a no needs none ("you must be 16")."""
    return verdict == "no" or not _NEGATIONS.search(quote)


def signs(chances: FloatVector, confidence: float) -> FloatVector:
    """What tells whether the likelier verdict is right; float32, shape (len(SIGNS),)."""
    said, probability = likelier(chances)
    return np.array([log_odds(probability), log_odds(confidence), said == "no"], dtype=np.float32)


def log_odds(probability: float) -> float:
    """Of a probability, which is kept off 0 and 1."""
    kept = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))
