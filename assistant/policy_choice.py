"""Which policy a question is asked of, where nobody said: one that the question names."""

from __future__ import annotations

import re

from policy_text import Policy
from policy_text.library import Library

# "Do you share my data with GitHub?" names a recipient, not the policy that is asked.
_AS_ANOTHER_PARTY = re.compile(
    r"\b(?:with|from|via|using|through|like|than|unlike|and|or|into|on|my|such as|including)\s+"
    r"(?:the |a |an )?$"
    r"|\byou (?:\w+ ){0,2}(?:sell|give|send|disclose|transfer|pass|provide|share)\b.*\bto $",
    re.IGNORECASE,
)
_OWNS_POLICY = re.compile(r"(?:['’]s)?\s+(?:privacy|policy|notice|statement)\b", re.IGNORECASE)
SHORT_NAME = 4  # characters; shorter names are taken as written ("HEY", "CC"), not "hey"


def named_policy(library: Library, question: str) -> Policy | None:
    """The one policy that a question names as its subject; None where it names none or several."""
    named = [policy for policy in library.policies if _names(policy, question)]
    return named[0] if len(named) == 1 else None


def _names(policy: Policy, question: str) -> bool:
    for name in policy.names:
        flags = re.IGNORECASE if len(name) > SHORT_NAME else re.NOFLAG
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", question, flags):
            is_other_party = _AS_ANOTHER_PARTY.search(question[: match.start()])
            if not is_other_party or _OWNS_POLICY.match(question[match.end() :]):
                return True
    return False
