"""A version's passages to the texts that stand for them in the index."""

from __future__ import annotations

from dataclasses import dataclass

from policy_text import Passage, PolicyVersion
from policy_text.display import display_quote

# Raised whenever the same passages would be written otherwise, so that indexes are built again.
REPRESENTATION_VERSION = 3
NEIGHBOURHOOD_CHARACTERS = 500  # about what MiniLM was trained to hold in one vector


@dataclass(frozen=True, slots=True)
class PassageTexts:
    """Texts of every passage, in the order of the passages.

    Attributes:
        plain: its own words.
        headed: "nearest heading: words".
        introduced: "nearest heading: lead-in words".
        neighbourhood: its words among those around it in its section, NEIGHBOURHOOD_CHARACTERS.
    """

    plain: list[str]
    headed: list[str]
    introduced: list[str]
    neighbourhood: list[str]


def passage_texts(version: PolicyVersion) -> PassageTexts:
    """The texts that a version's passages are found by."""
    plain = [display_quote(version.quote(passage.span)) for passage in version.passages]
    headed: list[str] = []
    introduced: list[str] = []
    for words, passage in zip(plain, version.passages, strict=True):
        heading = _heading(version, passage)
        headed.append(f"{heading}: {words}")
        if passage.lead_in is None:
            introduced.append(f"{heading}: {words}")
        else:
            lead_in = display_quote(version.quote(passage.lead_in))
            introduced.append(f"{heading}: {lead_in} {words}")
    around = [_neighbourhood(version, plain, passage) for passage in version.passages]
    return PassageTexts(plain, headed, introduced, around)


def _heading(version: PolicyVersion, passage: Passage) -> str:
    if passage.heading is None:
        return version.policy.title
    return display_quote(version.quote(passage.heading)).rstrip(":")


def _neighbourhood(version: PolicyVersion, plain: list[str], passage: Passage) -> str:
    """The passage with its nearest neighbours of the same section, as many as fit."""
    first = last = passage.position
    size = len(plain[first])
    while True:
        near = [n for n in (first - 1, last + 1) if _fits(version, plain, passage, n, size)]
        if not near:
            return " ".join(plain[first : last + 1])
        chosen = min(near, key=lambda n: (abs(n - passage.position), n))
        size += len(plain[chosen])
        first, last = min(first, chosen), max(last, chosen)


def _fits(version: PolicyVersion, plain: list[str], passage: Passage, near: int, size: int) -> bool:
    return (
        0 <= near < len(plain)
        and version.passages[near].section == passage.section
        and size + len(plain[near]) <= NEIGHBOURHOOD_CHARACTERS
    )
