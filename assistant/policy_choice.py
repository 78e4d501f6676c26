"""Which policy and version a question is asked of: an explicit choice, or one that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from assistant.conversation import is_follow_up
from policy_text import Policy, PolicyVersion
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


def chosen_version(
    library: Library,
    question: str,
    *,
    policy: str | None = None,
    version: str | None = None,
    as_of: date | None = None,
    history: Sequence[str] = (),
) -> PolicyVersion:
    """The version that is asked: an explicit choice, one the question names, or the default.

    A follow-up is asked of the policy that the questions before it named.

    Raises:
        UnknownPolicyError: there is no such policy or version.
        PolicyFileError: its file cannot be read as a policy.
    """
    if policy is not None:
        chosen = library.policy(policy)
    else:
        turns = [question, *reversed(history)] if is_follow_up(question) else [question]
        named = filter(None, (named_policy(library, turn) for turn in turns))
        chosen = next(named, None) or library.default_policy()
    return library.version(library.version_info(chosen, version=version, as_of=as_of))


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
