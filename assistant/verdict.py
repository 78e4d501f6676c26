"""Yes or no: whether a question asks for it, and whether the quotes say it without conditions."""

from __future__ import annotations

import re

# How a question that asks yes or no begins, also in the middle of what a person types.
_ASKS = re.compile(
    r"(?:^|[.,;:!?–]\s+|\bso )(?P<asks>(?:and |or |but |so |then |also )*"
    r"(?:do|does|did|is|are|was|were|can|could|will|would|should|may|might|must|have|has|had|am|"
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
# Under such words a yes or no would say more than the policy does.
_CONDITIONS = re.compile(
    r"\b(?:unless|except|exceptions?|other than|apart from|besides|provided that|only|until|if|"
    r"when(?:ever)?|in general|generally|usually|typically|normally|knowingly|sometimes|"
    r"(?-i:may|MAY)|might|subject to|to the extent|depending on|required by|"
    r"without (?:a|an|any|your|our|the)|with your (?:\w+ ){0,3}(?:consent|permission|approval)|"
    r"in (?:some|certain|limited|rare) (?:cases|circumstances|instances|situations)|"
    r"where (?:required|permitted|allowed)|(?:some|certain|most|many) of (?:our|the|your))\b",
    re.IGNORECASE,
)
# On training policies a quote without such a word hardly ever says no, and one with it yes.
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


def says_plainly(verdict: str, quote: str) -> bool:
    """Whether a quote can be cited for a yes or no: unconditional, and a no with a negation."""
    return not is_conditional(quote) and (verdict == "no") == bool(_NEGATIONS.search(quote))


def is_conditional(quote: str) -> bool:
    """Whether a quote says what it says under conditions, or of some cases only."""
    return bool(_CONDITIONS.search(quote))
