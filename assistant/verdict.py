"""Yes or no: whether a question asks for it, and whether the quotes say it without conditions."""

from __future__ import annotations

import re

# How a question that asks yes or no begins, also in the middle of what a person types.
_ASKS = re.compile(
    r"(?:^|[.,;:!?–]\s+|\bso )(?:and |or |but |so |then |also )*"
    r"(?:do|does|did|is|are|was|were|can|could|will|would|should|may|might|must|have|has|had|am|"
    r"any chance|isn['’]?t|aren['’]?t|don['’]?t|doesn['’]?t|can['’]?t|won['’]?t|didn['’]?t)\b",
    re.IGNORECASE,
)
_OPEN_BEFORE = re.compile(
    r"(?:^|[.!?]\s+)(?:what|which|who|whom|whose|how|why|where)\b[^.!?]*$", re.IGNORECASE
)
_OPEN_AFTER = re.compile(
    r"\b(?:and|or) (?:if so,? )?(?:(?:with|for|to|by|from|in|at|of) )?"
    r"(?:what|which|who|whom|whose|how|why|where|when)\b"
    r"|\bor (?:do|does|is|are|can|will|just|only)\b",
    re.IGNORECASE,
)
# Under such words a yes or no would say more than the policy does.
_CONDITIONS = re.compile(
    r"\b(?:unless|except|exceptions?|provided that|only|if you (?:consent|agree|opt|"
    r"choose|ask|request)|with(?:out)? your (?:\w+ ){0,3}(?:consent|permission|approval)|"
    r"(?-i:may|MAY)|might|"
    r"in (?:some|certain|limited|rare) (?:cases|circumstances|instances|situations)|"
    r"sometimes|depending on|where (?:required|permitted|allowed)|"
    r"(?:some|certain|most|many) of (?:our|the|your)|subject to|to the extent|generally|usually|"
    r"typically|normally)\b",
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
    starts = [match.start() for match in _ASKS.finditer(question)]
    return (
        bool(starts)
        and not _OPEN_BEFORE.search(question[: starts[-1]])
        and not _OPEN_AFTER.search(question[starts[-1] :])
    )


def says_plainly(verdict: str, quote: str) -> bool:
    """Whether a quote can be cited for a yes or no: unconditional, and a no with a negation."""
    return not is_conditional(quote) and (verdict == "no") == bool(_NEGATIONS.search(quote))


def is_conditional(quote: str) -> bool:
    """Whether a quote says what it says under conditions, or of some cases only."""
    return bool(_CONDITIONS.search(quote))
