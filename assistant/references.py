"""Which sections a passage refers to: by number, by title in quotation marks, by a link."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from policy_text import Passage, PolicyVersion, Section
from policy_text.sections import slug

_NUMBER = r"\b\d{1,2}(?:\.\d{1,2})*\b(?!\.?\d)"
_NUMBERED = re.compile(
    rf"\b(?i:sections?)\s+(?P<numbers>{_NUMBER}(?:(?:\s*,)?\s*(?:,|and|or|&)\s*{_NUMBER})*)"
    r"(?P<title>(?:\s+(?:[A-Z][\w’'-]*|of|and|&)){1,6})?"
)
_OF_A_LAW = re.compile(
    r"\s+of\s+(?:the\s+)?(?:[A-Z][\w’'.-]*\s+){0,6}(?:Act|Code|Regulation|Directive|GDPR)\b"
)
_QUOTED = re.compile(
    r"[“\"]([^”\"\n]{3,80})[”\"](?:\]\([^)]*\))?\s+(?:section|below|above)"
    r"|section (?:entitled|titled|called) [“\"]([^”\"\n]{3,80})[”\"]"
    r"|(?:see|under|in) (?:the )?[“\"]([^”\"\n]{3,80})[”\"]",
    re.IGNORECASE,
)
_ANCHOR = re.compile(r"\]\([^)\s]*#([\w-]+)\)")
TITLE_MATCH = 85  # of 100, token ratio of two titles; "Contact Us" and "12. Contact us" have 100


def referred_sections(version: PolicyVersion, passage: Passage) -> list[Section]:
    """The sections that a passage refers to, in the order of its words, its own left out.

    Where a number and a title disagree ("section 11 Contact Us"), the title is meant.
    """
    words = version.quote(passage.span)
    found = [*_by_number(version, words), *_by_title(version, words), *_by_anchor(version, words)]
    own = version.section_of(passage)
    return [section for section in dict.fromkeys(found) if section != own]


def _by_number(version: PolicyVersion, words: str) -> Iterator[Section]:
    for match in _NUMBERED.finditer(words):
        if _OF_A_LAW.match(words, match.end("numbers")):
            continue
        title = (match["title"] or "").strip()
        named = _titled(version, title) if title[:1].isupper() else None
        if named is not None:
            yield named
            continue
        for number in re.findall(_NUMBER, match["numbers"]):
            section = _numbered(version, number)
            if section is not None:
                yield section


def _by_title(version: PolicyVersion, words: str) -> Iterator[Section]:
    for match in _QUOTED.finditer(words):
        section = _titled(version, match[1] or match[2] or match[3])
        if section is not None:
            yield section


def _by_anchor(version: PolicyVersion, words: str) -> Iterator[Section]:
    for match in _ANCHOR.finditer(words):
        for section in version.sections:
            if slug(section.title).replace("-", "") == slug(match[1]).replace("-", ""):
                yield section
                break


def _numbered(version: PolicyVersion, number: str) -> Section | None:
    for section in version.sections:
        if re.match(rf"{re.escape(number)}(?:[.)]|\s)", section.title):
            return section
    return None


def _titled(version: PolicyVersion, title: str) -> Section | None:
    def likeness(section: Section) -> float:
        plain = re.sub(r"^(?:\d+(?:\.\d+)*|[A-Z])[.)]?\s+", "", section.title)
        return fuzz.ratio(title.casefold(), plain.casefold())

    headed = [section for section in version.sections if section.heading is not None]
    best = max(headed, key=likeness, default=None)
    return best if best is not None and likeness(best) >= TITLE_MATCH else None
