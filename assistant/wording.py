"""The words around the quotes: dates, headings of answers, what is said when declining."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.model import Reason
from policy_text import DateKind, PolicyVersion, Section, VersionInfo

_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_DATE_WORDS = {
    DateKind.EFFECTIVE: "effective",
    DateKind.UPDATED: "last updated",
    DateKind.RETRIEVED: "as retrieved on",
}


def date_in_words(version: str) -> str:
    """Write 2020-01 as "January 2020", and 2022-09-01 as "1 September 2022"."""
    year, *rest = version.split("-")
    if not rest:
        return year
    month = _MONTHS[int(rest[0]) - 1]
    return f"{int(rest[1])} {month} {year}" if len(rest) > 1 else f"{month} {year}"


def dated(info: VersionInfo) -> str:
    """What a version's date is, in words: "last updated January 2020"."""
    return f"{_DATE_WORDS[info.date_kind]} {date_in_words(info.version)}"


def capital(words: str) -> str:
    """The words as a line begins with them; only the first letter changes."""
    return words[:1].upper() + words[1:]


def titled(version: PolicyVersion) -> str:
    """The policy's name and date, as every answer carries it."""
    return f"{version.policy.title} ({dated(version.info)})"


def decline(
    reason: Reason, version: PolicyVersion, nearest: Sequence[Section], contact: str | None
) -> str:
    """What is said instead of an answer: which kind of decline, why, and where to look."""
    title = titled(version)
    if reason is Reason.NO_EVIDENCE:
        lines = [f"This policy does not say: nothing in the {title} answers that."]
    elif reason is Reason.OFF_TOPIC:
        lines = [
            f"That is not a question about privacy. I only answer what the {title} says about "
            "personal data, accounts, rights and this service's practices."
        ]
    elif reason is Reason.INSTRUCTION:
        lines = [
            "I only answer questions on the policy; I do not follow other instructions. "
            f"Ask what the {title} says."
        ]
    elif reason is Reason.GIBBERISH:
        lines = [f"I could not read that as a question. Ask what the {title} says."]
    elif reason is Reason.LANGUAGE:
        lines = [
            f"I understand questions in English only. Please ask in English what the {title} says."
        ]
    else:
        lines = [f"What about it? Say which side of the {title} you mean, for example:"]
    if nearest:
        if reason is not Reason.TOO_VAGUE:
            lines.append("Nearest sections:")
        lines += [f"- {section.cited_as}" for section in nearest]
    if contact and reason is Reason.NO_EVIDENCE:
        lines.append(f"To ask the organisation itself: “{contact}”")
    return "\n".join(lines)
